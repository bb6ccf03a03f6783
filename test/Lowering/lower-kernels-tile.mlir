// A loop that reads memory goes round once for a tile of vectors. What rows share is recorded by the first tile of a column and
// replayed by those below it.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v4 gpu=false" %s | FileCheck %s
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3 gpu=false" %s | FileCheck --check-prefix=V3 %s

// Sixteen vectors: eight rows of two. `lanes` and `rows` of the variant: 32 | 8 << 16.
// CHECK: llvm.mlir.constant(524320 : i32)
// CHECK-LABEL: llvm.func internal @product$host_v4
// CHECK: call @awgrt_scratch
// Replaying: two vectors of what rows share, no load of them from an array.
// CHECK: scf.while {{.*}}(i64{{(, vector<16xf32>)+}})
// CHECK: } do {
// CHECK-NOT: vector.load
// CHECK-COUNT-2: llvm.load {{.*}} -> vector<16xf32>
// CHECK-NOT: llvm.load
// CHECK-COUNT-16: math.fma
// CHECK-NOT: math.fma
// CHECK: scf.yield
// Recording.
// CHECK: } do {
// CHECK: vector.load
// CHECK: llvm.store {{.*}} : vector<16xf32>
// CHECK-COUNT-16: math.fma
// CHECK-NOT: math.fma
// CHECK: scf.yield

// With 16 registers: four rows of two.
// V3: llvm.mlir.constant(262160 : i32)
// V3-LABEL: llvm.func internal @product$host_v3
// V3: } do {
// V3-COUNT-8: math.fma
// V3-NOT: math.fma
// V3: scf.yield

awg.kernel @product each rank 2 (%i: i64, %j: i64, %m: i64, %n: i64, %a: memref<?x?xf32>, %b: memref<?x?xf32>,
                                 %c: memref<?x?xf32>, %p: i64) written [6] {
  %zero = arith.constant 0.0 : f32
  %first = arith.constant 0 : i64
  %row = arith.index_cast %i : i64 to index
  %column = arith.index_cast %j : i64 to index
  cf.br ^next(%first, %zero : i64, f32)
^next(%k: i64, %s: f32):
  %more = arith.cmpi slt, %k, %p : i64
  cf.cond_br %more, ^add, ^done
^add:
  %at = arith.index_cast %k : i64 to index
  %x = memref.load %a[%row, %at] : memref<?x?xf32>
  %y = memref.load %b[%at, %column] : memref<?x?xf32>
  %t = math.fma %x, %y, %s : f32
  %one = arith.constant 1 : i64
  %after = arith.addi %k, %one : i64
  cf.br ^next(%after, %t : i64, f32)
^done:
  memref.store %s, %c[%row, %column] : memref<?x?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}
func.func @start(%n: i64, %a: !awg.array<f32, 2>, %c: !awg.array<f32, 2>) -> !awg.future<> {
  %f = awg.launch @product grid(%n, %n) args(%a, %a, %c, %n) : (!awg.array<f32, 2>, !awg.array<f32, 2>, !awg.array<f32, 2>, i64) -> !awg.future<>
  return %f : !awg.future<>
}
