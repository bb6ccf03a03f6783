// Integer arithmetic. It wraps; division by zero gives all ones, and a remainder by zero the dividend, as on hardware.
#include "emulator/ops/IntegerFunctions.h"
#include "emulator/ops/Pick.h"

#include <algorithm>
#include <limits>
#include <type_traits>

using namespace awg::emu;

namespace {
struct Sub {
  template <class T> static T of(T a, T b) { return Wrap<T>(a) - Wrap<T>(b); }
};
struct MulLo {
  template <class T> static T of(T a, T b) { return Wrap<T>(a) * Wrap<T>(b); }
};
struct MadLo {
  template <class T> static T of(T a, T b, T c) { return Wrap<T>(a) * Wrap<T>(b) + Wrap<T>(c); }
};

struct MulHi {
  template <class T> static T of(T a, T b) {
    if constexpr (sizeof(T) == 8) {
      using W = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
      return T((W(a) * W(b)) >> 64);
    } else {
      using W = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
      return T((W(a) * W(b)) >> (8 * sizeof(T)));
    }
  }
};
struct MadHi {
  template <class T> static T of(T a, T b, T c) { return Add::of(MulHi::of(a, b), c); }
};

struct Div {
  template <class T> static T of(T a, T b) {
    if (b == 0)
      return T(-1);
    if (std::is_signed_v<T> && b == T(-1))
      return T(-Wrap<T>(a));
    return a / b;
  }
};
struct Rem {
  template <class T> static T of(T a, T b) {
    if (b == 0)
      return a;
    if (std::is_signed_v<T> && b == T(-1))
      return 0;
    return a % b;
  }
};

struct Abs {
  template <class T> static T of(T a) { return a < 0 ? T(-Wrap<T>(a)) : a; }
};
struct Neg {
  template <class T> static T of(T a) { return T(-Wrap<T>(a)); }
};
struct Not {
  template <class T> static T of(T a) { return T(~a); }
};
struct CNot {
  template <class T> static T of(T a) { return a == 0; }
};
struct Sad {
  template <class T> static T of(T a, T b, T c) {
    return Wrap<T>(c) + (a < b ? Wrap<T>(b) - Wrap<T>(a) : Wrap<T>(a) - Wrap<T>(b));
  }
};

int32_t saturate(int64_t value) { return std::clamp<int64_t>(value, INT32_MIN, INT32_MAX); }
struct AddSat {
  static int32_t of(int32_t a, int32_t b) { return saturate(int64_t{a} + b); }
};
struct SubSat {
  static int32_t of(int32_t a, int32_t b) { return saturate(int64_t{a} - b); }
};
struct MadHiSat {
  static int32_t of(int32_t a, int32_t b, int32_t c) { return saturate(int64_t{MulHi::of(a, b)} + c); }
};

template <class T> int64_t of24(T a) {
  return std::is_signed_v<T> ? int32_t(uint32_t(a) << 8) >> 8 : int64_t(uint32_t(a) & 0xffffff);
}
struct Mul24Lo {
  template <class T> static T of(T a, T b) { return T(of24(a) * of24(b)); }
};
struct Mul24Hi {
  template <class T> static T of(T a, T b) { return T((of24(a) * of24(b)) >> 16); }
};
struct Mad24Lo {
  template <class T> static T of(T a, T b, T c) { return Add::of(Mul24Lo::of(a, b), c); }
};
struct Mad24Hi {
  template <class T> static T of(T a, T b, T c) { return Add::of(Mul24Hi::of(a, b), c); }
};

template <class T> struct Twice;
template <> struct Twice<uint16_t> {
  using type = uint32_t;
};
template <> struct Twice<int16_t> {
  using type = int32_t;
};
template <> struct Twice<uint32_t> {
  using type = uint64_t;
};
template <> struct Twice<int32_t> {
  using type = int64_t;
};

template <class T> void mulWide(Warp &w, const Op &op, uint32_t lanes) {
  using W = typename Twice<T>::type;
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  alignas(64) W r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = W(a[i]) * W(b[i]);
  put(w, op.dst, r, lanes);
}
template <class T> void madWide(Warp &w, const Op &op, uint32_t lanes) {
  using W = typename Twice<T>::type;
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  const W *c = source<W>(w, op.src[2]);
  alignas(64) W r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = Wrap<W>(W(a[i]) * W(b[i])) + Wrap<W>(c[i]);
  put(w, op.dst, r, lanes);
}
struct MulWide {
  template <class T> static constexpr Handler handler = mulWide<T>;
};
struct MadWide {
  template <class T> static constexpr Handler handler = madWide<T>;
};

template <class H> Handler pickNarrow(Type type) {
  switch (type) {
  case Type::U16:
    return H::template handler<uint16_t>;
  case Type::S16:
    return H::template handler<int16_t>;
  case Type::U32:
  case Type::B32:
    return H::template handler<uint32_t>;
  case Type::S32:
    return H::template handler<int32_t>;
  default:
    return nullptr;
  }
}
template <class H> Handler pick32(Type type) {
  return type == Type::U32 ? H::template handler<uint32_t> : type == Type::S32 ? H::template handler<int32_t> : nullptr;
}
template <class H> Handler pickS32(Type type) { return type == Type::S32 ? H::template handler<int32_t> : nullptr; }
template <class H> Handler pickSigned(Type type) {
  switch (type) {
  case Type::S16:
    return H::template handler<int16_t>;
  case Type::S32:
    return H::template handler<int32_t>;
  case Type::S64:
    return H::template handler<int64_t>;
  default:
    return nullptr;
  }
}

/// Pairs of 16 bits in a register of 32; the lanes' halves lie side by side.
template <class F, class T> void pairs(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  alignas(64) T r[64];
  for (int i = 0; i < 64; ++i)
    r[i] = F::of(a[i], b[i]);
  put(w, op.dst, reinterpret_cast<uint32_t *>(r), lanes);
}
template <class F, Handler (*scalar)(Type)> Handler orPairs(Type type) {
  return type == Type::S16x2 ? pairs<F, int16_t> : type == Type::U16x2 ? pairs<F, uint16_t> : scalar(type);
}
/// .relu: at least 0.
template <class F> struct Relu {
  template <class T> static T of(T a, T b) { return Max::of<T>(F::of(a, b), 0); }
};
template <class F> Handler relu(Type type) {
  return type == Type::S16x2 ? pairs<Relu<F>, int16_t> : pickS32<Binary<Relu<F>>>(type);
}

//--- Carries. A lane's carry is a bit of Warp::carry; op.flag: it is read, op.variant: it is written. A difference adds the
//--- complement and one, so that its carry says that nothing was borrowed: nvcc's division of 128 bits reads that by addc.

template <class T, bool subtract, int product> void carried(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]), *b = source<T>(w, op.src[1]);
  const T *c = product ? source<T>(w, op.src[2]) : nullptr;
  alignas(64) T r[32];
  uint32_t out = 0;
  for (int i = 0; i < 32; ++i) {
    unsigned __int128 in = op.flag ? (w.carry >> i) & 1 : subtract;
    T x = a[i], y = subtract ? T(~b[i]) : b[i];
    if constexpr (product)
      x = product == 1 ? MulLo::of(a[i], b[i]) : MulHi::of(a[i], b[i]), y = c[i];
    unsigned __int128 value = (unsigned __int128)x + y + in;
    r[i] = T(value);
    out |= uint32_t((value >> (8 * sizeof(T))) & 1) << i;
  }
  put(w, op.dst, r, lanes);
  if (op.variant)
    w.carry = (w.carry & ~lanes) | (out & lanes);
}
template <bool subtract, int product> struct Carried {
  template <class T> static constexpr Handler handler = carried<T, subtract, product>;
};
template <bool subtract, int product, bool isSigned = false> Handler pickCarried(Type type) {
  switch (type) {
  case Type::U32:
  case Type::B32:
    return Carried<subtract, product>::template handler<uint32_t>;
  case Type::U64:
  case Type::B64:
    return Carried<subtract, product>::template handler<uint64_t>;
  // The carry is out of the highest bit, whatever the sign; only a high product sees it.
  case Type::S32:
    return product == 2 ? nullptr : Carried<subtract, product>::template handler<uint32_t>;
  case Type::S64:
    return product == 2 ? nullptr : Carried<subtract, product>::template handler<uint64_t>;
  default:
    return nullptr;
  }
}

constexpr NamedHandler table[] = {
    {"add", orPairs<Add, pickBits<Binary<Add>>>},
    {"sub", pickBits<Binary<Sub>>},
    {"mul.lo", pickBits<Binary<MulLo>>},
    {"mul.hi", pickInteger<Binary<MulHi>>},
    {"mul.wide", pickNarrow<MulWide>},
    {"mad.lo", pickBits<Ternary<MadLo>>},
    {"mad.hi", pickInteger<Ternary<MadHi>>},
    {"mad.wide", pickNarrow<MadWide>},
    {"div", pickInteger<Binary<Div>>},
    {"rem", pickInteger<Binary<Rem>>},
    {"abs", pickSigned<Unary<Abs>>},
    {"neg", pickSigned<Unary<Neg>>},
    {"min", orPairs<Min, pickInteger<Binary<Min>>>},
    {"max", orPairs<Max, pickInteger<Binary<Max>>>},
    {"min.relu", relu<Min>},
    {"max.relu", relu<Max>},
    {"and", pickBits<Binary<And>>},
    {"or", pickBits<Binary<Or>>},
    {"xor", pickBits<Binary<Xor>>},
    {"not", pickBits<Unary<Not>>},
    {"cnot", pickBits<Unary<CNot>>},
    {"sad", pickInteger<Ternary<Sad>>},
    {"mul24.lo", pick32<Binary<Mul24Lo>>},
    {"mul24.hi", pick32<Binary<Mul24Hi>>},
    {"mad24.lo", pick32<Ternary<Mad24Lo>>},
    {"mad24.hi", pick32<Ternary<Mad24Hi>>},
    {"add.sat", pickS32<Binary<AddSat>>},
    {"sub.sat", pickS32<Binary<SubSat>>},
    {"mad.hi.sat", pickS32<Ternary<MadHiSat>>},
    {"add.carry", pickCarried<false, 0>},
    {"sub.carry", pickCarried<true, 0>},
    {"mad.lo.carry", pickCarried<false, 1>},
    {"mad.hi.carry", pickCarried<false, 2>},
};
} // namespace

Handler awg::emu::integerHandler(std::string_view name, Type type) { return find(table, name, type); }
