// Loops of the host that wait for nothing: the arrays whose elements they use are brought to the host ahead of them.
//
// What was lost with a GPU rejects there, once, so that the accesses inside need not look: nothing can be lost in between.
#include "frontend/IRGen/Generator.h"

#include "frontend/Check/FlowVisit.h"

using namespace awg;

/// Whether control may leave the host's own code for a while in there.
static bool mayWait(const Expr *body) {
  bool waits = false;
  flow::visitTree(
      body, [&](const Expr &expr) { return !(waits |= isa<AwaitExpr>(&expr) || isa<AsyncExpr>(&expr) || isa<RaceExpr>(&expr)); },
      [&](const Stmt &stmt) { waits |= isa<AsyncForStmt>(&stmt) || isa<CancelStmt>(&stmt); });
  return waits;
}

bool Generator::enterLoop(const Expr *head, const Expr *body) {
  if (fn->isDevice || fn->isReached || mayWait(head) || mayWait(body))
    return false;
  llvm::SmallPtrSet<const VarDecl *, 8> seen;
  auto reachAll = [&](const Expr *part, bool isHead) {
    flow::visitPlaces(part, [&](const VarDecl &var, const Expr &place) {
      auto known = fn->variables.find(&var);
      if (known == fn->variables.end() || !isa<ArrayType>(var.type) || !(isHead || isa<IndexExpr>(strip(&place))) ||
          !seen.insert(&var).second)
        return;
      for (Value array : loadLeaves(known->second))
        reach(array, /*write=*/false);
    });
  };
  reachAll(head, /*isHead=*/true);
  reachAll(body, /*isHead=*/false);
  fn->isReached = true;
  return true;
}
