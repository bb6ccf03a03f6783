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

// GPUs of the machine or of the emulator, in the order in which they are named.
TEST(Devices, Gpus) {
  auto chosen = [](const char *devices) {
    DeviceChoice choice;
    Text problem;
    EXPECT_TRUE(chooseDevices(devices, choice, problem)) << devices;
    return choice;
  };
  EXPECT_EQ(chosen(nullptr).source, GpuSource::Cuda);
  EXPECT_TRUE(chosen(nullptr).usesCpu);
  EXPECT_FALSE(chosen(nullptr).isRequired);
  EXPECT_EQ(chosen("cpu:3").source, GpuSource::None);
  EXPECT_EQ(chosen("gpu").gpuCount, 0);
  EXPECT_TRUE(chosen("gpu").isRequired);
  EXPECT_FALSE(chosen("gpu").usesCpu);
  EXPECT_EQ(chosen("gpu").cpuThreads, usableCpus());
  DeviceChoice some = chosen("gpu:3,cpu:2,gpu:1");
  EXPECT_EQ(some.cpuThreads, 2);
  EXPECT_TRUE(some.usesCpu);
  ASSERT_EQ(some.gpuCount, 2);
  EXPECT_EQ(some.gpus[0], 3);
  EXPECT_EQ(some.gpus[1], 1);
  EXPECT_EQ(chosen("emu:4").emulated, 4);
  EXPECT_EQ(chosen("emu:4").source, GpuSource::Emulator);
  EXPECT_EQ(problemOf("gpu,gpu"), "AWG_DEVICES=gpu,gpu: gpu stands there twice");
  EXPECT_EQ(problemOf("gpu:1,gpu"), "AWG_DEVICES=gpu:1,gpu: gpu stands there twice");
  EXPECT_EQ(problemOf("gpu:1,gpu:1"), "AWG_DEVICES=gpu:1,gpu:1: a GPU stands there twice");
  EXPECT_EQ(problemOf("gpu,emu:1"), "AWG_DEVICES=gpu,emu:1: gpu and emu do not go together");
  EXPECT_EQ(problemOf("emu:1,emu:1"), "AWG_DEVICES=emu:1,emu:1: emu stands there twice");
  EXPECT_EQ(problemOf("emu:17"), "AWG_DEVICES=emu:17: emu:N takes 1 to 16 GPUs");
}

// Without a driver a program that asks for GPUs is refused, with the way out.
TEST(Devices, Absent) {
  if (dlopen("libcuda.so.1", RTLD_LAZY))
    GTEST_SKIP() << "there is one";
  awgrt_runtime *runtime = nullptr;
  for (std::string text : {"gpu", "gpu:0", "cpu,gpu:0"})
    EXPECT_EQ(awg::test::message(awgrt_runtime_create(text.c_str(), &runtime)),
              "AWG_DEVICES=" + text +
                  ": this machine has no CUDA driver (libcuda.so.1 not found); use AWG_DEVICES=cpu");
  EXPECT_EQ(awgrt_needs_gpu_code(nullptr), 0);
  EXPECT_EQ(awgrt_needs_gpu_code("cpu"), 0);
  EXPECT_EQ(awgrt_needs_gpu_code("emu:1"), 1);
}

TEST(Devices, RuntimeRefuses) {
  awgrt_runtime *runtime = nullptr;
  EXPECT_EQ(awg::test::message(awgrt_runtime_create("cpu:0", &runtime)),
            "AWG_DEVICES=cpu:0: cpu:N takes 1 to 4096 threads");
  EXPECT_EQ(runtime, nullptr);
}

} // namespace
