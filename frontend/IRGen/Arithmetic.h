// Operators, comparisons and conversions of values that are at hand (Arithmetic.cpp, Convert.cpp).
#ifndef AWG_FRONTEND_IRGEN_ARITHMETIC_H
#define AWG_FRONTEND_IRGEN_ARITHMETIC_H

#include "frontend/IRGen/Emitter.h"

namespace awg {

class Arithmetic : public Emitter {
protected:
  using Emitter::Emitter;

  Value arithmetic(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType);
  Value floatArithmetic(BinaryOp op, Value left, Value right);
  Value divide(bool isRemainder, Value left, Value right, bool isSigned);
  Value shift(BinaryOp op, Value left, Value right, bool isSigned);
  Value comparison(BinaryOp op, RValue left, RValue right, const Type *type);
  Value comparison(BinaryOp op, Value left, Value right, const Type *type);
  /// All leaves are equal.
  Value isEqual(ArrayRef<Value> left, ArrayRef<Value> right, const Type *type);
  Value durationQuotient(Value left, Value right);
  Value scaledDuration(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType);
  Leaves multiplyAdd(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c);
  Leaves negated(ArrayRef<Value> lanes);
  Value unary(UnaryOp op, Value operand);
  Value minMax(bool isMin, Value left, Value right, const Type *type);
  Value convert(Value value, const Type *from, const Type *to);
  Value resize(Value value, unsigned width, bool isSigned);
  Value toInteger(Value value, unsigned width, bool isSigned);
  Value changeFloat(Value value, mlir::Type to);
};

} // namespace awg

#endif // AWG_FRONTEND_IRGEN_ARITHMETIC_H
