// Two launches with an array in common: a kernel that stores once, launched where the extents agree.
// RUN: %awg-opt --awg-fuse-launches %s | FileCheck %s
// RUN: %awg-opt --awg-fuse-launches --awg-lower-kernels="host-targets=v3" %s | FileCheck --check-prefix=HOST %s

awg.kernel @double each rank 1 (%i: i64, %n: i64, %y: memref<?xf32>) written [2] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %y[%k] : memref<?xf32>
  %r = arith.addf %v, %v : f32
  memref.store %r, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

awg.kernel @add each rank 1 (%i: i64, %n: i64, %a: f32, %y: memref<?xf32>) written [3] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %y[%k] : memref<?xf32>
  %r = arith.addf %v, %a : f32
  memref.store %r, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

// CHECK: awg.kernel @double$fused_0 each rank 1 (%[[I:.*]]: i64, %{{.*}}: i64, %[[Y:.*]]: memref<?xf32>, %[[A:.*]]: f32) written [2]
// CHECK: %[[V:.*]] = memref.load %[[Y]]
// CHECK: %[[R:.*]] = arith.addf %[[V]], %[[V]]
// CHECK-NOT: memref
// CHECK: %[[S:.*]] = arith.addf %[[R]], %[[A]]
// CHECK: memref.store %[[S]], %[[Y]]
// CHECK-NOT: memref.store
// CHECK: awg.yield
// HOST: llvm.func internal @double$fused_0$host_v3

// CHECK-LABEL: awg.task @main
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[N:.*]], %[[M:.*]] : i64
// CHECK: cf.cond_br %[[SAME]], ^[[FUSED:.*]], ^[[OWN:.*]]
// CHECK: awg.launch @double grid(%[[N]])
// CHECK: cf.cond_br %[[SAME]], ^{{.*}}, ^
// CHECK: awg.launch @add grid(%[[M]])
// CHECK: awg.launch @double$fused_0 grid(%[[N]]) args(%[[Z:.*]], %{{.*}}) : (!awg.array<f32, 1>, f32)
awg.task @main(%z: !awg.array<f32, 1>, %n: i64, %m: i64, %a: f32) attributes {source_name = "main"} {
  %f = awg.launch @double grid(%n) args(%z) : (!awg.array<f32, 1>) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  %ok = awg.is_null %e : !awg.error
  cf.cond_br %ok, ^next, ^end(%e : !awg.error)
^next:
  %g = awg.launch @add grid(%m) args(%a, %z) : (f32, !awg.array<f32, 1>) -> !awg.future<>
  %d = awg.await %g : (!awg.future<>) -> !awg.error
  %fine = awg.is_null %d : !awg.error
  cf.cond_br %fine, ^done, ^end(%d : !awg.error)
^done:
  %none = awg.null : !awg.error
  awg.task_return %none
^end(%error: !awg.error):
  awg.task_return %error
}
