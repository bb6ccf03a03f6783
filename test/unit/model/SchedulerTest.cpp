// Parking and waking: whatever is started is carried out, and all threads end. A wake-up that is lost leaves them
// waiting.
#include "Host.h"

using namespace awg;
using namespace awg::model;
using test::Await;
using test::here;
using test::Self;
using test::spawn;
using test::Spawned;

namespace {

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
class TwoTasks : public Host<2, /*Stops=*/false> {
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
template <int WorkerCount, bool Stops = true> class Help : public Host<WorkerCount, Stops> {
  void act() override {
    this->expected = 3;
    this->runOne();
  }
  awgrt_task *start(awgrt_task *root) override { return launch(root); }

protected:
  awgrt_task *launch(awgrt_task *parent) {
    const int64_t extent = 3;
    const uint64_t slots[2] = {0, reinterpret_cast<uint64_t>(&this->ran)};
    variant.host = units;
    kernel.place = here;
    kernel.name = "units";
    kernel.rank = 1;
    kernel.slot_count = 2;
    kernel.access = access;
    kernel.variant_count = 1;
    kernel.host = &variant;
    return awgrt_launch(parent, &here, &kernel, AWGRT_CPU, &extent, slots, nullptr);
  }

  static void units(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
    reinterpret_cast<std::atomic<int> *>(slots[1])->fetch_add(int(end - begin));
  }

private:
  awgrt_host_variant variant{};
  awgrt_kernel kernel{};
  uint8_t access[2] = {};
};

TEST(ModelScheduler, LaunchOpenForHelp) { expectNoFailure<Help<2, /*Stops=*/false>>({.threads = 1}); }

/// The task that awaits a launch is cancelled: before it is started, at the hand-over to the workers, or between its
/// pieces.
class LaunchMeetsCancel : public Help<1> {
  void act() override {
    rt::Root root(runtime());
    awgrt_task *task = spawn(launchAndJoin(root.task(), this));
    awgrt_cancel(&task, 1);
    if (!awgrt_await(root.task(), &task, 1))
      root.wait();
    require(rt::hasFailed(task) || ran == 3, "a launch ended early, and nobody was told");
    expected = ran;
    awgrt_task_free(task);
  }
  static Spawned launchAndJoin(awgrt_task *, LaunchMeetsCancel *scenario) {
    awgrt_task *self = co_await Self{};
    awgrt_task *launch = scenario->launch(self);
    awgrt_error *error = co_await Await{self, &launch, 1};
    require(rt::isDone(launch), "a task goes on before what it waits for has ended");
    awgrt_task_free(launch);
    co_return error;
  }
};

TEST(ModelScheduler, LaunchMeetsCancel) { expectNoFailure<LaunchMeetsCancel>({.threads = 1}); }

} // namespace
