// What is known of every byte of memory beyond its value: whether it was written, and who used it last.
#ifndef AWG_EMULATOR_MEMORY_SHADOW_H
#define AWG_EMULATOR_MEMORY_SHADOW_H

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace awg::emu {

/// Somebody's use of some bytes.
struct Use {
  /// 0: nobody. Else from the lowest bit: whether it was special, 10 bits of the thread in its block, the block's number
  /// by Order::start. So one compare tells whether it was the same thread in the same way.
  uint64_t who = 0;
  uint64_t stamp = 0; ///< when and how

  static uint64_t whoIs(uint64_t block, uint64_t thread, bool isSpecial) { return block << 11 | thread << 1 | isSpecial; }
  static uint64_t blockOf(uint64_t who) { return who >> 11; }
  uint64_t block() const { return blockOf(who); }
  uint32_t thread() const { return who >> 1 & 1023; }
  uint64_t warp() const { return who >> 6; } ///< of all
  bool isCached() const { return who & 1; }  ///< a read: through the cache for what nobody writes

  static uint64_t stampOf(uint64_t moment, uint32_t site, bool isOfSwap, bool isOfBlock, bool isStrong) {
    return moment << 32 | site << 3 | isOfSwap << 2 | isOfBlock << 1 | isStrong;
  }
  uint32_t moment() const { return stamp >> 32; }        ///< of WarpClocks
  uint32_t site() const { return uint32_t(stamp) >> 3; } ///< the instruction, among all of the program
  bool isStrong() const { return stamp & 1; }            ///< atomic, volatile, relaxed: races with none of its like
  bool isOfBlock() const { return stamp & 2; }           ///< strong for its block alone
  bool isOfSwap() const { return stamp & 4; }            ///< a compare-and-swap, or what may be the load before it
};

/// Of a write: nothing was written where it came from.
inline bool isVoid(uint64_t who) { return who & 1; }

/// Held for less time than it takes to wait in the kernel.
class SpinLock {
public:
  void lock() {
    while (isHeld.exchange(true, std::memory_order_acquire))
      std::this_thread::yield();
  }
  void unlock() { isHeld.store(false, std::memory_order_release); }

private:
  std::atomic<bool> isHeld{false};
};

/// The shadow of 4 KiB: who last wrote and read each cell. That is of as many bytes as the smallest use there was so far, at
/// most 16.
class ShadowPage {
public:
  static constexpr uint64_t size = 4096;
  SpinLock lock; ///< held by who calls

  /// Of each cell.
  struct Uses {
    std::vector<uint64_t> who, stamps;
    Use operator[](size_t cell) const { return {who[cell], stamps[cell]}; }
    void set(size_t cell, const Use &use) { who[cell] = use.who, stamps[cell] = use.stamp; }
  };
  Uses write, read, otherRead; ///< of the threads that read, the last two are kept

  struct Range {
    size_t begin, end;
  };
  /// The cells of the addresses `[begin, end)`, which are in the page. They are so until others are asked for.
  Range cellsOf(uint64_t begin, uint64_t end) {
    if ((begin | end) & within)
      divide(begin | end);
    size_t first = begin % size >> shift;
    return {first, first + ((end - begin) >> shift)};
  }
  bool isWritten(size_t cell) const { return write.who[cell] && !isVoid(write.who[cell]); }
  /// As if none had been asked for.
  void clear();
  bool isEmpty() const { return write.who.empty(); }

private:
  void divide(uint64_t ends);

  uint64_t within = UINT64_MAX; ///< a cell's size less one, or all bits while there are none
  uint32_t shift = 0;           ///< of a cell's size
};

/// Pages by address; made when they are first touched, and kept. Any thread may call.
class Shadow {
public:
  Shadow() : leaves(new std::atomic<Leaf *>[(uint64_t{1} << 47) / leafBytes]()) {} // for all addresses of a process
  /// The page around `address`.
  ShadowPage &page(uint64_t address) {
    return made(made(leaves[address / leafBytes])[address % leafBytes / ShadowPage::size]);
  }
  /// `[begin, begin + size)` has been given out anew: never written, used by nobody.
  void forget(uint64_t begin, uint64_t size);
  /// What was copied there is written as far as it was where it came from.
  void copyWritten(uint64_t to, uint64_t from, uint64_t size);

private:
  static constexpr uint64_t leafBytes = uint64_t{1} << 29; ///< that a leaf is for
  using Leaf = std::array<std::atomic<ShadowPage *>, leafBytes / ShadowPage::size>;
  template <class T> static T &made(std::atomic<T *> &at) {
    T *known = at.load(std::memory_order_acquire);
    return known ? *known : make(at);
  }
  template <class T> static T &make(std::atomic<T *> &at);

  std::unique_ptr<std::atomic<Leaf *>[]> leaves;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_SHADOW_H
