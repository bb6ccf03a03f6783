// Statements: the dispatcher, let, expression statements, cancel.
#include "frontend/Check/FlowGraph.h"
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
  const Pattern *pattern = stmt->pattern;
  if (const CallExpr *split = flow::partsCall(stmt->init, BuiltinId::Split))
    return letSplit(stmt, split);
  if (fn->isDevice && pattern->kind == Pattern::Name && pattern->var->isView)
    return letView(stmt);
  size_t depth = mark();
  if (flow::onlyLooks(*stmt)) {
    Leaves leaves = emit(stmt->init).leaves;
    if (stmt->typeExpr)
      checkExtents(leaves, stmt->init->type, stmt->type, stmt->typeExpr);
    leaveScope(depth);
    return bindCopies(pattern, stmt->init->type, leaves);
  }
  const Type *type = pattern->kind == Pattern::Name ? pattern->var->type : stmt->init->type;
  bool isView = pattern->kind == Pattern::Name && pattern->var->isView;
  Leaves leaves = isView ? viewRecord(emitView(stmt->init)).leaves : emitOwned(stmt->init, type);
  if (stmt->typeExpr && !stmt->init->type->isNever())
    checkExtents(leaves, stmt->init->type, stmt->type, stmt->typeExpr);
  consume(leaves);
  leaveScope(depth);
  if (!type->isNever())
    bind(pattern, type, leaves);
  if (!flow::holdsFuture(type))
    endAfterFutures(depth);
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
