// A program's main: arguments, output, exit code, uncaught failures.
#include "Operation.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

using namespace awg::test;

namespace {

/// Runs a program in this process with these arguments.
int32_t runProgram(awgrt_entry entry, std::vector<const char *> arguments = {}, const char *devices = "cpu:2") {
  setenv("AWG_DEVICES", devices, 1);
  arguments.insert(arguments.begin(), "program");
  int32_t code = awgrt_main(int32_t(arguments.size()), const_cast<char **>(arguments.data()), entry);
  unsetenv("AWG_DEVICES");
  return code;
}

void print(awgrt_str *text) {
  awgrt_print(text);
  awgrt_str_release(text);
}

Spawned printArguments(awgrt_task *, awgrt_array *arguments) {
  uint8_t kind = AWGRT_ARRAY;
  uint64_t value = reinterpret_cast<uintptr_t>(arguments);
  print(awgrt_str_format("{}", &kind, 1, &value));
  awgrt_array_release(arguments);
  co_return nullptr;
}

TEST(Program, ArgumentsAndOutput) {
  testing::internal::CaptureStdout();
  auto entry = [](awgrt_task *root, awgrt_array *arguments) { return printArguments(root, arguments).task; };
  EXPECT_EQ(runProgram(entry, {"a", "b c"}), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "[\"a\", \"b c\"]\n");
}

Spawned fails(awgrt_task *, awgrt_array *arguments) {
  awgrt_array_release(arguments);
  co_return failure("no coffee");
}

TEST(Program, UncaughtFailure) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(runProgram([](awgrt_task *root, awgrt_array *arguments) { return fails(root, arguments).task; }), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: no coffee\n  at test.awg:1:1 in test\n");
}

TEST(Program, BadDevices) {
  testing::internal::CaptureStderr();
  auto entry = [](awgrt_task *root, awgrt_array *arguments) { return fails(root, arguments).task; };
  EXPECT_EQ(runProgram(entry, {}, "cpu:0"), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: AWG_DEVICES=cpu:0: cpu:N takes 1 to 4096 threads\n");
}

Spawned printLine(awgrt_task *, char letter) {
  print(str(std::string(200, letter)));
  co_return nullptr;
}

Spawned printMany(awgrt_task *, awgrt_array *arguments) {
  awgrt_array_release(arguments);
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> children;
  for (int i = 0; i < 100; ++i)
    children.push_back(spawn(printLine(self, char('a' + i % 26))));
  awgrt_error *error = co_await Await{self, children.data(), int64_t(children.size())};
  for (awgrt_task *child : children)
    awgrt_task_free(child);
  co_return error;
}

// The lines of several tasks never mix.
TEST(Program, WholeLines) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(runProgram([](awgrt_task *root, awgrt_array *arguments) { return printMany(root, arguments).task; }), 0);
  std::string output = testing::internal::GetCapturedStdout();
  ASSERT_EQ(output.size(), 100u * 201);
  for (size_t at = 0; at < output.size(); at += 201)
    EXPECT_EQ(output.substr(at, 201), std::string(200, output[at]) + '\n');
}

// Output that nobody takes, or that there is no room for, is lost, and the program goes on; the latter is a failure.
TEST(Program, BrokenOutput) {
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  close(pipes[0]);
  int before = dup(1), full = open("/dev/full", O_WRONLY);
  signal(SIGPIPE, SIG_IGN); // what gtest has printed already may have to be written meanwhile
  fflush(stdout);
  for (int broken : {pipes[1], full}) {
    dup2(broken, 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(runProgram([](awgrt_task *root, awgrt_array *arguments) { return printMany(root, arguments).task; }),
              broken == full);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              broken == full ? "error: cannot write standard output: No space left on device\n" : "");
    close(broken);
  }
  dup2(before, 1);
  close(before);
}

TEST(Program, Environment) {
  setenv("AWG_TEST_VARIABLE", "value", 1);
  awgrt_str *name = str("AWG_TEST_VARIABLE"), *unset = str("AWG_TEST_UNSET");
  EXPECT_EQ(take(awgrt_env(name)), "value");
  EXPECT_EQ(take(awgrt_env(unset)), "");
  awgrt_str_release(name);
  awgrt_str_release(unset);
  int64_t now = awgrt_now();
  EXPECT_GT(now, 0);
  EXPECT_GE(awgrt_now(), now);
}

} // namespace
