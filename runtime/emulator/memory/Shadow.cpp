// The shadow of the devices' memory.
#include "emulator/memory/Shadow.h"

#include <algorithm>

using namespace awg::emu;

ShadowPage &Shadow::page(uint64_t address) {
  std::lock_guard lock(mutex);
  std::unique_ptr<ShadowPage> &page = pages[address / pageSize];
  if (!page)
    page = std::make_unique<ShadowPage>(pageSize);
  return *page;
}

void Shadow::forget(uint64_t begin, uint64_t size) {
  for (uint64_t at = begin, end = begin + size; at < end;) {
    uint64_t next = std::min(end, (at / pageSize + 1) * pageSize);
    std::unique_lock lock(mutex);
    auto found = pages.find(at / pageSize);
    ShadowPage *page = found == pages.end() ? nullptr : found->second.get();
    lock.unlock();
    if (page) {
      std::lock_guard pageLock(page->mutex);
      std::fill_n(page->written.begin() + at % pageSize, next - at, 0);
      for (uint64_t i = at; i < next && !page->cells.empty(); i += 4)
        page->cell(i % pageSize) = {};
    }
    at = next;
  }
}

void Shadow::setWritten(uint64_t begin, uint64_t size) {
  for (uint64_t at = begin, end = begin + size; at < end;) {
    uint64_t next = std::min(end, (at / pageSize + 1) * pageSize);
    ShadowPage &page = this->page(at);
    std::lock_guard lock(page.mutex);
    std::fill_n(page.written.begin() + at % pageSize, next - at, 1);
    at = next;
  }
}

void Shadow::copyWritten(uint64_t to, uint64_t from, uint64_t size) {
  std::vector<uint8_t> written;
  for (uint64_t end = from + size; from < end;) {
    uint64_t count = std::min({end - from, pageSize - from % pageSize, pageSize - to % pageSize});
    {
      ShadowPage &page = this->page(from);
      std::lock_guard lock(page.mutex);
      auto begin = page.written.begin() + from % pageSize;
      written.assign(begin, begin + count);
    }
    ShadowPage &page = this->page(to);
    std::lock_guard lock(page.mutex);
    std::copy(written.begin(), written.end(), page.written.begin() + to % pageSize);
    from += count, to += count;
  }
}
