// What is known of subscripts and extents, so that a check can be left out.
#include "frontend/IRGen/Generator.h"

using namespace awg;

/// Expressions are followed so deep, and values that could overflow are not followed.
static constexpr unsigned mostDepth = 16;
static constexpr int64_t mostBound = int64_t(1) << 30;

/// The values that an i64 expression of constants, index variables of constant extents and immutable `let`s of such may have.
std::optional<Generator::Interval> Generator::intervalOf(const Expr *expr, unsigned depth) {
  expr = strip(expr);
  if (depth > mostDepth || !expr->type->isInt() || expr->type->width() != 64)
    return std::nullopt;
  std::optional<Interval> found;
  if (std::optional<int64_t> known = constantExtent(expr)) {
    found = {*known, *known};
  } else if (auto *name = dyn_cast<NameExpr>(expr)) {
    auto *var = cast<VarDecl>(name->decl);
    if (auto extent = indexExtents.find(var); extent != indexExtents.end()) {
      if (std::optional<int64_t> known = constantExtent(extent->second); known && *known > 0)
        found = {0, *known - 1};
    } else if (auto let = initialisers.find(var); let != initialisers.end()) {
      found = intervalOf(let->second, depth + 1);
    }
  } else if (auto *binary = dyn_cast<BinaryExpr>(expr)) {
    found = intervalOf(*binary, depth);
  }
  bool isSmall = found && found->least >= -mostBound && found->greatest <= mostBound;
  return isSmall ? found : std::nullopt;
}

std::optional<Generator::Interval> Generator::intervalOf(const BinaryExpr &expr, unsigned depth) {
  std::optional<Interval> left = intervalOf(expr.left, depth + 1), right = intervalOf(expr.right, depth + 1);
  if (!right)
    return std::nullopt;
  bool isPositive = right->least == right->greatest && right->least > 0;
  if (expr.op == BinaryOp::And && right->least >= 0) // whatever the other side is
    return Interval{0, right->greatest};
  if (!left)
    return std::nullopt;
  switch (expr.op) {
  case BinaryOp::Add:
    return Interval{left->least + right->least, left->greatest + right->greatest};
  case BinaryOp::Sub:
    return Interval{left->least - right->greatest, left->greatest - right->least};
  case BinaryOp::Mul: {
    auto [least, greatest] = std::minmax({left->least * right->least, left->least * right->greatest,
                                          left->greatest * right->least, left->greatest * right->greatest});
    return Interval{least, greatest};
  }
  case BinaryOp::Div:
    return isPositive ? std::optional(Interval{left->least / right->least, left->greatest / right->least})
                      : std::nullopt;
  case BinaryOp::Rem:
    return isPositive && left->least >= 0 ? std::optional(Interval{0, std::min(left->greatest, right->least - 1)})
                                          : std::nullopt;
  default:
    return std::nullopt;
  }
}

/// An index variable that stands alone, over the very extent that the array has there, or a subscript whose least and
/// greatest values lie within a constant extent.
bool Generator::isInRange(const Expr *base, unsigned dimension, const Expr *subscript) {
  Extent extent = cast<ArrayType>(base->type)->extents()[dimension];
  if (extent.kind == Extent::Constant)
    if (std::optional<Interval> values = intervalOf(subscript, 0))
      return values->least >= 0 && values->greatest < extent.value;
  auto *name = dyn_cast<NameExpr>(strip(subscript));
  if (!name)
    return false;
  auto found = indexExtents.find(cast<VarDecl>(name->decl));
  return found != indexExtents.end() && isSameExtent(strip(found->second), strip(base), dimension);
}

std::optional<int64_t> awg::constantExtent(const Expr *extent) {
  extent = strip(extent);
  if (auto *literal = dyn_cast<IntExpr>(extent))
    return literal->value.getActiveBits() < 64 ? std::optional<int64_t>(literal->value.getZExtValue()) : std::nullopt;
  if (auto *name = dyn_cast<NameExpr>(extent))
    return cast<VarDecl>(name->decl)->constant;
  return std::nullopt;
}

bool Generator::isSameExtent(const Expr *extent, const Expr *base, unsigned dimension) {
  auto *array = dyn_cast<NameExpr>(base);
  auto *type = cast<ArrayType>(base->type);
  Extent known = type->extents()[dimension];
  if (std::optional<int64_t> value = constantExtent(extent))
    return known.kind == Extent::Constant && *value <= known.value;
  if (auto *name = dyn_cast<NameExpr>(extent)) {
    auto *var = cast<VarDecl>(name->decl);
    if (known.kind == Extent::Variable && known.variable == var)
      return true;
    // `let n = len(x)` of an x that cannot change.
    auto initialiser = initialisers.find(var);
    return initialiser != initialisers.end() && array && !cast<VarDecl>(array->decl)->isMut &&
           isSameExtent(initialiser->second, base, dimension);
  }
  auto *call = dyn_cast<CallExpr>(extent);
  if (!call || !call->builtin || !array)
    return false;
  auto *measured = dyn_cast<NameExpr>(strip(call->arguments.front().value));
  if (!measured || measured->decl != array->decl)
    return false;
  // In a kernel no array can be exchanged for another; elsewhere an immutable one cannot.
  if (!fn->isDevice && cast<VarDecl>(array->decl)->isMut)
    return false;
  if (call->builtin->id == BuiltinId::Len)
    return dimension == 0;
  return call->builtin->id == BuiltinId::Dim &&
         constantExtent(strip(call->arguments[1].value)) == std::optional<int64_t>(dimension);
}
