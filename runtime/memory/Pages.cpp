// The pages themselves, and those that wait for the next array.
//
// A fresh page costs more than all that a kernel does with it: a fault, and zeros that nobody reads. So what is freed
// is kept, up to a limit, and the system is told that it may take huge pages as soon as it needs memory; where it did,
// there are zeros.
//
// No two arrays in a row begin at the same place of a 4 KiB page: processors tell a load from the stores before it by the low
// 12 bits of the address at first, so that a kernel which reads one array and writes another there at the same index waits
// for stores that have nothing to do with it (Intel's optimization manual calls it 4 KB aliasing). Here a stencil took up to
// 1.9 times as long.
#include "memory/Pages.h"

#include "async/Sync.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

namespace awg::rt {

namespace {

constexpr size_t hugePage = size_t(2) << 20, page = 4096;
constexpr uint32_t placeStep = 39 * 64; ///< near the golden section of a page, and with all its 64 lines as multiples

size_t roundUp(size_t size, size_t to) { return (size + to - 1) & ~(to - 1); }

/// What is mapped for `bytes`: room to begin in the first page at or, if they fill one, after a multiple of a huge page.
size_t sizeFor(size_t bytes) { return roundUp(bytes, page) + page + (bytes >= hugePage ? hugePage : 0); }

bool hasHuge(size_t size) { return size > 2 * hugePage; }

char *firstPage(const Pages &pages) {
  auto begin = reinterpret_cast<uintptr_t>(pages.begin);
  return reinterpret_cast<char *>(hasHuge(pages.size) ? roundUp(begin, hugePage) : begin);
}

/// Another line of the first page for each array.
void *firstElement(const Pages &pages) {
  static constinit std::atomic<uint32_t> count{0};
  return firstPage(pages) + count.fetch_add(1, std::memory_order_relaxed) * placeStep % page;
}

/// Kept pages, the oldest first. Neither constructed nor destroyed, since threads may outlive static objects.
struct Kept {
  pthread_mutex_t mutex;
  int32_t count;
  size_t bytes;
  Pages pages[16];
};
constinit Kept kept = {PTHREAD_MUTEX_INITIALIZER, 0, 0, {}};

/// The most that is kept: an eighth of the machine's memory, and not more than 1 GiB.
size_t mostKept() {
  static const size_t limit =
      std::min(size_t(1) << 30, size_t(sysconf(_SC_PHYS_PAGES)) * size_t(sysconf(_SC_PAGESIZE)) / 8);
  return limit;
}

/// Takes one out. Under the mutex.
Pages removeKept(int32_t number) {
  Pages pages = kept.pages[number];
  kept.bytes -= pages.size;
  std::copy(kept.pages + number + 1, kept.pages + kept.count, kept.pages + number);
  --kept.count;
  return pages;
}

/// Gives the oldest that are kept back to the system. False if there are none.
bool dropKept() {
  Pages oldest;
  {
    StaticGuard guard(kept.mutex);
    if (kept.count == 0)
      return false;
    oldest = removeKept(0);
  }
  munmap(oldest.begin, oldest.size);
  return true;
}

/// The newest of that size, or none.
Pages takeKept(size_t size) {
  StaticGuard guard(kept.mutex);
  for (int32_t k = kept.count; k-- > 0;)
    if (kept.pages[k].size == size)
      return removeKept(k);
  return {};
}

/// Fresh pages; null if there is no memory even without what is kept.
void *mapFresh(size_t size) {
  for (;;) {
    void *begin = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin != MAP_FAILED)
      return begin;
    if (!dropKept())
      return nullptr;
  }
}

} // namespace

void *takePages(size_t bytes, bool isZero, Pages &outPages) {
  size_t size = sizeFor(bytes);
  outPages = isZero ? Pages() : takeKept(size);
  if (outPages.begin)
    return firstElement(outPages);
  void *begin = mapFresh(size);
  if (!begin)
    return nullptr;
  outPages = {begin, size};
  char *first = firstPage(outPages);
  if (hasHuge(size))
    madvise(first, size_t(static_cast<char *>(begin) + size - first), MADV_HUGEPAGE);
  return firstElement(outPages);
}

void givePages(Pages pages) {
  constexpr int32_t room = sizeof(kept.pages) / sizeof(kept.pages[0]);
  // Small pages cost almost as much when they are written again after that as fresh ones do.
  bool isHuge = hasHuge(pages.size);
  if (pages.size > mostKept() / 2 || (isHuge && madvise(pages.begin, pages.size, MADV_FREE) != 0)) {
    munmap(pages.begin, pages.size);
    return;
  }
  for (;;) {
    {
      StaticGuard guard(kept.mutex);
      if (kept.count < room && kept.bytes + pages.size <= mostKept()) {
        kept.pages[kept.count++] = pages;
        kept.bytes += pages.size;
        return;
      }
    }
    dropKept();
  }
}

} // namespace awg::rt
