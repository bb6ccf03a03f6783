// Lanes that disagree: branches become masks and selects, loops run until no lane is left. What all lanes share stays scalar.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3 gpu=false" %s | FileCheck %s

// CHECK-LABEL: llvm.func internal @halving$host_v3
// CHECK: scf.for
// Four vectors go round together. Lanes that are still in have counted alike: the count is a scalar.
// CHECK:   scf.while ({{.*}}) : (vector<4xi1>, vector<4xi1>, vector<4xi1>, vector<4xi1>, i64, vector<4xi64>, vector<4xi64>
// CHECK-COUNT-4: arith.cmpi sgt, %{{.*}} : vector<4xi64>
// CHECK:     %[[ACTIVE:.*]] = arith.andi %[[BEFORE:.*]], %{{.*}} : vector<4xi1>
// CHECK-COUNT-3: arith.ori
// A lane that has left keeps its values.
// CHECK:     arith.select %[[BEFORE]]
// CHECK:     %[[ANY:.*]] = vector.reduction <or>
// CHECK:     scf.condition(%[[ANY]]) %[[ACTIVE]]
// CHECK:   } do {
// CHECK:     arith.addi %{{.*}} : i64
// CHECK-COUNT-4: vector.store
awg.kernel @halving each rank 1 (%i: i64, %n: i64, %y: memref<?xi64>) written [2] {
  %none = awg.null : !awg.error
  %k = arith.index_cast %i : i64 to index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  cf.br ^head(%zero, %i : i64, i64)
^head(%count: i64, %left: i64):
  %more = arith.cmpi sgt, %left, %zero : i64
  cf.cond_br %more, ^body, ^end
^body:
  %half = arith.shrsi %left, %one : i64
  %next = arith.addi %count, %one : i64
  cf.br ^head(%next, %half : i64, i64)
^end:
  memref.store %count, %y[%k] : memref<?xi64>
  awg.yield %none
}

// CHECK-LABEL: llvm.func internal @branch$host_v3
// CHECK: scf.for
// CHECK:   %[[TAKEN:.*]] = arith.cmpf ogt, %{{.*}} : vector<8xf32>
// CHECK:   vector.maskedstore %{{.*}}, %[[TAKEN]]
// CHECK: scf.for
// In the rest a lane must be there and take the branch.
// CHECK:   %[[THERE:.*]] = vector.create_mask
// CHECK:   %[[BOTH:.*]] = arith.andi %[[THERE]]
// CHECK:   vector.maskedstore %{{.*}}, %[[BOTH]]
awg.kernel @branch each rank 1 (%i: i64, %n: i64, %y: memref<?xf32>) written [2] {
  %none = awg.null : !awg.error
  %k = arith.index_cast %i : i64 to index
  %zero = arith.constant 0.0 : f32
  %v = memref.load %y[%k] : memref<?xf32>
  %positive = arith.cmpf ogt, %v, %zero : f32
  cf.cond_br %positive, ^store, ^end
^store:
  memref.store %zero, %y[%k] : memref<?xf32>
  cf.br ^end
^end:
  awg.yield %none
}

// A condition on the launch alone branches once for all lanes.
// CHECK-LABEL: llvm.func internal @uniform$host_v3
// CHECK: scf.for
// CHECK:   %[[SAME:.*]] = arith.cmpi sgt, %{{.*}} : i64
// CHECK:   scf.if %[[SAME]]
// CHECK-NEXT: vector.store
awg.kernel @uniform each rank 1 (%i: i64, %n: i64, %a: i64, %y: memref<?xi64>) written [3] {
  %none = awg.null : !awg.error
  %k = arith.index_cast %i : i64 to index
  %zero = arith.constant 0 : i64
  %positive = arith.cmpi sgt, %a, %zero : i64
  cf.cond_br %positive, ^store, ^end
^store:
  memref.store %i, %y[%k] : memref<?xi64>
  cf.br ^end
^end:
  awg.yield %none
}

// A side that is seldom taken is skipped where no lane takes it; lanes are joined only there.
// CHECK-LABEL: llvm.func internal @seldom$host_v3
// CHECK: scf.for
// CHECK:   %[[VALUES:.*]] = vector.load %{{.*}} : memref<?xf32>, vector<8xf32>
// CHECK:   %[[NEGATIVE:.*]] = arith.cmpf olt, %[[VALUES]]
// CHECK:   %[[SOME:.*]] = vector.reduction <or>, %[[NEGATIVE]]
// CHECK:   %[[RESULT:.*]] = scf.if %[[SOME]] -> (vector<8xf32>) {
// CHECK:     %[[POWER:[0-9]+]]:2 = scf.while
// CHECK:     %[[JOINED:.*]] = arith.select %[[NEGATIVE]], %[[POWER]]#1, %[[VALUES]]
// CHECK:     scf.yield %[[JOINED]]
// CHECK:   } else {
// CHECK:     scf.yield %[[VALUES]]
// CHECK:   vector.store %[[RESULT]]
awg.kernel @seldom each rank 1 (%i: i64, %n: i64, %y: memref<?xf32>) written [2] {
  %none = awg.null : !awg.error
  %k = arith.index_cast %i : i64 to index
  %zero = arith.constant 0.0 : f32
  %none_yet = arith.constant 0 : i64
  %v = memref.load %y[%k] : memref<?xf32>
  %negative = arith.cmpf olt, %v, %zero : f32
  cf.cond_br %negative, ^head(%none_yet, %v : i64, f32), ^end(%v : f32)
^head(%count: i64, %w: f32):
  %one = arith.constant 1 : i64
  %next = arith.addi %count, %one : i64
  %x = arith.mulf %w, %w : f32
  %more = arith.cmpi slt, %next, %n : i64
  cf.cond_br %more, ^head(%next, %x : i64, f32), ^end(%x : f32)
^end(%r: f32):
  memref.store %r, %y[%k] : memref<?xf32>
  awg.yield %none
}
