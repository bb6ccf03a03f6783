// The queue of file operations and their thread.
#include "std/FileThread.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"

namespace awg::rt {

namespace {

void destroyOperation(awgrt_task *task) {
  auto *operation = reinterpret_cast<FileOperation *>(task);
  awgrt_str_release(operation->path);
  awgrt_str_release(operation->text);
  awgrt_frame_free(operation);
}

const TaskOps fileOps = {nullptr, nullptr, destroyOperation};

} // namespace

const awgrt_place *FileOperation::place() { return task()->place; }

FileOperation *createFileOperation(awgrt_task *self, const awgrt_place *place, awgrt_str *path,
                                   awgrt_error *(*carryOut)(FileOperation &)) {
  auto *operation = static_cast<FileOperation *>(awgrt_frame_alloc(sizeof(FileOperation)));
  beginOperation(operation->task(), &fileOps, self, place);
  operation->result = nullptr;
  operation->carryOut = carryOut;
  operation->path = awgrt_str_retain(path);
  operation->text = nullptr;
  operation->array = nullptr;
  return operation;
}

awgrt_task *startFileOperation(FileOperation *operation) {
  awgrt_task *task = operation->task();
  task->runtime->outside.fetch_add(1, std::memory_order_seq_cst);
  if (Worker *worker = currentWorker())
    worker->stats.files.add(1);
  task->runtime->files.add(operation);
  return task;
}

FileThread::~FileThread() {
  if (!started)
    return;
  mutex.lock();
  stopping = true;
  wake.wake();
  mutex.unlock();
  joinThread(thread);
}

void FileThread::add(FileOperation *operation) {
  Guard guard(mutex);
  if (!started) {
    if (!startThread(thread, threadMain, this, "awg-files"))
      fatal("cannot start a thread");
    started = true;
  }
  operation->next = nullptr;
  (first ? last->next : first) = operation;
  last = operation;
  wake.wake();
}

void *FileThread::threadMain(void *files) {
  static_cast<FileThread *>(files)->work();
  return nullptr;
}

void FileThread::work() {
  mutex.lock();
  while (!stopping) {
    FileOperation *operation = first;
    if (!operation) {
      wake.wait(mutex);
      continue;
    }
    first = operation->next;
    mutex.unlock();
    awgrt_task *task = operation->task();
    awgrt_error *error;
    {
      TraceSlice slice(trace.get(), task->place->name, task->place);
      error = isCancelled(task) ? createCancellation(task->place) : operation->carryOut(*operation);
    }
    Runtime &runtime = *task->runtime;
    awgrt_task_complete(task, error);
    runtime.endOutside();
    mutex.lock();
  }
  mutex.unlock();
}

} // namespace awg::rt
