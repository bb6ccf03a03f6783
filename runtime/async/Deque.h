// A worker's own queue of tasks, from which other workers steal.
//
// The deque of Chase and Lev ("Dynamic circular work-stealing deque", SPAA 2005) with the memory orders of Le et al.
// (PPoPP 2013), with sequentially consistent accesses for its fences.
#ifndef AWG_RUNTIME_ASYNC_DEQUE_H
#define AWG_RUNTIME_ASYNC_DEQUE_H

#include "async/Sync.h"
#include "async/Task.h"
#include "awg/awgrt.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace awg::rt {

class Deque {
public:
  /// Room for `capacity` tasks, a power of two, before it has to grow.
  explicit Deque(int64_t capacity = 256) : ring(newRing(capacity, nullptr)) {}
  ~Deque() { release(ring.load(std::memory_order_relaxed)); }
  Deque(const Deque &) = delete;
  Deque &operator=(const Deque &) = delete;

  /// Adds `task` at the bottom. The owner alone.
  void push(awgrt_task *task) {
    int64_t at = end();
    put(at, task);
    bottom.store(at + 1, std::memory_order_seq_cst);
  }

  /// Adds `last` at the bottom, the one that its `queueNext` names after it, and so on. The owner alone.
  void pushAll(awgrt_task *last) {
    int64_t at = end();
    for (awgrt_task *task = last, *next; task; task = next) {
      next = task->queueNext; // somebody else's once it is in the deque
      put(at++, task);
    }
    bottom.store(at, std::memory_order_seq_cst);
  }

  /// Takes the task pushed last, or null. The owner alone.
  awgrt_task *pop() {
    Ring *used = ring.load(std::memory_order_relaxed);
    int64_t end = bottom.load(std::memory_order_relaxed) - 1;
    if (end < top.load(std::memory_order_relaxed))
      return nullptr;
    bottom.store(end, std::memory_order_seq_cst);
    int64_t start = top.load(std::memory_order_seq_cst);
    if (start < end)
      return used->at(end).load(std::memory_order_relaxed);
    awgrt_task *task = nullptr;
    if (start == end) {
      task = used->at(end).load(std::memory_order_relaxed);
      if (!top.compare_exchange_strong(start, start + 1, std::memory_order_seq_cst))
        task = nullptr;
    }
    bottom.store(end + 1, std::memory_order_relaxed);
    return task;
  }

  /// Takes `task` if it was pushed last. The owner alone.
  bool popIf(awgrt_task *task) {
    int64_t end = bottom.load(std::memory_order_relaxed) - 1;
    if (end < top.load(std::memory_order_relaxed) ||
        ring.load(std::memory_order_relaxed)->at(end).load(std::memory_order_relaxed) != task)
      return false;
    return pop() != nullptr;
  }

  /// Whether there were at least `count` tasks a short while ago. The owner alone.
  bool heldAtLeast(int64_t count) {
    int64_t end = bottom.load(std::memory_order_relaxed);
    if (++looks % 16 == 0) // thieves write `top`: to read it is to take its cache line from them
      seenTop = top.load(std::memory_order_relaxed);
    return end - seenTop >= count;
  }

  /// Takes the oldest task, or null if there is none or another took it first. Any thread.
  awgrt_task *steal() {
    int64_t start = top.load(std::memory_order_seq_cst);
    if (start >= bottom.load(std::memory_order_seq_cst))
      return nullptr;
    thieves.fetch_add(1, std::memory_order_seq_cst); // before the ring is looked at: see grow
    awgrt_task *task = ring.load(std::memory_order_seq_cst)->at(start).load(std::memory_order_relaxed);
    if (!top.compare_exchange_strong(start, start + 1, std::memory_order_seq_cst))
      task = nullptr;
    thieves.fetch_sub(1, std::memory_order_release);
    return task;
  }

  /// Where the next task goes. The owner alone.
  int64_t end() const { return bottom.load(std::memory_order_relaxed); }

  /// Whether it looks empty. Any thread.
  bool empty() const { return top.load(std::memory_order_seq_cst) >= bottom.load(std::memory_order_seq_cst); }

  /// Whether there are tasks older than the newest. The owner alone; others may take them meanwhile.
  bool hasSeveral() const { return bottom.load(std::memory_order_relaxed) - top.load(std::memory_order_relaxed) > 1; }

private:
  /// The slots, of which a full one is followed by one twice as large. An old one stays while thieves may look at it.
  struct Ring {
    int64_t capacity; ///< a power of two
    Ring *older;

    std::atomic<awgrt_task *> &at(int64_t position) {
      return reinterpret_cast<std::atomic<awgrt_task *> *>(this + 1)[position & (capacity - 1)];
    }
  };

  static Ring *newRing(int64_t capacity, Ring *older) {
    size_t size = sizeof(Ring) + size_t(capacity) * sizeof(std::atomic<awgrt_task *>);
    return new (allocate(size, 64)) Ring{capacity, older};
  }

  void put(int64_t position, awgrt_task *task) {
    int64_t start = top.load(std::memory_order_acquire);
    Ring *used = ring.load(std::memory_order_relaxed);
    if (position - start >= used->capacity)
      used = grow(used, start, position);
    used->at(position).store(task, std::memory_order_relaxed);
  }

  [[gnu::noinline]] Ring *grow(Ring *used, int64_t start, int64_t end) {
    Ring *larger = newRing(2 * used->capacity, used);
    for (int64_t position = start; position < end; ++position)
      larger->at(position).store(used->at(position).load(std::memory_order_relaxed), std::memory_order_relaxed);
    // Thieves count themselves before they look at `ring`: who is not counted by now will see the new one.
    ring.store(larger, std::memory_order_seq_cst);
    if (thieves.load(std::memory_order_seq_cst) == 0) {
      larger->older = nullptr;
      release(used);
    }
    return larger;
  }

  /// Frees a ring and those before it.
  static void release(Ring *ring) {
    while (ring)
      free(std::exchange(ring, ring->older));
  }

  alignas(64) std::atomic<int64_t> top{0};
  std::atomic<int32_t> thieves{0}; ///< those that look at a ring
  alignas(64) std::atomic<int64_t> bottom{0};
  std::atomic<Ring *> ring;
  int64_t seenTop = 0; ///< what `top` was when the owner last looked
  uint32_t looks = 0;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_DEQUE_H
