// Loads and stores. Elements are accessed as a whole, so that what other threads write is seen whole too.
#include "emulator/ops/Address.h"
#include "emulator/ops/Ops.h"

#include <algorithm>

using namespace awg::emu;

namespace {
template <class T> T loadOne(uint64_t address) {
  if constexpr (sizeof(T) == 16) {
    T value;
    std::memcpy(&value, reinterpret_cast<void *>(address), 16);
    return value;
  } else {
    return __atomic_load_n(reinterpret_cast<T *>(address), __ATOMIC_ACQUIRE);
  }
}
template <class T> void storeOne(uint64_t address, T value) {
  if constexpr (sizeof(T) == 16)
    std::memcpy(reinterpret_cast<void *>(address), &value, 16);
  else
    __atomic_store_n(reinterpret_cast<T *>(address), value, __ATOMIC_RELEASE);
}

/// `M`: what memory has, `R`: the register, which a narrower M is extended to. `op.flag`: others may be waited for by
/// this.
template <class M, class R> void load(Warp &w, const Op &op, uint32_t lanes) {
  uint64_t host[32];
  w.maySpin |= op.flag;
  resolve(w, op, lanes, Access::Read, host);
  for (int k = 0; k < op.count; ++k) {
    if (op.vector[k] == noSlot)
      continue;
    R *to = registerAt<R>(w, op.vector[k]);
    if (lanes == ~0u) {
      for (int i = 0; i < 32; ++i)
        to[i] = R(loadOne<M>(host[i] + k * sizeof(M)));
    } else {
      forLanes(lanes, [&](int i) { to[i] = R(loadOne<M>(host[i] + k * sizeof(M))); });
    }
  }
}

/// Which of several lanes' values memory has in the end, hardware leaves open.
template <class M, class R> void checkConflicts(const R *from, uint32_t lanes, const uint64_t (&host)[32]) {
  uint64_t lowest = UINT64_MAX, highest = 0;
  bool isMonotone = true; // rising or falling all along: no two are one
  forLanes(lanes, [&](int i) {
    isMonotone &= (host[i] > highest) | (host[i] < lowest);
    lowest = std::min(lowest, host[i]);
    highest = std::max(highest, host[i]);
  });
  if (isMonotone)
    return;
  forLanes(lanes, [&](int i) {
    forLanes(lanes & ((1u << i) - 1), [&](int before) {
      if (host[before] == host[i] && M(from[before]) != M(from[i]))
        throw Fault{FaultKind::Race,
                    "a race: lanes " + std::to_string(before) + " and " + std::to_string(i) +
                        " of a warp write different values to one address",
                    uint32_t(i)};
    });
  });
}

template <class M, class R> void store(Warp &w, const Op &op, uint32_t lanes) {
  uint64_t host[32];
  resolve(w, op, lanes, Access::Write, host);
  for (int k = 0; k < op.count; ++k) {
    const R *from = source<R>(w, op.vector[k]);
    if (w.block->launch->checker && !op.isStrong)
      checkConflicts<M>(from, lanes, host);
    forLanes(lanes, [&](int i) { storeOne<M>(host[i] + k * sizeof(M), M(from[i])); });
  }
}

using Wide = unsigned __int128;

template <class M> Handler loadTo(uint32_t registerSize) {
  if (registerSize < sizeof(M))
    return nullptr;
  switch (registerSize) {
  case 2:
    return load<M, uint16_t>;
  case 4:
    return load<M, uint32_t>;
  case 8:
    return load<M, uint64_t>;
  default:
    return sizeof(M) == 16 ? load<M, Wide> : nullptr;
  }
}
template <class M> Handler storeFrom(uint32_t registerSize) {
  if (registerSize < sizeof(M))
    return nullptr;
  switch (registerSize) {
  case 2:
    return store<M, uint16_t>;
  case 4:
    return store<M, uint32_t>;
  case 8:
    return store<M, uint64_t>;
  default:
    return sizeof(M) == 16 ? store<M, Wide> : nullptr;
  }
}
} // namespace

Handler awg::emu::loadHandler(Type type, uint32_t registerSize) {
  switch (sizeOf(type)) {
  case 1:
    return isSigned(type) ? loadTo<int8_t>(registerSize) : loadTo<uint8_t>(registerSize);
  case 2:
    return isSigned(type) ? loadTo<int16_t>(registerSize) : loadTo<uint16_t>(registerSize);
  case 4:
    return isSigned(type) ? loadTo<int32_t>(registerSize) : loadTo<uint32_t>(registerSize);
  case 8:
    return loadTo<uint64_t>(registerSize);
  default:
    return loadTo<Wide>(registerSize);
  }
}

Handler awg::emu::storeHandler(uint32_t size, uint32_t registerSize) {
  switch (size) {
  case 1:
    return storeFrom<uint8_t>(registerSize);
  case 2:
    return storeFrom<uint16_t>(registerSize);
  case 4:
    return storeFrom<uint32_t>(registerSize);
  case 8:
    return storeFrom<uint64_t>(registerSize);
  default:
    return storeFrom<Wide>(registerSize);
  }
}
