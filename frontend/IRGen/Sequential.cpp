// An `each` inside an index of another: loops, with the same results as a launch would give.
#include "frontend/IRGen/Generator.h"

using namespace awg;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

RValue Generator::emitSequential(const EachExpr *each) {
  switch (each->op) {
  case EachOp::Map: {
    llvm::SmallVector<Value> extents = emitExtents(each);
    overIndices(each, extents, 0, [&] { emit(each->body); });
    return {};
  }
  case EachOp::ArgMin:
  case EachOp::ArgMax:
    return sequentialArg(each);
  case EachOp::Reduce:
    return sequentialReduce(each);
  case EachOp::Sum:
  case EachOp::Product:
    if (!each->type->lane()->isFloat())
      return sequentialFold(each);
    return each->type->isVec() ? sequentialLaneSums(each) : sequentialFloatSum(each);
  default:
    return sequentialFold(each);
  }
}

//===-- Indices ---------------------------------------------------------------------------------------------------------===//

llvm::SmallVector<Value> Generator::emitExtents(const EachExpr *each) {
  llvm::SmallVector<Value> extents;
  for (const Expr *extent : each->extents)
    extents.push_back(emitI64(extent));
  if (each->multipliesByItself)
    require(compare(CmpIPredicate::sle, extents.front(), i64(int64_t(1) << 31)),
            "out of memory: a launch over too many indices", {}, {});
  return extents;
}

void Generator::overIndices(const EachExpr *each, ArrayRef<Value> extents, unsigned level,
                            llvm::function_ref<void()> body) {
  if (level == extents.size()) {
    body();
    return;
  }
  countedLoop(i64(0), extents[level], true, [&](Value position) {
    const VarDecl *index = each->indices[level];
    fn->variables[index] = {{position}, false};
    indexExtents[index] = each->extents[level];
    overIndices(each, extents, level + 1, body);
  });
}

Value Generator::isAnyEmpty(mlir::ValueRange extents) {
  Value isEmpty;
  for (Value extent : extents) {
    Value mine = compare(CmpIPredicate::sle, extent, i64(0));
    isEmpty = isEmpty ? Value(make<arith::OrIOp>(isEmpty, mine)) : mine;
  }
  return isEmpty;
}

/// Adds to a slot of an integer; gives what it held before.
Value Generator::addToSlot(Value slot, int64_t step) {
  Value before = load(slot);
  store(make<arith::AddIOp>(before, constant(before.getType(), step)), slot);
  return before;
}

//===-- Folds whose order does not matter -------------------------------------------------------------------------------===//

/// What `min` and `max` start with: for floats a NaN, which any number replaces.
static mlir::TypedAttr startOfMinMax(mlir::OpBuilder &builder, mlir::Type type, bool isMin, bool isSigned) {
  if (auto floating = llvm::dyn_cast<mlir::FloatType>(type))
    return builder.getFloatAttr(type, llvm::APFloat::getNaN(floating.getFloatSemantics()));
  unsigned width = type.getIntOrFloatBitWidth();
  if (isMin)
    return builder.getIntegerAttr(type, isSigned ? llvm::APInt::getSignedMaxValue(width) : llvm::APInt::getMaxValue(width));
  return builder.getIntegerAttr(type, isSigned ? llvm::APInt::getSignedMinValue(width) : llvm::APInt::getMinValue(width));
}

/// What changes no bit of the other operand; of vecs, in each lane.
Value Generator::neutralValue(const EachExpr *each) {
  const Type *lane = each->type->lane();
  mlir::Type type = scalarType(lane);
  switch (each->op) {
  case EachOp::Min:
  case EachOp::Max:
    return make<arith::ConstantOp>(startOfMinMax(builder, type, each->op == EachOp::Min, lane->isSigned()));
  case EachOp::Sum:
    return lane->isFloat() ? floatConstant(type, -0.0) : constant(type, 0);
  case EachOp::Product:
    return lane->isFloat() ? floatConstant(type, 1.0) : constant(type, 1);
  default:
    return constant(type, each->op == EachOp::All);
  }
}

Value Generator::folded(const EachExpr *each, Value before, Value value) {
  bool isFloat = each->type->lane()->isFloat();
  switch (each->op) {
  case EachOp::Sum:
    return isFloat ? floatArithmetic(BinaryOp::Add, before, value) : Value(make<arith::AddIOp>(before, value));
  case EachOp::Product:
    return isFloat ? floatArithmetic(BinaryOp::Mul, before, value) : Value(make<arith::MulIOp>(before, value));
  case EachOp::Any:
    return make<arith::OrIOp>(before, value);
  case EachOp::All:
    return make<arith::AndIOp>(before, value);
  default:
    return minMax(each->op == EachOp::Min, before, value, each->type->lane());
  }
}

RValue Generator::sequentialFold(const EachExpr *each) {
  llvm::SmallVector<Value> extents = emitExtents(each);
  if (each->op == EachOp::Min || each->op == EachOp::Max)
    require(make<arith::XOrIOp>(isAnyEmpty(extents), truth(true)), "empty reduction", {}, {});
  Leaves slots, result;
  for (mlir::Type type : leavesOf(each->type)) {
    slots.push_back(newSlot(type));
    store(neutralValue(each), slots.back());
  }
  overIndices(each, extents, 0, [&] {
    for (auto [slot, value] : llvm::zip(slots, eachValue(each).leaves))
      store(folded(each, load(slot), value), slot);
  });
  for (Value slot : slots)
    result.push_back(load(slot));
  return RValue(result);
}

/// The first of the best: a value must beat the one before. A NaN never does.
RValue Generator::sequentialArg(const EachExpr *each) {
  const Type *type = each->body->type;
  bool isMin = each->op == EachOp::ArgMin;
  llvm::SmallVector<Value> extents = emitExtents(each);
  Value best = newSlot(scalarType(type)), place = newSlot(builder.getI64Type()), count = newSlot(builder.getI64Type());
  store(make<arith::ConstantOp>(builder.getZeroAttr(scalarType(type))), best);
  store(i64(-1), place);
  store(i64(0), count);
  overIndices(each, extents, 0, [&] {
    Value value = eachValue(each).one();
    Value isFirst = compare(CmpIPredicate::slt, load(place), i64(0));
    if (type->isFloat())
      isFirst = make<arith::AndIOp>(isFirst, make<arith::CmpFOp>(CmpFPredicate::ORD, value, value));
    Value isBetter = comparison(isMin ? BinaryOp::Lt : BinaryOp::Gt, value, load(best), type);
    Value isTaken = make<arith::OrIOp>(isFirst, isBetter);
    store(make<arith::SelectOp>(isTaken, value, load(best)), best);
    Value index = addToSlot(count, 1);
    store(make<arith::SelectOp>(isTaken, index, load(place)), place);
  });
  Value index = load(place);
  require(compare(CmpIPredicate::sge, index, i64(0)), "empty reduction", {}, {});
  return RValue(decodeIndex(index, extents));
}
