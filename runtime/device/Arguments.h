// The arrays among a launch's argument slots.
#ifndef AWG_RUNTIME_DEVICE_ARGUMENTS_H
#define AWG_RUNTIME_DEVICE_ARGUMENTS_H

#include "device/Launch.h"

namespace awg::rt {

/// Row-major copies of the elements of an array with gaps, for the launch to work on; they belong to it.
void *packArgument(Launch &launch, awgrt_array &array, bool isWritten);
/// Has what packArgument copied not be put back, as the launch did not get to change it.
void keepUnpacked(Launch &launch);
/// Puts back and frees what packArgument copied.
void unpackArguments(Launch &launch);

/// Fills in the memref descriptor from `slot` on: elements at `address`, row-major.
inline void fillDescriptor(uint64_t *slot, const awgrt_array &array, uint64_t address) {
  slot[0] = slot[1] = address;
  slot[2] = 0;
  if (array.rank == 1) { // most are
    slot[3] = uint64_t(array.extents[0]);
    slot[4] = 1;
    return;
  }
  uint64_t stride = 1;
  for (int32_t d = array.rank; d-- > 0;) {
    slot[3 + d] = uint64_t(array.extents[d]);
    slot[3 + array.rank + d] = stride;
    stride *= uint64_t(array.extents[d]);
  }
}
/// Whether arrays among the slots are valid on a GPU alone. A guess, made without waiting.
bool areElsewhere(const Launch &launch, const uint64_t *slots);
/// Brings the arrays among the slots to the host. The failure, if elements were lost with a GPU.
awgrt_error *bringArguments(Launch &launch, const uint64_t *slots);
/// Replaces the arrays among the slots by their descriptors on the host.
void fillHostSlots(Launch &launch, uint64_t *slots);

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_ARGUMENTS_H
