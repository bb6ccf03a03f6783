// What ends outside the workers: timers, which workers and a thread of their own fire, and file operations, which
// theirs complete.
#include "Host.h"

#include "async/Error.h"
#include "std/FileThreads.h"

using namespace awg;
using namespace awg::model;
using test::Await;
using test::here;
using test::Self;
using test::Spawned;

namespace {

/// A host thread that runs one coroutine, which `expected` tells of its success.
template <int WorkerCount, bool Stops = true> class RunsOne : public Host<WorkerCount, Stops> {
  void act() override {
    this->expected = 1;
    this->runOne();
  }
};

//===-- Timers
//------------------------------------------------------------------------------------------------------===//

/// Sleeps as a part of its own task.
struct Nap {
  awgrt_task *self;
  bool await_ready() { return false; }
  template <typename Promise> bool await_suspend(std::coroutine_handle<Promise>) {
    return !awgrt_sleep_here(self, &here, 1'000'000);
  }
  void await_resume() {}
};

/// One sleeps. The worker and the timers' thread come for it, or the worker parks.
class Sleeper : public RunsOne<1, /*Stops=*/false> {
  static Spawned sleep(awgrt_task *, Sleeper *scenario) {
    co_await Nap{co_await Self{}};
    scenario->ran.fetch_add(1);
    co_return nullptr;
  }
  awgrt_task *start(awgrt_task *root) override { return test::spawn(sleep(root, this)); }
};

TEST(ModelOutside, SleeperIsWoken) { expectNoFailure<Sleeper>({.threads = 1}); }

/// A sleep is cancelled as its time comes.
class SleepMeetsCancel : public RunsOne<1> {
  static Spawned cancel(awgrt_task *, SleepMeetsCancel *scenario) {
    awgrt_task *self = co_await Self{};
    awgrt_task *sleep = awgrt_sleep(self, &here, 1'000'000);
    awgrt_cancel(&sleep, 1);
    awgrt_error_release(co_await Await{self, &sleep, 1});
    require(rt::isDone(sleep), "a task goes on before what it waits for has ended");
    awgrt_task_free(sleep);
    scenario->ran.fetch_add(1);
    co_return nullptr;
  }
  awgrt_task *start(awgrt_task *root) override { return test::spawn(cancel(root, this)); }
};

TEST(ModelOutside, SleepMeetsCancel) { expectNoFailure<SleepMeetsCancel>({.threads = 1}); }

/// A sleeping task is cancelled by the host thread as its time comes.
class SleeperMeetsCancel : public Host<1, /*Stops=*/false> {
  static Spawned sleep(awgrt_task *, SleeperMeetsCancel *scenario) {
    co_await Nap{co_await Self{}};
    scenario->ran.fetch_add(1);
    co_return nullptr;
  }
  void act() override {
    expected = 1;
    rt::Root root(runtime());
    awgrt_task *task = test::spawn(sleep(root.task(), this));
    awgrt_cancel(&task, 1);
    if (!awgrt_await(root.task(), &task, 1))
      root.wait();
    awgrt_task_free(task);
  }
};

TEST(ModelOutside, SleeperMeetsCancel) { expectNoFailure<SleeperMeetsCancel>({.threads = 1}); }

//===-- Files
//-------------------------------------------------------------------------------------------------------===//

awgrt_str path = {-1, 0};

/// A file operation is awaited, and, in between, perhaps cancelled.
template <bool Cancels> class File : public RunsOne<1> {
  static Spawned read(awgrt_task *, File *scenario) {
    awgrt_task *self = co_await Self{};
    rt::FileOperation *operation =
        rt::createFileOperation(self, &here, &path, [](rt::FileOperation &) -> awgrt_error * { return nullptr; });
    awgrt_task *task = rt::startFileOperation(operation);
    if (Cancels)
      awgrt_cancel(&task, 1);
    awgrt_error *error = co_await Await{self, &task, 1};
    require(Cancels || !error, "an operation failed");
    awgrt_error_release(error);
    require(rt::isDone(task), "a task goes on before what it waits for has ended");
    awgrt_task_free(task);
    scenario->ran.fetch_add(1);
    co_return nullptr;
  }
  awgrt_task *start(awgrt_task *root) override { return test::spawn(read(root, this)); }
};

TEST(ModelOutside, FileEnds) { expectNoFailure<File<false>>({.threads = 1}); }
TEST(ModelOutside, FileMeetsCancel) { expectNoFailure<File<true>>({.threads = 1}); }

} // namespace
