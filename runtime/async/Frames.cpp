// Memory for coroutine frames: size classes in slabs, a cache a thread, no lock on the way.
//
// A slab is 64 KiB at a multiple of 64 KiB, so that a frame's address leads to its slab and so to its class. Free
// frames are known by their addresses, in magazines, so that no cold memory is read to find the next. A frame may be
// freed by another thread than its allocator; full magazines are packed into some of the frames themselves and handed
// to a pool, empty ones take a pack from it: free frames cost no memory beside their own. Slabs are cut from arenas of
// the system's large pages. They stay with the process, like a malloc arena, and serve all its runtimes.
#include "async/Sync.h"
#include "awg/awgrt.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AWG_FRAMES_FROM_MALLOC 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define AWG_FRAMES_FROM_MALLOC 1
#endif

using namespace awg::rt;

#ifdef AWG_FRAMES_FROM_MALLOC

// So that the sanitizer sees every frame.
void *awgrt_frame_alloc(size_t size) { return allocate(size, 64); }
void awgrt_frame_free(void *frame) { free(frame); }

#else

namespace awg::rt {

namespace {

constexpr size_t slabSize = size_t(64) << 10;
constexpr size_t headerSize = 64;
constexpr int32_t classCount = 51;
constexpr int32_t largeClass = -1;

/// How much the system gives at once, at a multiple of this: a large page.
constexpr size_t arenaSize = size_t(2) << 20;

struct Slab {
  int32_t sizeClass;
  uint32_t used; ///< bytes from its start that were frames
  Slab *next;    ///< in the pool
};
static_assert(sizeof(Slab) <= headerSize);

/// Steps of 16 bytes up to 512, of 64 up to 1 KiB, of 256 up to 4 KiB. The smallest is 32.
constexpr size_t classSize(int32_t sizeClass) {
  if (sizeClass < 31)
    return size_t(sizeClass + 2) * 16;
  return sizeClass < 39 ? 512 + size_t(sizeClass - 30) * 64 : 1024 + size_t(sizeClass - 38) * 256;
}
static_assert(classSize(30) == 512 && classSize(38) == 1024 && classSize(classCount - 1) == 4096);

constexpr int32_t classOf(size_t size) {
  if (size <= 512)
    return size <= 32 ? 0 : int32_t((size - 1) / 16) - 1;
  if (size <= 1024)
    return int32_t(30 + (size - 512 + 63) / 64);
  return size <= 4096 ? int32_t(38 + (size - 1024 + 255) / 256) : largeClass;
}
static_assert(classOf(32) == 0 && classOf(33) == 1 && classSize(classOf(513)) == 576 &&
              classSize(classOf(1025)) == 1280);
static_assert(AWGRT_ALIGNED_FRAME == 512); // from there on all sizes are multiples of 64

/// A frame is brought into the cache when so many others are allocated before it.
constexpr int64_t framesAhead = 6;

/// Addresses of free frames of a class. The frames themselves stay untouched until they are used.
struct Magazine {
  static constexpr int32_t room = 63;
  int64_t count;
  void *frames[room];
};
static_assert(sizeof(Magazine) == 512);

/// A free frame of a pack, all that was in a magazine. The first holds the addresses of as many others as there is room
/// for, the next of these those of as many more, and so on: so they are all read at once, not one after the other.
struct Packed {
  Packed *nextPack; ///< of the first of a pack: in the pool
  int64_t count;    ///< of the first of a pack: how many it has
  void **frames() { return reinterpret_cast<void **>(this + 1); }
};
constexpr int64_t packedRoom(int32_t sizeClass) {
  return int64_t((classSize(sizeClass) - sizeof(Packed)) / sizeof(void *));
}
static_assert(packedRoom(0) == 2);

/// What no thread holds. Neither constructed nor destroyed, since threads may outlive static objects.
struct Pool {
  pthread_mutex_t mutex;
  Packed *packs[classCount];
  Slab *slabs[classCount]; ///< not used up
  char *arena;             ///< what is left of the newest
  char *arenaEnd;
  int64_t arenas;
};
constinit Pool pool = {PTHREAD_MUTEX_INITIALIZER, {}, {}, nullptr, nullptr, 0};

/// The frames a thread has at hand: up to two magazines a class, and a slab that is not used up.
struct Cache {
  Magazine *current[classCount];
  Magazine *spare[classCount];
  Slab *slab[classCount];
};

thread_local constinit Cache cache = {};

/// Calls `each` with a frame of a pack, the addresses that it holds, and how many, the first first.
template <typename Each> void forEachPacked(int32_t sizeClass, Magazine &magazine, Each each) {
  int64_t room = packedRoom(sizeClass);
  for (int64_t holder = 0, held = 1; held < magazine.count; ++holder, held += room)
    each(*static_cast<Packed *>(magazine.frames[holder]), &magazine.frames[held],
         size_t(std::min(room, magazine.count - held)) * sizeof(void *));
}

/// Leaves `magazine` empty. Null if it was.
Packed *pack(int32_t sizeClass, Magazine &magazine) {
  if (magazine.count == 0)
    return nullptr;
  forEachPacked(sizeClass, magazine,
                [](Packed &holder, void **frames, size_t bytes) { memcpy(holder.frames(), frames, bytes); });
  auto *first = static_cast<Packed *>(magazine.frames[0]);
  first->count = magazine.count;
  magazine.count = 0;
  return first;
}

void unpack(int32_t sizeClass, Packed *first, Magazine &magazine) {
  magazine.count = first->count;
  magazine.frames[0] = first;
  forEachPacked(sizeClass, magazine,
                [](Packed &holder, void **frames, size_t bytes) { memcpy(frames, holder.frames(), bytes); });
}

/// Hands the frames of a magazine to the pool.
void giveBack(int32_t sizeClass, Magazine &magazine) {
  Packed *given = pack(sizeClass, magazine);
  if (!given)
    return;
  StaticGuard guard(pool.mutex);
  given->nextPack = pool.packs[sizeClass];
  pool.packs[sizeClass] = given;
}

/// Gives a thread's frames back as it ends.
struct CacheOwner {
  bool used = false;
  ~CacheOwner() {
    for (int32_t c = 0; c < classCount; ++c) {
      for (Magazine *magazine : {cache.current[c], cache.spare[c]})
        if (magazine) {
          giveBack(c, *magazine);
          free(magazine);
        }
      cache.current[c] = cache.spare[c] = nullptr;
      if (Slab *slab = cache.slab[c]) {
        StaticGuard guard(pool.mutex);
        slab->next = pool.slabs[c];
        pool.slabs[c] = slab;
      }
      cache.slab[c] = nullptr;
    }
  }
};
thread_local CacheOwner cacheOwner;

/// Memory for slabs. The first arena stays with small pages, so that small programs stay small.
char *newArena() {
  char *begin = static_cast<char *>(allocate(arenaSize, arenaSize));
  if (pool.arenas++ > 0)
    madvise(begin, arenaSize, MADV_HUGEPAGE);
  return begin;
}

/// A slab with room for at least one frame.
Slab *newSlab(int32_t sizeClass) {
  StaticGuard guard(pool.mutex);
  if (Slab *slab = pool.slabs[sizeClass]) {
    pool.slabs[sizeClass] = slab->next;
    return slab;
  }
  if (pool.arena == pool.arenaEnd) {
    pool.arena = newArena();
    pool.arenaEnd = pool.arena + arenaSize;
  }
  auto *slab = reinterpret_cast<Slab *>(pool.arena);
  pool.arena += slabSize;
  slab->sizeClass = sizeClass;
  slab->used = headerSize;
  return slab;
}

/// Fills a magazine with frames of the thread's slab that were never used, the lowest last.
void carve(int32_t sizeClass, Magazine &magazine) {
  Slab *&slab = cache.slab[sizeClass];
  if (!slab)
    slab = newSlab(sizeClass);
  size_t size = classSize(sizeClass);
  magazine.count = int64_t(std::min<size_t>(Magazine::room, (slabSize - slab->used) / size));
  for (int64_t k = magazine.count; k-- > 0; slab->used += uint32_t(size))
    magazine.frames[k] = reinterpret_cast<char *>(slab) + slab->used;
  if (slabSize - slab->used < size)
    slab = nullptr;
}

Packed *takePack(int32_t sizeClass) {
  StaticGuard guard(pool.mutex);
  Packed *taken = pool.packs[sizeClass];
  if (taken)
    pool.packs[sizeClass] = taken->nextPack;
  return taken;
}

Magazine *newMagazine() {
  auto *magazine = static_cast<Magazine *>(allocate(sizeof(Magazine), 64));
  magazine->count = 0;
  return magazine;
}

/// A magazine with at least one frame, from the spare, the pool or a slab.
__attribute__((noinline)) Magazine *refill(int32_t sizeClass) {
  cacheOwner.used = true;
  Magazine *&current = cache.current[sizeClass], *&spare = cache.spare[sizeClass];
  if (spare && spare->count > 0) {
    std::swap(current, spare);
    return current;
  }
  if (!current)
    current = newMagazine();
  if (Packed *taken = takePack(sizeClass))
    unpack(sizeClass, taken, *current);
  else
    carve(sizeClass, *current);
  return current;
}

/// A magazine with room: the spare, whose frames go to the pool if it is full.
__attribute__((noinline)) Magazine *makeRoom(int32_t sizeClass) {
  cacheOwner.used = true;
  Magazine *&current = cache.current[sizeClass], *&spare = cache.spare[sizeClass];
  if (!spare)
    spare = newMagazine();
  if (spare->count == Magazine::room)
    giveBack(sizeClass, *spare);
  std::swap(current, spare);
  return current;
}

inline void *take(Magazine &magazine) {
  int64_t last = --magazine.count;
  __builtin_prefetch(magazine.frames[last < framesAhead ? 0 : last - framesAhead], /*write=*/1);
  return magazine.frames[last];
}

[[gnu::noinline]] void freeInto(int32_t sizeClass, void *memory) {
  Magazine *magazine = makeRoom(sizeClass);
  magazine->frames[magazine->count++] = memory;
}

/// Frames above the largest class have a slab of their own size.
void *allocateLarge(size_t size) {
  char *slab = static_cast<char *>(allocate(size + headerSize, slabSize));
  reinterpret_cast<Slab *>(slab)->sizeClass = largeClass;
  return slab + headerSize;
}

} // namespace

} // namespace awg::rt

void *awgrt_frame_alloc(size_t size) {
  int32_t sizeClass = classOf(size);
  if (sizeClass == largeClass)
    return allocateLarge(size);
  Magazine *magazine = cache.current[sizeClass];
  if (!magazine || magazine->count == 0) [[unlikely]]
    return take(*refill(sizeClass));
  return take(*magazine);
}

void awgrt_frame_free(void *memory) {
  auto *slab = reinterpret_cast<Slab *>(reinterpret_cast<uintptr_t>(memory) & ~(slabSize - 1));
  int32_t sizeClass = slab->sizeClass;
  if (sizeClass == largeClass)
    return free(slab);
  Magazine *magazine = cache.current[sizeClass];
  if (!magazine || magazine->count == Magazine::room) [[unlikely]]
    return freeInto(sizeClass, memory);
  magazine->frames[magazine->count++] = memory;
}

#endif
