// Pages for the elements of large arrays, which are kept for the next array when one is freed.
#ifndef AWG_RUNTIME_MEMORY_PAGES_H
#define AWG_RUNTIME_MEMORY_PAGES_H

#include <cstddef>

namespace awg::rt {

/// What was mapped; null if nothing is.
struct Pages {
  void *begin = nullptr;
  size_t size = 0;
};

/// Pages for `bytes` bytes. `isZero`: they must be zero; else they hold anything. Gives the first element's address,
/// a multiple of 64 and in the first 4 KiB of a huge page if they fill one, or null if there is no memory even without what is
/// kept. Any thread.
void *takePages(size_t bytes, bool isZero, Pages &outPages);

/// Gives pages back. Any thread.
void givePages(Pages pages);

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_PAGES_H
