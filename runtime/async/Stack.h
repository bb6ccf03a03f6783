// Stacks of threads: what happens when one is full.
#ifndef AWG_RUNTIME_ASYNC_STACK_H
#define AWG_RUNTIME_ASYNC_STACK_H

#include <cstddef>

namespace awg::rt {

/// Bytes below a worker's stack whose use is noticed. Larger than the frame of any function without arrays.
constexpr size_t stackGuardSize = size_t(256) << 10;

/// Has an overflow of the calling thread's stack reported, if the process asked for it.
void watchStack();

/// From here on the process ends with an error if a watched stack overflows. For programs; a host program keeps its handlers.
void reportStackOverflow();

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_STACK_H
