// Timers in the order of their deadlines: what Timers keeps under its lock.
//
// Programs sleep again and again for the same few times, so that their deadlines come in rising order. Such timers stand in lanes,
// one a power of two of the time: rings to which is added at the end and taken from at the front, without comparing. What does
// not come in order goes to a heap.
#ifndef AWG_RUNTIME_ASYNC_TIMERQUEUE_H
#define AWG_RUNTIME_ASYNC_TIMERQUEUE_H

#include "awg/awgrt.h"

#include <cstdint>

namespace awg::rt {

struct Timer {
  int64_t deadline;
  uint64_t order; ///< breaks ties
  awgrt_task *task;
  bool isBefore(const Timer &other) const {
    return deadline != other.deadline ? deadline < other.deadline : order < other.order;
  }
};

/// No thread may call it while another does. A task's `sleepIndex` is the queue's while it is in it, and -1 elsewhere.
class TimerQueue {
public:
  TimerQueue() = default;
  ~TimerQueue();
  TimerQueue(const TimerQueue &) = delete;
  TimerQueue &operator=(const TimerQueue &) = delete;

  /// `nanoseconds`: how far away the deadline is, about.
  void add(awgrt_task *task, int64_t deadline, int64_t nanoseconds);
  /// Takes `task` out; false if it is not in it.
  bool remove(awgrt_task *task);
  /// The timer whose deadline comes first, of equal ones the one that was added first; null if there is none.
  const Timer *first() const;
  /// Takes the first out if its deadline is not after `now`; else the timer's task is null.
  Timer takeDue(int64_t now);

private:
  /// The timers at positions `begin` to `end`, by deadline. Those at its ends are there; between them null stands for tasks that
  /// were taken out.
  struct Lane {
    Timer *ring;
    int64_t capacity; ///< a power of two, or 0
    int64_t begin, end;
    int64_t live;

    Timer &at(int64_t position) { return ring[position & (capacity - 1)]; }
    const Timer &at(int64_t position) const { return ring[position & (capacity - 1)]; }
    void makeRoom();
    void place(int64_t position, const Timer &timer, int64_t code);
    void trim();
    void close(int64_t code);
  };

  static constexpr int32_t laneCount = 64;
  static constexpr int32_t laneShift = 48;
  static int64_t codeOf(int32_t lane) { return int64_t(lane + 1) << laneShift; }

  int32_t firstLane() const;
  void removeFrom(int32_t lane, int64_t position);
  void put(int64_t at, const Timer &timer);
  void siftUp(int64_t at, const Timer &timer);
  void siftDown(int64_t at, const Timer &timer);
  void removeAt(int64_t at);

  Lane lanes[laneCount] = {};
  uint64_t used = 0; ///< lanes that are not empty
  Timer *heap = nullptr;
  int64_t count = 0; ///< in the heap
  int64_t capacity = 0;
  uint64_t added = 0;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_TIMERQUEUE_H
