// The queue of file operations and their threads.
#include "std/FileThreads.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"
#include "std/File.h"

#include <cstdlib>
#include <new>
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
  for (FileThread *thread = all; thread; thread = thread->next)
    thread->wake.wake();
  mutex.unlock();
  for (FileThread *thread = all, *next; thread; thread = next) {
    next = thread->next;
    joinThread(thread->thread);
    if (thread->interrupt >= 0)
      close(thread->interrupt);
    thread->~FileThread();
    free(thread);
  }
}

void FileThreads::add(FileOperation *operation) {
  Guard guard(mutex);
  operation->next = nullptr;
  (first ? last->next : first) = operation;
  last = operation;
  callThread();
}

void FileThreads::beginWait() {
  Guard guard(mutex);
  --atWork;
  if (first)
    callThread();
}

void FileThreads::endWait() {
  Guard guard(mutex);
  ++atWork;
}

//===-- The threads -------------------------------------------------------------------------------------------------===//

/// Has one more thread come for operations, unless enough are at work. Under the mutex.
void FileThreads::callThread() {
  if (atWork >= mostAtWork)
    return;
  FileThread *thread = idle;
  if (!thread)
    return startThread();
  idle = thread->nextIdle;
  thread->isIdle = false;
  thread->wake.wake();
  ++atWork;
}

/// Under the mutex.
void FileThreads::startThread() {
  auto *thread = new (allocate(sizeof(FileThread), alignof(FileThread))) FileThread(*this);
  if (rt::startThread(thread->thread, threadMain, thread, "awg-files")) {
    all = thread;
    ++atWork;
    return;
  }
  if (!all)
    fatal("cannot start a thread");
  thread->~FileThread(); // the others get to it
  free(thread);
}

void *FileThreads::threadMain(void *thread) {
  auto *self = static_cast<FileThread *>(thread);
  self->threads.work(*self);
  return nullptr;
}

/// Waits until it is called, or the runtime ends. Under the mutex.
void FileThreads::rest(FileThread &thread) {
  thread.isIdle = true;
  thread.nextIdle = idle;
  idle = &thread;
  --atWork;
  while (thread.isIdle && !stopping)
    thread.wake.wait(mutex);
}

void FileThreads::work(FileThread &thread) {
  mutex.lock();
  while (first || !stopping) {
    if (!first || atWork > mostAtWork) { // several came back from their waits
      rest(thread);
      continue;
    }
    FileOperation *operation = first;
    first = operation->next;
    thread.current = operation;
    if (thread.interrupt < 0)
      thread.interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
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
  Interrupt interrupt(*this, thread.interrupt, *task);
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
    for (FileThread *thread = all; thread; thread = thread->next)
      if (uint64_t one = 1; thread->current == operation && thread->interrupt >= 0)
        (void)!write(thread->interrupt, &one, sizeof one);
    if (!takeQueued(operation))
      return;
  }
  awgrt_task *task = operation->task();
  Runtime &runtime = *task->runtime;
  awgrt_task_complete(task, createCancellation(task->place));
  runtime.endOutside();
}

} // namespace awg::rt
