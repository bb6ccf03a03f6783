// Reading the record of an earlier run.
#include "place/Placements.h"

#include "std/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace awg::rt {

namespace {

/// Moves `at` over `word`, if it stands there.
bool take(char *&at, const char *word) {
  size_t size = strlen(word);
  if (strncmp(at, word, size) != 0)
    return false;
  at += size;
  return true;
}

/// Moves `at` over a string in quotes.
bool takeString(char *&at) {
  if (*at != '"')
    return false;
  for (++at; *at && *at != '"'; ++at)
    if (*at == '\\' && at[1])
      ++at;
  return *at == '"' && *at++;
}

bool takeNumber(char *&at, int64_t &number) {
  if (*at < '0' || *at > '9')
    return false;
  errno = 0;
  number = strtoll(at, &at, 10);
  return errno == 0;
}

bool takeDevice(char *&at, int64_t &device) {
  if (take(at, "\"cpu\"")) {
    device = AWGRT_CPU;
    return true;
  }
  return take(at, "\"gpu(") && takeNumber(at, device) && take(at, ")\"");
}

/// All of a file, with a zero behind it; null if it cannot be read.
char *readAll(const char *path, Text &problem) {
  char reason[128];
  Text text;
  FILE *file = fopen(path, "re");
  if (file) {
    char block[4096];
    while (size_t size = fread(block, 1, sizeof block, file))
      text.add(block, size);
  }
  if (!file || ferror(file)) {
    problem.add(strerror_r(errno, reason, sizeof reason));
    if (file)
      fclose(file);
    return nullptr;
  }
  fclose(file);
  text.add('\0');
  auto *bytes = static_cast<char *>(allocate(text.size()));
  memcpy(bytes, text.data(), text.size());
  return bytes;
}

} // namespace

bool Replay::parseLine(char *line, Placed &out) {
  char *at = line;
  if (!take(at, "{"))
    return false;
  const char *site = at;
  if (!take(at, "\"at\":") || !takeString(at) || !take(at, ",\"kernel\":") || !takeString(at))
    return false;
  out.site = {site, size_t(at - site)};
  return take(at, ",\"launch\":") && takeNumber(at, out.launch) && take(at, ",\"device\":") && takeDevice(at, out.device);
}

bool Replay::load(const char *path, Text &problem) {
  text = readAll(path, problem);
  if (!text)
    return false;
  int64_t number = 0;
  for (char *line = text, *end = line; *line; line = end) {
    end = strchrnul(line, '\n');
    if (*end)
      *end++ = 0;
    Placed placed = {{}, 0, ++number, 0};
    if (!parseLine(line, placed)) {
      problem.add("line ").addSigned(number).add(" is no placement that AWG_AUDIT wrote");
      return false;
    }
    placements.add(placed);
  }
  std::sort(placements.begin(), placements.end());
  return true;
}

bool Replay::find(std::string_view site, int64_t launch, int64_t &outDevice) const {
  const Placed wanted = {site, launch, INT64_MAX, 0};
  const Placed *after = std::upper_bound(placements.begin(), placements.end(), wanted);
  if (after == placements.begin() || after[-1].site != site || after[-1].launch != launch)
    return false;
  outDevice = after[-1].device;
  return true;
}

} // namespace awg::rt
