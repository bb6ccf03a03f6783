// A task's end against whatever else happens to it: a waiter that registers, other children's ends, cancellation.
#include "ModelTest.h"

#include "Operation.h"
#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"

using namespace awg;
using namespace awg::model;
using test::Await;
using test::here;
using test::Self;
using test::spawn;
using test::Spawned;

namespace {

/// An operation of the system: it is completed once, by whoever claims it first. The claim stays when the operation is gone.
struct Event {
  alignas(16) char header[AWGRT_TASK_HEADER];
  std::atomic<bool> *claim;

  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(header); }

  static awgrt_task *create(awgrt_task *parent, std::atomic<bool> &claim) {
    auto *event = new (awgrt_frame_alloc(sizeof(Event))) Event;
    event->claim = &claim;
    rt::beginOperation(event->task(), &ops, parent, &here);
    return event->task();
  }
  static void complete(awgrt_task *task, std::atomic<bool> &claim, awgrt_error *error) {
    if (!claim.exchange(true))
      awgrt_task_complete(task, error);
    else
      awgrt_error_release(error);
  }

private:
  static void cancel(awgrt_task *task) {
    complete(task, *reinterpret_cast<Event *>(task)->claim, rt::createCancellation(&here));
  }
  static void destroy(awgrt_task *task) { awgrt_frame_free(task); }
  static constexpr rt::TaskOps ops = {nullptr, cancel, destroy};
};

void resume(awgrt_task *task) {
  void *frame = rt::frameOf(task);
  (*static_cast<void (**)(void *)>(frame))(frame);
}

/// The threads are workers of a runtime that has none of its own; each runs what it has made ready itself.
class Tasks : public Scenario {
public:
  Tasks() { parent.runtime = &runtime; }

  void run(int number) final {
    workers[number].runtime = &runtime;
    rt::thisWorker = &workers[number];
    act(number);
    while (awgrt_task *task = workers[number].deque.pop())
      resume(task);
    rt::thisWorker = nullptr;
  }

protected:
  virtual void act(int number) = 0;

  awgrt_runtime runtime{onHost(0)};
  rt::Worker workers[3];
  /// Lets tasks wait before the threads begin.
  void prepare(std::initializer_list<awgrt_task *> tasks) {
    workers[0].runtime = &runtime;
    rt::thisWorker = &workers[0];
    for (awgrt_task *task : tasks)
      resume(task);
    rt::thisWorker = nullptr;
  }
  awgrt_task *newEvent(int number) { return Event::create(&parent, claims[number]); }
  void complete(int number, awgrt_task *event, awgrt_error *error = nullptr) {
    Event::complete(event, claims[number], error);
  }

  awgrt_task parent = {};
  std::atomic<bool> claims[2] = {};
  std::atomic<int> ended{0}; ///< coroutines

public:
  /// Awaits all of `tasks`, frees them, and notes how that went.
  static Spawned join(awgrt_task *, Tasks *scenario, awgrt_task *const *tasks, int64_t count) {
    awgrt_task *self = co_await Self{};
    awgrt_error *error = co_await Await{self, tasks, count};
    for (int64_t i = 0; i < count; ++i) {
      require(rt::isDone(tasks[i]), "a task goes on before what it waits for has ended");
      awgrt_task_free(tasks[i]);
    }
    ++scenario->ended;
    co_return error;
  }
};

/// The failure of a task that has ended: 0 none, 1 a cancellation, 2 another.
int failureOf(awgrt_task *task) {
  require(rt::isDone(task), "a task has not ended");
  return !rt::hasFailed(task) ? 0 : awgrt_error_is_cancellation(task->error) ? 1 : 2;
}

//===-- Completion --------------------------------------------------------------------------------------------------===//

class TwoChildren : public Tasks {
public:
  TwoChildren() {
    for (int i = 0; i < 2; ++i)
      children[i] = newEvent(i);
    waiter = join(&parent, this, children, 2).task;
  }
  void act(int number) override {
    if (number == 0)
      resume(waiter);
    else
      endChild(number - 1);
  }
  virtual void endChild(int child) { complete(child, children[child]); }
  void end() override {
    require(failureOf(waiter) == 0, "a task failed");
    require(ended == 1, "a task went on twice");
  }

protected:
  awgrt_task *children[2];
  awgrt_task *waiter;
};

TEST(ModelTask, TwoChildrenEnd) { expectNoFailure<TwoChildren>(); }

/// Both fail: the first failure cancels the other child, and is the waiter's.
class TwoFailures : public TwoChildren {
public:
  void endChild(int child) override { complete(child, children[child], test::failure("bad")); }
  void end() override {
    require(failureOf(waiter) == 2, "the failure was lost");
    require(ended == 1, "a task went on twice");
  }
};

TEST(ModelTask, TwoChildrenFail) { expectNoFailure<TwoFailures>(); }

/// A completion that resumes whoever waits, without asking for how much else it waits.
class WithoutPending : public TwoChildren {
public:
  void endChild(int child) override {
    uintptr_t found = children[child]->waiter.exchange(rt::taskDone);
    if (found)
      runtime.scheduler.resume(reinterpret_cast<awgrt_task *>(found));
  }
};

TEST(ModelTask, CompletionWithoutPending) {
  Result result = explore<WithoutPending>();
  EXPECT_NE(result.failure.find("found = children[child]->waiter.exchange"), std::string::npos) << result.failure;
}

//===-- Cancellation ------------------------------------------------------------------------------------------------===//

class CancelMeetsCompletion : public Tasks {
public:
  CancelMeetsCompletion() {
    child = newEvent(0);
    waiter = join(&parent, this, &child, 1).task;
  }
  void act(int number) override {
    if (number == 0)
      resume(waiter);
    else if (number == 1)
      complete(0, child);
    else
      awgrt_cancel(&waiter, 1);
  }
  void end() override {
    require(failureOf(waiter) <= 1, "a task failed");
    require(ended == 1, "a task went on twice");
  }

private:
  awgrt_task *child, *waiter;
};

TEST(ModelTask, CancelMeetsCompletion) { expectNoFailure<CancelMeetsCompletion>(); }

/// Nobody but the canceller ends the child, whenever the waiter gets to wait for it.
class CancelMeetsWaiting : public Tasks {
public:
  CancelMeetsWaiting() {
    child = newEvent(0);
    inner = join(&parent, this, &child, 1).task;
    outer = join(&parent, this, &inner, 1).task;
    prepare({outer});
  }
  void act(int number) override {
    if (number == 0)
      resume(inner);
    else
      awgrt_cancel(&outer, 1);
  }
  void end() override {
    require(failureOf(outer) == 1, "a task was not cancelled");
    require(ended == 2, "a task went on twice");
  }

private:
  awgrt_task *child, *inner, *outer;
};

TEST(ModelTask, CancelMeetsWaiting) { expectNoFailure<CancelMeetsWaiting>({.threads = 2}); }

/// A sibling's failure cancels a subtree while a canceller walks down from above.
class CancelWithinCancel : public Tasks {
public:
  CancelWithinCancel() {
    child = newEvent(0);
    inner = join(&parent, this, &child, 1).task;
    group[0] = inner;
    group[1] = newEvent(1);
    outer = join(&parent, this, group, 2).task;
    prepare({inner, outer});
  }
  void act(int number) override {
    if (number == 0)
      complete(0, child);
    else if (number == 1)
      complete(1, group[1], test::failure("bad"));
    else
      awgrt_cancel(&outer, 1);
  }
  void end() override {
    require(failureOf(outer) >= 1, "a failure was lost");
    require(ended == 2, "a task went on twice");
  }

private:
  awgrt_task *child, *inner, *group[2], *outer;
};

TEST(ModelTask, CancelWithinCancel) { expectNoFailure<CancelWithinCancel>(); }

//===-- Races and running in place ----------------------------------------------------------------------------------===//

class Race : public Tasks {
public:
  Race() {
    for (int i = 0; i < 2; ++i)
      children[i] = newEvent(i);
    waiter = race(&parent, this).task;
  }
  void act(int number) override {
    if (number == 0)
      resume(waiter);
    else
      complete(number - 1, children[number - 1]);
  }
  void end() override {
    require(failureOf(waiter) == 0, "a task failed");
    require(ended == 1, "a task went on twice");
  }

private:
  struct AwaitRace {
    awgrt_task *self, **tasks;
    bool await_ready() { return false; }
    template <typename Promise> bool await_suspend(std::coroutine_handle<Promise>) {
      return !awgrt_race(self, tasks, 2);
    }
    int64_t await_resume() { return awgrt_race_winner(self, tasks, 2); }
  };
  static Spawned race(awgrt_task *, Race *scenario) {
    awgrt_task *self = co_await Self{};
    int64_t winner = co_await AwaitRace{self, scenario->children};
    require(failureOf(scenario->children[winner]) == 0, "the winner did not end by itself");
    require(failureOf(scenario->children[1 - winner]) <= 1, "the other failed");
    for (int i = 0; i < 2; ++i)
      awgrt_task_free(scenario->children[i]);
    ++scenario->ended;
    co_return nullptr;
  }

  awgrt_task *children[3], *waiter; ///< and room for the winner
};

TEST(ModelTask, RaceHasOneWinner) { expectNoFailure<Race>(); }

/// A task runs the children that it made ready itself where it awaits them, unless a thief was there first.
class InPlace : public Tasks {
public:
  InPlace() { waiter = startAndJoin(&parent, this).task; }
  void act(int number) override {
    if (number == 0)
      resume(waiter);
    else if (awgrt_task *task = workers[0].deque.steal())
      resume(task);
  }
  void end() override {
    require(failureOf(waiter) == 0, "a task failed");
    require(ended == 1, "a task was lost, or went on twice");
    require(sum == 3, "a child did not run");
  }

private:
  static Spawned child(awgrt_task *, InPlace *scenario, int number) {
    scenario->sum.fetch_add(number);
    co_return nullptr;
  }
  static Spawned startAndJoin(awgrt_task *, InPlace *scenario) {
    awgrt_task *self = co_await Self{};
    awgrt_task *children[2] = {spawn(child(self, scenario, 1)), spawn(child(self, scenario, 2))};
    awgrt_error *error = co_await Await{self, children, 2};
    ++scenario->ended;
    for (awgrt_task *each : children)
      awgrt_task_free(each);
    co_return error;
  }

  awgrt_task *waiter;
  std::atomic<int> sum{0};
};

TEST(ModelTask, ChildrenInPlace) { expectNoFailure<InPlace>(); }

} // namespace
