// Memory for coroutine frames: size classes in slabs, a cache a thread, no lock on the way.
//
// A slab is 64 KiB at a multiple of 64 KiB, so that a frame's address leads to its slab and so to its class. Free frames are
// known by their addresses, in magazines, so that no cold memory is read to find the next. A frame may be freed by another
// thread than its allocator; full caches hand magazines to a pool, empty ones take magazines from it. Slabs stay with the
// process, like a malloc arena, and serve all its runtimes.
#include "async/Sync.h"
#include "awg/awgrt.h"

#include <cstdlib>

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

struct SlabHeader {
  int32_t sizeClass;
};

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
static_assert(classOf(32) == 0 && classOf(33) == 1 && classSize(classOf(513)) == 576 && classSize(classOf(1025)) == 1280);
static_assert(AWGRT_ALIGNED_FRAME == 512); // from there on all sizes are multiples of 64

/// Addresses of free frames of a class. The frames themselves stay untouched until they are used.
struct Magazine {
  static constexpr int32_t room = 62;
  Magazine *next; ///< in the pool
  int64_t count;
  void *frames[room];
};
static_assert(sizeof(Magazine) == 512);

/// What no thread holds. Neither constructed nor destroyed, since threads may outlive static objects.
struct Pool {
  pthread_mutex_t mutex;
  Magazine *full[classCount]; ///< not empty, at least
  Magazine *empty;
};
constinit Pool pool = {PTHREAD_MUTEX_INITIALIZER, {}, nullptr};

class PoolGuard {
public:
  PoolGuard() { pthread_mutex_lock(&pool.mutex); }
  ~PoolGuard() { pthread_mutex_unlock(&pool.mutex); }
};

/// The frames a thread has at hand: up to two magazines a class.
struct Cache {
  Magazine *current[classCount];
  Magazine *spare[classCount];
};

thread_local constinit Cache cache = {};

/// Under the pool's mutex. Null is allowed.
void giveBack(int32_t sizeClass, Magazine *magazine) {
  if (!magazine)
    return;
  Magazine *&list = magazine->count > 0 ? pool.full[sizeClass] : pool.empty;
  magazine->next = list;
  list = magazine;
}

/// Takes the first of a list, or null. Under the pool's mutex.
Magazine *takeFrom(Magazine *&list) {
  Magazine *magazine = list;
  if (magazine)
    list = magazine->next;
  return magazine;
}

Magazine *newMagazine() {
  Magazine *magazine;
  {
    PoolGuard guard;
    magazine = takeFrom(pool.empty);
  }
  if (!magazine)
    magazine = static_cast<Magazine *>(allocate(sizeof(Magazine), 64));
  magazine->count = 0;
  return magazine;
}

/// Gives a thread's frames back as it ends.
struct CacheOwner {
  bool used = false;
  ~CacheOwner() {
    PoolGuard guard;
    for (int32_t c = 0; c < classCount; ++c) {
      giveBack(c, cache.current[c]);
      giveBack(c, cache.spare[c]);
      cache.current[c] = cache.spare[c] = nullptr;
    }
  }
};
thread_local CacheOwner cacheOwner;

/// The frames of a new slab: a magazine of them, the others go to the pool.
Magazine *carveSlab(int32_t sizeClass) {
  char *slab = static_cast<char *>(allocate(slabSize, slabSize));
  reinterpret_cast<SlabHeader *>(slab)->sizeClass = sizeClass;
  size_t size = classSize(sizeClass);
  Magazine *magazine = newMagazine();
  for (size_t at = headerSize; at + size <= slabSize; at += size) {
    if (magazine->count == Magazine::room) {
      {
        PoolGuard guard;
        giveBack(sizeClass, magazine);
      }
      magazine = newMagazine();
    }
    magazine->frames[magazine->count++] = slab + at;
  }
  return magazine;
}

/// A magazine with at least one frame, from the spare, the pool or a new slab.
__attribute__((noinline)) Magazine *refill(int32_t sizeClass) {
  cacheOwner.used = true;
  Magazine *&current = cache.current[sizeClass], *&spare = cache.spare[sizeClass];
  if (spare && spare->count > 0) {
    Magazine *emptied = current;
    current = spare;
    spare = emptied;
    return current;
  }
  Magazine *found;
  {
    PoolGuard guard;
    found = takeFrom(pool.full[sizeClass]);
    if (found)
      giveBack(sizeClass, current);
  }
  if (!found) {
    found = carveSlab(sizeClass);
    PoolGuard guard;
    giveBack(sizeClass, current);
  }
  return current = found;
}

/// A magazine with room: the spare if it has, else a new one, for which a full one goes to the pool.
__attribute__((noinline)) Magazine *makeRoom(int32_t sizeClass) {
  cacheOwner.used = true;
  Magazine *&current = cache.current[sizeClass], *&spare = cache.spare[sizeClass];
  Magazine *filled = current;
  if (spare && spare->count < Magazine::room) {
    current = spare;
    spare = filled;
    return current;
  }
  Magazine *made = newMagazine();
  {
    PoolGuard guard;
    giveBack(sizeClass, spare);
  }
  spare = filled;
  return current = made;
}

/// Frames above the largest class have a slab of their own size.
void *allocateLarge(size_t size) {
  char *slab = static_cast<char *>(allocate(size + headerSize, slabSize));
  reinterpret_cast<SlabHeader *>(slab)->sizeClass = largeClass;
  return slab + headerSize;
}

} // namespace

} // namespace awg::rt

void *awgrt_frame_alloc(size_t size) {
  int32_t sizeClass = classOf(size);
  if (sizeClass == largeClass)
    return allocateLarge(size);
  Magazine *magazine = cache.current[sizeClass];
  if (!magazine || magazine->count == 0)
    magazine = refill(sizeClass);
  return magazine->frames[--magazine->count];
}

void awgrt_frame_free(void *memory) {
  auto *slab = reinterpret_cast<SlabHeader *>(reinterpret_cast<uintptr_t>(memory) & ~(slabSize - 1));
  int32_t sizeClass = slab->sizeClass;
  if (sizeClass == largeClass) {
    free(slab);
    return;
  }
  Magazine *magazine = cache.current[sizeClass];
  if (!magazine || magazine->count == Magazine::room)
    magazine = makeRoom(sizeClass);
  magazine->frames[magazine->count++] = memory;
}

#endif
