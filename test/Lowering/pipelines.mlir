// The two named pipelines, one after the other, as awgc runs them: from awg to the LLVM dialect alone.
// RUN: %awg-opt --awg-to-async-pipeline %s | FileCheck --check-prefix=ASYNC %s
// RUN: %awg-opt --awg-to-async-pipeline --awg-async-to-llvm-pipeline %s | FileCheck %s
// RUN: %awg-opt --awg-to-async-pipeline="host-targets=v4 gpu=false" --awg-async-to-llvm-pipeline="gpu=false" %s | FileCheck --check-prefix=CPU %s

// ASYNC-NOT: awg.launch
// ASYNC: async.func private @start
// ASYNC: gpu.module @awg$gpu
// CHECK-NOT: {{(awg|async|gpu|scf|func|arith)\.[a-z_]+ }}
// CHECK: @fill$host_v3(
// CHECK: @awg$gpu_image("
// CHECK-NOT: {{(awg|async|gpu|scf|func|arith)\.[a-z_]+ }}
// CPU: @fill$host_v4(
// CPU-NOT: awg$gpu_image
awg.kernel @fill each rank 1 (%i: i64, %n: i64, %y: memref<?xi64>) written [2] {
  %k = arith.index_cast %i : i64 to index
  memref.store %i, %y[%k] : memref<?xi64>
  %none = awg.null : !awg.error
  awg.yield %none
}
awg.task @start(%n: i64, %y: !awg.array<i64, 1>) attributes {source_name = "start"} {
  %f = awg.launch @fill grid(%n) args(%y) : (!awg.array<i64, 1>) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  awg.task_return %e
}
