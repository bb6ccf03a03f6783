// Integer arithmetic, bits and fields against the host's.
#include "Instruction.h"

#include <algorithm>

using namespace emutest;

namespace {
template <class T> std::string typeName() {
  return std::string(std::is_signed_v<T> ? ".s" : ".u") + std::to_string(8 * sizeof(T));
}

template <class T> class Integer : public testing::Test {};
using Integers = testing::Types<uint16_t, int16_t, uint32_t, int32_t, uint64_t, int64_t>;
TYPED_TEST_SUITE(Integer, Integers);

TYPED_TEST(Integer, Arithmetic) {
  using T = TypeParam;
  using W = __int128;
  std::string t = typeName<T>();
  check2<T, T>("add" + t + " %d, %a, %b;", [](T a, T b) { return T(W(a) + b); });
  check2<T, T>("sub" + t + " %d, %a, %b;", [](T a, T b) { return T(W(a) - b); });
  check2<T, T>("mul.lo" + t + " %d, %a, %b;", [](T a, T b) { return T((unsigned __int128)a * (unsigned __int128)b); });
  check2<T, T>("mul.hi" + t + " %d, %a, %b;", [](T a, T b) {
    return std::is_signed_v<T> ? T((W(a) * W(b)) >> (8 * sizeof(T)))
                               : T(((unsigned __int128)a * (unsigned __int128)b) >> (8 * sizeof(T)));
  });
  check3<T, T, T, T>("mad.lo" + t + " %d, %a, %b, %c;", [](T a, T b, T c) {
    return T((unsigned __int128)a * (unsigned __int128)b + (unsigned __int128)c);
  });
  check2<T, T>("min" + t + " %d, %a, %b;", [](T a, T b) { return std::min(a, b); });
  check2<T, T>("max" + t + " %d, %a, %b;", [](T a, T b) { return std::max(a, b); });
  check3<T, T, T, T>("sad" + t + " %d, %a, %b, %c;",
                     [](T a, T b, T c) { return T(W(c) + (a < b ? W(b) - a : W(a) - b)); });
}

TYPED_TEST(Integer, DivisionByZeroIsAllOnes) {
  using T = TypeParam;
  std::string t = typeName<T>();
  bool isSigned = std::is_signed_v<T>;
  check2<T, T>("div" + t + " %d, %a, %b;", [=](T a, T b) {
    return b == 0 ? T(-1) : isSigned && b == T(-1) ? T(-(__int128)a) : T(a / b);
  });
  check2<T, T>("rem" + t + " %d, %a, %b;", [=](T a, T b) {
    return b == 0 ? a : isSigned && b == T(-1) ? T(0) : T(a % b);
  });
}

TYPED_TEST(Integer, Logic) {
  using T = TypeParam;
  std::string t = ".b" + std::to_string(8 * sizeof(T));
  check2<T, T>("and" + t + " %d, %a, %b;", [](T a, T b) { return T(a & b); });
  check2<T, T>("or" + t + " %d, %a, %b;", [](T a, T b) { return T(a | b); });
  check2<T, T>("xor" + t + " %d, %a, %b;", [](T a, T b) { return T(a ^ b); });
  check1<T, T>("not" + t + " %d, %a;", [](T a) { return T(~a); });
  check1<T, T>("cnot" + t + " %d, %a;", [](T a) { return T(a == 0); });
}

TYPED_TEST(Integer, ShiftsByTheWidthGiveAllThatIsShiftedOut) {
  using T = TypeParam;
  using U = std::make_unsigned_t<T>;
  constexpr uint32_t width = 8 * sizeof(T);
  check2<T, T, uint32_t>("shl.b" + std::to_string(width) + " %d, %a, %b;",
                         [](T a, uint32_t n) { return n < width ? T(U(a) << n) : T(0); });
  check2<T, T, uint32_t>("shr" + typeName<T>() + " %d, %a, %b;", [](T a, uint32_t n) {
    return n < width ? T(a >> n) : a < 0 ? T(-1) : T(0);
  });
}

TYPED_TEST(Integer, Comparisons) {
  using T = TypeParam;
  auto text = [](const char *c) {
    return "setp." + std::string(c) + typeName<T>() + " %p, %a, %b; selp.b32 %d, 1, 0, %p;";
  };
  check2<uint32_t, T>(text("eq"), [](T a, T b) { return a == b; });
  check2<uint32_t, T>(text("ne"), [](T a, T b) { return a != b; });
  check2<uint32_t, T>(text("lt"), [](T a, T b) { return a < b; });
  check2<uint32_t, T>(text("le"), [](T a, T b) { return a <= b; });
  check2<uint32_t, T>(text("gt"), [](T a, T b) { return a > b; });
  check2<uint32_t, T>(text("ge"), [](T a, T b) { return a >= b; });
}

TEST(IntegerMore, SignsAndWideProducts) {
  check1<int32_t, int32_t>("abs.s32 %d, %a;", [](int32_t a) { return a < 0 ? -uint32_t(a) : a; });
  check1<int64_t, int64_t>("neg.s64 %d, %a;", [](int64_t a) { return -uint64_t(a); });
  check2<int64_t, int32_t>("mul.wide.s32 %d, %a, %b;", [](int32_t a, int32_t b) { return int64_t{a} * b; });
  check2<uint64_t, uint32_t>("mul.wide.u32 %d, %a, %b;", [](uint32_t a, uint32_t b) { return uint64_t{a} * b; });
  check2<uint32_t, uint16_t>("mul.wide.u16 %d, %a, %b;", [](uint16_t a, uint16_t b) { return uint32_t{a} * b; });
  check3<int64_t, int32_t, int32_t, int64_t>("mad.wide.s32 %d, %a, %b, %c;", [](int32_t a, int32_t b, int64_t c) {
    return uint64_t(int64_t{a} * b) + uint64_t(c);
  });
  check2<uint32_t, uint32_t>("mul24.lo.u32 %d, %a, %b;",
                             [](uint32_t a, uint32_t b) { return (a & 0xffffff) * uint64_t{b & 0xffffff}; });
  check2<int32_t, int32_t>("mul24.hi.s32 %d, %a, %b;", [](int32_t a, int32_t b) {
    return int32_t((int64_t(int32_t(uint32_t(a) << 8) >> 8) * (int32_t(uint32_t(b) << 8) >> 8)) >> 16);
  });
  check2<int32_t, int32_t>("add.sat.s32 %d, %a, %b;", [](int32_t a, int32_t b) {
    return int32_t(std::clamp<int64_t>(int64_t{a} + b, INT32_MIN, INT32_MAX));
  });
}

TEST(IntegerMore, CarriesMakeWideSums) {
  check2<uint64_t, uint64_t>(
      "mov.b64 {%x, %y}, %a; mov.b64 {%z, %n}, %b; add.cc.u32 %x, %x, %z; addc.u32 %y, %y, %n; mov.b64 %d, {%x, %y};",
      [](uint64_t a, uint64_t b) { return a + b; });
  check2<uint64_t, uint64_t>(
      "mov.b64 {%x, %y}, %a; mov.b64 {%z, %n}, %b; sub.cc.u32 %x, %x, %z; subc.u32 %y, %y, %n; mov.b64 %d, {%x, %y};",
      [](uint64_t a, uint64_t b) { return a - b; });
  check3<uint64_t, uint32_t, uint32_t, uint64_t>(
      "mov.b64 {%x, %y}, %c; mad.lo.cc.u32 %x, %a, %b, %x; madc.hi.u32 %y, %a, %b, %y; mov.b64 %d, {%x, %y};",
      [](uint32_t a, uint32_t b, uint64_t c) { return uint64_t{a} * b + c; });
}

TEST(Bits, Counts) {
  check1<uint32_t, uint32_t>("popc.b32 %d, %a;", [](uint32_t a) { return std::popcount(a); });
  check1<uint32_t, uint64_t>("popc.b64 %d, %a;", [](uint64_t a) { return std::popcount(a); });
  check1<uint32_t, uint32_t>("clz.b32 %d, %a;", [](uint32_t a) { return std::countl_zero(a); });
  check1<uint32_t, uint64_t>("clz.b64 %d, %a;", [](uint64_t a) { return std::countl_zero(a); });
  check1<uint32_t, uint32_t>("bfind.u32 %d, %a;", [](uint32_t a) { return a ? 31 - std::countl_zero(a) : -1; });
  check1<uint32_t, int32_t>("bfind.s32 %d, %a;", [](int32_t a) {
    uint32_t bits = a < 0 ? ~a : a;
    return bits ? 31 - std::countl_zero(bits) : -1;
  });
  check1<uint32_t, uint64_t>("bfind.shiftamt.u64 %d, %a;", [](uint64_t a) { return a ? std::countl_zero(a) : -1; });
  check1<uint32_t, uint32_t>("brev.b32 %d, %a;", [](uint32_t a) {
    uint32_t r = 0;
    for (int i = 0; i < 32; ++i)
      r |= ((a >> i) & 1) << (31 - i);
    return r;
  });
}

/// The manual's own loop.
template <class T> T bfe(T a, uint32_t b, uint32_t c) {
  constexpr uint32_t msb = 8 * sizeof(T) - 1;
  uint32_t pos = b & 255, len = c & 255;
  bool sign = std::is_signed_v<T> && len && ((a >> std::min(pos + len - 1, msb)) & 1);
  std::make_unsigned_t<T> d = 0;
  for (uint32_t i = 0; i <= msb; ++i)
    d |= std::make_unsigned_t<T>(i < len && pos + i <= msb ? (a >> (pos + i)) & 1 : sign) << i;
  return d;
}

TEST(Bits, Fields) {
  check3<uint32_t, uint32_t, uint32_t, uint32_t>("bfe.u32 %d, %a, %b, %c;", bfe<uint32_t>);
  check3<int32_t, int32_t, uint32_t, uint32_t>("bfe.s32 %d, %a, %b, %c;", bfe<int32_t>);
  check3<uint64_t, uint64_t, uint32_t, uint32_t>("bfe.u64 %d, %a, %b, %c;", bfe<uint64_t>);
  check3<int64_t, int64_t, uint32_t, uint32_t>("bfe.s64 %d, %a, %b, %c;", bfe<int64_t>);
  check3<uint32_t, uint32_t, uint32_t, uint32_t>("bfi.b32 %d, %a, %b, %c, 12;", [](uint32_t a, uint32_t b, uint32_t c) {
    for (uint32_t i = 0; i < 12; ++i)
      if (uint32_t bit = (c & 255) + i; bit < 32)
        b = (b & ~(1u << bit)) | ((a >> i) & 1) << bit;
    return b;
  });
}

TEST(Bits, Masks) {
  auto isInside = [](uint64_t bit, uint64_t from, uint64_t count) { return bit >= from && bit < from + count; };
  auto mask = [&](uint32_t from, uint32_t count) {
    uint32_t r = 0;
    for (uint32_t bit = 0; bit < 32; ++bit)
      r |= uint32_t{isInside(bit, from, count)} << bit;
    return r;
  };
  check2<uint32_t, uint32_t>("bmsk.clamp.b32 %d, %a, %b;", mask);
  check2<uint32_t, uint32_t>("bmsk.wrap.b32 %d, %a, %b;", [&](uint32_t a, uint32_t b) { return mask(a % 32, b % 32); });
  auto extended = [](uint32_t a, uint32_t length, bool isSigned) {
    uint32_t r = 0;
    for (uint32_t bit = 0; bit < 32 && length; ++bit)
      r |= (bit < length ? (a >> bit) & 1 : isSigned && ((a >> (length - 1)) & 1)) << bit;
    return r;
  };
  check2<uint32_t, uint32_t>("szext.clamp.u32 %d, %a, %b;", [&](uint32_t a, uint32_t b) { return extended(a, b, false); });
  check2<uint32_t, uint32_t>("szext.clamp.s32 %d, %a, %b;", [&](uint32_t a, uint32_t b) { return extended(a, b, true); });
  check2<uint32_t, uint32_t>("szext.wrap.u32 %d, %a, %b;", [&](uint32_t a, uint32_t b) { return extended(a, b % 32, false); });
  check2<uint32_t, uint32_t>("szext.wrap.s32 %d, %a, %b;", [&](uint32_t a, uint32_t b) { return extended(a, b % 32, true); });
}

TEST(Bits, Permutations) {
  auto prmt = [](uint32_t a, uint32_t b, uint32_t select) {
    uint64_t both = uint64_t{b} << 32 | a;
    uint32_t r = 0;
    for (int i = 0; i < 4; ++i) {
      uint32_t s = (select >> (4 * i)) & 15;
      uint8_t byte = both >> (8 * (s & 7));
      r |= uint32_t(s & 8 ? (byte >> 7) * 255 : byte) << (8 * i);
    }
    return r;
  };
  check3<uint32_t, uint32_t, uint32_t, uint32_t>("prmt.b32 %d, %a, %b, %c;", prmt);
  check2<uint32_t, uint32_t>("prmt.b32 %d, %a, %b, 0x7632;",
                             [&](uint32_t a, uint32_t b) { return prmt(a, b, 0x7632); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "prmt.b32.f4e %d, %a, %b, %c;",
      [&](uint32_t a, uint32_t b, uint32_t c) { return uint32_t((uint64_t{b} << 32 | a) >> (8 * (c & 3))); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "shf.l.wrap.b32 %d, %a, %b, %c;",
      [](uint32_t a, uint32_t b, uint32_t c) { return uint32_t(((uint64_t{b} << 32 | a) << (c & 31)) >> 32); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "shf.r.clamp.b32 %d, %a, %b, %c;",
      [](uint32_t a, uint32_t b, uint32_t c) { return uint32_t((uint64_t{b} << 32 | a) >> std::min(c, 32u)); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "shf.l.clamp.b32 %d, %a, %b, %c;",
      [](uint32_t a, uint32_t b, uint32_t c) { return c >= 32 ? a : uint32_t(((uint64_t{b} << 32 | a) << c) >> 32); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>("lop3.b32 %d, %a, %b, %c, 0xca;",
                                                 [](uint32_t a, uint32_t b, uint32_t c) {
                                                   return (a & b) | (~a & c); // 0xca is a ? b : c
                                                 });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>("dp4a.u32.s32 %d, %a, %b, %c;",
                                                 [](uint32_t a, uint32_t b, uint32_t c) {
                                                   for (int i = 0; i < 4; ++i)
                                                     c += uint8_t(a >> (8 * i)) * int8_t(b >> (8 * i));
                                                   return c;
                                                 });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>("dp2a.hi.s32.u32 %d, %a, %b, %c;",
                                                 [](uint32_t a, uint32_t b, uint32_t c) {
                                                   for (int i = 0; i < 2; ++i)
                                                     c += int16_t(a >> (16 * i)) * uint8_t(b >> (16 + 8 * i));
                                                   return c;
                                                 });
}

TEST(Bits, Selections) {
  check3<uint32_t, uint32_t, uint32_t, int32_t>("slct.b32.s32 %d, %a, %b, %c;",
                                                [](uint32_t a, uint32_t b, int32_t c) { return c >= 0 ? a : b; });
  check3<uint64_t, uint64_t, uint64_t, float>("slct.b64.f32 %d, %a, %b, %c;",
                                              [](uint64_t a, uint64_t b, float c) { return c >= 0 ? a : b; });
  check2<uint32_t, int32_t>(
      "setp.lt.s32 %p, %a, 0; setp.gt.and.s32 %q|%out, %b, 0, %p; selp.b32 %x, 1, 0, %q; selp.b32 %d, 2, %x, %out;",
      [](int32_t a, int32_t b) { return a < 0 && !(b > 0) ? 2u
                                        : a < 0 && b > 0  ? 1u
                                                          : 0u; });
  check2<int32_t, int32_t>("set.lt.s32.s32 %d, %a, %b;", [](int32_t a, int32_t b) { return a < b ? -1 : 0; });
  check2<float, float>("set.gt.f32.f32 %d, %a, %b;", [](float a, float b) { return a > b ? 1.0f : 0.0f; });
  check2<uint32_t, uint32_t>("setp.hi.u32 %p, %a, %b; @!%p mov.u32 %d, 5; @%p mov.u32 %d, 6;",
                             [](uint32_t a, uint32_t b) { return a > b ? 6u : 5u; });
}

/// The carry of a difference says that nothing was borrowed, to addc as to subc: so nvcc's division of 128 bits reads it.
TEST(Integer, CarryOfADifference) {
  check2<uint32_t, uint32_t>("sub.cc.u32 %x, %a, %b; addc.u32 %d, 0, 0;", [](uint32_t a, uint32_t b) { return a >= b; });
  check2<uint32_t, uint32_t>("sub.cc.u32 %x, %a, %b; subc.u32 %d, 0, 0;",
                             [](uint32_t a, uint32_t b) { return a >= b ? 0 : ~0u; });
  check2<uint32_t, uint32_t>("add.cc.u32 %x, %a, %b; addc.u32 %d, 0, 0;", [](uint32_t a, uint32_t b) { return a + b < a; });
}
} // namespace
