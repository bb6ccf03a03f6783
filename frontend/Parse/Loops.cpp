// Loops and `try`.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

/// The condition of `if` or `while`.
Expr *Parser::parseCondition(StringRef keyword) {
  llvm::SaveAndRestore literals(structLiterals, false);
  if (at(K::Let)) {
    syntaxError("'" + keyword + " let' is not part of the language");
    return errorExpr(here());
  }
  Expr *condition = parseExpr();
  if (!panic && at(K::Eq)) {
    refuse(DiagKind::SyntaxError, tok().range, "'=' assigns; values are compared with '=='").fix(tok().range, "==");
    advance();
    parseExpr();
  } else if (!panic && at(K::Identifier) && isComparisonWord(tok().text())) {
    StringRef op = atWord("and") ? "&&" : "||";
    refuse(DiagKind::SyntaxError, tok().range, "'" + tok().text() + "' is written '" + op + "'").fix(tok().range, op);
    advance();
    parseExpr();
  } else if (!panic && at(K::Colon)) {
    refuse(DiagKind::SyntaxError, tok().range, "a body stands in braces, '{ ... }'");
    panic = true;
  }
  return condition;
}

Stmt *Parser::parseWhile() {
  SMLoc start = advance().range.Start;
  Expr *condition = parseCondition("while");
  skipToBlock();
  BlockExpr *body = parseBlock(" before the body of 'while'");
  return context.make<WhileStmt>(since(start), condition, body);
}

/// At `(`: whether a range stands in these parentheses.
bool Parser::atRangeInParens() {
  size_t end = 0;
  if (!at(K::LParen) || !skipBracketsAhead(end))
    return false;
  unsigned level = 0;
  for (size_t ahead = 0; ahead < end; ++ahead) {
    K kind = tok(ahead).kind;
    if (kind == K::DotDot && level == 1)
      return true;
    level += kind == K::LParen || kind == K::LBracket || kind == K::LBrace;
    level -= kind == K::RParen || kind == K::RBracket || kind == K::RBrace;
  }
  return false;
}

/// What `for` runs over: `a..b`, perhaps in parentheses, or an expression.
Expr *Parser::parseIterable() {
  SMLoc start = here();
  if (atRangeInParens()) {
    advance();
    Brackets brackets(*this);
    Expr *range = parseIterable();
    expect(K::RParen, " after the range");
    return range;
  }
  llvm::SaveAndRestore literals(structLiterals, false);
  Expr *first = parseExpr();
  if (!take(K::DotDot))
    return first;
  if (!panic && at(K::Eq) && tok().range.Start == tokens.previousEnd()) {
    syntaxErrorAt(since(start), "a range does not include its end: write 'a..b + 1'");
    return first;
  }
  Expr *last = parseExpr();
  return context.make<RangeExpr>(since(start), first, last);
}

/// What stands between `for` and what it runs over.
Pattern *Parser::parseLoopPattern() {
  Pattern *pattern = parsePattern();
  if (!take(K::In) && !panic) {
    auto error = expected("'in' after the pattern");
    if (at(K::Identifier) || at(K::Eq))
      error.help("a loop is written 'for i in a..b { ... }'");
  }
  return pattern;
}

Stmt *Parser::parseAsyncFor() {
  SMLoc start = advance().range.Start;
  advance();
  if (!panic && at(K::Await))
    syntaxError("'async for' does not wait for what it goes over").help("write 'for await', and start tasks in its body");
  Pattern *pattern = parseLoopPattern();
  Expr *iterable = parseIterable();
  Expr *limit = nullptr;
  if (!panic && atWord("limit")) {
    llvm::SaveAndRestore literals(structLiterals, false);
    advance();
    limit = parseExpr();
  }
  skipToBlock();
  BlockExpr *body = parseBlock(" before the body of 'async for'");
  return context.make<AsyncForStmt>(since(start), pattern, iterable, limit, body);
}

Stmt *Parser::parseFor() {
  SMLoc start = advance().range.Start;
  size_t ahead = 0;
  if (at(K::LParen) && !skipBracketsAhead(ahead) && at(K::Semi, ahead)) {
    refuse(DiagKind::SyntaxError, tok().range, "a loop is written 'for i in a..b { ... }'")
        .help("a loop of another form is a 'while'");
    skipPastBraces();
    return nullptr;
  }
  bool isAwait = take(K::Await);
  Pattern *pattern = parseLoopPattern();
  Expr *iterable = parseIterable();
  skipToBlock();
  BlockExpr *body = parseBlock(" before the body of 'for'");
  auto *loop = context.make<ForStmt>(since(start), pattern, iterable, body);
  loop->isAwait = isAwait;
  return loop;
}

Stmt *Parser::parseTry() {
  SMLoc start = advance().range.Start;
  BlockExpr *body = parseBlock(" after 'try'");
  if (!expect(K::Catch, " after the block of 'try'"))
    return nullptr;
  VarDecl *error = nullptr;
  if (at(K::Identifier)) {
    Token name = advance();
    error = context.make<VarDecl>(name.text(), name.range.Start, VarDecl::Catch);
  } else {
    if (!at(K::Underscore))
      expected("the name of the failure, 'catch e'");
    error = context.make<VarDecl>("_", here(), VarDecl::Catch);
    take(K::Underscore);
  }
  skipToBlock();
  BlockExpr *handler = parseBlock(" after 'catch " + error->name.take_front(40) + "'");
  return context.make<TryStmt>(since(start), body, error, handler);
}
