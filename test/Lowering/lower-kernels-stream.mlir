// What a launch writes and does not read goes past the caches, line by line, if it is large; a fence follows.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v4 gpu=false" %s | FileCheck %s
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3 gpu=false" %s | FileCheck --check-prefix=V3 %s

// Both forms of a row; only the first has such stores. 2^23 f32 are 32 MiB.
// CHECK-LABEL: llvm.func internal @copy$host_v4(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64,
// CHECK: %[[SKIPPED:.*]] = arith.addi %[[BEGIN]], %
// CHECK: %[[MANY:.*]] = arith.constant 8388608 : i64
// CHECK: %[[LARGE:.*]] = arith.cmpi sge, %{{.*}}, %[[MANY]] : i64
// CHECK: %[[START:.*]] = arith.select %[[FITS:.*]], %[[SKIPPED]], %[[BEGIN]] : i64
// CHECK: scf.if %[[FITS]] -> (i64) {
// CHECK:   scf.for %{{.*}} = %[[START]] to %[[TILED:.*]] step %c64_i64
// CHECK-COUNT-4: vector.store {{.*}} {alignment = 64 : i64, nontemporal = true}
// CHECK:   scf.for %{{.*}} = %[[TILED]] to %{{.*}} step %c16_i64
// CHECK-COUNT-1: vector.store {{.*}} {alignment = 64 : i64, nontemporal = true}
// CHECK: } else {
// CHECK-NOT: nontemporal
// What lies before the first line, and what behind the last one.
// CHECK: arith.select %{{.*}}, %[[BEGIN]], %
// CHECK: arith.select %{{.*}}, %[[START]], %[[END]]
// CHECK: vector.maskedstore
// CHECK-NOT: nontemporal
// CHECK: scf.if %{{.*}} {
// CHECK-NEXT: llvm.fence seq_cst

// Two vectors of 32 bytes make a line.
// V3-LABEL: llvm.func internal @copy$host_v3(
// V3-COUNT-4: {alignment = 32 : i64, nontemporal = true}
// V3: step %c16_i64
// V3-COUNT-2: {alignment = 32 : i64, nontemporal = true}
// V3-NOT: nontemporal
// V3: llvm.fence seq_cst
awg.kernel @copy each rank 1 (%i: i64, %n: i64, %x: memref<?xf32>, %y: memref<?xf32>) written [3] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  memref.store %v, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

// In place, every second element, in falling order, twice: none.
// CHECK-NOT: nontemporal
// CHECK-NOT: llvm.fence
// CHECK: llvm.func internal @in_place$host_v4
awg.kernel @in_place each rank 1 (%i: i64, %n: i64, %y: memref<?xf32>) written [2] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %y[%k] : memref<?xf32>
  %w = arith.addf %v, %v : f32
  memref.store %w, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}
// CHECK-NOT: nontemporal
// CHECK-NOT: llvm.fence
// CHECK: llvm.func internal @second$host_v4
awg.kernel @second each rank 1 (%i: i64, %n: i64, %y: memref<?xi64>) written [2] {
  %two = arith.constant 2 : i64
  %j = arith.muli %i, %two : i64
  %k = arith.index_cast %j : i64 to index
  memref.store %i, %y[%k] : memref<?xi64>
  %none = awg.null : !awg.error
  awg.yield %none
}
// CHECK-NOT: nontemporal
// CHECK-NOT: llvm.fence
// CHECK: llvm.func internal @falling$host_v4
awg.kernel @falling each rank 1 (%i: i64, %n: i64, %y: memref<?xi64>) written [2] {
  %j = arith.subi %n, %i : i64
  %k = arith.index_cast %j : i64 to index
  memref.store %i, %y[%k] : memref<?xi64>
  %none = awg.null : !awg.error
  awg.yield %none
}
// CHECK-NOT: nontemporal
// CHECK-NOT: llvm.fence
// CHECK: llvm.func internal @twice$host_v4
awg.kernel @twice each rank 1 (%i: i64, %n: i64, %y: memref<?xi64>) written [2] {
  %one = arith.constant 1 : i64
  %j = arith.addi %i, %one : i64
  %k = arith.index_cast %i : i64 to index
  %l = arith.index_cast %j : i64 to index
  memref.store %i, %y[%k] : memref<?xi64>
  memref.store %i, %y[%l] : memref<?xi64>
  %none = awg.null : !awg.error
  awg.yield %none
}

// An i8 for each i32: four vectors of 16 bytes make a line, and the i32s of that many indices four lines.
// CHECK-NOT: nontemporal
// CHECK: llvm.func internal @two$host_v4
// CHECK: step %c64_i64
// CHECK-COUNT-4: vector.store {{.*}} {alignment = 64 : i64, nontemporal = true} : memref<?xi32>
// CHECK-COUNT-4: vector.store {{.*}} {alignment = 16 : i64, nontemporal = true} : memref<?xi8>
// CHECK-NOT: nontemporal
// CHECK: llvm.fence
awg.kernel @two each rank 1 (%i: i64, %n: i64, %y: memref<?xi32>, %z: memref<?xi8>) written [2, 3] {
  %k = arith.index_cast %i : i64 to index
  %v = arith.trunci %i : i64 to i32
  %w = arith.trunci %i : i64 to i8
  memref.store %v, %y[%k] : memref<?xi32>
  memref.store %w, %z[%k] : memref<?xi8>
  %none = awg.null : !awg.error
  awg.yield %none
}
// CHECK-NOT: nontemporal
