// The arrays among a launch's argument slots.
#include "device/Arguments.h"

#include "async/Sync.h"
#include "memory/Buffer.h"
#include "memory/Elements.h"
#include "memory/View.h"

#include <algorithm>
#include <cstdlib>

namespace awg::rt {

void *packArgument(Launch &launch, awgrt_array &array, bool isWritten) {
  awgrt_array_data(&array, isWritten);
  if (!launch.packed)
    launch.packed =
        static_cast<PackedArgument *>(allocate(size_t(launch.kernel->slot_count) * sizeof(PackedArgument), 64));
  void *elements = allocate(std::max<size_t>(size_t(bytesOf(array)), 64), 64);
  packElements(array, elements);
  launch.packed[launch.packedCount++] = {&array, elements, isWritten};
  return elements;
}

void keepUnpacked(Launch &launch) {
  for (int32_t k = 0; k < launch.packedCount; ++k)
    launch.packed[k].isWritten = false;
}

void unpackArguments(Launch &launch) {
  for (int32_t k = 0; k < launch.packedCount; ++k) {
    PackedArgument &argument = launch.packed[k];
    if (argument.isWritten)
      unpackElements(*argument.array, argument.elements);
    free(argument.elements);
  }
  free(launch.packed);
}

/// Calls `visit(array, isWritten)` for each array among the slots, until it gives true; then gives true.
template <typename Visit> static bool anyArray(const Launch &launch, const uint64_t *slots, Visit visit) {
  const awgrt_kernel &kernel = *launch.kernel;
  for (int32_t i = kernel.rank; i < kernel.slot_count; ++i)
    if (kernel.access[i]) {
      auto &array = *reinterpret_cast<awgrt_array *>(slots[i]);
      if (visit(array, kernel.access[i] == 2))
        return true;
      i += 2 + 2 * array.rank;
    }
  return false;
}

bool areElsewhere(const Launch &launch, const uint64_t *slots) {
  return anyArray(launch, slots, [](awgrt_array &array, bool) {
    return bufferOf(array).host.load(std::memory_order_relaxed) == HostState::Elsewhere;
  });
}

awgrt_error *bringArguments(Launch &launch, const uint64_t *slots) {
  awgrt_error *error = nullptr;
  anyArray(launch, slots, [&](awgrt_array &array, bool isWritten) {
    error = awgrt_array_reach(launch.task()->place, &array, isWritten);
    return error != nullptr;
  });
  return error;
}

void fillHostSlots(Launch &launch, uint64_t *slots) {
  const awgrt_kernel &kernel = *launch.kernel;
  for (int32_t i = kernel.rank; i < kernel.slot_count; ++i) {
    if (!kernel.access[i])
      continue;
    auto &array = *reinterpret_cast<awgrt_array *>(slots[i]);
    bool isWritten = kernel.access[i] == 2;
    void *elements =
        isContiguous(array) ? awgrt_array_data(&array, isWritten) : packArgument(launch, array, isWritten);
    fillDescriptor(slots + i, array, reinterpret_cast<uintptr_t>(elements));
    i += 2 + 2 * array.rank;
  }
}

} // namespace awg::rt
