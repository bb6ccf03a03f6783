// Launches: host kernels of every shape, at several numbers of workers, with failures and cancellation.
#include "Kernel.h"
#include "device/CpuLevel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

using namespace awg::test;

namespace {

class Launch : public LaunchTest {};
INSTANTIATE_TEST_SUITE_P(Workers, Launch, testing::Values(1, 2, 7));

// slots: n, a, x (memref of rank 1: 5 slots), y
void saxpy(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  float a;
  memcpy(&a, &slots[1], sizeof a);
  auto *x = pointer<float>(slots[2]), *y = pointer<float>(slots[7]);
  for (int64_t i = begin; i < end; ++i)
    y[i] += a * x[i];
}

// Every index runs exactly once, whatever the size.
TEST_P(Launch, Each) {
  TestKernel kernel(AWGRT_EACH, 1, saxpyAccess, saxpy);
  for (int64_t n : {0, 1, 7, 1024, 5000, 3'000'000}) {
    Array x(AWGRT_F32, {n}), y(AWGRT_F32, {n});
    for (int64_t i = 0; i < n; ++i)
      x.as<float>()[i] = float(i % 1000);
    EXPECT_EQ(message(launch(kernel, {n}, {0, bitsOf(2), x.slot(), 0, 0, 0, 0, y.slot()})), "");
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; ++i)
      wrong += y.as<float>()[i] != 2 * float(i % 1000);
    EXPECT_EQ(wrong, 0) << n;
  }
}

void checkDescriptor(const uint64_t *slots, int64_t, int64_t, awgrt_failure *) {
  // n, m, memref of rank 2: base, aligned, offset, sizes, strides
  EXPECT_EQ(slots[0], 3u);
  EXPECT_EQ(slots[1], 5u);
  EXPECT_EQ(slots[2], slots[3]);
  EXPECT_EQ(slots[4], 0u);
  EXPECT_EQ(slots[5], 3u);
  EXPECT_EQ(slots[6], 5u);
  EXPECT_EQ(slots[7], 5u);
  EXPECT_EQ(slots[8], 1u);
  EXPECT_EQ(slots[9], 42u);
}

// Arrays become memref descriptors; a result array comes back in slot 0.
TEST_P(Launch, SlotsAndResult) {
  TestKernel kernel(AWGRT_EACH, 2, {0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, checkDescriptor);
  Array result(AWGRT_F64, {3, 5});
  uint64_t out = 0;
  EXPECT_EQ(message(launch(kernel, {3, 5}, {0, 0, result.slot(), 0, 0, 0, 0, 0, 0, 42}, result.array, &out)), "");
  EXPECT_EQ(out, result.slot());
}

std::atomic<int64_t> slowUnits{0};
void slowKernel(const uint64_t *, int64_t begin, int64_t end, awgrt_failure *) {
  for (int64_t i = begin; i < end; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  slowUnits += end - begin;
}

// A few heavy indices are spread over the workers.
TEST_P(Launch, HeavyIndices) {
  TestKernel kernel(AWGRT_EACH, 1, {0}, slowKernel);
  slowUnits = 0;
  EXPECT_EQ(message(launch(kernel, {40}, {})), "");
  EXPECT_EQ(slowUnits.load(), 40);
}

Spawned cancelLaunch(awgrt_task *, const awgrt_kernel *kernel) {
  awgrt_task *self = co_await Self{};
  int64_t extent = 100'000;
  uint64_t slots[1] = {};
  awgrt_task *launch = awgrt_launch(self, &here, kernel, AWGRT_ANY_DEVICE, &extent, slots, nullptr);
  awgrt_task *pause = awgrt_sleep(self, &here, 10'000'000);
  awgrt_error *error = co_await Await{self, &pause, 1};
  awgrt_task_free(pause);
  awgrt_cancel(&launch, 1);
  awgrt_error *cancelled = co_await Await{self, &launch, 1};
  awgrt_task_free(launch);
  EXPECT_TRUE(cancelled && awgrt_error_is_cancellation(cancelled));
  awgrt_error_release(cancelled);
  co_return error;
}

// A cancelled launch, which would take minutes, ends after the pieces under way.
TEST(LaunchCancel, StopsBetweenPieces) {
  TestRuntime runtime(3);
  TestKernel kernel(AWGRT_EACH, 1, {0}, slowKernel);
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return cancelLaunch(root, &kernel.kernel).task; })), "");
}

void failEveryThird(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *failure) {
  for (int64_t i = begin; i < end; ++i)
    if (i >= int64_t(slots[1]) && i % 3 == 0) {
      uint64_t args[2] = {uint64_t(i), slots[0]};
      awgrt_kernel_fail(failure, i, 0, 1, args, 2);
    }
}

// The lowest failing index is the one reported, with its arguments, at its place.
TEST_P(Launch, LowestFailure) {
  static constexpr uint8_t kinds[] = {AWGRT_I64, AWGRT_I64};
  static constexpr awgrt_site sites[] = {{here, "another", kinds, 0},
                                         {{"k.awg", "saxpy", 3, 9, nullptr, nullptr}, "index {} is out of range 0..{}", kinds, 2}};
  TestKernel kernel(AWGRT_EACH, 1, {0, 0}, failEveryThird);
  kernel.kernel.sites = sites;
  kernel.kernel.site_count = 2;
  for (int64_t n : {100, 1'000'000}) {
    Array result(AWGRT_F32, {4});
    awgrt_error *error = launch(kernel, {n}, {0, 40}, std::exchange(result.array, nullptr));
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(take(awgrt_error_place(error)), "k.awg:3:9");
    EXPECT_EQ(message(error), "index 42 is out of range 0.." + std::to_string(n));
  }
}

/// The language's tree over one block of floats: 128 lanes, halved.
float sumBlock(int64_t count, const std::function<float(int64_t)> &element) {
  float lanes[128];
  for (int64_t i = 0; i < count; ++i)
    lanes[i % 128] = i < 128 ? element(i) : lanes[i % 128] + element(i);
  int64_t present = std::min<int64_t>(count, 128);
  for (int64_t half = 64; half > 0; half /= 2)
    for (int64_t l = 0; l < half && l + half < present; ++l)
      lanes[l] += lanes[l + half];
  return lanes[0];
}

float sumTree(std::vector<float> values) {
  do {
    std::vector<float> blocks;
    for (size_t begin = 0; begin < values.size(); begin += 4096)
      blocks.push_back(sumBlock(int64_t(std::min<size_t>(4096, values.size() - begin)),
                                [&](int64_t i) { return values[begin + size_t(i)]; }));
    values = blocks;
  } while (values.size() > 1);
  return values[0];
}

float element(int64_t i) { return 1.0f / float(i % 977 + 1); }

void reduceHost(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto n = int64_t(slots[0]);
  for (int64_t b = begin; b < end; ++b)
    pointer<float>(slots[1])[b] =
        sumBlock(std::min<int64_t>(4096, n - b * 4096), [&](int64_t i) { return element(b * 4096 + i); });
}

void reduceCombine(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto n = int64_t(slots[0]);
  for (int64_t b = begin; b < end; ++b)
    pointer<float>(slots[2])[b] = sumBlock(std::min<int64_t>(4096, n - b * 4096), [&](int64_t i) {
      return pointer<const float>(slots[1])[b * 4096 + i];
    });
}

// A float sum has the bits of the language's tree, whoever computed which block; 4096^2 + 1 elements take three levels.
TEST_P(Launch, Reduce) {
  TestKernel kernel(AWGRT_REDUCE, 1, {0, 0}, reduceHost, reduceCombine, nullptr, 4);
  for (int64_t n : {1, 100, 4096, 4097, 1'000'000, 4096 * 4096 + 1}) {
    std::vector<float> values(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i)
      values[size_t(i)] = element(i);
    uint64_t out = 0;
    EXPECT_EQ(message(launch(kernel, {n}, {}, nullptr, &out)), "");
    EXPECT_EQ(uint32_t(out), bitsOf(sumTree(values))) << n;
  }
}

// Over no indices a reduction gives the kernel's value for that, or rejects.
TEST_P(Launch, EmptyReduction) {
  TestKernel kernel(AWGRT_REDUCE, 1, {0, 0}, reduceHost, reduceCombine, nullptr, 4);
  EXPECT_EQ(message(launch(kernel, {0}, {})), "empty reduction");
  uint64_t one = bitsOf(1), out = 0;
  kernel.kernel.empty = &one;
  EXPECT_EQ(message(launch(kernel, {-4}, {}, nullptr, &out)), "");
  EXPECT_EQ(out, one);
}

void findNothing(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  for (int64_t b = begin; b < end; ++b)
    pointer<int64_t>(slots[1])[2 * b] = -1;
}

// An argmin of nothing but NaN has the index -1, and rejects.
TEST_P(Launch, ArgminOfNothing) {
  TestKernel kernel(AWGRT_REDUCE, 1, {0, 0}, findNothing, nullptr, nullptr, 16);
  EXPECT_EQ(message(launch(kernel, {100}, {})), "empty reduction");
}

/// The element of a scan: small, so that sums are exact in any order.
float small(int64_t i) { return float(i % 7); }

// slots: n, the result (memref of rank 1: 5 slots), output, awgrt_scan
void scanHost(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *totals = static_cast<float *>(pointer<awgrt_scan>(slots[7])->totals);
  for (int64_t b = begin; b < end; ++b) {
    totals[b] = 0;
    for (int64_t i = b * 4096; i < std::min(int64_t(slots[0]), (b + 1) * 4096); ++i)
      totals[b] += small(i);
  }
}

void scanBlocks(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *output = pointer<float>(slots[6]);
  auto *prefixes = static_cast<const float *>(pointer<awgrt_scan>(slots[7])->prefixes);
  for (int64_t b = begin; b < end; ++b) {
    float sum = b > 0 ? prefixes[b - 1] : 0;
    for (int64_t i = b * 4096; i < std::min(int64_t(slots[0]), (b + 1) * 4096); ++i)
      output[i] = sum += small(i);
  }
}

void scanCombine(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *input = pointer<const float>(slots[1]);
  auto *output = pointer<float>(slots[2]), *totals = pointer<float>(slots[3]);
  for (int64_t r = begin; r < end; ++r) {
    float sum = 0;
    for (int64_t i = r * 16; i < std::min(int64_t(slots[0]), r * 16 + 16); ++i)
      output[i] = sum += input[i];
    totals[r] = sum;
  }
}

void scanFinish(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *output = pointer<float>(slots[1]), *totals = pointer<float>(slots[2]);
  for (int64_t r = std::max<int64_t>(begin, 1); r < end; ++r)
    for (int64_t i = r * 16; i < std::min(int64_t(slots[0]), r * 16 + 16); ++i)
      output[i] = totals[r - 1] + output[i];
}

// The blocks' totals, their scan by levels, the blocks: at every number of levels, and part by part where they are many.
TEST_P(Launch, Scan) {
  TestKernel kernel(AWGRT_SCAN, 1, {0, 2, 0, 0, 0, 0, 0, 0}, scanHost, scanCombine, scanFinish, 4);
  kernel.variant.scan = scanBlocks;
  for (int64_t n : {1, 16, 4096, 4097, 70'000, 16 * 4096 + 1, 1'100'000, 5'000'000}) {
    Array result(AWGRT_F32, {n});
    EXPECT_EQ(message(launch(kernel, {n}, {0, result.slot()}, result.array)), "");
    float sum = 0;
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; ++i)
      wrong += result.as<float>()[i] != (sum += small(i));
    EXPECT_EQ(wrong, 0) << n;
  }
}

// A machine below the least variant refuses the launch.
TEST(LaunchLevel, Refused) {
  TestRuntime runtime(1);
  TestKernel kernel(AWGRT_EACH, 1, {0}, slowKernel);
  kernel.variant.level = 3;
  std::string text = message(runtime.run(
      [&](awgrt_task *root) { return awaitLaunch(root, &kernel.kernel, {4}, {0}, nullptr).task; }));
  EXPECT_EQ(text.rfind("kernel kernel_under_test needs x86-64-v4 (AVX-512), and this machine has ", 0), 0u) << text;
}

std::atomic<int32_t> chosen{0};
void chooseWide(const uint64_t *, int64_t, int64_t, awgrt_failure *) { chosen = 2; }
void chooseNarrow(const uint64_t *, int64_t, int64_t, awgrt_failure *) { chosen = 1; }

// The first variant that the machine can run, and that AWG_CPU_LEVEL allows, is the one that runs.
TEST(LaunchLevel, Limited) {
  if (awg::rt::cpuLevel() < 1)
    GTEST_SKIP() << "below x86-64-v3 there is no choice";
  TestRuntime runtime(1);
  TestKernel kernel(AWGRT_EACH, 1, {0}, nullptr);
  awgrt_host_variant variants[2] = {kernel.variant, kernel.variant};
  variants[0].level = awg::rt::cpuLevel();
  variants[0].host = chooseWide;
  variants[1].level = 0;
  variants[1].host = chooseNarrow;
  kernel.kernel.variant_count = 2;
  kernel.kernel.host = variants;
  auto run = [&] {
    EXPECT_EQ(message(runtime.run(
                  [&](awgrt_task *root) { return awaitLaunch(root, &kernel.kernel, {4}, {0}, nullptr).task; })),
              "");
    return chosen.load();
  };
  EXPECT_EQ(run(), 2);
  variants[0].level = 2;
  EXPECT_TRUE(awg::rt::limitCpuLevel("v3"));
  EXPECT_EQ(awg::rt::cpuLevel(), 1u);
  EXPECT_EQ(run(), 1);
  EXPECT_FALSE(awg::rt::limitCpuLevel("v9"));
  EXPECT_TRUE(awg::rt::limitCpuLevel("v4"));
}

// An extent product past 64 bits is refused.
TEST(LaunchLevel, TooManyIndices) {
  TestRuntime runtime(1);
  TestKernel kernel(AWGRT_EACH, 2, {0, 0}, slowKernel);
  int64_t huge = int64_t(1) << 40;
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) {
    return awaitLaunch(root, &kernel.kernel, {huge, huge}, {0, 0}, nullptr).task;
  })).rfind("out of memory: ", 0),
            0u);
}

// So are more than 2^44 indices, but not none of many.
TEST(LaunchLevel, MostIndices) {
  TestRuntime runtime(1);
  TestKernel kernel(AWGRT_EACH, 2, {0, 0}, slowKernel);
  auto run = [&](int64_t rows, int64_t columns) {
    return message(runtime.run([&](awgrt_task *root) {
      return awaitLaunch(root, &kernel.kernel, {rows, columns}, {0, 0}, nullptr).task;
    }));
  };
  constexpr int64_t most = int64_t(1) << 44;
  EXPECT_EQ(run(1 << 23, 1 << 22), "out of memory: a launch over too many indices");
  EXPECT_EQ(run(most + 1, 1), "out of memory: a launch over too many indices");
  EXPECT_EQ(run(2 * most, 0), "");
}

Spawned launchMany(awgrt_task *, const awgrt_kernel *kernel, std::vector<uint64_t> slots, int64_t rounds) {
  awgrt_task *self = co_await Self{};
  slots.resize(12);
  int64_t n = 3000;
  for (int64_t round = 0; round < rounds; ++round) {
    awgrt_task *launches[3];
    for (awgrt_task *&launch : launches)
      launch = awgrt_launch(self, &here, kernel, AWGRT_ANY_DEVICE, &n, slots.data(), nullptr);
    awgrt_error *error = co_await Await{self, launches, round % 2 ? 3 : 1};
    if (!error && round % 2 == 0)
      error = co_await Await{self, launches + 1, 2};
    for (awgrt_task *launch : launches)
      awgrt_task_free(launch);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

void touch(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *counters = pointer<std::atomic<uint32_t>>(slots[7]);
  for (int64_t i = begin; i < end; ++i)
    counters[i].fetch_add(1, std::memory_order_relaxed);
}

// Launches awaited alone and together, run inline, stolen and helped at.
TEST_P(Launch, Stress) {
  TestKernel kernel(AWGRT_EACH, 1, saxpyAccess, touch);
  Array x(AWGRT_F32, {3000}), y(AWGRT_U32, {3000});
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) {
    return launchMany(root, &kernel.kernel, {0, bitsOf(0), x.slot(), 0, 0, 0, 0, y.slot()}, 1000).task;
  })),
            "");
  for (int64_t i = 0; i < 3000; ++i)
    ASSERT_EQ(y.as<uint32_t>()[i], 3000u);
}

} // namespace
