// A recording of what the threads of a runtime do, in the trace event format that Perfetto and chrome://tracing read.
//
// Each thread records for itself: at most one event in `interval` in the long run, so that programs of many short tasks run
// as fast as they are. An event says how many before it were left out.
#ifndef AWG_RUNTIME_TRACE_TRACE_H
#define AWG_RUNTIME_TRACE_TRACE_H

#include "async/Sync.h"
#include "awg/awgrt.h"

#include <cstdio>

namespace awg::rt {

class Text;

/// The file, which the threads' records go to.
class TraceFile {
public:
  TraceFile() = default;
  TraceFile(const TraceFile &) = delete;
  TraceFile &operator=(const TraceFile &) = delete;
  /// Completes the file, if there is one, and closes it; tells what could not be written.
  ~TraceFile();
  /// Takes an open file over, which messages call `name`.
  void open(FILE *opened, const char *name);
  /// Adds complete events, each preceded by a comma. Any thread may call it.
  void write(const Text &events);
  int64_t start() const { return startTime; }

private:
  Mutex mutex;
  FILE *file = nullptr;
  char *path = nullptr;
  int64_t startTime = 0;
};

/// What one thread records.
class TraceThread {
public:
  /// `number` and `name` are the thread's in the trace.
  TraceThread(TraceFile &file, int32_t number, const char *name);
  /// Writes what is left. The thread must have ended.
  ~TraceThread();

  /// Whether the next event is to be recorded. Asked before each event.
  bool isDue() {
    if (skip == 0)
      return true;
    --skip;
    ++left;
    return false;
  }
  /// How many of the next events, `most` at most, need not be asked about: they are left out.
  int64_t skipUpTo(int64_t most) {
    int64_t passed = skip < most ? skip : most;
    skip -= passed;
    left += passed;
    return passed;
  }
  /// Records what ran from `begin` until now: `name` (may be null) at `place` (may be null).
  void slice(const char *name, const awgrt_place *place, int64_t begin);
  /// Records what was under way from `begin` until now beside other things, such as a sleep.
  void span(const char *name, const awgrt_place *place, int64_t begin);
  /// Records something at this moment.
  void instant(const char *name);

private:
  struct Event {
    char phase; ///< X: a slice, b: a span, i: an instant
    const char *name;
    const awgrt_place *place;
    int64_t begin, end;
    int64_t left; ///< events before it that were not recorded
  };
  void add(const Event &event);
  void flush();
  void format(Text &out, const Event &event);

  static constexpr int32_t room = 1024;
  static constexpr int64_t interval = 100'000; ///< ns: some hundred times what it takes to record an event
  static constexpr int64_t burst = 2048;       ///< events that may come faster
  static constexpr int64_t mostSkipped = 8191; ///< between two events: an interval of the shortest tasks

  TraceFile &file;
  const int32_t number;
  int64_t spans = 0;
  int64_t skip = 0; ///< events to leave out before the next one
  int64_t skipped = 0; ///< how many that were at first
  int64_t credit = burst;
  int64_t left = 0;
  int64_t last = 0; ///< end of the last event recorded
  int32_t count = 0;
  Event events[room];
};

/// Owns what a thread records; empty unless there is a trace.
class TraceRecord {
public:
  TraceRecord() = default;
  ~TraceRecord();
  TraceRecord(const TraceRecord &) = delete;
  TraceRecord &operator=(const TraceRecord &) = delete;
  void start(TraceFile &file, int32_t number, const char *name);
  TraceThread *get() const { return thread; }

private:
  TraceThread *thread = nullptr;
};

/// Records a slice for its lifetime, if the thread records.
class TraceSlice {
public:
  TraceSlice(TraceThread *thread, const char *name, const awgrt_place *place)
      : thread(thread && thread->isDue() ? thread : nullptr), name(name), place(place) {
    if (this->thread)
      begin = monotonicNow();
  }
  ~TraceSlice() {
    if (thread)
      thread->slice(name, place, begin);
  }
  TraceSlice(const TraceSlice &) = delete;
  TraceSlice &operator=(const TraceSlice &) = delete;

private:
  TraceThread *thread;
  const char *name;
  const awgrt_place *place;
  int64_t begin = 0;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_TRACE_TRACE_H
