// Learning from what was measured.
#include "place/Costs.h"

#include <algorithm>

namespace awg::rt {

namespace {

/// Copies of up to so many bytes show how long a copy takes to begin; of so many and more, how fast it goes on.
constexpr int64_t smallCopy = int64_t(64) << 10, largeCopy = int64_t(1) << 20;

int64_t load(const std::atomic<int64_t> &value) { return value.load(std::memory_order_relaxed); }

/// A moving average; never 0, which stands for none.
int64_t blend(int64_t known, int64_t measured) {
  measured = std::max<int64_t>(measured, 1);
  return known ? std::max<int64_t>((3 * known + measured) / 4, 1) : measured;
}

/// The least that was measured so far.
void lower(std::atomic<int64_t> &least, int64_t measured) {
  int64_t known = load(least);
  if (known == 0 || measured < known)
    least.store(std::max<int64_t>(measured, 1), std::memory_order_relaxed);
}

int64_t orGuess(const std::atomic<int64_t> &measured, int64_t guess) {
  int64_t known = load(measured);
  return known ? known : guess;
}

} // namespace

DeviceCosts MeasuredCosts::get() const {
  constexpr DeviceCosts guesses;
  return {orGuess(launch, guesses.launch), orGuess(backlog, guesses.backlog), orGuess(copy, guesses.copy),
          orGuess(rate, guesses.bytesPerMicrosecond)};
}

int64_t MeasuredCosts::noteLaunch(const LaunchMeasure &measure, int64_t picoseconds) {
  if (measure.bytes > 0) {
    if (picoseconds > 0)
      noteCopy(measure.bytes, measure.time - get().launch - measure.indices * picoseconds / 1000);
    return picoseconds;
  }
  lower(launch, measure.time);
  double surplus = double(measure.time - load(launch)) * 1000;
  return blend(picoseconds, int64_t(surplus / double(std::max<int64_t>(measure.indices, 1))));
}

void MeasuredCosts::noteEnds(int64_t count, int64_t time) {
  backlog.store(blend(load(backlog), time / std::max<int64_t>(count, 1)), std::memory_order_relaxed);
}

void MeasuredCosts::noteCopy(int64_t bytes, int64_t time) {
  if (time <= 0)
    return;
  if (bytes <= smallCopy)
    copy.store(blend(load(copy), time), std::memory_order_relaxed);
  else if (bytes >= largeCopy)
    rate.store(blend(load(rate), int64_t(double(bytes) * 1000 / double(time))), std::memory_order_relaxed);
}

int64_t KernelTimes::find(const void *kernel) const {
  const Entry &entry = entries[indexOf(kernel)];
  return entry.kernel.load(std::memory_order_acquire) == kernel ? load(entry.picoseconds) : 0;
}

void KernelTimes::store(const void *kernel, int64_t picoseconds) {
  Entry &entry = entries[indexOf(kernel)];
  if (entry.kernel.load(std::memory_order_relaxed) != kernel) {
    entry.picoseconds.store(0, std::memory_order_relaxed);
    entry.kernel.store(kernel, std::memory_order_release);
  }
  entry.picoseconds.store(picoseconds, std::memory_order_relaxed);
}

} // namespace awg::rt
