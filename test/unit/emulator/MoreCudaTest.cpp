// What nvcc makes of larger CUDA programs (cuda/more.cu), optimised and not, gives what the host computes, with all checks on.
#include "Emulator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace emutest;

namespace {
/// The parameter: the file of PTX.
class MoreCuda : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override { ASSERT_EQ(program.result, Result::Success) << program.log; }
  static std::string text() {
    std::ifstream file(std::string(AWG_EMU_TEST_FOLDER "/cuda/") + GetParam());
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }
  template <class... Args> void go(const char *kernel, unsigned blocks, unsigned threads, Args... args) {
    ASSERT_EQ(launch(program.function(kernel), blocks, threads, 0, args...), Result::Success) << awgemu_last_report();
  }
  Program program{text()};
};

TEST_P(MoreCuda, VirtualFunctionsAndTheHeap) {
  Buffer<int> areas(64);
  go("shapes", 1, 64, areas.address);
  auto result = areas.read();
  for (int i = 0; i < 64; ++i)
    ASSERT_EQ(result[i], i % 2 ? i * i : 3 * i);
}

TEST_P(MoreCuda, DivisionOf128Bits) {
  using Wide = unsigned __int128;
  std::vector<uint64_t> x;
  for (uint64_t high : {0ull, 1ull, 0x123456789abcdefull, ~0ull})
    for (uint64_t low : {7ull, 0xfedcba9876543210ull})
      for (uint64_t divisorHigh : {0ull, 5ull, 1ull << 63, ~0ull})
        x.insert(x.end(), {high, low, divisorHigh, 1000003});
  Buffer<uint64_t> onX(x), onY(x.size());
  go("wideDivision", 1, x.size() / 4, onX.address, onY.address);
  auto y = onY.read();
  for (size_t i = 0; i < x.size(); i += 4) {
    Wide a = Wide{x[i]} << 64 | x[i + 1], b = Wide{x[i + 2]} << 64 | x[i + 3];
    EXPECT_TRUE((Wide{y[i]} << 64 | y[i + 1]) == a / b) << i;
    EXPECT_TRUE((Wide{y[i + 2]} << 64 | y[i + 3]) == a % b) << i;
  }
}

TEST_P(MoreCuda, SwapLoopAfterAPlainRead) {
  Buffer<double> sums(std::vector<double>(4, 0.5));
  go("swapLoop", 2, 64, sums.address);
  EXPECT_EQ(sums.read()[3], 0.5 + 2 * 64 * 63 / 2);
}

TEST_P(MoreCuda, Matrices) {
  std::vector<_Float16> a(256), b(256);
  for (int i = 0; i < 256; ++i)
    a[i] = i * 7 % 17 - 8, b[i] = i * 5 % 13 - 6;
  Buffer<_Float16> onA(a), onB(b);
  Buffer<float> byWmma(256), byMma(256);
  go("warpMatrices", 1, 32, onA.address, onB.address, byWmma.address);
  go("mmaMatrices", 1, 32, onA.address, onB.address, byMma.address);
  auto wmma = byWmma.read(), mma = byMma.read();
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 16; ++column) {
      float sum = 0; // of small integers: exact
      for (int k = 0; k < 16; ++k)
        sum += float(a[row * 16 + k]) * float(b[column * 16 + k]);
      ASSERT_EQ(wmma[row * 16 + column], 2 * (sum + 1)) << row << ", " << column;
      ASSERT_EQ(mma[row * 16 + column], sum) << row << ", " << column;
    }
}

TEST_P(MoreCuda, GroupsOfAGrid) {
  constexpr int n = 4 * 128;
  std::vector<int> x(n);
  for (int i = 0; i < n; ++i)
    x[i] = i * 3;
  Buffer<int> onX(x), onY(n);
  void *parameters[] = {&onX.address, &onY.address};
  ASSERT_EQ(awg::cuda::cuLaunchCooperativeKernel(program.function("gridWide"), 4, 1, 1, 128, 1, 1, 0, nullptr, parameters),
            Result::Success);
  auto y = onY.read(), after = onX.read();
  for (int i = 0; i < n; ++i) {
    ASSERT_EQ(y[i], x[i / 64 * 64 + 63 - i % 64]);
    ASSERT_EQ(after[i], y[n - 1 - i]);
  }
}

/// Of e4m3, half of a float's values between 2^-9 and 448, which these are not beyond.
float tiny(float value) {
  float unit = std::max(std::exp2(std::floor(std::log2(std::fabs(value))) - 3), 0x1p-9f);
  return value == 0 ? value : std::clamp(std::nearbyint(value / unit) * unit, -448.0f, 448.0f);
}

TEST_P(MoreCuda, PackedNumbers) {
  std::vector<_Float16> halves = {0, 1, -2, 0.3f, 448, 1000, -17.5f, 0.002f, 0.01f, -0.7f, 3, 3.3f, 100, -240, 15, 65504};
  std::vector<uint32_t> x(8);
  std::memcpy(x.data(), halves.data(), 32);
  constexpr int n = 8;
  Buffer<uint32_t> onX(x), onY(7 * n);
  go("packed", 1, n, onX.address, onY.address, n);
  auto y = onY.read();
  auto each = [](uint32_t a, uint32_t b, auto f) {
    return uint32_t(uint16_t(f(int16_t(a >> 16), int16_t(b >> 16)))) << 16 | uint16_t(f(int16_t(a), int16_t(b)));
  };
  auto half = [](uint16_t bits) { return float(std::bit_cast<_Float16>(bits)); };
  for (int i = 0; i < n; ++i) {
    uint32_t a = x[i], b = x[(i + 1) % n], bytes = 0;
    for (int k = 0; k < 32; k += 8)
      bytes |= uint32_t(std::abs(int(a >> k & 255) - int(b >> k & 255))) << k;
    EXPECT_EQ(y[i], each(a, b, [](int p, int q) { return std::max(p, q); }));
    EXPECT_EQ(y[n + i], each(a, b, [](int p, int q) { return p + q; }));
    EXPECT_EQ(y[2 * n + i], bytes);
    EXPECT_EQ(y[3 * n + i], each(a, b, [&](int p, int q) { return half(p) >= half(q) ? 0xffff : 0; }));
    for (int k = 0; k < 32; k += 16)
      EXPECT_EQ(half(y[4 * n + i] >> k), tiny(half(a >> k))) << half(a >> k);
    float exact = float(x[i]) * 0.1f, up = half(y[5 * n + i]), down = half(y[5 * n + i] >> 16);
    EXPECT_TRUE(down <= exact && exact <= up && (exact > 65504 || exact == 0 || down < up)) << exact;
    uint32_t left = a >> 3, second = left & (left - 1);
    EXPECT_EQ(y[6 * n + i], second ? uint32_t(std::countr_zero(second)) + 3 : ~0u);
  }
}

TEST_P(MoreCuda, WideAtomics) {
  Buffer<float> sums(std::vector<float>(4 * 65, 0));
  Buffer<uint64_t> words(std::vector<uint64_t>(2, 0));
  go("wideAtomics", 1, 64, sums.address, words.address);
  auto sum = sums.read();
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(sum[i], 64 * (i + 1));
  EXPECT_EQ(words.read(), (std::vector<uint64_t>{3 * 64, 64}));
}

/// Lanes that went ahead while the first one waited meet it again in the shuffle, which is a function here if not optimised.
TEST_P(MoreCuda, ShuffleAfterWaiting) {
  Buffer<int> flag(std::vector<int>{0}), y(64);
  go("waiters", 1, 64, flag.address, y.address);
  auto result = y.read();
  for (int i = 0; i < 64; ++i)
    ASSERT_EQ(result[i], i < 32 ? 42 : 32);
}

TEST_P(MoreCuda, BarrierWithoutLanesThatLeft) {
  std::vector<int> x(64);
  Buffer<int> onX(x), onY(64);
  EXPECT_EQ(launch(program.function("leavers"), 1, 64, 0, onX.address, onY.address, 40), Result::LaunchFailed);
  EXPECT_NE(std::string(awgemu_last_report()).find("have exited"), std::string::npos) << awgemu_last_report();
  program.handle = nullptr;
  awg::cuda::cuDevicePrimaryCtxReset_v2(0);
}

INSTANTIATE_TEST_SUITE_P(Optimised, MoreCuda, testing::Values("more.ptx"));
INSTANTIATE_TEST_SUITE_P(NotOptimised, MoreCuda, testing::Values("more-debug.ptx"));
} // namespace
