// How handlers reach the registers of a warp's lanes.
#ifndef AWG_EMULATOR_OPS_LANES_H
#define AWG_EMULATOR_OPS_LANES_H

#include "emulator/exec/Block.h"

#include <bit>
#include <cstring>

namespace awg::emu {

/// The 32 lanes of a source operand: of a register, or of a constant where the slot is negative.
template <class T> const T *source(const Warp &warp, int32_t slot) {
  return reinterpret_cast<const T *>(warp.base[slot < 0] + slot);
}

/// The 32 lanes of a register.
template <class T> T *registerAt(Warp &warp, int32_t slot) {
  return reinterpret_cast<T *>(const_cast<char *>(warp.base[0]) + slot);
}

/// A predicate: a bit a lane. Constants are kept in the same way.
inline uint32_t predicate(const Warp &warp, int32_t slot) { return *source<uint32_t>(warp, slot); }

inline void setPredicate(Warp &warp, int32_t slot, uint32_t bits, uint32_t lanes) {
  uint32_t &p = *registerAt<uint32_t>(warp, slot);
  p = (p & ~lanes) | (bits & lanes);
}

/// Writes `values` to the lanes that execute.
template <class T> void put(Warp &warp, int32_t slot, const T *values, uint32_t lanes) {
  T *to = registerAt<T>(warp, slot);
  if (lanes == ~0u) {
    std::memcpy(to, values, 32 * sizeof(T));
    return;
  }
  for (int i = 0; i < 32; ++i)
    to[i] = (lanes >> i) & 1 ? values[i] : to[i];
}

/// Calls `f` with every lane that executes.
template <class F> void forLanes(uint32_t lanes, F f) {
  for (; lanes; lanes &= lanes - 1)
    f(std::countr_zero(lanes));
}

template <class T, class F> void unary(Warp &warp, const Op &op, uint32_t lanes, F f) {
  const T *a = source<T>(warp, op.src[0]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = f(a[i]);
  put(warp, op.dst, r, lanes);
}

template <class T, class F> void binary(Warp &warp, const Op &op, uint32_t lanes, F f) {
  const T *a = source<T>(warp, op.src[0]), *b = source<T>(warp, op.src[1]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = f(a[i], b[i]);
  put(warp, op.dst, r, lanes);
}

template <class T, class F> void ternary(Warp &warp, const Op &op, uint32_t lanes, F f) {
  const T *a = source<T>(warp, op.src[0]), *b = source<T>(warp, op.src[1]), *c = source<T>(warp, op.src[2]);
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = f(a[i], b[i], c[i]);
  put(warp, op.dst, r, lanes);
}

} // namespace awg::emu

#endif // AWG_EMULATOR_OPS_LANES_H
