// Conversions: a source is widened (integers to 64 bits, floats to double), converted, and written in its destination's
// width.
#include "emulator/ops/HalfFloat.h"
#include "emulator/ops/Pick.h"

#include <algorithm>
#include <limits>

using namespace awg::emu;

namespace {
ConvertSpec specOf(const Op &op) { return std::bit_cast<ConvertSpec>(op.imm); }

/// The low `size` bytes of each lane of a source whose register has `bytes`.
void readBits(const Warp &w, int32_t slot, uint32_t bytes, uint64_t *out) {
  auto copy = [&](auto *from) {
    for (int i = 0; i < 32; ++i)
      out[i] = from[i];
  };
  if (bytes == 2)
    copy(source<uint16_t>(w, slot));
  else if (bytes == 4)
    copy(source<uint32_t>(w, slot));
  else
    copy(source<uint64_t>(w, slot));
}

void writeBits(Warp &w, const Op &op, uint32_t bytes, const uint64_t *values, uint32_t lanes) {
  auto copy = [&]<class T>(T) {
    alignas(64) T r[32];
    for (int i = 0; i < 32; ++i)
      r[i] = T(values[i]);
    put(w, op.dst, r, lanes);
  };
  if (bytes == 2)
    copy(uint16_t());
  else if (bytes == 4)
    copy(uint32_t());
  else
    copy(uint64_t());
}

/// Zero- or sign-extends from `type` to 64 bits.
void extend(uint64_t *values, Type type) {
  uint32_t shift = 64 - 8 * sizeOf(type);
  if (isSigned(type))
    for (int i = 0; i < 32; ++i)
      values[i] = int64_t(values[i] << shift) >> shift;
  else
    for (int i = 0; i < 32; ++i)
      values[i] = values[i] << shift >> shift;
}

struct Limits {
  int64_t low;
  uint64_t high;
};
Limits limitsOf(Type type) {
  uint32_t bits = 8 * sizeOf(type);
  if (isSigned(type))
    return {std::numeric_limits<int64_t>::min() >> (64 - bits), uint64_t{INT64_MAX} >> (64 - bits)};
  return {0, UINT64_MAX >> (64 - bits)};
}

/// cvt.sat between integers: clamps to the destination's range.
void clampInteger(uint64_t *values, Type from, Type to) {
  Limits limits = limitsOf(to);
  for (int i = 0; i < 32; ++i) {
    bool isNegative = isSigned(from) && int64_t(values[i]) < 0;
    if (isNegative)
      values[i] = std::max(int64_t(values[i]), limits.low);
    else
      values[i] = std::min(values[i], limits.high);
  }
}

void integerToInteger(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  alignas(64) uint64_t v[32];
  readBits(w, op.src[0], s.fromBytes, v);
  extend(v, s.from);
  if (s.saturate & 1)
    clampInteger(v, s.from, s.to);
  extend(v, s.to);
  writeBits(w, op, s.toBytes, v, lanes);
}

template <class D, class S> void plain(Warp &w, const Op &op, uint32_t lanes) {
  const S *a = source<S>(w, op.src[0]);
  alignas(64) D r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = D(a[i]);
  put(w, op.dst, r, lanes);
}

double readFloat(Type type, uint64_t bits) {
  switch (type) {
  case Type::F16:
    return fromF16(bits);
  case Type::BF16:
    return fromBF16(bits);
  case Type::F64:
    return std::bit_cast<double>(bits);
  default:
    return std::bit_cast<float>(uint32_t(bits));
  }
}

/// To the destination's type; the rounding of f64 to f32 is the processor's mode, that of the short types
/// `spec.narrow`.
uint64_t writeFloat(const ConvertSpec &s, double value) {
  if (s.to == Type::F64)
    return std::bit_cast<uint64_t>(value);
  if (s.to == Type::F32)
    return value != value ? 0x7fffffff : std::bit_cast<uint32_t>(float(value));
  if (s.to == Type::F16)
    return toF16(toOdd(value), Rounding(s.narrow));
  if (s.to == Type::BF16)
    return toBF16(toOdd(value), Rounding(s.narrow));
  uint32_t bits = std::bit_cast<uint32_t>(float(value)); // tf32: ten bits of fraction
  if (value != value)
    return 0x7fffffff;
  bits += s.narrow == Away ? 0x1000 : s.narrow == TowardsZero ? 0 : 0xfff + ((bits >> 13) & 1);
  return bits & ~uint32_t{0x1fff};
}

double adjust(const ConvertSpec &s, double value) {
  if ((s.saturate & 1) && isFloat(s.to))
    value = value > 0 ? std::min(value, 1.0) : 0.0;
  if ((s.saturate & 2) && !(value > 0) && value == value)
    value = 0.0;
  if (s.saturate & 4) {
    double most = s.to == Type::F16 ? 65504 : s.to == Type::BF16 ? 0x1.fep127 : 0x1.ffcp127; // tf32
    value = value > most ? most : value < -most ? -most : value;
  }
  return value;
}

double integral(uint8_t mode, double value) {
  switch (mode) {
  case 1:
    return _mm_cvtsd_f64(
        _mm_round_sd(_mm_setzero_pd(), _mm_set_sd(value), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  case 2:
    return std::trunc(value);
  case 3:
    return std::floor(value);
  case 4:
    return std::ceil(value);
  default:
    return value;
  }
}

/// .ftz: a subnormal of f32 is a zero of its sign, as source and as result.
double flush(double value) {
  return std::fabs(value) < double(std::numeric_limits<float>::min()) ? std::copysign(0.0, value) : value;
}

void floatToFloat(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  uint64_t v[32];
  readBits(w, op.src[0], s.fromBytes, v);
  forLanes(lanes, [&](int i) {
    // What changes nothing but the width of a NaN keeps its payload.
    double value = readFloat(s.from, v[i]);
    if (s.flush && s.from == Type::F32)
      value = flush(value);
    value = adjust(s, integral(s.integral, value));
    v[i] = writeFloat(s, value);
    if (s.flush && s.to == Type::F32 && !(v[i] & 0x7f800000))
      v[i] &= 0x80000000;
  });
  writeBits(w, op, s.toBytes, v, lanes);
}

/// Out of range gives the nearest end. A NaN gives 0 or, where 64 bits are converted from or to, the highest bit.
void floatToInteger(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  Limits limits = limitsOf(s.to);
  bool isOf64 = s.from == Type::F64 || sizeOf(s.to) == 8;
  uint64_t ofNaN = uint64_t{isOf64} << (8 * sizeOf(s.to) - 1);
  uint64_t v[32];
  readBits(w, op.src[0], s.fromBytes, v);
  forLanes(lanes, [&](int i) {
    double value = readFloat(s.from, v[i]);
    if (s.flush && s.from == Type::F32)
      value = flush(value);
    value = integral(s.integral, value);
    if (value != value)
      v[i] = ofNaN;
    else if (value <= double(limits.low))
      v[i] = limits.low;
    else if (value >= double(limits.high)) // of 64 bits this rounds up to 2^63 or 2^64, which is just too much
      v[i] = limits.high;
    else
      v[i] = isSigned(s.to) ? uint64_t(int64_t(value)) : uint64_t(value);
  });
  extend(v, s.to);
  writeBits(w, op, s.toBytes, v, lanes);
}

void integerToFloat(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  uint64_t v[32];
  readBits(w, op.src[0], s.fromBytes, v);
  extend(v, s.from);
  forLanes(lanes, [&](int i) {
    if (s.to == Type::F64) {
      double value = isSigned(s.from) ? double(int64_t(v[i])) : double(v[i]);
      v[i] = std::bit_cast<uint64_t>(adjust(s, value));
    } else if (s.to == Type::F32) {
      float value = isSigned(s.from) ? float(int64_t(v[i])) : float(v[i]);
      v[i] = std::bit_cast<uint32_t>(float(adjust(s, value)));
    } else {
      // 64 bits do not fit a double: what it loses is kept in its last bit.
      double value = isSigned(s.from) ? double(int64_t(v[i])) : double(v[i]);
      bool isExact = isSigned(s.from) ? std::fabs(value) < 9e18 && int64_t(value) == int64_t(v[i])
                                      : value < 1.8e19 && uint64_t(value) == v[i];
      if (!isExact)
        value = std::bit_cast<double>(std::bit_cast<uint64_t>(value) | 1);
      v[i] = writeFloat(s, adjust(s, value));
    }
  });
  writeBits(w, op, s.toBytes, v, lanes);
}

/// cvt.rn.f16x2.f32 d, a, b: a is the upper half.
void floatPair(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  s.to = s.to == Type::F16x2 ? Type::F16 : Type::BF16;
  const float *a = source<float>(w, op.src[0]), *b = source<float>(w, op.src[1]);
  alignas(64) uint32_t r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = uint32_t(writeFloat(s, adjust(s, a[i]))) << 16 | uint32_t(writeFloat(s, adjust(s, b[i])));
  put(w, op.dst, r, lanes);
}
//--- Floats of 8 bits: e4m3, which has no infinity, and e5m2

struct Tiny {
  int fraction, bias; ///< bits, and what is added to the exponent
  uint8_t most;       ///< the largest number
};
constexpr Tiny e4m3 = {3, 7, 0x7e}, e5m2 = {2, 15, 0x7b};

float fromTiny(const Tiny &t, uint8_t bits) {
  int exponent = (bits & 0x7f) >> t.fraction, fraction = bits & ((1 << t.fraction) - 1);
  float value = exponent ? std::ldexp(float(fraction | 1 << t.fraction), exponent - t.bias - t.fraction)
                         : std::ldexp(float(fraction), 1 - t.bias - t.fraction);
  if ((bits & 0x7f) > t.most)
    value = &t == &e5m2 && fraction == 0 ? INFINITY : NAN;
  return bits & 0x80 ? -value : value;
}

/// To nearest even, at most the largest number; a NaN is 0x7f.
uint8_t toTiny(const Tiny &t, float value) {
  if (value != value)
    return 0x7f;
  uint8_t sign = std::signbit(value) ? 0x80 : 0;
  value = std::min(std::fabs(value), fromTiny(t, t.most));
  int exponent = value > 0 ? std::max(std::ilogb(value), 1 - t.bias) : 1 - t.bias;
  // In units of the last place, so that the carry of a fraction goes into the exponent.
  int units = std::nearbyint(std::ldexp(value, t.fraction - exponent));
  return sign | (((exponent + t.bias - 1) << t.fraction) + units);
}

/// `cvt.rn.satfinite.e4m3x2.f32 d, a, b`: a is the upper byte.
template <const Tiny &t> void pairToTiny(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  const float *a = source<float>(w, op.src[0]), *b = source<float>(w, op.src[1]);
  alignas(64) uint16_t r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = uint16_t(toTiny(t, adjust(s, a[i])) << 8 | toTiny(t, adjust(s, b[i])));
  put(w, op.dst, r, lanes);
}
template <const Tiny &t> void halvesToTiny(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  const uint16_t *a = source<uint16_t>(w, op.src[0]);
  alignas(64) uint8_t r[64];
  for (int i = 0; i < 64; ++i)
    r[i] = toTiny(t, adjust(s, fromF16(a[i])));
  put(w, op.dst, reinterpret_cast<uint16_t *>(r), lanes);
}
template <const Tiny &t> void tinyToHalves(Warp &w, const Op &op, uint32_t lanes) {
  ConvertSpec s = specOf(op);
  const uint8_t *a = source<uint8_t>(w, op.src[0]);
  alignas(64) uint16_t r[64];
  for (int i = 0; i < 64; ++i)
    r[i] = toF16(adjust(s, fromTiny(t, a[i])));
  put(w, op.dst, reinterpret_cast<uint32_t *>(r), lanes);
}
template <const Tiny &t> Handler tinyHandler(Type to, Type from) {
  return to == Type::F16x2     ? tinyToHalves<t>
         : from == Type::F32   ? pairToTiny<t>
         : from == Type::F16x2 ? halvesToTiny<t>
                               : nullptr;
}
} // namespace

Handler awg::emu::convertTinyHandler(std::string_view name, Type to, Type from) {
  return name == ".e4m3x2" ? tinyHandler<e4m3>(to, from) : tinyHandler<e5m2>(to, from);
}

Handler awg::emu::convertHandler(Type to, Type from, const ConvertSpec &s) {
  bool isWhole = s.toBytes == sizeOf(to) && s.fromBytes == sizeOf(from);
  if (isInteger(to) && isInteger(from)) {
    if (!s.saturate && isWhole && sizeOf(to) == 8 && sizeOf(from) == 4)
      return isSigned(from) ? plain<uint64_t, int32_t> : plain<uint64_t, uint32_t>;
    if (!s.saturate && isWhole && sizeOf(to) == 4 && sizeOf(from) == 8)
      return plain<uint32_t, uint64_t>;
    return integerToInteger;
  }
  if (isInteger(to))
    return floatToInteger;
  return isInteger(from) ? integerToFloat : floatToFloat;
}

Handler awg::emu::convertPairHandler() { return floatPair; }
