// Arithmetic by the language's rules (wrapping, checked division) and comparison.
#include "frontend/IRGen/Arithmetic.h"

#include "mlir/IR/Matchers.h"

using namespace awg;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

Value Arithmetic::unary(UnaryOp op, Value operand) {
  mlir::Type type = operand.getType();
  llvm::APInt known;
  switch (op) {
  case UnaryOp::Neg:
    if (matchPattern(operand, mlir::m_ConstantInt(&known))) // so that a division by it needs no check
      return make<arith::ConstantOp>(builder.getIntegerAttr(type, -known));
    if (llvm::isa<mlir::FloatType>(type))
      return make<arith::NegFOp>(operand);
    return make<arith::SubIOp>(constant(type, 0), operand);
  case UnaryOp::Not:
    return make<arith::XOrIOp>(operand, truth(true));
  case UnaryOp::BitNot:
    return make<arith::XOrIOp>(operand, constant(type, -1));
  }
  llvm_unreachable("a unary operator");
}

Leaves Arithmetic::negated(ArrayRef<Value> lanes) {
  Leaves result;
  for (Value lane : lanes)
    result.push_back(make<arith::NegFOp>(lane));
  return result;
}

Leaves Arithmetic::multiplyAdd(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c) {
  Leaves result;
  for (auto [left, right, addend] : llvm::zip(a, b, c))
    result.push_back(make<mlir::math::FmaOp>(left, right, addend));
  return result;
}

Value Arithmetic::arithmetic(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType) {
  if (leftType->isDuration() != rightType->isDuration())
    return scaledDuration(op, left, right, leftType, rightType);
  if (leftType->isDuration() && op == BinaryOp::Div)
    return durationQuotient(left, right);
  if (leftType->isFloat())
    return floatArithmetic(op, left, right);
  bool isSigned = leftType->isSigned();
  switch (op) {
  case BinaryOp::Mul:
    return make<arith::MulIOp>(left, right);
  case BinaryOp::Div:
    return divide(/*isRemainder=*/false, left, right, isSigned);
  case BinaryOp::Rem:
    return divide(/*isRemainder=*/true, left, right, isSigned);
  case BinaryOp::Add:
    return make<arith::AddIOp>(left, right);
  case BinaryOp::Sub:
    return make<arith::SubIOp>(left, right);
  case BinaryOp::And:
    return make<arith::AndIOp>(left, right);
  case BinaryOp::Xor:
    return make<arith::XOrIOp>(left, right);
  case BinaryOp::Or:
    return make<arith::OrIOp>(left, right);
  default:
    return shift(op, left, right, isSigned);
  }
}

Value Arithmetic::floatArithmetic(BinaryOp op, Value left, Value right) {
  switch (op) {
  case BinaryOp::Mul:
    return make<arith::MulFOp>(left, right);
  case BinaryOp::Div:
    return make<arith::DivFOp>(left, right);
  case BinaryOp::Add:
    return make<arith::AddFOp>(left, right);
  default:
    return make<arith::SubFOp>(left, right);
  }
}

/// d / e of durations, as a plain f64.
Value Arithmetic::durationQuotient(Value left, Value right) {
  mlir::Type type = builder.getF64Type();
  Value dividend = make<arith::SIToFPOp>(type, left);
  Value divisor = make<arith::SIToFPOp>(type, right);
  return make<arith::DivFOp>(dividend, divisor);
}

/// `d * x`, `x * d` and `d / x` of a duration and a number: of a float in f64, to the nearest nanosecond, halves away from zero.
Value Arithmetic::scaledDuration(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType) {
  const Type *number = leftType->isDuration() ? rightType : leftType;
  if (number->isInt()) {
    Value &factor = leftType->isDuration() ? right : left;
    factor = resize(factor, 64, number->isSigned());
    if (op == BinaryOp::Mul)
      return make<arith::MulIOp>(left, right);
    if (number->isSigned())
      return divide(/*isRemainder=*/false, left, right, true);
    // A u64 may be larger than any duration: sizes are divided.
    Value zero = constant(left.getType(), 0), isNegative = compare(CmpIPredicate::slt, left, zero);
    Value size = make<arith::SelectOp>(isNegative, make<arith::SubIOp>(zero, left), left);
    Value quotient = divide(/*isRemainder=*/false, size, right, false);
    return make<arith::SelectOp>(isNegative, make<arith::SubIOp>(zero, quotient), quotient);
  }
  mlir::Type type = builder.getF64Type();
  auto widened = [&](Value value, const Type *from) {
    return from->isDuration() ? Value(make<arith::SIToFPOp>(type, value)) : changeFloat(value, type);
  };
  Value exact = floatArithmetic(op, widened(left, leftType), widened(right, rightType));
  Value size = make<mlir::math::AbsFOp>(exact), whole = make<mlir::math::FloorOp>(size);
  Value isUp = make<arith::CmpFOp>(CmpFPredicate::OGE, make<arith::SubFOp>(size, whole), floatConstant(type, 0.5));
  Value rounded = make<arith::SelectOp>(isUp, make<arith::AddFOp>(whole, floatConstant(type, 1.0)), whole);
  Value isBelow = make<arith::CmpFOp>(CmpFPredicate::OLT, exact, floatConstant(type, 0.0));
  return toInteger(make<arith::SelectOp>(isBelow, make<arith::NegFOp>(rounded), rounded), 64, /*isSigned=*/true);
}

/// Zero rejects; MIN / -1 is MIN and MIN % -1 is 0, reached by dividing by 1 instead.
Value Arithmetic::divide(bool isRemainder, Value left, Value right, bool isSigned) {
  mlir::Type type = right.getType();
  mlir::APInt known;
  bool isKnown = matchPattern(right, mlir::m_ConstantInt(&known));
  if (!isKnown || known.isZero())
    require(compare(CmpIPredicate::ne, right, constant(type, 0)), "division by zero", {}, {});
  if (!isSigned)
    return isRemainder ? Value(make<arith::RemUIOp>(left, right)) : Value(make<arith::DivUIOp>(left, right));
  Value isMinusOne;
  Value divisor = right;
  if (!isKnown || known.isAllOnes()) {
    isMinusOne = compare(CmpIPredicate::eq, right, constant(type, -1));
    divisor = make<arith::SelectOp>(isMinusOne, constant(type, 1), right);
  }
  if (isRemainder)
    return make<arith::RemSIOp>(left, divisor);
  Value quotient = make<arith::DivSIOp>(left, divisor);
  if (!isMinusOne)
    return quotient;
  Value negated = make<arith::SubIOp>(constant(type, 0), left);
  return make<arith::SelectOp>(isMinusOne, negated, quotient);
}

/// Counts are taken modulo the width.
Value Arithmetic::shift(BinaryOp op, Value left, Value right, bool isSigned) {
  unsigned width = left.getType().getIntOrFloatBitWidth();
  Value count = make<arith::AndIOp>(resize(right, width, false), constant(left.getType(), width - 1));
  if (op == BinaryOp::Shl)
    return make<arith::ShLIOp>(left, count);
  return isSigned ? Value(make<arith::ShRSIOp>(left, count)) : Value(make<arith::ShRUIOp>(left, count));
}

Value Arithmetic::comparison(BinaryOp op, RValue left, RValue right, const Type *type) {
  if (!type->isComposite())
    return comparison(op, left.one(), right.one(), type);
  Value equal = isEqual(left.leaves, right.leaves, type);
  return op == BinaryOp::Eq ? equal : Value(make<arith::XOrIOp>(equal, truth(true)));
}

Value Arithmetic::isEqual(ArrayRef<Value> left, ArrayRef<Value> right, const Type *type) {
  if (!type->isComposite())
    return comparison(BinaryOp::Eq, left.front(), right.front(), type);
  Value all = truth(true);
  for (const Type *member : type->members()) {
    unsigned count = leafCount(member);
    all = make<arith::AndIOp>(all, isEqual(left.take_front(count), right.take_front(count), member));
    left = left.drop_front(count);
    right = right.drop_front(count);
  }
  return all;
}

Value Arithmetic::comparison(BinaryOp op, Value left, Value right, const Type *type) {
  unsigned row = unsigned(op) - unsigned(BinaryOp::Eq);
  if (type->isFloat()) {
    static constexpr CmpFPredicate table[] = {CmpFPredicate::OEQ, CmpFPredicate::UNE, CmpFPredicate::OLT,
                                              CmpFPredicate::OLE, CmpFPredicate::OGT, CmpFPredicate::OGE};
    return make<arith::CmpFOp>(table[row], left, right);
  }
  static constexpr CmpIPredicate isSigned[] = {CmpIPredicate::eq,  CmpIPredicate::ne,  CmpIPredicate::slt,
                                               CmpIPredicate::sle, CmpIPredicate::sgt, CmpIPredicate::sge};
  static constexpr CmpIPredicate isUnsigned[] = {CmpIPredicate::eq,  CmpIPredicate::ne,  CmpIPredicate::ult,
                                                 CmpIPredicate::ule, CmpIPredicate::ugt, CmpIPredicate::uge};
  if (type->isStr()) {
    Value order = callRuntime("awgrt_str_compare", {left, right}, builder.getI32Type()).front();
    return compare(isSigned[row], order, constant(builder.getI32Type(), 0));
  }
  return compare(type->isSigned() ? isSigned[row] : isUnsigned[row], left, right);
}

/// Floats: -0.0 is less than +0.0, and a number wins over a NaN.
Value Arithmetic::minMax(bool isMin, Value left, Value right, const Type *type) {
  if (type->isFloat())
    return isMin ? Value(make<arith::MinNumFOp>(left, right)) : Value(make<arith::MaxNumFOp>(left, right));
  if (type->isSigned())
    return isMin ? Value(make<arith::MinSIOp>(left, right)) : Value(make<arith::MaxSIOp>(left, right));
  return isMin ? Value(make<arith::MinUIOp>(left, right)) : Value(make<arith::MaxUIOp>(left, right));
}
