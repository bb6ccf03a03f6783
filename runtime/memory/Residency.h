// Where the elements of an array are valid, and how they get to where they are needed.
//
// A residency stands behind a buffer from its first use on a GPU on. Each GPU has room for the whole buffer or nothing; what
// is valid where is known by the byte, so that tasks may work on parts of one array on several devices.
#ifndef AWG_RUNTIME_MEMORY_RESIDENCY_H
#define AWG_RUNTIME_MEMORY_RESIDENCY_H

#include "device/cuda/Gpu.h"
#include "memory/Buffer.h"

namespace awg::rt {

/// A buffer's room on a GPU.
struct Copy {
  cuda::Address address = 0; ///< 0: none
  Use written = {};          ///< the last use that changed it; all before it come before
  List<Use> reads;           ///< uses since then, the last of each stream
  int32_t pins = 0;          ///< launches that are being submitted with it
};

struct Residency {
  Mutex mutex; ///< of all that follows
  Gpus *gpus;
  Buffer *buffer;
  bool isFresh; ///< the elements are undefined, or zero, wherever only the host has them
  Segments where;
  Copy *copies; ///< one a GPU
  Fault problem;     ///< why elements could not be brought to the host when they were last asked for
  int32_t problemGpu; ///< that should have given them
  // Under Gpus::registry:
  Residency *next;
  Residency *previous;
};

/// An array as an argument of a launch.
struct GpuArgument {
  awgrt_array *array;
  const void *packed;     ///< row-major elements on the host, of an array that has gaps and that the host packs; else null
  cuda::Address address;  ///< of the first element, once it was brought
  Residency *residency;   ///< null for what is packed or has no elements
  Span span;              ///< of the buffer, or of the packed elements
  int32_t slot;
  bool isWritten;
  bool isGapped;          ///< it has gaps, and is packed on the GPU
  cuda::Address gathered; ///< where; 0: not yet
  bool isElements;        ///< the slot is the elements' address alone, not a memref descriptor
};

/// Has the elements of `argument` valid on `gpu` in the order of `stream`, and sets its residency and address. Pins
/// its room until `noteUse` or `unpin`. Under the GPU's submission, in its context.
Fault bringToGpu(Gpu &gpu, const Use &use, GpuArgument &argument);
/// Notes that `use` reads or writes what was brought, and unpins it: who needs the room waits for that use.
void noteUse(Gpu &gpu, const Use &use, const GpuArgument &argument);
/// Unpins what is not used after all.
void unpin(Gpu &gpu, const GpuArgument &argument);

/// The number of a GPU in `places` that has not been lost; else a lost one, or -1.
int32_t holder(const Gpus &gpus, Places places);
/// The stream of `gpu` that the argument's elements are still being computed in, or -1.
int32_t streamOf(const Gpu &gpu, const awgrt_array &array);
/// Whether elements have to be brought from a GPU that may still be computing them. A guess, made without waiting.
bool waitsForPeer(const Gpu &gpu, const awgrt_array &array);
/// Bytes of the array that would have to be copied to `place`. A guess, made without waiting.
int64_t missingBytes(const Gpus &gpus, const awgrt_array &array, Places place);

/// What may be given up to make room.
enum class Spill {
  Copies, ///< what is valid elsewhere too
  All     ///< everything, after bringing it to the host
};

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_RESIDENCY_H
