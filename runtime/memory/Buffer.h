// What an array's `buffer` points to: the memory of its elements on the host, and the way to where else they are.
#ifndef AWG_RUNTIME_MEMORY_BUFFER_H
#define AWG_RUNTIME_MEMORY_BUFFER_H

#include "awg/awgrt.h"
#include "memory/Pages.h"
#include "memory/Segments.h"

#include <atomic>
#include <cstddef>

namespace awg::rt {

struct Residency;

/// What the host may do with a buffer's elements without asking further. Rising: read and write, read, nothing.
enum class HostState : uint32_t {
  Owned,    ///< valid on the host alone
  Shared,   ///< valid on the host; a GPU has copies
  Fresh,    ///< nobody has touched them yet, so that they need not be brought anywhere
  Elsewhere ///< some are valid on a GPU alone, or are Fresh; the residency knows
};

/// Shared by an array and its views.
struct Buffer {
  std::atomic<HostState> host; ///< first: compiled code looks at it
  bool isZero;                 ///< while Fresh: all elements are zero; else they are undefined
  Pages pages;                 ///< to be given back; none if the elements stand beside the array's record
  char *base;                  ///< the first element
  int64_t bytes;               ///< of all elements
  std::atomic<Residency *> residency; ///< null until a GPU uses it
};

static_assert(offsetof(Buffer, host) == 0 && sizeof(std::atomic<HostState>) == sizeof(int32_t));

/// The buffer of an array or view.
inline Buffer &bufferOf(const awgrt_array &array) { return *static_cast<Buffer *>(array.buffer); }

/// The bytes of the buffer from an array's or view's first to its last element.
Span spanOf(const awgrt_array &array);

/// Makes the elements valid on the host, or, for `write`, on the host alone: the slow half of awgrt_array_data. Blocks while a
/// GPU computes them. False if that does not work, mostly as the GPU that held them is lost: awgrt_array_lost says why.
bool bringToHost(const awgrt_array &array, bool write);

/// Frees what GPUs hold of a buffer.
void dropResidency(Buffer &buffer);

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_BUFFER_H
