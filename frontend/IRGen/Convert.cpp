// Conversions between numeric types: `as`, and the ones that the compiler makes.
#include "frontend/IRGen/Arithmetic.h"

using namespace awg;
using arith::CmpFPredicate;

Value Arithmetic::convert(Value value, const Type *from, const Type *to) {
  mlir::Type type = scalarType(to);
  if (from->isFloat())
    return to->isFloat() ? changeFloat(value, type) : toInteger(value, to->width(), to->isSigned());
  if (!to->isFloat())
    return resize(value, type.getIntOrFloatBitWidth(), from->isSigned());
  return from->isSigned() ? Value(make<arith::SIToFPOp>(type, value)) : Value(make<arith::UIToFPOp>(type, value));
}

/// Truncates or extends; a bool counts as an unsigned bit.
Value Arithmetic::resize(Value value, unsigned width, bool isSigned) {
  mlir::Type type = builder.getIntegerType(width);
  unsigned from = value.getType().getIntOrFloatBitWidth();
  if (from == width)
    return value;
  if (from > width)
    return make<arith::TruncIOp>(type, value);
  return isSigned ? Value(make<arith::ExtSIOp>(type, value)) : Value(make<arith::ExtUIOp>(type, value));
}

Value Arithmetic::changeFloat(Value value, mlir::Type to) {
  mlir::Type from = value.getType();
  if (from == to)
    return value;
  unsigned width = to.getIntOrFloatBitWidth();
  if (from.getIntOrFloatBitWidth() == width) // between f16 and bf16
    return changeFloat(changeFloat(value, builder.getF32Type()), to);
  return from.getIntOrFloatBitWidth() < width ? Value(make<arith::ExtFOp>(to, value))
                                              : Value(make<arith::TruncFOp>(to, value));
}

/// Saturates, NaN gives 0. What is out of range is replaced by 0 before the conversion, which is then always defined.
Value Arithmetic::toInteger(Value value, unsigned width, bool isSigned) {
  if (value.getType().getIntOrFloatBitWidth() < 32) // the bounds need the range of an f32
    value = changeFloat(value, builder.getF32Type());
  mlir::Type from = value.getType(), type = builder.getIntegerType(width);
  double beyond = std::ldexp(1.0, isSigned ? width - 1 : width);
  Value low = floatConstant(from, isSigned ? -beyond : 0.0), high = floatConstant(from, beyond);
  llvm::APInt least = isSigned ? llvm::APInt::getSignedMinValue(width) : llvm::APInt::getMinValue(width);
  llvm::APInt greatest = isSigned ? llvm::APInt::getSignedMaxValue(width) : llvm::APInt::getMaxValue(width);

  Value isAbove = make<arith::CmpFOp>(CmpFPredicate::OGE, value, high);
  Value isNotBelow = make<arith::CmpFOp>(CmpFPredicate::OGE, value, low);
  Value isBelow = make<arith::CmpFOp>(CmpFPredicate::OLT, value, low);
  Value isInside = make<arith::AndIOp>(isNotBelow, make<arith::XOrIOp>(isAbove, truth(true)));
  Value safe = make<arith::SelectOp>(isInside, value, floatConstant(from, 0.0));
  Value result = isSigned ? Value(make<arith::FPToSIOp>(type, safe)) : Value(make<arith::FPToUIOp>(type, safe));
  Value bound = make<arith::ConstantOp>(builder.getIntegerAttr(type, greatest));
  result = make<arith::SelectOp>(isAbove, bound, result);
  if (!isSigned)
    return result; // below is 0 already
  bound = make<arith::ConstantOp>(builder.getIntegerAttr(type, least));
  return make<arith::SelectOp>(isBelow, bound, result);
}
