// Tables from names and types to handlers.
#ifndef AWG_EMULATOR_OPS_PICK_H
#define AWG_EMULATOR_OPS_PICK_H

#include "emulator/ops/Lanes.h"
#include "emulator/ops/Ops.h"

namespace awg::emu {

template <class F, class T> void unaryOf(Warp &w, const Op &op, uint32_t lanes) {
  unary<T>(w, op, lanes, [](T a) { return F::of(a); });
}
template <class F, class T> void binaryOf(Warp &w, const Op &op, uint32_t lanes) {
  binary<T>(w, op, lanes, [](T a, T b) { return F::of(a, b); });
}
template <class F, class T> void ternaryOf(Warp &w, const Op &op, uint32_t lanes) {
  ternary<T>(w, op, lanes, [](T a, T b, T c) { return F::of(a, b, c); });
}

/// A way to make a handler of `F` for a type of C++.
template <class F> struct Unary {
  template <class T> static constexpr Handler handler = unaryOf<F, T>;
};
template <class F> struct Binary {
  template <class T> static constexpr Handler handler = binaryOf<F, T>;
};
template <class F> struct Ternary {
  template <class T> static constexpr Handler handler = ternaryOf<F, T>;
};

/// Integers of 16 to 64 bits, signed and not; bits are unsigned.
template <class H> Handler pickInteger(Type type) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return H::template handler<uint16_t>;
  case Type::S16:
    return H::template handler<int16_t>;
  case Type::B32:
  case Type::U32:
    return H::template handler<uint32_t>;
  case Type::S32:
    return H::template handler<int32_t>;
  case Type::B64:
  case Type::U64:
    return H::template handler<uint64_t>;
  case Type::S64:
    return H::template handler<int64_t>;
  default:
    return nullptr;
  }
}

/// The same where the sign does not matter: one handler a size.
template <class H> Handler pickBits(Type type) {
  switch (type) {
  case Type::B16:
  case Type::U16:
  case Type::S16:
    return H::template handler<uint16_t>;
  case Type::B32:
  case Type::U32:
  case Type::S32:
    return H::template handler<uint32_t>;
  case Type::B64:
  case Type::U64:
  case Type::S64:
    return H::template handler<uint64_t>;
  default:
    return nullptr;
  }
}

template <class H> Handler pickFloat(Type type) {
  switch (type) {
  case Type::F32:
    return H::template handler<float>;
  case Type::F64:
    return H::template handler<double>;
  default:
    return nullptr;
  }
}

/// A row of a table by name.
struct NamedHandler {
  std::string_view name;
  Handler (*pick)(Type type);
};

template <size_t N> Handler find(const NamedHandler (&rows)[N], std::string_view name, Type type) {
  for (const NamedHandler &row : rows)
    if (row.name == name)
      return row.pick(type);
  return nullptr;
}

} // namespace awg::emu

#endif // AWG_EMULATOR_OPS_PICK_H
