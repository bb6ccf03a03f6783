// The GPU half of a program becomes PTX text in a constant of the host half; the module itself is gone.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3" --awg-gpu-to-ptx %s | FileCheck %s
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3" --awg-gpu-to-ptx="chip=sm_90 opt-level=0" %s | FileCheck --check-prefix=SM90 %s
// RUN: not %awg-opt --awg-lower-kernels="host-targets=v3" --awg-gpu-to-ptx="chip=sm_1" %s 2>&1 | FileCheck --check-prefix=WRONG %s

// CHECK: llvm.mlir.global internal constant @awg$gpu_image("
// CHECK-SAME: .target sm_80
// CHECK-SAME: .visible .entry scale(
// IEEE's rounding, no flush to zero, no call of a library.
// CHECK-SAME: sqrt.rn.f32
// CHECK-SAME: mul.rn.f32
// CHECK: @awg$gpu_image_size(
// CHECK-NOT: gpu.
// SM90: .target sm_90
// WRONG: error: 'sm_1' is no known chip
awg.kernel @scale each rank 1 (%i: i64, %n: i64, %a: f32, %x: memref<?xf32>, %y: memref<?xf32>) written [4] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  %s = math.sqrt %v : f32
  %r = arith.mulf %a, %s : f32
  memref.store %r, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}
