// GPUs that fail: out of memory, lost, or with an error at any driver call.
#include "Kernels.h"

using namespace awg::test;

namespace {

constexpr int32_t outOfMemory = 2, illegalAddress = 700, invalidValue = 1;

struct GpuFaults : testing::Test {
  FakeControl &driver = resetDriver();
  GpuKernel twice = twiceKernel(), bump = bumpKernel(), sum = sumKernel(), scan = scanKernel();
};

} // namespace

// A launch that does not fit rejects with sizes, and the program goes on.
TEST_F(GpuFaults, OutOfMemory) {
  driver.capacity = 200'000;
  TestRuntime runtime("emu:1");
  Array large({100'000}), small({1000});
  std::string text = launch(runtime, bump, 0, {large.array});
  EXPECT_EQ(text.find("out of memory: gpu(0) has "), 0u) << text;
  EXPECT_NE(text.find("800000 are needed"), std::string::npos) << text;
  EXPECT_EQ(launch(runtime, bump, 0, {small.array}), "");
  EXPECT_EQ(small.read()[999], 1);
}

// Arrays that do not fit together take turns: those not in use are brought to the host.
TEST_F(GpuFaults, SpillsToTheHost) {
  driver.capacity = 200'000;
  TestRuntime runtime("emu:1");
  Array a({9000}), b({9000}), c({9000});
  for (int round = 0; round < 4; ++round)
    for (Array *array : {&a, &b, &c})
      ASSERT_EQ(launch(runtime, bump, 0, {array->array}), "");
  for (Array *array : {&a, &b, &c})
    for (int64_t i = 0; i < 9000; ++i)
      ASSERT_EQ(array->read()[i], 4);
}

// A lost device rejects what it held, and everything after that; the other goes on.
TEST_F(GpuFaults, LostDevice) {
  TestRuntime runtime("emu:2");
  Array x({100}), y({100}), held({100});
  x.fillRising();
  EXPECT_EQ(launch(runtime, bump, 0, {held.array}), "");
  driver.crashAtLaunch = 1000;
  std::string lost = "device lost: gpu(0): an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)";
  std::string text;
  for (int k = 0; k < 200'000 && text.empty(); ++k)
    text = launch(runtime, twice, 0, {x.array, y.array});
  EXPECT_EQ(text, lost);
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, y.array}), lost);
  Array z({100});
  EXPECT_EQ(launch(runtime, twice, 1, {x.array, z.array}), "");
  EXPECT_EQ(launch(runtime, twice, AWGRT_ANY_GPU, {x.array, z.array}), "");
  EXPECT_EQ(z.read()[99], 198);
  EXPECT_EQ(launch(runtime, bump, 1, {held.array}), lost); // what only the lost one had
}

// What a launch that was not waited for should have computed is not taken from the lost device by another.
TEST_F(GpuFaults, PeerOfALostDevice) {
  TestRuntime runtime("emu:2");
  Array x({100}), y({100}), z({100});
  x.fillRising();
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, y.array}), "");
  EXPECT_EQ(launch(runtime, twice, 1, {x.array, z.array}), "");
  driver.slowness = 20;
  driver.crashAtLaunch = int32_t(driver.launches) + 1;
  std::string text = launch(runtime, twice, 0, {x.array, y.array}); // mostly detached
  if (text.empty())
    text = launch(runtime, bump, 1, {y.array});
  EXPECT_EQ(text, "device lost: gpu(0): an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)");
  EXPECT_EQ(launch(runtime, bump, 1, {z.array}), "");
  EXPECT_EQ(z.read()[50], 101);
}

// Code that does not load is reported with the driver's log.
TEST_F(GpuFaults, BadCode) {
  TestRuntime runtime("emu:1");
  driver.failingCall = "cuModuleLoadDataEx";
  driver.failAt = 1;
  driver.failWith = invalidValue;
  Array y({10});
  EXPECT_EQ(launch(runtime, bump, 0, {y.array}),
            "device error: gpu(0) cannot load kernel bump: some other error (CUDA_ERROR_OTHER)\nline 7: the fake says no");
  EXPECT_EQ(launch(runtime, bump, 0, {y.array}), "");
}

namespace {

/// A program of a few launches; the results are looked at if it succeeds.
void runProgram(const char *devices, bool &outSucceeded) {
  outSucceeded = false;
  awgrt_runtime *runtime = nullptr;
  if (awgrt_error *error = awgrt_runtime_create(devices, &runtime)) {
    awgrt_error_release(error);
    return;
  }
  TestRuntime own(runtime);
  GpuKernel twice = twiceKernel(), bump = bumpKernel(), sum = sumKernel();
  Array x({3000}), y({3000});
  x.fillRising();
  uint64_t total = 0;
  for (int round = 0; round < 2; ++round)
    if (!launch(own, twice, round % 2, {x.array, y.array}).empty() || !launch(own, bump, 0, {y.array}).empty() ||
        !launch(own, sum, 0, {y.array}, nullptr, &total).empty())
      return;
  EXPECT_EQ(total, 3000u * 2999 + 3000);
  outSucceeded = true;
}

} // namespace

// Whatever driver call fails, at its first, second, ... time: the program ends, right or with a failure.
TEST_F(GpuFaults, AtEveryCall) {
  constexpr const char *calls[] = {
      "cuInit", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceTotalMem_v2", "cuDeviceGetAttribute",
      "cuDeviceCanAccessPeer", "cuDevicePrimaryCtxRetain", "cuCtxEnablePeerAccess", "cuModuleGetFunction",
      "cuFuncGetAttribute", "cuLaunchKernel", "cuStreamCreate", "cuStreamWaitEvent", "cuStreamAddCallback",
      "cuEventCreate", "cuEventRecord", "cuMemAlloc_v2", "cuMemAllocAsync", "cuMemFreeAsync",
      "cuDeviceGetDefaultMemPool", "cuMemPoolSetAttribute", "cuMemPoolSetAccess", "cuMemHostAlloc",
      "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyPeerAsync", "cuStreamQuery"};
  int64_t failed = 0;
  for (const char *call : calls)
    for (int32_t error : {outOfMemory, invalidValue, illegalAddress})
      for (int32_t at = 1; at <= 4; ++at) {
        resetDriver();
        driver.failingCall = call;
        driver.failAt = at;
        driver.failWith = error;
        bool succeeded;
        runProgram("emu:2", succeeded);
        failed += !succeeded;
        EXPECT_EQ(driver.forbiddenCalls, 0) << call;
      }
  EXPECT_GT(failed, 20);
}
