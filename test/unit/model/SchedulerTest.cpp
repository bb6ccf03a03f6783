// Parking and waking: whatever is started is carried out, and all threads end. A wake-up that is lost leaves them
// waiting.
#include "ModelTest.h"

#include "Operation.h"
#include "async/Root.h"
#include "async/Runtime.h"

using namespace awg;
using namespace awg::model;
using test::Await;
using test::here;
using test::Self;
using test::spawn;
using test::Spawned;

namespace {

/// A host thread with a runtime of its own, whose workers are further threads of the model.
template <int WorkerCount> class Host : public Scenario {
public:
  Host() {
    new (&storage) awgrt_runtime(onHost(WorkerCount));
    for (int32_t i = 0; i < WorkerCount; ++i) { // what so few turns count decides nothing
      const rt::Worker &worker = runtime().scheduler.worker(i);
      ignore(worker.tick);
      ignore(worker.random);
      ignore(worker.stats);
    }
  }

  void run(int) final {
    act();
    runtime().~awgrt_runtime();
  }
  void end() override { require(ran == expected, "a task was lost, or ran twice"); }

protected:
  virtual void act() = 0;
  awgrt_runtime &runtime() { return *reinterpret_cast<awgrt_runtime *>(&storage); }

  static Spawned count(awgrt_task *, Host *host) {
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
    return spawn(count(root, this));
  }

  std::atomic<int> ran{0};
  int expected = 0;

private:
  alignas(64) char storage[sizeof(awgrt_runtime)];
};

/// Work comes while the one worker parks.
class WorkForParking : public Host<1> {
  void act() override {
    runOne();
    runOne();
  }
};

TEST(ModelScheduler, WorkForParkingWorker) { expectNoFailure<WorkForParking>({.threads = 1}); }

/// The runtime ends while its worker still looks for work.
class Shutdown : public Host<2> {
  void act() override { runOne(); }
};

TEST(ModelScheduler, Shutdown) { expectNoFailure<Shutdown>({.threads = 1}); }

/// Two tasks for two workers, of which one may do both.
class TwoTasks : public Host<2> {
  void act() override {
    rt::Root root(runtime());
    awgrt_task *tasks[2] = {start(root.task()), start(root.task())};
    if (!awgrt_await(root.task(), tasks, 2))
      root.wait();
    for (awgrt_task *task : tasks)
      awgrt_task_free(task);
  }
};

TEST(ModelScheduler, TwoTasksTwoWorkers) { expectNoFailure<TwoTasks>({.threads = 1}); }

/// Scheduler::inject, which is private.
void injectInto(rt::Scheduler &scheduler, awgrt_task *task);
template <auto Member> struct Exposed {
  friend void injectInto(rt::Scheduler &scheduler, awgrt_task *task) { (scheduler.*Member)(task); }
};
template struct Exposed<&rt::Scheduler::inject>;

/// Looks whether someone must be woken before the work is there to be found.
class WakesTooEarly : public WorkForParking {
  awgrt_task *start(awgrt_task *root) override {
    ++expected;
    awgrt_task *task = count(root, this).task;
    runtime().scheduler.notify();
    injectInto(runtime().scheduler, task);
    return task;
  }
};

TEST(ModelScheduler, WorkPublishedAfterLooking) {
  std::string failure = explore<WakesTooEarly>({.threads = 1}).failure;
  EXPECT_EQ(failure.rfind("all threads wait", 0), 0u) << failure;
}

//===-- Launches that are open for help
//-----------------------------------------------------------------------------===//

/// A launch of three units that take long.
class Help : public Host<2> {
  void act() override {
    expected = 3;
    runOne();
  }
  awgrt_task *start(awgrt_task *root) override {
    const int64_t extent = 3;
    const uint64_t slots[2] = {0, reinterpret_cast<uint64_t>(&ran)};
    variant.host = units;
    kernel.place = here;
    kernel.name = "units";
    kernel.rank = 1;
    kernel.slot_count = 2;
    kernel.access = access;
    kernel.variant_count = 1;
    kernel.host = &variant;
    return awgrt_launch(root, &here, &kernel, AWGRT_CPU, &extent, slots, nullptr);
  }

  static void units(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
    reinterpret_cast<std::atomic<int> *>(slots[1])->fetch_add(int(end - begin));
  }

  awgrt_host_variant variant{};
  awgrt_kernel kernel{};
  uint8_t access[2] = {};
};

TEST(ModelScheduler, LaunchOpenForHelp) { expectNoFailure<Help>({.threads = 1}); }

} // namespace
