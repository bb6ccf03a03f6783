// Stacks of threads: what happens when one is full.
#ifndef AWG_RUNTIME_ASYNC_STACK_H
#define AWG_RUNTIME_ASYNC_STACK_H

#include <cstddef>
#include <cstdint>

namespace awg::rt {

/// Bytes below a worker's stack whose use is noticed. Larger than the frame of any function without arrays.
constexpr size_t stackGuardSize = size_t(256) << 10;

/// Where a stack ends.
struct StackBounds {
  uintptr_t bottom = 0; ///< the lowest address; 0: unknown
  uintptr_t lowest = 0; ///< below it the stack counts as used up; 0: not yet looked at
};

/// Of the calling thread's.
extern thread_local constinit StackBounds thisStack [[gnu::tls_model("initial-exec")]];

/// Fills in `thisStack`.
void findStack();

/// awgrt_stack_is_low, for the runtime itself.
inline bool isStackLow() {
  if (thisStack.lowest == 0) [[unlikely]]
    findStack();
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < thisStack.lowest;
}

/// Of a stack that begins at address `base`.
StackBounds stackBounds(void *base, size_t size);
/// Tells that the calling thread goes on with another stack; gives the one it had.
StackBounds exchangeStack(StackBounds bounds);

/// Has an overflow of the calling thread's stack reported, if the process asked for it.
void watchStack();

/// From here on the process ends with an error if a watched stack overflows. For programs; a host program keeps its
/// handlers.
void reportStackOverflow();

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_STACK_H
