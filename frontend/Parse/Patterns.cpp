// Patterns, and `match`, whose arms begin with one.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

Pattern *Parser::makePattern(Pattern::Kind kind, SMLoc start) {
  return context.make<Pattern>(Pattern{kind, since(start), nullptr, {}, nullptr, {}, nullptr, nullptr, nullptr});
}

/// A pattern of `let` and `for`; `mut` before a bracket goes for all names in it.
Pattern *Parser::parsePattern(bool isMut) {
  Nest nest(*this);
  SMLoc start = here();
  isMut |= take(K::Mut);
  if (take(K::Underscore))
    return makePattern(Pattern::Wildcard, start);
  if (at(K::LParen))
    return parseTuplePattern(start, isMut);
  if (panic || !at(K::Identifier)) {
    expected("a name, '_' or '(' of a pattern");
    return makePattern(Pattern::Wildcard, start);
  }
  if (at(K::LBrace, 1) || (at(K::Dot, 1) && at(K::Identifier, 2) && at(K::LBrace, 3)))
    return parseStructPattern(start, isMut);
  return parseNamePattern(start, isMut);
}

Pattern *Parser::parseNamePattern(SMLoc start, bool isMut) {
  Token name = advance();
  Pattern *pattern = makePattern(Pattern::Name, start);
  pattern->var = context.make<VarDecl>(name.text(), name.range.Start, VarDecl::Local);
  pattern->var->isMut = isMut;
  return pattern;
}

/// `(p, q)`.
Pattern *Parser::parseTuplePattern(SMLoc start, bool isMut) {
  advance();
  llvm::SmallVector<Pattern *> elements;
  bool hasComma = false;
  while (!atListEnd(K::RParen)) {
    elements.push_back(parsePart(isMut));
    if (!take(K::Comma))
      break;
    hasComma = true;
  }
  expect(K::RParen, " after the names");
  if (inMatch && elements.size() == 1 && !hasComma)
    return elements.front();
  Pattern *pattern = makePattern(Pattern::Tuple, start);
  pattern->elements = context.list(ArrayRef<Pattern *>(elements));
  return pattern;
}

/// `Point { x, y: (a, _) }`.
Pattern *Parser::parseStructPattern(SMLoc start, bool isMut) {
  TypeExpr *type = parseNamedType();
  llvm::SmallVector<FieldName> fields;
  llvm::SmallVector<Pattern *> elements;
  parseBraced("fields", [&] {
    SMLoc fieldStart = here();
    bool isFieldMut = isMut | (!at(K::Colon, 1) && take(K::Mut));
    if (!atFieldName()) {
      DiagBuilder &report = expected("the name of a field").help("fields that are left out are not looked at");
      if (at(K::DotDot))
        report.fix(tok().range, "");
      return;
    }
    Token name = tok();
    fields.push_back({name.text(), name.range.Start});
    if (!at(K::Colon, 1)) {
      elements.push_back(parseNamePattern(fieldStart, isFieldMut));
      return;
    }
    advance();
    advance();
    elements.push_back(parsePart(isFieldMut));
  });
  Pattern *pattern = makePattern(Pattern::Struct, start);
  pattern->typeExpr = type;
  pattern->fields = context.mutableList(ArrayRef<FieldName>(fields));
  pattern->elements = context.list(ArrayRef<Pattern *>(elements));
  return pattern;
}

/// A part of a pattern: in an arm of `match` it need not fit.
Pattern *Parser::parsePart(bool isMut) { return inMatch ? parseAlternatives(isMut) : parsePattern(isMut); }

//===-- match -------------------------------------------------------------------------------------------------------===//

/// `p | q`.
Pattern *Parser::parseAlternatives(bool isMut) {
  Nest nest(*this);
  SMLoc start = here();
  Pattern *first = parseArmPattern(isMut);
  if (!at(K::Pipe))
    return first;
  llvm::SmallVector<Pattern *> elements{first};
  while (take(K::Pipe))
    elements.push_back(parseArmPattern(isMut));
  Pattern *pattern = makePattern(Pattern::Alternatives, start);
  pattern->elements = context.list(ArrayRef<Pattern *>(elements));
  return pattern;
}

/// A literal with its minus.
Expr *Parser::parsePatternLiteral() {
  SMLoc start = here();
  if (at(K::Identifier)) { // a constant's name
    Token name = advance();
    Expr *constant = context.make<NameExpr>(name.range, name.text());
    while (at(K::Dot) && !panic)
      constant = parseMember(constant);
    return constant;
  }
  if (at(K::True) || at(K::False) || at(K::String))
    return parsePrimary();
  if (at(K::StringHead)) {
    Expr *text = parseString();
    refuse(DiagKind::SyntaxError, text->range, "a pattern is a constant: its strings have no holes");
    return text;
  }
  bool isNegative = take(K::Minus);
  if (!at(K::Int) && !at(K::Float) && !at(K::Duration)) {
    expected(isNegative ? "a number after '-'" : "a literal or a constant's name");
    return errorExpr(start);
  }
  Expr *number = parsePrimary();
  return isNegative ? context.make<UnaryExpr>(since(start), UnaryOp::Neg, number) : number;
}

/// A pattern that may be a value, a range or an enum's case.
Pattern *Parser::parseArmPattern(bool isMut) {
  SMLoc start = here();
  switch (tok().kind) {
  case K::Minus:
  case K::Int:
  case K::Float:
  case K::Duration:
  case K::String:
  case K::StringHead:
  case K::True:
  case K::False: {
    Expr *low = parsePatternLiteral();
    Expr *high = take(K::DotDot) ? parsePatternLiteral() : nullptr;
    Pattern *pattern = makePattern(high ? Pattern::Range : Pattern::Value, start);
    pattern->low = low;
    pattern->high = high;
    return pattern;
  }
  case K::Identifier:
    if ((at(K::Dot, 1) && !at(K::LBrace, 3)) || at(K::DotDot, 1)) {
      Expr *low = parsePatternLiteral();
      Expr *high = take(K::DotDot) ? parsePatternLiteral() : nullptr;
      Pattern *pattern = makePattern(high ? Pattern::Range : Pattern::Case, start);
      pattern->low = low;
      pattern->high = high;
      return pattern;
    }
    return parsePattern(isMut);
  default:
    return parsePattern(isMut);
  }
}

/// What stands behind `=>` in an arm: a block, which ends at its `}`, or an expression.
Expr *Parser::parseArmValue() { return at(K::LBrace) && !panic ? parseBlock("") : parseExpr(); }

/// Whether another arm of `match` or `race` may follow: behind a comma, which is optional after a `}`.
bool Parser::takeArmEnd() { return take(K::Comma) || tokens.previousKind() == K::RBrace; }

MatchArm Parser::parseArm() {
  MatchArm arm{};
  {
    llvm::SaveAndRestore patterns(inMatch, true);
    arm.pattern = parseAlternatives(/*isMut=*/false);
  }
  if (at(K::If)) {
    advance();
    arm.guard = parseExpr();
  }
  if (at(K::Colon))
    expected("'=>' after the pattern").help("a struct's literal after 'match' stands in parentheses");
  expect(K::FatArrow, " after the pattern");
  SMLoc start = here();
  arm.body = parseArmValue();
  bool isBlock = llvm::isa<BlockExpr>(arm.body);
  if (auto op = panic || isBlock ? std::nullopt : assignmentAhead(/*isAtomic=*/false)) { // `p => x += 1`
    Stmt *assignment = parseAssignment(start, arm.body, *op);
    arm.body = context.make<BlockExpr>(since(start), context.list(ArrayRef<Stmt *>(assignment)), nullptr);
  }
  return arm;
}

/// `match e { p => value, q => { ... } }`: commas between the arms, optional after a `}`.
Expr *Parser::parseMatch() {
  Nest nest(*this);
  SMLoc start = advance().range.Start;
  Expr *subject;
  {
    llvm::SaveAndRestore literals(structLiterals, false);
    subject = parseExpr();
  }
  SMLoc open = here();
  if (!expect(K::LBrace, " after what is matched"))
    return errorExpr(start);
  Brackets brackets(*this);
  llvm::SmallVector<MatchArm> arms;
  while (!atListEnd(K::RBrace)) {
    beginPart();
    arms.push_back(parseArm());
    if (!takeArmEnd())
      break;
  }
  auto *word = arms.empty() ? nullptr : llvm::dyn_cast<NameExpr>(arms.back().body);
  if (!panic && word && word->name == "cancel" && at(K::Identifier))
    expected("',' or '}' after an arm").help("a statement stands in braces: '{ cancel f; }'");
  else if (!panic && at(K::Semi))
    expected("',' or '}' after an arm").help("an arm is 'pattern => value,' or 'pattern => { ... }'");
  else if (!panic && !at(K::RBrace))
    expected("',' or '}' after an arm").note(open, "the arms begin here");
  closeBraces();
  return context.make<MatchExpr>(since(start), subject, context.list(ArrayRef<MatchArm>(arms)));
}
