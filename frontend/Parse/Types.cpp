// Types as written, and the lookahead that tells type arguments from less-than.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

TypeExpr *Parser::errorType(SMLoc start) {
  return context.make<TypeExpr>(TypeExpr{TypeExpr::Named, since(start), "", {}, {}});
}

TypeExpr *Parser::parseType() {
  Nest nest(*this);
  SMLoc start = here();
  TypeExpr *type = parseTypeAtom();
  while (!panic && at(K::LBracket)) {
    ArrayRef<Expr *> extents = parseExtents();
    ArrayRef<TypeExpr *> element = context.list(ArrayRef<TypeExpr *>(type));
    type = context.make<TypeExpr>(TypeExpr{TypeExpr::Array, since(start), "", element, extents});
    grow();
  }
  return panic ? errorType(start) : type;
}

TypeExpr *Parser::parseTypeAtom() {
  SMLoc start = here();
  if (panic)
    return errorType(start);
  if (at(K::Identifier))
    return parseNamedType();
  if (!take(K::LParen)) {
    auto error = expected("a type");
    if (at(K::LBracket))
      error.help("an array type is written with its element first: 'f32[n]'");
    else if (at(K::Amp) || at(K::Star))
      error.help("there are no pointers: 'x: T' lends for reading, 'mut x: T' for writing");
    else if (at(K::Mut) || at(K::Move))
      error.help("'" + tok().text() + "' stands before the name");
    return errorType(start);
  }
  llvm::SmallVector<TypeExpr *> elements;
  bool hasComma = false;
  while (!atListEnd(K::RParen)) {
    elements.push_back(parseType());
    if (!take(K::Comma))
      break;
    hasComma = true;
  }
  if (!expect(K::RParen, " after the types"))
    return errorType(start);
  if (elements.size() == 1 && !hasComma)
    return elements[0];
  ArrayRef<TypeExpr *> list = context.list(ArrayRef<TypeExpr *>(elements));
  return context.make<TypeExpr>(TypeExpr{TypeExpr::Tuple, since(start), "", list, {}});
}

TypeExpr *Parser::parseNamedType() {
  Token first = advance();
  SMLoc start = first.range.Start;
  std::string full = first.text().str();
  while (take(K::Dot)) {
    if (!at(K::Identifier)) {
      expected("a name after '.'");
      return errorType(start);
    }
    full += "." + advance().text().str();
  }
  SMRange nameRange = since(start);
  StringRef name = full.size() == first.text().size() ? first.text() : context.string(full);
  llvm::SmallVector<TypeExpr *> arguments;
  llvm::SmallVector<Expr *> lanes;
  if (takeOpenAngle()) {
    do {
      if (name == "vec" && at(K::Int))
        lanes.push_back(parseInt());
      else
        arguments.push_back(parseType());
    } while (take(K::Comma) && !panic && !at(K::Gt) && !at(K::Shr));
    if (!panic && !takeCloseAngle())
      expected("'>' after the types");
  }
  if (!panic && name == "team") {
    notYet(nameRange, "the type '" + name + "'");
    return errorType(start);
  }
  ArrayRef<TypeExpr *> list = context.list(ArrayRef<TypeExpr *>(arguments));
  return context.make<TypeExpr>(TypeExpr{TypeExpr::Named, since(start), name, list, context.list(ArrayRef<Expr *>(lanes))});
}

/// `[n, 3, _]`; null stands for `_`.
ArrayRef<Expr *> Parser::parseExtents() {
  Brackets brackets(*this);
  llvm::SmallVector<Expr *> extents;
  advance();
  while (!atListEnd(K::RBracket)) {
    extents.push_back(take(K::Underscore) ? nullptr : parseExpr());
    if (!take(K::Comma))
      break;
  }
  if (!panic && extents.empty())
    expected("an extent: a number, a name or '_'");
  expect(K::RBracket, " after the extents");
  return context.list(ArrayRef<Expr *>(extents));
}

bool Parser::takeOpenAngle() {
  if (panic || !at(K::Lt))
    return false;
  noteAngle();
  advance();
  return true;
}

/// Passes a `>`, which may be the first half of another token.
bool Parser::takeCloseAngle() {
  noteAngle();
  switch (tok().kind) {
  case K::Gt:
    advance();
    return true;
  case K::Shr:
    tokens.splitFirst(K::Gt);
    return true;
  case K::GtEq:
    tokens.splitFirst(K::Eq);
    return true;
  case K::ShrEq:
    tokens.splitFirst(K::GtEq);
    return true;
  default:
    return false;
  }
}

//===-- Lookahead ---------------------------------------------------------------------------------------------------===//

static constexpr size_t farthest = 256; ///< a longer list of types is none
static constexpr unsigned deepestAhead = 32;

/// At `<`: a well-formed type list, `>` and `(` follow.
bool Parser::typeArgumentsFollow() {
  size_t ahead = 1;
  unsigned angles = 0; // left over from `>>`
  return skipTypeListAhead(ahead, angles, 0, /*isVec=*/false) && angles == 0 && at(K::LParen, ahead);
}

/// Passes types up to and with the `>`; `angles` counts closers that a `>>` has too many.
bool Parser::skipTypeListAhead(size_t &ahead, unsigned &angles, unsigned depth, bool isVec) {
  for (bool isFirst = true; ahead < farthest; isFirst = false) {
    bool isEnd = !isFirst && (at(K::Gt, ahead) || at(K::Shr, ahead)); // behind a last comma
    if (isVec && at(K::Int, ahead))
      ++ahead;
    else if (!isEnd && !skipTypeAhead(ahead, angles, depth))
      return false;
    if (angles) {
      --angles;
      return true;
    }
    switch (tok(ahead++).kind) {
    case K::Comma:
      continue;
    case K::Gt:
      return true;
    case K::Shr:
      ++angles;
      return depth > 0;
    default:
      return false;
    }
  }
  return false;
}

bool Parser::skipTypeAhead(size_t &ahead, unsigned &angles, unsigned depth) {
  if (ahead >= farthest || depth > deepestAhead)
    return false;
  if (at(K::LParen, ahead)) {
    ++ahead;
    while (!at(K::RParen, ahead)) {
      if (!skipTypeAhead(ahead, angles, depth + 1) || angles)
        return false;
      if (at(K::Comma, ahead))
        ++ahead;
      else if (!at(K::RParen, ahead))
        return false;
    }
    ++ahead;
  } else {
    if (!at(K::Identifier, ahead))
      return false;
    bool isVec = atWord("vec", ahead++);
    while (at(K::Dot, ahead) && at(K::Identifier, ahead + 1) && ahead < farthest)
      ahead += 2;
    if (at(K::Lt, ahead)) {
      ++ahead;
      if (!skipTypeListAhead(ahead, angles, depth + 1, isVec))
        return false;
      if (angles)
        return true;
    }
  }
  while (at(K::LBracket, ahead))
    if (!skipBracketsAhead(ahead, /*isExtents=*/true))
      return false;
  return true;
}

/// Passes a bracket and all up to its end. Between extents stands no `..`: that is a view.
bool Parser::skipBracketsAhead(size_t &ahead, bool isExtents) {
  unsigned level = 0, braces = 0;
  for (; ahead < farthest; ++ahead) {
    switch (tok(ahead).kind) {
    case K::LBrace:
      ++braces;
      [[fallthrough]];
    case K::LParen:
    case K::LBracket:
      ++level;
      continue;
    case K::RBrace:
      if (braces-- == 0)
        return false;
      [[fallthrough]];
    case K::RParen:
    case K::RBracket:
      if (--level)
        continue;
      ++ahead;
      return true;
    case K::Semi:
      if (braces)
        continue;
      return false;
    case K::DotDot:
      if (!isExtents || level > 1)
        continue;
      return false;
    case K::End:
      return false;
    default:
      continue;
    }
  }
  return false;
}
