// The arrays among a launch's argument slots.
#ifndef AWG_RUNTIME_DEVICE_ARGUMENTS_H
#define AWG_RUNTIME_DEVICE_ARGUMENTS_H

#include "device/Launch.h"

namespace awg::rt {

/// Row-major copies of the elements of an array with gaps, for the launch to work on; they belong to it.
void *packArgument(Launch &launch, awgrt_array &array, bool isWritten);
/// Puts back and frees what packArgument copied.
void unpackArguments(Launch &launch);

/// Fills in the memref descriptor from `slot` on: elements at `address`, row-major.
void fillDescriptor(uint64_t *slot, const awgrt_array &array, uint64_t address);
/// Whether arrays among the slots are valid on a GPU alone. A guess, made without waiting.
bool areElsewhere(const Launch &launch, const uint64_t *slots);
/// Brings the arrays among the slots to the host.
void bringArguments(const Launch &launch, const uint64_t *slots);
/// Replaces the arrays among the slots by their descriptors on the host.
void fillHostSlots(Launch &launch, uint64_t *slots);

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_ARGUMENTS_H
