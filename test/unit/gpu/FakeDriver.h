// A stand-in for the CUDA driver, for tests of the runtime: kernels are host functions, streams are threads.
#ifndef AWG_TEST_UNIT_GPU_FAKEDRIVER_H
#define AWG_TEST_UNIT_GPU_FAKEDRIVER_H

#include <atomic>
#include <cstdint>

namespace awg::test {

/// A kernel's code: `arguments` are its parameters, 8 bytes each.
using FakeKernel = void (*)(const uint64_t *arguments, int64_t groups, int64_t threads);

/// An entry of what stands for an image of code, which ends with a null name.
struct FakeEntry {
  const char *name;
  FakeKernel kernel;
  int32_t parameters;
};

/// How the driver is to behave, and what it has seen. The library's symbol `fakeDriver`.
struct FakeControl {
  const char *failingCall = nullptr;      ///< the driver function that fails, or null
  std::atomic<int32_t> failAt = 0;        ///< its call, from 1
  int32_t failWith = 0;                   ///< CUresult
  std::atomic<int32_t> crashAtLaunch = 0; ///< the launch, from 1, that ends with an illegal address; 0: none
  int64_t capacity = int64_t(1) << 30;    ///< bytes of a device's memory
  bool hasPools = true;
  std::atomic<int64_t> liveBytes = 0;       ///< of device memory
  std::atomic<int64_t> liveAllocations = 0; ///< of device memory
  std::atomic<int64_t> streamsCreated = 0;
  /// Driver calls that callbacks have made, or that need a current context and had none.
  std::atomic<int64_t> forbiddenCalls = 0;
  std::atomic<int64_t> calls = 0;         ///< driver calls so far
  std::atomic<int64_t> launches = 0;      ///< kernels so far
  std::atomic<int64_t> executed = 0;      ///< of them, carried out
  std::atomic<int32_t> slowness = 0;      ///< milliseconds that a kernel takes longer
  std::atomic<int64_t> callbacks = 0;     ///< that were asked for
  std::atomic<int64_t> heldFor = 0;       ///< so many of them: no kernel begins before, or for a minute
  std::atomic<int64_t> running = 0;       ///< kernels that are being carried out
  std::atomic<int64_t> besideKernels = 0; ///< copies to a device while one is
  std::atomic<int64_t> heldForCopies = 0; ///< so many of them: no kernel ends before, or for a minute
};

} // namespace awg::test

#endif // AWG_TEST_UNIT_GPU_FAKEDRIVER_H
