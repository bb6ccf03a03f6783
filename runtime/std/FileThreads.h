// File operations, and the threads that carry them out so that no worker waits for a disk, or for whoever is at the other end of
// a pipe.
#ifndef AWG_RUNTIME_STD_FILETHREADS_H
#define AWG_RUNTIME_STD_FILETHREADS_H

#include "async/Sync.h"
#include "awg/awgrt.h"
#include "trace/Trace.h"

namespace awg::rt {

class Interrupt;

/// A file operation: a task, its result and what it works on.
struct FileOperation {
  alignas(16) char header[AWGRT_TASK_HEADER];
  void *result;
  awgrt_error *(*carryOut)(FileOperation &operation);
  FileOperation *next;
  Interrupt *interrupt;     ///< of the thread that carries it out
  awgrt_str *path;          ///< retained
  awgrt_str *text;          ///< retained; may be null
  awgrt_array *array;       ///< lent; may be null
  int64_t headerLines;      ///< read_csv; below 0: as the text shows
  int32_t kind;
  int32_t rank;
  int64_t extents[AWGRT_MAX_RANK];

  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(header); }
  const awgrt_place *place();
};

/// Creates an operation, not yet started: the caller sets what it works on, then starts it.
FileOperation *createFileOperation(awgrt_task *self, const awgrt_place *place, awgrt_str *path,
                                   awgrt_error *(*carryOut)(FileOperation &));
/// Starts it and returns its task.
awgrt_task *startFileOperation(FileOperation *operation);

/// The threads of a runtime: one is started whenever an operation finds all others at work or waiting, unless many are at work.
/// Those that wait for a pipe do not count: what they wait for may be an operation that has not begun. Operations begin in the
/// order in which they were started.
class FileThreads {
public:
  FileThreads() = default;
  /// Ends the threads. There must be no operation left.
  ~FileThreads();
  /// Any thread may call it.
  void add(FileOperation *operation);
  /// Hurries the end of an operation whose flag was set: one that waits for a thread ends here, one that waits for a pipe by its
  /// thread. One that reads or writes a file ends by itself. Any thread may call it.
  void cancel(FileOperation *operation);

  /// The calling thread, one of these, is about to wait for a pipe: another may be at work meanwhile.
  void beginWait();
  /// It has waited.
  void endWait();

  TraceRecord trace; ///< under the mutex

private:
  static constexpr int32_t mostAtWork = 16;

  struct FileThread {
    explicit FileThread(FileThreads &threads) : threads(threads), next(threads.all) {}

    FileThreads &threads;
    FileThread *const next;           ///< of all, the one that was started before it
    FileThread *nextIdle = nullptr;
    FileOperation *current = nullptr; ///< what it carries out
    int interrupt = -1;               ///< an event: its operation was cancelled; -1: there was no descriptor
    bool isIdle = false;
    Condition wake;
    Thread thread{};
  };

  static void *threadMain(void *thread);
  void work(FileThread &thread);
  void rest(FileThread &thread);
  void callThread();
  void startThread();
  awgrt_error *carryOut(FileThread &thread, FileOperation &operation);
  bool takeQueued(FileOperation *operation);

  Mutex mutex;
  FileThread *all = nullptr;
  FileThread *idle = nullptr; ///< those that wait for an operation, the last first
  int32_t atWork = 0;         ///< those that wait for nothing
  FileOperation *first = nullptr;
  FileOperation *last = nullptr;
  bool stopping = false;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_FILETHREADS_H
