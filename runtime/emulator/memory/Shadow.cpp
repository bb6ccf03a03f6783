// The shadow of memory.
#include "emulator/memory/Shadow.h"

#include <algorithm>
#include <bit>

using namespace awg::emu;

/// Makes cells so small that each of `ends`, addresses of which all bits are set, is where one begins.
void ShadowPage::divide(uint64_t ends) {
  uint32_t finer = std::countr_zero(ends | 16);
  auto replace = [&](std::vector<uint64_t> &all) {
    std::vector<uint64_t> divided(size >> finer);
    for (size_t i = 0; i < divided.size() && !all.empty(); ++i)
      divided[i] = all[i >> (shift - finer)];
    all = std::move(divided);
  };
  for (Uses *uses : {&write, &read, &otherRead}) {
    replace(uses->who);
    replace(uses->stamps);
  }
  shift = finer;
  within = (1u << finer) - 1;
}

void ShadowPage::clear() {
  write = read = otherRead = {};
  within = UINT64_MAX;
}

template <class T> T &Shadow::make(std::atomic<T *> &at) {
  T *known = nullptr;
  auto made = std::make_unique<T>();
  return at.compare_exchange_strong(known, made.get()) ? *made.release() : *known;
}
template ShadowPage &Shadow::make(std::atomic<ShadowPage *> &);
template Shadow::Leaf &Shadow::make(std::atomic<Leaf *> &);

void Shadow::forget(uint64_t begin, uint64_t size) {
  for (uint64_t at = begin, end = begin + size, next; at < end; at = next) {
    next = std::min(end, (at / ShadowPage::size + 1) * ShadowPage::size);
    const Leaf *leaf = leaves[at / leafBytes];
    ShadowPage *page = leaf ? (*leaf)[at % leafBytes / ShadowPage::size].load() : nullptr;
    if (!page)
      continue;
    std::lock_guard lock(page->lock);
    if (next - at == ShadowPage::size)
      page->clear();
    else if (!page->isEmpty())
      for (auto [cell, last] = page->cellsOf(at, next); cell < last; ++cell)
        page->write.who[cell] = page->read.who[cell] = page->otherRead.who[cell] = 0;
  }
}

void Shadow::copyWritten(uint64_t to, uint64_t from, uint64_t size) {
  std::vector<bool> isWritten; // a byte each
  for (uint64_t end = from + size; from < end;) {
    uint64_t count =
        std::min({end - from, ShadowPage::size - from % ShadowPage::size, ShadowPage::size - to % ShadowPage::size});
    isWritten.clear();
    {
      ShadowPage &page = this->page(from);
      std::lock_guard lock(page.lock);
      auto [begin, last] = page.cellsOf(from, from + count);
      for (size_t cell = begin; cell < last; ++cell)
        isWritten.insert(isWritten.end(), count / (last - begin), page.isWritten(cell));
    }
    ShadowPage &page = this->page(to);
    std::lock_guard lock(page.lock);
    for (uint64_t begin = 0, next; begin < count; begin = next) { // a run of equal ones each
      next = std::find(isWritten.begin() + begin, isWritten.end(), !isWritten[begin]) - isWritten.begin();
      for (auto [cell, last] = page.cellsOf(to + begin, to + next); cell < last; ++cell)
        page.write.who[cell] |= !isWritten[begin];
    }
    from += count, to += count;
  }
}
