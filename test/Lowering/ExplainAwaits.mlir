// RUN: %awg-opt --awg-direct-calls --awg-explain-awaits %s | FileCheck %s
// What awaits are is found behind the pass that makes calls of tasks, and left in an attribute.

// CHECK: module attributes {awg.explanation = "a.awg:3:1: timer: this task itself sleeps\0Aa.awg:5:1: direct call: `quick` never waits\0A
// CHECK-SAME: a.awg:6:1: task queue: `slow` is a task of its own, and runs here if no worker has taken it\0A"}

awg.task private @quick() attributes {source_name = "quick"} {
  %none = awg.null : !awg.error
  awg.task_return %none
}

awg.task private @slow(%ns: i64) attributes {source_name = "slow"} {
  %f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %e = awg.await %f : (!awg.future<>) -> !awg.error loc("a.awg":3:1)
  awg.task_return %e
}

awg.task @main(%ns: i64) attributes {source_name = "main"} {
  %e = awg.run @quick() : () -> !awg.error loc("a.awg":5:1)
  %f = awg.async @slow(%ns) : (i64) -> !awg.future<>
  %g = awg.await %f : (!awg.future<>) -> !awg.error loc("a.awg":6:1)
  awg.task_return %g
}
