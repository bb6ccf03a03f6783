// The report of a failure, for reading.
#include "Trace.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <unistd.h>

extern "C" const char __executable_start;

namespace awg::model {

namespace {

/// Where code stands.
struct Place {
  std::string file;
  int line = 0;
};

std::string lineOf(FILE *stream) {
  std::string line;
  for (int c; (c = fgetc(stream)) != EOF && c != '\n';)
    line += char(c);
  return line;
}

/// Asks LLVM's symbolizer, as the sanitizers do: the innermost place that is not the standard library's.
Place findPlace(const void *pc) {
  auto offset = reinterpret_cast<uintptr_t>(pc) - reinterpret_cast<uintptr_t>(&__executable_start) - 1;
  char command[512];
  snprintf(command, sizeof command, AWG_SYMBOLIZER " --obj=/proc/%d/exe --functions=none --relative-address 0x%lx",
           getpid(), (unsigned long)offset);
  Place place;
  FILE *output = popen(command, "r");
  if (!output)
    return place;
  std::string where;
  do
    where = lineOf(output);
  while (where.find("/include/c++/") != std::string::npos);
  pclose(output);
  size_t column = where.rfind(':'), line = where.rfind(':', column - 1);
  if (line != std::string::npos && column != std::string::npos) {
    place.file = where.substr(0, line);
    place.line = atoi(where.c_str() + line + 1);
  }
  return place;
}

/// Opens a source. A compiler's cache may have named it in another copy of the sources, which may be gone.
std::ifstream openSource(const std::string &path) {
  std::ifstream file(path);
  for (size_t slash = 0; !file && (slash = path.find('/', slash + 1)) != std::string::npos;)
    file.open(AWG_SOURCES + path.substr(slash));
  return file;
}

std::string textAt(const Place &place) {
  std::ifstream file = openSource(place.file);
  std::string text;
  for (int line = 0; line < place.line && std::getline(file, text); ++line) {
  }
  size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first);
}

const char *verbOf(const Step &step) {
  if (step.drains)
    return "visible";
  switch (step.operation.kind) {
  case Kind::Load:
    return "load";
  case Kind::Store:
    return step.operation.drains ? "store" : "store (buffered)";
  case Kind::Update:
    return "update";
  case Kind::Fence:
    return "fence";
  case Kind::Lock:
    return "lock";
  case Kind::Unlock:
    return "unlock";
  case Kind::Wait:
    return "wait";
  case Kind::Relock:
    return "woken";
  case Kind::Signal:
    return "wake";
  case Kind::Join:
    return "join";
  case Kind::End:
    return "end";
  case Kind::Start:
    return "start";
  }
  return "";
}

std::string line(const char *start, int thread, const char *verb, const std::string &value, const void *pc) {
  char text[160];
  snprintf(text, sizeof text, "%s %-9s %-17s %-14s ", start, nameOf(thread).c_str(), verb, value.c_str());
  return text + (pc ? describe(pc) : "") + "\n";
}

} // namespace

std::string nameOf(int thread) { return "thread " + std::to_string(thread); }

std::string describe(const void *pc) {
  static std::map<const void *, std::string> known;
  auto [entry, isNew] = known.try_emplace(pc);
  if (isNew) {
    Place place = findPlace(pc);
    entry->second = place.file.substr(place.file.rfind('/') + 1) + ":" + std::to_string(place.line) + " | " + textAt(place);
  }
  return entry->second;
}

std::string listSteps(const World &world) {
  std::string text;
  int number = 0;
  for (const Step &step : world.steps) {
    char start[16], value[24];
    snprintf(start, sizeof start, "%4d.", ++number);
    bool hasValue = step.operation.kind <= Kind::Update;
    snprintf(value, sizeof value, step.value > 999'999 ? "%#lx" : "%ld", (long)step.value);
    text += line(start, step.thread, verbOf(step), hasValue ? value : "", step.operation.pc);
  }
  for (const Step &step : world.waiting())
    text += line("then:", step.thread, verbOf(step), "", step.operation.pc);
  return text;
}

} // namespace awg::model
