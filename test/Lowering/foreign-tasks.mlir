// A C function that runs a task: arguments and results go through slots, the runtime starts the task and waits for it.
// RUN: %awg-opt --awg-foreign-tasks %s | FileCheck %s

// CHECK-LABEL: func.func private @awg$run_f(
// CHECK-SAME: %[[X:.*]]: f64, %[[B:.*]]: i1) -> (!llvm.ptr, i64, i1) {
func.func private @awg$run_f(f64, i1) -> (!llvm.ptr, i64, i1)
// CHECK-DAG: llvm.store %[[X]]
// CHECK-DAG: %[[BYTE:.*]] = llvm.zext %[[B]] : i1 to i8
// CHECK: llvm.store %[[BYTE]]
// CHECK: %[[START:.*]] = llvm.mlir.addressof @awg$start_f
// CHECK: %[[COUNT:.*]] = llvm.mlir.constant(2 : i64)
// CHECK: %[[ERROR:.*]] = call @awgrt_call(%[[START]], %{{.*}}, %{{.*}}, %[[COUNT]])
// CHECK: %[[N:.*]] = llvm.load %{{.*}} -> i64
// CHECK: %[[FLAG:.*]] = llvm.trunc %{{.*}} : i8 to i1
// CHECK: return %[[ERROR]], %[[N]], %[[FLAG]]

async.func private @task(%x: f64, %b: i1) -> !async.value<!llvm.struct<(i64, i1)>> attributes {awg.foreign = "f"} {
  %r = llvm.mlir.poison : !llvm.struct<(i64, i1)>
  async.return %r : !llvm.struct<(i64, i1)>
}

// CHECK-LABEL: llvm.func internal @awg$start_f(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> !llvm.ptr
// CHECK: llvm.load %{{.*}} -> f64
// CHECK: async.call @task(%{{.*}}, %{{.*}}) {awg.root}
// CHECK: llvm.return
