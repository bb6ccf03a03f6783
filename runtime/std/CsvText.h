// The cells of a text of comma-separated values (RFC 4180).
#ifndef AWG_RUNTIME_STD_CSVTEXT_H
#define AWG_RUNTIME_STD_CSVTEXT_H

#include "std/Text.h"

namespace awg::rt {

/// Where something stands in a text, both from 1; columns count characters.
struct TextPlace {
  int64_t line = 1, column = 1;
};

/// Reads a text cell by cell. Lines end with LF or CR LF; empty ones are passed over. A cell in quotes may hold commas,
/// line ends and, doubled, quotes.
class CsvText {
public:
  /// `bytes` is UTF-8 and outlives the reader, as does `problem`, which gets what is wrong.
  CsvText(const char *bytes, size_t size, Text &problem);

  /// Passes so many lines, empty ones counted.
  void skipLines(int64_t count);
  /// Goes on to the next cell of the line; false at its end, which it passes, or if the text is malformed.
  bool nextCell();
  /// Goes to the first cell of the next line that is not empty; false at the end.
  bool nextRow();
  bool isMalformed() const { return malformed; }

  /// The current cell, without its quotes.
  const Text &cell() const { return value; }
  /// How many lines have been passed; one that only the text's end closes counts.
  int64_t lines() const { return here.line - (here.column == 1); }
  /// Begins a message about the current cell: `line 3, column 5: `.
  Text &complain();

private:
  void advance();
  bool atLineEnd() const;
  void passLineEnd();
  void readQuoted();
  bool fail(TextPlace at, const char *message);

  const char *at, *end;
  Text &problem;
  Text value;
  TextPlace here, start;
  bool atRowStart = true, malformed = false;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_CSVTEXT_H
