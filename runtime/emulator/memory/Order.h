// Which work of the streams comes before which, by vector clocks.
#ifndef AWG_EMULATOR_MEMORY_ORDER_H
#define AWG_EMULATOR_MEMORY_ORDER_H

#include <cstdint>
#include <mutex>
#include <vector>

namespace awg::emu {

/// How far each stream, by number, has come as far as someone knows.
using Clock = std::vector<uint32_t>;

/// `to` knows from now on what `from` knows.
void learn(Clock &to, const Clock &from);

/// The clocks of all work that was given to streams. Any thread may call.
class Order {
public:
  /// Enters work of a stream that comes after what `clock` knows, and then advances `clock`. Gives the work's number,
  /// from 1 on.
  uint32_t add(uint32_t stream, Clock &clock);
  /// Whether `first` has ended before `second` starts, whatever the timing.
  bool isBefore(uint32_t first, uint32_t second) const;
  uint32_t streamOf(uint32_t work) const;
  Clock clockOf(uint32_t work) const;

private:
  struct Entry {
    uint32_t stream, place;
    Clock clock;
  };
  mutable std::mutex mutex;
  std::vector<Entry> entries;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_ORDER_H
