// Where an array's elements are at the moment: guesses, made without waiting, that decide where and by whom a launch is submitted.
#include "memory/Residency.h"

#include "device/Gpus.h"

#include <algorithm>

namespace awg::rt {

int32_t holder(const Gpus &gpus, Places places) {
  int32_t lost = -1;
  for (int32_t k = 0; k < gpus.count(); ++k) {
    if (!(places & onGpu(k)))
      continue;
    if (!gpus[k].isLost())
      return k;
    lost = k;
  }
  return lost;
}

int32_t streamOf(const Gpu &gpu, const awgrt_array &array) {
  Residency *residency = bufferOf(array).residency.load(std::memory_order_acquire);
  if (!residency || residency->gpus != &gpu.gpus || !residency->mutex.tryLock())
    return -1;
  const Copy &copy = residency->copies[gpu.number];
  bool isPending = copy.address && copy.written.gpu == gpu.number && copy.written.stream != Gpu::copyStream &&
                   gpu.streams[copy.written.stream].completed.load(std::memory_order_acquire) < copy.written.number;
  int32_t stream = isPending ? copy.written.stream : -1;
  residency->mutex.unlock();
  return stream;
}

bool waitsForPeer(const Gpu &gpu, const awgrt_array &array) {
  Residency *residency = bufferOf(array).residency.load(std::memory_order_acquire);
  if (!residency || residency->gpus != &gpu.gpus || !residency->mutex.tryLock())
    return false;
  Places near = onHost | onGpu(gpu.number);
  bool waits = false;
  for (int64_t i = 0; i < residency->where.count(); ++i)
    if (Places places = residency->where[i].places; !(places & near)) {
      int32_t k = holder(gpu.gpus, places);
      const Use &written = residency->copies[k].written;
      waits |= gpu.gpus[k].streams[written.stream].completed.load(std::memory_order_acquire) < written.number;
    }
  residency->mutex.unlock();
  return waits;
}

int64_t missingBytes(const Gpus &gpus, const awgrt_array &array, Places place) {
  const Buffer &buffer = bufferOf(array);
  Span span = spanOf(array);
  if (span.isEmpty() || buffer.host.load(std::memory_order_relaxed) == HostState::Fresh)
    return 0;
  Residency *residency = buffer.residency.load(std::memory_order_acquire);
  if (!residency || residency->gpus != &gpus || !residency->mutex.tryLock())
    return place == onHost ? 0 : span.end - span.begin;
  int64_t missing = 0;
  for (int64_t i = 0; i < residency->where.count(); ++i) {
    const Segment &segment = residency->where[i];
    bool isThere = (segment.places & place) || (residency->isFresh && (segment.places & onHost));
    if (!isThere)
      missing += std::max<int64_t>(0, std::min(segment.span.end, span.end) - std::max(segment.span.begin, span.begin));
  }
  residency->mutex.unlock();
  return missing;
}

} // namespace awg::rt
