// Which starts of kernels in a stream repeat: pure code over what was started.
#ifndef AWG_RUNTIME_DEVICE_CUDA_REPETITION_H
#define AWG_RUNTIME_DEVICE_CUDA_REPETITION_H

#include "device/cuda/DriverAPI.h"

namespace awg::rt {

/// What cuLaunchKernel is given. Parameters are 8 bytes each.
struct KernelStart {
  cuda::Function function;
  uint32_t groups;
  uint32_t threads;
  int32_t count;         ///< of `words`
  const uint64_t *words; ///< the parameters
};

/// A start with parameters of its own.
class StoredStart {
public:
  /// More parameters are not stored.
  static constexpr int32_t mostWords = 48;

  void store(const KernelStart &start, uint64_t hash);
  bool equals(const KernelStart &start, uint64_t hash) const;
  KernelStart get() const { return {function, groups, threads, count, words}; }
  static uint64_t hashOf(const KernelStart &start);

private:
  uint64_t hash = 0; ///< 0: nothing is stored
  cuda::Function function = nullptr;
  uint32_t groups = 0, threads = 0;
  int32_t count = 0;
  uint64_t words[mostWords];
};

/// Finds the shortest period in which the last starts repeat. Not synchronised.
class Repetition {
public:
  static constexpr int32_t longest = 32; ///< period

  /// Notes a start, whose hash that is.
  void add(const KernelStart &start, uint64_t hash);
  /// Forgets all.
  void clear();
  /// After how many starts they repeat; 0: they do not.
  int32_t period() const { return length; }
  /// How many starts in a row equal the one a period before them.
  int64_t repeated() const { return run; }
  /// The start that comes next if they go on repeating, `ahead` of it. There is a period.
  const StoredStart &next(int32_t ahead = 0) const { return back(length - ahead % length); }

private:
  const StoredStart &back(int32_t distance) const { return starts[(total - distance) % capacity]; }

  static constexpr int32_t capacity = 2 * longest;
  StoredStart starts[capacity];
  int64_t total = 0; ///< of starts so far
  int32_t length = 0;
  int64_t run = 0;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_REPETITION_H
