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

/// Numbers of blocks, `[begin, end)`: those of one piece of work, or of such as that one follows.
struct Numbers {
  uint64_t begin = 0, end = 0;
  uint32_t work = 0;
  bool contain(uint64_t number) const { return number - begin < end - begin; }
};

/// The clocks of all work that was given to streams. Any thread may call.
class Order {
public:
  /// Enters work of a stream that comes after what `clock` knows, and then advances `clock`. Gives the work's number,
  /// from 1 on.
  uint32_t add(uint32_t stream, Clock &clock);
  /// Whether `first` has ended before `second` starts, whatever the timing.
  bool isBefore(uint32_t first, uint32_t second) const;
  /// Numbers, above 0, for the blocks of work that starts. A copy has one.
  Numbers start(uint32_t work, uint64_t blocks);
  /// Whose number that is.
  Numbers find(uint64_t number) const;
  /// Whether the work of that number has ended before `second` starts; `known` has numbers of which that is known, and learns.
  bool isBefore(uint64_t number, uint32_t second, Numbers &known) const;
  uint32_t streamOf(uint32_t work) const;
  Clock clockOf(uint32_t work) const;

private:
  struct Entry {
    uint32_t stream, place;
    Clock clock;
  };
  mutable std::mutex mutex;
  std::vector<Entry> entries;
  std::vector<Numbers> started; ///< rising
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_ORDER_H
