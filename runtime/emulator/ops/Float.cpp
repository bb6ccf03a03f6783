// Arithmetic of f32 and f64, by the processor's own IEEE operations: rounding and flushing are its modes (MXCSR). A NaN
// that an f32 operation makes is 0x7fffffff, as on hardware. Approximate functions are computed in double and rounded
// once.
#include "emulator/ops/Pick.h"

#include <cmath>
#include <immintrin.h>

using namespace awg::emu;

namespace {
/// f32 operations give one NaN; those of f64 keep a payload.
float canonical(float value) { return value != value ? std::bit_cast<float>(0x7fffffffu) : value; }
double canonical(double value) { return value; }

struct Add {
  template <class T> static T of(T a, T b) { return canonical(a + b); }
};
struct Sub {
  template <class T> static T of(T a, T b) { return canonical(a - b); }
};
struct Mul {
  template <class T> static T of(T a, T b) { return canonical(a * b); }
};
struct Div {
  template <class T> static T of(T a, T b) { return canonical(a / b); }
};
struct Fma {
  template <class T> static T of(T a, T b, T c) { return canonical(std::fma(a, b, c)); }
};
struct Sqrt {
  template <class T> static T of(T a) { return canonical(std::sqrt(a)); }
};
struct Rcp {
  template <class T> static T of(T a) { return canonical(T(1) / a); }
};

float bitsOf(uint32_t bits) { return std::bit_cast<float>(bits); }
double bitsOf(uint64_t bits) { return std::bit_cast<double>(bits); }
uint32_t bits(float value) { return std::bit_cast<uint32_t>(value); }
uint64_t bits(double value) { return std::bit_cast<uint64_t>(value); }

/// Subnormals count as zeros of their sign if the mode says so; operations on bits alone have to ask.
float flushed(float value) {
  bool isOn = _mm_getcsr() & _MM_DENORMALS_ZERO_ON;
  return isOn && !(bits(value) & 0x7f800000) ? bitsOf(bits(value) & 0x80000000) : value;
}
struct Abs {
  template <class T> static T of(T a) { return bitsOf(bits(a) & ~(bits(T(0)) | bits(-T(0)))); }
};
struct Neg {
  template <class T> static T of(T a) { return bitsOf(bits(a) ^ bits(-T(0))); }
};
struct AbsFtz {
  static float of(float a) { return Abs::of(flushed(a)); }
};
struct NegFtz {
  static float of(float a) { return Neg::of(flushed(a)); }
};
/// copysign.f32 d, a, b: the sign of a, the magnitude of b.
struct CopySign {
  template <class T> static T of(T a, T b) { return std::copysign(b, a); }
};

/// -0 is less than +0; of a number and a NaN the number, or with .NaN the NaN.
template <bool isMax, bool keepsNaN> struct Extreme {
  template <class T> static T of(T a, T b) {
    if (a != a)
      return keepsNaN || b != b ? quiet(a) : b;
    if (b != b)
      return keepsNaN ? quiet(b) : a;
    bool aLess = a < b || (a == b && std::signbit(a));
    return aLess == isMax ? b : a;
  }
  static float quiet(float) { return bitsOf(0x7fffffffu); }
  static double quiet(double a) { return a + a; }
};
template <bool isMax, bool keepsNaN> struct ExtremeFtz {
  static float of(float a, float b) { return Extreme<isMax, keepsNaN>::of(flushed(a), flushed(b)); }
};
/// min.xorsign.abs: the magnitudes compared, the product's sign.
template <bool isMax, bool keepsNaN> struct ExtremeXor {
  static float of(float a, float b) {
    float value = Extreme<isMax, keepsNaN>::of(Abs::of(flushed(a)), Abs::of(flushed(b)));
    return value != value ? value : bitsOf(bits(value) ^ ((bits(a) ^ bits(b)) & 0x80000000u));
  }
};

//--- Approximate functions: within the error that PTX allows, by being nearly exact.

struct Rsqrt {
  template <class T> static T of(T a) { return canonical(T(1.0 / std::sqrt(double(a)))); }
};
struct Sin {
  static float of(float a) { return canonical(float(std::sin(double(a)))); }
};
struct Cos {
  static float of(float a) { return canonical(float(std::cos(double(a)))); }
};
struct Ex2 {
  static float of(float a) { return canonical(float(std::exp2(double(a)))); }
};
struct Lg2 {
  static float of(float a) { return canonical(float(std::log2(double(a)))); }
};
struct Tanh {
  static float of(float a) { return canonical(float(std::tanh(double(a)))); }
};
/// rcp.approx.ftz.f64 and rsqrt: the lower half of the result is zero.
double gross(double value) { return value != value ? value : bitsOf(bits(value) & ~uint64_t{0xffffffff}); }
struct RcpGross {
  static double of(double a) { return gross(1.0 / a); }
};
struct RsqrtGross {
  static double of(double a) { return gross(1.0 / std::sqrt(a)); }
};

/// Slow functions are called for the lanes that execute alone.
template <class F, class T> void slow(Warp &w, const Op &op, uint32_t lanes) {
  const T *a = source<T>(w, op.src[0]);
  alignas(64) T r[32];
  forLanes(lanes, [&](int i) { r[i] = F::of(a[i]); });
  put(w, op.dst, r, lanes);
}

/// f32x2: two in a 64-bit register.
template <class F> void pairs2(Warp &w, const Op &op, uint32_t lanes) {
  const float *a = source<float>(w, op.src[0]), *b = source<float>(w, op.src[1]);
  alignas(64) float r[64];
  for (int i = 0; i < 64; ++i)
    r[i] = F::of(a[i], b[i]);
  put(w, op.dst, reinterpret_cast<uint64_t *>(r), lanes);
}
void pairsFma(Warp &w, const Op &op, uint32_t lanes) {
  const float *a = source<float>(w, op.src[0]), *b = source<float>(w, op.src[1]), *c = source<float>(w, op.src[2]);
  alignas(64) float r[64];
  for (int i = 0; i < 64; ++i)
    r[i] = Fma::of(a[i], b[i], c[i]);
  put(w, op.dst, reinterpret_cast<uint64_t *>(r), lanes);
}

template <class F> Handler arithmetic(Type type) {
  return type == Type::F32x2 ? pairs2<F> : pickFloat<Binary<F>>(type);
}
Handler fused(Type type) { return type == Type::F32x2 ? pairsFma : pickFloat<Ternary<Fma>>(type); }
template <class F> Handler binary32(Type type) { return type == Type::F32 ? binaryOf<F, float> : nullptr; }
template <class F> Handler unary32(Type type) { return type == Type::F32 ? unaryOf<F, float> : nullptr; }
template <class F> Handler slow32(Type type) { return type == Type::F32 ? slow<F, float> : nullptr; }
template <class F> Handler unary64(Type type) { return type == Type::F64 ? unaryOf<F, double> : nullptr; }

constexpr NamedHandler table[] = {
    {"add", arithmetic<Add>},
    {"sub", arithmetic<Sub>},
    {"mul", arithmetic<Mul>},
    {"fma", fused},
    {"div", pickFloat<Binary<Div>>},
    {"sqrt", pickFloat<Unary<Sqrt>>},
    {"rcp", pickFloat<Unary<Rcp>>},
    {"abs", pickFloat<Unary<Abs>>},
    {"neg", pickFloat<Unary<Neg>>},
    {"abs.ftz", unary32<AbsFtz>},
    {"neg.ftz", unary32<NegFtz>},
    {"copysign", pickFloat<Binary<CopySign>>},
    {"min", pickFloat<Binary<Extreme<false, false>>>},
    {"max", pickFloat<Binary<Extreme<true, false>>>},
    {"min.NaN", pickFloat<Binary<Extreme<false, true>>>},
    {"max.NaN", pickFloat<Binary<Extreme<true, true>>>},
    {"min.ftz", binary32<ExtremeFtz<false, false>>},
    {"max.ftz", binary32<ExtremeFtz<true, false>>},
    {"min.ftz.NaN", binary32<ExtremeFtz<false, true>>},
    {"max.ftz.NaN", binary32<ExtremeFtz<true, true>>},
    {"min.xorsign.abs", binary32<ExtremeXor<false, false>>},
    {"max.xorsign.abs", binary32<ExtremeXor<true, false>>},
    {"min.NaN.xorsign.abs", binary32<ExtremeXor<false, true>>},
    {"max.NaN.xorsign.abs", binary32<ExtremeXor<true, true>>},
    {"rsqrt", pickFloat<Unary<Rsqrt>>},
    {"sin", slow32<Sin>},
    {"cos", slow32<Cos>},
    {"ex2", slow32<Ex2>},
    {"lg2", slow32<Lg2>},
    {"tanh", slow32<Tanh>},
    {"rcp.gross", unary64<RcpGross>},
    {"rsqrt.gross", unary64<RsqrtGross>},
};

template <class T> void clampUnit(Warp &w, const Op &op, uint32_t lanes, int count) {
  T *d = registerAt<T>(w, op.dst);
  forLanes(lanes, [&](int lane) {
    for (int k = 0; k < count; ++k) {
      T &value = d[lane * count + k];
      value = value > T(0) ? (value < T(1) ? value : T(1)) : T(0);
    }
  });
}

void controlled(Warp &w, const Op &op, uint32_t lanes) {
  unsigned before = _mm_getcsr();
  if (op.control)
    _mm_setcsr(op.control);
  op.inner(w, op, lanes);
  _mm_setcsr(before);
  if (!op.flag)
    return;
  if (op.size == 8 && op.count == 2)
    clampUnit<float>(w, op, lanes, 2);
  else if (op.size == 8)
    clampUnit<double>(w, op, lanes, 1);
  else
    clampUnit<float>(w, op, lanes, 1);
}
} // namespace

Handler awg::emu::floatHandler(std::string_view name, Type type) { return find(table, name, type); }

Handler awg::emu::controlledHandler() { return controlled; }
