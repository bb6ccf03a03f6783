// Variables: declaration, patterns, reading, and taking their values away.
#include "frontend/IRGen/Generator.h"

using namespace awg;

Variable &Generator::variable(const VarDecl *var) {
  auto found = fn->variables.find(var);
  if (found == fn->variables.end())
    llvm::report_fatal_error("IRGen: no value for the variable '" + var->name + "'");
  return found->second;
}

/// A slot is for what may change or be moved away: mutable variables, arrays and futures.
void Generator::declare(const VarDecl *var, ArrayRef<Value> leaves) {
  auto isMoved = [](Value leaf) { return llvm::isa<ir::ArrayType, ir::FutureType>(leaf.getType()); };
  bool inSlots = var->isMut || llvm::any_of(leaves, isMoved);
  Variable &place = fn->variables[var] = {Leaves(leaves), inSlots};
  if (!inSlots) {
    own(leaves);
    return;
  }
  for (Value &leaf : place.leaves) {
    Value slot = newSlot(leaf.getType());
    store(leaf, slot);
    if (isOwned(leaf.getType()))
      ownSlot(slot);
    leaf = slot;
  }
}

void Generator::bind(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves) {
  switch (pattern->kind) {
  case Pattern::Name: {
    Place place(*this, pattern->range.Start);
    declare(pattern->var, leaves);
    return;
  }
  case Pattern::Wildcard: {
    Place place(*this, pattern->range.Start);
    for (Value leaf : leaves)
      discard(leaf);
    return;
  }
  case Pattern::Tuple:
    for (auto [inner, element] : llvm::zip(pattern->elements, cast<TupleType>(type)->elements())) {
      unsigned count = leafCount(element);
      bind(inner, element, leaves.take_front(count));
      leaves = leaves.drop_front(count);
    }
    return;
  }
}

Leaves Generator::loadLeaves(const Variable &var) {
  Leaves leaves;
  for (unsigned k = 0; k < var.leaves.size(); ++k)
    leaves.push_back(loadLeaf(var, k));
  return leaves;
}

Generator::Path Generator::pathOf(const Expr *expr) {
  expr = strip(expr);
  if (auto *name = dyn_cast<NameExpr>(expr)) {
    auto *var = llvm::dyn_cast_or_null<VarDecl>(name->decl);
    return {var, 0, var ? leafCount(var->type) : 0};
  }
  auto *member = dyn_cast<MemberExpr>(expr);
  if (!member)
    return {};
  Path path = pathOf(member->base);
  if (!path.var)
    return {};
  if (path.var->role == VarDecl::Catch)
    return {path.var, member->name == "message" ? 0u : 1u, 1};
  unsigned position = 0;
  member->name.getAsInteger(10, position);
  auto *tuple = cast<TupleType>(member->base->type);
  for (const Type *before : tuple->elements().take_front(position))
    path.first += leafCount(before);
  path.count = leafCount(tuple->elements()[position]);
  return path;
}

/// Takes a variable's value: moves arrays and futures out of it, shares strings, and copies an array that is only lent.
Leaves Generator::takePath(const Path &path) {
  Variable var = variable(path.var);
  Leaves leaves;
  for (unsigned k = path.first; k < path.first + path.count; ++k) {
    Value leaf = loadLeaf(var, k);
    leaves.push_back(leaf);
    if (leaf.getType() == strType) {
      make<ir::RetainOp>(leaf);
    } else if (var.inSlots && isOwned(leaf.getType())) {
      if (llvm::isa<ir::FutureType>(leaf.getType()) || isArrayOfFutures(leaf.getType()))
        noteUsedFuture(var.leaves[k]);
      store(null(leaf.getType()), var.leaves[k]);
    } else if (llvm::isa<ir::ArrayType>(leaf.getType())) {
      auto copy = make<ir::ArrayCopyOp>(errorType, leaf.getType(), leaf);
      check(copy.getError());
      leaves.back() = copy.getArray();
    }
  }
  own(leaves);
  return leaves;
}
