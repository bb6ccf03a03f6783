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
  auto drop = [&](ArrayRef<Value> values) {
    for (Value leaf : values)
      discard(leaf);
  };
  switch (pattern->kind) {
  case Pattern::Name: {
    Place place(*this, pattern->range.Start);
    declare(pattern->var, leaves);
    return;
  }
  case Pattern::Tuple:
  case Pattern::Struct:
    overParts(pattern, type, leaves,
              [&](const Pattern *inner, const Type *member, ArrayRef<Value> part) { bind(inner, member, part); }, drop);
    return;
  default: {
    Place place(*this, pattern->range.Start);
    drop(leaves);
  }
  }
}

bool Generator::isSlot(Value leaf) {
  auto type = llvm::dyn_cast<mlir::MemRefType>(leaf.getType());
  return type && type.getRank() == 0;
}

unsigned Generator::firstLeaf(const Type *type, unsigned member) {
  unsigned first = 0;
  for (const Type *before : type->members().take_front(member))
    first += leafCount(before);
  return first;
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
    if (!var || var->role == VarDecl::Case || var->role == VarDecl::Const)
      return {};
    return {var, 0, leafCount(var->type)};
  }
  auto *member = dyn_cast<MemberExpr>(expr);
  if (!member || member->enumCase)
    return {};
  Path path = pathOf(member->base);
  if (!path.var)
    return {};
  if (path.var->role == VarDecl::Catch)
    return {path.var, member->position, 1};
  path.first += firstLeaf(member->base->type, member->position);
  path.count = leafCount(member->type);
  return path;
}

Leaves Generator::leavesAt(const Path &path) {
  return Leaves(ArrayRef<Value>(variable(path.var).leaves).slice(path.first, path.count));
}

/// Takes a variable's value: moves arrays and futures out of it, shares strings, and copies an array that is only lent.
Leaves Generator::takePath(const Path &path) {
  Variable var = variable(path.var);
  Leaves leaves;
  for (unsigned k = path.first; k < path.first + path.count; ++k) {
    Value leaf = loadLeaf(var, k);
    leaves.push_back(leaf);
    if (isShared(leaf.getType())) {
      make<ir::RetainOp>(leaf);
    } else if (isSlot(var.leaves[k]) && isOwned(leaf.getType())) {
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
