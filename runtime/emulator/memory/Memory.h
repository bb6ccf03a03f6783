// What memory there is: allocations of all devices and the host's pinned memory, in one table by address.
#ifndef AWG_EMULATOR_MEMORY_MEMORY_H
#define AWG_EMULATOR_MEMORY_MEMORY_H

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

namespace awg::emu {

class Shadow;

/// A range of valid addresses, `[begin, end)`.
struct AddressRange {
  uint64_t begin = 0, end = 0;
  bool isConstant = false; ///< kernels may only read it
  bool mayBeUnwritten = false; ///< reads of what was never written there are faults
};

/// How an allocation came to be, which decides who may free it.
enum class MemoryKind : uint8_t { Device, Variable, Managed, Pool, Heap, HostPinned, HostRegistered };

/// One allocation. Freed ones stay known for as long as their addresses are not used again.
struct Allocation {
  uint64_t begin = 0;
  uint64_t size = 0;
  MemoryKind kind = MemoryKind::Device;
  int device = -1; ///< -1: the host's
  bool isFreed = false;
  uint64_t number = 0; ///< counts allocations of the process, for messages
  std::string name;    ///< of a variable
  bool isConstant = false; ///< a variable that kernels may only read

  uint64_t end() const { return begin + size; }
  /// Its content is undefined at first, and nobody but devices and copies writes it.
  bool mayBeUnwritten() const { return kind == MemoryKind::Device || kind == MemoryKind::Pool || kind == MemoryKind::Heap; }
};

/// Why an access is refused.
enum class AccessFault : uint8_t { None, Unknown, OutOfBounds, Freed, OtherDevice };

/// All memory of the process. Any thread may call; the pointers it gives to allocations last until the next release of
/// theirs or the next reset.
class Memory {
public:
  /// Memory of `devices` devices with `bytes` each.
  Memory(int devices, uint64_t bytes);
  ~Memory();
  Memory(const Memory &) = delete;

  /// Tells `shadow` from now on what addresses are given out anew.
  void watch(Shadow *shadow) { watcher = shadow; }

  /// `size` bytes on a device, aligned to `align` (a power of two), with undefined content; 0 if there is no room.
  uint64_t allocate(int device, uint64_t size, MemoryKind kind, uint64_t align = 512, std::string name = {},
                    bool isConstant = false);
  /// Enters memory of the host that device code may use.
  bool addHost(uint64_t begin, uint64_t size, MemoryKind kind);
  /// Ends an allocation that begins there and that is of `kind`; false if there is none. Its addresses are avoided for
  /// as long as there are others.
  bool release(uint64_t begin, MemoryKind kind);

  /// The live allocation around `address`, if any.
  bool find(uint64_t address, Allocation &out) const;
  /// Whether a kernel on `device` may use `[address, address + size)`; `range` is then the allocation.
  AccessFault check(int device, uint64_t address, uint64_t size, AddressRange &range) const;
  /// What is wrong with such an access, in words: which allocation it missed and by how much.
  std::string explain(int device, uint64_t address, uint64_t size) const;

  void allowPeer(int device, int peer, bool allowed);
  /// The same for the other device's pool alone.
  void allowPool(int device, int peer, bool allowed);
  bool isPeerAllowed(int device, int peer) const;

  /// The most that kernels may take by malloc (MemoryKind::Heap) on a device at a time.
  void setHeapLimit(int device, uint64_t size);
  uint64_t heapLimit(int device) const;

  uint64_t capacity() const { return bytes; }
  uint64_t used(int device) const;
  /// Live allocations of a device, variables of modules aside; -1 for the host's.
  std::vector<Allocation> leaks(int device) const;
  /// Frees all of a device.
  void reset(int device);
  /// Changes whenever an allocation ends: what was looked up before is void.
  uint64_t epoch() const { return epochs.load(std::memory_order_acquire); }

private:
  struct Arena {
    uint64_t begin = 0, size = 0; ///< reserved addresses
    uint64_t next = 0;            ///< first address never used
    uint64_t used = 0;            ///< bytes of live allocations
    uint64_t heap = 0;            ///< those of kernels among them
    uint64_t heapLimit = 8 << 20;
    std::vector<bool> peers;      ///< devices whose memory this one may use
    std::vector<bool> pools;      ///< devices whose pools it may use
  };

  uint64_t place(Arena &arena, uint64_t size, uint64_t align);
  const Allocation *around(uint64_t address) const;
  AccessFault checkLocked(int device, uint64_t address, uint64_t size, AddressRange &range) const;

  uint64_t bytes;
  mutable std::shared_mutex mutex;
  std::vector<Arena> arenas;
  std::map<uint64_t, Allocation> table; ///< by first address, freed ones included
  std::atomic<uint64_t> epochs{1};
  uint64_t count = 0;
  Shadow *watcher = nullptr;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_MEMORY_H
