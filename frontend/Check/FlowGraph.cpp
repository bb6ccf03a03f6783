// What the flow checks ask of types and expressions.
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

namespace awg::flow {

bool isMovable(const Type *type) {
  if (!type)
    return false;
  return type->isArray() || type->isFuture() || llvm::any_of(type->members(), isMovable);
}

bool holdsFuture(const Type *type) {
  if (const auto *array = llvm::dyn_cast_or_null<ArrayType>(type))
    return array->element()->isFuture();
  return type && type->isFuture();
}

const Expr *stripParens(const Expr *expr) {
  for (;;) {
    const auto *member = llvm::dyn_cast<MemberExpr>(expr);
    if (member && member->item)
      return member->item;
    const auto *paren = llvm::dyn_cast<ParenExpr>(expr);
    if (!paren)
      return expr;
    expr = paren->inner;
  }
}

const CallExpr *partsCall(const Expr *expr, BuiltinId id) {
  const auto *call = llvm::dyn_cast<CallExpr>(stripParens(expr));
  return call && call->builtin && call->builtin->id == id ? call : nullptr;
}

bool Graph::areApart(SlotId left, SlotId right) const {
  for (SlotId mine = left; mine != none; mine = slots[mine].viewOf)
    for (SlotId other = right; other != none; other = slots[other].viewOf)
      if (slots[mine].family != none && slots[mine].family == slots[other].family && slots[mine].part != slots[other].part)
        return true;
  return false;
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

const Expr *arrayOfElement(const Expr *place) {
  place = stripParens(place);
  while (const auto *member = llvm::dyn_cast<MemberExpr>(place))
    place = stripParens(member->base);
  const auto *index = llvm::dyn_cast<IndexExpr>(place);
  return index && !index->isView() ? index->base : nullptr;
}

unsigned leafCount(const Type *type) {
  if (!type->isComposite())
    return 1;
  unsigned count = 0;
  for (const Type *member : type->members())
    count += leafCount(member);
  return count;
}

PartRange partOf(const Expr *place) {
  llvm::SmallVector<const MemberExpr *> members;
  for (;;) {
    place = stripParens(place);
    if (const auto *index = llvm::dyn_cast<IndexExpr>(place)) {
      members.clear();
      place = index->base;
    } else if (const auto *member = llvm::dyn_cast<MemberExpr>(place)) {
      members.push_back(member);
      place = member->base;
    } else {
      break;
    }
  }
  PartRange part;
  if (members.empty() || !place->type)
    return part;
  part.end = leafCount(place->type);
  for (const MemberExpr *member : llvm::reverse(members)) {
    ArrayRef<const Type *> types = member->base->type->members();
    if (types.empty()) // `e.message`
      return part;
    for (const Type *before : types.take_front(member->position))
      part.begin += leafCount(before);
    part.end = part.begin + leafCount(types[member->position]);
  }
  return part;
}

bool isMemberOf(const Expr *place, const VarDecl *root) {
  place = stripParens(place);
  while (const auto *member = llvm::dyn_cast<MemberExpr>(place))
    place = stripParens(member->base);
  const auto *name = llvm::dyn_cast<NameExpr>(place);
  return name && name->decl == root;
}

/// A name in it takes an array, rather than being lent it.
static bool bindsArray(const Pattern *pattern) {
  if (pattern->kind == Pattern::Name)
    return isMovable(pattern->var->type) && !pattern->var->isItem;
  return llvm::any_of(pattern->elements, bindsArray);
}

bool takesSubject(const MatchExpr &match) {
  return llvm::any_of(match.arms, [](const MatchArm &arm) { return bindsArray(arm.pattern); });
}

bool onlyLooks(const LetStmt &let) {
  bool isSplit = let.pattern->kind == Pattern::Tuple || let.pattern->kind == Pattern::Struct;
  return isSplit && isMovable(let.init->type) && rootOf(let.init) && !bindsArray(let.pattern);
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
