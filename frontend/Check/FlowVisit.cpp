// The walk over all expressions of a tree.
#include "frontend/Check/FlowVisit.h"
#include "frontend/Check/FlowGraph.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/PointerUnion.h"

namespace awg::flow {

using llvm::cast;

namespace {

using Node = llvm::PointerUnion<const Expr *, const Stmt *>;
using Nodes = llvm::SmallVectorImpl<Node>;

void add(Nodes &nodes, const Expr *expr) {
  if (expr)
    nodes.push_back(expr);
}

template <typename List> void addAll(Nodes &nodes, const List &exprs) {
  for (const Expr *expr : exprs)
    add(nodes, expr);
}

void addEach(Nodes &nodes, const EachExpr &expr) {
  addAll(nodes, expr.extents);
  add(nodes, expr.reducer);
  add(nodes, expr.init);
  add(nodes, expr.body);
}

void addMatch(Nodes &nodes, const MatchExpr &expr) {
  add(nodes, expr.subject);
  for (const MatchArm &arm : expr.arms) {
    add(nodes, arm.guard);
    add(nodes, arm.body);
  }
}

void addBlock(Nodes &nodes, const BlockExpr &expr) {
  for (const Stmt *stmt : expr.statements)
    nodes.push_back(stmt);
  add(nodes, expr.tail);
}

void addCall(Nodes &nodes, const CallExpr &expr) {
  add(nodes, expr.callee);
  for (const Argument &argument : expr.arguments)
    add(nodes, argument.value);
}

void addParts(Nodes &nodes, const Expr *expr) {
  switch (expr->kind) {
  case ExprKind::Int:
  case ExprKind::Float:
  case ExprKind::Bool:
  case ExprKind::Duration:
  case ExprKind::Name:
  case ExprKind::Break:
  case ExprKind::Continue:
  case ExprKind::Error:
    return;
  case ExprKind::Str:
    for (const StrPiece &piece : cast<StrExpr>(expr)->pieces)
      add(nodes, piece.hole);
    return;
  case ExprKind::Paren:
    return add(nodes, cast<ParenExpr>(expr)->inner);
  case ExprKind::Unary:
    return add(nodes, cast<UnaryExpr>(expr)->operand);
  case ExprKind::Binary:
    add(nodes, cast<BinaryExpr>(expr)->left);
    return add(nodes, cast<BinaryExpr>(expr)->right);
  case ExprKind::Cast:
    return add(nodes, cast<CastExpr>(expr)->operand);
  case ExprKind::Call:
    return addCall(nodes, *cast<CallExpr>(expr));
  case ExprKind::Index:
    add(nodes, cast<IndexExpr>(expr)->base);
    return addAll(nodes, cast<IndexExpr>(expr)->subscripts);
  case ExprKind::Member:
    return add(nodes, cast<MemberExpr>(expr)->base);
  case ExprKind::Tuple:
    return addAll(nodes, cast<TupleExpr>(expr)->elements);
  case ExprKind::Struct:
    return addAll(nodes, cast<StructExpr>(expr)->values);
  case ExprKind::Array:
    return addAll(nodes, cast<ArrayExpr>(expr)->elements);
  case ExprKind::Range:
    add(nodes, cast<RangeExpr>(expr)->begin);
    return add(nodes, cast<RangeExpr>(expr)->end);
  case ExprKind::Comprehension:
    add(nodes, cast<ComprehensionExpr>(expr)->iterable);
    return add(nodes, cast<ComprehensionExpr>(expr)->body);
  case ExprKind::Block:
    return addBlock(nodes, *cast<BlockExpr>(expr));
  case ExprKind::If:
    add(nodes, cast<IfExpr>(expr)->condition);
    add(nodes, cast<IfExpr>(expr)->thenBlock);
    return add(nodes, cast<IfExpr>(expr)->elseExpr);
  case ExprKind::Match:
    return addMatch(nodes, *cast<MatchExpr>(expr));
  case ExprKind::Each:
    return addEach(nodes, *cast<EachExpr>(expr));
  case ExprKind::Await:
    add(nodes, cast<AwaitExpr>(expr)->operand);
    add(nodes, cast<AwaitExpr>(expr)->on);
    return add(nodes, cast<AwaitExpr>(expr)->within);
  case ExprKind::Async:
    add(nodes, cast<AsyncExpr>(expr)->operand);
    return add(nodes, cast<AsyncExpr>(expr)->on);
  case ExprKind::Race:
    for (const RaceArm &arm : cast<RaceExpr>(expr)->arms) {
      add(nodes, arm.await);
      add(nodes, arm.value);
    }
    return;
  case ExprKind::Fail:
    return add(nodes, cast<FailExpr>(expr)->message);
  case ExprKind::Return:
    return add(nodes, cast<ReturnExpr>(expr)->value);
  }
}

void addParts(Nodes &nodes, const Stmt *stmt) {
  switch (stmt->kind) {
  case StmtKind::Let:
    add(nodes, cast<LetStmt>(stmt)->init);
    return visitExtents(cast<LetStmt>(stmt)->typeExpr, [&](const Expr &extent) { add(nodes, &extent); });
  case StmtKind::Assign:
    add(nodes, cast<AssignStmt>(stmt)->target);
    return add(nodes, cast<AssignStmt>(stmt)->value);
  case StmtKind::Expr:
    return add(nodes, cast<ExprStmt>(stmt)->expr);
  case StmtKind::While:
    add(nodes, cast<WhileStmt>(stmt)->condition);
    return add(nodes, cast<WhileStmt>(stmt)->body);
  case StmtKind::For:
    add(nodes, cast<ForStmt>(stmt)->iterable);
    return add(nodes, cast<ForStmt>(stmt)->body);
  case StmtKind::AsyncFor:
    add(nodes, cast<AsyncForStmt>(stmt)->iterable);
    add(nodes, cast<AsyncForStmt>(stmt)->limit);
    return add(nodes, cast<AsyncForStmt>(stmt)->body);
  case StmtKind::Try:
    add(nodes, cast<TryStmt>(stmt)->body);
    return add(nodes, cast<TryStmt>(stmt)->handler);
  case StmtKind::Cancel:
    return add(nodes, cast<CancelStmt>(stmt)->future);
  case StmtKind::Storage:
    return;
  }
}

} // namespace

void visitExtents(const TypeExpr *written, llvm::function_ref<void(const Expr &)> visit) {
  if (!written || written->kind == TypeExpr::Named)
    return;
  for (const TypeExpr *element : written->elements)
    visitExtents(element, visit);
  for (const Expr *extent : written->extents)
    if (extent)
      visit(*extent);
}

void visitTree(const Expr *root, llvm::function_ref<bool(const Expr &)> visit,
               llvm::function_ref<void(const Stmt &)> visitStmt) {
  llvm::SmallVector<Node> stack = {Node(root)};
  llvm::SmallVector<Node> parts;
  while (!stack.empty()) {
    Node node = stack.pop_back_val();
    parts.clear();
    if (const auto *expr = llvm::dyn_cast<const Expr *>(node)) {
      if (!visit(*expr))
        return;
      addParts(parts, expr);
    } else {
      const auto *stmt = llvm::cast<const Stmt *>(node);
      visitStmt(*stmt);
      addParts(parts, stmt);
    }
    stack.append(parts.rbegin(), parts.rend());
  }
}

void visitExprs(const Expr *root, llvm::function_ref<bool(const Expr &)> visit) {
  visitTree(root, visit, [](const Stmt &) {});
}

void visitPlaces(const Expr *root, llvm::function_ref<void(const VarDecl &, const Expr &)> visit) {
  llvm::DenseSet<const Expr *> inner; // beginnings of places that were visited
  visitExprs(root, [&](const Expr &expr) {
    const Expr *base = nullptr;
    if (const auto *paren = llvm::dyn_cast<ParenExpr>(&expr))
      base = paren->inner;
    else if (const auto *index = llvm::dyn_cast<IndexExpr>(&expr))
      base = index->base;
    else if (const auto *member = llvm::dyn_cast<MemberExpr>(&expr))
      base = member->base;
    if (base)
      inner.insert(base);
    if (!inner.contains(&expr))
      if (const VarDecl *var = rootOf(&expr))
        visit(*var, expr);
    return true;
  });
}

} // namespace awg::flow
