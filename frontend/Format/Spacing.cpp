// Where spaces stand within a line.
#include "frontend/Format/Pieces.h"

#include "llvm/ADT/StringSwitch.h"

using namespace awg;
using namespace awg::fmt;
using K = TokenKind;

/// A word that is special only in place, and whose operand may begin with a bracket: the writer's space says which it is.
static bool isPlaceWord(const Piece &piece) {
  return piece.is(K::Identifier) &&
         llvm::StringSwitch<bool>(piece.text).Cases({"on", "within", "limit", "block", "task"}, true).Default(false);
}

/// `min=` and `max=` behind the target of an `atomic`.
static bool isAtomicOperator(const Pieces &pieces, size_t position) {
  const Piece &word = pieces[position - 1];
  if (!pieces[position].is(K::Eq) || !pieces[position].isGlued || (word.text != "min" && word.text != "max"))
    return false;
  return position > 1 && (pieces[position - 2].is(K::RBracket) || pieces[position - 2].is(K::Identifier));
}

/// A name or bracket behind which `(` calls and `[` subscripts.
static bool isBase(const Piece &piece) {
  switch (piece.kind) {
  case K::Identifier:
  case K::String:
  case K::RParen:
  case K::RBracket:
  case K::RBrace:
    return true;
  default:
    return piece.isAngle && piece.is(K::Gt);
  }
}

bool fmt::isSpaced(const Pieces &pieces, size_t position) {
  const Piece &left = pieces[position - 1], &right = pieces[position];
  if (right.isComment())
    return true;
  switch (right.kind) {
  case K::Comma:
  case K::Semi:
  case K::RParen:
  case K::RBracket:
  case K::Colon:
  case K::Dot:
    return false;
  case K::DotDot:
    return left.is(K::Comma);
  case K::RBrace:
    return !left.is(K::LBrace);
  default:
    break;
  }
  switch (left.kind) {
  case K::LParen:
  case K::LBracket:
  case K::Dot:
  case K::DotDot:
  case K::At:
    return false;
  default:
    break;
  }
  if (left.isPrefix || isAtomicOperator(pieces, position))
    return false;
  if (right.isAngle)
    return false;
  if (left.isAngle)
    return left.is(K::Gt) && !right.is(K::LParen) && !right.is(K::LBracket);
  if ((right.is(K::LParen) || right.is(K::LBracket)) && isPlaceWord(left))
    return !right.isGlued;
  bool isMember = position > 1 && pieces[position - 2].is(K::Dot); // any word may be one
  return !((right.is(K::LParen) || right.is(K::LBracket)) && (isBase(left) || isMember));
}
