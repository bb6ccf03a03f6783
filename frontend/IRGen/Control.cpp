// Blocks, `if`, loops, and what leaves the usual order: break, continue, fail.
#include "frontend/IRGen/Generator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

RValue Generator::emitBlock(const BlockExpr *expr) {
  size_t depth = mark();
  llvm::SaveAndRestore scope(fn->scope, depth);
  for (const Stmt *stmt : expr->statements)
    emitStatement(stmt);
  Leaves leaves;
  if (expr->tail)
    leaves = emitOwned(expr->tail, expr->type->isNever() ? expr->tail->type : expr->type);
  consume(leaves);
  leaveScope(depth);
  own(leaves);
  return RValue(leaves, /*owned=*/true);
}

RValue Generator::emitIf(const IfExpr *expr) {
  Value condition = emitCondition(expr->condition);
  Block *thenBlock = newBlock();
  Block *elseBlock = expr->elseExpr ? newBlock() : nullptr;
  Block *merge = newBlock(leavesOf(expr->type));
  branchIf(condition, thenBlock, elseBlock ? elseBlock : merge);

  auto emitBranch = [&](Block *block, const Expr *body) {
    moveTo(block);
    size_t depth = mark();
    Leaves leaves = emitOwned(body, expr->type);
    if (leaves.size() != merge->getNumArguments()) // a value that is dropped, as of an `if` without `else`
      leaves = placeholders(merge->getArgumentTypes());
    consume(leaves);
    leaveScope(depth);
    branch(merge, leaves);
  };
  emitBranch(thenBlock, expr->thenBlock);
  if (elseBlock)
    emitBranch(elseBlock, expr->elseExpr);
  moveTo(merge);
  Leaves values(merge->args_begin(), merge->args_end());
  own(values);
  return RValue(values, /*owned=*/true);
}

//===-- Loops -------------------------------------------------------------------------------------------------------===//

void Generator::emitWhile(const WhileStmt *stmt) {
  auto reached = enterLoop(stmt->condition, stmt->body);
  Block *header = newBlock(), *inside = newBlock(), *exit = newBlock();
  branch(header);
  moveTo(header);
  branchIf(emitCondition(stmt->condition), inside, exit);
  moveTo(inside);
  fn->loops.push_back({mark(), exit, header});
  emit(stmt->body);
  fn->loops.pop_back();
  branch(header);
  moveTo(exit);
  leaveLoop(reached);
}

void Generator::overIterable(const Expr *iterable, const Pattern *pattern, llvm::function_ref<void()> body) {
  iterable = strip(iterable);
  if (auto *range = dyn_cast<RangeExpr>(iterable)) {
    Value begin = emitScalar(range->begin), end = emitScalar(range->end);
    countedLoop(begin, end, range->type->isSigned(), [&](Value position) {
      bind(pattern, range->type, position);
      body();
    });
    return;
  }
  Items items = itemsOf(iterable);
  countedLoop(i64(0), items.count, true, [&](Value position) {
    bindItem(pattern, items, position);
    body();
  });
}

/// The variable of `for i in 0..n` is below n, as an index of `each i in n` is.
void Generator::noteRange(const ForStmt *stmt) {
  auto *range = dyn_cast<RangeExpr>(strip(stmt->iterable));
  if (!range || stmt->pattern->kind != Pattern::Name || stmt->pattern->var->isMut)
    return;
  const Expr *begin = strip(range->begin);
  auto *name = dyn_cast<NameExpr>(begin);
  if (isa<IntExpr>(begin) || (name && cast<VarDecl>(name->decl)->role == VarDecl::Index))
    indexExtents[stmt->pattern->var] = range->end;
}

void Generator::emitFor(const ForStmt *stmt) {
  if (stmt->isAwait)
    return emitForAwait(stmt);
  noteRange(stmt);
  size_t depth = mark();
  auto reached = enterLoop(stmt->iterable, stmt->body);
  overIterable(stmt->iterable, stmt->pattern, [&] { emit(stmt->body); });
  leaveLoop(reached);
  leaveScope(depth);
}

RValue Generator::emitBreak(const BreakExpr *) {
  const Loop &loop = fn->loops.back();
  emitCleanups(loop.depth);
  branch(loop.onBreak);
  startUnreachable();
  return {};
}

RValue Generator::emitContinue(const ContinueExpr *) {
  const Loop &loop = fn->loops.back();
  emitCleanups(loop.depth);
  branch(loop.onContinue);
  startUnreachable();
  return {};
}

RValue Generator::emitFail(const FailExpr *expr) {
  if (auto *message = dyn_cast<StrExpr>(strip(expr->message))) {
    Format format;
    addPieces(format, message);
    reject(newError(format));
  } else {
    Value text = emit(expr->message).one();
    reject(make<ir::ErrorFromStrOp>(errorType, text));
  }
  return {};
}
