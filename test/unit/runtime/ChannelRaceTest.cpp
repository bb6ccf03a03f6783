// Sends and receives that are arms of races: only the first to end has happened, on both ends, whoever meets whom.
#include "Operation.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <vector>

using namespace awg::test;

namespace {

/// `co_await Race{self, tasks, count}` gives the position of the first to end. `tasks` has room for one more.
struct Race {
  awgrt_task *self;
  awgrt_task **tasks;
  int64_t count;

  bool await_ready() { return false; }
  template <typename Promise> bool await_suspend(std::coroutine_handle<Promise>) {
    return !awgrt_race(self, tasks, count);
  }
  int64_t await_resume() { return awgrt_race_winner(self, tasks, count); }
};

/// Channels of strings, and for each number how often it was sent and received.
struct Exchange {
  static constexpr int channelCount = 3;
  std::array<awgrt_chan *, channelCount> channels;
  std::vector<std::atomic<int>> sent, seen;
  std::atomic<size_t> seenCount{0};
  std::atomic<int> mistakes{0};

  explicit Exchange(size_t numbers) : sent(numbers), seen(numbers) {
    const uint8_t kind = AWGRT_STR;
    for (int64_t k = 0; k < channelCount; ++k)
      EXPECT_EQ(awgrt_chan_create(&here, k, 1, &kind, &channels[k]), nullptr);
  }
  ~Exchange() {
    for (awgrt_chan *channel : channels)
      awgrt_chan_release(channel);
  }

  void receive(awgrt_task *operation) {
    seen[std::stoul(take(reinterpret_cast<awgrt_str *>(resultsOf(operation)[0])))].fetch_add(1);
    if (seenCount.fetch_add(1) + 1 == seen.size())
      close();
  }
  void close() {
    for (awgrt_chan *channel : channels)
      awgrt_chan_close(channel);
  }
};

/// Sends the numbers, each in a race of one or two sends with receives from all channels, and receives from then on, until the
/// channels are closed or it is cancelled. The arms are in an order by chance.
Spawned takePart(awgrt_task *, Exchange *all, size_t first, size_t count) {
  awgrt_task *self = co_await Self{};
  std::mt19937 random(unsigned(first + 1));
  for (size_t number = first;;) {
    constexpr int most = Exchange::channelCount + 2;
    bool sends = number < first + count;
    int arms = Exchange::channelCount + (sends ? 1 + int(random() % 2) : 0);
    std::array<int, most> order;
    awgrt_task *tasks[most + 1];
    for (int k = 0; k < arms; ++k) {
      order[k] = k;
      std::swap(order[k], order[random() % (k + 1)]);
    }
    for (int k = 0; k < arms; ++k) {
      if (order[k] < Exchange::channelCount) {
        tasks[k] = awgrt_chan_recv_later(self, &here, all->channels[order[k]]);
      } else {
        auto value = reinterpret_cast<uint64_t>(str(std::to_string(number)));
        tasks[k] = awgrt_chan_send_later(self, &here, all->channels[random() % Exchange::channelCount], &value);
      }
    }
    int64_t winner = co_await Race{self, tasks, arms};
    bool succeeded = false;
    for (int k = 0; k < arms; ++k) {
      if (awgrt_task_succeeded(tasks[k])) {
        if (succeeded || k != winner)
          all->mistakes.fetch_add(1);
        succeeded = true;
        if (order[k] < Exchange::channelCount)
          all->receive(tasks[k]);
        else
          all->sent[number++].fetch_add(1);
      }
      awgrt_task_free(tasks[k]);
    }
    if (!succeeded)
      co_return nullptr;
  }
}

/// Has tasks take part, and cancels them after `delay` nanoseconds, if that is not 0.
Spawned meet(awgrt_task *, Exchange *all, int count, int64_t delay) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> tasks;
  size_t each = all->sent.size() / count;
  for (int k = 0; k < count; ++k)
    tasks.push_back(spawn(takePart(self, all, k * each, each)));
  if (delay) {
    awgrt_task *pause = awgrt_sleep(self, &here, delay);
    awgrt_error_release(co_await Await{self, &pause, 1});
    awgrt_task_free(pause);
    awgrt_cancel(tasks.data(), count);
  }
  awgrt_error *error = co_await Await{self, tasks.data(), count};
  for (awgrt_task *task : tasks)
    awgrt_task_free(task);
  all->close();
  for (awgrt_chan *channel : all->channels)
    for (bool isSome = true; isSome;) {
      awgrt_task *next = awgrt_chan_next(self, &here, channel);
      awgrt_error_release(co_await Await{self, &next, 1});
      isSome = resultsOf(next)[0];
      if (isSome)
        all->seen[std::stoul(take(reinterpret_cast<awgrt_str *>(resultsOf(next)[1])))].fetch_add(1);
      awgrt_task_free(next);
    }
  co_return error;
}

class ChannelRace : public testing::TestWithParam<int> {
protected:
  TestRuntime runtime{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Workers, ChannelRace, testing::Values(1, 2, 7));

TEST_P(ChannelRace, RacesThatMeetLoseAndRepeatNothing) {
  for (int tasks : {2, 3, 8}) {
    Exchange all(1200);
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return meet(root, &all, tasks, 0).task; })), "");
    EXPECT_EQ(all.mistakes, 0);
    for (size_t number = 0; number < all.sent.size(); ++number)
      EXPECT_TRUE(all.sent[number] == 1 && all.seen[number] == 1) << number << " among " << tasks;
  }
}

// Whatever was sent was received, or is still in a channel, wherever the races were cancelled.
TEST_P(ChannelRace, CancelledRacesLoseAndRepeatNothing) {
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 30; ++run) {
    Exchange all(600);
    int64_t delay = 1 + random() % 200'000;
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return meet(root, &all, 5, delay).task; })), "");
    EXPECT_EQ(all.mistakes, 0);
    for (size_t number = 0; number < all.sent.size(); ++number)
      EXPECT_TRUE(all.sent[number] <= 1 && all.seen[number] == all.sent[number]) << number;
  }
}

} // namespace
