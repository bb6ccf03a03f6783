// Workers that have nothing to do but to wait for a GPU ask it themselves, for a short time, before its driver is to tell.
#include "async/Runtime.h"
#include "async/Scheduler.h"

#include <sched.h>

namespace awg::rt {

/// How long a worker that has nothing else to do asks GPUs whether they are done before it has the drivers tell. A driver's callback
/// comes late by 10 us or so on hardware, and holds the stream up; most kernels that are awaited one by one end before this.
static constexpr int64_t pollTime = 50'000;

/// Nobody was told of launches on GPUs that this worker has waited for, as it had nothing else to do. False if they take longer.
bool Scheduler::pollDevices(Worker &worker) {
  for (int64_t start = monotonicNow();
       runtime.gpus.areAwaited() && !runtime.timers.isDue() && monotonicNow() - start < pollTime;) {
    if (runtime.gpus.poll()) {
      stopPolling(worker);
      return true;
    }
    if (tryFind(worker))
      return true;
    sched_yield(); // an emulated GPU needs the processor
  }
  return false;
}

/// What the worker waited for is in its deque. Others are woken if there is more, which who published it may have left to this one.
void Scheduler::stopPolling(Worker &worker) {
  worker.searching = false;
  if (searching.fetch_sub(1, std::memory_order_seq_cst) > 1)
    return;
  bool isMore = worker.deque.hasSeveral() || injectedCount.load(std::memory_order_seq_cst) > 0 || runtime.cpu.wantsHelp();
  for (int32_t i = 0; i < count && !isMore; ++i)
    isMore = i != worker.index && !workers[i].deque.empty();
  if (isMore)
    notify();
}

/// Before the worker does something else than to poll.
void Scheduler::tellAhead(Worker &worker) {
  if (!worker.polls) [[likely]]
    return;
  worker.polls = false;
  runtime.gpus.tell();
}

void Scheduler::tellOrPoll() {
  if (runtime.gpus.count() == 0)
    return;
  Worker *worker = thisWorker;
  if (worker && worker->runtime == &runtime && worker->depth == 0 && worker->deque.empty())
    worker->polls = true;
  else
    runtime.gpus.tell();
}

} // namespace awg::rt
