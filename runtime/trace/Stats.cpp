// Adding up and printing what the workers count.
#include "trace/Stats.h"

#include "async/Runtime.h"

#include <algorithm>
#include <iterator>

namespace awg::rt {

int32_t Histogram::bucketOf(int64_t nanoseconds) {
  if (nanoseconds < 4)
    return nanoseconds < 0 ? 0 : int32_t(nanoseconds);
  int32_t power = 63 - __builtin_clzll(uint64_t(nanoseconds));
  int32_t bucket = 4 * (power - 1) + int32_t((nanoseconds >> (power - 2)) & 3);
  return bucket < bucketCount ? bucket : bucketCount - 1;
}

int64_t Histogram::endOf(int32_t bucket) {
  if (bucket < 4)
    return bucket;
  int32_t power = bucket / 4 + 1;
  return ((INT64_C(4) + bucket % 4 + 1) << (power - 2)) - 1;
}

namespace {

/// Several workers' histograms as one.
class Sum {
public:
  void add(const Histogram &histogram) {
    for (int32_t k = 0; k < Histogram::bucketCount; ++k) {
      counts[k] += histogram.in(k);
      total += histogram.in(k);
    }
  }
  /// The time that a share of all do not exceed; 0 of none.
  int64_t quantile(double share) const {
    int64_t wanted = int64_t(double(total) * share), seen = 0;
    if (total == 0)
      return 0;
    for (int32_t k = 0; k < Histogram::bucketCount; ++k) {
      seen += counts[k];
      if (seen > wanted || seen == total)
        return Histogram::endOf(k);
    }
    return 0;
  }

private:
  int64_t counts[Histogram::bucketCount] = {};
  int64_t total = 0;
};

void addGpu(const GpuCounts &counts, awgrt_stats &out) {
  auto add = [](int64_t &sum, const std::atomic<int64_t> &count) { sum += count.load(std::memory_order_relaxed); };
  add(out.gpu_launches, counts.launches);
  add(out.uploads, counts.uploads);
  add(out.uploaded, counts.uploaded);
  add(out.downloads, counts.downloads);
  add(out.downloaded, counts.downloaded);
  add(out.peer_copies, counts.peerCopies);
  add(out.peer_copied, counts.peerCopied);
  add(out.graphs, counts.graphs);
}

} // namespace

void collectStats(const Runtime &runtime, awgrt_stats &out) {
  out = {};
  Sum wakeUps, lateness;
  out.workers = runtime.scheduler.workerCount();
  out.elapsed = monotonicNow() - runtime.created;
  out.tasks = runtime.scheduler.startedOutside();
  for (int32_t k = 0; k < out.workers; ++k) {
    const WorkerStats &stats = runtime.scheduler.worker(k).stats;
    out.tasks += stats.started.get();
    out.runs += stats.runs.get();
    out.steals += stats.steals.get();
    out.launches += stats.launches.get();
    out.pieces += stats.pieces.get();
    out.sleeps += stats.sleeps.get();
    out.files += stats.files.get();
    out.parks += stats.parks.get();
    out.idle += stats.idle.get();
    wakeUps.add(stats.wakeUps);
  }
  out.gpus = runtime.gpus.count();
  for (int32_t k = 0; k < out.gpus; ++k)
    addGpu(runtime.gpus[k].counts, out);
  lateness.add(runtime.timers.lateness);
  out.wake_median = wakeUps.quantile(0.5);
  out.wake_p99 = wakeUps.quantile(0.99);
  out.late_median = lateness.quantile(0.5);
  out.late_p99 = lateness.quantile(0.99);
}

} // namespace awg::rt

using namespace awg::rt;

void awgrt_runtime_stats(awgrt_runtime *runtime, awgrt_stats *out_stats) {
  runtime->gpus.waitDetached();
  collectStats(*runtime, *out_stats);
}

namespace {

constexpr uint8_t asNumber = AWGRT_I64, asTime = AWGRT_DURATION;

/// Prints `format` with `values`.
template <size_t Count>
void printLine(const char *format, const uint8_t (&kinds)[Count], const int64_t (&values)[Count]) {
  uint64_t args[Count];
  std::copy(std::begin(values), std::end(values), args);
  awgrt_str *text = awgrt_str_format(format, kinds, Count, args);
  awgrt_eprint(text);
  awgrt_str_release(text);
}

} // namespace

void awgrt_stats_print(const awgrt_stats *stats) {
  const char *format = "AWG_STATS: {} workers, {:.3}\n"
                       "  tasks     {} started, {} runs of tasks and launches, {} of them stolen\n"
                       "  launches  {} in {} pieces\n"
                       "  sleeps    {}, late by {:.1} in the median, {:.1} at 99 %\n"
                       "  files     {} read or written\n"
                       "  idle      {:.3} of all workers in {} parks, woken after {:.1} in the median, {:.1} at 99 %";
  const int64_t values[] = {stats->workers,  stats->elapsed,  stats->tasks,       stats->runs,     stats->steals,
                            stats->launches, stats->pieces,   stats->sleeps,      stats->late_median, stats->late_p99,
                            stats->files,    stats->idle,     stats->parks,       stats->wake_median, stats->wake_p99};
  printLine(format,
            {asNumber, asTime, asNumber, asNumber, asNumber, asNumber, asNumber, asNumber, asTime, asTime, asNumber, asTime, asNumber,
             asTime, asTime},
            values);
  if (stats->gpus == 0)
    return;
  printLine("  gpus      {}, {} launches; copied there {} times, {} bytes; back {} times, {} bytes; from one to another {} "
            "times, {} bytes; {} graphs",
            {asNumber, asNumber, asNumber, asNumber, asNumber, asNumber, asNumber, asNumber, asNumber},
            {stats->gpus, stats->gpu_launches, stats->uploads, stats->uploaded, stats->downloads, stats->downloaded,
             stats->peer_copies, stats->peer_copied, stats->graphs});
}
