// An async.func becomes a coroutine whose promise is its task; awaiting suspends it unless the task awaited has ended.
// RUN: %awg-opt --awg-lower-async %s | FileCheck %s

func.func private @awg.self() -> !llvm.ptr
func.func private @awg.reject(!llvm.ptr)

// The ramp takes the parent, the place of the call, and whether the task is to wait for a worker.
// CHECK-NOT: async.func
// CHECK-LABEL: func.func private @double(
// CHECK-SAME: %[[PARENT:.*]]: !llvm.ptr, %[[PLACE:.*]]: !llvm.ptr, %[[SPAWNED:.*]]: i1, %[[N:.*]]: i64) -> !llvm.ptr
// CHECK-SAME: "presplitcoroutine"
// CHECK: %[[TASK:.*]] = llvm.alloca %{{.*}} x !llvm.array<72 x i8>
// CHECK: %[[ID:.*]] = llvm.intr.coro.id %{{.*}}, %[[TASK]]
// CHECK: %[[FRAME:.*]] = llvm.intr.coro.begin %[[ID]]
// CHECK: call @awgrt_task_begin(%[[TASK]], %[[PARENT]], %[[PLACE]])
// CHECK: cf.cond_br %[[SPAWNED]]
// The result lies behind the header.
// CHECK: %[[R:.*]] = arith.addi %[[N]], %[[N]]
// CHECK: %[[SLOT:.*]] = llvm.getelementptr %[[TASK]][64]
// CHECK: llvm.store %[[R]], %[[SLOT]]
// CHECK: llvm.intr.coro.free
// CHECK: call @awgrt_frame_free
// The only final suspension point: who awaits it frees it.
// CHECK: call @awgrt_task_complete(%[[TASK]], %{{.*}})
// CHECK: %[[FINAL:.*]] = llvm.mlir.constant(true) : i1
// CHECK: llvm.intr.coro.suspend %{{.*}}, %[[FINAL]]
async.func private @double(%n: i64) -> !async.value<i64> attributes {source_name = "double"} {
  %none = llvm.mlir.zero : !llvm.ptr
  %r = arith.addi %n, %n : i64
  func.call @awg.reject(%none) : (!llvm.ptr) -> ()
  return %r : i64
}

// CHECK-LABEL: func.func private @quad(
// A child that is started goes to the scheduler.
// CHECK: %[[YES:.*]] = llvm.mlir.constant(true) : i1
// CHECK: %[[CHILD:.*]] = call @double(%{{.*}}, %{{.*}}, %[[YES]], %
// CHECK: call @awgrt_task_spawn(%[[CHILD]])
// CHECK: %[[SAVE:.*]] = llvm.intr.coro.save
// CHECK: %[[READY:.*]] = call @awgrt_await_one(
// CHECK: llvm.icmp "ne" %[[READY]]
// CHECK: llvm.intr.coro.suspend %[[SAVE]]
// CHECK: llvm.getelementptr %[[CHILD]][64]
// A child awaited where it is called runs here, unless the stack is low.
// CHECK: %[[LOW:.*]] = call @awgrt_stack_is_low()
// CHECK: %[[SPAWN:.*]] = llvm.icmp "ne" %[[LOW]]
// CHECK: call @double(%{{.*}}, %{{.*}}, %[[SPAWN]], %
async.func private @quad(%n: i64) -> !async.value<i64> attributes {source_name = "quad"} {
  %f = call @double(%n) : (i64) -> !async.value<i64>
  %v = await %f : !async.value<i64>
  %g = call @double(%v) {awg.here} : (i64) -> !async.value<i64>
  %w = await %g : !async.value<i64>
  %none = llvm.mlir.zero : !llvm.ptr
  func.call @awg.reject(%none) : (!llvm.ptr) -> ()
  return %w : i64
}
