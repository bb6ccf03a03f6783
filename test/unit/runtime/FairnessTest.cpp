// Nobody starves: tasks that keep a worker busy leave others their turn. And ends that come from foreign threads, and runtimes
// beside each other.
#include "Operation.h"
#include "async/Runtime.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

using namespace awg::test;

namespace {

Spawned nothing(awgrt_task *) { co_return nullptr; }

Spawned setFlag(awgrt_task *, std::atomic<bool> *flag) {
  flag->store(true);
  co_return nullptr;
}

/// Starts and awaits children, one after the other, until the flag is set.
Spawned spin(awgrt_task *, std::atomic<bool> *flag) {
  awgrt_task *self = co_await Self{};
  while (!flag->load()) {
    awgrt_task *child = spawn(nothing(self));
    awgrt_error *error = co_await Await{self, &child, 1};
    awgrt_task_free(child);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

// On one worker, a task from another thread gets its turn.
TEST(Fairness, InjectedTask) {
  TestRuntime runtime(1);
  std::atomic<bool> flag{false};
  std::thread other([&] { EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return spin(root, &flag).task; })), ""); });
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return setFlag(root, &flag).task; })), "");
  other.join();
}

Spawned spinAboveOlder(awgrt_task *, std::atomic<bool> *flag) {
  awgrt_task *self = co_await Self{};
  awgrt_task *children[2] = {spawn(setFlag(self, flag)), spawn(spin(self, flag))};
  awgrt_error *error = co_await Await{self, children, 2};
  for (awgrt_task *child : children)
    awgrt_task_free(child);
  co_return error;
}

// On one worker, an older task of its own queue gets its turn.
TEST(Fairness, OlderTask) {
  TestRuntime runtime(1);
  std::atomic<bool> flag{false};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return spinAboveOlder(root, &flag).task; })), "");
}

Spawned sleepThenSet(awgrt_task *, std::atomic<bool> *flag) {
  awgrt_task *self = co_await Self{};
  awgrt_task *sleep = awgrt_sleep(self, &here, 1'000'000);
  awgrt_error *error = co_await Await{self, &sleep, 1};
  awgrt_task_free(sleep);
  flag->store(true);
  co_return error;
}

Spawned spinBesideSleep(awgrt_task *, std::atomic<bool> *flag) {
  awgrt_task *self = co_await Self{};
  awgrt_task *children[2] = {spawn(spin(self, flag)), spawn(sleepThenSet(self, flag))};
  awgrt_error *error = co_await Await{self, children, 2};
  for (awgrt_task *child : children)
    awgrt_task_free(child);
  co_return error;
}

// On one worker, a task whose sleep ends gets its turn.
TEST(Fairness, EndOfSleep) {
  TestRuntime runtime(1);
  std::atomic<bool> flag{false};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return spinBesideSleep(root, &flag).task; })), "");
}

//===-- Foreign threads ---------------------------------------------------------------------------------------------===//

void destroyForeign(awgrt_task *task) { awgrt_frame_free(task); }
constexpr awg::rt::TaskOps foreignOps = {nullptr, nullptr, destroyForeign};

Spawned awaitForeign(awgrt_task *, int rounds) {
  awgrt_task *self = co_await Self{};
  for (int round = 0; round < rounds; ++round) {
    constexpr int count = 3;
    awgrt_task *tasks[count];
    std::thread threads[count];
    for (int i = 0; i < count; ++i) {
      tasks[i] = static_cast<awgrt_task *>(awgrt_frame_alloc(sizeof(awgrt_task)));
      awg::rt::beginOperation(tasks[i], &foreignOps, self, &here);
      threads[i] = std::thread([task = tasks[i], fails = i == 1 && round % 8 == 7] {
        awgrt_task_complete(task, fails ? failure("foreign") : nullptr);
      });
    }
    awgrt_error *error = co_await Await{self, tasks, count};
    for (int i = 0; i < count; ++i) {
      threads[i].join();
      awgrt_task_free(tasks[i]);
    }
    EXPECT_EQ(message(error), round % 8 == 7 ? "foreign" : "");
  }
  co_return nullptr;
}

// Threads that the runtime does not know complete what a task waits for.
TEST(Foreign, Completion) {
  for (int workers : {1, 3}) {
    TestRuntime runtime(workers);
    EXPECT_EQ(message(runtime.run([](awgrt_task *root) { return awaitForeign(root, 200).task; })), "");
  }
}

//===-- Runtimes ----------------------------------------------------------------------------------------------------===//

// A thousand runtimes, four at a time, each of which runs something on several workers.
TEST(Runtimes, ThousandFourAtOnce) {
  std::thread threads[4];
  for (std::thread &thread : threads)
    thread = std::thread([] {
      for (int i = 0; i < 250; ++i) {
        TestRuntime runtime(1 + i % 3);
        std::atomic<bool> flag{false};
        EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return spinAboveOlder(root, &flag).task; })), "");
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
