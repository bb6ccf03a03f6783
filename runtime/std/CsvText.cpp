// The cells of comma-separated values.
#include "std/CsvText.h"

#include <cstring>

namespace awg::rt {

CsvText::CsvText(const char *bytes, size_t size, Text &problem) : at(bytes), end(bytes + size), problem(problem) {
  constexpr char mark[] = "\xEF\xBB\xBF"; // the byte order mark
  if (size >= 3 && memcmp(bytes, mark, 3) == 0)
    at += 3;
}

void CsvText::advance() {
  bool isContinuation = (*++at & 0xC0) == 0x80;
  here.column += at == end || !isContinuation;
}

bool CsvText::atLineEnd() const { return at == end || *at == '\n' || (*at == '\r' && at + 1 != end && at[1] == '\n'); }

void CsvText::passLineEnd() {
  if (at == end)
    return;
  at += *at == '\r' ? 2 : 1;
  here = {here.line + 1, 1};
}

void CsvText::skipLines(int64_t count) {
  for (; count > 0 && at != end; --count) {
    while (!atLineEnd())
      advance();
    passLineEnd();
  }
}

bool CsvText::fail(TextPlace place, const char *message) {
  start = place;
  complain().add(message);
  malformed = true;
  return false;
}

Text &CsvText::complain() {
  return problem.add("line ").addSigned(start.line).add(", column ").addSigned(start.column).add(": ");
}

/// From behind the opening quote to behind the closing one.
void CsvText::readQuoted() {
  for (;;) {
    if (at == end) {
      fail(start, "this quote is not closed");
      return;
    }
    if (*at == '"') {
      advance();
      if (at == end || *at != '"')
        return;
    }
    bool isLineEnd = *at == '\n';
    value.add(*at);
    advance();
    if (isLineEnd)
      here = {here.line + 1, 1};
  }
}

bool CsvText::nextRow() {
  while (at != end && atLineEnd())
    passLineEnd();
  atRowStart = true;
  return at != end;
}

bool CsvText::nextCell() {
  value.clear();
  if (!atRowStart) {
    if (atLineEnd()) {
      passLineEnd();
      return false;
    }
    advance(); // the comma
  }
  atRowStart = false;
  start = here;
  if (at != end && *at == '"') {
    advance();
    readQuoted();
    if (!malformed && !atLineEnd() && *at != ',')
      fail(here, "behind a quoted value stands a comma or the end of the line");
    return !malformed;
  }
  while (!atLineEnd() && *at != ',') {
    value.add(*at);
    advance();
  }
  return true;
}

} // namespace awg::rt
