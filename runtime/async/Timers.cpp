// The timer heap, its thread, and the sleep operation.
#include "async/Timers.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"

#include <cstdlib>

namespace awg::rt {

/// A sleep operation: a task and its place in the heap.
struct Sleep {
  alignas(16) char header[AWGRT_TASK_HEADER];
  int64_t begin;
  int64_t deadline;
  uint64_t order;   ///< breaks ties of deadlines
  int64_t heapIndex; ///< -1: not in the heap

  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(header); }
  static Sleep *of(awgrt_task *task) { return reinterpret_cast<Sleep *>(task); }
};

namespace {

void cancelSleep(awgrt_task *task) {
  Runtime &runtime = *task->runtime;
  if (!runtime.timers.remove(Sleep::of(task)))
    return;
  awgrt_task_complete(task, createCancellation(task->place));
  runtime.endOutside();
}

const TaskOps sleepOps = {nullptr, cancelSleep, [](awgrt_task *task) { awgrt_frame_free(task); }};

} // namespace

Timers::~Timers() {
  if (started) {
    mutex.lock();
    stopping = true;
    wake.wake();
    mutex.unlock();
    joinThread(thread);
  }
  free(heap);
}

void Timers::add(Sleep *sleep) {
  Guard guard(mutex);
  if (!started) {
    if (!startThread(thread, threadMain, this, "awg-timers"))
      fatal("cannot start a thread");
    started = true;
  }
  if (count == capacity) {
    capacity = capacity ? 2 * capacity : 64;
    heap = static_cast<Sleep **>(realloc(heap, size_t(capacity) * sizeof(Sleep *)));
    if (!heap)
      fatal("out of memory");
  }
  sleep->order = added++;
  sleep->heapIndex = count;
  heap[count++] = sleep;
  siftUp(count - 1);
  if (heap[0] == sleep)
    wake.wake();
}

bool Timers::remove(Sleep *sleep) {
  Guard guard(mutex);
  if (sleep->heapIndex < 0)
    return false;
  removeAt(sleep->heapIndex);
  return true;
}

void *Timers::threadMain(void *timers) {
  static_cast<Timers *>(timers)->work();
  return nullptr;
}

void Timers::work() {
  mutex.lock();
  while (!stopping) {
    if (count == 0) {
      wake.wait(mutex);
      continue;
    }
    Sleep *next = heap[0];
    if (next->deadline > monotonicNow()) {
      wake.waitUntil(mutex, next->deadline);
      continue;
    }
    removeAt(0);
    mutex.unlock();
    Runtime &runtime = *next->task()->runtime;
    lateness.add(monotonicNow() - next->deadline);
    if (TraceThread *thread = trace.get(); thread && thread->isDue())
      thread->span("sleep", next->task()->place, next->begin);
    awgrt_task_complete(next->task(), nullptr);
    runtime.endOutside();
    mutex.lock();
  }
  mutex.unlock();
}

bool Timers::before(int64_t left, int64_t right) const {
  const Sleep *a = heap[left], *b = heap[right];
  return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

void Timers::swap(int64_t left, int64_t right) {
  Sleep *moved = heap[left];
  heap[left] = heap[right];
  heap[right] = moved;
  heap[left]->heapIndex = left;
  heap[right]->heapIndex = right;
}

void Timers::siftUp(int64_t at) {
  while (at > 0 && before(at, (at - 1) / 2)) {
    swap(at, (at - 1) / 2);
    at = (at - 1) / 2;
  }
}

void Timers::siftDown(int64_t at) {
  for (;;) {
    int64_t least = at;
    for (int64_t child = 2 * at + 1; child <= 2 * at + 2; ++child)
      if (child < count && before(child, least))
        least = child;
    if (least == at)
      return;
    swap(at, least);
    at = least;
  }
}

void Timers::removeAt(int64_t at) {
  heap[at]->heapIndex = -1;
  --count;
  if (at == count)
    return;
  heap[at] = heap[count];
  heap[at]->heapIndex = at;
  siftUp(at);
  siftDown(at);
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_sleep(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds) {
  auto *sleep = static_cast<Sleep *>(awgrt_frame_alloc(sizeof(Sleep)));
  awgrt_task *task = sleep->task();
  beginOperation(task, &sleepOps, self, place);
  sleep->heapIndex = -1;
  if (nanoseconds <= 0) {
    awgrt_task_complete(task, nullptr);
    return task;
  }
  sleep->begin = monotonicNow();
  if (Worker *worker = currentWorker())
    worker->stats.sleeps.add(1);
  if (__builtin_add_overflow(sleep->begin, nanoseconds, &sleep->deadline))
    sleep->deadline = INT64_MAX;
  task->runtime->outside.fetch_add(1, std::memory_order_seq_cst);
  task->runtime->timers.add(sleep);
  return task;
}
