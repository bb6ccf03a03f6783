// A runtime's creation and end, calls into compiled code from a host thread, and a program's main.
#include "async/Runtime.h"

#include "async/Error.h"
#include "async/Root.h"
#include "async/Stack.h"
#include "async/Task.h"
#include "place/Devices.h"
#include "std/Str.h"
#include "std/Text.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

void Runtime::startTrace(FILE *file) {
  trace.open(file);
  scheduler.startTrace(trace);
  timers.trace.start(trace, scheduler.workerCount() + 1, "timers");
  files.trace.start(trace, scheduler.workerCount() + 2, "files");
}

//===-- Roots -------------------------------------------------------------------------------------------------------===//

static void resumeRoot(awgrt_task *task) {
  Root *root = Root::of(task);
  Guard guard(root->mutex);
  root->woken = true;
  root->wake.wake();
}

static const TaskOps rootOps = {resumeRoot, nullptr, nullptr};

Root::Root(Runtime &runtime) {
  awgrt_task parent = {};
  parent.runtime = &runtime;
  beginOperation(task(), &rootOps, &parent, nullptr);
}

void Root::wait() {
  Guard guard(mutex);
  while (!woken)
    wake.wait(mutex);
}

bool Root::is(const awgrt_task *task) { return task->ops == &rootOps; }

//===-- Programs ----------------------------------------------------------------------------------------------------===//

namespace {

/// What `main` is called with.
struct Program {
  awgrt_entry entry;
  awgrt_array *arguments;
};

awgrt_task *startProgram(awgrt_task *root, void *context) {
  auto *program = static_cast<Program *>(context);
  return program->entry(root, program->arguments);
}

void takeNothing(const void *, void *) {}

/// The arguments after the program's name.
awgrt_array *createArguments(int32_t argc, char **argv) {
  int64_t count = argc > 1 ? argc - 1 : 0;
  awgrt_array *array = nullptr;
  if (awgrt_array_create(nullptr, AWGRT_STR, 1, &count, &array))
    fatal("out of memory");
  auto **elements = static_cast<awgrt_str **>(array->data);
  for (int64_t i = 0; i < count; ++i)
    elements[i] = createStr(argv[i + 1], strlen(argv[i + 1]));
  return array;
}

/// A switch among the environment's variables: there, and neither empty nor 0.
bool isSet(const char *variable) {
  const char *value = getenv(variable);
  return value && *value && strcmp(value, "0") != 0;
}

int32_t report(awgrt_error *error) {
  awgrt_error_print(error);
  awgrt_error_release(error);
  return 1;
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_runtime_create(const char *devices, awgrt_runtime **out_runtime) {
  DeviceChoice choice;
  Text problem;
  if (!chooseDevices(devices, choice, problem))
    return createError(nullptr, problem);
  void *memory = allocate(sizeof(awgrt_runtime), alignof(awgrt_runtime));
  *out_runtime = new (memory) awgrt_runtime(choice.cpuThreads);
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
  if (!task->ops && !spawned && !isDone(task))
    awgrt_task_spawn(task);
  if (!awgrt_await(root.task(), &task, 1))
    root.wait();
  awgrt_error *error = task->error;
  task->error = nullptr;
  if (!hasFailed(task) && take)
    take(results(task), context);
  awgrt_task_free(task);
  if (root.deadlock) {
    awgrt_error_release(error);
    return root.deadlock;
  }
  return error;
}

awgrt_error *awgrt_call(awgrt_task *(*start)(awgrt_task *root, void *arguments), void *arguments, void *to,
                        int64_t count) {
  static Mutex mutex;
  static awgrt_runtime *runtime = nullptr; // it lives as long as the process
  {
    Guard guard(mutex);
    if (!runtime)
      if (awgrt_error *error = awgrt_runtime_create(getenv("AWG_DEVICES"), &runtime))
        return error;
  }
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

/// What awgrt_main was given: a process has one program's arguments.
static int32_t programArgc = 0;
static char **programArgv = nullptr;

awgrt_array *awgrt_args(void) { return createArguments(programArgc, programArgv); }

int32_t awgrt_main(int32_t argc, char **argv, awgrt_entry entry) {
  programArgc = argc;
  programArgv = argv;
  // A closed pipe is a failed write, not the end of the program.
  signal(SIGPIPE, SIG_IGN);
  reportStackOverflow();
  awgrt_runtime *runtime = nullptr;
  if (awgrt_error *error = awgrt_runtime_create(getenv("AWG_DEVICES"), &runtime))
    return report(error);
  const char *trace = getenv("AWG_TRACE");
  awgrt_error *error = trace && *trace ? awgrt_runtime_trace(runtime, trace) : nullptr;
  if (!error) {
    Program program = {entry, createArguments(argc, argv)};
    error = awgrt_runtime_run(runtime, startProgram, takeNothing, &program);
  }
  int32_t code = error ? report(error) : 0;
  if (isSet("AWG_STATS")) {
    awgrt_stats stats;
    awgrt_runtime_stats(runtime, &stats);
    awgrt_stats_print(&stats);
  }
  awgrt_runtime_destroy(runtime);
  return code;
}
