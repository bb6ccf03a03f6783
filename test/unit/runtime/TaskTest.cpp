// Tasks: direct and spawned children, joins, failures, traces, many tasks.
#include "Operation.h"

#include <gtest/gtest.h>

#include <atomic>

using namespace awg::test;

namespace {

class Tasks : public testing::TestWithParam<int> {
protected:
  TestRuntime runtime{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Workers, Tasks, testing::Values(1, 2, 7));

Direct addDirect(awgrt_task *, uint64_t a, uint64_t b) {
  resultsOf(co_await Self{})[0] = a + b;
  co_return nullptr;
}

Spawned awaitDirect(awgrt_task *) {
  awgrt_task *self = co_await Self{};
  awgrt_task *child = addDirect(self, 2, 3).task;
  awgrt_error *error = co_await Await{self, &child, 1};
  resultsOf(self)[0] = resultsOf(child)[0];
  awgrt_task_free(child);
  co_return error;
}

// A child that never suspends runs on its parent's stack.
TEST_P(Tasks, DirectAwait) {
  uint64_t result = 0;
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return awaitDirect(root).task; }, &result)), "");
  EXPECT_EQ(result, 5u);
}

Spawned fibonacci(awgrt_task *, uint64_t n) {
  awgrt_task *self = co_await Self{};
  if (n < 2) {
    resultsOf(self)[0] = n;
    co_return nullptr;
  }
  awgrt_task *children[2] = {spawn(fibonacci(self, n - 1)), spawn(fibonacci(self, n - 2))};
  awgrt_error *error = co_await Await{self, children, 2};
  resultsOf(self)[0] = resultsOf(children[0])[0] + resultsOf(children[1])[0];
  awgrt_task_free(children[0]);
  awgrt_task_free(children[1]);
  co_return error;
}

// A tree of spawned tasks: every await suspends, every completion may resume a parent elsewhere.
TEST_P(Tasks, SpawnTree) {
  uint64_t result = 0;
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return fibonacci(root, 20).task; }, &result)), "");
  EXPECT_EQ(result, 6765u);
}

Spawned countOne(awgrt_task *, std::atomic<int64_t> *counter) {
  counter->fetch_add(1, std::memory_order_relaxed);
  co_return nullptr;
}

Spawned countMany(awgrt_task *, std::atomic<int64_t> *counter, int64_t rounds, int64_t width) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> children(width);
  for (int64_t round = 0; round < rounds; ++round) {
    for (awgrt_task *&child : children)
      child = spawn(countOne(self, counter));
    awgrt_error *error = co_await Await{self, children.data(), width};
    for (awgrt_task *child : children)
      awgrt_task_free(child);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

// More tasks at once than a worker's queue holds.
TEST_P(Tasks, MillionTasks) {
  std::atomic<int64_t> counter{0};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return countMany(root, &counter, 10, 100'000).task; })), "");
  EXPECT_EQ(counter.load(), 1'000'000);
}

// One child at a time: the shortest way from completion to resumption, with others always looking for work.
TEST_P(Tasks, PingPong) {
  std::atomic<int64_t> counter{0};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return countMany(root, &counter, 100'000, 1).task; })), "");
  EXPECT_EQ(counter.load(), 100'000);
}

Direct sinkDirect(awgrt_task *, int64_t depth) {
  awgrt_task *self = co_await Self{};
  awgrt_task *child = depth == 0 ? awgrt_sleep(self, &here, 1000) : sinkDirect(self, depth - 1).task;
  awgrt_error *error = co_await Await{self, &child, 1};
  awgrt_task_free(child);
  co_return error;
}

Spawned startSinking(awgrt_task *, int64_t depth) {
  awgrt_task *self = co_await Self{};
  awgrt_task *child = sinkDirect(self, depth).task;
  awgrt_error *error = co_await Await{self, &child, 1};
  awgrt_task_free(child);
  co_return error;
}

// A long chain of waiting parents is resumed without recursion.
TEST_P(Tasks, DeepChain) {
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return startSinking(root, 10'000).task; })), "");
}

Spawned failAfter(awgrt_task *, int64_t nanoseconds, std::string text) {
  awgrt_task *self = co_await Self{};
  awgrt_task *sleep = awgrt_sleep(self, &here, nanoseconds);
  awgrt_error *error = co_await Await{self, &sleep, 1};
  awgrt_task_free(sleep);
  co_return error ? error : failure(text);
}

Spawned joinFailures(awgrt_task *) {
  awgrt_task *self = co_await Self{};
  awgrt_task *children[3] = {spawn(failAfter(self, 3'600'000'000'000, "late")),
                             spawn(failAfter(self, 1'000'000, "early")), awgrt_sleep(self, &here, 3'600'000'000'000)};
  awgrt_error *error = co_await Await{self, children, 3};
  for (awgrt_task *child : children) {
    EXPECT_FALSE(awgrt_task_succeeded(child));
    awgrt_task_free(child);
  }
  co_return error;
}

// The first failure cancels the siblings, which would take an hour, and is the one re-raised.
TEST_P(Tasks, FirstFailureCancelsSiblings) {
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return joinFailures(root).task; })), "early");
}

Spawned joinDoneFailure(awgrt_task *) {
  awgrt_task *self = co_await Self{};
  awgrt_task *failing = spawn(failAfter(self, 0, "early"));
  awgrt_task *pause = awgrt_sleep(self, &here, 2'000'000);
  EXPECT_EQ(co_await (Await{self, &pause, 1}), nullptr);
  awgrt_task_free(pause);
  awgrt_task *children[2] = {awgrt_sleep(self, &here, 3'600'000'000'000), failing};
  awgrt_error *error = co_await Await{self, children, 2};
  awgrt_task_free(children[0]);
  awgrt_task_free(children[1]);
  co_return error;
}

// A failure from before the await counts too.
TEST_P(Tasks, EarlierFailureCancelsSiblings) {
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return joinDoneFailure(root).task; })), "early");
}

constexpr awgrt_place brewPlace = {"morning.awg", "brew_coffee", 4, 17, nullptr, nullptr};
constexpr awgrt_place mainPlace = {"morning.awg", "main", 15, 31, nullptr, nullptr};

Spawned brew(awgrt_task *) {
  static constexpr uint8_t kinds[] = {AWGRT_I64};
  static constexpr awgrt_site site = {brewPlace, "the machine overheats at {} cups", kinds, 1};
  uint64_t cups = 9;
  co_return awgrt_error_create(&site, &cups);
}

Spawned awaitBrew(awgrt_task *) {
  awgrt_task *self = co_await Self{};
  awgrt_task *child = spawn(brew(self));
  awgrt_error *error = co_await Await{self, &child, 1, &mainPlace};
  awgrt_task_free(child);
  co_return error;
}

// A failure carries its place and the chain of awaits.
TEST_P(Tasks, FailureTrace) {
  awgrt_error *error = runtime.run([](awgrt_task *root) { return awaitBrew(root).task; });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(take(awgrt_error_place(error)), "morning.awg:4:17");
  testing::internal::CaptureStderr();
  awgrt_error_print(error);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: the machine overheats at 9 cups\n"
                                                    "  at morning.awg:4:17 in brew_coffee\n"
                                                    "  awaited at morning.awg:15:31 in main\n");
  awgrt_error_release(error);
}

// Two runtimes of one process do not mix.
TEST(Runtimes, SideBySide) {
  TestRuntime first(2), second(3);
  uint64_t inner = 0, outer = 0;
  auto nested = [&](awgrt_task *root) {
    EXPECT_EQ(message(second.run([](awgrt_task *root) { return fibonacci(root, 10).task; }, &inner)), "");
    return fibonacci(root, 11).task;
  };
  EXPECT_EQ(message(first.run(nested, &outer)), "");
  EXPECT_EQ(inner, 55u);
  EXPECT_EQ(outer, 89u);
}

// A runtime that never ran anything starts no thread and ends at once.
TEST(Runtimes, CreateAndDestroy) {
  for (int i = 0; i < 100; ++i)
    TestRuntime runtime(64);
}

} // namespace
