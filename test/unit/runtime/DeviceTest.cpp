// AWG_DEVICES: what it may say, and what is refused.
#include "Operation.h"
#include "place/Devices.h"
#include "std/Text.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

using namespace awg::rt;

namespace {

std::string problemOf(const char *devices) {
  DeviceChoice choice;
  Text problem;
  return chooseDevices(devices, choice, problem) ? "" : std::string(problem.data(), problem.size());
}

int32_t threadsOf(const char *devices) {
  DeviceChoice choice;
  Text problem;
  return chooseDevices(devices, choice, problem) ? choice.cpuThreads : -1;
}

TEST(Devices, Cpu) {
  EXPECT_EQ(threadsOf(nullptr), usableCpus());
  EXPECT_EQ(threadsOf(""), usableCpus());
  EXPECT_EQ(threadsOf("cpu"), usableCpus());
  EXPECT_EQ(threadsOf("cpu:8"), 8);
  EXPECT_GE(usableCpus(), 1);
}

TEST(Devices, Malformed) {
  for (const char *text : {"foo", "cpu:", "cpu:x", "cpu:-1", "cpu:9999999", "CPU", "emu", "emu:0", ":", "gpu:x"}) {
    std::string expected = std::string("AWG_DEVICES=") + text + ": `" + text +
                           "` is no device; known are cpu, cpu:N, gpu, gpu:K and emu:N";
    EXPECT_EQ(problemOf(text), expected);
  }
  EXPECT_EQ(problemOf("cpu,"), "AWG_DEVICES=cpu,: `` is no device; known are cpu, cpu:N, gpu, gpu:K and emu:N");
  EXPECT_EQ(problemOf("cpu:0"), "AWG_DEVICES=cpu:0: cpu:N takes 1 to 4096 threads");
  EXPECT_EQ(problemOf("cpu,cpu:2"), "AWG_DEVICES=cpu,cpu:2: cpu stands there twice");
}

// Known devices that are not there are refused with the way out.
TEST(Devices, Absent) {
  for (const char *text : {"gpu", "gpu:0", "cpu,gpu:0", "emu:2"}) {
    std::string problem = problemOf(text);
    EXPECT_EQ(problem.rfind(std::string("AWG_DEVICES=") + text + ": this ", 0), 0u) << problem;
    EXPECT_NE(problem.find("; use AWG_DEVICES=cpu"), std::string::npos) << problem;
  }
  if (!dlopen("libcuda.so.1", RTLD_LAZY)) {
    EXPECT_EQ(problemOf("gpu"),
              "AWG_DEVICES=gpu: this machine has no CUDA driver (libcuda.so.1 not found); use AWG_DEVICES=cpu");
  }
}

TEST(Devices, RuntimeRefuses) {
  awgrt_runtime *runtime = nullptr;
  EXPECT_EQ(awg::test::message(awgrt_runtime_create("cpu:0", &runtime)),
            "AWG_DEVICES=cpu:0: cpu:N takes 1 to 4096 threads");
  EXPECT_EQ(runtime, nullptr);
}

} // namespace
