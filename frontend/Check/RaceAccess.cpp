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
    for (const Whole &whole : wholes)
      distribute(whole);
    return std::move(found);
  }

private:
  /// An access to all arrays of a part of a variable.
  struct Whole {
    const VarDecl *var;
    flow::PartRange part;
    Access access;
  };

  void distribute(const Whole &whole) {
    bool isFound = false;
    for (auto &[place, accesses] : found.arrays)
      if (place.first == whole.var && whole.part.meets({place.second, place.second + 1})) {
        accesses.push_back(whole.access);
        isFound = true;
      }
    if (!isFound)
      found.arrays[{whole.var, whole.part.begin}].push_back(whole.access);
  }

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

  void addElement(const IndexExpr &index, Access::Kind kind, SMRange range, AssignStmt::Op op = AssignStmt::Set) {
    const VarDecl *var = flow::rootOf(&index);
    if (index.isView() && kind != Access::Atomic)
      return addWhole(&index, kind == Access::Read ? Access::ReadWhole : Access::WriteWhole);
    if (kind != Access::Read)
      found.names.written.insert(var);
    found.arrays[{var, flow::partOf(&index).begin}].push_back({kind, range, index.subscripts, op});
    markKnown(&index);
  }

  void addWhole(const Expr *place, Access::Kind kind) {
    const VarDecl *var = flow::rootOf(place);
    bool isWrite = kind == Access::WriteWhole;
    if (isWrite)
      found.names.written.insert(var);
    if (flow::isMovable(place->type))
      wholes.push_back({var, flow::partOf(place), {kind, place->range, {}, AssignStmt::Set}});
    else if (isWrite)
      found.scalars.push_back({var, place->range});
    markKnown(place);
  }

  /// A place whose parts are no accesses of their own; its subscripts are.
  void markKnown(const Expr *place) {
    for (;;) {
      place = flow::stripParens(place);
      known.insert(place);
      if (const auto *index = dyn_cast<IndexExpr>(place))
        place = index->base;
      else if (const auto *member = dyn_cast<MemberExpr>(place))
        place = member->base;
      else
        return;
    }
  }

  /// The subscripts that lead into the array that a place belongs to, or null.
  static const IndexExpr *firstIndex(const Expr *place) {
    const IndexExpr *first = nullptr;
    for (;;) {
      place = flow::stripParens(place);
      if (const auto *index = dyn_cast<IndexExpr>(place)) {
        first = index->base->type->isArray() ? index : first;
        place = index->base;
      } else if (const auto *member = dyn_cast<MemberExpr>(place)) {
        place = member->base;
      } else {
        return first;
      }
    }
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
    } else if (const auto *storage = dyn_cast<StorageStmt>(&stmt)) {
      found.names.inside.insert(storage->var);
    } else if (const auto *assign = dyn_cast<AssignStmt>(&stmt)) {
      visitAssign(*assign);
    }
  }

  void visitAssign(const AssignStmt &assign) {
    const Expr *target = flow::stripParens(assign.target);
    const VarDecl *var = flow::rootOf(target);
    if (!isOutside(var))
      return;
    if (const IndexExpr *index = firstIndex(target))
      addElement(*index, assign.isAtomic ? Access::Atomic : Access::Write, target->range, assign.op);
    else
      addWhole(target, Access::WriteWhole);
    markKnown(target);
  }

  void visit(const Expr &expr) {
    switch (expr.kind) {
    case ExprKind::Index:
    case ExprKind::Member:
      return visitPlace(expr);
    case ExprKind::Call:
      return visitCall(cast<CallExpr>(expr));
    case ExprKind::Each:
      for (const VarDecl *index : cast<EachExpr>(expr).indices) {
        found.names.inside.insert(index);
        found.names.loopVars.insert(index);
      }
      if (cast<EachExpr>(expr).isPhase)
        found.phases.push_back(cast<EachExpr>(&expr));
      return;
    case ExprKind::Match:
      for (const MatchArm &arm : cast<MatchExpr>(expr).arms)
        declare(arm.pattern, false);
      return;
    case ExprKind::Comprehension:
      return declare(cast<ComprehensionExpr>(expr).pattern, true);
    case ExprKind::Name:
      return visitPlace(expr);
    default:
      return;
    }
  }

  void visitPlace(const Expr &place) {
    if (known.contains(&place) || !isOutside(flow::rootOf(&place)))
      return;
    if (const IndexExpr *index = firstIndex(&place))
      addElement(*index, Access::Read, place.range);
    else
      addWhole(&place, Access::ReadWhole);
    markKnown(&place);
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
        addWhole(value, Access::WriteWhole);
      } else if (asksExtent && number == 0) {
        markKnown(value);
      }
    }
  }

  const EachExpr &each;
  Accesses found;
  std::vector<Whole> wholes;
  llvm::SmallPtrSet<const Expr *, 16> known; ///< expressions that are part of an access already noted
};

} // namespace

Accesses collectAccesses(const EachExpr &each) { return Collector(each).run(); }

} // namespace awg::race
