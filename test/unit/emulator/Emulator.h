// What the emulator's tests share: modules, buffers and launches through the driver's functions.
#ifndef AWG_TEST_UNIT_EMULATOR_EMULATOR_H
#define AWG_TEST_UNIT_EMULATOR_EMULATOR_H

#include "emulator/api/Functions.h"

#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace emutest {

using awg::cuda::Address;
using awg::cuda::Context;
using awg::cuda::Result;
using awg::cuda::Stream;

/// Two devices, checks on, reports kept: the tests' environment is set before the driver reads it.
inline Context device(int ordinal = 0) {
  static const bool isReady = [] {
    setenv("AWG_EMU_DEVICES", "2", 1);
    setenv("AWG_EMU_MEMORY", "64M", 1);
    setenv("AWG_EMU_CHECK", "1", 1);
    setenv("AWG_EMU_QUIET", "1", 1);
    return awg::cuda::cuInit(0) == Result::Success;
  }();
  EXPECT_TRUE(isReady);
  Context context = nullptr;
  EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxRetain(&context, ordinal), Result::Success);
  awg::cuda::cuCtxSetCurrent(context);
  return context;
}

/// A module's text: `body` under the header, for sm_90.
inline std::string module(const std::string &body) { return ".version 8.0\n.target sm_90\n.address_size 64\n" + body; }

/// A loaded module, or what was wrong with it.
struct Program {
  awg::cuda::Module handle = nullptr;
  Result result;
  char log[4096] = "";

  explicit Program(const std::string &text) {
    device();
    awg::cuda::JITOption options[] = {awg::cuda::JITOption::ErrorLogBuffer,
                                      awg::cuda::JITOption::ErrorLogBufferSizeBytes};
    void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
    result = awg::cuda::cuModuleLoadDataEx(&handle, text.c_str(), 2, options, values);
  }
  Program(const Program &) = delete;
  ~Program() {
    if (handle)
      awg::cuda::cuModuleUnload(handle);
  }
  awg::cuda::Function function(const char *name) const {
    awg::cuda::Function f = nullptr;
    EXPECT_EQ(awg::cuda::cuModuleGetFunction(&f, handle, name), Result::Success) << name;
    return f;
  }
};

/// An array on the device.
template <class T> struct Buffer {
  Address address = 0;
  size_t count;

  explicit Buffer(size_t count) : count(count) {
    EXPECT_EQ(awg::cuda::cuMemAlloc_v2(&address, count * sizeof(T)), Result::Success);
  }
  explicit Buffer(const std::vector<T> &values) : Buffer(values.size()) {
    EXPECT_EQ(awg::cuda::cuMemcpyHtoD_v2(address, values.data(), count * sizeof(T)), Result::Success);
  }
  Buffer(const Buffer &) = delete;
  ~Buffer() { awg::cuda::cuMemFree_v2(address); }

  std::vector<T> read() const {
    std::vector<T> values(count);
    EXPECT_EQ(awg::cuda::cuMemcpyDtoH_v2(values.data(), address, count * sizeof(T)), Result::Success)
        << awgemu_last_report();
    return values;
  }
};

/// Launches and waits. Arguments are values: numbers, addresses.
template <class... Args>
Result launch(awg::cuda::Function f, unsigned blocks, unsigned threads, unsigned shared, Args... args) {
  void *pointers[] = {&args..., nullptr};
  Result result = awg::cuda::cuLaunchKernel(f, blocks, 1, 1, threads, 1, 1, shared, nullptr, pointers, nullptr);
  return result == Result::Success ? awg::cuda::cuCtxSynchronize() : result;
}

} // namespace emutest

#endif // AWG_TEST_UNIT_EMULATOR_EMULATOR_H
