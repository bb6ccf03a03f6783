// Shifts, fields and counts of bits.
#include "emulator/ops/Pick.h"

#include <algorithm>
#include <type_traits>

using namespace awg::emu;

namespace {
/// Shifts by the width or more give what all the bits shifted out give.
template <class T, bool left> void shift(Warp &w, const Op &op, uint32_t lanes) {
  constexpr uint32_t width = 8 * sizeof(T);
  const T *a = source<T>(w, op.src[0]);
  const uint32_t *b = source<uint32_t>(w, op.src[1]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i) {
    T count = std::min(b[i], width - 1);
    T value = left ? T(std::make_unsigned_t<T>(a[i]) << count) : T(a[i] >> count);
    r[i] = b[i] < width ? value : std::is_signed_v<T> && !left && a[i] < 0 ? T(-1) : T(0);
  }
  put(w, op.dst, r, lanes);
}
struct Shl {
  template <class T> static constexpr Handler handler = shift<T, true>;
};
struct Shr {
  template <class T> static constexpr Handler handler = shift<T, false>;
};

template <bool left, bool clamp> struct Funnel {
  static uint32_t of(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t n = clamp ? std::min(c, 32u) : c & 31;
    uint64_t both = uint64_t{b} << 32 | a;
    return left ? uint32_t((n == 32 ? uint64_t{a} << 32 : both << n) >> 32) : uint32_t(both >> n);
  }
};

/// A count of bits, always 32 bits wide.
template <class F, class T> void count(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]);
  alignas(64) uint32_t r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = F::of(a[i]);
  put(w, op.dst, r, lanes);
}
template <class F> struct Count {
  template <class T> static constexpr Handler handler = count<F, T>;
};
struct Popc {
  template <class T> static uint32_t of(T a) { return std::popcount(a); }
};
struct Clz {
  template <class T> static uint32_t of(T a) { return std::countl_zero(a); }
};
template <bool asShift> struct Bfind {
  template <class T> static uint32_t of(T a) {
    using U = std::make_unsigned_t<T>;
    U bits = std::is_signed_v<T> && a < 0 ? U(~a) : U(a);
    uint32_t zeros = std::countl_zero(bits);
    if (zeros == 8 * sizeof(T))
      return ~0u;
    return asShift ? zeros : 8 * sizeof(T) - 1 - zeros;
  }
};

struct Brev {
  static uint32_t of(uint32_t a) {
    a = (a >> 1 & 0x55555555) | (a & 0x55555555) << 1;
    a = (a >> 2 & 0x33333333) | (a & 0x33333333) << 2;
    a = (a >> 4 & 0x0f0f0f0f) | (a & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(a);
  }
  static uint64_t of(uint64_t a) { return uint64_t{of(uint32_t(a))} << 32 | of(uint32_t(a >> 32)); }
};

/// Positions and lengths are the operands' low bytes; a signed field that runs out at the top is filled with the
/// highest bit.
template <class T> void bfe(Warp &w, const Op &op, uint32_t lanes) {
  constexpr uint32_t width = 8 * sizeof(T);
  const T *a = source<T>(w, op.src[0]);
  const uint32_t *b = source<uint32_t>(w, op.src[1]), *c = source<uint32_t>(w, op.src[2]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i) {
    uint32_t pos = b[i] & 255, len = c[i] & 255;
    T sign = 0;
    if (std::is_signed_v<T> && len)
      sign = (a[i] >> std::min(pos + len - 1, width - 1)) & 1 ? T(-1) : T(0);
    using U = std::make_unsigned_t<T>;
    uint32_t valid = pos < width ? std::min(len, width - pos) : 0;
    U mask = valid == width ? U(~U(0)) : U((U(1) << valid) - 1);
    T value = T((pos < width ? U(a[i]) >> pos : 0) & mask) | T(U(sign) & U(~mask));
    r[i] = value;
  }
  put(w, op.dst, r, lanes);
}
template <class T> void bfi(Warp &w, const Op &op, uint32_t lanes) {
  constexpr uint32_t width = 8 * sizeof(T);
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  const uint32_t *c = source<uint32_t>(w, op.src[2]), *d = source<uint32_t>(w, op.src[3]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i) {
    uint32_t pos = c[i] & 255, len = std::min(d[i] & 255, width);
    T field = len == width ? T(-1) : T((T(1) << len) - 1);
    T mask = pos < width ? T(field << pos) : T(0);
    r[i] = (b[i] & ~mask) | (pos < width ? T(a[i] << pos) & mask : 0);
  }
  put(w, op.dst, r, lanes);
}
struct Bfe {
  template <class T> static constexpr Handler handler = bfe<T>;
};
struct Bfi {
  template <class T> static constexpr Handler handler = bfi<T>;
};

/// A position or length: at most 32, or modulo 32.
template <bool clamps> uint32_t upTo32(uint32_t n) { return clamps ? std::min(n, 32u) : n & 31; }

template <bool clamps> struct Bmsk {
  static uint32_t of(uint32_t position, uint32_t length) {
    return ((uint64_t{1} << upTo32<clamps>(length)) - 1) << upTo32<clamps>(position);
  }
};
template <bool clamps> struct Szext {
  template <class T> static T of(T a, T b) {
    uint32_t length = upTo32<clamps>(b);
    return length ? T(uint32_t(a) << (32 - length)) >> (32 - length) : 0;
  }
};

enum class Permute { Index, F4E, B4E, RC8, ECL, ECR, RC16 };

/// The selector, four bits a byte of the result; bit 3 copies the byte's sign.
template <Permute mode> uint32_t selector(uint32_t c) {
  static constexpr uint32_t f4e[] = {0x3210, 0x4321, 0x5432, 0x6543}, b4e[] = {0x5670, 0x6701, 0x7012, 0x0123},
                            rc8[] = {0x0000, 0x1111, 0x2222, 0x3333}, ecl[] = {0x3210, 0x3211, 0x3222, 0x3333},
                            ecr[] = {0x0000, 0x1110, 0x2210, 0x3210}, rc16[] = {0x1010, 0x3232, 0x1010, 0x3232};
  switch (mode) {
  case Permute::Index:
    return c;
  case Permute::F4E:
    return f4e[c & 3];
  case Permute::B4E:
    return b4e[c & 3];
  case Permute::RC8:
    return rc8[c & 3];
  case Permute::ECL:
    return ecl[c & 3];
  case Permute::ECR:
    return ecr[c & 3];
  case Permute::RC16:
    return rc16[c & 3];
  }
}
template <Permute mode> struct Prmt {
  static uint32_t of(uint32_t a, uint32_t b, uint32_t c) {
    uint64_t both = uint64_t{b} << 32 | a;
    uint32_t select = selector<mode>(c), r = 0;
    for (int i = 0; i < 4; ++i) {
      uint32_t s = select >> (4 * i);
      uint32_t byte = (both >> (8 * (s & 7))) & 255;
      r |= (s & 8 ? (byte & 128 ? 255 : 0) : byte) << (8 * i);
    }
    return r;
  }
};

void lop3(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t in[8];
  for (int k = 0; k < 8; ++k)
    in[k] = (op.imm >> k) & 1 ? ~0u : 0;
  ternary<uint32_t>(w, op, lanes, [&](uint32_t a, uint32_t b, uint32_t c) {
    return (in[0] & ~a & ~b & ~c) | (in[1] & ~a & ~b & c) | (in[2] & ~a & b & ~c) | (in[3] & ~a & b & c) |
           (in[4] & a & ~b & ~c) | (in[5] & a & ~b & c) | (in[6] & a & b & ~c) | (in[7] & a & b & c);
  });
}

int32_t piece(uint32_t word, int index, int bits, bool isSigned) {
  int32_t value = int32_t(word << (32 - bits * (index + 1)));
  return isSigned ? value >> (32 - bits) : int32_t(uint32_t(value) >> (32 - bits));
}
/// parts of a (of 32 / parts bits) times bytes of b from `first` on.
template <int parts, int first> void dot(Warp &w, const Op &op, uint32_t lanes) {
  bool aSigned = op.imm & 1, bSigned = op.imm & 2;
  ternary<uint32_t>(w, op, lanes, [&](uint32_t a, uint32_t b, uint32_t c) {
    for (int k = 0; k < parts; ++k)
      c += uint32_t(piece(a, k, 32 / parts, aSigned)) * uint32_t(piece(b, first + k, 8, bSigned));
    return c;
  });
}

/// Differences of parts without a sign: in their places, or with op.flag summed up and added to c.
template <int parts> void difference(Warp &w, const Op &op, uint32_t lanes) {
  constexpr int bits = 32 / parts;
  bool aSigned = op.imm & 1, bSigned = op.imm & 2;
  ternary<uint32_t>(w, op, lanes, [&](uint32_t a, uint32_t b, uint32_t c) {
    uint32_t placed = 0, sum = c;
    for (int k = 0; k < parts; ++k) {
      uint32_t value = std::abs(piece(a, k, bits, aSigned) - piece(b, k, bits, bSigned));
      sum += value;
      placed |= (value & (~0u >> (32 - bits))) << (bits * k);
    }
    return op.flag ? sum : placed;
  });
}

/// fns: the place of the `which`th bit that is set from `base` on, going down if that is negative; all ones without one.
struct Fns {
  static uint32_t of(uint32_t mask, uint32_t base, uint32_t which) {
    int left = std::abs(int32_t(which)), step = int32_t(which) < 0 ? -1 : 1;
    if (!left)
      return base < 32 && (mask >> base) & 1 ? base : ~0u;
    for (int64_t at = base; at >= 0 && at < 32; at += step)
      if ((mask >> at) & 1 && --left == 0)
        return at;
    return ~0u;
  }
};

template <Handler h> Handler only32(Type type) { return sizeOf(type) == 4 ? h : nullptr; }
template <class F> Handler only32OfSign(Type type) {
  return type == Type::S32 ? binaryOf<F, int32_t> : type == Type::U32 ? binaryOf<F, uint32_t> : nullptr;
}
template <class F> Handler ternary32(Type type) { return sizeOf(type) == 4 ? ternaryOf<F, uint32_t> : nullptr; }
template <class H> Handler wide(Type type) { return sizeOf(type) >= 4 ? pickInteger<H>(type) : nullptr; }
template <class H> Handler wideBits(Type type) { return sizeOf(type) >= 4 ? pickBits<H>(type) : nullptr; }
template <class F> Handler reverse(Type type) {
  return type == Type::B32 ? unaryOf<F, uint32_t> : type == Type::B64 ? unaryOf<F, uint64_t> : nullptr;
}

constexpr NamedHandler table[] = {
    {"shl", pickBits<Shl>},
    {"shr", pickInteger<Shr>},
    {"shf.l.wrap", ternary32<Funnel<true, false>>},
    {"shf.l.clamp", ternary32<Funnel<true, true>>},
    {"shf.r.wrap", ternary32<Funnel<false, false>>},
    {"shf.r.clamp", ternary32<Funnel<false, true>>},
    {"popc", wideBits<Count<Popc>>},
    {"clz", wideBits<Count<Clz>>},
    {"bfind", wide<Count<Bfind<false>>>},
    {"bfind.shiftamt", wide<Count<Bfind<true>>>},
    {"brev", reverse<Brev>},
    {"bfe", wide<Bfe>},
    {"bfi", wideBits<Bfi>},
    {"bmsk.clamp", only32<binaryOf<Bmsk<true>, uint32_t>>},
    {"bmsk.wrap", only32<binaryOf<Bmsk<false>, uint32_t>>},
    {"szext.clamp", only32OfSign<Szext<true>>},
    {"szext.wrap", only32OfSign<Szext<false>>},
    {"prmt", ternary32<Prmt<Permute::Index>>},
    {"prmt.f4e", ternary32<Prmt<Permute::F4E>>},
    {"prmt.b4e", ternary32<Prmt<Permute::B4E>>},
    {"prmt.rc8", ternary32<Prmt<Permute::RC8>>},
    {"prmt.ecl", ternary32<Prmt<Permute::ECL>>},
    {"prmt.ecr", ternary32<Prmt<Permute::ECR>>},
    {"prmt.rc16", ternary32<Prmt<Permute::RC16>>},
    {"lop3", only32<lop3>},
    {"vabsdiff2", only32<difference<2>>},
    {"vabsdiff4", only32<difference<4>>},
    {"fns", ternary32<Fns>},
    {"dp4a", only32<dot<4, 0>>},
    {"dp2a.lo", only32<dot<2, 0>>},
    {"dp2a.hi", only32<dot<2, 2>>},
};
} // namespace

Handler awg::emu::bitHandler(std::string_view name, Type type) { return find(table, name, type); }
