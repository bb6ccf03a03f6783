// What a formatter moves about: tokens, whole strings and comments. Private to this folder.
#ifndef AWG_FRONTEND_FORMAT_PIECES_H
#define AWG_FRONTEND_FORMAT_PIECES_H

#include "frontend/Lex/Token.h"
#include "frontend/Parse/Layout.h"

#include <vector>

namespace awg::fmt {

/// A text that is printed as it is.
struct Piece {
  static constexpr size_t none = size_t(-1);

  TokenKind kind;           ///< of a string the whole is one String
  llvm::StringRef text;
  unsigned newlines = 0;    ///< before it in the source
  bool isPart = false;      ///< an item, a statement, an arm or an element in braces begins here
  bool isAngle = false;     ///< a `<` or `>` of types
  bool isPrefix = false;    ///< an operator before its operand
  bool isGlued = false;     ///< nothing stood before it in the source, not even a space
  size_t match = none;      ///< the other one of a pair of brackets
  size_t bracket = none;    ///< the innermost bracket that is open here; for a bracket that closes, its other one

  bool is(TokenKind other) const { return kind == other; }
  bool isComment() const { return is(TokenKind::Comment) || is(TokenKind::DocComment); }
  bool opens() const {
    return is(TokenKind::LParen) || is(TokenKind::LBracket) || is(TokenKind::LBrace) || (isAngle && is(TokenKind::Lt));
  }
  bool closes() const {
    return is(TokenKind::RParen) || is(TokenKind::RBracket) || is(TokenKind::RBrace) || (isAngle && is(TokenKind::Gt));
  }
};

using Pieces = std::vector<Piece>;

/// The pieces of a text that parses, without its end.
Pieces readPieces(llvm::StringRef text, const Layout &layout);

/// Whether a space stands between a piece, not the first, and the one before it, if both are on one line.
bool isSpaced(const Pieces &pieces, size_t position);

/// Columns that a text takes.
unsigned widthOf(llvm::StringRef text);

} // namespace awg::fmt

#endif // AWG_FRONTEND_FORMAT_PIECES_H
