// Where lines break, and how far they are indented.
//
// Braces that hold a line break anywhere have each of their parts on lines of its own; all other breaks are the writer's. A
// bracket at the end of its line indents what it holds by one step; what stands behind another bracket is aligned with its
// first piece. What continues a part is indented by one step.
#include "frontend/Format/Lines.h"

using namespace awg;
using namespace awg::fmt;
using K = TokenKind;

namespace {

class LineBreaker {
public:
  LineBreaker(const Pieces &pieces, const Breaks &breaks) : pieces(pieces), breaks(breaks) {}
  std::vector<Line> run();

private:
  /// An open bracket, or the file: where lines within it begin, the line that closes it, and the last part in it.
  struct Open {
    size_t bracket;
    unsigned content, close;
    size_t part = Piece::none;
  };

  bool isMultiline(size_t brace) const;
  bool isHanging(size_t bracket) const { return breaksByWriter(bracket + 1) && !pieces[bracket + 1].closes(); }
  bool breaksByWriter(size_t position) const { return pieces[position].newlines || breaks.before[position]; }
  bool breaksBefore(size_t position) const;
  bool isBeforePart(size_t position) const;
  bool isBehindAttribute(size_t position) const;
  unsigned indentOf(size_t position) const;
  void begin(size_t position);
  unsigned braceBase(size_t brace) const;
  void open(size_t position);

  const Pieces &pieces;
  const Breaks &breaks;
  std::vector<Line> lines;
  std::vector<Open> stack{{Piece::none, 0, 0}};
  unsigned column = 0;
};

} // namespace

bool LineBreaker::isMultiline(size_t brace) const {
  if (breaks.within[brace])
    return true;
  for (size_t i = brace + 1; i < pieces[brace].match; ++i)
    if (breaksByWriter(i))
      return true;
  return pieces[brace].match > brace + 1 && pieces[pieces[brace].match].newlines;
}

bool LineBreaker::breaksBefore(size_t position) const {
  const Piece &piece = pieces[position], &previous = pieces[position - 1];
  if (previous.isComment())
    return true;
  if (piece.isComment())
    return piece.newlines;
  if (piece.closes() && !piece.is(K::RBrace))
    return isHanging(piece.match);
  switch (piece.kind) {
  case K::RBrace:
    return isMultiline(piece.match);
  case K::Comma:
  case K::Semi:
    return false;
  case K::Else:
  case K::Catch:
    return !previous.is(K::RBrace);
  case K::LBrace:
    if (!piece.isPart)
      return false;
    break;
  default:
    break;
  }
  bool isInBraces = piece.bracket == Piece::none || pieces[piece.bracket].is(K::LBrace);
  if (piece.isPart && isInBraces)
    return piece.bracket == Piece::none || isMultiline(piece.bracket);
  return breaksByWriter(position);
}

/// Whether a part begins here or, for comments, behind them.
bool LineBreaker::isBeforePart(size_t position) const {
  while (position < pieces.size() && pieces[position].isComment())
    ++position;
  return position == pieces.size() || pieces[position].isPart || pieces[position].is(K::RBrace);
}

/// `@fast`, `@threads(256)`: the item goes on beneath it.
bool LineBreaker::isBehindAttribute(size_t position) const {
  if (position == 0)
    return false;
  size_t name = position - 1;
  if (pieces[name].is(K::RParen) && pieces[name].match > 0)
    name = pieces[name].match - 1;
  return name > 0 && pieces[name].is(K::Identifier) && pieces[name - 1].is(K::At);
}

unsigned LineBreaker::indentOf(size_t position) const {
  const Open &open = stack.back();
  if (pieces[position].closes())
    return open.close;
  bool inBraces = open.bracket == Piece::none || pieces[open.bracket].is(K::LBrace);
  bool isContinued = inBraces && !isBeforePart(position) && !isBehindAttribute(position);
  return open.content + (isContinued ? step : 0);
}

/// What begins with such a word has its braces at its own level, however many lines its head takes.
static bool isHead(K kind) {
  switch (kind) {
  case K::If:
  case K::While:
  case K::For:
  case K::Fn:
  case K::Kernel:
  case K::Async:
  case K::Pub:
  case K::Export:
  case K::At:
  case K::Match:
  case K::Each:
  case K::Struct:
  case K::Enum:
    return true;
  default:
    return false;
  }
}

void LineBreaker::begin(size_t position) {
  bool isBlank = position > 0 && pieces[position].newlines > 1 && !pieces[position - 1].opens() &&
                 !pieces[position].closes();
  lines.push_back({position, position, indentOf(position), isBlank});
  column = lines.back().indent;
}

/// What the parts in a brace are indented from.
unsigned LineBreaker::braceBase(size_t brace) const {
  size_t context = pieces[brace].bracket, start = lines.back().first;
  bool inBraces = context == Piece::none || pieces[context].is(K::LBrace);
  size_t part = stack.back().part;
  if (inBraces && part != Piece::none && isHead(pieces[part].kind))
    return stack.back().content;
  size_t startContext = pieces[pieces[start].closes() ? pieces[start].match : start].bracket;
  bool isOpenedHere = context != Piece::none && context >= start;
  return startContext == context || isOpenedHere ? lines.back().indent : stack.back().content;
}

void LineBreaker::open(size_t position) {
  unsigned indent = lines.back().indent;
  if (pieces[position].is(K::LBrace))
    stack.push_back({position, braceBase(position) + step, braceBase(position)});
  else if (isHanging(position))
    stack.push_back({position, indent + step, indent});
  else
    stack.push_back({position, column, column});
}

std::vector<Line> LineBreaker::run() {
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i == 0 || breaksBefore(i))
      begin(i);
    else
      column += isSpaced(pieces, i);
    if (pieces[i].closes())
      stack.pop_back();
    if (pieces[i].isPart && !pieces[i].isComment())
      stack.back().part = i;
    column += widthOf(pieces[i].text);
    if (pieces[i].opens())
      open(i);
    lines.back().end = i + 1;
  }
  return std::move(lines);
}

std::vector<Line> fmt::breakLines(const Pieces &pieces, const Breaks &breaks) {
  return LineBreaker(pieces, breaks).run();
}
