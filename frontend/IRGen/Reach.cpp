// What was lost with a GPU and is needed on the host: where that rejects.
//
// An access by itself looks (elementsOf). Before a loop that waits for nothing the arrays that it mentions are brought to the host,
// since nothing can be lost inside it; before a call of a function that cannot reject, those that it is lent. So the code inside
// need not look. Arrays in arrays are looked at one by one. What a length alone is asked of stays where it is.
#include "frontend/IRGen/Generator.h"

#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

using namespace awg;

/// Whether control may leave the host's own code for a while in there.
static bool mayWait(const Expr *body) {
  bool waits = false;
  flow::visitTree(
      body, [&](const Expr &expr) { return !(waits |= isa<AwaitExpr>(&expr) || isa<AsyncExpr>(&expr) || isa<RaceExpr>(&expr)); },
      [&](const Stmt &stmt) {
        auto *loop = dyn_cast<ForStmt>(&stmt);
        waits |= isa<AsyncForStmt>(&stmt) || isa<CancelStmt>(&stmt) || (loop && loop->isAwait);
      });
  return waits;
}

/// Visits the variables, and the members of variables, that `root` mentions other than to ask for extents.
static void visitUses(const Expr *root, llvm::function_ref<void(const VarDecl &, const Expr &)> visit) {
  llvm::SmallPtrSet<const Expr *, 8> measured;
  flow::visitExprs(root, [&](const Expr &expr) {
    const auto *call = dyn_cast<CallExpr>(&expr);
    if (call && call->builtin && (call->builtin->id == BuiltinId::Len || call->builtin->id == BuiltinId::Dim))
      for (const Argument &argument : call->arguments)
        measured.insert(strip(argument.value));
    return true;
  });
  flow::visitPlaces(root, [&](const VarDecl &var, const Expr &place) {
    if (!measured.contains(strip(&place)))
      visit(var, place);
  });
}

/// The variable, or the member of one, that a place begins with: `job.data` of `job.data[i].x`.
static const Expr *beginningOf(const Expr &place) {
  const Expr *beginning = strip(&place);
  for (const Expr *at = beginning;;) {
    if (const auto *index = dyn_cast<IndexExpr>(at))
      beginning = at = strip(index->base);
    else if (const auto *member = dyn_cast<MemberExpr>(at))
      at = strip(member->base);
    else
      return beginning;
  }
}

llvm::SmallVector<Value> Generator::enterLoop(const Expr *head, const Expr *body) {
  llvm::SmallVector<Value> reachedHere;
  if (fn->isDevice || !mayReject() || mayWait(head) || mayWait(body))
    return reachedHere;
  for (const Expr *part : {head, body})
    visitUses(part, [&](const VarDecl &var, const Expr &place) {
      const Expr *beginning = beginningOf(place);
      if (!fn->variables.contains(&var) || !hasArray(beginning->type))
        return;
      for (Value leaf : emitPlace(beginning).leaves)
        if (leaf && fn->reached.insert(leaf).second) {
          reach(loadLeaf(leaf));
          reachedHere.push_back(leaf);
        }
    });
  return reachedHere;
}

void Generator::leaveLoop(ArrayRef<Value> reachedThere) {
  for (Value leaf : reachedThere)
    fn->reached.erase(leaf);
}

void Generator::reachArguments(const FnDecl *callee, ArrayRef<Leaves> arguments) {
  if (fn->isDevice || mayFail(callee) || !callee->body)
    return;
  llvm::SmallPtrSet<const VarDecl *, 8> used;
  visitUses(callee->body, [&](const VarDecl &var, const Expr &) { used.insert(&var); });
  for (auto [param, leaves] : llvm::zip(callee->params, arguments))
    if (used.contains(param) && hasArray(param->type))
      for (Value leaf : leaves)
        if (Value array = loadLeaf(leaf); !isReached(array))
          reach(array);
}
