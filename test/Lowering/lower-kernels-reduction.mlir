// Reductions and scans: the language's trees, the same on host and GPU.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3" %s | FileCheck %s

// Blocks of 4096; partial results are reduced by one function for all kernels that add f32 up.
// CHECK-LABEL: llvm.func internal @awg$combine_sum_f32_v3
// CHECK: arith.constant 4096 : i64
// CHECK: %[[ABSENT:.*]] = arith.constant dense<-0.000000e+00> : vector<8xf32>
// CHECK: vector.store %[[ABSENT]], %[[LANES:.*]][
// CHECK: func.call @awg$tree_sum_f32_v3(%[[LANES]], %
// 128 lanes that add in rising order, then halve; -0.0 changes no sum.
// CHECK-LABEL: func.func private @awg$tree_sum_f32_v3
// CHECK-SAME: %[[LANES:.*]]: memref<?xf32>, %[[VALUES:.*]]: memref<?xf32>, %{{.*}}: i64) -> f32
// CHECK: scf.for {{.*}} step %c128_i64
// CHECK-COUNT-16: arith.addf %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: scf.for {{.*}} step %c8_i64
// CHECK:   arith.addf %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: arith.constant dense<-0.000000e+00> : vector<8xf32>
// CHECK: vector.maskedload %[[VALUES]]
// CHECK: scf.for %{{.*}} to %c64_i64{{.*}} step
// CHECK: scf.for %{{.*}} to %c32_i64{{.*}} step
// CHECK: scf.for %{{.*}} to %c16_i64{{.*}} step
// CHECK: scf.for %{{.*}} to %c8_i64{{.*}} step
// CHECK: arith.addf %{{.*}}, %{{.*}} : vector<4xf32>
// CHECK: arith.addf %{{.*}}, %{{.*}} : vector<2xf32>
// CHECK: arith.addf %{{.*}}, %{{.*}} : vector<1xf32>
// CHECK-LABEL: llvm.func internal @total$host_v3
// CHECK: arith.constant 4096 : i64
// CHECK: arith.addf %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: func.call @awg$tree_sum_f32_v3
awg.kernel @total sum rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) -> f32 written [] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none, %v : f32
}

// A NaN is never lowest, and of equal values the first stays.
// CHECK-LABEL: llvm.func internal @lowest$host_v3
// CHECK-DAG: arith.cmpf olt
// CHECK-DAG: arith.cmpf ord
awg.kernel @lowest argmin rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) -> f32 written [] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none, %v : f32
}

// Runs of 16 from left to right, their totals scanned in turn, the prefix added on the left.
// CHECK-LABEL: llvm.func internal @awg$finish_scan_sum_f32_v3
// CHECK: arith.constant 16 : i64
// CHECK: %[[PREFIX:.*]] = llvm.load
// CHECK: %[[VALUE:.*]] = llvm.load
// CHECK: arith.addf %[[PREFIX]], %[[VALUE]] : f32
// CHECK-LABEL: llvm.func internal @awg$combine_scan_sum_f32_v3
// Each block is computed twice: for its total, and with what stands before it. Sixteen runs go at once.
// CHECK-LABEL: llvm.func internal @prefix$scan_v3
// CHECK: func.call @awg$write_scan_sum_f32_v3
// CHECK: llvm.fence seq_cst
// CHECK-LABEL: llvm.func internal @prefix$host_v3
// CHECK: func.call @awg$totals_scan_sum_f32_v3
// CHECK-LABEL: func.func private @awg$write_scan_sum_f32_v3
// CHECK: llvm.store %{{.*}} {alignment = 64 : i64, nontemporal} : vector<16xf32>
// CHECK-LABEL: func.func private @awg$group_scan_sum_f32_v3
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK-LABEL: func.func private @awg$transpose_32_v3
// CHECK: llvm.shufflevector
awg.kernel @prefix scan rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) -> f32 written [] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none, %v : f32
}

// Neighbours level by level; init is joined by the program, not here.
// CHECK-LABEL: llvm.func internal @folded$host_v3
// CHECK: scf.while
// CHECK: func.call @larger
func.func private @larger(%a: i64, %b: i64) -> i64 {
  %r = arith.maxsi %a, %b : i64
  return %r : i64
}
awg.kernel @folded reduce rank 1 (%i: i64, %n: i64) -> i64 written [] combiner @larger {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}

// CHECK: gpu.module @awg$gpu
// CHECK: gpu.func @total({{.*}}) workgroup(%[[SHARED:.*]] : memref<128xf32
// CHECK: arith.constant -0.000000e+00 : f32
// CHECK: scf.for {{.*}} step %c128_i64
// CHECK: gpu.barrier
// CHECK: arith.constant 64 : i64
// CHECK: gpu.barrier
// CHECK: gpu.func @total$combine
// CHECK: gpu.func @lowest(
// CHECK: gpu.func @prefix(
// CHECK: gpu.func @prefix$finish(
// CHECK: gpu.func @folded(
