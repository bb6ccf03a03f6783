// Calls of the builtin functions.
#include "frontend/IRGen/Generator.h"

#include "mlir/IR/Matchers.h"

using namespace awg;
using arith::CmpIPredicate;

RValue Generator::callBuiltin(const CallExpr *expr) {
  auto argument = [&](unsigned position) { return expr->arguments[position].value; };
  switch (expr->builtin->id) {
  case BuiltinId::Print:
    return emitPrint(expr, "awgrt_print");
  case BuiltinId::EPrint:
    return emitPrint(expr, "awgrt_eprint");
  case BuiltinId::Now:
    return Value(callRuntime("awgrt_now", {}, builder.getI64Type()).front());
  case BuiltinId::Args: {
    Value list = callRuntime("awgrt_args", {}, ir::ArrayType::get(&context, strType, 1)).front();
    own(list);
    return RValue(list, /*owned=*/true);
  }
  case BuiltinId::Devices:
  case BuiltinId::Gpus: {
    Value gpusOnly = constant(builder.getI32Type(), expr->builtin->id == BuiltinId::Gpus);
    Value list = callRuntime("awgrt_devices", gpusOnly, ir::ArrayType::get(&context, builder.getI64Type(), 1)).front();
    own(list);
    return RValue(list, /*owned=*/true);
  }
  case BuiltinId::Env: {
    Value text = callRuntime("awgrt_env", emit(argument(0)).one(), strType).front();
    own(text);
    return RValue(text, /*owned=*/true);
  }
  case BuiltinId::Assert:
    return emitAssert(expr);
  case BuiltinId::Len:
    return extentOf(argument(0), 0);
  case BuiltinId::Dim:
    return emitDim(expr);
  case BuiltinId::Zeros:
    return emitZeros(expr);
  case BuiltinId::Full:
    return emitFull(expr);
  case BuiltinId::Chan:
    return emitChan(expr);
  case BuiltinId::Copy:
    return RValue(toOwned(RValue(emit(argument(0)).leaves)), /*owned=*/true);
  case BuiltinId::Reshape:
    return emitReshape(expr);
  case BuiltinId::Bytes: {
    auto bytes = make<ir::BytesOp>(errorType, scalarType(expr->type), emit(argument(0)).one());
    check(bytes.getError());
    own(bytes.getArray());
    return RValue(bytes.getArray(), /*owned=*/true);
  }
  case BuiltinId::Vec:
    return emitVec(expr);
  case BuiltinId::CeilDiv:
    return overLanes(expr, [&](ArrayRef<Value> values) {
      return ceilDiv(values[0], values[1], expr->type->lane()->isSigned());
    });
  case BuiltinId::Bits:
  case BuiltinId::FromBitsF32:
  case BuiltinId::FromBitsF64:
    return Value(make<arith::BitcastOp>(scalarType(expr->type), emitScalar(argument(0))));
  case BuiltinId::Select:
    return overLanes(
        expr, [&](ArrayRef<Value> values) { return Value(make<arith::SelectOp>(values[0], values[1], values[2])); });
  default:
    return overLanes(expr, [&](ArrayRef<Value> values) { return math(expr->builtin->id, values, expr->type->lane()); });
  }
}

//===-- Output, checks ------------------------------------------------------------------------------------------------===//

RValue Generator::emitPrint(const CallExpr *expr, StringRef function) {
  const Expr *argument = expr->arguments[0].value;
  RValue value = emit(argument);
  Value text;
  if (argument->type->isStr()) {
    text = value.one();
  } else {
    Format format;
    addValue(format, "", value.leaves, argument->type, /*isInside=*/false);
    text = newString(format);
  }
  callRuntime(function, text, {});
  return {};
}

/// The message is evaluated only if the assertion fails. Without one the condition's text stands for it.
RValue Generator::emitAssert(const CallExpr *expr) {
  const Expr *condition = expr->arguments[0].value;
  Value holds = emitCondition(condition);
  Block *good = newBlock(), *bad = newBlock();
  branchIf(holds, good, bad);
  moveTo(bad);
  size_t depth = mark();
  Format format;
  format.addText("assertion failed: ");
  if (expr->arguments.size() < 2) {
    format.addText(text(condition->range));
  } else if (auto *message = dyn_cast<StrExpr>(strip(expr->arguments[1].value))) {
    addPieces(format, message);
  } else {
    addValue(format, "", emit(expr->arguments[1].value).leaves, expr->arguments[1].value->type, /*isInside=*/false);
  }
  branch(failureBlock(), newError(format));
  fn->cleanups.truncate(depth);
  moveTo(good);
  return {};
}

//===-- Arrays --------------------------------------------------------------------------------------------------------===//

RValue Generator::emitDim(const CallExpr *expr) {
  const Expr *array = expr->arguments[0].value;
  unsigned rank = cast<ArrayType>(array->type)->rank();
  llvm::SmallVector<Value> extents;
  if (isViewExpr(array)) {
    for (const ViewDim &dim : emitView(array).dims)
      if (dim.extent)
        extents.push_back(dim.extent);
  } else {
    Value handle = emit(array).leaves.front();
    for (unsigned k = 0; k < rank; ++k)
      extents.push_back(dim(handle, k));
  }
  Value which = emitI64(expr->arguments[1].value);
  llvm::APInt known;
  if (matchPattern(which, mlir::m_ConstantInt(&known)) && known.ult(rank))
    return extents[known.getZExtValue()];
  require(compare(CmpIPredicate::ult, which, i64(rank)), "index {} is out of range 0..{}", {which, i64(rank)}, {4, 4});
  Value extent = extents[0];
  for (unsigned k = 1; k < rank; ++k)
    extent = make<arith::SelectOp>(compare(CmpIPredicate::eq, which, i64(k)), extents[k], extent);
  return extent;
}

RValue Generator::emitReshape(const CallExpr *expr) {
  Leaves source = emit(expr->arguments[0].value).leaves, leaves;
  llvm::SmallVector<Value> extents;
  for (const Argument &extent : expr->arguments.drop_front())
    extents.push_back(emitI64(extent.value));
  for (auto [array, type] : llvm::zip(source, leavesOf(expr->type))) {
    auto made = make<ir::ArrayReshapeOp>(errorType, type, array, extents);
    check(made.getError());
    own(made.getArray());
    leaves.push_back(made.getArray());
  }
  return RValue(leaves, /*owned=*/true);
}

RValue Generator::emitZeros(const CallExpr *expr) {
  llvm::SmallVector<Value> extents;
  for (const Argument &argument : expr->arguments)
    extents.push_back(emitI64(argument.value));
  return RValue(newArray(expr->type, extents, /*isUninit=*/false), /*owned=*/true);
}

RValue Generator::emitFull(const CallExpr *expr) {
  const Expr *element = expr->arguments[0].value;
  Leaves value =
      keep(emitAs(element, cast<ArrayType>(expr->type)->element()), element, argumentsAfter(expr, 0)).leaves;
  llvm::SmallVector<Value> extents;
  for (const Argument &argument : expr->arguments.drop_front())
    extents.push_back(emitI64(argument.value));
  Leaves arrays = newArray(expr->type, extents, /*isUninit=*/true);
  for (auto [array, leaf] : llvm::zip(arrays, value)) {
    if (!isShared(leaf.getType())) {
      make<ir::ArrayFillOp>(array, leaf);
      continue;
    }
    overElements(extents, [&](ArrayRef<Value> position) {
      make<ir::RetainOp>(leaf);
      storeElement(leaf, elementAt(array, position));
    });
  }
  return RValue(arrays, /*owned=*/true);
}

//===-- Arithmetic ----------------------------------------------------------------------------------------------------===//

/// Towards plus infinity: one more than the truncated quotient if there is a remainder of the divisor's sign.
Value Generator::ceilDiv(Value left, Value right, bool isSigned) {
  mlir::Type type = left.getType();
  Value zero = constant(type, 0);
  Value quotient = divide(/*isRemainder=*/false, left, right, isSigned);
  Value remainder = make<arith::SubIOp>(left, make<arith::MulIOp>(quotient, right));
  Value isMore = compare(CmpIPredicate::ne, remainder, zero);
  if (isSigned) {
    Value signs = make<arith::XOrIOp>(remainder, right);
    isMore = make<arith::AndIOp>(isMore, compare(CmpIPredicate::sge, signs, zero));
  }
  return make<arith::AddIOp>(quotient, make<arith::ExtUIOp>(type, isMore));
}

/// One value, or a scalar as often as the type has lanes.
RValue Generator::emitVec(const CallExpr *expr) {
  Leaves lanes;
  for (const Argument &argument : expr->arguments)
    lanes.push_back(emitScalar(argument.value));
  return RValue(lanes.size() == 1 ? Leaves(expr->type->lanes(), lanes.front()) : lanes);
}

Value Generator::math(BuiltinId id, ArrayRef<Value> values, const Type *type) {
  mlir::Type scalar = values.front().getType();
  // f16 and bf16 are computed in f32 and rounded.
  auto widened = [&](auto compute) {
    mlir::Type wide = scalar.getIntOrFloatBitWidth() == 16 ? mlir::Type(builder.getF32Type()) : scalar;
    return changeFloat(compute(changeFloat(values[0], wide)), scalar);
  };
  switch (id) {
  case BuiltinId::Min:
    return minMax(/*isMin=*/true, values[0], values[1], type);
  case BuiltinId::Max:
    return minMax(/*isMin=*/false, values[0], values[1], type);
  case BuiltinId::Clamp:
    return minMax(true, minMax(false, values[0], values[1], type), values[2], type);
  case BuiltinId::Abs:
    if (type->isFloat())
      return make<mlir::math::AbsFOp>(values[0]);
    return type->isSigned() ? Value(make<mlir::math::AbsIOp>(values[0])) : values[0];
  case BuiltinId::Fma:
    return multiplyAdd(values[0], values[1], values[2]).front();
  case BuiltinId::Sqrt:
    return widened([&](Value x) { return Value(make<mlir::math::SqrtOp>(x)); });
  case BuiltinId::Floor:
    return widened([&](Value x) { return Value(make<mlir::math::FloorOp>(x)); });
  case BuiltinId::Ceil:
    return widened([&](Value x) { return Value(make<mlir::math::CeilOp>(x)); });
  default:
    llvm_unreachable("an operation stands under `await` or `async`");
  }
}
