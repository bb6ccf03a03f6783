// A stand-in for the CUDA driver, for tests of the runtime: kernels are host functions, streams are threads.
#ifndef AWG_TEST_UNIT_GPU_FAKEDRIVER_H
#define AWG_TEST_UNIT_GPU_FAKEDRIVER_H

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
  const char *failingCall;  ///< the driver function that fails, or null
  int32_t failAt;           ///< its call, from 1
  int32_t failWith;         ///< CUresult
  int32_t crashAtLaunch;    ///< the launch, from 1, that ends with an illegal address; 0: none
  int64_t capacity;         ///< bytes of a device's memory
  bool hasPools;
  int64_t liveBytes;        ///< of device memory
  int64_t liveAllocations;  ///< of device memory
  int64_t streamsCreated;
  int64_t forbiddenCalls;   ///< driver calls that callbacks have made, or that need a current context and had none
  int64_t calls;            ///< driver calls so far
  int64_t launches;         ///< kernels so far
  int64_t executed;         ///< of them, carried out
  int32_t slowness;         ///< milliseconds that a kernel takes longer
  int64_t callbacks;        ///< that were asked for
  int64_t running;          ///< kernels that are being carried out
  int64_t besideKernels;    ///< copies to a device while one is
};

} // namespace awg::test

#endif // AWG_TEST_UNIT_GPU_FAKEDRIVER_H
