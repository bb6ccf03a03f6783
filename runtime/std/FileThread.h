// File operations, and the thread that carries them out so that no worker waits for a disk.
#ifndef AWG_RUNTIME_STD_FILETHREAD_H
#define AWG_RUNTIME_STD_FILETHREAD_H

#include "async/Sync.h"
#include "awg/awgrt.h"
#include "trace/Trace.h"

namespace awg::rt {

/// A file operation: a task, its result and what it works on.
struct FileOperation {
  alignas(16) char header[AWGRT_TASK_HEADER];
  void *result;
  awgrt_error *(*carryOut)(FileOperation &operation);
  FileOperation *next;
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

/// The thread of a runtime, started by the first operation.
class FileThread {
public:
  FileThread() = default;
  /// Ends the thread. There must be no operation left.
  ~FileThread();
  /// Any thread may call it.
  void add(FileOperation *operation);

  TraceRecord trace;

private:
  static void *threadMain(void *files);
  void work();

  Mutex mutex;
  Condition wake;
  FileOperation *first = nullptr;
  FileOperation *last = nullptr;
  bool started = false;
  bool stopping = false;
  Thread thread{};
};

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_FILETHREAD_H
