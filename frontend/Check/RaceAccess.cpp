// The walk over the body of an `each` that collects accesses.
#include "frontend/Check/RaceAccess.h"
#include "frontend/Check/Builtins.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

#include "llvm/ADT/SmallPtrSet.h"

namespace awg::race {

using llvm::cast;
using llvm::dyn_cast;

namespace {

class Collector {
public:
  explicit Collector(const EachExpr &each) : each(each) {}

  Accesses run() {
    for (const VarDecl *index : each.indices)
      found.names.inside.insert(index);
    flow::visitTree(
        each.body,
        [&](const Expr &expr) {
          visit(expr);
          return true;
        },
        [&](const Stmt &stmt) { visit(stmt); });
    return std::move(found);
  }

private:
  bool isOutside(const VarDecl *var) const { return var && !found.names.inside.contains(var); }

  void declare(const Pattern *pattern, bool isLoop) {
    if (pattern->var) {
      found.names.inside.insert(pattern->var);
      if (isLoop)
        found.names.loopVars.insert(pattern->var);
    }
    for (const Pattern *element : pattern->elements)
      declare(element, isLoop);
  }

  void add(const VarDecl *var, Access::Kind kind, SMRange range, ArrayRef<Expr *> subscripts = {},
           AssignStmt::Op op = AssignStmt::Set) {
    bool isWrite = kind != Access::Read && kind != Access::ReadWhole;
    if (isWrite)
      found.names.written.insert(var);
    if (var->type->isArray())
      found.arrays[var].push_back({kind, range, subscripts, op});
    else if (isWrite)
      found.scalars.push_back({var, range});
  }

  void visit(const Stmt &stmt) {
    if (const auto *let = dyn_cast<LetStmt>(&stmt)) {
      declare(let->pattern, false);
      if (const VarDecl *var = let->pattern->var; var && !var->isMut)
        found.names.lets[var] = let->init;
    } else if (const auto *loop = dyn_cast<ForStmt>(&stmt)) {
      declare(loop->pattern, true);
    } else if (const auto *attempt = dyn_cast<TryStmt>(&stmt)) {
      found.names.inside.insert(attempt->error);
    } else if (const auto *assign = dyn_cast<AssignStmt>(&stmt)) {
      visitAssign(*assign);
    }
  }

  void visitAssign(const AssignStmt &assign) {
    const Expr *target = flow::stripParens(assign.target);
    const VarDecl *var = flow::rootOf(target);
    if (!isOutside(var))
      return;
    const auto *index = dyn_cast<IndexExpr>(target);
    const bool isElement = index && llvm::isa<NameExpr>(flow::stripParens(index->base));
    if (!isElement)
      return add(var, Access::WriteWhole, target->range);
    add(var, assign.isAtomic ? Access::Atomic : Access::Write, target->range, index->subscripts, assign.op);
    known.insert(index);
    known.insert(flow::stripParens(index->base));
  }

  void visit(const Expr &expr) {
    switch (expr.kind) {
    case ExprKind::Index:
      return visitIndex(cast<IndexExpr>(expr));
    case ExprKind::Call:
      return visitCall(cast<CallExpr>(expr));
    case ExprKind::Each:
      for (const VarDecl *index : cast<EachExpr>(expr).indices) {
        found.names.inside.insert(index);
        found.names.loopVars.insert(index);
      }
      return;
    case ExprKind::Match:
      for (const MatchArm &arm : cast<MatchExpr>(expr).arms)
        declare(arm.pattern, false);
      return;
    case ExprKind::Comprehension:
      return declare(cast<ComprehensionExpr>(expr).pattern, true);
    case ExprKind::Name: {
      const auto *var = llvm::dyn_cast_or_null<VarDecl>(cast<NameExpr>(expr).decl);
      if (isOutside(var) && var->type->isArray() && !known.contains(&expr))
        add(var, Access::ReadWhole, expr.range);
      return;
    }
    default:
      return;
    }
  }

  void visitIndex(const IndexExpr &index) {
    const auto *base = dyn_cast<NameExpr>(flow::stripParens(index.base));
    const auto *var = base ? llvm::dyn_cast_or_null<VarDecl>(base->decl) : nullptr;
    if (!isOutside(var) || !known.insert(&index).second)
      return;
    known.insert(base);
    add(var, Access::Read, index.range, index.subscripts);
  }

  /// Extents do not change within a launch: to ask for one is no access.
  void visitCall(const CallExpr &call) {
    bool asksExtent =
        call.builtin && (call.builtin->id == BuiltinId::Len || call.builtin->id == BuiltinId::Dim);
    for (auto [number, argument] : llvm::enumerate(call.arguments)) {
      const Expr *value = flow::stripParens(argument.value);
      const VarDecl *var = flow::rootOf(value);
      if (!isOutside(var))
        continue;
      if (argument.mode != PassMode::Read) {
        add(var, Access::WriteWhole, value->range);
        known.insert(value);
      } else if (asksExtent && number == 0) {
        known.insert(value);
      }
    }
  }

  const EachExpr &each;
  Accesses found;
  llvm::SmallPtrSet<const Expr *, 16> known; ///< expressions that are part of an access already noted
};

} // namespace

Accesses collectAccesses(const EachExpr &each) { return Collector(each).run(); }

} // namespace awg::race
