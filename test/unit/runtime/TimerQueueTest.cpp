// The queue of timers against an ordered set, over random times: few and many different ones, rising and not.
#include "async/TimerQueue.h"

#include "async/Task.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

using namespace awg::rt;

namespace {

class TimerQueueTest : public testing::Test {
protected:
  /// By deadline, then by the order in which they were added.
  std::map<std::pair<int64_t, int64_t>, awgrt_task *> expected;
  std::map<awgrt_task *, std::pair<int64_t, int64_t>> keys;
  std::vector<std::unique_ptr<awgrt_task>> tasks;
  std::vector<awgrt_task *> resting; ///< in no queue
  TimerQueue queue;
  int64_t now = 0, added = 0;

  void add(int64_t nanoseconds) {
    if (resting.empty()) {
      tasks.push_back(std::make_unique<awgrt_task>());
      tasks.back()->sleepIndex = -1;
      resting.push_back(tasks.back().get());
    }
    awgrt_task *task = resting.back();
    resting.pop_back();
    queue.add(task, now + nanoseconds, nanoseconds);
    keys[task] = {now + nanoseconds, added++};
    expected[keys[task]] = task;
  }

  void remove(awgrt_task *task) {
    EXPECT_TRUE(queue.remove(task));
    EXPECT_FALSE(queue.remove(task));
    forget(task);
  }

  void forget(awgrt_task *task) {
    expected.erase(keys[task]);
    keys.erase(task);
    resting.push_back(task);
    EXPECT_EQ(task->sleepIndex, -1);
  }

  /// Takes all that are due, at most `most`.
  void takeDue(int64_t most) {
    for (; most > 0; --most) {
      Timer timer = queue.takeDue(now);
      bool isDue = !expected.empty() && expected.begin()->first.first <= now;
      ASSERT_EQ(timer.task, isDue ? expected.begin()->second : nullptr);
      if (!isDue)
        return;
      EXPECT_EQ(timer.deadline, expected.begin()->first.first);
      forget(timer.task);
    }
  }

  void checkFirst() {
    const Timer *first = queue.first();
    ASSERT_EQ(first != nullptr, !expected.empty());
    if (first)
      EXPECT_EQ(first->task, expected.begin()->second);
  }
};

TEST_F(TimerQueueTest, KeepsTheOrder) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    // How many different times there are, and how often one is taken out.
    int64_t times = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 4 : 1'000'000;
    unsigned removals = seed % 2 == 0 ? 8 : 2;
    for (int step = 0; step < 4000; ++step) {
      now += int64_t(random() % 50);
      if (random() % 2 == 0)
        add(int64_t(random() % uint64_t(times)) * 1000);
      else if (random() % removals == 0)
        takeDue(int64_t(random() % 8));
      else if (!keys.empty())
        remove(std::next(keys.begin(), int64_t(random() % std::min<size_t>(keys.size(), 50)))->first);
      checkFirst();
    }
    now += int64_t(1) << 40;
    takeDue(INT64_MAX);
  }
}

// Timers that are nearly all taken out again, as time limits are, leave nothing behind.
TEST_F(TimerQueueTest, TimeLimits) {
  add(1'000'000);
  for (int k = 0; k < 100'000; ++k) {
    ++now;
    add(1'000'000);
    remove(std::prev(expected.end())->second);
    checkFirst();
  }
  for (int k = 0; k < 1000; ++k)
    add(2000 + k);
  while (expected.size() > 2)
    remove(std::next(expected.begin())->second);
  now += 2'000'000;
  takeDue(3);
  EXPECT_EQ(queue.first(), nullptr);
}

TEST_F(TimerQueueTest, ExtremeTimes) {
  now = 1;
  for (int64_t time : {INT64_MAX - 1, int64_t(0), int64_t(1), INT64_MAX - 1, int64_t(1) << 62})
    add(time);
  checkFirst();
  takeDue(1);
  now = INT64_MAX;
  takeDue(10);
}

} // namespace
