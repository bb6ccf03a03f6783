// The memory of an execution: where it is, which threads use what, who wrote last and who knows of it.
#ifndef AWG_TEST_UNIT_MODEL_MEMORY_H
#define AWG_TEST_UNIT_MODEL_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <vector>

namespace awg::model {

constexpr int maxThreads = 6;

/// How much of each thread's past is known: a vector clock.
struct Clock {
  uint32_t at[maxThreads] = {};

  void join(const Clock &other) {
    for (int i = 0; i < maxThreads; ++i)
      at[i] = at[i] < other.at[i] ? other.at[i] : at[i];
  }
};

/// A step of a hash; good enough for tables of a billion states.
inline uint64_t mix(uint64_t hash, uint64_t value) {
  hash = ((hash ^ value) + 0x632be59bd9b4e019u) * 0x9fb21c651e98df25u;
  return hash ^ (hash >> 29) ^ (value >> 47);
}

inline uint64_t readRaw(uintptr_t address, int size) {
  uint64_t value = 0;
  memcpy(&value, reinterpret_cast<void *>(address), size_t(size));
  return value;
}

inline void writeRaw(uintptr_t address, int size, uint64_t value) {
  memcpy(reinterpret_cast<void *>(address), &value, size_t(size));
}

/// An access to be compared with those of other threads.
struct Access {
  uint8_t mask; ///< bytes of the granule
  int8_t thread;
  bool writes, atomic;
  uint32_t clock;
  const void *pc;
};

/// What is known about 8 bytes that several threads use.
struct Cell {
  static constexpr int room = 16;
  uint32_t run = 0; ///< of which the rest is
  int count;
  Access accesses[room];
  Clock released[2]; ///< of the last store to an atomic in the lower and upper half
};

/// A region at one place, the same in each run. It begins with what is made before the threads; each thread has a part
/// of its own for stack and heap, so that addresses depend on its own past alone. Nothing is used twice in a run.
class Memory {
public:
  Memory();
  void beginRun();
  /// Forgets what was learned: another scenario begins.
  void forget();

  bool contains(uintptr_t address) const { return address - base < size; }
  uintptr_t stackOf(int thread) const { return base + commonSize + uintptr_t(thread) * threadSize; }
  /// Zeros. `thread` < 0: before the threads began.
  void *allocate(int thread, size_t bytes, size_t alignment);

  /// Notes a use by `thread`; whether several threads use these bytes, and one writes them. That is learned from all
  /// runs.
  bool touch(int thread, uintptr_t address, size_t bytes, bool writes);
  /// Notes a use of bytes that several threads use by one that holds the mutexes `held`, a bit each. Whether nobody
  /// else can tell when it happens before one of them is unlocked: all who write there hold it, and, if this use
  /// writes, all who read. That too is learned from all runs.
  bool isGuarded(uintptr_t address, size_t bytes, bool writes, uint64_t held);
  /// The bit of a mutex; 0 if there are too many.
  uint64_t mutexBit(uintptr_t address);
  /// Whether this run has found bytes to be shared, or used without a mutex, that were not known to be. Its past was
  /// not watched closely enough.
  bool hasLearned() const { return learned; }

  Cell &cellOf(uintptr_t address);
  Clock &clockOf(uintptr_t address) { return cellOf(address).released[(address >> 2) & 1]; }
  /// Called before each write.
  void markDirty(uintptr_t address);
  /// The hash of all that the run has changed, stacks aside: of those only the used part counts.
  uint64_t hash();
  /// From here on, in all runs, these bytes do not count.
  void ignore(uintptr_t address, size_t bytes);
  void markFreed(uintptr_t address, size_t bytes);
  bool isFreed(uintptr_t address) const { return freedIn[(address - base) / 8] == runNumber; }

  static constexpr size_t stackSize = size_t(64) << 10;

private:
  static constexpr size_t commonSize = size_t(1) << 20;
  static constexpr size_t threadSize = size_t(256) << 10;
  static constexpr size_t size = commonSize + maxThreads * threadSize;

  size_t granuleOf(uintptr_t address) const { return (address - base) / 8; }
  bool isStack(uintptr_t address) const {
    return address - base >= commonSize && (address - base - commonSize) % threadSize < stackSize;
  }

  /// What 8 bytes contribute to the hash.
  struct Part {
    uint32_t run = 0; ///< in which they were written first; of which the rest is
    bool isDirty;     ///< written since the hash was brought up to date
    uint64_t hashed;
  };
  static uint64_t hashOf(size_t granule, uint64_t value);
  void replacePart(size_t granule, uint64_t value);

  uintptr_t base;
  uint32_t runNumber = 0;
  bool learned = false;
  uint64_t hashed = 0;
  uintptr_t next[maxThreads + 1];
  std::vector<uint8_t> readers, writers; ///< a bit a thread, for each granule
  /// For each 4 bytes, the mutexes that were held at each use, and whether a step was left out because of them.
  struct Guards {
    uint64_t mutexes = ~uint64_t(0);
    bool isRelied = false;
    bool narrow(uint64_t held);
  };
  std::vector<Guards> useGuards, writeGuards;
  std::unordered_map<uintptr_t, uint64_t> mutexBits;
  std::vector<uint32_t> freedIn; ///< the run in which a granule was freed
  std::vector<int32_t> cellNumbers;
  std::vector<std::unique_ptr<Cell>> cells;
  std::vector<Part> parts;
  std::vector<uint64_t> counted; ///< the bits that count for the hash, for each granule
  std::vector<size_t> dirty;
};

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_MEMORY_H
