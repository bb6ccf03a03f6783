// A bounds check that is linear in the index is made once for a row: full vectors where it holds, checked ones on both sides.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3 gpu=false" %s | FileCheck %s

// CHECK-LABEL: llvm.func internal @shift$host_v3(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64, %[[RECORD:.*]]: !llvm.ptr)
// The range in which 0 <= i + d < len.
// CHECK: %[[LOW:.*]] = arith.maxsi %[[BEGIN]], %
// CHECK: %[[HIGH:.*]] = arith.minsi %[[END]], %
// CHECK: %[[FROM:.*]] = arith.select %[[SANE:.*]], %[[LOW]], %[[BEGIN]]
// CHECK: %[[TO:.*]] = arith.select %[[SANE]], %[[HIGH]], %[[BEGIN]]
// CHECK: %[[START:.*]] = arith.select %{{.*}}, %{{.*}}, %[[FROM]] : i64
// CHECK: %[[SINGLE:.*]] = scf.if
// CHECK: } else {
// CHECK: scf.for %{{.*}} = %[[START]] to %[[TILED:.*]] step %c32_i64
// CHECK-NOT: arith.cmpi
// CHECK-COUNT-4: vector.load
// CHECK-NOT: arith.cmpi
// CHECK-COUNT-4: vector.store
// CHECK: scf.yield %[[TILED]]
// CHECK: scf.for %{{.*}} = %[[SINGLE]] to %{{.*}} step %c8_i64
// CHECK-NOT: arith.cmpi
// CHECK:   vector.store
// CHECK: scf.for %{{.*}} = %c0_i64
// CHECK:   vector.create_mask
// CHECK:   arith.cmpi ult
// CHECK:   vector.maskedload
// CHECK:   call @awgrt_kernel_fail
awg.kernel @shift each rank 1 (%i: i64, %n: i64, %d: i64, %x: memref<?xf32>, %y: memref<?xf32>) written [4] {
  %c0 = arith.constant 0 : index
  %dim = memref.dim %x, %c0 : memref<?xf32>
  %len = arith.index_cast %dim : index to i64
  %j = arith.addi %i, %d : i64
  %good = arith.cmpi ult, %j, %len : i64
  cf.cond_br %good, ^load, ^fail
^load:
  %at = arith.index_cast %j : i64 to index
  %v = memref.load %x[%at] : memref<?xf32>
  %k = arith.index_cast %i : i64 to index
  memref.store %v, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
^fail:
  %error = awg.error "index {} is out of range 0..{}"(%j, %len) kinds [4, 4] : i64, i64
  awg.yield %error
}

// A border is no bounds check, but taken out of most of a row like one: i != k, where `k` is left out.
// CHECK-LABEL: llvm.func internal @border$host_v3(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %[[FIRST:.*]]: i64, %[[LAST:.*]]: i64,
// CHECK: arith.cmpi sge
// CHECK: %[[FROM2:.*]] = arith.select %{{.*}}, %{{.*}}, %[[FIRST]] : i64
// CHECK: scf.for %{{.*}} = {{.*}} step %c16_i64
// CHECK-NOT: arith.cmpi
// CHECK-COUNT-4: vector.store
// CHECK:   vector.create_mask
// CHECK:   arith.cmpi eq, {{.*}} : vector<4xi64>
awg.kernel @border each rank 1 (%i: i64, %n: i64, %k: i64, %y: memref<?xi64>) written [3] {
  %at = arith.index_cast %i : i64 to index
  %same = arith.cmpi eq, %k, %i : i64
  %v = arith.select %same, %n, %i : i64
  memref.store %v, %y[%at] : memref<?xi64>
  %none = awg.null : !awg.error
  awg.yield %none
}

// Two borders about a bounds check, which passes may turn round (`uge`): nothing of the three is left where they hold.
// CHECK-LABEL: llvm.func internal @guarded$host_v3(
// CHECK: scf.if
// CHECK: scf.for
// CHECK-NOT: arith.cmpi
// CHECK-NOT: masked
// CHECK: vector.store
// CHECK: } else {
// CHECK: scf.for
// CHECK-NOT: arith.cmpi
// CHECK-NOT: masked
// CHECK-COUNT-4: vector.store
// CHECK: vector.maskedstore
awg.kernel @guarded each rank 1 (%i: i64, %n: i64, %m: i64, %x: memref<?xf32>, %y: memref<?xf32>) written [4] {
  %c0 = arith.constant 0 : index
  %none = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %false = arith.constant false
  %one = arith.constant 1 : i64
  %j = arith.subi %i, %one : i64
  %k = arith.index_cast %i : i64 to index
  %isAfter = arith.cmpi sge, %j, %none : i64
  cf.cond_br %isAfter, ^before, ^both(%false : i1)
^before:
  %isBefore = arith.cmpi slt, %j, %m : i64
  cf.br ^both(%isBefore : i1)
^both(%isInside: i1):
  cf.cond_br %isInside, ^check, ^store(%zero : f32)
^check:
  %dim = memref.dim %x, %c0 : memref<?xf32>
  %len = arith.index_cast %dim : index to i64
  %good = arith.cmpi ult, %j, %len : i64
  cf.cond_br %good, ^load, ^fail
^load:
  %at = arith.index_cast %j : i64 to index
  %v = memref.load %x[%at] : memref<?xf32>
  cf.br ^store(%v : f32)
^store(%w: f32):
  memref.store %w, %y[%k] : memref<?xf32>
  %well = awg.null : !awg.error
  awg.yield %well
^fail:
  %error = awg.error "index {} is out of range 0..{}"(%j, %len) kinds [4, 4] : i64, i64
  awg.yield %error
}

// A subscript that is read from memory keeps its check in the loop.
// CHECK-LABEL: llvm.func internal @gather$host_v3
// CHECK: scf.for
// CHECK:   arith.cmpi ult, %{{.*}} : vector<
// CHECK:   vector.gather
awg.kernel @gather each rank 1 (%i: i64, %n: i64, %map: memref<?xi64>, %x: memref<?xi64>, %y: memref<?xi64>) written [4] {
  %c0 = arith.constant 0 : index
  %dim = memref.dim %x, %c0 : memref<?xi64>
  %len = arith.index_cast %dim : index to i64
  %k = arith.index_cast %i : i64 to index
  %j = memref.load %map[%k] : memref<?xi64>
  %good = arith.cmpi ult, %j, %len : i64
  cf.cond_br %good, ^load, ^fail
^load:
  %at = arith.index_cast %j : i64 to index
  %v = memref.load %x[%at] : memref<?xi64>
  memref.store %v, %y[%k] : memref<?xi64>
  %none = awg.null : !awg.error
  awg.yield %none
^fail:
  %error = awg.error "index {} is out of range 0..{}"(%j, %len) kinds [4, 4] : i64, i64
  awg.yield %error
}
