// A launch that goes through much asks for memory ahead of time, a line of each of the next four pages in turns.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v4 gpu=false" %s | FileCheck %s
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3 gpu=false" %s | FileCheck --check-prefix=V3 %s

// In place: 4 bytes an index, so that 2^24 of them are 64 MiB. A tile of 256 bytes has a line of each page.
// CHECK-LABEL: llvm.func internal @scale$host_v4(
// CHECK: %[[MANY:.*]] = arith.constant 16777216 : i64
// CHECK: %[[LARGE:.*]] = arith.cmpi sge, %{{.*}}, %[[MANY]] : i64
// CHECK: scf.for %[[FIRST:.*]] = %{{.*}} to %{{.*}} step %c64_i64
// CHECK: scf.if %[[LARGE]] {
// CHECK: %[[OFFSET:.*]] = arith.muli %[[FIRST]], %c4_i64
// CHECK: %[[ADDRESS:.*]] = arith.addi %{{.*}}, %[[OFFSET]] : i64
// CHECK: %[[WITHIN:.*]] = arith.andi %[[ADDRESS]], %c16128_i64
// CHECK: arith.shrui %[[WITHIN]], %c2_i64
// CHECK: arith.andi %{{.*}}, %c4032_i64
// CHECK: arith.andi %[[ADDRESS]], %c-16384_i64
// CHECK: arith.addi %{{.*}}, %c16384_i64
// CHECK: arith.addi %{{.*}}, %c0_i64
// CHECK: llvm.intr.prefetch
// CHECK: arith.addi %{{.*}}, %c4096_i64
// CHECK: llvm.intr.prefetch
// CHECK: arith.addi %{{.*}}, %c8192_i64
// CHECK: llvm.intr.prefetch
// CHECK: arith.addi %{{.*}}, %c12288_i64
// CHECK: llvm.intr.prefetch
// CHECK: }
// CHECK-NOT: llvm.intr.prefetch

// Half as much: a line of two pages in one tile, of the other two in the next.
// V3-LABEL: llvm.func internal @scale$host_v3(
// V3: scf.for %{{.*}} step %c32_i64
// V3: arith.andi %[[WITHIN:.*]], %c192_i64
// V3: arith.shli %{{.*}}, %c6_i64
// V3-COUNT-2: llvm.intr.prefetch
// V3-NOT: llvm.intr.prefetch
// V3: llvm.func internal @rows$host_v3(
awg.kernel @scale each rank 1 (%i: i64, %n: i64, %y: memref<?xf32>) written [2] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %y[%k] : memref<?xf32>
  %w = arith.addf %v, %v : f32
  memref.store %w, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

// Of three rows the last is new. What is written goes past the caches, but counts: 8 bytes an index.
// CHECK-LABEL: llvm.func internal @rows$host_v4(
// CHECK-DAG: %[[NEXT:.*]] = arith.addi %{{.*}}, %c1_i64
// CHECK: arith.constant 8388608 : i64
// CHECK-COUNT-4: llvm.intr.prefetch
// CHECK-COUNT-4: nontemporal
// CHECK: } else {
// CHECK-COUNT-4: llvm.intr.prefetch
// CHECK-NOT: llvm.intr.prefetch
awg.kernel @rows each rank 2 (%r: i64, %c: i64, %h: i64, %w: i64, %x: memref<?x?xf32>, %y: memref<?x?xf32>) written [5] {
  %one = arith.constant 1 : i64
  %after = arith.addi %r, %one : i64
  %before = arith.subi %r, %one : i64
  %ra = arith.index_cast %after : i64 to index
  %rb = arith.index_cast %before : i64 to index
  %ri = arith.index_cast %r : i64 to index
  %ci = arith.index_cast %c : i64 to index
  %a = memref.load %x[%ra, %ci] : memref<?x?xf32>
  %b = memref.load %x[%rb, %ci] : memref<?x?xf32>
  %v = memref.load %x[%ri, %ci] : memref<?x?xf32>
  %s = arith.addf %a, %b : f32
  %t = arith.addf %s, %v : f32
  memref.store %t, %y[%ri, %ci] : memref<?x?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}

// Gathered, or where not all lanes come: none.
// CHECK-LABEL: llvm.func internal @some$host_v4(
// CHECK-NOT: llvm.intr.prefetch
// CHECK: llvm.func internal @end$host_v4
awg.kernel @some each rank 1 (%i: i64, %n: i64, %x: memref<?xi64>, %y: memref<?xi64>) written [3] {
  %k = arith.index_cast %i : i64 to index
  %two = arith.constant 2 : i64
  %zero = arith.constant 0 : i64
  %j = arith.muli %i, %two : i64
  %odd = arith.andi %i, %two : i64
  %is = arith.cmpi ne, %odd, %zero : i64
  %q = arith.index_cast %j : i64 to index
  %v = memref.load %x[%q] : memref<?xi64>
  scf.if %is {
    memref.store %v, %y[%k] : memref<?xi64>
  }
  %none = awg.null : !awg.error
  awg.yield %none
}
awg.kernel @end each rank 1 (%i: i64, %n: i64) written [] {
  %none = awg.null : !awg.error
  awg.yield %none
}
