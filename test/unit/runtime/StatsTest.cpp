// The counts of a runtime, the quantiles of its times, and its trace.
#include "Operation.h"
#include "trace/Stats.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

using namespace awg::test;
using awg::rt::Histogram;

namespace {

TEST(Histogram, BucketsHoldTimesToAFifth) {
  for (int64_t time = 0; time < 100'000; ++time) {
    int32_t bucket = Histogram::bucketOf(time);
    EXPECT_LE(time, Histogram::endOf(bucket));
    EXPECT_LE(Histogram::endOf(bucket), time + time / 4);
    if (bucket > 0)
      EXPECT_GT(time, Histogram::endOf(bucket - 1));
  }
  EXPECT_EQ(Histogram::bucketOf(-5), 0);
  EXPECT_EQ(Histogram::bucketOf(INT64_MAX), Histogram::bucketCount - 1);
}

Spawned nap(awgrt_task *, int64_t nanoseconds) {
  awgrt_task *self = co_await Self{};
  awgrt_task *sleep = awgrt_sleep(self, &here, nanoseconds);
  awgrt_error *error = co_await Await{self, &sleep, 1};
  awgrt_task_free(sleep);
  co_return error;
}

Spawned naps(awgrt_task *, int64_t count, int64_t nanoseconds) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> tasks;
  for (int64_t k = 0; k < count; ++k)
    tasks.push_back(spawn(nap(self, nanoseconds)));
  awgrt_error *error = co_await Await{self, tasks.data(), count};
  for (awgrt_task *task : tasks)
    awgrt_task_free(task);
  co_return error;
}

TEST(Stats, CountWhatHappened) {
  // Who is held up for longer than a sleep takes need not wait for it, which saves a run: then the sleeps are to be longer.
  bool allWaited = false;
  for (int64_t time = 50'000'000; time < 20'000'000'000 && !allWaited; time *= 2) {
    awgrt_runtime *runtime = nullptr;
    ASSERT_EQ(awgrt_runtime_create("cpu:2", &runtime), nullptr);
    auto start = [](awgrt_task *root, void *time) { return naps(root, 100, *static_cast<int64_t *>(time)).task; };
    EXPECT_EQ(message(awgrt_runtime_run(runtime, start, nullptr, &time)), "");
    awgrt_stats stats;
    awgrt_runtime_stats(runtime, &stats);
    EXPECT_EQ(stats.workers, 2);
    EXPECT_EQ(stats.tasks, 101);
    EXPECT_EQ(stats.sleeps, 100);
    EXPECT_GE(stats.runs, 101);
    EXPECT_LE(stats.runs, 202); // each once to its await and once from there on
    allWaited = stats.runs == 202 && stats.parks >= 1 && stats.idle > 0;
    EXPECT_EQ(stats.launches, 0);
    EXPECT_LE(stats.idle, 2 * stats.elapsed);
    EXPECT_GE(stats.elapsed, time);
    EXPECT_LE(stats.late_median, stats.late_p99);
    awgrt_runtime_destroy(runtime);
  }
  EXPECT_TRUE(allWaited);
}

TEST(Trace, IsRefusedWhereItCannotBeWritten) {
  awgrt_runtime *runtime = nullptr;
  ASSERT_EQ(awgrt_runtime_create("cpu:1", &runtime), nullptr);
  EXPECT_EQ(message(awgrt_runtime_trace(runtime, "/nowhere/trace.json")),
            "cannot write the trace /nowhere/trace.json: No such file or directory");
  awgrt_runtime_destroy(runtime);
}

// Many short tasks: an event says how many before it were left out, and together they are all.
TEST(Trace, LeavesOutWhatComesTooFast) {
  std::string path = testing::TempDir() + "/awg-trace-" + std::to_string(getpid()) + ".json";
  awgrt_runtime *runtime = nullptr;
  ASSERT_EQ(awgrt_runtime_create("cpu:1", &runtime), nullptr);
  ASSERT_EQ(awgrt_runtime_trace(runtime, path.c_str()), nullptr);
  auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(message(awgrt_runtime_run(
                runtime, [](awgrt_task *root, void *) { return naps(root, 20000, 100'000'000).task; }, nullptr, nullptr)),
            "");
  awgrt_runtime_destroy(runtime);
  auto intervals = (std::chrono::steady_clock::now() - begin) / std::chrono::microseconds(100);

  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  int64_t events = 0, left = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.find("\"tid\":1,") == std::string::npos || line.find("\"ph\":\"X\"") == std::string::npos)
      continue;
    ++events;
    if (size_t at = line.find("left out before\":"); at != std::string::npos)
      left += std::stoll(line.substr(at + 17));
  }
  EXPECT_GT(events, 1);
  EXPECT_LT(events, 2048 + intervals + 1000); // a burst, one an interval, and until the pace is found
  EXPECT_LE(events + left, 40002 + 1000); // what comes right after a long run may count twice
  EXPECT_GT(events + left, 40002 - 8192); // at the end the last ones may be left out
  std::remove(path.c_str());
}

} // namespace
