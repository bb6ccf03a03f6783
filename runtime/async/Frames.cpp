// Memory for coroutine frames: size classes in slabs, a cache a thread, no lock on the way.
//
// A slab is 64 KiB at a multiple of 64 KiB, so that a frame's address leads to its slab and so to its class. A frame
// may be freed by another thread than its allocator; full caches hand batches to a pool, empty ones take batches from
// it. Slabs stay with the process, like a malloc arena, and serve all its runtimes.
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
constexpr int32_t classCount = 28;
constexpr int32_t batch = 32; ///< frames that move between a cache and the pool at once
constexpr int32_t largeClass = -1;

struct FreeFrame {
  FreeFrame *next;
  FreeFrame *nextBatch; ///< of a batch's first frame in the pool
};

struct SlabHeader {
  int32_t sizeClass;
};

/// Steps of 64 bytes up to 1 KiB, of 256 up to 4 KiB.
constexpr size_t classSize(int32_t sizeClass) {
  return sizeClass < 16 ? size_t(sizeClass + 1) * 64 : 1024 + size_t(sizeClass - 15) * 256;
}
static_assert(classSize(classCount - 1) == 4096);

constexpr int32_t classOf(size_t size) {
  if (size <= 1024)
    return size ? int32_t((size - 1) / 64) : 0;
  return size <= 4096 ? int32_t(15 + (size - 1024 + 255) / 256) : largeClass;
}
static_assert(classSize(classOf(1025)) == 1280 && classSize(classOf(4096)) == 4096 && classOf(64) == 0);

/// Batches that no thread holds. Neither constructed nor destroyed, since threads may outlive static objects.
struct Pool {
  pthread_mutex_t mutex;
  FreeFrame *batches[classCount];
};
constinit Pool pool = {PTHREAD_MUTEX_INITIALIZER, {}};

class PoolGuard {
public:
  PoolGuard() { pthread_mutex_lock(&pool.mutex); }
  ~PoolGuard() { pthread_mutex_unlock(&pool.mutex); }
};

/// The frames a thread has at hand: up to two batches a class, `spare` a full one.
struct Cache {
  FreeFrame *first[classCount];
  FreeFrame *spare[classCount];
  uint8_t count[classCount];
};

thread_local constinit Cache cache = {};

/// Gives a thread's frames back as it ends.
struct CacheOwner {
  bool used = false;
  ~CacheOwner() {
    PoolGuard guard;
    for (int32_t c = 0; c < classCount; ++c) {
      giveBack(c, cache.first[c]);
      giveBack(c, cache.spare[c]);
      cache.first[c] = cache.spare[c] = nullptr;
      cache.count[c] = 0;
    }
  }
  static void giveBack(int32_t c, FreeFrame *frames) {
    if (!frames)
      return;
    frames->nextBatch = pool.batches[c];
    pool.batches[c] = frames;
  }
};
thread_local CacheOwner cacheOwner;

FreeFrame *carveSlab(int32_t sizeClass) {
  char *slab = static_cast<char *>(allocate(slabSize, slabSize));
  reinterpret_cast<SlabHeader *>(slab)->sizeClass = sizeClass;
  size_t size = classSize(sizeClass);
  // All but the first batch goes to the pool.
  FreeFrame *batches = nullptr, *current = nullptr;
  int32_t inBatch = 0;
  for (size_t at = headerSize; at + size <= slabSize; at += size) {
    auto *frame = reinterpret_cast<FreeFrame *>(slab + at);
    if (inBatch == batch || !current) {
      if (current) {
        current->nextBatch = batches;
        batches = current;
      }
      current = nullptr;
      inBatch = 0;
    }
    frame->next = current;
    current = frame;
    ++inBatch;
  }
  if (batches) {
    PoolGuard guard;
    while (batches) {
      FreeFrame *next = batches->nextBatch;
      CacheOwner::giveBack(sizeClass, batches);
      batches = next;
    }
  }
  return current;
}

/// A batch of at least one frame, first from the spare, then from the pool, then from a new slab.
__attribute__((noinline)) FreeFrame *refill(int32_t sizeClass) {
  cacheOwner.used = true;
  FreeFrame *frames = cache.spare[sizeClass];
  cache.spare[sizeClass] = nullptr;
  if (!frames) {
    PoolGuard guard;
    frames = pool.batches[sizeClass];
    if (frames)
      pool.batches[sizeClass] = frames->nextBatch;
  }
  if (!frames)
    frames = carveSlab(sizeClass);
  int32_t count = 0;
  for (FreeFrame *frame = frames; frame; frame = frame->next)
    ++count;
  cache.count[sizeClass] = uint8_t(count);
  return frames;
}

/// Makes room in a full cache: its batch becomes the spare, and the spare goes to the pool.
__attribute__((noinline)) void flush(int32_t sizeClass) {
  cacheOwner.used = true;
  if (FreeFrame *spare = cache.spare[sizeClass]) {
    PoolGuard guard;
    CacheOwner::giveBack(sizeClass, spare);
  }
  cache.spare[sizeClass] = cache.first[sizeClass];
  cache.first[sizeClass] = nullptr;
  cache.count[sizeClass] = 0;
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
  FreeFrame *frame = cache.first[sizeClass];
  if (!frame)
    frame = refill(sizeClass);
  cache.first[sizeClass] = frame->next;
  --cache.count[sizeClass];
  return frame;
}

void awgrt_frame_free(void *memory) {
  auto *slab = reinterpret_cast<SlabHeader *>(reinterpret_cast<uintptr_t>(memory) & ~(slabSize - 1));
  int32_t sizeClass = slab->sizeClass;
  if (sizeClass == largeClass) {
    free(slab);
    return;
  }
  auto *frame = static_cast<FreeFrame *>(memory);
  frame->next = cache.first[sizeClass];
  cache.first[sizeClass] = frame;
  if (++cache.count[sizeClass] == batch)
    flush(sizeClass);
}

#endif
