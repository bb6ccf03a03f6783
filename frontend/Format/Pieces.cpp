// Tokens to pieces, and how brackets pair up.
#include "frontend/Format/Pieces.h"

#include "frontend/Lex/Lexer.h"

#include "llvm/Support/SourceMgr.h"

using namespace awg;
using namespace awg::fmt;
using llvm::StringRef;
using K = TokenKind;

namespace {

/// Reads tokens into pieces; strings with holes become one piece each.
class Reader {
public:
  Reader(StringRef text, const Layout &layout) : layout(layout), end(text.begin()), diags(sources) {
    for (const Token &token : lex(text, diags, Lexer::Comments::Keep))
      add(token);
  }
  Pieces take() { return std::move(pieces); }

private:
  void add(Token token);
  void push(Token token);

  const Layout &layout;
  const char *end; ///< of the piece before
  llvm::SourceMgr sources;
  DiagEngine diags;
  Pieces pieces;
  unsigned strings = 0; ///< that are open: one in the hole of another
};

} // namespace

void Reader::push(Token token) {
  Piece piece{token.kind, token.text()};
  StringRef space(end, piece.text.begin() - end);
  piece.newlines = space.count('\n');
  piece.isGlued = space.empty();
  piece.isPart = layout.parts.contains(piece.text.begin());
  piece.isAngle = layout.angles.contains(piece.text.begin());
  if (piece.isComment())
    piece.text = piece.text.rtrim();
  end = token.range.End.getPointer();
  pieces.push_back(piece);
}

void Reader::add(Token token) {
  if (token.is(K::End))
    return;
  strings -= token.is(K::StringTail);
  if (strings || token.is(K::StringTail)) { // within a string: it grows up to here
    strings += token.is(K::StringHead);
    StringRef &text = pieces.back().text;
    end = token.range.End.getPointer();
    text = StringRef(text.begin(), end - text.begin());
    return;
  }
  if (token.is(K::StringHead)) {
    ++strings;
    token.kind = K::String;
  }
  // `>>` that closes two lists of types, `>=` behind one
  while (token.text().size() > 1 && token.text().front() == '>' && layout.angles.contains(token.text().begin())) {
    llvm::SMLoc middle = llvm::SMLoc::getFromPointer(token.text().begin() + 1);
    push({K::Gt, {token.range.Start, middle}});
    token.range.Start = middle;
    token.kind = token.text() == ">" ? K::Gt : token.text() == "=" ? K::Eq : K::GtEq;
  }
  push(token);
}

/// Whether an operand can end with this piece, so that an operator behind it has a left side.
static bool endsOperand(const Piece &piece) {
  switch (piece.kind) {
  case K::Identifier:
  case K::Underscore:
  case K::Int:
  case K::Float:
  case K::Duration:
  case K::String:
  case K::True:
  case K::False:
  case K::RParen:
  case K::RBracket:
  case K::RBrace:
    return true;
  default:
    return false;
  }
}

static void pairBrackets(Pieces &pieces) {
  std::vector<size_t> open;
  for (size_t i = 0; i < pieces.size(); ++i) {
    Piece &piece = pieces[i];
    piece.bracket = open.empty() ? Piece::none : open.back();
    if (piece.opens()) {
      open.push_back(i);
    } else if (piece.closes() && !open.empty()) {
      piece.match = open.back();
      pieces[open.back()].match = i;
      open.pop_back();
    }
  }
}

Pieces fmt::readPieces(StringRef text, const Layout &layout) {
  Pieces pieces = Reader(text, layout).take();
  pairBrackets(pieces);
  const Piece *previous = nullptr; // but for comments
  bool isMember = false;           // `previous` stands behind a `.`
  for (Piece &piece : pieces) {
    bool inBraces = piece.bracket == Piece::none || pieces[piece.bracket].is(K::LBrace);
    bool isNext = !previous || previous->is(K::LBrace) || previous->is(K::Semi) || previous->is(K::Comma);
    piece.isPart |= inBraces && isNext && !piece.closes();
    piece.isPart &= !piece.is(K::Semi) && !piece.is(K::Comma);
    bool isSign = piece.is(K::Minus) || piece.is(K::Bang) || piece.is(K::Tilde);
    piece.isPrefix = isSign && (piece.isPart || !previous || (!isMember && !endsOperand(*previous)));
    if (piece.isComment())
      continue;
    isMember = previous && previous->is(K::Dot);
    previous = &piece;
  }
  return pieces;
}

unsigned fmt::widthOf(StringRef text) {
  return llvm::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}
