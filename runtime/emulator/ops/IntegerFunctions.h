// Functions of two integers that instructions, atomic operations and reductions of a warp share.
#ifndef AWG_EMULATOR_OPS_INTEGERFUNCTIONS_H
#define AWG_EMULATOR_OPS_INTEGERFUNCTIONS_H

#include <cstdint>
#include <type_traits>

namespace awg::emu {

/// Unsigned, and at least of int's size, so that nothing overflows.
template <class T> using Wrap = std::conditional_t<sizeof(T) < 4, uint32_t, std::make_unsigned_t<T>>;

struct Add {
  template <class T> static T of(T a, T b) { return Wrap<T>(a) + Wrap<T>(b); }
};
struct Min {
  template <class T> static T of(T a, T b) { return a < b ? a : b; }
};
struct Max {
  template <class T> static T of(T a, T b) { return a > b ? a : b; }
};
struct And {
  template <class T> static T of(T a, T b) { return a & b; }
};
struct Or {
  template <class T> static T of(T a, T b) { return a | b; }
};
struct Xor {
  template <class T> static T of(T a, T b) { return a ^ b; }
};

} // namespace awg::emu

#endif // AWG_EMULATOR_OPS_INTEGERFUNCTIONS_H
