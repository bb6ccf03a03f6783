// `await` and `async`, with where (`on`) and how long (`within`).
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

/// What stands behind `on` or `within`.
Expr *Parser::parseSuffixOperand() {
  llvm::SaveAndRestore literals(structLiterals, false);
  advance();
  return parseUnary();
}

Expr *Parser::parseAwait() {
  if (panic)
    return errorExpr(here());
  Nest nest(*this);
  SMLoc start = advance().range.Start;
  Expr *operand;
  {
    llvm::SaveAndRestore open(awaiting, true);
    operand = parseUnary();
  }
  auto *await = context.make<AwaitExpr>(since(start), operand);
  if (suffixHeld || panic)
    return await;
  if (atWord("on"))
    await->on = parseSuffixOperand();
  if (!panic && atWord("within"))
    await->within = parseSuffixOperand();
  if (!panic && atWord("on"))
    syntaxError(await->on ? "there is an 'on' already" : "'on' stands before 'within'");
  await->range = since(start);
  return await;
}

Expr *Parser::parseAsync() {
  if (panic)
    return errorExpr(here());
  Nest nest(*this);
  SMLoc start = advance().range.Start;
  if (at(K::For)) {
    syntaxErrorAt(since(start), "'async for' is a statement and has no value")
        .help("'[for i in 0..n => async f(i)]' gives an array of futures");
    return errorExpr(start);
  }
  if (at(K::Move)) {
    syntaxError("'move' stands before the arguments of a call").help("inside the block, 'f(move x)' takes x as it starts");
    return errorExpr(start);
  }
  Expr *operand;
  {
    llvm::SaveAndRestore open(awaiting, true);
    operand = parseUnary();
  }
  auto *async = context.make<AsyncExpr>(since(start), operand);
  if (suffixHeld || panic)
    return async;
  if (atWord("on"))
    async->on = parseSuffixOperand();
  if (!panic && atWord("within"))
    syntaxError("'within' belongs to an 'await'").help("await the future 'within' a duration");
  async->range = since(start);
  return async;
}
