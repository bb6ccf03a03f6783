// f16 and bf16 round once: on the host in a wider type and to odd where that is not wide enough, on GPUs by their own
// instructions where these round once.
// RUN: %awg-opt --awg-expand-half %s | FileCheck %s

// An f32 has digits enough for a sum of bf16; its bits are rounded to the upper half.
// CHECK-LABEL: func.func @sum(
// CHECK: %[[A:.*]] = arith.extf %{{.*}} : bf16 to f32
// CHECK: %[[B:.*]] = arith.extf %{{.*}} : bf16 to f32
// CHECK: %[[SUM:.*]] = arith.addf %[[A]], %[[B]] : f32
// CHECK: arith.bitcast %[[SUM]] : f32 to i32
// CHECK: arith.bitcast %{{.*}} : i16 to bf16
func.func @sum(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.addf %a, %b : bf16
  return %r : bf16
}

// The host rounds a sum of f16 once.
// CHECK-LABEL: func.func @half_sum(
// CHECK-NEXT: arith.addf %{{.*}} : vector<4xf16>
func.func @half_sum(%a: vector<4xf16>, %b: vector<4xf16>) -> vector<4xf16> {
  %r = arith.addf %a, %b : vector<4xf16>
  return %r : vector<4xf16>
}

// A fused multiply-add: the sum of the exact product is rounded to odd twice, then once to the type.
// CHECK-LABEL: func.func @fused(
// CHECK-NOT: math.fma
// CHECK: arith.mulf %{{.*}} : vector<4xf64>
// CHECK: arith.addf %{{.*}} : vector<4xf64>
// CHECK: arith.select %{{.*}} : vector<4xi1>, vector<4xi64>
// CHECK: arith.truncf %{{.*}} : vector<4xf64> to vector<4xf32>
// CHECK: arith.select %{{.*}} : vector<4xi1>, vector<4xi32>
// CHECK: arith.truncf %{{.*}} : vector<4xf32> to vector<4xf16>
func.func @fused(%a: vector<4xf16>, %b: vector<4xf16>, %c: vector<4xf16>) -> vector<4xf16> {
  %r = math.fma %a, %b, %c : vector<4xf16>
  return %r : vector<4xf16>
}

// CHECK-LABEL: func.func @narrow(
// CHECK: arith.truncf %{{.*}} : f64 to f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
// CHECK-NOT: f64 to bf16
// CHECK-NOT: arith.sitofp %{{.*}} : i64 to bf16
func.func @narrow(%x: f64, %n: i64) -> (f16, bf16, bf16) {
  %h = arith.truncf %x : f64 to f16
  %b = arith.truncf %x : f64 to bf16
  %i = arith.sitofp %n : i64 to bf16
  return %h, %b, %i : f16, bf16, bf16
}

// CHECK-LABEL: gpu.module @image
gpu.module @image {
  // CHECK: func.func @device(
  // CHECK-NEXT: arith.addf %{{.*}} : bf16
  // CHECK-NEXT: math.fma %{{.*}} : f16
  // CHECK-NOT: math.fma %{{.*}} : bf16
  func.func @device(%a: bf16, %h: f16) -> (bf16, f16, bf16) {
    %r = arith.addf %a, %a : bf16
    %s = math.fma %h, %h, %h : f16
    %t = math.fma %a, %a, %r : bf16
    return %r, %s, %t : bf16, f16, bf16
  }
}
