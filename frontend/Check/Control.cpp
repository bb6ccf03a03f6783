// Blocks, `if`, and what leaves the usual order: return, break, continue, fail.
#include "frontend/Check/Checker.h"

using namespace awg;

const Type *Checker::checkBlock(BlockExpr *expr, const Type *hint) {
  Scope scope(*this);
  bool isEnded = false;
  for (Stmt *stmt : expr->statements)
    isEnded |= checkStatement(stmt);
  if (!expr->tail)
    return isEnded ? types.never : types.unit;
  const Type *type = check(expr->tail, hint);
  return isEnded ? types.never : type;
}

const Type *Checker::expectNoValue(BlockExpr *block, const Twine &what, StringRef remedy) {
  const Type *type = check(block);
  if (type->isUnit() || type->isNever() || type->isError())
    return type;
  SMLoc behind = block->tail->range.End;
  DiagBuilder report =
      diags.error(DiagKind::TypeMismatch, block->tail->range, what + " has no value, but this is " + described(type));
  if (remedy.empty())
    report.help("end it with `;`").fix({behind, behind}, ";");
  else
    report.help(remedy);
  return type;
}

/// The values that a statement which ends at its `}` may end with.
static void collectEnds(Expr *expr, SmallVectorImpl<std::pair<Expr *, bool>> &ends, bool isArm = false) {
  if (auto *block = dyn_cast<BlockExpr>(expr)) {
    if (block->tail)
      collectEnds(block->tail, ends);
  } else if (auto *choice = dyn_cast<IfExpr>(expr); choice && choice->elseExpr) {
    collectEnds(choice->thenBlock, ends);
    collectEnds(choice->elseExpr, ends);
  } else if (auto *match = dyn_cast<MatchExpr>(expr)) {
    for (const MatchArm &arm : match->arms)
      collectEnds(arm.body, ends, /*isArm=*/true);
  } else if (auto *race = dyn_cast<RaceExpr>(expr)) {
    for (const RaceArm &arm : race->arms)
      collectEnds(arm.value, ends, /*isArm=*/true);
  } else {
    ends.push_back({expr, isArm});
  }
}

void Checker::refuseUnused(Expr *statement) {
  const Type *type = statement->type;
  if (!llvm::isa<BlockExpr, IfExpr, MatchExpr, RaceExpr>(statement) || type->isUnit() || type->isNever() ||
      type->isError() || holdsFuture(type))
    return;
  SmallVector<std::pair<Expr *, bool>> ends;
  collectEnds(statement, ends);
  for (auto [end, isArm] : ends) {
    if (end->type->isUnit() || end->type->isNever() || end->type->isError())
      continue;
    SMLoc behind = end->range.End;
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, end->range,
                                     "nothing uses the value of this statement, which is " + described(end->type));
    if (isArm)
      report.help("drop it with `{ ...; }`, or bind it with `let`");
    else
      report.help("end it with `;`").fix({behind, behind}, ";");
  }
}

void Checker::checkCondition(Expr *condition, const Twine &what) { expect(condition, types.boolean, what); }

const Type *Checker::checkIf(IfExpr *expr, const Type *hint) {
  checkCondition(expr->condition, "the condition of `if`");
  if (!expr->elseExpr) {
    bool isValueWanted = hint && !hint->isUnit() && !hint->isError();
    const Type *type = expectNoValue(expr->thenBlock, "an `if` without `else`",
                                     isValueWanted ? "add an `else` with the other value" : "");
    return type->isUnit() || type->isNever() ? types.unit : types.error;
  }
  return checkPeers({expr->thenBlock, expr->elseExpr}, hint, "the other branch of this `if`");
}

void Checker::checkEnd(BlockExpr *block, const Type *result, const Twine &what) {
  if (block->type->isNever() || block->type->isError() || result->isError())
    return;
  if (block->tail && (result->isUnit() || !block->tail->type->isUnit())) {
    fits(block->tail, result, what);
    return;
  }
  if (result->isUnit())
    return;
  SMLoc brace = SMLoc::getFromPointer(block->range.End.getPointer() - 1);
  DiagBuilder report = diags.error(DiagKind::MissingReturn, SMRange(brace, block->range.End),
                                   what + " is " + described(result) + ", but the end can be reached without a value");
  auto *last = block->statements.empty() ? nullptr : dyn_cast<ExprStmt>(block->statements.back());
  if (last && join(last->expr->type, result))
    report.note(last->expr->loc(), "without its `;` this would be the value");
  else
    report.help("end with a value, `return` or `fail` on every path");
}

//===-- Leaving ---------------------------------------------------------------------------------------------------===//

const Type *Checker::checkReturn(ReturnExpr *expr) {
  if (body->kind == Body::Each || body->kind == Body::AsyncFor) {
    bool isEach = body->kind == Body::Each;
    diags.error(DiagKind::SyntaxError, expr->range, Twine("`return` cannot leave an `") + (isEach ? "each`" : "async for`"))
        .help(Twine("`continue` ends this ") + (isEach ? "index" : "iteration") + " alone");
    if (expr->value)
      check(expr->value);
    return types.never;
  }
  std::string what = body->kind == Body::AsyncBlock ? std::string("the value of this `async` block")
                                                    : ("what `" + body->function->name + "` returns").str();
  if (!expr->value) {
    if (!body->returnType)
      body->returnType = types.unit;
    if (!body->returnType->isUnit() && !body->returnType->isError())
      diags.error(DiagKind::TypeMismatch, expr->range,
                  what + " is " + described(body->returnType) + ", but this `return` has no value");
    return types.never;
  }
  if (body->returnType) {
    expect(expr->value, body->returnType, what);
  } else {
    const Type *type = check(expr->value);
    if (!type->isNever())
      body->returnType = type;
  }
  return types.never;
}

const Type *Checker::checkJump(Expr *expr, StringRef word) {
  bool isBreak = word == "break";
  if (body->loops > 0) {
    body->hasBreak |= isBreak;
    return types.never;
  }
  if (body->kind == Body::AsyncFor && isBreak)
    diags.error(DiagKind::SyntaxError, expr->range, "`break` cannot leave an `async for`, whose iterations run at once")
        .help("`continue` ends this iteration alone; `fail` stops the others");
  else if (body->kind != Body::Each && body->kind != Body::AsyncFor)
    diags.error(DiagKind::SyntaxError, expr->range, "`" + word + "` stands only inside a loop");
  else if (isBreak)
    diags.error(DiagKind::SyntaxError, expr->range, "`break` cannot leave an `each`")
        .help("`continue` ends this index alone");
  else if (body->kind == Body::Each && static_cast<const EachExpr *>(body->owner)->isValue)
    diags.error(DiagKind::SyntaxError, expr->range, "`continue` leaves this index of the `each` without a value");
  return types.never;
}

const Type *Checker::checkFail(FailExpr *expr) {
  markMayFail();
  checkMessage(expr->message, "the message of `fail`");
  return types.never;
}
