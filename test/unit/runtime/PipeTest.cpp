// Files that are waited for: many pipes at once, and waits that are cancelled, with and without descriptors to spare.
#include "Operation.h"
#include "async/Runtime.h"
#include "async/Task.h"
#include "std/File.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace awg::test;

namespace {

class Pipes : public testing::Test {
protected:
  Pipes() : folder(std::filesystem::temp_directory_path() / ("awgrt-pipes-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~Pipes() override { std::filesystem::remove_all(folder); }

  /// The path of a file in the folder, to be released.
  awgrt_str *path(const std::string &name) { return str((folder / name).string()); }
  awgrt_str *makePipe(const std::string &name) {
    EXPECT_EQ(mkfifo((folder / name).c_str(), 0600), 0);
    return path(name);
  }

  std::filesystem::path folder;
  TestRuntime runtime{2};
};

Spawned throughPipes(awgrt_task *, std::vector<awgrt_str *> paths, awgrt_str *text, awgrt_str *file) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> tasks;
  for (awgrt_str *path : paths)
    tasks.push_back(awgrt_read_text(self, &here, path));
  awgrt_task *pause = awgrt_sleep(self, &here, 10'000'000); // so that all of them wait
  awgrt_error_release(co_await Await{self, &pause, 1});
  awgrt_task_free(pause);
  awgrt_task *beside = awgrt_write_text(self, &here, file, text);
  awgrt_error *error = co_await Await{self, &beside, 1};
  awgrt_task_free(beside);
  for (awgrt_str *path : paths)
    tasks.push_back(awgrt_write_text(self, &here, path, text));
  awgrt_error *failed = co_await Await{self, tasks.data(), int64_t(tasks.size())};
  for (size_t k = 0; k < tasks.size(); ++k) {
    if (k < paths.size() && !failed)
      resultsOf(self)[0] += uint64_t(take(reinterpret_cast<awgrt_str *>(resultsOf(tasks[k])[0])) == "some text");
    awgrt_task_free(tasks[k]);
  }
  EXPECT_EQ(message(failed), "");
  co_return error;
}

// However many pipes are waited for, what is to be written into them, and other files, have their turn.
TEST_F(Pipes, MorePipesThanThreads) {
  constexpr int count = 40;
  std::vector<awgrt_str *> paths;
  for (int k = 0; k < count; ++k)
    paths.push_back(makePipe(std::to_string(k)));
  awgrt_str *text = str("some text"), *file = path("file");
  for (int round = 0; round < 3; ++round) {
    uint64_t right = 0;
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return throughPipes(root, paths, text, file).task; }, &right)), "");
    EXPECT_EQ(right, uint64_t(count));
  }
  awgrt_str_release(text);
  awgrt_str_release(file);
  for (awgrt_str *pipe : paths)
    awgrt_str_release(pipe);
}

Spawned giveUp(awgrt_task *, awgrt_str *path) {
  awgrt_task *self = co_await Self{};
  awgrt_task *reading = awgrt_read_text(self, &here, path);
  awgrt_task *pause = awgrt_sleep(self, &here, 10'000'000);
  awgrt_error_release(co_await Await{self, &pause, 1});
  awgrt_task_free(pause);
  awgrt_cancel(&reading, 1);
  awgrt_error *error = co_await Await{self, &reading, 1};
  awgrt_task_free(reading);
  EXPECT_TRUE(error && awgrt_error_is_cancellation(error));
  awgrt_error_release(error);
  co_return nullptr;
}

// A thread that began as there was no descriptor left for its event gets one later.
TEST_F(Pipes, NoDescriptorsLeft) {
  awgrt_str *pipe = makePipe("pipe");
  int lowest = dup(0);
  close(lowest);
  rlimit before;
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = {rlim_t(lowest), before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  std::string text = message(runtime.run([&](awgrt_task *root) { return awgrt_read_text(root, &here, pipe); }));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(text, "cannot read " + (folder / "pipe").string() + ": Too many open files");
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return giveUp(root, pipe).task; })), "");
  awgrt_str_release(pipe);
}

// Where there is none, the wait for a pipe looks at the task's flag from time to time.
TEST_F(Pipes, WaitWithoutAnEvent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  awgrt_task task{};
  awg::rt::Interrupt interrupt(runtime.get()->files, -1, task);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_TRUE(interrupt.wait(ends[0], POLLIN, -1));
  EXPECT_TRUE(interrupt.wait(-1, 0, 1));
  EXPECT_FALSE(interrupt.wasSeen());
  char byte;
  ASSERT_EQ(read(ends[0], &byte, 1), 1);
  std::thread canceller([&] {
    usleep(10'000);
    task.flags.fetch_or(awg::rt::taskCancelled);
  });
  EXPECT_FALSE(interrupt.wait(ends[0], POLLIN, -1));
  EXPECT_TRUE(interrupt.wasSeen());
  canceller.join();
  close(ends[0]);
  close(ends[1]);
}

} // namespace
