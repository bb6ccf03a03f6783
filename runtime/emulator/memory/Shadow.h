// What is known of every byte of the devices' memory beyond its value: whether it was written, and who used it last.
#ifndef AWG_EMULATOR_MEMORY_SHADOW_H
#define AWG_EMULATOR_MEMORY_SHADOW_H

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace awg::emu {

/// Who used a word, and when by the clocks of its block and launch. `work` 0: nobody.
struct Use {
  uint64_t thread = 0; ///< block * 1024 + thread in the block
  uint64_t time = 0;   ///< of the launch's clock, which fences move
  const void *code = nullptr;
  uint32_t work = 0; ///< number of the launch or copy
  uint32_t warpTime = 0, warpPhase = 0; ///< of WarpClocks; Warp::syncs
  uint32_t instruction = 0;
  uint8_t bytes = 0;     ///< of the word, a bit each
  bool isStrong = false; ///< atomic, volatile, relaxed: races with none of its like
  bool isCached = false; ///< read through the cache for what nobody writes
};

/// A word's last write and reads. Of the threads that read, the last two are kept.
struct Cell {
  Use write, read, otherRead;
};

/// The shadow of some memory: of a page, or of a block's shared memory. Cells are made when they are first wanted.
struct ShadowPage {
  std::mutex mutex;
  std::vector<Cell> cells;      ///< a word each
  std::vector<uint8_t> written; ///< a byte each

  explicit ShadowPage(size_t bytes) : written(bytes) {}
  Cell &cell(size_t byte) {
    if (cells.empty())
      cells.resize((written.size() + 3) / 4);
    return cells[byte / 4];
  }
};

/// Pages of 4 KiB by address; made when they are first touched. Any thread may call.
class Shadow {
public:
  static constexpr uint64_t pageSize = 4096;

  /// The page around `address`.
  ShadowPage &page(uint64_t address);
  /// `[begin, begin + size)` has been given out anew: never written, used by nobody.
  void forget(uint64_t begin, uint64_t size);
  /// It was written by the host or by a copy.
  void setWritten(uint64_t begin, uint64_t size);
  /// What was copied there is written as far as it was where it came from.
  void copyWritten(uint64_t to, uint64_t from, uint64_t size);

private:
  std::mutex mutex;
  std::unordered_map<uint64_t, std::unique_ptr<ShadowPage>> pages;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_SHADOW_H
