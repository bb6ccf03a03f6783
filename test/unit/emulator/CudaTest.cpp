// What nvcc makes of CUDA kernels (cuda/kernels.cu), optimised and for debuggers, gives what the host computes, with all checks on.
#include "Emulator.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>

using namespace emutest;

namespace {
/// The parameter: the file of PTX.
class Cuda : public testing::TestWithParam<const char *> {
protected:
  static std::string text() {
    std::ifstream file(std::string(AWG_EMU_TEST_FOLDER "/cuda/") + GetParam());
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }
  template <class... Args>
  void go(const char *kernel, std::array<unsigned, 2> grid, std::array<unsigned, 2> block, unsigned shared,
          Args... args) {
    ASSERT_EQ(program.result, Result::Success) << program.log;
    void *pointers[] = {&args...};
    ASSERT_EQ(awg::cuda::cuLaunchKernel(program.function(kernel), grid[0], grid[1], 1, block[0], block[1], 1, shared,
                                        nullptr, pointers, nullptr),
              Result::Success);
    ASSERT_EQ(awg::cuda::cuCtxSynchronize(), Result::Success) << awgemu_last_report();
  }
  template <class T> static std::vector<T> numbers(size_t count, unsigned modulus) {
    std::vector<T> values(count);
    for (size_t i = 0; i < count; ++i)
      values[i] = T(i * 2654435761u % modulus);
    return values;
  }
  Program program{text()};
};

TEST_P(Cuda, Saxpy) {
  auto x = numbers<float>(1000, 97), y = numbers<float>(1000, 31);
  Buffer<float> onX(x), onY(y);
  go("saxpy", {4, 1}, {256, 1}, 0, 2.5f, onX.address, onY.address, 1000);
  auto result = onY.read();
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(result[i], std::fma(2.5f, x[i], y[i]));
}

TEST_P(Cuda, ShuffleReduction) {
  auto x = numbers<int>(5000, 1000);
  Buffer<int> onX(x), sum(std::vector<int>{0});
  go("reduce", {3, 1}, {160, 1}, 0, onX.address, sum.address, 5000);
  EXPECT_EQ(sum.read()[0], std::accumulate(x.begin(), x.end(), 0));
}

TEST_P(Cuda, TiledMatmul) {
  constexpr int n = 64;
  auto a = numbers<float>(n * n, 13), b = numbers<float>(n * n, 17);
  Buffer<float> onA(a), onB(b), onC(n * n);
  go("matmul", {n / 16, n / 16}, {16, 16}, 0, onA.address, onB.address, onC.address, n);
  auto c = onC.read();
  for (int r = 0; r < n; ++r)
    for (int k = 0; k < n; ++k) {
      float sum = 0;
      for (int i = 0; i < n; ++i)
        sum += a[r * n + i] * b[i * n + k];
      ASSERT_EQ(c[r * n + k], sum); // small integers: exact in any order
    }
}

TEST_P(Cuda, ScanInDynamicSharedMemory) {
  auto x = numbers<int>(200, 50);
  Buffer<int> onX(x), onY(200);
  go("scan", {1, 1}, {256, 1}, 1024, onX.address, onY.address, 200);
  std::partial_sum(x.begin(), x.end(), x.begin());
  EXPECT_EQ(onY.read(), x);
}

TEST_P(Cuda, Histogram) {
  auto x = numbers<uint8_t>(10000, 256);
  Buffer<uint8_t> onX(x);
  Buffer<unsigned> counts(std::vector<unsigned>(256, 0));
  go("histogram", {4, 1}, {128, 1}, 0, onX.address, counts.address, 10000);
  std::vector<unsigned> expected(256);
  for (uint8_t v : x)
    ++expected[v];
  EXPECT_EQ(counts.read(), expected);
}

TEST_P(Cuda, Transpose) {
  constexpr int w = 70, h = 45;
  auto x = numbers<double>(w * h, 100003);
  Buffer<double> onX(x), onY(w * h);
  go("transpose", {3, 2}, {32, 8}, 0, onX.address, onY.address, w, h);
  auto y = onY.read();
  for (int r = 0; r < h; ++r)
    for (int c = 0; c < w; ++c)
      ASSERT_EQ(y[c * h + r], x[r * w + c]);
}

TEST_P(Cuda, Stencil) {
  auto x = numbers<float>(500, 77);
  Buffer<float> onX(x), onY(500);
  go("stencil", {4, 1}, {128, 1}, 0, onX.address, onY.address, 500);
  auto y = onY.read();
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(y[i], ((i ? x[i - 1] : 0) + x[i] + (i < 499 ? x[i + 1] : 0)) / 3.0f);
}

TEST_P(Cuda, BitonicSort) {
  auto x = numbers<int>(512, 10007);
  Buffer<int> onX(x);
  for (int k = 2; k <= 512; k *= 2)
    for (int j = k / 2; j; j /= 2)
      go("sortStep", {4, 1}, {128, 1}, 0, onX.address, j, k);
  std::sort(x.begin(), x.end());
  EXPECT_EQ(onX.read(), x);
}

TEST_P(Cuda, SoftmaxCallsAFunction) {
  auto x = numbers<float>(8 * 100, 11);
  Buffer<float> onX(x), onY(800);
  go("softmax", {8, 1}, {32, 1}, 0, onX.address, onY.address, 100);
  auto y = onY.read();
  for (int r = 0; r < 8; ++r) {
    double sum = 0, all = 0;
    for (int i = 0; i < 100; ++i)
      sum += std::exp(double(x[r * 100 + i]) - 10);
    for (int i = 0; i < 100; ++i) {
      ASSERT_NEAR(y[r * 100 + i], std::exp(double(x[r * 100 + i]) - 10) / sum, 1e-6);
      all += y[r * 100 + i];
    }
    ASSERT_NEAR(all, 1, 1e-5);
  }
}

TEST_P(Cuda, NBody) {
  constexpr int n = 100;
  auto bodies = numbers<float>(4 * n, 10);
  Buffer<float> onBodies(bodies), force(4 * n);
  go("nbody", {2, 1}, {64, 1}, 0, onBodies.address, force.address, n);
  auto f = force.read();
  for (int i = 0; i < n; ++i) {
    double x = 0;
    for (int k = 0; k < n; ++k) {
      double dx = bodies[4 * k] - bodies[4 * i], dy = bodies[4 * k + 1] - bodies[4 * i + 1],
             dz = bodies[4 * k + 2] - bodies[4 * i + 2];
      x += dx * bodies[4 * k + 3] / std::pow(dx * dx + dy * dy + dz * dz + 0.01, 1.5);
    }
    ASSERT_NEAR(f[4 * i], x, 1e-3 * (1 + std::fabs(x)));
  }
}

TEST_P(Cuda, HalvesAndSwitches) {
  std::vector<_Float16> x(64);
  for (int i = 0; i < 64; ++i)
    x[i] = _Float16(i * 0.125f);
  Buffer<_Float16> onX(x);
  Buffer<float> onY(64);
  go("halves", {1, 1}, {64, 1}, 0, onX.address, onY.address, 64);
  auto y = onY.read();
  for (int i = 0; i < 64; ++i)
    ASSERT_EQ(y[i], float(_Float16(double(x[i]) * double(x[i]) + 0.5)));

  std::vector<int> v(96);
  std::iota(v.begin(), v.end(), 0);
  Buffer<int> onV(v);
  Buffer<double> onD(96);
  go("switches", {1, 1}, {96, 1}, 0, onV.address, onD.address, 96);
  auto d = onD.read();
  for (int i = 0; i < 96; ++i) {
    double expected[] = {std::sin(i),      std::exp(i / 100.0), i / 3.0,         std::sqrt(i),
                         std::pow(i, 1.5), std::fmod(i, 7.0),   std::log(i + 1), -double(i)};
    ASSERT_NEAR(d[i], expected[i % 8], 1e-12 * (1 + std::fabs(expected[i % 8]))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Optimised, Cuda, testing::Values("kernels.ptx"));
INSTANTIATE_TEST_SUITE_P(ForDebuggers, Cuda, testing::Values("kernels-debug.ptx"));
} // namespace
