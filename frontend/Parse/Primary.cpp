// Operands: names, brackets, `if`, and the expressions that end control.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

Expr *Parser::parsePrimary() {
  if (panic)
    return errorExpr(here());
  switch (tok().kind) {
  case K::Int:
    return parseInt();
  case K::Float:
    return parseFloat();
  case K::Duration:
    return parseDuration();
  case K::String:
  case K::StringHead:
    return parseString();
  case K::True:
  case K::False: {
    Token word = advance();
    return context.make<BoolExpr>(word.range, word.is(K::True));
  }
  case K::Identifier:
    return parseName();
  case K::LParen:
    return parseParen();
  case K::LBracket:
    return parseBracketed();
  case K::LBrace:
    return parseBlock("");
  case K::If:
    return parseIf();
  case K::Each:
    return parseEach(EachOp::Map, here());
  case K::Fail:
    return parseFail();
  case K::Return:
    return parseReturn();
  case K::Break:
    return context.make<BreakExpr>(advance().range);
  case K::Continue:
    return context.make<ContinueExpr>(advance().range);
  case K::Match:
    return parseMatch();
  case K::Race:
    return parseRace();
  case K::Broken: {
    SMLoc start = advance().range.Start;
    return errorExpr(start);
  }
  default:
    break;
  }
  SMLoc start = here();
  reportNoExpression();
  return errorExpr(start);
}

void Parser::reportNoExpression() {
  K previous = tokens.previousKind();
  if (at(K::Plus) && previous == K::Plus) {
    syntaxError("there is no operator '++': write 'x += 1'");
    return;
  }
  if ((at(K::Semi) || at(K::RParen)) && previous == K::Minus) {
    expected("an expression").help("there is no operator '--': write 'x -= 1'");
    return;
  }
  if (at(K::Star) && previous == K::Star) {
    expected("an expression").help("there is no operator '**': 'pow(x, y)' is a power of floats");
    return;
  }
  auto error = expected("an expression");
  switch (tok().kind) {
  case K::Amp:
  case K::Star:
    error.help("there are no pointers: 'f(x)' lends for reading, 'f(mut x)' for writing");
    break;
  case K::Pipe:
  case K::PipePipe:
    error.help("there are no closures: a function is declared with 'fn'");
    break;
  case K::Mut:
  case K::Move:
    error.help("'mut' and 'move' stand before the arguments of a call");
    break;
  case K::While:
  case K::For:
  case K::Let:
  case K::Try:
    error.help("this is a statement: it has no value");
    break;
  case K::Underscore:
    error.help("'_' is no value: it stands in patterns and extents");
    break;
  case K::DotDot:
    error.help("a range has both its ends: 'a..b'");
    break;
  default:
    break;
  }
}

/// `Point { x: 1.0 }` where a `{` begins a body: nothing else can be meant, so reading goes on behind it.
Expr *Parser::parseBareStruct() {
  SMLoc start = here();
  Expr *literal = parseStructLiteral(parseNamedType());
  if (!panic)
    refuse(DiagKind::SyntaxError, literal->range, "a struct's literal stands in parentheses here")
        .fix({start, start}, "(")
        .fix({literal->range.End, literal->range.End}, ")");
  return literal;
}

/// A name, or what a word that is special only in place begins.
Expr *Parser::parseName() {
  if (atReduction())
    return parseReduction();
  if (atStructBody(1) || (at(K::Dot, 1) && at(K::Identifier, 2) && atStructBody(3)))
    return parseStructLiteral(parseNamedType());
  if (!structLiterals && at(K::LBrace, 1) && at(K::Identifier, 2) && at(K::Colon, 3))
    return parseBareStruct();
  if (atWord("vec") && at(K::Lt, 1) && vecFollows())
    return parseVec();
  Token name = advance();
  if (name.text() == "not" && (at(K::Identifier) || at(K::True) || at(K::False))) {
    syntaxErrorAt(name.range, "'not' is written '!'").fix(name.range, "!");
    return errorExpr(name.range.Start);
  }
  return context.make<NameExpr>(name.range, name.text());
}

/// `(e)`, `(a, b)`, `()`.
Expr *Parser::parseParen() {
  SMLoc open = advance().range.Start;
  Brackets brackets(*this);
  llvm::SmallVector<Expr *> elements;
  bool hasComma = false;
  while (!atListEnd(K::RParen)) {
    elements.push_back(parseExpr());
    if (!take(K::Comma))
      break;
    hasComma = true;
  }
  if (!panic && at(K::Eq))
    syntaxError("expected ')', found '='").help("values are compared with '=='");
  else
    expect(K::RParen, " after the expression");
  if (elements.size() == 1 && !hasComma)
    return context.make<ParenExpr>(since(open), elements[0]);
  return context.make<TupleExpr>(since(open), context.list(ArrayRef<Expr *>(elements)));
}

/// `[a, b]` or a comprehension.
Expr *Parser::parseBracketed() {
  SMLoc open = advance().range.Start;
  Brackets brackets(*this);
  if (at(K::For))
    return parseComprehension(open);
  llvm::SmallVector<Expr *> elements;
  while (!atListEnd(K::RBracket)) {
    elements.push_back(parseExpr());
    if (!take(K::Comma))
      break;
  }
  if (!panic && at(K::Semi) && elements.size() == 1 && !at(K::RBrace, 1) && !tokens.startsLine()) {
    refuse(DiagKind::SyntaxError, tok().range, "an array of equal elements is 'full(value, count)'");
    advance();
    parseExpr();
  } else if (!panic && at(K::For)) {
    syntaxError("expected ',' or ']', found 'for'").help("a comprehension is written '[for i in a..b => value]'");
  }
  expect(K::RBracket, " after the elements");
  return context.make<ArrayExpr>(since(open), context.list(ArrayRef<Expr *>(elements)));
}

/// `[for i in 0..8 => value]`, behind the bracket.
Expr *Parser::parseComprehension(SMLoc start) {
  advance();
  Pattern *pattern = parsePattern();
  expect(K::In, " after the pattern");
  Expr *iterable = parseIterable();
  expect(K::FatArrow, " and the value of an element");
  Expr *body = parseExpr();
  expect(K::RBracket, " after the comprehension");
  return context.make<ComprehensionExpr>(since(start), pattern, iterable, body);
}

Expr *Parser::parseIf() {
  Nest nest(*this);
  SMLoc start = advance().range.Start;
  Expr *condition = parseCondition("if");
  skipToBlock();
  BlockExpr *thenBlock = parseBlock(" after the condition");
  Expr *elseExpr = nullptr;
  if (take(K::Else)) {
    if (at(K::If))
      elseExpr = parseIf();
    else
      elseExpr = parseBlock(" after 'else'");
  }
  return context.make<IfExpr>(since(start), condition, thenBlock, elseExpr);
}

/// Nothing follows that an expression could begin with.
bool Parser::endsExpression() {
  switch (tok().kind) {
  case K::Semi:
  case K::Comma:
  case K::RParen:
  case K::RBracket:
  case K::RBrace:
  case K::StringMiddle:
  case K::StringTail:
  case K::HoleFormat:
  case K::End:
    return true;
  default:
    return false;
  }
}

Expr *Parser::parseFail() {
  SMLoc start = advance().range.Start;
  if (endsExpression()) {
    expected("a message after 'fail'");
    return errorExpr(start);
  }
  Expr *message = parseExpr();
  return context.make<FailExpr>(since(start), message);
}

Expr *Parser::parseReturn() {
  SMLoc start = advance().range.Start;
  Expr *value = endsExpression() ? nullptr : parseExpr();
  return context.make<ReturnExpr>(since(start), value);
}
