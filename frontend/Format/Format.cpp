// Shortens lines that are too long, aligns the comments behind lines, and prints.
#include "frontend/Format/Format.h"

#include "frontend/Format/Lines.h"

using namespace awg;
using namespace awg::fmt;
using llvm::StringRef;
using K = TokenKind;

namespace {

/// Where a line that is too long may be broken.
struct Candidate {
  size_t position = Piece::none;
  unsigned depth = ~0u; ///< brackets around it that open on the line
  bool isBrace = false; ///< by giving each part of these braces a line; else before the piece
  bool isElement = false; ///< braces in a `[`: commas between its elements are better places
};

} // namespace

/// The comment behind a line is not its own.
static size_t codeEnd(const Pieces &pieces, const Line &line) {
  return line.end - line.first > 1 && pieces[line.end - 1].isComment() ? line.end - 1 : line.end;
}

static std::string textOf(const Pieces &pieces, const Line &line) {
  std::string text(line.indent, ' ');
  for (size_t i = line.first, end = codeEnd(pieces, line); i != end; ++i) {
    if (i != line.first && isSpaced(pieces, i))
      text += ' ';
    text += pieces[i].text;
  }
  return text;
}

static bool isBreakBehind(const Piece &piece) {
  return piece.is(K::Comma) || piece.is(K::AmpAmp) || piece.is(K::PipePipe);
}

/// Of the outermost candidates the last whose line still fits.
static Candidate findBreak(const Pieces &pieces, const Line &line) {
  Candidate best;
  unsigned column = line.indent, depth = 0;
  for (size_t i = line.first, end = codeEnd(pieces, line); i != end; ++i) {
    const Piece &piece = pieces[i];
    if (piece.closes() && depth)
      --depth;
    bool isWhole = piece.is(K::LBrace) && piece.match < line.end && piece.match > i + 1;
    bool isBehindBreak = i != line.first && isBreakBehind(pieces[i - 1]) && !piece.closes();
    bool isBetter = depth < best.depth || (depth == best.depth && best.isElement);
    if (isBehindBreak && (isBetter || (depth == best.depth && !best.isBrace && column <= widest)))
      best = {i, depth};
    if (isWhole && depth < best.depth)
      best = {i, depth, true, piece.bracket != Piece::none && pieces[piece.bracket].is(K::LBracket)};
    column += (i != line.first && isSpaced(pieces, i)) + widthOf(piece.text);
    if (piece.opens())
      ++depth;
  }
  return best;
}

/// Breaks each line that is too long once more; false if there is none, or none that can be broken.
static bool shorten(const Pieces &pieces, const std::vector<Line> &lines, Breaks &breaks) {
  bool hasChanged = false;
  for (const Line &line : lines) {
    if (widthOf(textOf(pieces, line)) <= widest)
      continue;
    Candidate found = findBreak(pieces, line);
    if (found.position == Piece::none)
      continue;
    auto isBroken = (found.isBrace ? breaks.within : breaks.before)[found.position];
    hasChanged |= !isBroken;
    isBroken = true;
  }
  return hasChanged;
}

/// The columns where the comments behind lines begin: one for all in neighbouring lines, where it leaves them room.
static std::vector<unsigned> alignComments(const Pieces &pieces, const std::vector<Line> &lines,
                                           const std::vector<std::string> &texts) {
  std::vector<unsigned> columns(lines.size(), 0);
  auto hasComment = [&](size_t i) { return i < lines.size() && codeEnd(pieces, lines[i]) != lines[i].end; };
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!hasComment(i))
      continue;
    size_t end = i;
    unsigned column = 0;
    for (; hasComment(end) && (end == i || !lines[end].isBlankBefore); ++end)
      column = std::max(column, widthOf(texts[end]) + 1);
    for (; i != end; ++i)
      columns[i] = column;
    --i;
  }
  return columns;
}

std::string awg::format(StringRef text, const Layout &layout) {
  Pieces pieces = readPieces(text, layout);
  Breaks breaks{std::vector<bool>(pieces.size()), std::vector<bool>(pieces.size())};
  std::vector<Line> lines;
  do
    lines = breakLines(pieces, breaks);
  while (shorten(pieces, lines, breaks));

  std::vector<std::string> texts;
  for (const Line &line : lines)
    texts.push_back(textOf(pieces, line));
  std::vector<unsigned> columns = alignComments(pieces, lines, texts);
  std::string result;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].isBlankBefore)
      result += '\n';
    result += texts[i];
    if (columns[i]) {
      result.append(columns[i] - widthOf(texts[i]), ' ');
      result += pieces[lines[i].end - 1].text;
    }
    result += '\n';
  }
  return result;
}
