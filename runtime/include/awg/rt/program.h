// Runtimes: a program's own, those of a host program, and what they tell of themselves.
#ifndef AWG_RT_PROGRAM_H
#define AWG_RT_PROGRAM_H

#include "awg/rt/base.h"

AWGRT_BEGIN

/// The compiled `main`: creates its coroutine (suspended at its start) as a child of `root` and returns its task.
/// `arguments` (owned by the callee) is a str array.
typedef awgrt_task *(*awgrt_entry)(awgrt_task *root, awgrt_array *arguments);

/// Runs a program: creates the runtime that AWG_DEVICES asks for, runs `entry`, prints an uncaught failure and
/// returns the exit code.
int32_t awgrt_main(int32_t argc, char **argv, awgrt_entry entry);

/// The pieces of awgrt_main for a host program: a runtime of its own, and a call into compiled code.
awgrt_error *awgrt_runtime_create(const char *devices, awgrt_runtime **out_runtime);
void awgrt_runtime_destroy(awgrt_runtime *runtime);
/// Blocks the calling thread (not a worker) until the task that `start(root, context)` returns has ended, hands its results'
/// address to `take` (null: to nobody) if it succeeded, and frees it. Returns its failure or null. A coroutine is suspended
/// at its start, or was spawned.
awgrt_error *awgrt_runtime_run(awgrt_runtime *runtime, awgrt_task *(*start)(awgrt_task *root, void *context),
                               void (*take)(const void *results, void *context), void *context);

/// Waits for launches on GPUs that were awaited before they ended. Gives the loss of a GPU that befell one of them, if no task has
/// learnt of it, else null. awgrt_main does at the program's end.
awgrt_error *awgrt_runtime_finish(awgrt_runtime *runtime);

/// What a runtime has done so far; what was awaited has ended on GPUs too. Times in nanoseconds; quantiles are right to a fifth.
typedef struct awgrt_stats {
  int32_t workers;
  int64_t elapsed;     ///< since the runtime was created
  int64_t tasks;       ///< tasks started; what `await f(x)` runs in place is not one
  int64_t runs;        ///< times that a worker took a task or a launch up
  int64_t steals;      ///< of them, from another worker
  int64_t launches;
  int64_t pieces;      ///< that those on the host were carried out in
  int32_t gpus;        ///< that were opened
  int64_t gpu_launches;
  int64_t uploads;     ///< copies from the host to a GPU
  int64_t uploaded;    ///< their bytes
  int64_t downloads;   ///< copies from a GPU to the host, results of reductions and failures aside
  int64_t downloaded;
  int64_t peer_copies; ///< copies from GPU to GPU
  int64_t peer_copied;
  int64_t graphs;      ///< launches of CUDA graphs, each of many kernels
  int64_t sleeps;
  int64_t files;       ///< file operations
  int64_t parks;       ///< times that a worker had nothing to do
  int64_t idle;        ///< time of that, of all workers together
  int64_t wake_median; ///< from a worker's wake-up until it runs
  int64_t wake_p99;
  int64_t late_median; ///< from a sleep's deadline until somebody is about to make its task ready
  int64_t late_p99;
} awgrt_stats;

/// May be called while the runtime works: the numbers are of about the same moment.
void awgrt_runtime_stats(awgrt_runtime *runtime, awgrt_stats *out_stats);
/// Prints them to standard error. awgrt_main does at the program's end if AWG_STATS is set (and not 0).
void awgrt_stats_print(const awgrt_stats *stats);
/// Records what the runtime's threads do, before anything runs in it; the file is complete once the runtime is destroyed.
/// In the trace event format, which Perfetto reads. awgrt_main does for the path in AWG_TRACE.
awgrt_error *awgrt_runtime_trace(awgrt_runtime *runtime, const char *path);

/// Writes down where each launch is placed and from what that was decided, before anything runs in it: a line of JSON each
/// (runtime/place/Placements.h says which). awgrt_main does for the path in AWG_AUDIT.
awgrt_error *awgrt_runtime_audit(awgrt_runtime *runtime, const char *path);
/// Places launches as such a file says, before anything runs in it. awgrt_main does for the path in AWG_REPLAY.
awgrt_error *awgrt_runtime_replay(awgrt_runtime *runtime, const char *path);

/// From here on the exported functions of compiled code that the calling thread calls run in `runtime`, which must outlive those calls;
/// null: in the process's own again. Each thread chooses for itself, and several may choose the same.
void awgrt_runtime_use(awgrt_runtime *runtime);

/// What exported functions do: runs a task as awgrt_runtime_run does, in the runtime that the thread uses. If it chose none, that is one of
/// the process's own, which the first such call creates on the devices that AWG_DEVICES names. `count` 8-byte results are copied to `results`. Not to be called by a worker.
awgrt_error *awgrt_call(awgrt_task *(*start)(awgrt_task *root, void *arguments), void *arguments, void *results,
                        int64_t count);

AWGRT_END

#endif // AWG_RT_PROGRAM_H
