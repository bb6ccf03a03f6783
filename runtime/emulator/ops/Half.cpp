// Arithmetic of f16 and bf16, alone and in pairs: in float, rounded once. Sums, products, quotients and roots of two
// halves round the same whether by way of float or not; the fused product goes by way of double, to odd.
#include "emulator/ops/HalfFloat.h"
#include "emulator/ops/Pick.h"

using namespace awg::emu;

namespace {
struct F16 {
  static float from(uint16_t bits) { return fromF16(bits); }
  static uint16_t to(float value) { return toF16(value); }
  static constexpr uint16_t least = 0x0400; ///< smallest normal
};
struct BF16 {
  static float from(uint16_t bits) { return fromBF16(bits); }
  static uint16_t to(float value) { return toBF16(value); }
  static constexpr uint16_t least = 0x0080;
};

struct Add {
  static float of(float a, float b) { return a + b; }
};
struct Sub {
  static float of(float a, float b) { return a - b; }
};
struct Mul {
  static float of(float a, float b) { return a * b; }
};
struct Ex2 {
  static float of(float a) { return toOdd(std::exp2(double(a))); }
};
struct Tanh {
  static float of(float a) { return toOdd(std::tanh(double(a))); }
};

template <bool isMax, bool keepsNaN> uint16_t extreme(uint16_t a, uint16_t b, float x, float y) {
  if (x != x)
    return keepsNaN || y != y ? 0x7fff : b;
  if (y != y)
    return keepsNaN ? 0x7fff : a;
  bool aLess = x < y || (x == y && std::signbit(x));
  return aLess == isMax ? b : a;
}

/// After an operation: op.flag: clamp to [0, 1]; op.control, what else: 1: ftz, 2: relu.
template <class H> uint16_t finish(const Op &op, uint16_t value) {
  if ((op.control & 1) && (value & 0x7fff) < H::least)
    value &= 0x8000;
  if ((op.flag || (op.control & 2)) && (value & 0x8000))
    return value > 0x8000 && H::from(value) != H::from(value) ? (op.flag ? 0 : 0x7fff) : 0;
  if (op.flag) {
    float x = H::from(value);
    return x != x ? 0 : x > 1 ? H::to(1) : value;
  }
  return value;
}
template <class H> uint16_t input(const Op &op, uint16_t value) {
  return (op.control & 1) && (value & 0x7fff) < H::least ? value & 0x8000 : value;
}

/// N = 1 or 2 halves a lane; the lanes' halves lie side by side either way.
template <int N, class F> void store(Warp &w, const Op &op, uint32_t lanes, F f) {
  alignas(64) uint16_t r[32 * N];
  for (int i = 0; i < 32 * N; ++i)
    r[i] = f(i);
  if constexpr (N == 1)
    put(w, op.dst, r, lanes);
  else
    put(w, op.dst, reinterpret_cast<uint32_t *>(r), lanes);
}

template <class H, class F, int N> void binaryHalf(Warp &w, const Op &op, uint32_t lanes) {
  const uint16_t *a = source<uint16_t>(w, op.src[0]), *b = source<uint16_t>(w, op.src[1]);
  store<N>(w, op, lanes, [&](int i) {
    return finish<H>(op, H::to(F::of(H::from(input<H>(op, a[i])), H::from(input<H>(op, b[i])))));
  });
}
template <class H, class F, int N> void unaryHalf(Warp &w, const Op &op, uint32_t lanes) {
  const uint16_t *a = source<uint16_t>(w, op.src[0]);
  store<N>(w, op, lanes, [&](int i) { return finish<H>(op, H::to(F::of(H::from(input<H>(op, a[i]))))); });
}
template <class H, int N> void fmaHalf(Warp &w, const Op &op, uint32_t lanes) {
  const uint16_t *a = source<uint16_t>(w, op.src[0]), *b = source<uint16_t>(w, op.src[1]),
                 *c = source<uint16_t>(w, op.src[2]);
  auto in = [&](uint16_t bits) { return double(H::from(input<H>(op, bits))); };
  store<N>(w, op, lanes, [&](int i) { return finish<H>(op, H::to(toOdd(fmaToOdd(in(a[i]), in(b[i]), in(c[i]))))); });
}
template <class H, bool isMax, bool keepsNaN, int N> void extremeHalf(Warp &w, const Op &op, uint32_t lanes) {
  const uint16_t *a = source<uint16_t>(w, op.src[0]), *b = source<uint16_t>(w, op.src[1]);
  store<N>(w, op, lanes, [&](int i) {
    uint16_t x = input<H>(op, a[i]), y = input<H>(op, b[i]);
    return extreme<isMax, keepsNaN>(x, y, H::from(x), H::from(y));
  });
}
template <uint16_t keep, uint16_t flip, int N> void signHalf(Warp &w, const Op &op, uint32_t lanes) {
  const uint16_t *a = source<uint16_t>(w, op.src[0]);
  store<N>(w, op, lanes, [&](int i) { return uint16_t((a[i] & keep) ^ flip); });
}

template <template <class, int> class Make> Handler pick(Type type) {
  switch (type) {
  case Type::F16:
    return Make<F16, 1>::handler;
  case Type::F16x2:
    return Make<F16, 2>::handler;
  case Type::BF16:
    return Make<BF16, 1>::handler;
  case Type::BF16x2:
    return Make<BF16, 2>::handler;
  default:
    return nullptr;
  }
}
template <class H, int N> struct AddOf {
  static constexpr Handler handler = binaryHalf<H, Add, N>;
};
template <class H, int N> struct SubOf {
  static constexpr Handler handler = binaryHalf<H, Sub, N>;
};
template <class H, int N> struct MulOf {
  static constexpr Handler handler = binaryHalf<H, Mul, N>;
};
template <class H, int N> struct FmaOf {
  static constexpr Handler handler = fmaHalf<H, N>;
};
template <class H, int N> struct MinOf {
  static constexpr Handler handler = extremeHalf<H, false, false, N>;
};
template <class H, int N> struct MaxOf {
  static constexpr Handler handler = extremeHalf<H, true, false, N>;
};
template <class H, int N> struct MinNaNOf {
  static constexpr Handler handler = extremeHalf<H, false, true, N>;
};
template <class H, int N> struct MaxNaNOf {
  static constexpr Handler handler = extremeHalf<H, true, true, N>;
};
template <class H, int N> struct AbsOf {
  static constexpr Handler handler = signHalf<0x7fff, 0, N>;
};
template <class H, int N> struct NegOf {
  static constexpr Handler handler = signHalf<0xffff, 0x8000, N>;
};
template <class H, int N> struct Ex2Of {
  static constexpr Handler handler = unaryHalf<H, Ex2, N>;
};
template <class H, int N> struct TanhOf {
  static constexpr Handler handler = unaryHalf<H, Tanh, N>;
};

constexpr NamedHandler table[] = {
    {"add", pick<AddOf>}, {"sub", pick<SubOf>}, {"mul", pick<MulOf>},        {"fma", pick<FmaOf>},
    {"min", pick<MinOf>}, {"max", pick<MaxOf>}, {"min.NaN", pick<MinNaNOf>}, {"max.NaN", pick<MaxNaNOf>},
    {"abs", pick<AbsOf>}, {"neg", pick<NegOf>}, {"ex2", pick<Ex2Of>},        {"tanh", pick<TanhOf>},
};
} // namespace

Handler awg::emu::halfHandler(std::string_view name, Type type) { return find(table, name, type); }
