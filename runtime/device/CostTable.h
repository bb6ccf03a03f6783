// What a worker remembers of how long kernels take.
#ifndef AWG_RUNTIME_DEVICE_COSTTABLE_H
#define AWG_RUNTIME_DEVICE_COSTTABLE_H

#include "awg/awgrt.h"

namespace awg::rt {

/// Processor ticks a unit of a kernel's code, from its last run on this worker. A guess that decides how a launch is
/// split, never what it computes. A worker's own; collisions overwrite.
class CostTable {
public:
  /// 0 if unknown.
  float find(awgrt_host_kernel code) const {
    const Entry &entry = entries[indexOf(code)];
    return entry.code == code ? entry.ticksPerUnit : 0;
  }
  void store(awgrt_host_kernel code, float ticksPerUnit) { entries[indexOf(code)] = {code, ticksPerUnit}; }

private:
  struct Entry {
    awgrt_host_kernel code = nullptr;
    float ticksPerUnit = 0;
  };
  static constexpr size_t size = 64;
  static size_t indexOf(awgrt_host_kernel code) {
    return (reinterpret_cast<uintptr_t>(code) * UINT64_C(0x9e3779b97f4a7c15)) >> 58;
  }
  Entry entries[size];
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_COSTTABLE_H
