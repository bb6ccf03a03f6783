// math.rsqrt is a guess: the processor's estimate for registers of 512 bits, a register at a time; a root and a division elsewhere.
// RUN: %awg-opt --awg-expand-rsqrt %s | FileCheck %s

// CHECK-LABEL: @wide
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.rsqrt14.ps.512"
// CHECK-NOT: math.sqrt
func.func @wide(%x: vector<32xf32>) -> vector<32xf32>
    attributes {passthrough = [["target-cpu", "x86-64-v4"], ["prefer-vector-width", "512"]]} {
  %y = math.rsqrt %x : vector<32xf32>
  return %y : vector<32xf32>
}

// CHECK-LABEL: @narrow
// CHECK: %[[ROOT:.*]] = math.sqrt %{{.*}} : vector<8xf32>
// CHECK: arith.divf %{{.*}}, %[[ROOT]] : vector<8xf32>
// CHECK-NOT: call_intrinsic
func.func @narrow(%x: vector<8xf32>) -> vector<8xf32>
    attributes {passthrough = [["target-cpu", "x86-64-v3"], ["prefer-vector-width", "256"]]} {
  %y = math.rsqrt %x : vector<8xf32>
  return %y : vector<8xf32>
}

// CHECK-LABEL: @scalar
// CHECK: math.sqrt %{{.*}} : f32
// CHECK: arith.divf
func.func @scalar(%x: f32) -> f32 {
  %y = math.rsqrt %x : f32
  return %y : f32
}
