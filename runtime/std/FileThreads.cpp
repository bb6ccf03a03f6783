// The queue of file operations and their threads.
#include "std/FileThreads.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"
#include "std/File.h"

#include <algorithm>
#include <sys/eventfd.h>
#include <unistd.h>

namespace awg::rt {

namespace {

void destroyOperation(awgrt_task *task) {
  auto *operation = reinterpret_cast<FileOperation *>(task);
  awgrt_str_release(operation->path);
  awgrt_str_release(operation->text);
  awgrt_frame_free(operation);
}

void cancelOperation(awgrt_task *task) { task->runtime->files.cancel(reinterpret_cast<FileOperation *>(task)); }

const TaskOps fileOps = {nullptr, cancelOperation, destroyOperation};

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

FileThreads::~FileThreads() {
  mutex.lock();
  stopping = true;
  for (int32_t k = 0; k < count; ++k)
    wake[k].wake();
  mutex.unlock();
  for (int32_t k = 0; k < count; ++k) {
    joinThread(threads[k].thread);
    if (threads[k].interrupt >= 0)
      close(threads[k].interrupt);
  }
}

void FileThreads::add(FileOperation *operation) {
  Guard guard(mutex);
  operation->next = nullptr;
  (first ? last->next : first) = operation;
  last = operation;
  if (idleCount > 0)
    wake[idle[--idleCount]].wake();
  else if (count < mostThreads)
    startThread();
}

/// Under the mutex.
void FileThreads::startThread() {
  FileThread &thread = threads[count];
  thread.threads = this;
  thread.interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (rt::startThread(thread.thread, threadMain, &thread, "awg-files"))
    ++count;
  else if (count == 0)
    fatal("cannot start a thread");
  else // the others get to it
    close(thread.interrupt);
}

void *FileThreads::threadMain(void *thread) {
  auto *self = static_cast<FileThread *>(thread);
  self->threads->work(*self);
  return nullptr;
}

void FileThreads::work(FileThread &thread) {
  mutex.lock();
  for (;;) {
    FileOperation *operation = first;
    if (!operation && stopping)
      break;
    if (!operation) {
      auto number = int32_t(&thread - threads);
      idle[idleCount++] = number;
      auto isIdle = [&] { return std::find(idle, idle + idleCount, number) != idle + idleCount; };
      while (!stopping && isIdle())
        wake[number].wait(mutex);
      continue;
    }
    first = operation->next;
    thread.current = operation;
    mutex.unlock();
    awgrt_task *task = operation->task();
    Runtime &runtime = *task->runtime;
    awgrt_task_complete(task, carryOut(thread, *operation));
    runtime.endOutside();
    mutex.lock();
  }
  mutex.unlock();
}

/// What becomes of the operation, for which the thread no longer stands when it returns.
awgrt_error *FileThreads::carryOut(FileThread &thread, FileOperation &operation) {
  awgrt_task *task = operation.task();
  int64_t begin = monotonicNow();
  Interrupt interrupt(thread.interrupt);
  operation.interrupt = &interrupt;
  awgrt_error *error = isCancelled(task) ? createCancellation(task->place) : operation.carryOut(operation);
  Guard guard(mutex);
  thread.current = nullptr;
  if (TraceThread *record = trace.get(); record && record->isDue())
    record->span(task->place->name, task->place, begin);
  if (!interrupt.wasSeen())
    return error;
  awgrt_error_release(error);
  return createCancellation(task->place);
}

/// Takes an operation out that no thread has begun.
bool FileThreads::takeQueued(FileOperation *operation) {
  FileOperation *before = nullptr;
  for (FileOperation *queued = first; queued; before = queued, queued = queued->next)
    if (queued == operation) {
      (before ? before->next : first) = operation->next;
      if (last == operation)
        last = before;
      return true;
    }
  return false;
}

void FileThreads::cancel(FileOperation *operation) {
  {
    Guard guard(mutex);
    for (int32_t k = 0; k < count; ++k)
      if (uint64_t one = 1; threads[k].current == operation && threads[k].interrupt >= 0)
        (void)!write(threads[k].interrupt, &one, sizeof one);
    if (!takeQueued(operation))
      return;
  }
  awgrt_task *task = operation->task();
  Runtime &runtime = *task->runtime;
  awgrt_task_complete(task, createCancellation(task->place));
  runtime.endOutside();
}

} // namespace awg::rt
