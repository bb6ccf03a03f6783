// Where launches go: by guesses at first, then by what was measured.
#include "place/Policy.h"

#include <gtest/gtest.h>

#include <vector>

using namespace awg::rt;

namespace {

Candidate host(int64_t indices, int64_t missing = 0) { return {true, 0, missing, false, computingTime(indices, hostPicoseconds), {}}; }
Candidate gpu(int64_t indices, int64_t backlog = 0, int64_t missing = 0) {
  return {true, backlog, missing, true, computingTime(indices, gpuPicoseconds), {}};
}
Candidate lost() { return {false, 0, 0, true, 0, {}}; }
int32_t choose(std::vector<Candidate> candidates) { return chooseDevice(candidates.data(), int32_t(candidates.size())); }

constexpr int64_t microsecond = 1000, millisecond = 1'000'000;

} // namespace

// Small launches stay on the host, large ones go to the least loaded GPU, and of equals to the one with the data.
TEST(Policy, LeastLoaded) {
  constexpr int64_t large = 1'000'000'000;
  EXPECT_EQ(choose({host(100), gpu(100)}), 0);
  EXPECT_EQ(choose({host(large), gpu(large)}), 1);
  EXPECT_EQ(choose({gpu(100, 3), gpu(100, 1), gpu(100, 2)}), 1);
  EXPECT_EQ(choose({gpu(100, 0, 1'000'000), gpu(100)}), 1);
  EXPECT_EQ(choose({gpu(100), gpu(100)}), 0);
  EXPECT_EQ(choose({lost(), gpu(100, 9)}), 1);
  EXPECT_EQ(choose({lost()}), -1);
  // What is on a GPU is worth a launch there that the host would carry out otherwise.
  EXPECT_EQ(choose({host(1000, 100'000'000), gpu(1000)}), 1);
  // Arguments that one computes come no sooner anywhere else.
  EXPECT_EQ(choose({gpu(100, 5, 1000), gpu(100, 5)}), 1);
}

// A kernel's own time is what its launches take longer than the shortest launch.
TEST(Costs, LaunchesAndKernels) {
  MeasuredCosts costs;
  EXPECT_EQ(costs.get().launch, DeviceCosts().launch);
  EXPECT_EQ(costs.noteLaunch({1000, 0, 3 * millisecond}, 0), 1); // as far as is known, launches take that long
  EXPECT_EQ(costs.get().launch, 3 * millisecond);
  EXPECT_EQ(costs.noteLaunch({10, 0, 8 * microsecond}, 0), 1);
  EXPECT_EQ(costs.get().launch, 8 * microsecond);
  int64_t heavy = costs.noteLaunch({1000, 0, 3 * millisecond}, 0);
  EXPECT_EQ(heavy, 2'992'000); // 2.992 us an index
  EXPECT_EQ(costs.get().launch, 8 * microsecond);
  // A run that was held up does not count for much.
  EXPECT_LT(costs.noteLaunch({1000, 0, 6 * millisecond}, heavy), heavy * 3 / 2);
  EXPECT_EQ(costs.noteLaunch({0, 0, 7 * microsecond}, 500), 375);
}

// What a launch takes beyond itself and its kernel is due to its copies.
TEST(Costs, Copies) {
  MeasuredCosts costs;
  costs.noteLaunch({1, 0, 10 * microsecond}, 0);
  EXPECT_EQ(costs.noteLaunch({1000, 4096, 80 * microsecond}, 0), 0); // the kernel's share is not known
  EXPECT_EQ(costs.get().copy, DeviceCosts().copy);
  EXPECT_EQ(costs.noteLaunch({1000, 4096, 40 * microsecond}, 5000), 5000);
  EXPECT_EQ(costs.get().copy, 25 * microsecond);
  costs.noteLaunch({1000, int64_t(20) << 20, 1015 * microsecond}, 5000);
  EXPECT_EQ(costs.get().bytesPerMicrosecond, (20 << 20) / 1000);
  costs.noteCopy(100, 9 * microsecond);
  costs.noteCopy(100, -5);
  EXPECT_EQ(costs.get().copy, (3 * 25 + 9) * microsecond / 4);
  costs.noteCopy(int64_t(40) << 20, 1000 * microsecond);
  EXPECT_EQ(costs.get().bytesPerMicrosecond, ((20 << 20) / 1000 * 3 + (40 << 20) / 1000) / 4);
}

// Launches ahead hold a launch up by what they take one after the other, not one by one.
TEST(Costs, Backlog) {
  MeasuredCosts costs;
  costs.noteEnds(10, 50 * microsecond);
  EXPECT_EQ(costs.get().backlog, 5 * microsecond);
  costs.noteEnds(1, 9 * microsecond);
  EXPECT_EQ(costs.get().backlog, 6 * microsecond);
}

// What was measured decides: a slow GPU leaves a kernel to the host, a fast one takes smaller launches than a guess would give it.
TEST(Costs, Decide) {
  MeasuredCosts slow, fast;
  KernelTimes kernels;
  int kernel = 0, other = 0;
  EXPECT_EQ(kernels.find(&kernel), 0);
  constexpr int64_t indices = 1'000'000;
  EXPECT_EQ(choose({host(indices), gpu(indices)}), 1);
  slow.noteLaunch({1, 0, 30 * microsecond}, 0);
  kernels.store(&kernel, slow.noteLaunch({indices, 0, 40 * millisecond}, 0));
  Candidate measured = {true, 0, 0, true, computingTime(indices, kernels.find(&kernel)), slow.get()};
  EXPECT_EQ(choose({host(indices), measured}), 0);
  EXPECT_EQ(kernels.find(&other), 0);
  EXPECT_EQ(choose({host(30'000), gpu(30'000)}), 0);
  fast.noteLaunch({1, 0, 5 * microsecond}, 0);
  EXPECT_EQ(choose({host(30'000), {true, 0, 0, true, computingTime(30'000, gpuPicoseconds), fast.get()}}), 1);
}

// More kernels than places: the last ones are known.
TEST(Costs, ManyKernels) {
  KernelTimes kernels;
  std::vector<int64_t> many(1000);
  for (int64_t k = 0; k < 1000; ++k) {
    kernels.store(&many[size_t(k)], k + 1);
    EXPECT_EQ(kernels.find(&many[size_t(k)]), k + 1);
  }
  for (int64_t k = 0; k < 1000; ++k)
    if (int64_t known = kernels.find(&many[size_t(k)]))
      EXPECT_EQ(known, k + 1);
}
