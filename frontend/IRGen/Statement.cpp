// Statements: the dispatcher, let, expression statements, cancel.
#include "frontend/IRGen/Generator.h"

using namespace awg;

/// What a statement makes and does not give to a variable is freed at its end.
void Generator::emitStatement(const Stmt *stmt) {
  Place place(*this, stmt->range.Start);
  switch (stmt->kind) {
#define AWG_STMT(NAME)                                                                                                 \
  case StmtKind::NAME:                                                                                                 \
    return emit##NAME(cast<NAME##Stmt>(stmt));
#include "frontend/AST/Nodes.def"
  }
}

void Generator::emitLet(const LetStmt *stmt) {
  size_t depth = mark();
  const Pattern *pattern = stmt->pattern;
  const Type *type = pattern->kind == Pattern::Name ? pattern->var->type : stmt->init->type;
  Leaves leaves = emitOwned(stmt->init, type);
  if (stmt->typeExpr && pattern->kind == Pattern::Name && !stmt->init->type->isNever())
    checkExtents(leaves, stmt->init->type, type, stmt->typeExpr);
  consume(leaves);
  leaveScope(depth);
  if (!type->isNever())
    bind(pattern, type, leaves);
  if (pattern->kind == Pattern::Name && !pattern->var->isMut)
    initialisers[pattern->var] = strip(stmt->init);
}

void Generator::emitExpr(const ExprStmt *stmt) {
  size_t depth = mark();
  emit(stmt->expr);
  leaveScope(depth);
}

void Generator::emitCancel(const CancelStmt *stmt) {
  size_t depth = mark();
  Leaves futures = emitOwned(stmt->future, stmt->future->type);
  consume(futures);
  for (Value future : futures)
    discard(future);
  leaveScope(depth);
}
