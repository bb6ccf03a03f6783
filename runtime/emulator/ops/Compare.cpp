// Comparisons and selections.
#include "emulator/ops/HalfFloat.h"
#include "emulator/ops/Pick.h"

#include <immintrin.h>

using namespace awg::emu;

namespace {
struct Eq {
  template <class T> static bool of(T a, T b) { return a == b; }
};
struct Ne {
  template <class T> static bool of(T a, T b) { return a < b || a > b; }
};
struct Lt {
  template <class T> static bool of(T a, T b) { return a < b; }
};
struct Le {
  template <class T> static bool of(T a, T b) { return a <= b; }
};
struct Gt {
  template <class T> static bool of(T a, T b) { return a > b; }
};
struct Ge {
  template <class T> static bool of(T a, T b) { return a >= b; }
};
template <class F> struct Not {
  template <class T> static bool of(T a, T b) { return !F::of(a, b); }
};
struct Num {
  template <class T> static bool of(T a, T b) { return a == a && b == b; }
};

/// A bit a lane from a byte a lane of 0 or 0xff.
uint32_t collect(const uint8_t *bytes) {
  return _mm256_movemask_epi8(_mm256_load_si256(reinterpret_cast<const __m256i *>(bytes)));
}

template <class F, class T> uint32_t compare(const T *a, const T *b) {
  alignas(32) uint8_t r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = F::of(a[i], b[i]) ? 0xff : 0;
  return collect(r);
}

/// Halves are compared as floats.
struct F16Bits {
  uint16_t bits;
};
struct BF16Bits {
  uint16_t bits;
};
float widen(F16Bits a) { return fromF16(a.bits); }
float widen(BF16Bits a) { return fromBF16(a.bits); }

/// Each `step`th of them.
template <class F, class T> uint32_t compareHalves(const T *a, const T *b, int step) {
  alignas(64) float x[32], y[32];
  for (int i = 0; i < 32; ++i)
    x[i] = widen(a[i * step]), y[i] = widen(b[i * step]);
  return compare<F>(x, y);
}

template <class F, class T> uint32_t compareLanes(Warp &w, const Op &op) {
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  if constexpr (sizeof(T) == 2 && std::is_class_v<T>) {
    return compareHalves<F>(a, b, 1);
  } else {
    if (op.control && std::is_same_v<T, float>) { // .ftz
      unsigned before = _mm_getcsr();
      _mm_setcsr(op.control);
      uint32_t bits = compare<F>(a, b);
      _mm_setcsr(before);
      return bits;
    }
    return compare<F>(a, b);
  }
}

uint32_t combine(Warp &w, const Op &op, uint32_t bits) {
  if (!op.variant)
    return bits;
  uint32_t other = predicate(w, op.src[2]);
  other = op.flag ? ~other : other;
  return op.variant == 1 ? bits & other : op.variant == 2 ? bits | other : bits ^ other;
}

template <class F, class T> void setp(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t bits = compareLanes<F, T>(w, op);
  uint32_t complement = op.dst2 == noSlot ? 0 : combine(w, op, ~bits);
  bits = combine(w, op, bits);
  if (op.dst != noSlot)
    setPredicate(w, op.dst, bits, lanes);
  if (op.dst2 != noSlot)
    setPredicate(w, op.dst2, complement, lanes);
}

/// Of pairs: the lower halves give the one predicate, the upper halves the other.
template <class F, class T> void setpOfPairs(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  uint32_t lower = combine(w, op, compareHalves<F>(a, b, 2)), upper = combine(w, op, compareHalves<F>(a + 1, b + 1, 2));
  if (op.dst != noSlot)
    setPredicate(w, op.dst, lower, lanes);
  if (op.dst2 != noSlot)
    setPredicate(w, op.dst2, upper, lanes);
}

/// set: `imm` is what true gives, in `size` bytes.
template <class F, class T> void set(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t bits = combine(w, op, compareLanes<F, T>(w, op));
  forLanes(lanes, [&](int i) {
    uint64_t value = (bits >> i) & 1 ? op.imm : 0;
    std::memcpy(registerAt<char>(w, op.dst) + i * op.size, &value, op.size);
  });
}

template <class F> struct SetP {
  template <class T> static constexpr Handler handler = setp<F, T>;
  template <class T> static constexpr Handler ofPairs = setpOfPairs<F, T>;
};
/// Of pairs: the 16 bits of `imm` in each half.
template <class F, class T> void setOfPairs(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  uint32_t lower = combine(w, op, compareHalves<F>(a, b, 2)), upper = combine(w, op, compareHalves<F>(a + 1, b + 1, 2));
  uint32_t value = op.imm & 0xffff;
  forLanes(lanes, [&](int i) {
    registerAt<uint32_t>(w, op.dst)[i] = ((upper >> i) & 1) * value << 16 | ((lower >> i) & 1) * value;
  });
}

template <class F> struct Set {
  template <class T> static constexpr Handler handler = set<F, T>;
  template <class T> static constexpr Handler ofPairs = setOfPairs<F, T>;
};

template <class H> Handler pickAny(Type type) {
  switch (type) {
  case Type::F16:
    return H::template handler<F16Bits>;
  case Type::BF16:
    return H::template handler<BF16Bits>;
  case Type::F16x2:
    return H::template ofPairs<F16Bits>;
  case Type::BF16x2:
    return H::template ofPairs<BF16Bits>;
  default:
    break;
  }
  Handler h = pickInteger<H>(type);
  return h ? h : pickFloat<H>(type);
}
template <class H> Handler pickFloating(Type type) { return isFloat(type) ? pickAny<H>(type) : nullptr; }

struct Row {
  std::string_view name;
  Handler (*setp)(Type);
  Handler (*set)(Type);
};
template <class F> constexpr Row any(std::string_view name) { return {name, pickAny<SetP<F>>, pickAny<Set<F>>}; }
template <class F> constexpr Row unordered(std::string_view name) {
  return {name, pickFloating<SetP<F>>, pickFloating<Set<F>>};
}
constexpr Row rows[] = {
    any<Eq>("eq"),
    any<Ne>("ne"),
    any<Lt>("lt"),
    any<Le>("le"),
    any<Gt>("gt"),
    any<Ge>("ge"),
    unordered<Not<Ne>>("equ"),
    unordered<Not<Eq>>("neu"),
    unordered<Not<Ge>>("ltu"),
    unordered<Not<Gt>>("leu"),
    unordered<Not<Le>>("gtu"),
    unordered<Not<Lt>>("geu"),
    unordered<Num>("num"),
    unordered<Not<Num>>("nan"),
};

/// lo ls hi hs compare as unsigned.
std::string_view plain(std::string_view name, Type &type) {
  static constexpr std::pair<std::string_view, std::string_view> same[] = {
      {"lo", "lt"}, {"ls", "le"}, {"hi", "gt"}, {"hs", "ge"}};
  for (auto [unsignedName, name2] : same) {
    if (name == unsignedName) {
      type = isUnsigned(type) || isBits(type) ? type : Type::None;
      return name2;
    }
  }
  return name;
}

template <class T> void selp(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t p = predicate(w, op.src[2]);
  p = op.flag ? ~p : p;
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = (p >> i) & 1 ? a[i] : b[i];
  put(w, op.dst, r, lanes);
}

template <class T, class C> void slct(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  const C *c = source<C>(w, op.src[2]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = c[i] >= 0 ? a[i] : b[i];
  put(w, op.dst, r, lanes);
}

enum class Property { Finite, Infinite, Number, NotANumber, Normal, Subnormal };
template <Property p, class T> void testp(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]);
  uint32_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    int c = std::fpclassify(a[i]);
    bool is = p == Property::Finite       ? c != FP_NAN && c != FP_INFINITE
              : p == Property::Infinite   ? c == FP_INFINITE
              : p == Property::Number     ? c != FP_NAN
              : p == Property::NotANumber ? c == FP_NAN
              : p == Property::Normal     ? c == FP_NORMAL
                                          : c == FP_SUBNORMAL;
    bits |= uint32_t{is} << i;
  }
  setPredicate(w, op.dst, bits, lanes);
}
template <Property p> struct TestP {
  template <class T> static constexpr Handler handler = testp<p, T>;
};
constexpr NamedHandler properties[] = {
    {"finite", pickFloat<TestP<Property::Finite>>}, {"infinite", pickFloat<TestP<Property::Infinite>>},
    {"number", pickFloat<TestP<Property::Number>>}, {"notanumber", pickFloat<TestP<Property::NotANumber>>},
    {"normal", pickFloat<TestP<Property::Normal>>}, {"subnormal", pickFloat<TestP<Property::Subnormal>>},
};
} // namespace

Handler awg::emu::setpHandler(std::string_view comparison, Type type) {
  comparison = plain(comparison, type);
  for (const Row &row : rows)
    if (row.name == comparison)
      return row.setp(type);
  return nullptr;
}

Handler awg::emu::setHandler(std::string_view comparison, Type type, Type) {
  comparison = plain(comparison, type);
  for (const Row &row : rows)
    if (row.name == comparison)
      return row.set(type);
  return nullptr;
}

Handler awg::emu::selpHandler(uint32_t size) {
  return size == 2 ? selp<uint16_t> : size == 4 ? selp<uint32_t> : size == 8 ? selp<uint64_t> : nullptr;
}

Handler awg::emu::slctHandler(uint32_t size, bool byFloat) {
  if (byFloat)
    return size == 2 ? slct<uint16_t, float> : size == 4 ? slct<uint32_t, float> : slct<uint64_t, float>;
  return size == 2 ? slct<uint16_t, int32_t> : size == 4 ? slct<uint32_t, int32_t> : slct<uint64_t, int32_t>;
}

Handler awg::emu::testpHandler(std::string_view property, Type type) { return find(properties, property, type); }
