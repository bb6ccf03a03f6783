// What the flow checks ask of types and expressions.
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

namespace awg::flow {

bool isMovable(const Type *type) {
  if (!type)
    return false;
  if (const auto *tuple = llvm::dyn_cast<TupleType>(type))
    return llvm::any_of(tuple->elements(), isMovable);
  return type->isArray() || type->isFuture();
}

bool holdsFuture(const Type *type) {
  if (const auto *array = llvm::dyn_cast_or_null<ArrayType>(type))
    return array->element()->isFuture();
  return type && type->isFuture();
}

const Expr *stripParens(const Expr *expr) {
  while (const auto *paren = llvm::dyn_cast<ParenExpr>(expr))
    expr = paren->inner;
  return expr;
}

const VarDecl *rootOf(const Expr *place) {
  while (true) {
    place = stripParens(place);
    if (const auto *index = llvm::dyn_cast<IndexExpr>(place))
      place = index->base;
    else if (const auto *member = llvm::dyn_cast<MemberExpr>(place))
      place = member->base;
    else
      break;
  }
  const auto *name = llvm::dyn_cast<NameExpr>(place);
  return name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
}

SMRange findMention(const Expr *expr, const VarDecl *var) {
  SMRange found;
  visitExprs(expr, [&](const Expr &part) {
    const auto *name = llvm::dyn_cast<NameExpr>(&part);
    if (name && name->decl == var)
      found = name->range;
    return !found.isValid();
  });
  return found;
}

} // namespace awg::flow
