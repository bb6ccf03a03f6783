// Expressions: the dispatcher, owned and borrowed values, literals, names, tuples.
#include "frontend/Check/FlowGraph.h"
#include "frontend/IRGen/Generator.h"

#include "llvm/ADT/SmallVectorExtras.h"
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

RValue Generator::emitOperand(const Expr *expr, ArrayRef<const Expr *> later) { return keep(emit(expr), expr, later); }

RValue Generator::keep(RValue value, const Expr *expr, ArrayRef<const Expr *> later) {
  bool isBorrowed = !value.owned && llvm::any_of(value.leaves, [](Value leaf) { return isShared(leaf.getType()); });
  const VarDecl *var = isBorrowed ? flow::rootOf(expr) : nullptr;
  if (!var || llvm::none_of(later, [&](const Expr *other) { return flow::changes(other, var); }))
    return value;
  for (Value leaf : value.leaves)
    if (isShared(leaf.getType()) && !leaf.getDefiningOp<ir::StrOp>()) {
      make<ir::RetainOp>(leaf);
      own(leaf);
    }
  return value;
}

llvm::SmallVector<const Expr *> Generator::argumentsAfter(const CallExpr *call, size_t position) {
  return llvm::map_to_vector(call->arguments.drop_front(position + 1),
                             [](const Argument &argument) -> const Expr * { return argument.value; });
}

Leaves Generator::toOwned(RValue value) {
  if (value.owned)
    return value.leaves;
  for (Value &leaf : value.leaves) {
    if (isShared(leaf.getType()) && !leaf.getDefiningOp<ir::StrOp>()) {
      make<ir::RetainOp>(leaf);
    } else if (llvm::isa<ir::ArrayType>(leaf.getType())) {
      auto copy = make<ir::ArrayCopyOp>(errorType, leaf.getType(), leaf);
      check(copy.getError());
      leaf = copy.getArray();
    }
    own(leaf);
  }
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
  auto *var = cast<VarDecl>(expr->decl);
  if (var->role == VarDecl::Case)
    return constant(builder.getI32Type(), *var->constant);
  if (var->role == VarDecl::Const)
    return emit(var->init);
  return RValue(loadLeaves(variable(var)));
}

RValue Generator::emitParen(const ParenExpr *expr) { return emit(expr->inner); }

RValue Generator::emitMember(const MemberExpr *expr) {
  if (expr->item)
    return emitName(expr->item);
  if (expr->enumCase)
    return constant(builder.getI32Type(), *expr->enumCase->constant);
  PlaceRef place = emitPlace(expr);
  return RValue(loadPlace(place), place.owned);
}

/// Values in the order in which they are written, their leaves in the order of the fields.
RValue Generator::emitStruct(const StructExpr *expr) {
  auto *type = cast<StructType>(expr->type);
  llvm::SmallVector<Leaves> fields(type->fields().size());
  for (auto [field, value] : llvm::zip(expr->fields, expr->values)) {
    const Type *wanted = type->fields()[field.position];
    fields[field.position] = emitOwned(value, wanted);
    if (!value->type->isNever())
      checkExtents(fields[field.position], value->type, wanted, nullptr);
  }
  Leaves leaves;
  for (const Leaves &field : fields)
    llvm::append_range(leaves, field);
  return RValue(leaves, /*owned=*/true);
}

RValue Generator::emitTuple(const TupleExpr *expr) {
  Leaves leaves;
  for (const Expr *element : expr->elements)
    llvm::append_range(leaves, emitOwned(element, element->type));
  return RValue(leaves, /*owned=*/true);
}

RValue Generator::emitError(const ErrorExpr *) { llvm_unreachable("a checked program has no text that did not parse"); }

RValue Generator::emitRange(const RangeExpr *) { llvm_unreachable("a range stands in `for` alone"); }
