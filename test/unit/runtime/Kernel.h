// Kernels written by hand, and arrays for them.
#ifndef AWG_TEST_UNIT_RUNTIME_KERNEL_H
#define AWG_TEST_UNIT_RUNTIME_KERNEL_H

#include "Operation.h"

#include <gtest/gtest.h>

namespace awg::test {

template <typename T> T *pointer(uint64_t slot) { return reinterpret_cast<T *>(slot); }

inline uint64_t bitsOf(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// A kernel with one variant that any machine can run.
struct TestKernel {
  awgrt_host_variant variant{};
  awgrt_kernel kernel{};

  TestKernel(awgrt_kernel_shape shape, int32_t rank, std::vector<uint8_t> access, awgrt_host_kernel host,
             awgrt_host_kernel combine = nullptr, awgrt_host_kernel finish = nullptr, int32_t partialSize = 0)
      : access(std::move(access)) {
    variant = {0, 0, 0, host, combine, finish, nullptr};
    kernel.place = here;
    kernel.name = "kernel_under_test";
    kernel.shape = shape;
    kernel.rank = rank;
    kernel.slot_count = int32_t(this->access.size());
    kernel.partial_size = partialSize;
    kernel.access = this->access.data();
    kernel.variant_count = 1;
    kernel.host = &variant;
  }

private:
  std::vector<uint8_t> access;
};

/// An array that frees itself.
struct Array {
  awgrt_array *array = nullptr;
  Array(int32_t kind, std::vector<int64_t> extents) {
    EXPECT_EQ(awgrt_array_create(&here, kind, int32_t(extents.size()), extents.data(), &array), nullptr);
  }
  ~Array() { awgrt_array_release(array); }
  template <typename T> T *as() { return static_cast<T *>(awgrt_array_data(array, 1)); }
  uint64_t slot() { return reinterpret_cast<uintptr_t>(array); }
};

inline Spawned awaitLaunch(awgrt_task *, const awgrt_kernel *kernel, std::vector<int64_t> extents,
                           std::vector<uint64_t> slots, awgrt_array *result) {
  awgrt_task *self = co_await Self{};
  awgrt_task *launch = awgrt_launch(self, &here, kernel, AWGRT_ANY_DEVICE, extents.data(), slots.data(), result);
  awgrt_error *error = co_await Await{self, &launch, 1};
  if (!error)
    memcpy(resultsOf(self), resultsOf(launch), 8);
  awgrt_task_free(launch);
  co_return error;
}

/// Launches on a runtime of as many workers as the parameter says.
class LaunchTest : public testing::TestWithParam<int> {
protected:
  TestRuntime runtime{GetParam()};

  awgrt_error *launch(const TestKernel &kernel, std::vector<int64_t> extents, std::vector<uint64_t> slots,
                      awgrt_array *result = nullptr, uint64_t *out = nullptr) {
    slots.resize(size_t(kernel.kernel.slot_count));
    return runtime.run(
        [&](awgrt_task *root) { return awaitLaunch(root, &kernel.kernel, extents, slots, result).task; }, out);
  }
};

/// Slots of a kernel over (n, a, x, y): x is read, y written.
inline const std::vector<uint8_t> saxpyAccess = {0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0};

} // namespace awg::test

#endif // AWG_TEST_UNIT_RUNTIME_KERNEL_H
