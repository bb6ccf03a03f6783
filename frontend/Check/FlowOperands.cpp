// The graph builder: operands of one expression. An array that is lent is looked up when its operand is evaluated, so what is
// evaluated after it may not exchange it.
#include "frontend/Check/FlowBuilder.h"
#include "frontend/Check/FlowVisit.h"

namespace awg::flow {

using llvm::dyn_cast;

/// Where an expression writes a variable, gives it away or assigns it; an invalid range if it does not.
static SMRange findChange(const Expr *expr, const VarDecl *var) {
  SMRange found;
  auto check = [&](const Expr *place, SMRange range) {
    if (!found.isValid() && rootOf(place) == var)
      found = range;
  };
  visitTree(
      expr,
      [&](const Expr &part) {
        if (const auto *call = dyn_cast<CallExpr>(&part))
          for (const Argument &argument : call->arguments)
            if (argument.mode != PassMode::Read)
              check(argument.value, argument.value->range);
        return !found.isValid();
      },
      [&](const Stmt &stmt) {
        if (const auto *assign = dyn_cast<AssignStmt>(&stmt); assign && llvm::isa<NameExpr>(stripParens(assign->target)))
          check(assign->target, assign->target->range);
      });
  return found;
}

void Builder::refuseChanges(ArrayRef<const Expr *> operands) {
  for (auto [number, operand] : llvm::enumerate(operands)) {
    const VarDecl *var = rootOf(operand);
    if (!var || !var->type || !isMovable(var->type))
      continue;
    for (SlotId slot = slotOf(var); slot != none; slot = graph.slots[slot].viewOf)
      for (const Expr *later : operands.drop_front(number + 1)) {
        const VarDecl *owner = graph.slots[slot].var;
        SMRange change = findChange(later, owner);
        if (!change.isValid())
          continue;
        diags
            .error(DiagKind::UseWhileLent, change,
                   "`" + owner->name + "` cannot be changed here: the expression around this uses it already")
            .note(operand->loc(), "it is used here")
            .help("compute this value first, and name it with `let`");
        return;
      }
  }
}

} // namespace awg::flow
