// match: tests of patterns, and arms.
#include "frontend/Check/FlowGraph.h"
#include "frontend/IRGen/Generator.h"

using namespace awg;

void Generator::overParts(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves,
                          llvm::function_ref<void(const Pattern *, const Type *, ArrayRef<Value>)> take,
                          llvm::function_ref<void(ArrayRef<Value>)> drop) {
  for (auto [position, member] : llvm::enumerate(type->members())) {
    ArrayRef<Value> part = leaves.take_front(leafCount(member));
    leaves = leaves.drop_front(part.size());
    const Pattern *inner = nullptr;
    if (pattern->kind == Pattern::Tuple)
      inner = pattern->elements[position];
    for (auto [field, element] : llvm::zip(pattern->fields, pattern->elements))
      if (field.position == position)
        inner = element;
    if (inner)
      take(inner, member, part);
    else
      drop(part);
  }
}

//===-- Tests ---------------------------------------------------------------------------------------------------------===//

void Generator::goOnIf(Value condition, Block *otherwise) {
  Block *next = newBlock();
  branchIf(condition, next, otherwise);
  moveTo(next);
}

void Generator::testPattern(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves, Block *otherwise) {
  Place place(*this, pattern->range.Start);
  switch (pattern->kind) {
  case Pattern::Name:
  case Pattern::Wildcard:
    return;
  case Pattern::Tuple:
  case Pattern::Struct:
    overParts(
        pattern, type, leaves,
        [&](const Pattern *inner, const Type *member, ArrayRef<Value> part) {
          testPattern(inner, member, part, otherwise);
        },
        [](ArrayRef<Value>) {});
    return;
  case Pattern::Value:
    return goOnIf(comparison(BinaryOp::Eq, leaves.front(), emitScalar(pattern->low), type), otherwise);
  case Pattern::Range:
    goOnIf(comparison(BinaryOp::Ge, leaves.front(), emitScalar(pattern->low), type), otherwise);
    return goOnIf(comparison(BinaryOp::Lt, leaves.front(), emitScalar(pattern->high), type), otherwise);
  case Pattern::Case:
    return goOnIf(compare(arith::CmpIPredicate::eq, leaves.front(),
                          constant(builder.getI32Type(), *pattern->enumCase->constant)),
                  otherwise);
  case Pattern::Alternatives:
    return testAlternatives(pattern, type, leaves, otherwise);
  }
}

void Generator::testAlternatives(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves, Block *otherwise) {
  Block *fits = newBlock();
  for (const Pattern *element : pattern->elements) {
    Block *next = element == pattern->elements.back() ? otherwise : newBlock();
    testPattern(element, type, leaves, next);
    branch(fits);
    if (next != otherwise)
      moveTo(next);
  }
  moveTo(fits);
}

//===-- Arms ----------------------------------------------------------------------------------------------------------===//

/// What is owned is the same at the beginning of every arm; one that takes the subject apart owns the parts instead.
RValue Generator::emitMatch(const MatchExpr *expr) {
  const Type *type = expr->subject->type;
  bool takes = flow::takesSubject(*expr);
  llvm::SmallVector<const Expr *> guards;
  for (const MatchArm &arm : expr->arms)
    if (arm.guard)
      guards.push_back(arm.guard);
  Leaves subject =
      takes ? emitOwned(expr->subject, type) : keep(emitAs(expr->subject, type), expr->subject, guards).leaves;
  if (type->isNever())
    return RValue(placeholders(leavesOf(expr->type)));
  Block *merge = newBlock(leavesOf(expr->type));
  auto owned = fn->cleanups;
  for (const MatchArm &arm : expr->arms) {
    bool isLast = &arm == &expr->arms.back();
    Block *otherwise = newBlock();
    if (!isLast || arm.guard) // the last one fits what the others leave
      testPattern(arm.pattern, type, subject, otherwise);
    emitArm(expr, arm, subject, merge, otherwise);
    fn->cleanups = owned;
    moveTo(otherwise);
  }
  branch(merge, placeholders(merge->getArgumentTypes())); // never: the arms cover all values
  moveTo(merge);
  if (takes)
    consume(subject);
  Leaves values(merge->args_begin(), merge->args_end());
  own(values);
  return RValue(values, /*owned=*/true);
}

void Generator::emitArm(const MatchExpr *expr, const MatchArm &arm, ArrayRef<Value> subject, Block *merge,
                        Block *otherwise) {
  const Type *type = expr->subject->type;
  Leaves parts(subject);
  if (flow::takesSubject(*expr))
    consume(parts);
  size_t depth = mark();
  if (flow::takesSubject(*expr))
    bind(arm.pattern, type, parts);
  else
    bindCopies(arm.pattern, type, parts);
  if (arm.guard) {
    Block *refused = newBlock();
    goOnIf(emitCondition(arm.guard), refused);
    Block *chosen = builder.getInsertionBlock();
    moveTo(refused);
    emitCleanups(depth);
    branch(otherwise);
    moveTo(chosen);
  }
  Leaves leaves = emitOwned(arm.body, expr->type);
  if (leaves.size() != merge->getNumArguments()) // a value that is dropped
    leaves = placeholders(merge->getArgumentTypes());
  consume(leaves);
  leaveScope(depth);
  branch(merge, leaves);
}

/// Binds names to what a value holds, which stays with its owner; arrays are only lent.
void Generator::bindCopies(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves) {
  if (pattern->kind == Pattern::Name && flow::isMovable(type)) {
    fn->variables[pattern->var] = {Leaves(leaves), /*inSlots=*/false};
  } else if (pattern->kind == Pattern::Name) {
    Place place(*this, pattern->range.Start);
    Leaves owned = toOwned(RValue(Leaves(leaves)));
    consume(owned);
    declare(pattern->var, owned);
  } else if (pattern->kind == Pattern::Tuple || pattern->kind == Pattern::Struct) {
    overParts(
        pattern, type, leaves,
        [&](const Pattern *inner, const Type *member, ArrayRef<Value> part) { bindCopies(inner, member, part); },
        [](ArrayRef<Value>) {});
  }
}
