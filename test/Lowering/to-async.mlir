// Tasks become functions of the async dialect, everything else of awg becomes calls of the runtime.
// RUN: %awg-opt --awg-to-async --awg-verify-lowered %s | FileCheck %s

// A task says how it ends before it returns.
// CHECK-LABEL: async.func private @double(%{{.*}}: i64) -> !async.value<i64>
// CHECK: %[[NONE:.*]] = llvm.mlir.zero : !llvm.ptr
// CHECK: call @awg.reject(%[[NONE]])
// CHECK: return %{{.*}} : i64
awg.task @double(%n: i64) -> i64 attributes {source_name = "double"} {
  %none = awg.null : !awg.error
  %r = arith.addi %n, %n : i64
  awg.task_return %none, %r : i64
}

// Several leaves travel as one struct; units as a token.
// CHECK-LABEL: async.func private @leaves({{.*}}) -> !async.value<!llvm.struct<(i64, f32)>>
awg.task @leaves(%n: i64, %x: f32) -> (i64, f32) attributes {source_name = "leaves"} {
  %none = awg.null : !awg.error
  awg.task_return %none, %n, %x : i64, f32
}

// `async` starts a child; awaiting it takes its failure and its value, and frees it.
// CHECK-LABEL: async.func private @start(
// CHECK: %[[F:.*]] = call @double(%{{.*}}) : (i64) -> !async.value<i64>
// CHECK: await %{{.*}} : !async.value<i64>
// CHECK: %[[SELF:.*]] = func.call @awg.self()
// CHECK: %[[E:.*]] = func.call @awg.join_one(%[[SELF]]
// CHECK: func.call @awgrt_task_free
// CHECK: func.call @awg.reject(%[[E]])
awg.task @start(%n: i64) -> i64 attributes {source_name = "start"} {
  %f = awg.async @double(%n) : (i64) -> !awg.future<i64>
  %e, %v = awg.await %f : (!awg.future<i64>) -> (!awg.error, i64)
  awg.task_return %e, %v : i64
}

// `await f(x)` runs the callee here.
// CHECK-LABEL: async.func private @here(
// CHECK: call @double(%{{.*}}) {awg.here} : (i64) -> !async.value<i64>
awg.task @here(%n: i64) -> i64 attributes {source_name = "here"} {
  %e, %v = awg.run @double(%n) : (i64) -> (!awg.error, i64)
  awg.task_return %e, %v : i64
}

// `await sleep(d)` is no operation: the task itself sleeps.
// CHECK-LABEL: async.func private @nap(
// CHECK-NOT: @awgrt_sleep(
// CHECK: func.call @awg.suspend_sleep(%{{.*}}, %[[NS:.*]])
// CHECK: %[[E:.*]] = func.call @awg.joined(
// CHECK: func.call @awg.reject(%[[E]])
awg.task @nap(%ns: i64) attributes {source_name = "nap"} {
  %f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  awg.task_return %e
}

// A short launch that is awaited at once has been carried out when the runtime's function returns; any other is awaited.
// CHECK-LABEL: async.func private @launched(
// CHECK-NOT: @awgrt_launch(
// CHECK: %[[TASK:.*]] = func.call @awgrt_launch_here(%{{.*}}, %{{.*}}, %{{.*}}, %[[SLOTS:.*]]) :
// CHECK: %[[HERE:.*]] = llvm.icmp "eq" %[[TASK]], %{{.*}} : !llvm.ptr
// CHECK: cf.cond_br %[[HERE]], ^[[YES:.*]], ^[[NO:bb[0-9]*]]
// CHECK: ^[[YES]]:
// CHECK: %[[E:.*]] = func.call @awg.joined(
// CHECK: %[[V:.*]] = llvm.load
// CHECK: cf.br ^[[AFTER:.*]](%[[E]], %[[V]] : !llvm.ptr, i64)
// CHECK: ^[[NO]]:
// CHECK: %[[W:.*]] = await
// CHECK: %[[F:.*]] = func.call @awg.join_one(
// CHECK: func.call @awgrt_task_free(%[[TASK]])
// CHECK: cf.br ^[[AFTER]](%[[F]], %[[W]] : !llvm.ptr, i64)
awg.task @launched(%device: i64) -> i64 attributes {source_name = "launched"} {
  %f = awg.operation "awgrt_launch"(%device) : (i64) -> !awg.future<i64>
  %e, %v = awg.await %f : (!awg.future<i64>) -> (!awg.error, i64)
  awg.task_return %e, %v : i64
}

// One that was started before goes on meanwhile.
// CHECK-LABEL: async.func private @meanwhile(
// CHECK: %[[F:.*]] = func.call @awgrt_sleep(
// CHECK: func.call @awgrt_sleep(
// CHECK: await
awg.task @meanwhile(%ns: i64) attributes {source_name = "meanwhile"} {
  %f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %g = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  %e2 = awg.await %g : (!awg.future<>) -> !awg.error
  awg.task_return %e2
}

// Several futures are waited for at once.
// CHECK-LABEL: async.func private @both(
// CHECK-SAME: -> !async.token
// CHECK: func.call @awgrt_sleep(
// CHECK: func.call @awgrt_sleep(
// CHECK: func.call @awg.suspend_until(%[[LIST:.*]], %c2_i64)
// CHECK: func.call @awgrt_join(%{{.*}}, %[[LIST]], %c2_i64
awg.task @both(%ns: i64) attributes {source_name = "both"} {
  %f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %g = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %e = awg.await %f, %g : (!awg.future<>, !awg.future<>) -> !awg.error
  awg.task_return %e
}

// CHECK-LABEL: async.func private @cancelled(
// CHECK: func.call @awgrt_cancel(
// CHECK: await
// CHECK: func.call @awgrt_task_free(
awg.task @cancelled(%ns: i64) attributes {source_name = "cancelled"} {
  %f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %e = awg.cancel %f : (!awg.future<>) -> !awg.error
  %none = awg.null : !awg.error
  awg.task_return %none
}

// Arrays, strings and errors are pointers of the runtime's.
// CHECK-LABEL: func.func @values(%{{.*}}: i64, %{{.*}}: !llvm.ptr) -> !llvm.ptr
// CHECK: call @awgrt_error_create
// CHECK: call @awgrt_str_retain
// CHECK: call @awgrt_str_release
func.func @values(%n: i64, %text: !awg.str) -> !awg.error {
  %e = awg.error "index {} is out of range 0..{}"(%n, %n) kinds [4, 4] : i64, i64
  awg.retain %text : !awg.str
  awg.release %text : !awg.str
  return %e : !awg.error
}

// A value is sent as 8-byte words; what a channel's operation waits for is a task like any other.
// CHECK-LABEL: async.func private @pass(
// CHECK-SAME: %[[C:.*]]: !llvm.ptr
// CHECK: %[[WORDS:.*]] = llvm.alloca %{{.*}} x !llvm.array<2 x i64>
// CHECK: func.call @awgrt_chan_send(%{{.*}}, %{{.*}}, %[[C]], %[[WORDS]])
// CHECK: await %{{.*}} : !async.token
// CHECK: func.call @awgrt_chan_release(%[[C]])
awg.task @pass(%c: !awg.chan, %n: i64, %x: f32) attributes {source_name = "pass"} {
  %f = awg.send %c(%n, %x) : (i64, f32) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  awg.release %c : !awg.chan
  awg.task_return %e
}

// A race waits for the first, and gives its position.
// CHECK-LABEL: async.func private @first(
// CHECK: func.call @awg.suspend_race(%[[LIST:[^,]*]], %[[COUNT:[^)]*]])
// CHECK: func.call @awgrt_race_winner(%{{.*}}, %[[LIST]], %[[COUNT]])
awg.task @first(%f: !awg.future<i64>, %g: !awg.future<>) -> i64 attributes {source_name = "first"} {
  %k = awg.race %f, %g : !awg.future<i64>, !awg.future<>
  %e, %v = awg.cancel %f : (!awg.future<i64>) -> (!awg.error, i64)
  %e1 = awg.cancel %g : (!awg.future<>) -> !awg.error
  %none = awg.null : !awg.error
  awg.task_return %none, %k : i64
}

// To wait for nothing asks whether the task itself was cancelled.
// CHECK-LABEL: async.func private @alive(
// CHECK-NOT: suspend
// CHECK: func.call @awgrt_join(%{{.*}}, %{{.*}}, %c0_i64, %{{.*}})
awg.task @alive() attributes {source_name = "alive"} {
  %e = awg.await : () -> !awg.error
  awg.task_return %e
}
