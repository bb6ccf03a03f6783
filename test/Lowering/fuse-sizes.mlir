// A kernel made of two knows what both know of extents: what is equal at each of the launches has one name.
// RUN: %awg-opt --awg-fuse-launches %s | FileCheck %s

awg.kernel @scale each rank 2 (%i: i64, %j: i64, %h: i64, %w: i64, %x: memref<?x?xf32>, %y: memref<?x?xf32>) written [5] attributes {sizes = ["0.h", "1.w", "0.h", "1.w", "0.h", "1.w"]} {
  %r = arith.index_cast %i : i64 to index
  %c = arith.index_cast %j : i64 to index
  %v = memref.load %x[%r, %c] : memref<?x?xf32>
  %s = arith.addf %v, %v : f32
  memref.store %s, %y[%r, %c] : memref<?x?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

// Its names are others, and one means something else; of `m` it knows a number, of `%b` it has the number of rows alone.
awg.kernel @add each rank 2 (%i: i64, %j: i64, %h: i64, %w: i64, %a: f32, %y: memref<?x?xf32>, %m: memref<?x?xf32>, %b: memref<?xf32>) written [5] attributes {sizes = ["0.w", "1.h", unit, "0.w", "1.h", 3, "2.k", "0.w"]} {
  %r = arith.index_cast %i : i64 to index
  %c = arith.index_cast %j : i64 to index
  %v = memref.load %y[%r, %c] : memref<?x?xf32>
  %t = memref.load %m[%c, %r] : memref<?x?xf32>
  %u = memref.load %b[%r] : memref<?xf32>
  %s = arith.addf %v, %a : f32
  %p = arith.addf %s, %t : f32
  %q = arith.addf %p, %u : f32
  memref.store %q, %y[%r, %c] : memref<?x?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

// CHECK: awg.kernel @scale$fused_0 each rank 2
// CHECK-SAME: sizes = ["0:0.h", "0:1.w", "0:0.h", "0:1.w", "0:0.h", "0:1.w", unit, 3, "1:2.k", "0:0.h"]
awg.task @main(%x: !awg.array<f32, 2>, %y: !awg.array<f32, 2>, %m: !awg.array<f32, 2>, %b: !awg.array<f32, 1>, %h: i64, %w: i64, %a: f32) attributes {source_name = "main"} {
  %f = awg.launch @scale grid(%h, %w) args(%x, %y) : (!awg.array<f32, 2>, !awg.array<f32, 2>) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  %ok = awg.is_null %e : !awg.error
  cf.cond_br %ok, ^next, ^end(%e : !awg.error)
^next:
  %g = awg.launch @add grid(%h, %w) args(%a, %y, %m, %b) : (f32, !awg.array<f32, 2>, !awg.array<f32, 2>, !awg.array<f32, 1>) -> !awg.future<>
  %d = awg.await %g : (!awg.future<>) -> !awg.error
  %fine = awg.is_null %d : !awg.error
  cf.cond_br %fine, ^done, ^end(%d : !awg.error)
^done:
  %none = awg.null : !awg.error
  awg.task_return %none
^end(%error: !awg.error):
  awg.task_return %error
}
