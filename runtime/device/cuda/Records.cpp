// The records of launches on a GPU.
#include "device/cuda/Records.h"

#include "device/cuda/Gpu.h"

namespace awg::rt {

using cuda::Result;

Fault Records::open(Gpu &gpu) {
  constexpr size_t bytes = sizeof(Record) * count;
  if (Result result = gpu.driver->cuMemAlloc_v2(&device, bytes); result != Result::Success)
    return {result, "cuMemAlloc", bytes};
  void *memory = nullptr;
  if (Result result = gpu.driver->cuMemHostAlloc(&memory, bytes, cuda::hostAllocPortable); result != Result::Success)
    return {result, "cuMemHostAlloc", bytes};
  host = static_cast<Record *>(memory);
  for (int32_t i = 0; i < count; ++i) {
    free[i] = count - 1 - i;
    isUsed[i] = true;
  }
  freeCount = count;
  return {};
}

void Records::close(Gpu &gpu) {
  if (host)
    gpu.driver->cuMemFreeHost(host);
  if (device)
    gpu.driver->cuMemFree_v2(device);
  host = nullptr;
  device = 0;
}

int32_t Records::tryTake() {
  Guard guard(mutex);
  return freeCount > 0 ? free[--freeCount] : -1;
}

int32_t Records::take() {
  Guard guard(mutex);
  while (freeCount == 0)
    freed.wait(mutex);
  return free[--freeCount];
}

void Records::giveBack(int32_t number, bool used) {
  Guard guard(mutex);
  isUsed[number] |= used;
  free[freeCount++] = number;
  freed.wake();
}

bool Records::needsSetUp(int32_t number) {
  Guard guard(mutex);
  bool needs = isUsed[number];
  isUsed[number] = false;
  return needs;
}

Record Records::unused() {
  Record record = {};
  record.failure.index = INT64_MAX;
  return record;
}

} // namespace awg::rt
