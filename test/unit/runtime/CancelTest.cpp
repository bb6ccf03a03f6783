// Cancellation of tasks that sleep, wait, run and are queued, and the timers' order.
#include "Operation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

using namespace awg::test;

namespace {

constexpr int64_t hour = 3'600'000'000'000;

class Cancel : public testing::TestWithParam<int> {
protected:
  TestRuntime runtime{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Workers, Cancel, testing::Values(1, 2, 7));

Spawned sleepDeep(awgrt_task *, int depth, int64_t nanoseconds, std::atomic<int> *cancelled) {
  awgrt_task *self = co_await Self{};
  awgrt_task *children[2];
  int64_t count = depth == 0 ? 1 : 2;
  for (int64_t i = 0; i < count; ++i)
    children[i] = depth == 0 ? awgrt_sleep(self, &here, nanoseconds)
                             : spawn(sleepDeep(self, depth - 1, nanoseconds, cancelled));
  awgrt_error *error = co_await Await{self, children, count};
  for (int64_t i = 0; i < count; ++i)
    awgrt_task_free(children[i]);
  if (error && awgrt_error_is_cancellation(error))
    cancelled->fetch_add(1);
  co_return error;
}

/// Starts a tree of sleepers, waits a while, cancels the tree and joins it.
Spawned cancelTree(awgrt_task *, int64_t delay, int64_t nanoseconds, std::atomic<int> *cancelled) {
  awgrt_task *self = co_await Self{};
  awgrt_task *tree = spawn(sleepDeep(self, 4, nanoseconds, cancelled));
  awgrt_task *pause = awgrt_sleep(self, &here, delay);
  awgrt_error *none = co_await Await{self, &pause, 1};
  awgrt_task_free(pause);
  awgrt_cancel(&tree, 1);
  awgrt_error *error = co_await Await{self, &tree, 1};
  awgrt_task_free(tree);
  awgrt_error_release(error);
  co_return none;
}

// A whole tree of sleepers ends at once, each with the cancellation.
TEST_P(Cancel, TreeOfSleepers) {
  std::atomic<int> cancelled{0};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return cancelTree(root, 5'000'000, hour, &cancelled).task; })),
            "");
  EXPECT_EQ(cancelled.load(), 31);
}

// Tasks that are cancelled before they have run see it at their first await.
TEST_P(Cancel, BeforeTheStart) {
  std::atomic<int> cancelled{0};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return cancelTree(root, 0, hour, &cancelled).task; })), "");
  EXPECT_GE(cancelled.load(), 1);
}

// Cancellation races with the ends of the sleeps; nothing is lost, leaked or freed twice.
TEST_P(Cancel, RacesWithCompletion) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    std::atomic<int> cancelled{0};
    int64_t delay = 1000 + random() % 200'000, length = 1000 + random() % 200'000;
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return cancelTree(root, delay, length, &cancelled).task; })),
              "");
  }
}

Spawned failSoon(awgrt_task *, int64_t nanoseconds) {
  awgrt_task *self = co_await Self{};
  awgrt_task *sleep = awgrt_sleep(self, &here, nanoseconds);
  awgrt_error *error = co_await Await{self, &sleep, 1};
  awgrt_task_free(sleep);
  co_return error ? error : failure("soon");
}

/// Many siblings that fail or sleep, in nested groups, so that cancellations meet on the way.
Spawned failTogether(awgrt_task *, int depth, std::vector<int64_t> delays) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> children;
  for (int64_t delay : delays)
    children.push_back(depth == 0 ? spawn(failSoon(self, delay)) : spawn(failTogether(self, depth - 1, delays)));
  awgrt_error *error = co_await Await{self, children.data(), int64_t(children.size())};
  for (awgrt_task *child : children)
    awgrt_task_free(child);
  co_return error;
}

TEST_P(Cancel, FailuresMeetInATree) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 200; ++i) {
    std::vector<int64_t> delays;
    for (int k = 0; k < 4; ++k)
      delays.push_back(int64_t(random() % 50'000));
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return failTogether(root, 2, delays).task; })),
              "soon");
  }
}

Spawned recordOrder(awgrt_task *, int64_t nanoseconds, int number, std::vector<int> *order) {
  awgrt_task *self = co_await Self{};
  awgrt_task *sleep = awgrt_sleep(self, &here, nanoseconds);
  awgrt_error *error = co_await Await{self, &sleep, 1};
  awgrt_task_free(sleep);
  order->push_back(number);
  co_return error;
}

Spawned sleepInOrder(awgrt_task *, int64_t between, std::vector<int> *order) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> children;
  for (int i = 0; i < 8; ++i)
    children.push_back(spawn(recordOrder(self, (8 - i) * between, i, order)));
  awgrt_error *error = co_await Await{self, children.data(), 8};
  for (awgrt_task *child : children)
    awgrt_task_free(child);
  co_return error;
}

// Timers fire by deadline, whatever the order they were set in; those that are found due together may run in any order, and so have
// more time between them the next time.
TEST(Timers, Order) {
  TestRuntime runtime(1);
  std::vector<int> order, expected{7, 6, 5, 4, 3, 2, 1, 0};
  for (int64_t between = 5'000'000; between < 10'000'000'000 && order != expected; between *= 2) {
    order.clear();
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return sleepInOrder(root, between, &order).task; })), "");
  }
  EXPECT_EQ(order, expected);
}

// A sleep takes at least its time, and a negative one none.
TEST(Timers, Length) {
  TestRuntime runtime(2);
  int64_t start = awgrt_now();
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return awgrt_sleep(root, &here, 5'000'000); })), "");
  EXPECT_GE(awgrt_now() - start, 5'000'000);
  EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return awgrt_sleep(root, &here, -1); })), "");
}

} // namespace
