// Expressions: the dispatcher, owned and borrowed values, literals, names, tuples.
#include "frontend/IRGen/Generator.h"

#include "llvm/Support/Error.h"

using namespace awg;

RValue Generator::emit(const Expr *expr) {
  Place place(*this, expr->loc());
  switch (expr->kind) {
#define AWG_EXPR(NAME)                                                                                                 \
  case ExprKind::NAME:                                                                                                 \
    return emit##NAME(cast<NAME##Expr>(expr));
#include "frontend/AST/Nodes.def"
  }
  llvm_unreachable("a kind of expression");
}

RValue Generator::emitAs(const Expr *expr, const Type *type) {
  RValue value = emit(expr);
  return expr->type->isNever() ? RValue(placeholders(leavesOf(type))) : value;
}

Leaves Generator::toOwned(RValue value) {
  if (value.owned)
    return value.leaves;
  for (Value leaf : value.leaves)
    if (leaf.getType() == strType && !leaf.getDefiningOp<ir::StrOp>())
      make<ir::RetainOp>(leaf);
  own(value.leaves);
  return value.leaves;
}

Leaves Generator::emitOwned(const Expr *expr, const Type *type) {
  if (Path path = pathOf(expr); path.var) {
    Place place(*this, expr->loc());
    return takePath(path);
  }
  return toOwned(emitAs(expr, type));
}

Value Generator::emitCondition(const Expr *expr) {
  size_t depth = mark();
  Value condition = expr->type->isNever() ? (emit(expr), truth(false)) : emit(expr).one();
  leaveScope(depth);
  return condition;
}

Value Generator::emitScalar(const Expr *expr) {
  RValue value = emit(expr);
  return value.leaves.empty() ? i64(0) : value.one(); // of what never ends, anything
}

Value Generator::emitI64(const Expr *expr) { return resize(emitScalar(expr), 64, expr->type->isSigned()); }

//===-- Literals ----------------------------------------------------------------------------------------------------===//

RValue Generator::emitInt(const IntExpr *expr) {
  mlir::Type type = scalarType(expr->type);
  if (auto floating = llvm::dyn_cast<mlir::FloatType>(type)) {
    llvm::APFloat value(floating.getFloatSemantics());
    value.convertFromAPInt(expr->value, /*IsSigned=*/false, llvm::APFloat::rmNearestTiesToEven);
    return Value(make<arith::ConstantOp>(builder.getFloatAttr(type, value)));
  }
  llvm::APInt value = expr->value.zextOrTrunc(type.getIntOrFloatBitWidth());
  return Value(make<arith::ConstantOp>(builder.getIntegerAttr(type, value)));
}

RValue Generator::emitFloat(const FloatExpr *expr) {
  mlir::Type type = scalarType(expr->type);
  llvm::APFloat value(llvm::cast<mlir::FloatType>(type).getFloatSemantics());
  llvm::consumeError(value.convertFromString(expr->digits, llvm::APFloat::rmNearestTiesToEven).takeError());
  return Value(make<arith::ConstantOp>(builder.getFloatAttr(type, value)));
}

RValue Generator::emitBool(const BoolExpr *expr) { return truth(expr->value); }

RValue Generator::emitDuration(const DurationExpr *expr) { return i64(expr->nanoseconds); }

//===-- Names and tuples ----------------------------------------------------------------------------------------------===//

RValue Generator::emitName(const NameExpr *expr) {
  return RValue(loadLeaves(variable(cast<VarDecl>(expr->decl))));
}

RValue Generator::emitParen(const ParenExpr *expr) { return emit(expr->inner); }

RValue Generator::emitMember(const MemberExpr *expr) {
  if (Path path = pathOf(expr); path.var) {
    Leaves leaves;
    for (unsigned k = path.first; k < path.first + path.count; ++k)
      leaves.push_back(loadLeaf(variable(path.var), k));
    return RValue(leaves);
  }
  // Of a temporary, the members that are not asked for are freed with the statement.
  RValue base = emit(expr->base);
  unsigned position = 0, first = 0;
  expr->name.getAsInteger(10, position);
  auto *tuple = cast<TupleType>(expr->base->type);
  for (const Type *before : tuple->elements().take_front(position))
    first += leafCount(before);
  auto leaves = ArrayRef<Value>(base.leaves).slice(first, leafCount(expr->type));
  return RValue(Leaves(leaves), base.owned);
}

RValue Generator::emitTuple(const TupleExpr *expr) {
  Leaves leaves;
  for (const Expr *element : expr->elements)
    llvm::append_range(leaves, emitOwned(element, element->type));
  return RValue(leaves, /*owned=*/true);
}

RValue Generator::emitError(const ErrorExpr *) { llvm_unreachable("a checked program has no text that did not parse"); }

RValue Generator::emitRange(const RangeExpr *) { llvm_unreachable("a range stands in `for` alone"); }
