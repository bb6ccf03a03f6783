// What a runtime counts: each worker for itself, added up when someone asks.
#ifndef AWG_RUNTIME_TRACE_STATS_H
#define AWG_RUNTIME_TRACE_STATS_H

#include "awg/awgrt.h"

#include <atomic>

namespace awg::rt {

/// A number that one thread changes and any may read.
class Counter {
public:
  void add(int64_t amount) { value.store(get() + amount, std::memory_order_relaxed); }
  int64_t get() const { return value.load(std::memory_order_relaxed); }

private:
  std::atomic<int64_t> value{0};
};

/// Times by size: four buckets to a doubling, so that a quantile is right to a fifth.
class Histogram {
public:
  void add(int64_t nanoseconds) { buckets[bucketOf(nanoseconds)].add(1); }
  int64_t in(int32_t bucket) const { return buckets[bucket].get(); }

  static constexpr int32_t bucketCount = 160; ///< the last holds all from 2^40 ns on
  static int32_t bucketOf(int64_t nanoseconds);
  /// The largest time in a bucket.
  static int64_t endOf(int32_t bucket);

private:
  Counter buckets[bucketCount];
};

/// What a worker counts.
struct WorkerStats {
  Counter started;   ///< tasks that it started
  Counter runs;      ///< tasks that it ran, each time from when it was made ready up to where it waits
  Counter steals;
  Counter launches;
  Counter pieces;    ///< of launches
  Counter sleeps;
  Counter files;
  Counter parks;
  Counter idle;      ///< nanoseconds parked
  Histogram wakeUps; ///< from the wake-up of the parked worker until it runs
};

struct Runtime;

/// The sums over the workers.
void collectStats(const Runtime &runtime, awgrt_stats &out);

} // namespace awg::rt

#endif // AWG_RUNTIME_TRACE_STATS_H
