// A runtime's creation and end, and calls into compiled code from a host thread.
#include "async/Runtime.h"

#include "async/Error.h"
#include "async/Root.h"
#include "async/Task.h"
#include "place/Devices.h"
#include "std/Text.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

void Runtime::startTrace(FILE *file, const char *path) {
  trace.open(file, path);
  scheduler.startTrace(trace);
  timers.trace.start(trace, scheduler.workerCount() + 1, "timers");
  files.trace.start(trace, scheduler.workerCount() + 2, "files");
  gpus.startTrace(trace, scheduler.workerCount() + 3);
}

//===-- Roots -------------------------------------------------------------------------------------------------------===//

Root::Root(Runtime &runtime) {
  awgrt_task parent = {};
  parent.runtime = &runtime;
  awgrt_task_begin(task(), &parent, nullptr);
  task()->flags.store(taskRoot, std::memory_order_relaxed);
}

void Root::resume() {
  Guard guard(mutex);
  woken = true;
  wake.wake();
}

void Root::wait() {
  Guard guard(mutex);
  while (!woken)
    wake.wait(mutex);
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_runtime_create(const char *devices, awgrt_runtime **out_runtime) {
  DeviceChoice choice;
  Text problem;
  if (!chooseDevices(devices, choice, problem))
    return createError(nullptr, problem);
  void *memory = allocate(sizeof(awgrt_runtime), alignof(awgrt_runtime));
  auto *runtime = new (memory) awgrt_runtime(choice);
  if (choice.isRequired && !runtime->gpus.open(problem)) {
    awgrt_runtime_destroy(runtime);
    problem.add("; use AWG_DEVICES=cpu");
    return createError(nullptr, problem);
  }
  *out_runtime = runtime;
  return nullptr;
}

void awgrt_runtime_destroy(awgrt_runtime *runtime) {
  if (!runtime)
    return;
  runtime->~awgrt_runtime();
  free(runtime);
}

awgrt_error *awgrt_runtime_run(awgrt_runtime *runtime, awgrt_task *(*start)(awgrt_task *root, void *context),
                               void (*take)(const void *results, void *context), void *context) {
  Root root(*runtime);
  awgrt_task *task = start(root.task(), context);
  bool spawned = task->flags.load(std::memory_order_relaxed) & taskSpawned;
  if (!isOperation(task) && !spawned && !isDone(task))
    awgrt_task_spawn(task);
  if (!awgrt_await(root.task(), &task, 1))
    root.wait();
  awgrt_error *error = takeError(task);
  if (!hasFailed(task) && take)
    take(results(task), context);
  awgrt_task_free(task);
  if (root.deadlock) {
    awgrt_error_release(error);
    return root.deadlock;
  }
  return error;
}

awgrt_error *awgrt_runtime_finish(awgrt_runtime *runtime) {
  runtime->gpus.waitDetached();
  return runtime->gpus.takeUntold();
}

static thread_local awgrt_runtime *usedRuntime = nullptr;

void awgrt_runtime_use(awgrt_runtime *runtime) { usedRuntime = runtime; }

/// The process's own, which lives as long as the process.
static awgrt_error *findOwnRuntime(awgrt_runtime *&outRuntime) {
  static Mutex mutex;
  static awgrt_runtime *runtime = nullptr;
  Guard guard(mutex);
  awgrt_error *error = runtime ? nullptr : awgrt_runtime_create(getenv("AWG_DEVICES"), &runtime);
  outRuntime = runtime;
  return error;
}

awgrt_error *awgrt_call(awgrt_task *(*start)(awgrt_task *root, void *arguments), void *arguments, void *to,
                        int64_t count) {
  awgrt_runtime *runtime = usedRuntime;
  if (!runtime)
    if (awgrt_error *error = findOwnRuntime(runtime))
      return error;
  struct Context {
    awgrt_task *(*start)(awgrt_task *, void *);
    void *arguments;
    void *to;
    size_t size;
  } context = {start, arguments, to, size_t(count) * 8};
  memset(to, 0, context.size);
  return awgrt_runtime_run(
      runtime,
      [](awgrt_task *root, void *data) {
        auto *own = static_cast<Context *>(data);
        return own->start(root, own->arguments);
      },
      [](const void *results, void *data) {
        auto *own = static_cast<Context *>(data);
        memcpy(own->to, results, own->size);
      },
      &context);
}
