// Atomic operations: the processor's own, lane by lane in rising order. Every one is sequentially consistent, which no
// scope or order that PTX can ask for exceeds.
#include "emulator/ops/Address.h"
#include "emulator/ops/HalfFloat.h"
#include "emulator/ops/IntegerFunctions.h"
#include "emulator/ops/Ops.h"
#include "emulator/ops/Pick.h"

#include <cmath>

using namespace awg::emu;

namespace {
using Wide = unsigned __int128;

/// op.dst: the old value, or noSlot; src[0]: the address; src[1], src[2]: operands.
template <class T, class F> void update(Warp &w, const Op &op, uint32_t lanes, F f) {
  uint64_t host[32];
  w.maySpin = true;
  resolve(w, op, lanes, Access::Atomic, host);
  T old[32];
  forLanes(lanes, [&](int i) {
    T *at = reinterpret_cast<T *>(host[i]);
    old[i] = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(at, &old[i], f(old[i], i), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
      ;
  });
  if (op.dst != noSlot)
    forLanes(lanes, [&](int i) { registerAt<T>(w, op.dst)[i] = old[i]; });
}

/// F gives the new value from the old and the operand.
template <class F, class T> void atomic(Warp &w, const Op &op, uint32_t lanes) {
  const T *b = source<T>(w, op.src[1]);
  using U = std::make_unsigned_t<T>;
  update<U>(w, op, lanes, [&](U old, int i) { return U(F::of(T(old), b[i])); });
}
template <class F> struct Atomic {
  template <class T> static constexpr Handler handler = atomic<F, T>;
};

struct Exch {
  template <class T> static T of(T, T b) { return b; }
};
struct Inc {
  template <class T> static T of(T a, T b) { return a >= b ? 0 : a + 1; }
};
struct Dec {
  template <class T> static T of(T a, T b) { return a == 0 || a > b ? b : a - 1; }
};

template <class T> void cas(Warp &w, const Op &op, uint32_t lanes) {
  const T *b = source<T>(w, op.src[1]), *c = source<T>(w, op.src[2]);
  update<T>(w, op, lanes, [&](T old, int i) { return old == b[i] ? c[i] : old; });
}

template <class T> void addFloat(Warp &w, const Op &op, uint32_t lanes) {
  using U = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  const T *b = source<T>(w, op.src[1]);
  update<U>(w, op, lanes, [&](U old, int i) { return std::bit_cast<U>(T(std::bit_cast<T>(old) + b[i])); });
}

template <bool isBF16> uint16_t addHalf(uint16_t a, uint16_t b) {
  return isBF16 ? toBF16(fromBF16(a) + fromBF16(b)) : toF16(fromF16(a) + fromF16(b));
}
template <bool isBF16> void addHalves(Warp &w, const Op &op, uint32_t lanes) {
  const uint16_t *b = source<uint16_t>(w, op.src[1]);
  update<uint16_t>(w, op, lanes, [&](uint16_t old, int i) { return addHalf<isBF16>(old, b[i]); });
}
template <bool isBF16> void addPairs(Warp &w, const Op &op, uint32_t lanes) {
  const uint32_t *b = source<uint32_t>(w, op.src[1]);
  update<uint32_t>(w, op, lanes, [&](uint32_t old, int i) {
    return uint32_t{addHalf<isBF16>(old >> 16, b[i] >> 16)} << 16 | addHalf<isBF16>(uint16_t(old), uint16_t(b[i]));
  });
}

void exchangeWide(Warp &w, const Op &op, uint32_t lanes) {
  const Wide *b = source<Wide>(w, op.src[1]);
  update<Wide>(w, op, lanes, [&](Wide, int i) { return b[i]; });
}

template <class F> Handler integers(Type type) { return sizeOf(type) >= 4 ? pickInteger<Atomic<F>>(type) : nullptr; }
template <class F> Handler bits(Type type) { return sizeOf(type) >= 4 ? pickBits<Atomic<F>>(type) : nullptr; }
Handler exchange(Type type) { return sizeOf(type) == 16 ? exchangeWide : bits<Exch>(type); }
template <class F> Handler u32(Type type) { return type == Type::U32 ? atomic<F, uint32_t> : nullptr; }
Handler add(Type type) {
  switch (type) {
  case Type::F32:
    return addFloat<float>;
  case Type::F64:
    return addFloat<double>;
  case Type::F16:
    return addHalves<false>;
  case Type::BF16:
    return addHalves<true>;
  case Type::F16x2:
    return addPairs<false>;
  case Type::BF16x2:
    return addPairs<true>;
  default:
    return bits<Add>(type);
  }
}
Handler compareAndSwap(Type type) {
  switch (sizeOf(type)) {
  case 2:
    return cas<uint16_t>;
  case 4:
    return cas<uint32_t>;
  case 8:
    return cas<uint64_t>;
  case 16:
    return cas<Wide>;
  default:
    return nullptr;
  }
}

constexpr NamedHandler table[] = {
    {"add", add},       {"min", integers<Min>}, {"max", integers<Max>}, {"and", bits<And>}, {"or", bits<Or>},
    {"xor", bits<Xor>}, {"exch", exchange},     {"inc", u32<Inc>},      {"dec", u32<Dec>},  {"cas", compareAndSwap},
};
} // namespace

Handler awg::emu::atomicHandler(std::string_view name, Type type) { return find(table, name, type); }
