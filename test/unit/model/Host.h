// What tests of whole runtimes include first: a scenario of a host thread, whose runtime's threads are further threads
// of the model.
#ifndef AWG_TEST_UNIT_MODEL_HOST_H
#define AWG_TEST_UNIT_MODEL_HOST_H

#include "ModelTest.h"

#include "Operation.h"
#include "async/Root.h"
#include "async/Runtime.h"

namespace awg::model {

/// A host thread with a runtime of its own, whose workers are further threads of the model. It ends the runtime, or, if
/// not `Stops`, leaves its threads waiting: then what matters happens before, and there are far fewer states.
template <int WorkerCount, bool Stops = true> class Host : public Scenario {
public:
  Host() {
    new (&storage) awgrt_runtime(onHost(WorkerCount));
    ignore(runtime().timers.lateness);
    for (int32_t i = 0; i < WorkerCount; ++i) { // what so few turns count decides nothing
      const rt::Worker &worker = runtime().scheduler.worker(i);
      ignore(worker.tick);
      ignore(worker.random);
      ignore(worker.stats);
      ignore(worker.wokenAt); // for them
    }
  }

  void run(int) final {
    act();
    if (Stops)
      runtime().~awgrt_runtime();
    else
      letOthersWait();
  }
  void end() override { require(ran == expected, "a task was lost, or ran twice"); }

protected:
  virtual void act() = 0;
  awgrt_runtime &runtime() { return *reinterpret_cast<awgrt_runtime *>(&storage); }

  static test::Spawned count(awgrt_task *, Host *host) {
    host->ran.fetch_add(1);
    co_return nullptr;
  }
  /// Runs a task that a worker is to find.
  void runOne() {
    rt::Root root(runtime());
    awgrt_task *task = start(root.task());
    if (!awgrt_await(root.task(), &task, 1))
      root.wait();
    awgrt_task_free(task);
  }
  virtual awgrt_task *start(awgrt_task *root) {
    ++expected;
    return test::spawn(count(root, this));
  }

  std::atomic<int> ran{0};
  int expected = 0;

private:
  alignas(64) char storage[sizeof(awgrt_runtime)];
};

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_HOST_H
