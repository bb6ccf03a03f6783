// The lanes and the heap of timers.
#include "async/TimerQueue.h"

#include "async/Sync.h"
#include "async/Task.h"

#include <bit>
#include <cstdlib>

namespace awg::rt {

namespace {

/// Timers for which an emptied lane keeps its memory.
constexpr int64_t keptCapacity = 4096;

Timer *resized(Timer *timers, int64_t capacity) {
  auto *larger = static_cast<Timer *>(realloc(timers, size_t(capacity) * sizeof(Timer)));
  if (!larger)
    fatal("out of memory");
  return larger;
}

} // namespace

TimerQueue::~TimerQueue() {
  for (Lane &lane : lanes)
    free(lane.ring);
  free(heap);
}

void TimerQueue::add(awgrt_task *task, int64_t deadline, int64_t nanoseconds) {
  Timer timer{deadline, added++, task};
  int32_t number = std::bit_width(uint64_t(nanoseconds < 0 ? 0 : nanoseconds)); // at most 63
  Lane &lane = lanes[number];
  if (lane.live == 0 || lane.at(lane.end - 1).deadline <= deadline) {
    if (lane.end - lane.begin == lane.capacity)
      lane.makeRoom();
    lane.place(lane.end++, timer, codeOf(number));
    ++lane.live;
    used |= UINT64_C(1) << number;
    return;
  }
  if (count == capacity) {
    capacity = capacity ? 2 * capacity : 64;
    heap = resized(heap, capacity);
  }
  siftUp(count++, timer);
}

bool TimerQueue::remove(awgrt_task *task) {
  int64_t index = task->sleepIndex;
  if (index < 0)
    return false;
  if (int64_t lane = index >> laneShift)
    removeFrom(int32_t(lane - 1), index & ((INT64_C(1) << laneShift) - 1));
  else
    removeAt(index);
  task->sleepIndex = -1;
  return true;
}

/// The lane of the first timer; -1 if that is in the heap, or there is none.
int32_t TimerQueue::firstLane() const {
  const Timer *soonest = count > 0 ? heap : nullptr;
  int32_t found = -1;
  for (uint64_t left = used; left; left &= left - 1) {
    int32_t lane = std::countr_zero(left);
    const Timer &front = lanes[lane].at(lanes[lane].begin);
    if (!soonest || front.isBefore(*soonest)) {
      soonest = &front;
      found = lane;
    }
  }
  return found;
}

const Timer *TimerQueue::first() const {
  int32_t lane = firstLane();
  if (lane >= 0)
    return &lanes[lane].at(lanes[lane].begin);
  return count > 0 ? heap : nullptr;
}

Timer TimerQueue::takeDue(int64_t now) {
  int32_t lane = firstLane();
  if (lane < 0 && count == 0)
    return {};
  Timer timer = lane >= 0 ? lanes[lane].at(lanes[lane].begin) : heap[0];
  if (timer.deadline > now)
    return {};
  if (lane >= 0)
    removeFrom(lane, lanes[lane].begin);
  else
    removeAt(0);
  timer.task->sleepIndex = -1;
  return timer;
}

//===-- Lanes -------------------------------------------------------------------------------------------------------===//

void TimerQueue::Lane::place(int64_t position, const Timer &timer, int64_t code) {
  at(position) = timer;
  timer.task->sleepIndex = code | position;
}

void TimerQueue::Lane::makeRoom() {
  int64_t larger = capacity ? 2 * capacity : 64;
  ring = resized(ring, larger);
  // What lay in the old half at a position whose place is in the new half moves there.
  for (int64_t position = begin; capacity && position < end; ++position)
    if (int64_t slot = position & (larger - 1); slot >= capacity)
      ring[slot] = ring[slot - capacity];
  capacity = larger;
}

/// Leaves out what was taken out at its ends.
void TimerQueue::Lane::trim() {
  while (begin < end && !at(begin).task)
    ++begin;
  while (begin < end && !at(end - 1).task)
    --end;
}

/// Moves the timers that are left together.
void TimerQueue::Lane::close(int64_t code) {
  int64_t to = begin;
  for (int64_t from = begin; from < end; ++from)
    if (Timer timer = at(from); timer.task)
      place(to++, timer, code);
  end = to;
}

void TimerQueue::removeFrom(int32_t number, int64_t position) {
  Lane &lane = lanes[number];
  lane.at(position).task = nullptr;
  --lane.live;
  lane.trim();
  if (lane.live == 0) {
    used &= ~(UINT64_C(1) << number);
    if (lane.capacity > keptCapacity) {
      free(lane.ring);
      lane = {};
    }
  } else if (lane.end - lane.begin > 2 * lane.live + 64) {
    lane.close(codeOf(number));
  }
}

//===-- The heap ----------------------------------------------------------------------------------------------------===//

void TimerQueue::put(int64_t at, const Timer &timer) {
  heap[at] = timer;
  timer.task->sleepIndex = at;
}

/// Puts `timer` at a free position or above.
void TimerQueue::siftUp(int64_t at, const Timer &timer) {
  for (int64_t parent; at > 0 && timer.isBefore(heap[parent = (at - 1) / 2]); at = parent)
    put(at, heap[parent]);
  put(at, timer);
}

/// Puts `timer` at a free position or below.
void TimerQueue::siftDown(int64_t at, const Timer &timer) {
  for (;;) {
    int64_t child = 2 * at + 1;
    if (child + 1 < count && heap[child + 1].isBefore(heap[child]))
      ++child;
    if (child >= count || !heap[child].isBefore(timer))
      break;
    put(at, heap[child]);
    at = child;
  }
  put(at, timer);
}

void TimerQueue::removeAt(int64_t at) {
  --count;
  if (at == count)
    return;
  Timer last = heap[count];
  if (at > 0 && last.isBefore(heap[(at - 1) / 2]))
    siftUp(at, last);
  else
    siftDown(at, last);
}

} // namespace awg::rt
