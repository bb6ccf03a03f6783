// The graph builder: operands of one expression. An array is looked up when its operand is evaluated, so what is evaluated after
// it may not exchange it.
#include "frontend/Check/FlowBuilder.h"
#include "frontend/Check/FlowVisit.h"

namespace awg::flow {

using llvm::dyn_cast;

bool changes(const Expr *expr, const VarDecl *var) {
  bool isFound = false;
  if (isMovable(var->type))
    return findMention(expr, var).isValid();
  visitTree(
      expr,
      [&](const Expr &part) {
        if (const auto *call = dyn_cast<CallExpr>(&part))
          for (const Argument &argument : call->arguments)
            isFound |= argument.mode != PassMode::Read && rootOf(argument.value) == var;
        return !isFound;
      },
      [&](const Stmt &stmt) {
        if (const auto *assign = dyn_cast<AssignStmt>(&stmt))
          isFound |= rootOf(assign->target) == var;
      });
  return isFound;
}

void Builder::hold(const Expr *operand, ArrayRef<const Expr *> later) {
  const VarDecl *var = rootOf(operand);
  if (!var || !isMovable(operand->type))
    return;
  bool isMentioned = false;
  for (SlotId slot = slotOf(var); slot != none && !isMentioned; slot = graph.slots[slot].viewOf)
    isMentioned = llvm::any_of(
        later, [&](const Expr *other) { return findMention(other, graph.slots[slot].var).isValid(); });
  if (!isMentioned)
    return;
  held.push_back(newTemporary());
  lend(var, held.back(), /*isMut=*/false, operand->range, operand->range, LendKind::Operand, partOf(operand));
}

void Builder::letGo(size_t depth, SMRange range) {
  while (held.size() > depth)
    release(held.pop_back_val(), range);
}

void Builder::readExtents(const TypeExpr *written, const Expr *place) {
  llvm::SmallVector<const Expr *> extents;
  visitExtents(written, [&](const Expr &extent) { extents.push_back(&extent); });
  size_t depth = held.size();
  if (place)
    hold(place, extents);
  for (const Expr *extent : extents)
    read(extent);
  if (!extents.empty())
    letGo(depth, extents.back()->range);
}

void Builder::touchAgain(ArrayRef<const Expr *> operands) {
  for (const Expr *operand : operands)
    if (rootOf(operand) && isMovable(operand->type))
      touch(Event::Read, operand);
}

} // namespace awg::flow
