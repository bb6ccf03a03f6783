// The walk over the body of an `each` that collects accesses.
#include "frontend/Check/RaceAccess.h"
#include "frontend/Check/Builtins.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

#include "llvm/ADT/SmallPtrSet.h"

#include <optional>

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

  /// A dimension of a part of an array: what its subscripts are added to, or, if it is closed, the one subscript it has.
  struct Dimension {
    Sum begin;
    bool isOpen = true;
  };
  /// A part of an array from outside.
  struct Part {
    ArrayPlace array;
    llvm::SmallVector<Dimension, 2> dimensions;
  };

  /// What a place of array type stands for, views and their names seen through; none for what is no part of a variable.
  std::optional<Part> partOf(const Expr *place) const {
    place = flow::stripParens(place);
    const VarDecl *root = flow::rootOf(place);
    const auto *name = dyn_cast<NameExpr>(place);
    if (const Expr *view = name ? views.lookup(root) : nullptr)
      return partOf(view);
    const auto *index = dyn_cast<IndexExpr>(place);
    if (!index) {
      const auto *type = llvm::dyn_cast_or_null<ArrayType>(place->type);
      if (!type || !root || !flow::isMemberOf(place, root))
        return std::nullopt;
      Part part{{root, flow::partOf(place).begin}, {}};
      part.dimensions.resize(type->rank());
      return part;
    }
    std::optional<Part> part = partOf(index->base);
    if (part)
      narrow(*part, *index);
    return part;
  }

  static void narrow(Part &part, const IndexExpr &index) {
    llvm::SmallVector<Dimension *> open;
    for (Dimension &dimension : part.dimensions)
      if (dimension.isOpen)
        open.push_back(&dimension);
    for (auto [dimension, subscript] : llvm::zip(open, index.subscripts)) {
      const auto *range = dyn_cast<RangeExpr>(subscript);
      if (const Expr *term = range ? range->begin : subscript)
        dimension->begin.push_back(term);
      dimension->isOpen = range;
    }
  }

  /// The variable from which what a place belongs to is seen: through the names of views.
  const VarDecl *ownerOf(const Expr *place) const {
    const VarDecl *root = flow::rootOf(place);
    while (const Expr *view = views.lookup(root))
      root = flow::rootOf(view);
    return root;
  }

  /// An access to an element, or to a part.
  void addPart(const Expr *place, const Part &part, Access::Kind kind, SMRange range, AssignStmt::Op op = AssignStmt::Set) {
    Access access{kind, range, {}, op};
    for (const Dimension &dimension : part.dimensions)
      access.subscripts.push_back(dimension.isOpen ? Sum() : dimension.begin);
    if (kind != Access::Read)
      found.names.written.insert(part.array.first);
    found.arrays[part.array].push_back(access);
    markKnown(place);
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

  /// The part of an array that a place is, or is a member of an element of; none for a variable as a whole.
  std::optional<Part> accessed(const Expr *place) const {
    for (;;) {
      place = flow::stripParens(place);
      const auto *index = dyn_cast<IndexExpr>(place);
      const auto *member = dyn_cast<MemberExpr>(place);
      const auto *name = dyn_cast<NameExpr>(place);
      bool isView = name && views.contains(flow::rootOf(name));
      if ((index && index->base->type->isArray()) || isView)
        return partOf(place);
      if (!index && !member)
        return std::nullopt;
      place = index ? index->base : member->base;
    }
  }

  /// Notes what stands for the immutable variables of a `let`.
  void define(const Pattern *pattern, const Expr *init) {
    if (pattern->var && !pattern->var->isMut)
      found.names.lets[pattern->var] = init;
    if (const auto *tuple = dyn_cast<TupleExpr>(found.names.meaning(init)))
      for (auto [element, part] : llvm::zip(pattern->elements, tuple->elements))
        define(element, part);
  }

  void visit(const Stmt &stmt) {
    if (const auto *let = dyn_cast<LetStmt>(&stmt)) {
      declare(let->pattern, false);
      define(let->pattern, let->init);
      if (const VarDecl *var = let->pattern->var; var && var->isView && partOf(let->init)) {
        views[var] = let->init;
        markKnown(let->init);
      }
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
    if (!isOutside(ownerOf(target)))
      return;
    if (std::optional<Part> part = accessed(target))
      addPart(target, *part, assign.isAtomic ? Access::Atomic : Access::Write, target->range, assign.op);
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
    if (known.contains(&place) || !isOutside(ownerOf(&place)))
      return;
    if (std::optional<Part> part = accessed(&place))
      addPart(&place, *part, Access::Read, place.range);
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
      if (!isOutside(ownerOf(value)))
        continue;
      std::optional<Part> part = argument.mode == PassMode::Read ? std::nullopt : accessed(value);
      if (part) {
        addPart(value, *part, Access::Write, value->range);
      } else if (argument.mode != PassMode::Read) {
        addWhole(value, Access::WriteWhole);
      } else if (asksExtent && number == 0) {
        markKnown(value);
      }
    }
  }

  const EachExpr &each;
  Accesses found;
  llvm::DenseMap<const VarDecl *, const Expr *> views; ///< the names of views of arrays, and what they stand for
  std::vector<Whole> wholes;
  llvm::SmallPtrSet<const Expr *, 16> known; ///< expressions that are part of an access already noted
};

} // namespace

Accesses collectAccesses(const EachExpr &each) { return Collector(each).run(); }

} // namespace awg::race
