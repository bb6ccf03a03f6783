// Where launches on a GPU leave how they ended: a place on the device and one in pinned memory for each launch under way.
#ifndef AWG_RUNTIME_DEVICE_CUDA_RECORDS_H
#define AWG_RUNTIME_DEVICE_CUDA_RECORDS_H

#include "async/Sync.h"
#include "awg/awgrt.h"
#include "device/cuda/DriverAPI.h"

namespace awg::rt {

class Gpu;
struct Fault;

/// How a launch ended. The failure comes first: kernels know its layout.
struct alignas(64) Record {
  awgrt_failure failure;
  uint64_t result[2]; ///< of a reduction
};
static_assert(sizeof(Record) == 128);

/// A fixed number of records. Any thread.
class Records {
public:
  static constexpr int32_t count = 256;

  Fault open(Gpu &gpu);
  /// In the GPU's context.
  void close(Gpu &gpu);
  /// Takes a free record without waiting; -1 if there is none.
  int32_t tryTake();
  /// Waits for one, so never in a callback: those give back the record of every launch that was carried out. What is left to do for it
  /// may stand behind the caller in the queue of the GPU's thread.
  int32_t take();
  /// `isUsed`: it holds a failure, and must be set up anew.
  void giveBack(int32_t number, bool isUsed);
  /// Whether the record on the device must be set up; it counts as set up from here on.
  bool needsSetUp(int32_t number);
  /// What an unused record holds.
  static Record unused();

  cuda::Address onDevice(int32_t number) const { return device + cuda::Address(number) * sizeof(Record); }
  cuda::Address resultOnDevice(int32_t number) const { return onDevice(number) + offsetof(Record, result); }
  Record &onHost(int32_t number) { return host[number]; }

private:
  Mutex mutex;
  Condition freed;
  cuda::Address device = 0;
  Record *host = nullptr;
  int32_t freeCount = 0;
  int32_t free[count];
  bool isUsed[count];
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_RECORDS_H
