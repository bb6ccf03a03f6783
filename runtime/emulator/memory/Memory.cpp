// The table of allocations. Devices' addresses are real ones of this process, in a reserved range a device, so that
// copies are memcpy; a kernel's accesses are checked against the table, with the last hits remembered by who executes
// it.
#include "emulator/memory/Memory.h"

#include "emulator/exec/Report.h"
#include "emulator/memory/Shadow.h"

#include <algorithm>
#include <mutex>
#include <sys/mman.h>

using namespace awg::emu;

namespace {
constexpr uint64_t gap = 512; ///< between allocations, so that running off one is not running into another

uint64_t roundUp(uint64_t value, uint64_t to) { return (value + to - 1) & ~(to - 1); }

std::string describe(const Allocation &a) {
  std::string where = a.device < 0 ? "of the host" : "of device " + std::to_string(a.device);
  if (a.kind == MemoryKind::Variable)
    return "the variable '" + a.name + "' (" + std::to_string(a.size) + " bytes " + where + ")";
  return "allocation " + std::to_string(a.number) + " (" + std::to_string(a.size) + " bytes " + where + ")";
}
} // namespace

Memory::Memory(int devices, uint64_t bytes) : bytes(bytes), arenas(devices) {
  for (Arena &arena : arenas) {
    // Four times the memory: addresses that are not used again show their use after the end. Less if there are limits.
    for (uint64_t size = roundUp(bytes * 4, 1 << 21); size >= bytes; size /= 2) {
      void *begin = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (begin == MAP_FAILED)
        continue;
      arena.begin = arena.next = reinterpret_cast<uint64_t>(begin);
      arena.size = size;
      break;
    }
    arena.peers.resize(devices);
    arena.pools.resize(devices);
  }
}

Memory::~Memory() {
  for (Arena &arena : arenas)
    if (arena.size)
      munmap(reinterpret_cast<void *>(arena.begin), arena.size);
}

/// A free range of an arena: of addresses never used, or, when they are gone, of those between live allocations.
uint64_t Memory::place(Arena &arena, uint64_t size, uint64_t align) {
  uint64_t fresh = roundUp(arena.next, align);
  if (fresh + size + gap <= arena.begin + arena.size) {
    arena.next = fresh + size + gap;
    return fresh;
  }
  uint64_t at = roundUp(arena.begin, align);
  auto fits = [&](uint64_t end) { return at + size + gap <= end; };
  auto taken = table.lower_bound(arena.begin);
  for (; taken != table.end() && taken->first < arena.begin + arena.size; ++taken) {
    if (taken->second.isFreed)
      continue;
    if (fits(taken->first))
      break;
    at = roundUp(taken->second.end() + gap, align);
  }
  if (!fits(arena.begin + arena.size))
    return 0;
  // What was freed there is forgotten.
  for (auto old = table.lower_bound(at); old != table.end() && old->first < at + size;)
    old = table.erase(old);
  if (auto before = table.lower_bound(at);
      before != table.begin() && (--before)->second.isFreed && before->second.end() > at)
    table.erase(before);
  return at;
}

uint64_t Memory::allocate(int device, uint64_t size, MemoryKind kind, uint64_t align, std::string name,
                          bool isConstant) {
  std::lock_guard lock(mutex);
  Arena &arena = arenas[device];
  if (size > bytes || arena.used + size > bytes || (kind == MemoryKind::Heap && arena.heap + size > arena.heapLimit))
    return 0;
  uint64_t begin = place(arena, std::max<uint64_t>(size, 1), align);
  if (!begin)
    return 0;
  arena.used += size;
  arena.heap += kind == MemoryKind::Heap ? size : 0;
  if (watcher)
    watcher->forget(begin, size);
  table[begin] = {begin, size, kind, device, false, ++count, std::move(name), isConstant};
  return begin;
}

bool Memory::addHost(uint64_t begin, uint64_t size, MemoryKind kind) {
  std::lock_guard lock(mutex);
  auto after = table.lower_bound(begin);
  if (after != table.end() && after->first < begin + size && !after->second.isFreed)
    return false;
  if (after != table.begin())
    if (auto before = std::prev(after); before->second.end() > begin && !before->second.isFreed)
      return false;
  while (after != table.end() && after->first < begin + size)
    after = table.erase(after);
  if (watcher)
    watcher->forget(begin, size);
  table[begin] = {begin, size, kind, -1, false, ++count, {}};
  return true;
}

bool Memory::release(uint64_t begin, MemoryKind kind) {
  std::lock_guard lock(mutex);
  auto found = table.find(begin);
  if (found == table.end() || found->second.isFreed || found->second.kind != kind)
    return false;
  Allocation &a = found->second;
  a.isFreed = true;
  ++epochs;
  if (a.device < 0) {
    table.erase(found); // the host's allocator may give the addresses to anyone
    return true;
  }
  arenas[a.device].used -= a.size;
  arenas[a.device].heap -= kind == MemoryKind::Heap ? a.size : 0;
  uint64_t first = roundUp(a.begin, 4096), last = a.end() & ~uint64_t{4095};
  if (last > first)
    madvise(reinterpret_cast<void *>(first), last - first, MADV_DONTNEED);
  return true;
}

const Allocation *Memory::around(uint64_t address) const {
  auto after = table.upper_bound(address);
  if (after == table.begin())
    return nullptr;
  const Allocation &a = std::prev(after)->second;
  return address < a.end() ? &a : nullptr;
}

bool Memory::find(uint64_t address, Allocation &out) const {
  std::shared_lock lock(mutex);
  const Allocation *a = around(address);
  if (!a || a->isFreed)
    return false;
  out = *a;
  return true;
}

AccessFault Memory::checkLocked(int device, uint64_t address, uint64_t size, AddressRange &range) const {
  const Allocation *a = around(address);
  if (!a)
    return AccessFault::Unknown;
  if (a->isFreed)
    return AccessFault::Freed;
  if (size > a->end() - address)
    return AccessFault::OutOfBounds;
  bool isOwn = a->device < 0 || a->device == device || a->kind == MemoryKind::Managed;
  // A pool's memory goes by the pool's access, any other by the contexts'.
  if (!isOwn && !(a->kind == MemoryKind::Pool ? arenas[device].pools : arenas[device].peers)[a->device])
    return AccessFault::OtherDevice;
  range = {a->begin, a->end(), a->isConstant, a->mayBeUnwritten()};
  return AccessFault::None;
}

AccessFault Memory::check(int device, uint64_t address, uint64_t size, AddressRange &range) const {
  std::shared_lock lock(mutex);
  return checkLocked(device, address, size, range);
}

std::string Memory::explain(int device, uint64_t address, uint64_t size) const {
  std::shared_lock lock(mutex);
  AddressRange range;
  AccessFault fault = checkLocked(device, address, size, range);
  const Allocation *a = around(address);
  if (fault == AccessFault::OtherDevice)
    return "which is in " + describe(*a) + ": device " + std::to_string(device) + " has no access to it";
  if (fault == AccessFault::Freed)
    return "which is in " + describe(*a) + " that has been freed";
  if (fault == AccessFault::OutOfBounds)
    return "of which " + std::to_string(address + size - a->end()) + " bytes are past the end of " + describe(*a);
  if (fault == AccessFault::None)
    return std::to_string(address - a->begin) + " bytes into " + describe(*a);
  if (address < 4096)
    return "a null pointer";
  // The nearest allocation on either side says whose bounds were missed.
  auto after = table.upper_bound(address);
  const Allocation *before = after == table.begin() ? nullptr : &std::prev(after)->second;
  uint64_t past = before ? address - before->end() : UINT64_MAX;
  uint64_t ahead = after == table.end() ? UINT64_MAX : after->first - address;
  constexpr uint64_t near = uint64_t{1} << 30;
  if (past <= ahead && past < near)
    return std::to_string(past) + " bytes past the end of " + describe(*before) +
           (before->isFreed ? " that has been freed" : "");
  if (ahead < near)
    return std::to_string(ahead) + " bytes before " + describe(after->second) +
           (after->second.isFreed ? " that has been freed" : "");
  return "which is no memory of a device: is it a pointer of the host?";
}

void Memory::allowPeer(int device, int peer, bool allowed) {
  std::lock_guard lock(mutex);
  arenas[device].peers[peer] = allowed;
  ++epochs;
}

void Memory::allowPool(int device, int peer, bool allowed) {
  std::lock_guard lock(mutex);
  arenas[device].pools[peer] = allowed;
  ++epochs;
}

bool Memory::isPeerAllowed(int device, int peer) const {
  std::shared_lock lock(mutex);
  return arenas[device].peers[peer];
}

void Memory::setHeapLimit(int device, uint64_t size) {
  std::lock_guard lock(mutex);
  arenas[device].heapLimit = size;
}

uint64_t Memory::heapLimit(int device) const {
  std::shared_lock lock(mutex);
  return arenas[device].heapLimit;
}

uint64_t Memory::used(int device) const {
  std::shared_lock lock(mutex);
  return arenas[device].used;
}

std::vector<Allocation> Memory::leaks(int device) const {
  std::shared_lock lock(mutex);
  std::vector<Allocation> list;
  for (const auto &[begin, a] : table)
    if (!a.isFreed && a.device == device && a.kind != MemoryKind::Variable && a.kind != MemoryKind::HostRegistered)
      list.push_back(a);
  return list;
}

void Memory::reset(int device) {
  std::lock_guard lock(mutex);
  std::erase_if(table, [&](const auto &entry) { return entry.second.device == device; });
  Arena &arena = arenas[device];
  madvise(reinterpret_cast<void *>(arena.begin), arena.size, MADV_DONTNEED);
  arena.used = arena.heap = 0;
  arena.next = arena.begin;
  ++epochs;
}
