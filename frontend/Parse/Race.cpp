// `race { pattern = await operand => value, ... }`.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

/// `pattern = await operand => value`; the await is null if none stands there.
RaceArm Parser::parseRaceArm() {
  Pattern *pattern = parsePattern();
  expect(K::Eq, " after the pattern of an arm");
  AwaitExpr *await = nullptr;
  if (!panic && !at(K::Await))
    expected("'await' and what to wait for").help("an arm is written 'v = await f => v'");
  else if (!panic)
    await = llvm::dyn_cast<AwaitExpr>(parseAwait());
  expect(K::FatArrow, " after what the arm waits for");
  return {pattern, await, parseArmValue()};
}

/// After an error: passes the rest of what stands in the braces.
void Parser::skipToBrace() {
  while (!at(K::RBrace) && !at(K::End) && !atItemMargin()) {
    if (opens())
      skipBalanced();
    else
      advance();
  }
  panic = false;
}

Expr *Parser::parseRace() {
  Nest nest(*this);
  SMLoc start = advance().range.Start;
  Brackets brackets(*this);
  llvm::SmallVector<RaceArm> arms;
  SMLoc open = here();
  if (!expect(K::LBrace, " after 'race'"))
    return errorExpr(start);
  while (!atListEnd(K::RBrace)) {
    beginPart();
    RaceArm arm = parseRaceArm();
    if (panic)
      break;
    arms.push_back(arm);
    if (!takeArmEnd())
      break;
  }
  if (!panic && !at(K::RBrace))
    syntaxError("expected ',' or '}' after an arm of 'race', found " + found()).note(open, "the race begins here");
  bool isRefused = panic;
  if (panic && !isTooDeep)
    skipToBrace();
  take(K::RBrace);
  if (arms.empty() && !isRefused)
    refuse(DiagKind::SyntaxError, since(start), "a race has at least one arm").help("an arm is written 'v = await f => v'");
  if (arms.empty() || isRefused)
    return errorExpr(start);
  return context.make<RaceExpr>(since(start), context.list(ArrayRef<RaceArm>(arms)));
}
