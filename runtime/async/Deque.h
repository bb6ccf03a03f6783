// A worker's own queue of tasks, from which other workers steal.
//
// The deque of Chase and Lev ("Dynamic circular work-stealing deque", SPAA 2005) with the memory orders of Le et al.
// (PPoPP 2013), with sequentially consistent accesses for its fences and a fixed size: what does not fit goes to the
// scheduler's injection queue.
#ifndef AWG_RUNTIME_ASYNC_DEQUE_H
#define AWG_RUNTIME_ASYNC_DEQUE_H

#include "awg/awgrt.h"

#include <atomic>

namespace awg::rt {

class Deque {
public:
  /// Adds `task` at the bottom; false if there is no room. The owner alone.
  bool push(awgrt_task *task) {
    int64_t end = bottom.load(std::memory_order_relaxed);
    if (end - top.load(std::memory_order_acquire) >= capacity)
      return false;
    slots[end & (capacity - 1)].store(task, std::memory_order_relaxed);
    bottom.store(end + 1, std::memory_order_seq_cst);
    return true;
  }

  /// Takes the task pushed last, or null. The owner alone.
  awgrt_task *pop() {
    int64_t end = bottom.load(std::memory_order_relaxed) - 1;
    if (end < top.load(std::memory_order_relaxed))
      return nullptr;
    bottom.store(end, std::memory_order_seq_cst);
    int64_t start = top.load(std::memory_order_seq_cst);
    if (start < end)
      return slots[end & (capacity - 1)].load(std::memory_order_relaxed);
    awgrt_task *task = nullptr;
    if (start == end) {
      task = slots[end & (capacity - 1)].load(std::memory_order_relaxed);
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
        slots[end & (capacity - 1)].load(std::memory_order_relaxed) != task)
      return false;
    return pop() != nullptr;
  }

  /// Takes the oldest task, or null if there is none or another took it first. Any thread.
  awgrt_task *steal() {
    int64_t start = top.load(std::memory_order_seq_cst);
    if (start >= bottom.load(std::memory_order_seq_cst))
      return nullptr;
    awgrt_task *task = slots[start & (capacity - 1)].load(std::memory_order_relaxed);
    if (!top.compare_exchange_strong(start, start + 1, std::memory_order_seq_cst))
      return nullptr;
    return task;
  }

  /// Whether it looks empty. Any thread.
  bool empty() const { return top.load(std::memory_order_seq_cst) >= bottom.load(std::memory_order_seq_cst); }

private:
  static constexpr int64_t capacity = 4096;

  alignas(64) std::atomic<int64_t> top{0};
  alignas(64) std::atomic<int64_t> bottom{0};
  alignas(64) std::atomic<awgrt_task *> slots[capacity];
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_DEQUE_H
