// Operators and what stands behind an operand.
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/StringExtras.h"

using namespace awg;

namespace {
struct Operator {
  BinaryOp op;
  unsigned precedence;
};
} // namespace

static constexpr unsigned comparison = 3;

/// The binary operators by precedence; a higher one binds tighter. All are left-associative.
static std::optional<Operator> binaryOperator(TokenKind kind) {
  switch (kind) {
  case TokenKind::PipePipe:
    return Operator{BinaryOp::LogicalOr, 1};
  case TokenKind::AmpAmp:
    return Operator{BinaryOp::LogicalAnd, 2};
  case TokenKind::EqEq:
    return Operator{BinaryOp::Eq, comparison};
  case TokenKind::BangEq:
    return Operator{BinaryOp::Ne, comparison};
  case TokenKind::Lt:
    return Operator{BinaryOp::Lt, comparison};
  case TokenKind::LtEq:
    return Operator{BinaryOp::Le, comparison};
  case TokenKind::Gt:
    return Operator{BinaryOp::Gt, comparison};
  case TokenKind::GtEq:
    return Operator{BinaryOp::Ge, comparison};
  case TokenKind::Pipe:
    return Operator{BinaryOp::Or, 4};
  case TokenKind::Caret:
    return Operator{BinaryOp::Xor, 5};
  case TokenKind::Amp:
    return Operator{BinaryOp::And, 6};
  case TokenKind::Shl:
    return Operator{BinaryOp::Shl, 7};
  case TokenKind::Shr:
    return Operator{BinaryOp::Shr, 7};
  case TokenKind::Plus:
    return Operator{BinaryOp::Add, 8};
  case TokenKind::Minus:
    return Operator{BinaryOp::Sub, 8};
  case TokenKind::Star:
    return Operator{BinaryOp::Mul, 9};
  case TokenKind::Slash:
    return Operator{BinaryOp::Div, 9};
  case TokenKind::Percent:
    return Operator{BinaryOp::Rem, 9};
  default:
    return std::nullopt;
  }
}

Expr *Parser::parseExpr() {
  if (panic)
    return errorExpr(here());
  Nest nest(*this);
  return parseBinary(1);
}

Expr *Parser::parseBinary(unsigned minimum) {
  SMLoc start = here();
  Expr *left = parseCast();
  bool afterComparison = false;
  while (!panic) {
    auto entry = binaryOperator(tok().kind);
    if (!entry || entry->precedence < minimum)
      break;
    if (entry->precedence == comparison && afterComparison && reportTypeArguments(left))
      break;
    if (entry->precedence == comparison && afterComparison)
      refuse(DiagKind::SyntaxError, tok().range, "comparisons do not chain")
          .help("write 'a < b && b < c', or parentheses around one of them");
    afterComparison = entry->precedence == comparison;
    SMLoc opLoc = advance().range.Start;
    Expr *right = parseBinary(entry->precedence + 1);
    left = context.make<BinaryExpr>(since(start), entry->op, opLoc, left, right);
    grow();
  }
  return left;
}

/// `chan<i64>;`, `Stack<i64> { }`: what looked like a comparison was to be a type.
bool Parser::reportTypeArguments(const Expr *left) {
  auto *less = llvm::dyn_cast<BinaryExpr>(left);
  K behind = tok(1).kind;
  bool isType = less && less->op == BinaryOp::Lt && llvm::isa<NameExpr>(less->left) && at(K::Gt) &&
                (behind == K::Semi || behind == K::LBrace || behind == K::Comma || behind == K::RParen);
  if (!isType)
    return false;
  advance();
  StringRef name = llvm::cast<NameExpr>(less->left)->name;
  auto error = expected("'(' after the type arguments");
  if (name == "chan")
    error.help("a channel is made by 'chan<T>(capacity)'");
  else
    error.help("calls of functions have type arguments, the values of a struct have none");
  return true;
}

/// `x as T`.
Expr *Parser::parseCast() {
  SMLoc start = here();
  Expr *operand = parseUnary();
  while (take(K::As)) {
    TypeExpr *target = parseCastTarget();
    operand = context.make<CastExpr>(since(start), operand, target);
    grow();
  }
  return operand;
}

/// The type behind `as`. Only a vec has type arguments there: in `x as i64 < y` the `<` compares.
TypeExpr *Parser::parseCastTarget() {
  if (!at(K::Identifier) || (atWord("vec") && at(K::Lt, 1)))
    return parseTypeAtom();
  Token name = advance();
  return context.make<TypeExpr>(TypeExpr{TypeExpr::Named, name.range, name.text(), {}, {}});
}

Expr *Parser::parseUnary() {
  SMLoc start = here();
  UnaryOp op;
  if (at(K::At) && atWord("warps", 1)) { // of a block's task: for later
    Modifiers ignored;
    parseAttribute(ignored);
  }
  switch (tok().kind) {
  case K::Minus:
    op = UnaryOp::Neg;
    break;
  case K::Bang:
    op = UnaryOp::Not;
    break;
  case K::Tilde:
    op = UnaryOp::BitNot;
    break;
  case K::Await:
    return parseAwait();
  case K::Async:
    return parseAsync();
  default:
    return parsePostfix();
  }
  if (panic)
    return errorExpr(start);
  Nest nest(*this);
  advance();
  Expr *operand = parseUnary();
  return context.make<UnaryExpr>(since(start), op, operand);
}

//===-- Postfix -----------------------------------------------------------------------------------------------------===//

/// A form that reaches to the end of its body and takes nothing behind it.
static bool isClosed(Expr *expr) {
  return llvm::isa<EachExpr, IfExpr, MatchExpr, BlockExpr, FailExpr, ReturnExpr, BreakExpr, ContinueExpr>(expr);
}

Expr *Parser::parsePostfix() {
  Expr *base = parsePrimary();
  return isClosed(base) ? base : parsePostfix(base);
}

Expr *Parser::parsePostfix(Expr *base) {
  while (!panic) {
    if (at(K::LParen))
      base = parseCall(base);
    else if (at(K::LBracket))
      base = parseIndex(base);
    else if (at(K::Dot))
      base = parseMember(base);
    else if (at(K::Lt) && llvm::isa<NameExpr, MemberExpr>(base) && typeArgumentsFollow())
      base = parseCall(base);
    else
      break;
    grow();
  }
  return base;
}

/// At `vec<`: the type and a bracket follow.
bool Parser::vecFollows() {
  size_t ahead = 0;
  unsigned angles = 0;
  return skipTypeAhead(ahead, angles, 0) && angles == 0 && at(K::LParen, ahead);
}

/// `vec<f32, 4>(x)`.
Expr *Parser::parseVec() {
  Token name = tok();
  TypeExpr *type = parseNamedType();
  return parseCall(context.make<NameExpr>(name.range, name.text()), type);
}

/// `(x, mut y)`, `<f32>(n)` behind a callee; `made` is the type that a call makes, if it has been read.
Expr *Parser::parseCall(Expr *callee, TypeExpr *made) {
  SMLoc start = callee->range.Start;
  llvm::SmallVector<TypeExpr *> types;
  if (made) {
    types.push_back(made);
  } else if (takeOpenAngle()) {
    while (!panic && !at(K::Gt) && !at(K::Shr)) {
      types.push_back(parseType());
      if (!take(K::Comma))
        break;
    }
    if (!panic && !takeCloseAngle())
      expected("'>' after the types");
  }
  SMLoc open = here();
  expect(K::LParen, " after the types");
  Brackets brackets(*this);
  llvm::SmallVector<Argument> arguments;
  while (!atListEnd(K::RParen)) {
    arguments.push_back(parseArgument());
    if (!take(K::Comma))
      break;
  }
  if (!panic && !at(K::RParen)) {
    if (tokens.startsLine() || at(K::Semi) || at(K::RBrace) || at(K::End)) {
      SMLoc end = tokens.previousEnd();
      syntaxErrorAt({end, end}, "expected ')' after the arguments").note(open, "this '(' is not closed");
    } else if (at(K::Colon) || at(K::Eq)) {
      expected("',' or ')' after the argument").help("arguments have no names at the call");
    } else {
      expected("',' or ')' after the argument");
    }
  }
  take(K::RParen);
  if (!panic && !llvm::isa<NameExpr, MemberExpr, ErrorExpr>(callee)) {
    refuse(DiagKind::SyntaxError, callee->range, "only a function's name can be called");
    return errorExpr(start);
  }
  if (llvm::isa<ErrorExpr>(callee))
    return errorExpr(start);
  return context.make<CallExpr>(since(start), callee, context.list(ArrayRef<TypeExpr *>(types)),
                                context.list(ArrayRef<Argument>(arguments)));
}

Argument Parser::parseArgument() {
  PassMode mode = PassMode::Read;
  if (take(K::Mut))
    mode = PassMode::Mut;
  else if (take(K::Move))
    mode = PassMode::Move;
  return {parseExpr(), mode};
}

/// `i`, or `a..b` with or without its ends.
Expr *Parser::parseSubscript() {
  SMLoc start = here();
  Expr *begin = at(K::DotDot) ? nullptr : parseExpr();
  if (panic || !at(K::DotDot))
    return begin ? begin : errorExpr(start);
  SMLoc dots = advance().range.Start;
  if (at(K::Eq) && tok().range.Start == tokens.previousEnd())
    syntaxErrorAt(since(dots), "a range does not include its end: write 'a..b + 1'");
  Expr *end = at(K::Comma) || at(K::RBracket) ? nullptr : parseExpr();
  return context.make<RangeExpr>(since(start), begin, end);
}

/// `[i, j]` behind an array.
Expr *Parser::parseIndex(Expr *base) {
  SMLoc start = base->range.Start;
  advance();
  Brackets brackets(*this);
  llvm::SmallVector<Expr *> subscripts;
  while (!atListEnd(K::RBracket)) {
    subscripts.push_back(parseSubscript());
    if (!take(K::Comma))
      break;
  }
  if (!panic && subscripts.empty())
    expected("a subscript");
  expect(K::RBracket, " after the subscripts");
  if (llvm::isa<ErrorExpr>(base))
    return errorExpr(start);
  return context.make<IndexExpr>(since(start), base, context.list(ArrayRef<Expr *>(subscripts)));
}

/// A word, which may be a keyword, by its first character.
static bool isAnyWord(const Token &token) {
  char first = token.text().empty() ? '\0' : token.text().front();
  return token.is(TokenKind::Int) || first == '_' || llvm::isAlpha(first);
}

/// `.name` or `.0` behind a value.
Expr *Parser::parseMember(Expr *base) {
  advance();
  Token name = tok();
  if (!isAnyWord(name)) {
    expected("a name or a number after '.'");
    return errorExpr(base->range.Start);
  }
  if (name.is(K::Int) && name.text().find_first_not_of("0123456789") != StringRef::npos) {
    syntaxError("an element of a tuple is named by digits alone");
    return errorExpr(base->range.Start);
  }
  advance();
  if (name.is(K::Await)) {
    refuse(DiagKind::SyntaxError, name.range, "'await' stands before what it waits for");
    return errorExpr(base->range.Start);
  }
  return context.make<MemberExpr>(since(base->range.Start), base, name.text(), name.range.Start);
}
