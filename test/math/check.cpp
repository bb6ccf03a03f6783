// Measures the errors of the functions of lang/std/math.awg, as translated by awg2c.py.
//
// f64 functions are checked for random and hard inputs: each against the C library's
// function of 64 bits of mantissa, one in 64 and every suspect against MPFR with 128 bits. f32
// functions of one argument are checked for all 2^32 inputs: each against the f64
// function, one in 16 and every suspect also against the C library's double function
// (both are within 2^-28 ulp of f32).

#include "math_awg.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mpfr.h>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr int BlockSize = 4096;
constexpr int ReferenceBits = 128;

/// The largest error seen and where.
struct Worst {
  double ulps = 0;
  double x = 0, y = 0;
  uint64_t wrong = 0; // NaN for a number, a number for NaN, or the wrong sign

  void add(double error, double atX, double atY = 0) {
    if (error > ulps) {
      ulps = error;
      x = atX;
      y = atY;
    }
  }
  void addWrong(double atX, double atY) {
    if (wrong++ == 0)
      std::printf("  wrong kind of result at (%a, %a)\n", atX, atY);
  }
};

/// One f32 unit in the last place of the value nearest `reference`.
inline double ulpOfF32(double reference) {
  uint64_t exponent = std::bit_cast<uint64_t>(reference) >> 52 & 0x7ff;
  exponent = std::min<uint64_t>(std::max<uint64_t>(exponent, 1023 - 126), 1023 + 127);
  return std::bit_cast<double>((exponent - 23) << 52);
}

/// The error in ulp, an infinity counting as 2^128; negative where the kind of result
/// (NaN, sign) is wrong.
inline double errorF32(float result, double reference) {
  bool sameKind = (result != result) == (reference != reference);
  bool sameSign = std::signbit(result) == std::signbit(reference) || result != result;
  double bound = 0x1p128;
  double value = std::min(std::max(double(result), -bound), bound);
  double clamped = std::min(std::max(reference, -bound), bound);
  double error = std::abs(value - clamped) / ulpOfF32(reference);
  error = result != result ? 0.0 : error;
  return sameKind && sameSign ? error : -1.0;
}

/// How f(-x) follows from f(x).
enum class Symmetry { None, Even, Odd };

struct F32Function {
  const char *name;
  Symmetry symmetry;
  float (*function)(float);
  void (*block)(const float *, float *, double *);
  double (*reference)(double);
  void (*mirrored)(const float *, float *);
  double bound;
};

template <float (*F)(float)> void evaluateMirrored(const float *x, float *out) {
  for (int i = 0; i < BlockSize; ++i)
    out[i] = F(-x[i]);
}

/// The f32 function, and its f64 counterpart as a first reference.
template <float (*F)(float), double (*G)(double)> void evaluate(const float *x, float *out, double *exact) {
  for (int i = 0; i < BlockSize; ++i)
    out[i] = F(x[i]);
  for (int i = 0; i < BlockSize; ++i)
    exact[i] = G(x[i]);
}

/// 1 / sqrt(x), which no library has.
template <typename T> T rsqrtOf(T x) { return 1 / std::sqrt(x); }

#define AWG_F32_FUNCTION(name, symmetry, bound)                                                                        \
  {#name "_f32", Symmetry::symmetry, awg_math::name##_f32,                                                          \
   evaluate<awg_math::name##_f32, awg_math::name##_f64>,                                                               \
   std::name, evaluateMirrored<awg_math::name##_f32>, bound}

const F32Function F32Functions[] = {
    AWG_F32_FUNCTION(exp, None, 1), AWG_F32_FUNCTION(exp2, None, 1), AWG_F32_FUNCTION(log, None, 1),
    AWG_F32_FUNCTION(log2, None, 1), AWG_F32_FUNCTION(sin, Odd, 1), AWG_F32_FUNCTION(cos, Even, 1),
    AWG_F32_FUNCTION(tan, Odd, 1), AWG_F32_FUNCTION(tanh, Odd, 1), AWG_F32_FUNCTION(erf, Odd, 1),
    AWG_F32_FUNCTION(round, Odd, 0),
    {"rsqrt_f32", Symmetry::None, awg_math::rsqrt_f32, evaluate<awg_math::rsqrt_f32, awg_math::rsqrt_f64>,
     rsqrtOf<double>, evaluateMirrored<awg_math::rsqrt_f32>, 1},
};

/// Whether f(-x) has the bits of f(x), or of -f(x), where that is a number.
bool isMirrored(const F32Function &function, const float *x, const float *out) {
  static float mirrored[BlockSize];
  function.mirrored(x, mirrored);
  uint32_t sign = function.symmetry == Symmetry::Odd ? 0x80000000 : 0, different = 0;
  for (int i = 0; i < BlockSize; ++i) {
    uint32_t change = std::bit_cast<uint32_t>(out[i]) ^ std::bit_cast<uint32_t>(mirrored[i]) ^ sign;
    different |= out[i] == out[i] ? change : 0;
  }
  return different == 0;
}

/// Every `stride`-th of the 2^32 inputs.
Worst checkF32(const F32Function &function, uint64_t stride) {
  Worst worst;
  static float x[BlockSize], out[BlockSize];
  static double exact[BlockSize], error[BlockSize];
  const uint64_t inputs = uint64_t(1) << (function.symmetry == Symmetry::None ? 32 : 31);
  for (uint64_t first = 0; first < inputs; first += BlockSize * stride) {
    for (int i = 0; i < BlockSize; ++i)
      x[i] = std::bit_cast<float>(uint32_t(first + i * stride));
    function.block(x, out, exact);
    if (function.symmetry != Symmetry::None && !isMirrored(function, x, out))
      worst.addWrong(x[0], 0);
    for (int i = 0; i < BlockSize; ++i)
      error[i] = errorF32(out[i], exact[i]);
    for (int i = 0; i < BlockSize; ++i) {
      if (error[i] >= 0 && error[i] <= worst.ulps && i % 16 != int(first / BlockSize % 16))
        continue;
      double confirmed = errorF32(out[i], function.reference(x[i]));
      if (confirmed < 0)
        worst.addWrong(x[i], 0);
      else
        worst.add(confirmed, x[i]);
    }
  }
  return worst;
}

/// f32 pairs: any bits; bases around 1 and exponents that give results in range.
std::pair<float, float> pairF32(std::mt19937_64 &random) {
  uint64_t bits = random();
  float x = std::bit_cast<float>(uint32_t(bits)), y = std::bit_cast<float>(uint32_t(bits >> 32));
  uint64_t kind = random();
  if (kind % 8 == 0)
    return {x, y};
  x = std::abs(x);
  if (kind % 8 < 3)
    x = std::bit_cast<float>(uint32_t(0x3f800000 + int32_t(uint32_t(bits)) / (1 << (8 + (kind >> 8) % 20))));
  double scale = double(int64_t(random())) * 0x1p-63 * 155;
  y = float(scale / std::log2(double(x)));
  if ((kind >> 40) % 8 == 0)
    y = std::round(y);
  return {(kind >> 32) % 8 == 0 ? -x : x, y};
}

Worst checkPowF32(uint64_t samples, uint64_t seed) {
  std::mt19937_64 random(seed);
  Worst worst;
  for (uint64_t i = 0; i < samples; ++i) {
    auto [x, y] = pairF32(random);
    double error = errorF32(awg_math::pow_f32(x, y), std::pow(double(x), double(y)));
    if (error < 0)
      worst.addWrong(x, y);
    else
      worst.add(error, x, y);
  }
  return worst;
}

/// MPFR numbers for one comparison.
struct Reference {
  mpfr_t x, y, value, difference;
  Reference() { mpfr_inits2(ReferenceBits, x, y, value, difference, nullptr); }
  ~Reference() { mpfr_clears(x, y, value, difference, nullptr); }

  /// Makes an overflow 2^1024.
  static void clampToInfinity(mpfr_t number) {
    if (mpfr_inf_p(number) || (mpfr_regular_p(number) && mpfr_get_exp(number) > 1024)) {
      int sign = mpfr_sgn(number);
      mpfr_set_si_2exp(number, sign, 1024, MPFR_RNDN);
    }
  }

  /// The error of `result` in ulp of f64, as errorF32.
  double error(double result) {
    bool nan = mpfr_nan_p(value);
    if (nan || result != result)
      return nan && result != result ? 0 : -1;
    if (std::signbit(result) != bool(mpfr_signbit(value)))
      return -1;
    clampToInfinity(value);
    mpfr_set_d(difference, result, MPFR_RNDN);
    clampToInfinity(difference);
    long exponent = mpfr_zero_p(value) ? -1022 : std::clamp<long>(mpfr_get_exp(value) - 1, -1022, 1023);
    mpfr_sub(difference, difference, value, MPFR_RNDN);
    mpfr_mul_2si(difference, difference, 52 - exponent, MPFR_RNDN);
    return std::abs(mpfr_get_d(difference, MPFR_RNDN));
  }
};

/// As Reference::error, from a value good to some 2^-10 ulp of f64.
double errorF64(double result, long double reference) {
  if ((result != result) != (reference != reference))
    return -1;
  if (result != result)
    return 0;
  if (std::signbit(result) != std::signbit(reference))
    return -1;
  const long double bound = 0x1p1024L;
  long double value = std::clamp<long double>(result, -bound, bound);
  long double exact = std::clamp(reference, -bound, bound);
  int exponent = exact == 0 ? -1022 : std::clamp(std::ilogb(exact), -1022, 1023);
  return double(std::ldexp(std::abs(value - exact), 52 - exponent));
}

/// Whether an error found with errorF64 asks for MPFR: it may be the worst, or its turn has come.
bool needsMpfr(double error, const Worst &worst, uint64_t index) {
  return !(error >= 0 && error < worst.ulps - 0x1p-8) || index % 64 == 0;
}

/// As IEEE 754's rSqrt: -inf at -0.
int rsqrtMpfr(mpfr_t out, const mpfr_t x, mpfr_rnd_t mode) {
  int inexact = mpfr_rec_sqrt(out, x, mode);
  if (mpfr_zero_p(x))
    mpfr_set_inf(out, mpfr_signbit(x) ? -1 : 1);
  return inexact;
}

int roundMpfr(mpfr_t out, const mpfr_t x, mpfr_rnd_t) { return mpfr_round(out, x); }

struct F64Function {
  const char *name;
  double (*function)(double);
  long double (*near)(long double);
  int (*reference)(mpfr_t, const mpfr_t, mpfr_rnd_t);
  double low, high, bound; // the interval on which the function is neither 0, 1 nor infinite
};

const F64Function F64Functions[] = {
    {"exp_f64", awg_math::exp_f64, std::exp, mpfr_exp, -746, 710, 2},
    {"exp2_f64", awg_math::exp2_f64, std::exp2, mpfr_exp2, -1076, 1025, 2},
    {"log_f64", awg_math::log_f64, std::log, mpfr_log, 0, 4, 2},
    {"log2_f64", awg_math::log2_f64, std::log2, mpfr_log2, 0, 4, 2},
    {"sin_f64", awg_math::sin_f64, std::sin, mpfr_sin, -7, 7, 2},
    {"cos_f64", awg_math::cos_f64, std::cos, mpfr_cos, -7, 7, 2},
    {"tan_f64", awg_math::tan_f64, std::tan, mpfr_tan, -7, 7, 2},
    {"tanh_f64", awg_math::tanh_f64, std::tanh, mpfr_tanh, -20, 20, 2},
    {"erf_f64", awg_math::erf_f64, std::erf, mpfr_erf, -6, 6, 2},
    {"round_f64", awg_math::round_f64, std::round, roundMpfr, -100, 100, 0},
    {"rsqrt_f64", awg_math::rsqrt_f64, rsqrtOf<long double>, rsqrtMpfr, 0, 4, 2},
};

const double Special[] = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023,
                          std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(),
                          0x1p-149, 0x1p-126, 0x1.fffffep127, 16777217.0, 9007199254740991.0, 0.99999999,
                          // the f64 nearest to a multiple of pi/2 (Kahan)
                          0x1.6ac5b262ca1ffp849, 0x1.921fb54442d18p0, 0x1.921fb54442d18p30};

/// A random or hard argument for `function`.
double argument(const F64Function &function, std::mt19937_64 &random, uint64_t index) {
  if (index < 2 * std::size(Special))
    return index % 2 ? -Special[index / 2] : Special[index / 2];
  uint64_t bits = random();
  double unit = double(bits >> 11) * 0x1p-53;
  switch (random() % 8) {
  case 0: // any bits
    return std::bit_cast<double>(bits);
  case 1: // any size within 2^-40 .. 2^40
    return std::ldexp(1 + unit, int(bits % 81) - 40);
  case 2: // close to 1
    return 1 + std::ldexp(2 * unit - 1, -int(bits % 50));
  case 3: { // close to a multiple of pi/2
    double k = std::floor(std::ldexp(unit, int(bits % 53)));
    return std::bit_cast<double>(std::bit_cast<uint64_t>(k * 0x1.921fb54442d18p0) + bits % 5 - 2);
  }
  default:
    return function.low + unit * (function.high - function.low);
  }
}

Worst checkF64(const F64Function &function, uint64_t samples, uint64_t seed) {
  std::mt19937_64 random(seed);
  Reference reference;
  Worst worst;
  for (uint64_t i = 0; i < samples; ++i) {
    double x = argument(function, random, i);
    double result = function.function(x);
    if (!needsMpfr(errorF64(result, function.near(x)), worst, i))
      continue;
    mpfr_set_d(reference.x, x, MPFR_RNDN);
    function.reference(reference.value, reference.x, MPFR_RNDN);
    double error = reference.error(result);
    if (error < 0)
      worst.addWrong(x, 0);
    else
      worst.add(error, x);
  }
  return worst;
}

Worst checkPowF64(uint64_t samples, uint64_t seed) {
  std::mt19937_64 random(seed);
  Reference reference;
  Worst worst;
  for (uint64_t i = 0; i < samples; ++i) {
    uint64_t bits = random(), kind = random();
    double x = std::bit_cast<double>(bits), y = std::bit_cast<double>(random());
    if (kind % 8 != 0) {
      x = std::abs(x);
      if (kind % 8 < 4)
        x = 1 + std::ldexp(double(bits >> 11) * 0x1p-52 - 1, -int((kind >> 8) % 52));
      y = double(int64_t(random())) * 0x1p-63 * 1080 / std::log2(x);
      if ((kind >> 32) % 8 == 0)
        y = std::round(y);
      if ((kind >> 40) % 8 == 0)
        x = -x;
    }
    double result = awg_math::pow_f64(x, y);
    if (!needsMpfr(errorF64(result, std::pow((long double)x, (long double)y)), worst, i))
      continue;
    mpfr_set_d(reference.x, x, MPFR_RNDN);
    mpfr_set_d(reference.y, y, MPFR_RNDN);
    mpfr_pow(reference.value, reference.x, reference.y, MPFR_RNDN);
    double error = reference.error(result);
    if (error < 0)
      worst.addWrong(x, y);
    else
      worst.add(error, x, y);
  }
  return worst;
}

/// Every pair of special values, against the C library.
template <typename T> Worst checkPowSpecial(T (*function)(T, T)) {
  Worst worst;
  for (double a : Special)
    for (double b : Special)
      for (int signs = 0; signs < 4; ++signs) {
        T x = T(signs & 1 ? -a : a), y = T(signs & 2 ? -b : b);
        T result = function(x, y), expected = std::pow(x, y);
        bool same = result == expected && std::signbit(result) == std::signbit(expected);
        if (!same && !(result != result && expected != expected) &&
            !(std::abs(result - expected) <= std::abs(expected) * std::numeric_limits<T>::epsilon() +
                                                 std::numeric_limits<T>::denorm_min()))
          worst.addWrong(x, y);
      }
  return worst;
}

/// As Awg's `x as i64`.
template <typename T> int64_t toInteger(T x) {
  if (x != x)
    return 0;
  return x >= T(0x1p63) ? INT64_MAX : x < T(-0x1p63) ? INT64_MIN : int64_t(x);
}

/// The sum over 100000 points that values.awg prints for one function.
template <typename T, typename F> void printSum(const char *name, F function) {
  const T scale = std::is_same_v<T, float> ? T(0x1p30) : T(0x1p52);
  uint64_t sum = 0;
  for (int64_t i = 0; i < 100000; ++i)
    sum += uint64_t(toInteger(function(std::fma(T(i), T(0.00171), T(-51.0))) * scale));
  std::printf("%s %" PRId64 "\n", name, int64_t(sum));
}

/// What values.awg prints.
void printSums() {
  for (const F32Function &f : F32Functions)
    printSum<float>(f.name, f.function);
  printSum<float>("pow_f32", [](float x) { return awg_math::pow_f32(std::abs(x), 1.7f); });
  for (const F64Function &f : F64Functions)
    printSum<double>(f.name, f.function);
  printSum<double>("pow_f64", [](double x) { return awg_math::pow_f64(std::abs(x), 1.7); });
}

/// Prints one line of the table; whether the bound holds.
bool report(const char *name, const Worst &worst, double bound, bool hasY = false) {
  bool good = worst.wrong == 0 && worst.ulps <= bound;
  std::printf("%-10s %.4f ulp at %.17g", name, worst.ulps, worst.x);
  if (hasY)
    std::printf(", %.17g", worst.y);
  std::printf("  wrong: %" PRIu64 "%s\n", worst.wrong, good ? "" : "  FAIL");
  std::fflush(stdout);
  return good;
}

} // namespace

int main(int argc, char **argv) {
  uint64_t samples = 10'000'000, stride = 1, seed = 1;
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    if (!std::strncmp(argv[i], "--samples=", 10))
      samples = std::strtoull(argv[i] + 10, nullptr, 10);
    else if (!std::strncmp(argv[i], "--stride=", 9))
      stride = std::strtoull(argv[i] + 9, nullptr, 10);
    else if (!std::strncmp(argv[i], "--seed=", 7))
      seed = std::strtoull(argv[i] + 7, nullptr, 10);
    else if (!std::strcmp(argv[i], "--sums"))
      return printSums(), 0;
    else
      names.push_back(argv[i]);
  }
  auto wanted = [&](const char *name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  bool good = true;
  for (const F32Function &f : F32Functions)
    if (wanted(f.name))
      good &= report(f.name, checkF32(f, stride), f.bound);
  if (wanted("pow_f32")) {
    good &= report("pow_f32", checkPowSpecial(awg_math::pow_f32), 0);
    good &= report("pow_f32", checkPowF32(samples * 10, seed), 1, true);
  }
  for (const F64Function &f : F64Functions)
    if (wanted(f.name))
      good &= report(f.name, checkF64(f, samples, seed), f.bound);
  if (wanted("pow_f64")) {
    good &= report("pow_f64", checkPowSpecial(awg_math::pow_f64), 0);
    good &= report("pow_f64", checkPowF64(samples, seed), 2, true);
  }
  return good ? 0 : 1;
}
