// The memory of an execution.
#include "Memory.h"

#include <algorithm>
#include <cstdlib>
#include <sys/mman.h>

namespace awg::model {

Memory::Memory() : readers(size / 8), writers(size / 8), freedIn(size / 8), cellNumbers(size / 8, -1) {
  void *region = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED)
    abort();
  base = reinterpret_cast<uintptr_t>(region);
}

void Memory::forget() {
  std::fill(readers.begin(), readers.end(), 0);
  std::fill(writers.begin(), writers.end(), 0);
  std::fill(cellNumbers.begin(), cellNumbers.end(), -1);
  cells.clear();
}

void Memory::beginRun() {
  ++runNumber;
  learned = false;
  hashed = 0;
  dirty.clear();
  next[0] = base;
  for (int thread = 0; thread < maxThreads; ++thread) {
    next[thread + 1] = stackOf(thread) + stackSize;
    // What a stack holds before it is used shall not differ from run to run.
    memset(reinterpret_cast<void *>(stackOf(thread) + stackSize - (8 << 10)), 0, 8 << 10);
  }
}

void *Memory::allocate(int thread, size_t bytes, size_t alignment) {
  bytes = std::max<size_t>(bytes, 1);
  uintptr_t &at = next[thread + 1];
  uintptr_t end = thread < 0 ? base + commonSize : stackOf(thread) + threadSize;
  uintptr_t begin = (at + std::max<size_t>(alignment, 16) - 1 + 16) / alignment * alignment;
  begin = (begin + 15) & ~uintptr_t(15);
  if (begin + bytes > end)
    abort(); // larger scenarios want larger regions
  at = begin + bytes;
  reinterpret_cast<size_t *>(begin)[-1] = bytes;
  memset(reinterpret_cast<void *>(begin), 0, bytes);
  return reinterpret_cast<void *>(begin);
}

bool Memory::touch(int thread, uintptr_t address, size_t bytes, bool writes) {
  if (!contains(address))
    return false;
  bool shared = false;
  for (size_t g = granuleOf(address), last = granuleOf(address + bytes - 1); g <= last; ++g) {
    bool wasShared = cellNumbers[g] >= 0;
    (writes ? writers : readers)[g] |= uint8_t(1u << thread);
    if (!wasShared) {
      uint8_t users = readers[g] | writers[g];
      if (writers[g] == 0 || (users & (users - 1)) == 0)
        continue;
      cellNumbers[g] = int32_t(cells.size());
      cells.push_back(std::make_unique<Cell>());
      learned = true;
    }
    shared = true;
  }
  return shared;
}

Cell &Memory::cellOf(uintptr_t address) {
  Cell &cell = *cells[size_t(cellNumbers[granuleOf(address)])];
  if (cell.run != runNumber) {
    cell.run = runNumber;
    cell.isDirty = false;
    cell.hashed = 0;
    cell.count = 0;
    cell.released[0] = cell.released[1] = {};
  }
  return cell;
}

void Memory::markDirty(uintptr_t address) {
  if (cellNumbers[granuleOf(address)] < 0)
    return;
  Cell &cell = cellOf(address);
  if (cell.isDirty)
    return;
  cell.isDirty = true;
  dirty.push_back(address & ~uintptr_t(7));
}

uint64_t Memory::hash() {
  for (uintptr_t address : dirty) {
    Cell &cell = cellOf(address);
    cell.isDirty = false;
    hashed ^= cell.hashed;
    cell.hashed = mix(mix(0x51ed270b, address), readRaw(address, 8));
    hashed ^= cell.hashed;
  }
  dirty.clear();
  return hashed;
}

void Memory::markFreed(uintptr_t address, size_t bytes) {
  for (size_t g = granuleOf(address), last = granuleOf(address + bytes - 1); g <= last; ++g)
    freedIn[g] = runNumber;
}

} // namespace awg::model
