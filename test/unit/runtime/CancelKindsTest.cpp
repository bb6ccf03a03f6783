// Cancellation of a task whatever it is doing, before, while and after it gets there.
#include "Operation.h"
#include "async/Runtime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

using namespace awg::test;

namespace {

constexpr int64_t hour = 3'600'000'000'000;

void slowUnits(const uint64_t *, int64_t begin, int64_t end, awgrt_failure *) {
  for (int64_t i = begin; i < end; ++i) {
    int64_t until = awgrt_now() + 1000;
    while (awgrt_now() < until) {
    }
  }
}

/// What the cancelled task waits at.
enum class At { Sleep, Receive, Send, File, Launch, Children };

/// A kernel over indices with one variant and one argument besides its extent.
struct EachKernel {
  awgrt_host_variant variant{};
  awgrt_kernel kernel{};
  uint8_t access[2] = {};

  explicit EachKernel(awgrt_host_kernel host) {
    variant.host = host;
    kernel.place = here;
    kernel.name = "each";
    kernel.shape = AWGRT_EACH;
    kernel.rank = 1;
    kernel.slot_count = 2;
    kernel.access = access;
    kernel.variant_count = 1;
    kernel.host = &variant;
  }
  awgrt_task *launch(awgrt_task *self, int64_t extent, void *argument) const {
    const uint64_t slots[2] = {0, reinterpret_cast<uint64_t>(argument)};
    return awgrt_launch(self, &here, &kernel, AWGRT_CPU, &extent, slots, nullptr);
  }
};

awgrt_task *startLaunch(awgrt_task *self) {
  static const EachKernel kernel(slowUnits);
  return kernel.launch(self, hour / 1000, nullptr);
}

Spawned waitAt(awgrt_task *, At at, awgrt_chan *channel, awgrt_str *path);

awgrt_task *startAt(awgrt_task *self, At at, awgrt_chan *channel, awgrt_str *path) {
  const uint64_t value = 1;
  switch (at) {
  case At::Sleep:
    return awgrt_sleep(self, &here, hour);
  case At::Receive:
    return awgrt_chan_recv(self, &here, channel);
  case At::Send:
    return awgrt_chan_send(self, &here, channel, &value);
  case At::File:
    return awgrt_read_text(self, &here, path);
  case At::Launch:
    return startLaunch(self);
  case At::Children:
    return spawn(waitAt(self, At::Sleep, channel, path));
  }
  return nullptr;
}

/// Waits over and over again, so that only the cancellation ends it.
Spawned waitAt(awgrt_task *, At at, awgrt_chan *channel, awgrt_str *path) {
  awgrt_task *self = co_await Self{};
  for (;;) {
    awgrt_task *task = startAt(self, at, channel, path);
    awgrt_error *error = co_await Await{self, &task, 1};
    if (at == At::File && awgrt_task_succeeded(task))
      awgrt_str_release(reinterpret_cast<awgrt_str *>(resultsOf(task)[0]));
    awgrt_task_free(task);
    if (error)
      co_return error;
  }
}

Spawned cancelAt(awgrt_task *, At at, int64_t delay, awgrt_chan *channel, awgrt_str *path) {
  awgrt_task *self = co_await Self{};
  awgrt_task *task = spawn(waitAt(self, at, channel, path));
  if (delay >= 0) {
    awgrt_task *pause = awgrt_sleep(self, &here, delay);
    awgrt_error_release(co_await Await{self, &pause, 1});
    awgrt_task_free(pause);
  }
  awgrt_cancel(&task, 1);
  awgrt_cancel(&task, 1); // once more changes nothing
  awgrt_error *error = co_await Await{self, &task, 1};
  awgrt_task_free(task);
  EXPECT_TRUE(error && awgrt_error_is_cancellation(error));
  awgrt_error_release(error);
  co_return nullptr;
}

class CancelAt : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, CancelAt, testing::Values(1, 3));

// Queued (without a delay), on its way, or waiting: the cancellation ends it, and is what its join gives.
TEST_P(CancelAt, EveryKind) {
  TestRuntime runtime(GetParam());
  std::string file = std::filesystem::temp_directory_path() / ("awg-cancel-" + std::to_string(getpid()));
  FILE *stream = fopen(file.c_str(), "w");
  ASSERT_NE(stream, nullptr);
  fputs("text", stream);
  fclose(stream);
  awgrt_str *path = str(file);
  for (At at : {At::Sleep, At::Receive, At::Send, At::File, At::Launch, At::Children})
    for (int64_t delay : {-1, 0, 10'000, 300'000}) {
      SCOPED_TRACE("at " + std::to_string(int(at)) + " after " + std::to_string(delay) + " ns");
      const uint8_t kind = AWGRT_I64;
      awgrt_chan *channel = nullptr;
      ASSERT_EQ(awgrt_chan_create(&here, 0, 1, &kind, &channel), nullptr);
      EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return cancelAt(root, at, delay, channel, path).task; })), "");
      awgrt_chan_release(channel);
    }
  awgrt_str_release(path);
  std::filesystem::remove(file);
}

//===-- Failures beside the first -----------------------------------------------------------------------------------===//

Spawned fail(awgrt_task *, std::string text) { co_return failure(text); }

/// Fails `count` times, and awaits that once all are over.
Spawned failMany(awgrt_task *, int count) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> children;
  for (int i = 0; i < count; ++i)
    children.push_back(spawn(fail(self, "child " + std::to_string(i))));
  while (!std::all_of(children.begin(), children.end(), [](const awgrt_task *child) { return awg::rt::isDone(child); })) {
    awgrt_task *pause = awgrt_sleep(self, &here, 1'000'000);
    awgrt_error_release(co_await Await{self, &pause, 1});
    awgrt_task_free(pause);
  }
  awgrt_error *error = co_await Await{self, children.data(), count};
  for (awgrt_task *child : children)
    awgrt_task_free(child);
  co_return error;
}

std::string printed(awgrt_error *error) {
  testing::internal::CaptureStderr();
  awgrt_error_print(error);
  awgrt_error_release(error);
  return testing::internal::GetCapturedStderr();
}

int countOf(const std::string &text, const std::string &part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

// The first is the failure, four more are listed, the rest counted.
TEST(AlsoFailed, ListedAndCounted) {
  TestRuntime runtime(2);
  for (int count : {1, 2, 5, 6, 40}) {
    std::string text = printed(runtime.run([&](awgrt_task *root) { return failMany(root, count).task; }));
    EXPECT_EQ(countOf(text, "error: child"), 1) << text;
    EXPECT_EQ(countOf(text, "  also failed: child"), std::min(count - 1, 4)) << text;
    EXPECT_EQ(countOf(text, "more failure"), count > 5) << text;
    if (count == 6)
      EXPECT_NE(text.find("  and 1 more failure\n"), std::string::npos) << text;
    if (count == 40)
      EXPECT_NE(text.find("  and 35 more failures\n"), std::string::npos) << text;
  }
}

// A launch may be all that a host thread waits for.
TEST(LaunchFromHost, AsRoot) {
  const EachKernel kernel([](const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
    reinterpret_cast<std::atomic<int64_t> *>(slots[1])->fetch_add(end - begin);
  });
  TestRuntime runtime(2);
  std::atomic<int64_t> ran{0};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return kernel.launch(root, 5, &ran); })), "");
  EXPECT_EQ(ran.load(), 5);
}

} // namespace
