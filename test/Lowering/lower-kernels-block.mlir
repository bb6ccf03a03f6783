// A block kernel on the host: blocks one after the other, storage on the stack, phases in lanes; a phase that failed ends its
// block. On a GPU: storage in the group's memory, phases in steps of the group's size between barriers.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3" %s | FileCheck %s

// CHECK-LABEL: llvm.func internal @shift$host_v3(
// CHECK-SAME: %[[FAILURE:[^ ]*]]: !llvm.ptr) attributes
// CHECK: llvm.alloca %{{.*}} x i8 {alignment = 64 : i64}
// CHECK: scf.for %[[BLOCK:.*]] = %arg1 to %arg2
// CHECK:   "llvm.intr.memset"
// CHECK:   scf.for
// CHECK:       vector.maskedstore {{.*}} vector<8xf32>
// CHECK:   %[[LOWEST:.*]] = llvm.load %[[FAILURE]] atomic monotonic
// CHECK:   %[[STOPS:.*]] = arith.cmpi sle, %[[LOWEST]], %[[BLOCK]]
// CHECK:   scf.if
// CHECK:     vector.load {{.*}} vector<8xf32>

// CHECK: gpu.module @awg$gpu
// CHECK-LABEL: gpu.func @shift(
// CHECK-SAME: workgroup(%[[MEMORY:.*]] : memref<34xf32, #gpu.address_space<workgroup>>)
// CHECK-SAME: known_block_size = array<i32: 64, 1, 1>
// CHECK: %[[OWN:.*]] = memref.alloca() : memref<1xf32>
// CHECK: scf.for %{{.*}} = %[[THREAD:.*]] to %{{.*}} step %c64_i64
// CHECK:   memref.store %{{.*}}, %[[MEMORY]]
// CHECK: gpu.barrier
// CHECK: scf.for %{{.*}} = %[[THREAD]] to {{.*}} iter_args
// CHECK:   func.call @fill$index(
// CHECK: llvm.call_intrinsic "llvm.nvvm.barrier.cta.red.or.aligned.all"
// CHECK: cf.cond_br
// CHECK: func.call @drain$index(
// CHECK: gpu.barrier
// CHECK-LABEL: func.func private @fill$index
// CHECK-SAME: memref<34xf32, #gpu.address_space<workgroup>>
// CHECK: call @awg$record_failure
// CHECK-LABEL: func.func private @drain$index

awg.kernel @shift each rank 1 (%b: i64, %g: i64, %n: i64, %x: memref<?xf32>) written [3] attributes {block} {
  %t = awg.storage : memref<34xf32>
  %own = awg.storage local : memref<34xf32>
  awg.clear %t : memref<34xf32>
  %c34 = arith.constant 34 : i64
  %e = awg.phase @fill grid(%c34) args(%t, %own, %n) : (memref<34xf32>, memref<34xf32>, i64) -> !awg.error
  %ok = awg.is_null %e : !awg.error
  cf.cond_br %ok, ^good, ^bad(%e : !awg.error)
^good:
  %e2 = awg.phase @drain grid(%c34) args(%t, %x) : (memref<34xf32>, memref<?xf32>) -> !awg.error
  cf.br ^bad(%e2 : !awg.error)
^bad(%error: !awg.error):
  awg.yield %error
}

awg.kernel @fill each rank 1 (%i: i64, %m: i64, %t: memref<34xf32>, %own: memref<34xf32>, %n: i64) written [2, 3]
    attributes {phase} {
  %none = awg.null : !awg.error
  %below = arith.cmpi slt, %i, %n : i64
  cf.cond_br %below, ^good, ^bad
^good:
  %k = arith.index_cast %i : i64 to index
  %v = arith.sitofp %i : i64 to f32
  memref.store %v, %t[%k] : memref<34xf32>
  memref.store %v, %own[%k] : memref<34xf32>
  awg.yield %none
^bad:
  %e = awg.error "index {} is bad"(%i) kinds [4] : i64
  awg.yield %e
}

awg.kernel @drain each rank 1 (%i: i64, %m: i64, %t: memref<34xf32>, %x: memref<?xf32>) written [3] attributes {phase} {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %t[%k] : memref<34xf32>
  memref.store %v, %x[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}
