// Channels under many senders and receivers, cancellation in the middle of it, closing, and the report of a deadlock.
#include "Operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>

using namespace awg::test;

namespace {

constexpr uint8_t number = AWGRT_I64;

awgrt_chan *newChannel(int64_t capacity) {
  awgrt_chan *channel = nullptr;
  EXPECT_EQ(awgrt_chan_create(&here, capacity, 1, &number, &channel), nullptr);
  return channel;
}

class Channel : public testing::TestWithParam<int> {
protected:
  TestRuntime runtime{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Workers, Channel, testing::Values(1, 2, 7));

Spawned sendNumbers(awgrt_task *, awgrt_chan *channel, uint64_t first, uint64_t count) {
  awgrt_task *self = co_await Self{};
  for (uint64_t value = first; value < first + count; ++value) {
    awgrt_task *send = awgrt_chan_send(self, &here, channel, &value);
    awgrt_error *error = co_await Await{self, &send, 1};
    awgrt_task_free(send);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

/// Receives until the channel is closed, and adds what it gets to `seen`, which has a counter a value.
Spawned receiveAll(awgrt_task *, awgrt_chan *channel, std::vector<std::atomic<int>> *seen) {
  awgrt_task *self = co_await Self{};
  for (;;) {
    awgrt_task *next = awgrt_chan_next(self, &here, channel);
    awgrt_error *error = co_await Await{self, &next, 1};
    uint64_t isSome = resultsOf(next)[0], value = resultsOf(next)[1];
    awgrt_task_free(next);
    if (error || !isSome)
      co_return error;
    (*seen)[value].fetch_add(1);
  }
}

Spawned exchange(awgrt_task *, awgrt_chan *channel, std::vector<std::atomic<int>> *seen, int senders, int receivers) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> sending, receiving;
  uint64_t each = seen->size() / senders;
  for (int k = 0; k < receivers; ++k)
    receiving.push_back(spawn(receiveAll(self, channel, seen)));
  for (int k = 0; k < senders; ++k)
    sending.push_back(spawn(sendNumbers(self, channel, k * each, each)));
  awgrt_error *error = co_await Await{self, sending.data(), int64_t(sending.size())};
  awgrt_chan_close(channel);
  awgrt_error *second = co_await Await{self, receiving.data(), int64_t(receiving.size())};
  for (awgrt_task *task : sending)
    awgrt_task_free(task);
  for (awgrt_task *task : receiving)
    awgrt_task_free(task);
  awgrt_error_release(second);
  co_return error;
}

// Every value arrives once, whatever the capacity and whoever is faster.
TEST_P(Channel, LosesAndRepeatsNothing) {
  for (int64_t capacity : {0, 1, 2, 7, 64, 100000})
    for (auto [senders, receivers] : {std::pair(1, 1), {1, 5}, {5, 1}, {4, 4}}) {
      std::vector<std::atomic<int>> seen(2000);
      awgrt_chan *channel = newChannel(capacity);
      EXPECT_EQ(message(runtime.run([&, senders = senders, receivers = receivers](awgrt_task *root) {
        return exchange(root, channel, &seen, senders, receivers).task;
      })), "");
      EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](auto &count) { return count == 1; }))
          << "capacity " << capacity;
      awgrt_chan_release(channel);
    }
}

Spawned cancelReceivers(awgrt_task *, awgrt_chan *channel, std::vector<std::atomic<int>> *seen, int64_t delay) {
  awgrt_task *self = co_await Self{};
  awgrt_task *receivers[3], *sender = spawn(sendNumbers(self, channel, 0, seen->size()));
  for (awgrt_task *&receiver : receivers)
    receiver = spawn(receiveAll(self, channel, seen));
  awgrt_task *pause = awgrt_sleep(self, &here, delay);
  awgrt_error *none = co_await Await{self, &pause, 1};
  awgrt_task_free(pause);
  // All but the last are cancelled, in the middle of what they do; the last one gets what they did not take.
  awgrt_cancel(receivers, 2);
  for (awgrt_task *receiver : {receivers[0], receivers[1], sender}) {
    awgrt_error *error = co_await Await{self, &receiver, 1};
    if (error && !awgrt_error_is_cancellation(error))
      none = error;
    else
      awgrt_error_release(error);
  }
  awgrt_chan_close(channel);
  awgrt_error *error = co_await Await{self, &receivers[2], 1};
  awgrt_error_release(error);
  for (awgrt_task *receiver : receivers)
    awgrt_task_free(receiver);
  awgrt_task_free(sender);
  co_return none;
}

// A cancelled receive takes no value with it, or a whole one; no value arrives twice. What a receive had got when its task
// was cancelled is lost with the task: at most one value for each.
TEST_P(Channel, CancelledReceivesTakeNothing) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 200; ++run) {
    std::vector<std::atomic<int>> seen(200);
    awgrt_chan *channel = newChannel(random() % 4);
    int64_t delay = random() % 100'000;
    EXPECT_EQ(message(runtime.run(
                  [&](awgrt_task *root) { return cancelReceivers(root, channel, &seen, delay).task; })),
              "");
    int64_t lost = std::count_if(seen.begin(), seen.end(), [](auto &count) { return count == 0; });
    EXPECT_LE(lost, 2);
    EXPECT_TRUE(std::none_of(seen.begin(), seen.end(), [](auto &count) { return count > 1; }));
    awgrt_chan_release(channel);
  }
}

Spawned closeWhileSending(awgrt_task *, awgrt_chan *channel) {
  awgrt_task *self = co_await Self{};
  awgrt_task *sender = spawn(sendNumbers(self, channel, 0, 5));
  awgrt_task *pause = awgrt_sleep(self, &here, 2'000'000);
  awgrt_error *none = co_await Await{self, &pause, 1};
  awgrt_task_free(pause);
  awgrt_chan_close(channel);
  awgrt_error *error = co_await Await{self, &sender, 1};
  awgrt_task_free(sender);
  awgrt_error_release(none);
  co_return error;
}

TEST_P(Channel, ClosingRejectsWaitingSenders) {
  awgrt_chan *channel = newChannel(1);
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return closeWhileSending(root, channel).task; })),
            "channel closed");
  awgrt_chan_release(channel);
}

// Two tasks that wait for each other end with a report that names both.
TEST_P(Channel, DeadlockIsReported) {
  awgrt_chan *a = newChannel(0), *b = newChannel(0);
  std::vector<std::atomic<int>> seen(1);
  std::string text = message(runtime.run([&](awgrt_task *root) { return exchange(root, a, &seen, 1, 0).task; }));
  EXPECT_EQ(text.rfind("deadlock", 0), 0u) << text;
  EXPECT_NE(text.find("waits to send"), std::string::npos) << text;
  awgrt_chan_release(a);
  awgrt_chan_release(b);
}

Spawned receiveAfter(awgrt_task *, awgrt_chan *channel, int64_t delay) {
  awgrt_task *self = co_await Self{};
  awgrt_task *pause = awgrt_sleep(self, &here, delay);
  awgrt_error *none = co_await Await{self, &pause, 1};
  awgrt_task_free(pause);
  awgrt_task *next = awgrt_chan_next(self, &here, channel);
  awgrt_error *error = co_await Await{self, &next, 1};
  awgrt_task_free(next);
  awgrt_error_release(none);
  co_return error;
}

Spawned meetLater(awgrt_task *, awgrt_chan *channel, int64_t delay) {
  awgrt_task *self = co_await Self{};
  awgrt_task *tasks[] = {spawn(sendNumbers(self, channel, 0, 1)), spawn(receiveAfter(self, channel, delay))};
  awgrt_error *error = co_await Await{self, tasks, 2};
  for (awgrt_task *task : tasks)
    awgrt_task_free(task);
  co_return error;
}

// A task that waits at a channel while a timer is pending is no deadlock, however close the two come to each other.
TEST_P(Channel, PendingTimersAreNoDeadlock) {
  std::mt19937 random(7);
  for (int run = 0; run < 300; ++run) {
    awgrt_chan *channel = newChannel(0);
    int64_t delay = 1000 + random() % 100'000;
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return meetLater(root, channel, delay).task; })), "");
    awgrt_chan_release(channel);
  }
}

} // namespace
