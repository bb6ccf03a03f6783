// A bounds check: the lanes that pass gather and store under their mask, the others record their failures one by one.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3" %s | FileCheck %s

// The record's text and place are static.
// CHECK-DAG: llvm.mlir.global private constant {{.*}}("index {} is out of range 0..{}
// CHECK-DAG: llvm.mlir.global private constant @awg$data_sites

// CHECK-LABEL: llvm.func internal @gather$host_v3(
// CHECK-SAME: %[[FAILURE:[^ ]*]]: !llvm.ptr) attributes
// CHECK: scf.for
// CHECK:   %[[GOOD:.*]] = arith.cmpi ult, %[[J:.*]], %{{.*}} : vector<4xi64>
// CHECK:   %[[BAD:.*]] = arith.xori %[[GOOD]]
// CHECK:   %[[ANY:.*]] = vector.reduction <or>, %[[GOOD]]
// CHECK:   scf.if %[[ANY]]
// CHECK:     vector.gather {{.*}}, %[[GOOD]], %{{.*}} into vector<4xf32>
// CHECK:     vector.maskedstore %{{.*}}, %[[GOOD]]
// CHECK:   vector.reduction <or>, %[[BAD]]
// CHECK:   vector.extract %[[BAD]]
// CHECK:   vector.extract %[[J]]
// CHECK:   func.call @awgrt_kernel_fail(%[[FAILURE]], %{{.*}}, %c0_i64{{.*}}, %c0_i32, %{{.*}}, %c2_i32)

// On a GPU a thread records its own, and returns: it never traps.
// CHECK: gpu.module @awg$gpu
// CHECK: func.func private @awg$record_failure({{.*}}"noinline"
// CHECK: llvm.fence release
// CHECK-LABEL: func.func private @gather$index
// CHECK: cf.cond_br
// CHECK: call @awg$record_failure
// CHECK-NEXT: return

awg.kernel @gather each rank 1 (%i: i64, %n: i64, %p: memref<?xi64>, %x: memref<?xf32>, %y: memref<?xf32>) written [4] {
  %none = awg.null : !awg.error
  %k = arith.index_cast %i : i64 to index
  %j = memref.load %p[%k] : memref<?xi64>
  %zero = arith.constant 0 : index
  %d = memref.dim %x, %zero : memref<?xf32>
  %m = arith.index_cast %d : index to i64
  %inside = arith.cmpi ult, %j, %m : i64
  cf.cond_br %inside, ^good, ^bad
^good:
  %g = arith.index_cast %j : i64 to index
  %v = memref.load %x[%g] : memref<?xf32>
  memref.store %v, %y[%k] : memref<?xf32>
  awg.yield %none
^bad:
  %e = awg.error "index {} is out of range 0..{}"(%j, %m) kinds [4, 4] : i64, i64
  awg.yield %e
}
