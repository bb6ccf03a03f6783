// Kernels for the stand-in driver, and what launches them.
#ifndef AWG_TEST_UNIT_GPU_KERNELS_H
#define AWG_TEST_UNIT_GPU_KERNELS_H

#include "FakeDriver.h"
#include "Operation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <dlfcn.h>
#include <new>

namespace awg::test {

/// The driver's controls, as they are at first.
inline FakeControl &resetDriver() {
  setenv("AWG_EMU_LIBRARY", FAKE_DRIVER, 1);
  static auto *control = static_cast<FakeControl *>(dlsym(dlopen(FAKE_DRIVER, RTLD_NOW | RTLD_LOCAL), "fakeDriver"));
  control = new (control) FakeControl;
  return *control;
}

template <typename T> T *at(uint64_t address) { return reinterpret_cast<T *>(address); }

/// An i64 array that frees itself.
struct Array {
  awgrt_array *array = nullptr;
  explicit Array(std::vector<int64_t> extents) {
    EXPECT_EQ(awgrt_array_create(&here, AWGRT_I64, int32_t(extents.size()), extents.data(), &array), nullptr);
  }
  explicit Array(awgrt_array *owned) : array(owned) {}
  Array(const Array &) = delete;
  ~Array() { awgrt_array_release(array); }
  const int64_t *read() { return static_cast<const int64_t *>(awgrt_array_data(array, 0)); }
  int64_t *write() { return static_cast<int64_t *>(awgrt_array_data(array, 1)); }
  void fillRising() {
    int64_t *elements = write();
    for (int64_t i = 0; i < array->extents[0]; ++i)
      elements[i] = i;
  }
  /// A view of elements `begin` to `begin + length`.
  awgrt_array *part(int64_t begin, int64_t length) { return awgrt_array_view(array, &begin, &length); }
};

inline constexpr awgrt_site failureSites[] = {{here, "index {} is bad", (const uint8_t[]){AWGRT_I64}, 1}};

/// kernel twice(x: i64[n], mut y: i64[n]) each i in n { y[i] = 2 * x[i]; }, by descriptors.
inline void twice(const uint64_t *a, int64_t groups, int64_t threads) {
  for (int64_t i = 0; i < std::min(groups * threads, int64_t(a[0])); ++i)
    at<int64_t>(a[6])[i] = 2 * at<int64_t>(a[1])[i];
}

/// kernel mix(x: i64[n], mut y: i64[n]) each i in n { y[i] = 3 * x[i] + 1; }, by descriptors.
inline void mix(const uint64_t *a, int64_t groups, int64_t threads) {
  for (int64_t i = 0; i < std::min(groups * threads, int64_t(a[0])); ++i)
    at<uint64_t>(a[6])[i] = 3 * at<uint64_t>(a[1])[i] + 1;
}

/// kernel bump(mut y: i64[n]) each i in n { assert(y[i] >= 0); y[i] += 1; }
inline void bump(const uint64_t *a, int64_t groups, int64_t threads) {
  auto *failure = at<awgrt_failure>(a[6]);
  for (int64_t i = std::min(groups * threads, int64_t(a[0])); i-- > 0;) {
    int64_t &value = at<int64_t>(a[1])[i];
    if (value < 0 && i < failure->index) {
      failure->index = i;
      failure->site = 0;
      failure->args[0] = uint64_t(i);
    } else if (value >= 0) {
      ++value;
    }
  }
}

inline void sumBlocks(const int64_t *input, int64_t count, int64_t *output, int64_t groups) {
  for (int64_t b = 0; b < groups; ++b) {
    output[b] = 0;
    for (int64_t i = b * 4096; i < std::min((b + 1) * 4096, count); ++i)
      output[b] += input[i];
  }
}
inline void sum(const uint64_t *a, int64_t groups, int64_t) { sumBlocks(at<int64_t>(a[1]), a[0], at<int64_t>(a[6]), groups); }
inline void sumCombine(const uint64_t *a, int64_t groups, int64_t) {
  sumBlocks(at<int64_t>(a[1]), a[0], at<int64_t>(a[2]), groups);
}

inline void scanRuns(const int64_t *input, int64_t count, int64_t *output, int64_t *totals) {
  for (int64_t r = 0; r * 16 < count; ++r) {
    int64_t total = 0;
    for (int64_t i = r * 16; i < std::min((r + 1) * 16, count); ++i)
      output[i] = total += input[i];
    totals[r] = total;
  }
}
inline void scan(const uint64_t *a, int64_t, int64_t) { scanRuns(at<int64_t>(a[1]), a[0], at<int64_t>(a[6]), at<int64_t>(a[7])); }
inline void scanCombine(const uint64_t *a, int64_t, int64_t) {
  scanRuns(at<int64_t>(a[1]), a[0], at<int64_t>(a[2]), at<int64_t>(a[3]));
}
inline void scanFinish(const uint64_t *a, int64_t, int64_t) {
  for (int64_t i = 16; i < int64_t(a[0]); ++i)
    at<int64_t>(a[1])[i] += at<int64_t>(a[2])[i / 16 - 1];
}

inline constexpr FakeEntry image[] = {
    {"twice", twice, 12},          {"mix", mix, 12},         {"bump", bump, 7},        {"sum", sum, 8},
    {"sum$combine", sumCombine, 3}, {"scan", scan, 9},        {"scan$combine", scanCombine, 4},
    {"scan$finish", scanFinish, 3}, {nullptr, nullptr, 0}};

/// A kernel of the image, without code for the host.
struct GpuKernel {
  awgrt_kernel kernel{};
  std::vector<uint8_t> access;
  GpuKernel(const char *name, int32_t shape, std::vector<uint8_t> slots, int32_t partialSize = 0)
      : access(std::move(slots)) {
    kernel.place = here;
    kernel.name = name;
    kernel.shape = shape;
    kernel.rank = 1;
    kernel.slot_count = int32_t(access.size());
    kernel.partial_size = partialSize;
    kernel.access = access.data();
    kernel.ptx = reinterpret_cast<const char *>(image);
    kernel.sites = failureSites;
    kernel.site_count = strcmp(name, "bump") == 0;
  }
};
inline GpuKernel twiceKernel() { return {"twice", AWGRT_EACH, {0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0}}; }
inline GpuKernel mixKernel() { return {"mix", AWGRT_EACH, {0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0}}; }
inline GpuKernel bumpKernel() { return {"bump", AWGRT_EACH, {0, 2, 0, 0, 0, 0}}; }
inline GpuKernel sumKernel() { return {"sum", AWGRT_REDUCE, {0, 1, 0, 0, 0, 0, 0}, 8}; }
inline GpuKernel scanKernel() { return {"scan", AWGRT_SCAN, {0, 1, 0, 0, 0, 0, 0, 0}, 8}; }

/// Starts a launch over all elements of the first array.
inline awgrt_task *start(awgrt_task *self, const GpuKernel &kernel, int64_t device, std::vector<awgrt_array *> arrays,
                         awgrt_array *result = nullptr) {
  std::vector<uint64_t> slots(size_t(kernel.kernel.slot_count));
  for (size_t k = 0; k < arrays.size(); ++k)
    slots[1 + 5 * k] = reinterpret_cast<uintptr_t>(arrays[k]);
  return awgrt_launch(self, &here, &kernel.kernel, device, arrays[0]->extents, slots.data(), result);
}

inline Spawned awaitOne(awgrt_task *, const GpuKernel *kernel, int64_t device, std::vector<awgrt_array *> arrays,
                        awgrt_array *result) {
  awgrt_task *self = co_await Self{};
  awgrt_task *launch = start(self, *kernel, device, arrays, result);
  awgrt_error *error = co_await Await{self, &launch, 1};
  if (!error)
    memcpy(resultsOf(self), resultsOf(launch), 8);
  awgrt_task_free(launch);
  co_return error;
}

/// Launches, awaits, and gives the failure's message.
inline std::string launch(TestRuntime &runtime, const GpuKernel &kernel, int64_t device,
                          std::vector<awgrt_array *> arrays, awgrt_array *result = nullptr, uint64_t *out = nullptr) {
  return message(runtime.run(
      [&](awgrt_task *root) { return awaitOne(root, &kernel, device, arrays, result).task; }, out));
}

} // namespace awg::test

#endif // AWG_TEST_UNIT_GPU_KERNELS_H
