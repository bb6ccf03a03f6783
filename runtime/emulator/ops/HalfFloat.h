// Conversions between f16, bf16 and wider floats, each rounded once.
#ifndef AWG_EMULATOR_OPS_HALFFLOAT_H
#define AWG_EMULATOR_OPS_HALFFLOAT_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <immintrin.h>

namespace awg::emu {

inline float fromF16(uint16_t bits) { return _cvtsh_ss(bits); }
inline float fromBF16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

/// To nearest even, towards zero, to nearest with ties away from zero, down, up: ConvertSpec::narrow.
enum Rounding : uint8_t { Nearest, TowardsZero, Away, Down, Up };

/// A NaN is 0x7fff.
inline uint16_t toF16(float value, Rounding rounding = Nearest) {
  if (value != value)
    return 0x7fff;
  switch (rounding) {
  case TowardsZero:
    return _cvtss_sh(value, _MM_FROUND_TO_ZERO);
  case Down:
    return _cvtss_sh(value, _MM_FROUND_TO_NEG_INF);
  case Up:
    return _cvtss_sh(value, _MM_FROUND_TO_POS_INF);
  default:
    return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
  }
}

inline uint16_t toBF16(float value, Rounding rounding = Nearest) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (value != value)
    return 0x7fff;
  bool grows = rounding == (bits >> 31 ? Down : Up);
  return (bits + (rounding == Nearest ? 0x7fff + ((bits >> 16) & 1) : grows ? 0xffff : 0)) >> 16;
}

/// The float next to `value` towards zero, with the last bit set if anything was lost: rounding that to a shorter type
/// is as good as rounding `value` itself (Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008).
inline float toOdd(double value) {
  float near = static_cast<float>(value);
  if (static_cast<double>(near) == value || value != value)
    return near;
  uint32_t bits = std::bit_cast<uint32_t>(near);
  bits -= std::fabs(static_cast<double>(near)) > std::fabs(value);
  return std::bit_cast<float>(bits | 1);
}

/// a * b + c in double, to odd: for operands whose product is exact in double.
inline double fmaToOdd(double a, double b, double c) {
  double product = a * b, sum = product + c;
  if (!std::isfinite(sum))
    return sum;
  double part = sum - product;
  double error = (product - (sum - part)) + (c - part);
  uint64_t bits = std::bit_cast<uint64_t>(sum);
  if (error == 0 || (bits & 1))
    return sum;
  // The exact sum lies on the side of the error: of the two doubles around it take the odd one.
  bits += (error > 0) == (sum > 0) ? 1 : -1;
  return std::bit_cast<double>(bits);
}

} // namespace awg::emu

#endif // AWG_EMULATOR_OPS_HALFFLOAT_H
