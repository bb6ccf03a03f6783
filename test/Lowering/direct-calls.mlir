// `await f(x)` becomes a call if f never waits, and f is put in place if it is small.
// RUN: %awg-opt --awg-direct-calls %s | FileCheck %s
// RUN: %awg-opt --awg-direct-calls --mlir-print-debuginfo %s | FileCheck %s --check-prefix=PLACES
// RUN: %awg-opt --awg-direct-calls=inline=false %s | FileCheck %s --check-prefix=CALLS

// A task that never waits becomes a function; nobody starts it, so it is gone.
// CHECK-NOT: awg.task private @half(
// CHECK: func.func private @half$direct(%[[N:.*]]: i64) -> (!awg.error, i64)
// CHECK-SAME: awg.direct
// CHECK-SAME: awg.source_name = "half"
// CHECK: return %{{.*}}, %{{.*}} : !awg.error, i64
awg.task private @half(%n: i64) -> i64 attributes {source_name = "half"} {
  %none = awg.null : !awg.error
  %two = arith.constant 2 : i64
  %r = arith.divsi %n, %two : i64
  awg.task_return %none, %r : i64
}

// So does what runs only such tasks. It is started elsewhere, so the task stays too.
// CHECK: func.func private @quarter$direct(
// CHECK: %[[R:.*]]:2 = call @half$direct(
// CHECK: %[[E:.*]] = awg.joined %[[R]]#0
// CHECK: return %[[E]]
// CHECK: awg.task private @quarter(
// CHECK: call @half$direct(
// CHECK: awg.joined
awg.task private @quarter(%n: i64) -> i64 attributes {source_name = "quarter"} {
  %e, %h = awg.run @half(%n) : (i64) -> (!awg.error, i64)
  awg.task_return %e, %h : i64
}

// One that waits and is small stands where it was run.
// CHECK-NOT: awg.task private @nap(
// CALLS-LABEL: awg.task private @nap(
awg.task private @nap(%n: i64) -> i64 attributes {source_name = "nap"} {
  %f = awg.operation "awgrt_sleep"(%n) : (i64) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error
  awg.task_return %e, %n : i64
}

// Recursion stays a task: it must not use up the stack.
// CHECK-LABEL: awg.task private @down(
// CHECK: awg.run @down(
awg.task private @down(%n: i64) -> i64 attributes {source_name = "down"} {
  %e, %v = awg.run @down(%n) : (i64) -> (!awg.error, i64)
  awg.task_return %e, %v : i64
}

// CHECK-LABEL: awg.task @main(
// CHECK: awg.async @quarter(
// CHECK: call @quarter$direct(
// CHECK: awg.joined
// CHECK: cf.br ^[[BODY:bb[0-9]+]]
// CHECK: ^[[BODY]]:
// CHECK: awg.operation "awgrt_sleep"
// CHECK: awg.await
// CHECK: cf.br ^[[AFTER:bb[0-9]+]](%{{.*}}, %{{.*}} : !awg.error, i64)
// CHECK: ^[[AFTER]](%[[E:.*]]: !awg.error, %{{.*}}: i64):
// CHECK: awg.joined %[[E]]
// CHECK: awg.run @down(
// CALLS-LABEL: awg.task @main(
// CALLS: awg.run @nap(
awg.task @main(%n: i64) attributes {source_name = "main"} {
  %f = awg.async @quarter(%n) : (i64) -> !awg.future<i64>
  %e1, %a = awg.run @quarter(%n) : (i64) -> (!awg.error, i64)
  %e2, %b = awg.run @nap(%a) : (i64) -> (!awg.error, i64)
  %e3, %c = awg.run @down(%b) : (i64) -> (!awg.error, i64)
  %e4, %d = awg.await %f : (!awg.future<i64>) -> (!awg.error, i64)
  awg.task_return %e4
}
// What stands in place says where it was written, and where it was called.
// PLACES: awg.operation "awgrt_sleep"(%{{.*}}) : {{.*}} loc(#[[SLEEP:.*]])
// PLACES: #[[NAP:loc[0-9]+]] = loc("nap"(#{{.*}}))
// PLACES: #[[SLEEP]] = loc(callsite(#[[NAP]] at #{{.*}}))
