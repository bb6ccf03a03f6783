// Pieces to lines. Private to this folder.
#ifndef AWG_FRONTEND_FORMAT_LINES_H
#define AWG_FRONTEND_FORMAT_LINES_H

#include "frontend/Format/Pieces.h"

namespace awg::fmt {

/// Columns of a line, its comment not counted.
inline constexpr unsigned widest = 120;
/// Columns that a level of braces moves to the right.
inline constexpr unsigned step = 4;

/// Pieces `first` to `end`, behind `indent` spaces.
struct Line {
  size_t first, end;
  unsigned indent;
  bool isBlankBefore;
};

/// Which breaks the source does not have.
struct Breaks {
  std::vector<bool> before; ///< a piece
  std::vector<bool> within; ///< the braces that open with a piece
};

/// Breaks the pieces into lines and indents them.
std::vector<Line> breakLines(const Pieces &pieces, const Breaks &breaks);

} // namespace awg::fmt

#endif // AWG_FRONTEND_FORMAT_LINES_H
