// Recording and writing events.
#include "trace/Trace.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "std/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

namespace {

/// Nanoseconds as microseconds.
void addTime(Text &out, int64_t nanoseconds) {
  int64_t fraction = nanoseconds % 1000;
  out.addSigned(nanoseconds / 1000).add('.');
  out.add(char('0' + fraction / 100)).add(char('0' + fraction / 10 % 10)).add(char('0' + fraction % 10));
}

} // namespace

void TraceFile::open(FILE *opened, const char *name) {
  file = opened;
  path = strdup(name);
  startTime = monotonicNow();
  fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"awg\"}}",
        file);
}

TraceFile::~TraceFile() {
  if (!file)
    return;
  fputs("\n]}\n", file);
  bool isLost = ferror(file);
  if (fclose(file) != 0 || isLost)
    fprintf(stderr, "error: cannot write all of the trace to %s\n", path);
  free(path);
}

void TraceFile::write(const Text &events) {
  Guard guard(mutex);
  fwrite(events.data(), 1, events.size(), file);
}

TraceThread::TraceThread(TraceFile &file, int32_t number, const char *name) : file(file), number(number) {
  Text text;
  text.add(",\n{\"ph\":\"M\",\"pid\":1,\"tid\":").addSigned(number).add(",\"name\":\"thread_name\",\"args\":{\"name\":");
  text.addQuoted(name);
  text.add("}}");
  file.write(text);
}

TraceThread::~TraceThread() { flush(); }

TraceRecord::~TraceRecord() {
  if (!thread)
    return;
  thread->~TraceThread();
  free(thread);
}

void TraceRecord::start(TraceFile &file, int32_t number, const char *name) {
  thread = new (allocate(sizeof(TraceThread))) TraceThread(file, number, name);
}

void TraceThread::slice(const char *name, const awgrt_place *place, int64_t begin) {
  add({'X', name, place, begin, monotonicNow(), left});
}

void TraceThread::span(const char *name, const awgrt_place *place, int64_t begin) {
  add({'b', name, place, begin, monotonicNow(), left});
}

void TraceThread::instant(const char *name) {
  int64_t now = monotonicNow();
  add({'i', name, nullptr, now, now, left});
}

/// An event uses up one of the credit, an interval adds one: without credit ever more events are left out, with some ever fewer.
void TraceThread::add(const Event &event) {
  credit = std::min(burst, credit + (event.end - last) / interval) - 1;
  skipped = credit > 0 ? skipped / 2 : std::min<int64_t>(2 * skipped + 1, mostSkipped);
  skip = skipped;
  left = 0;
  last = event.end;
  events[count++] = event;
  if (count == room)
    flush();
}

void TraceThread::flush() {
  Text text;
  for (int32_t k = 0; k < count; ++k)
    format(text, events[k]);
  count = 0;
  file.write(text);
}

void TraceThread::format(Text &out, const Event &event) {
  auto head = [&](char phase, int64_t time) {
    out.add(",\n{\"ph\":\"").add(phase).add("\",\"pid\":1,\"tid\":").addSigned(number).add(",\"ts\":");
    addTime(out, time - file.start());
    out.add(",\"name\":");
    out.addQuoted(event.name ? event.name : "task");
  };
  head(event.phase, event.begin);
  if (event.phase == 'X') {
    out.add(",\"dur\":");
    addTime(out, event.end - event.begin);
  } else if (event.phase == 'b') {
    out.add(",\"cat\":\"wait\",\"id\":\"").addSigned(number).add('.').addSigned(spans).add('"');
  } else {
    out.add(",\"s\":\"t\"");
  }
  out.add(",\"args\":{");
  if (event.place && event.place->file) {
    Text place;
    place.add(event.place->file).add(':').addUnsigned(event.place->line).add(':').addUnsigned(event.place->column);
    place.add('\0');
    out.add("\"started\":").addQuoted(place.data());
  }
  if (event.left > 0)
    out.add(event.place && event.place->file ? "," : "").add("\"left out before\":").addSigned(event.left);
  out.add("}}");
  if (event.phase == 'b') {
    head('e', event.end);
    out.add(",\"cat\":\"wait\",\"id\":\"").addSigned(number).add('.').addSigned(spans++).add("\"}");
  }
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_runtime_trace(awgrt_runtime *runtime, const char *path) {
  FILE *file = fopen(path, "we");
  if (!file) {
    char reason[128];
    Text message;
    message.add("cannot write the trace ").add(path).add(": ").add(strerror_r(errno, reason, sizeof reason));
    return createError(nullptr, message);
  }
  runtime->startTrace(file, path);
  return nullptr;
}
