// The report of a deadlock: from each operation that waits at a channel up to the root of its run.
#include "async/Deadlock.h"

#include "async/Channel.h"
#include "async/Error.h"
#include "async/Root.h"
#include "async/Runtime.h"
#include "std/Text.h"

namespace awg::rt {

namespace {

/// Operations that are listed one by one; the others are counted.
constexpr int64_t mostListed = 16;

awgrt_task *waiterOf(const awgrt_task *task) {
  uintptr_t waiter = task->waiter.load(std::memory_order_acquire);
  return waiter == taskDone ? nullptr : reinterpret_cast<awgrt_task *>(waiter);
}

struct Report {
  Text text;
  int64_t listed = 0, left = 0;
  Root *roots = nullptr; ///< of the runs that wait, linked by nextStuck
};

void addPlace(Text &text, const awgrt_place &place) {
  text.add(place.file).add(':').addUnsigned(place.line).add(':').addUnsigned(place.column);
  if (place.function && place.function[0])
    text.add(" in ").add(place.function);
}

/// The calls that led to `place`.
void addCallers(Text &text, const awgrt_place &place) {
  for (const awgrt_place *caller = place.caller; caller; caller = caller->caller) {
    text.add("\n    started at ");
    addPlace(text, *caller);
    text.add(", which waits for it");
  }
}

void addOperation(ChannelOperation &operation, void *context) {
  auto &report = *static_cast<Report *>(context);
  bool isListed = report.listed < mostListed;
  ++(isListed ? report.listed : report.left);
  if (isListed) {
    report.text.add("\n  at ");
    addPlace(report.text, *operation.task()->place);
    report.text.add(operation.kind == ChannelOperation::Send ? ": waits to send, and no task receives"
                                                             : ": waits to receive, and no task sends");
    addCallers(report.text, *operation.task()->place);
  }
  awgrt_task *task = waiterOf(operation.task());
  while (task && !Root::is(task)) {
    awgrt_task *waiter = waiterOf(task);
    if (isListed && task->place && task->place->file) {
      report.text.add("\n    started at ");
      addPlace(report.text, *task->place);
      if (waiter && !Root::is(waiter))
        report.text.add(", which waits for it");
      addCallers(report.text, *task->place);
    }
    task = waiter;
  }
  if (!task)
    return;
  Root *root = Root::of(task);
  for (Root *known = report.roots; known; known = known->nextStuck)
    if (known == root)
      return;
  root->nextStuck = report.roots;
  report.roots = root;
}

} // namespace

void endDeadlock(Runtime &runtime) {
  Report report;
  report.text.add("deadlock");
  runtime.channels.forEachWaiting(addOperation, &report);
  if (report.left)
    report.text.add("\n  and ").addSigned(report.left).add(" more operations that wait at channels");
  for (Root *root = report.roots, *next; root; root = next) {
    next = root->nextStuck; // the root may be gone once its tasks go on
    root->deadlock = createError(nullptr, report.text);
    cancelGroup(*root->task());
  }
}

} // namespace awg::rt
