// Arithmetic, comparisons and conversions of floats against the host's, under all roundings.
#include "Instruction.h"

#include <algorithm>
#include <cfenv>

using namespace emutest;

namespace {
struct Rounding {
  const char *name;
  int mode;
};
constexpr Rounding roundings[] = {
    {".rn", FE_TONEAREST}, {".rz", FE_TOWARDZERO}, {".rm", FE_DOWNWARD}, {".rp", FE_UPWARD}};

/// Calls `f` in a rounding; its arguments are read and its result is kept behind the compiler's back.
template <class T, class F> T under(int mode, F f) {
  std::fesetround(mode);
  volatile T result = f();
  std::fesetround(FE_TONEAREST);
  return result;
}

template <class T> void roundedArithmetic(const std::string &type) {
  for (const Rounding &r : roundings) {
    auto two = [&](const char *name, auto f) {
      check2<T, T>(name + std::string(r.name) + type + " %d, %a, %b;", [&](T a, T b) {
        volatile T x = a, y = b;
        return under<T>(r.mode, [&] { return f(x, y); });
      });
    };
    two("add", [](T a, T b) { return a + b; });
    two("sub", [](T a, T b) { return a - b; });
    two("mul", [](T a, T b) { return a * b; });
    two("div", [](T a, T b) { return a / b; });
    check1<T, T>("sqrt" + std::string(r.name) + type + " %d, %a;", [&](T a) {
      volatile T x = a;
      return under<T>(r.mode, [&] { return std::sqrt(T(x)); });
    });
    check1<T, T>("rcp" + std::string(r.name) + type + " %d, %a;", [&](T a) {
      volatile T x = a;
      return under<T>(r.mode, [&] { return T(1) / x; });
    });
    check3<T, T, T, T>("fma" + std::string(r.name) + type + " %d, %a, %b, %c;", [&](T a, T b, T c) {
      volatile T x = a, y = b, z = c;
      return under<T>(r.mode, [&] { return std::fma(T(x), T(y), T(z)); });
    });
  }
}

TEST(Float, RoundedArithmetic) { roundedArithmetic<float>(".f32"); }
TEST(Float, RoundedArithmeticOfDoubles) { roundedArithmetic<double>(".f64"); }

float flush(float a) { return std::fpclassify(a) == FP_SUBNORMAL ? std::copysign(0.0f, a) : a; }

TEST(Float, FlushingAndSaturation) {
  check2<float, float>("add.ftz.f32 %d, %a, %b;", [](float a, float b) { return flush(flush(a) + flush(b)); });
  check2<float, float>("mul.rn.ftz.f32 %d, %a, %b;", [](float a, float b) { return flush(flush(a) * flush(b)); });
  check1<float, float>("abs.ftz.f32 %d, %a;", [](float a) { return std::fabs(flush(a)); });
  check1<float, float>("neg.ftz.f32 %d, %a;", [](float a) { return -flush(a); });
  check2<float, float>("add.sat.f32 %d, %a, %b;", [](float a, float b) {
    float s = a + b;
    return s > 0 ? std::min(s, 1.0f) : 0.0f;
  });
  check3<double, double, double, double>("fma.rn.f64 %d, %a, %b, %c;",
                                         [](double a, double b, double c) { return std::fma(a, b, c); });
  check2<uint32_t, float>("setp.eq.ftz.f32 %p, %a, %b; selp.u32 %d, 1, 0, %p;",
                          [](float a, float b) { return flush(a) == flush(b); });
}

TEST(Float, ExtremesOrderZerosAndPassOverNaN) {
  auto less = [](auto a, auto b) { return a < b || (a == b && std::signbit(a) && !std::signbit(b)); };
  check2<float, float>("min.f32 %d, %a, %b;", [&](float a, float b) {
    return a != a ? b : b != b ? a : less(a, b) ? a : b;
  });
  check2<double, double>("max.f64 %d, %a, %b;", [&](double a, double b) {
    return a != a ? b : b != b ? a : less(a, b) ? b : a;
  });
  check2<float, float>("max.NaN.f32 %d, %a, %b;", [&](float a, float b) {
    return a != a ? a : b != b ? b : less(a, b) ? b : a;
  });
  check2<float, float>("min.xorsign.abs.f32 %d, %a, %b;", [&](float a, float b) {
    float m = a != a ? std::fabs(b) : b != b ? std::fabs(a) : std::min(std::fabs(a), std::fabs(b));
    return std::signbit(a) != std::signbit(b) ? -m : m;
  });
  check2<float, float>("copysign.f32 %d, %a, %b;", [](float a, float b) { return std::copysign(b, a); });
}

template <class T> void comparisons(const std::string &type) {
  auto check = [&](const std::string &name, auto f) {
    check2<uint32_t, T>("setp." + name + type + " %p, %a, %b; selp.b32 %d, 1, 0, %p;", f);
  };
  check("eq", [](T a, T b) { return a == b; });
  check("ne", [](T a, T b) { return a < b || a > b; });
  check("lt", [](T a, T b) { return a < b; });
  check("le", [](T a, T b) { return a <= b; });
  check("gt", [](T a, T b) { return a > b; });
  check("ge", [](T a, T b) { return a >= b; });
  check("equ", [](T a, T b) { return !(a < b || a > b); });
  check("neu", [](T a, T b) { return a != b; });
  check("ltu", [](T a, T b) { return !(a >= b); });
  check("leu", [](T a, T b) { return !(a > b); });
  check("gtu", [](T a, T b) { return !(a <= b); });
  check("geu", [](T a, T b) { return !(a < b); });
  check("num", [](T a, T b) { return a == a && b == b; });
  check("nan", [](T a, T b) { return a != a || b != b; });
}
TEST(Float, Comparisons) { comparisons<float>(".f32"); }
TEST(Float, ComparisonsOfDoubles) { comparisons<double>(".f64"); }

TEST(Float, Classes) {
  auto check = [](const char *name, auto f) {
    check1<uint32_t, float>("testp." + std::string(name) + ".f32 %p, %a; selp.b32 %d, 1, 0, %p;", f);
  };
  check("finite", [](float a) { return std::isfinite(a); });
  check("infinite", [](float a) { return std::isinf(a); });
  check("number", [](float a) { return !std::isnan(a); });
  check("notanumber", [](float a) { return std::isnan(a); });
  check("normal", [](float a) { return std::isnormal(a); });
  check("subnormal", [](float a) { return std::fpclassify(a) == FP_SUBNORMAL; });
}

/// Functions that PTX wants approximately are within two units here.
TEST(Float, Approximations) {
  struct Case {
    const char *name;
    double (*f)(double);
  };
  for (Case c : {Case{"sin", std::sin},
                 {"cos", std::cos},
                 {"ex2", std::exp2},
                 {"lg2", std::log2},
                 {"tanh", std::tanh},
                 {"rsqrt", +[](double a) { return 1 / std::sqrt(a); }},
                 {"sqrt", std::sqrt},
                 {"rcp", +[](double a) { return 1 / a; }}})
    check1<float, float>(c.name + std::string(".approx.f32 %d, %a;"), [&](float a) { return float(c.f(a)); });
  check2<float, float>("div.approx.f32 %d, %a, %b;", [](float a, float b) { return a / b; });
  check2<float, float>("div.full.f32 %d, %a, %b;", [](float a, float b) { return a / b; });
  check1<double, double>("rcp.approx.ftz.f64 %d, %a;", [](double a) {
    return a != a ? a : std::bit_cast<double>(std::bit_cast<uint64_t>(1 / a) & ~0xffffffffull);
  });
}

//--- Conversions

/// A NaN gives 0 or, from or to 64 bits, the highest bit.
template <class D, class S> D saturate(double value) {
  using L = std::numeric_limits<D>;
  if (value != value)
    return sizeof(S) == 8 || sizeof(D) == 8 ? D(uint64_t{1} << (8 * sizeof(D) - 1)) : 0;
  if (value <= double(L::min()))
    return L::min();
  return value >= double(L::max()) ? L::max() : D(value);
}

TEST(Convert, FloatToInteger) {
  check1<int32_t, float>("cvt.rzi.s32.f32 %d, %a;", [](float a) { return saturate<int32_t, float>(std::trunc(a)); });
  check1<int32_t, float>("cvt.rni.s32.f32 %d, %a;",
                         [](float a) { return saturate<int32_t, float>(std::nearbyint(a)); });
  check1<uint32_t, float>("cvt.rmi.u32.f32 %d, %a;", [](float a) { return saturate<uint32_t, float>(std::floor(a)); });
  check1<int64_t, double>("cvt.rpi.s64.f64 %d, %a;", [](double a) { return saturate<int64_t, double>(std::ceil(a)); });
  check1<uint64_t, float>("cvt.rzi.u64.f32 %d, %a;", [](float a) { return saturate<uint64_t, float>(std::trunc(a)); });
  check1<int32_t, double>("cvt.rni.s32.f64 %d, %a;", [](double a) { return saturate<int32_t, double>(std::nearbyint(a)); });
  check1<uint32_t, double>("cvt.rzi.u32.f64 %d, %a;", [](double a) { return saturate<uint32_t, double>(std::trunc(a)); });
  check1<int64_t, float>("cvt.rmi.s64.f32 %d, %a;", [](float a) { return saturate<int64_t, float>(std::floor(a)); });
  check1<int16_t, float>("cvt.rzi.s16.f32 %d, %a;", [](float a) { return saturate<int16_t, float>(std::trunc(a)); });
  check1<int32_t, float>("cvt.rzi.s8.f32 %d, %a;", [](float a) { return saturate<int8_t, float>(std::trunc(a)); });
  check1<int32_t, float>("cvt.rmi.ftz.s32.f32 %d, %a;",
                         [](float a) { return saturate<int32_t, float>(std::floor(flush(a))); });
}

TEST(Convert, IntegerToFloat) {
  for (const Rounding &r : roundings) {
    check1<float, int64_t>("cvt" + std::string(r.name) + ".f32.s64 %d, %a;", [&](int64_t a) {
      volatile int64_t x = a;
      return under<float>(r.mode, [&] { return float(x); });
    });
    check1<float, uint32_t>("cvt" + std::string(r.name) + ".f32.u32 %d, %a;", [&](uint32_t a) {
      volatile uint32_t x = a;
      return under<float>(r.mode, [&] { return float(int64_t{x}); });
    });
  }
  check1<float, uint64_t>("cvt.rn.f32.u64 %d, %a;", [](uint64_t a) { return float(a); });
  check1<double, uint64_t>("cvt.rn.f64.u64 %d, %a;", [](uint64_t a) { return double(a); });
  check1<double, int32_t>("cvt.rn.f64.s32 %d, %a;", [](int32_t a) { return double(a); });
  check1<float, int32_t>("cvt.rn.f32.s8 %d, %a;", [](int32_t a) { return float(int8_t(a)); });
}

TEST(Convert, BetweenIntegers) {
  check1<uint32_t, uint32_t>("cvt.u32.u8 %d, %a;", [](uint32_t a) { return uint8_t(a); });
  check1<int32_t, int32_t>("cvt.s32.s8 %d, %a;", [](int32_t a) { return int8_t(a); });
  check1<int64_t, int32_t>("cvt.s64.s32 %d, %a;", [](int32_t a) { return a; });
  check1<uint64_t, uint32_t>("cvt.u64.u32 %d, %a;", [](uint32_t a) { return a; });
  check1<uint16_t, uint64_t>("cvt.u16.u64 %d, %a;", [](uint64_t a) { return uint16_t(a); });
  check1<int32_t, int64_t>("cvt.sat.s32.s64 %d, %a;",
                           [](int64_t a) { return int32_t(std::clamp<int64_t>(a, INT32_MIN, INT32_MAX)); });
  check1<uint32_t, int32_t>("cvt.sat.u8.s32 %d, %a;", [](int32_t a) { return uint32_t(std::clamp(a, 0, 255)); });
  check1<int16_t, uint16_t>("cvt.s16.s8 %d, %a;", [](uint16_t a) { return int8_t(a); });
}

TEST(Convert, BetweenFloats) {
  for (const Rounding &r : roundings)
    check1<float, double>("cvt" + std::string(r.name) + ".f32.f64 %d, %a;", [&](double a) {
      volatile double x = a;
      return under<float>(r.mode, [&] { return float(x); });
    });
  check1<double, float>("cvt.f64.f32 %d, %a;", [](float a) { return double(a); });
  check1<float, float>("cvt.rmi.f32.f32 %d, %a;", [](float a) { return std::floor(a); });
  check1<float, float>("cvt.rpi.f32.f32 %d, %a;", [](float a) { return std::ceil(a); });
  check1<double, double>("cvt.rni.f64.f64 %d, %a;", [](double a) { return std::nearbyint(a); });
  check1<float, float>("cvt.sat.f32.f32 %d, %a;", [](float a) { return a > 0 ? std::min(a, 1.0f) : 0.0f; });
  check1<float, float>("cvt.ftz.f32.f32 %d, %a;", flush);
}

//--- Halves, against the compiler's _Float16 and rounding by hand

float half(uint16_t bits) { return float(std::bit_cast<_Float16>(bits)); }
uint16_t half(double value) { return value != value ? 0x7fff : std::bit_cast<uint16_t>(_Float16(value)); }
float brain(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

/// All f16 values against a spread of others: 65536 operations an instruction.
template <class F> void checkHalves(const std::string &text, F expected) {
  std::vector<uint16_t> a(65536), b(65536), c(65536);
  for (uint32_t i = 0; i < 65536; ++i)
    a[i] = i, b[i] = i * 40503 + 12345, c[i] = i * 30011 + 777;
  std::vector<uint16_t> d = run<uint16_t>(text, a, b, c);
  for (uint32_t i = 0; i < 65536; ++i)
    ASSERT_EQ(d[i], expected(a[i], b[i], c[i])) << text << " of " << a[i] << ", " << b[i] << ", " << c[i];
}

TEST(Half, ArithmeticRoundsOnce) {
  checkHalves("add.f16 %d, %a, %b;", [](uint16_t a, uint16_t b, uint16_t) { return half(double(half(a)) + half(b)); });
  checkHalves("sub.f16 %d, %a, %b;", [](uint16_t a, uint16_t b, uint16_t) { return half(double(half(a)) - half(b)); });
  checkHalves("mul.rn.f16 %d, %a, %b;",
              [](uint16_t a, uint16_t b, uint16_t) { return half(double(half(a)) * half(b)); });
  // Products and sums of halves are exact in 80 bits.
  checkHalves("fma.rn.f16 %d, %a, %b, %c;", [](uint16_t a, uint16_t b, uint16_t c) {
    long double exact = (long double)half(a) * half(b) + half(c);
    double odd = double(exact);
    if (std::isfinite(odd) && (long double)odd != exact) {
      uint64_t bits = std::bit_cast<uint64_t>(odd);
      bits -= std::fabs((long double)odd) > std::fabs(exact);
      odd = std::bit_cast<double>(bits | 1);
    }
    return half(odd);
  });
  checkHalves("neg.f16 %d, %a;", [](uint16_t a, uint16_t, uint16_t) { return uint16_t(a ^ 0x8000); });
}

TEST(Half, Conversions) {
  std::vector<uint16_t> bits(65536);
  for (uint32_t i = 0; i < 65536; ++i)
    bits[i] = i;
  std::vector<float> wide = run<float>("cvt.f32.f16 %d, %a;", bits, bits, bits);
  for (uint32_t i = 0; i < 65536; ++i)
    ASSERT_EQ(bitsOf(wide[i]), bitsOf(half(bits[i])));
  check1<uint16_t, float>("cvt.rn.f16.f32 %d, %a;", [](float a) { return half(double(a)); });
  check1<uint16_t, double>("cvt.rn.f16.f64 %d, %a;", [](double a) { return half(a); });
  check1<uint16_t, float>("cvt.rn.bf16.f32 %d, %a;", [](float a) {
    if (a != a)
      return 0x7fff;
    uint32_t up = std::bit_cast<uint32_t>(a);
    return int((up + 0x7fff + ((up >> 16) & 1)) >> 16);
  });
  check2<uint32_t, float>("cvt.rn.f16x2.f32 %d, %a, %b;",
                          [](float a, float b) { return uint32_t{half(double(a))} << 16 | half(double(b)); });
  check1<uint32_t, float>("cvt.rna.tf32.f32 %d, %a;", [](float a) {
    return a != a ? 0x7fffffffu : (std::bit_cast<uint32_t>(a) + 0x1000) & ~0x1fffu;
  });
}

TEST(Half, BrainFloatsAndPairs) {
  checkHalves("add.bf16 %d, %a, %b;", [](uint16_t a, uint16_t b, uint16_t) {
    float exact = float(double(brain(a)) + brain(b)); // 16 bits of difference in exponent and more are absorbed alike
    if (exact != exact)
      return uint16_t(0x7fff);
    uint32_t up = std::bit_cast<uint32_t>(exact);
    return uint16_t((up + 0x7fff + ((up >> 16) & 1)) >> 16);
  });
  check2<uint32_t, uint32_t>("add.f16x2 %d, %a, %b;", [](uint32_t a, uint32_t b) {
    return uint32_t{half(double(half(uint16_t(a >> 16))) + half(uint16_t(b >> 16)))} << 16 |
           half(double(half(uint16_t(a))) + half(uint16_t(b)));
  });
  const std::string bits = " selp.b32 %d, 1, 0, %p; selp.b32 %x, 2, 0, %q; or.b32 %d, %d, %x;";
  check2<uint32_t, uint32_t>("setp.lt.f16x2 %p|%q, %a, %b;" + bits, [](uint32_t a, uint32_t b) {
    return uint32_t(half(uint16_t(a)) < half(uint16_t(b))) + 2 * uint32_t(half(uint16_t(a >> 16)) < half(uint16_t(b >> 16)));
  });
  check2<uint32_t, uint32_t>("setp.neu.bf16x2 %p|%q, %a, %b;" + bits, [](uint32_t a, uint32_t b) {
    return uint32_t(brain(uint16_t(a)) != brain(uint16_t(b))) + 2 * uint32_t(brain(uint16_t(a >> 16)) != brain(uint16_t(b >> 16)));
  });
}
} // namespace
