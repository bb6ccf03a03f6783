// What a worker remembers of how long code takes.
#ifndef AWG_RUNTIME_DEVICE_COSTTABLE_H
#define AWG_RUNTIME_DEVICE_COSTTABLE_H

#include <cstddef>
#include <cstdint>

namespace awg::rt {

/// Processor ticks that pieces of code took at their last runs on this worker: a unit of a kernel, a run of a task. Guesses
/// that decide where things run, never what they compute. A worker's own; of three that collide the oldest goes.
class CostTable {
public:
  /// 0 if unknown.
  float find(const void *code) const {
    const Entry *pair = entries + indexOf(code);
    return pair[0].code == code ? pair[0].ticks : pair[1].code == code ? pair[1].ticks : 0;
  }
  void store(const void *code, float ticks) {
    Entry *pair = entries + indexOf(code);
    if (pair[0].code != code && pair[1].code != code)
      pair[1] = pair[0]; // the older of the two goes
    pair[pair[0].code != code && pair[1].code == code] = {code, ticks};
  }

private:
  struct Entry {
    const void *code = nullptr;
    float ticks = 0;
  };
  static constexpr size_t size = 64;
  /// Of the first of the two entries that may be the code's.
  static size_t indexOf(const void *code) {
    return (reinterpret_cast<uintptr_t>(code) * UINT64_C(0x9e3779b97f4a7c15)) >> 59 << 1;
  }
  Entry entries[size];
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_COSTTABLE_H
