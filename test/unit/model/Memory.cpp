// The memory of an execution.
#include "Memory.h"

#include <algorithm>
#include <cstdlib>
#include <sys/mman.h>
#include <utility>

namespace awg::model {

Memory::Memory()
    : readers(size / 8), writers(size / 8), useGuards(size / 4), writeGuards(size / 4), freedIn(size / 8),
      cellNumbers(size / 8, -1), parts(size / 8), counted(size / 8, ~uint64_t(0)) {
  void *region = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED)
    abort();
  base = reinterpret_cast<uintptr_t>(region);
}

void Memory::forget() {
  std::fill(readers.begin(), readers.end(), 0);
  std::fill(writers.begin(), writers.end(), 0);
  std::fill(useGuards.begin(), useGuards.end(), Guards());
  std::fill(writeGuards.begin(), writeGuards.end(), Guards());
  mutexBits.clear();
  std::fill(cellNumbers.begin(), cellNumbers.end(), -1);
  std::fill(counted.begin(), counted.end(), ~uint64_t(0));
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
    if (writes)
      markDirty(base + 8 * g);
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

/// Whether what was left out because of them may have been wrong.
bool Memory::Guards::narrow(uint64_t held) {
  uint64_t before = std::exchange(mutexes, mutexes & held);
  return isRelied && mutexes != before;
}

bool Memory::isGuarded(uintptr_t address, size_t bytes, bool writes, uint64_t held) {
  uint64_t common = held;
  for (uintptr_t at = (address - base) / 4, last = (address + bytes - 1 - base) / 4; at <= last; ++at) {
    learned |= useGuards[at].narrow(held);
    if (writes)
      learned |= writeGuards[at].narrow(held);
    Guards &relevant = (writes ? useGuards : writeGuards)[at];
    common &= relevant.mutexes;
    relevant.isRelied |= common != 0;
  }
  return common != 0;
}

uint64_t Memory::mutexBit(uintptr_t address) {
  size_t number = mutexBits.size();
  return mutexBits.try_emplace(address, number < 64 ? uint64_t(1) << number : 0).first->second;
}

Cell &Memory::cellOf(uintptr_t address) {
  Cell &cell = *cells[size_t(cellNumbers[granuleOf(address)])];
  if (cell.run != runNumber) {
    cell.run = runNumber;
    cell.count = 0;
    cell.released[0] = cell.released[1] = {};
  }
  return cell;
}

/// These are combined by `^`, so each must differ from all others: mix of small numbers alone would give one for
/// neighbours.
uint64_t Memory::hashOf(size_t granule, uint64_t value) { return mix(mix(0, granule), value); }

void Memory::markDirty(uintptr_t address) {
  if (isStack(address))
    return;
  size_t granule = granuleOf(address);
  Part &part = parts[granule];
  if (part.run != runNumber)
    part = {runNumber, false, hashOf(granule, readRaw(address & ~uintptr_t(7), 8) & counted[granule])};
  if (part.isDirty)
    return;
  part.isDirty = true;
  dirty.push_back(granule);
}

void Memory::replacePart(size_t granule, uint64_t value) {
  Part &part = parts[granule];
  part.isDirty = false;
  hashed ^= part.hashed;
  part.hashed = hashOf(granule, value);
  hashed ^= part.hashed;
}

uint64_t Memory::hash() {
  for (size_t granule : dirty)
    if (freedIn[granule] != runNumber)
      replacePart(granule, readRaw(base + 8 * granule, 8) & counted[granule]);
  dirty.clear();
  uint64_t result = hashed;
  for (uintptr_t end : next)
    result = mix(result, end);
  return result;
}

void Memory::ignore(uintptr_t address, size_t bytes) {
  for (uintptr_t at = address, end = address + bytes; at < end;) {
    size_t part = std::min<size_t>(8 - at % 8, end - at);
    counted[granuleOf(at)] &= ~(~uint64_t(0) >> (64 - 8 * part) << at % 8 * 8);
    at += part;
  }
}

/// What was freed is the same whatever it holds.
void Memory::markFreed(uintptr_t address, size_t bytes) {
  for (size_t g = granuleOf(address), last = granuleOf(address + bytes - 1); g <= last; ++g) {
    markDirty(base + 8 * g);
    replacePart(g, 0xf4eed);
    freedIn[g] = runNumber;
  }
}

} // namespace awg::model
