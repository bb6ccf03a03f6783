// Operators: arithmetic by the language's rules (wrapping, checked division, fused products), comparison, logic.
#include "frontend/IRGen/Generator.h"

#include "mlir/IR/Matchers.h"

using namespace awg;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

//===-- Unary --------------------------------------------------------------------------------------------------------===//

RValue Generator::emitUnary(const UnaryExpr *expr) {
  Leaves lanes = emitLanes(expr->operand, expr->type->lanes());
  for (Value &lane : lanes)
    lane = unary(expr->op, lane);
  return RValue(lanes);
}

Value Generator::unary(UnaryOp op, Value operand) {
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

Leaves Generator::negated(ArrayRef<Value> lanes) {
  Leaves result;
  for (Value lane : lanes)
    result.push_back(make<arith::NegFOp>(lane));
  return result;
}

Leaves Generator::emitLanes(const Expr *expr, unsigned count, ArrayRef<const Expr *> later) {
  Leaves leaves = (expr->type->isStr() ? emitOperand(expr, later) : emit(expr)).leaves;
  if (leaves.empty()) // of what never ends, anything
    return Leaves(count, i64(0));
  return leaves.size() == count ? leaves : Leaves(count, leaves.front());
}

//===-- Binary -------------------------------------------------------------------------------------------------------===//

static bool isComparison(BinaryOp op) { return op >= BinaryOp::Eq && op <= BinaryOp::Ge; }

RValue Generator::emitBinary(const BinaryExpr *expr) {
  if (expr->op == BinaryOp::LogicalAnd || expr->op == BinaryOp::LogicalOr)
    return logical(expr);
  if (expr->op == BinaryOp::Eq || expr->op == BinaryOp::Ne) {
    RValue left = emitOperand(expr->left, expr->right), right = emit(expr->right);
    if (left.leaves.size() != right.leaves.size()) // one never ends
      return truth(false);
    return comparison(expr->op, left, right, expr->left->type);
  }
  if (Leaves lanes = fused(expr); !lanes.empty())
    return RValue(lanes);
  const Type *leftType = expr->left->type->lane(), *rightType = expr->right->type->lane();
  unsigned count = expr->type->lanes();
  Leaves left = emitLanes(expr->left, count, expr->right), right = emitLanes(expr->right, count), result;
  if (leftType->isNever() || rightType->isNever())
    return RValue(placeholders(leavesOf(expr->type)));
  for (auto [a, b] : llvm::zip(left, right))
    result.push_back(isComparison(expr->op) ? comparison(expr->op, a, b, leftType)
                                            : arithmetic(expr->op, a, b, leftType, rightType));
  return RValue(result);
}

const BinaryExpr *Generator::asProduct(const Expr *expr) {
  auto *binary = dyn_cast<BinaryExpr>(expr);
  return binary && binary->op == BinaryOp::Mul ? binary : nullptr;
}

/// a * b + c, c + a * b, a * b - c, c - a * b of floats: one rounding. Of two products the left one fuses.
Leaves Generator::fused(const BinaryExpr *expr) {
  bool isSum = expr->op == BinaryOp::Add;
  if ((!isSum && expr->op != BinaryOp::Sub) || !expr->type->lane()->isFloat() || expr->left->type->isDuration())
    return {};
  unsigned count = expr->type->lanes();
  if (const BinaryExpr *product = asProduct(expr->left)) {
    Leaves a = emitLanes(product->left, count), b = emitLanes(product->right, count), c = emitLanes(expr->right, count);
    return multiplyAdd(a, b, isSum ? c : negated(c));
  }
  if (const BinaryExpr *product = asProduct(expr->right)) {
    Leaves c = emitLanes(expr->left, count), a = emitLanes(product->left, count), b = emitLanes(product->right, count);
    return multiplyAdd(isSum ? a : negated(a), b, c);
  }
  return {};
}

Leaves Generator::multiplyAdd(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c) {
  Leaves result;
  for (auto [left, right, addend] : llvm::zip(a, b, c))
    result.push_back(make<mlir::math::FmaOp>(left, right, addend));
  return result;
}

Value Generator::arithmetic(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType) {
  if (leftType->isDuration() && rightType->isDuration() && op == BinaryOp::Div)
    return durationQuotient(left, right);
  if (leftType->isFloat())
    return floatArithmetic(op, left, right);
  bool isSigned = leftType->isDuration() || leftType->isSigned();
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

Value Generator::floatArithmetic(BinaryOp op, Value left, Value right) {
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
Value Generator::durationQuotient(Value left, Value right) {
  mlir::Type type = builder.getF64Type();
  Value dividend = make<arith::SIToFPOp>(type, left);
  Value divisor = make<arith::SIToFPOp>(type, right);
  return make<arith::DivFOp>(dividend, divisor);
}

/// Zero rejects; MIN / -1 is MIN and MIN % -1 is 0, reached by dividing by 1 instead.
Value Generator::divide(bool isRemainder, Value left, Value right, bool isSigned) {
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
Value Generator::shift(BinaryOp op, Value left, Value right, bool isSigned) {
  unsigned width = left.getType().getIntOrFloatBitWidth();
  Value count = make<arith::AndIOp>(resize(right, width, false), constant(left.getType(), width - 1));
  if (op == BinaryOp::Shl)
    return make<arith::ShLIOp>(left, count);
  return isSigned ? Value(make<arith::ShRSIOp>(left, count)) : Value(make<arith::ShRUIOp>(left, count));
}

//===-- Comparison and logic -------------------------------------------------------------------------------------------===//

Value Generator::comparison(BinaryOp op, RValue left, RValue right, const Type *type) {
  if (!type->isComposite())
    return comparison(op, left.one(), right.one(), type);
  Value equal = isEqual(left.leaves, right.leaves, type);
  return op == BinaryOp::Eq ? equal : Value(make<arith::XOrIOp>(equal, truth(true)));
}

Value Generator::isEqual(ArrayRef<Value> left, ArrayRef<Value> right, const Type *type) {
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

Value Generator::comparison(BinaryOp op, Value left, Value right, const Type *type) {
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
  return compare(type->isSigned() || type->isDuration() ? isSigned[row] : isUnsigned[row], left, right);
}

Value Generator::logical(const BinaryExpr *expr) {
  bool isAnd = expr->op == BinaryOp::LogicalAnd;
  Value left = emitCondition(expr->left);
  Block *more = newBlock(), *done = newBlock(builder.getI1Type());
  Value settled = truth(!isAnd);
  if (isAnd)
    make<cf::CondBranchOp>(left, more, mlir::ValueRange(), done, mlir::ValueRange(settled));
  else
    make<cf::CondBranchOp>(left, done, mlir::ValueRange(settled), more, mlir::ValueRange());
  moveTo(more);
  branch(done, emitCondition(expr->right));
  moveTo(done);
  return done->getArgument(0);
}

/// Floats: -0.0 is less than +0.0, and a number wins over a NaN.
Value Generator::minMax(bool isMin, Value left, Value right, const Type *type) {
  if (type->isFloat())
    return isMin ? Value(make<arith::MinNumFOp>(left, right)) : Value(make<arith::MaxNumFOp>(left, right));
  if (type->isSigned())
    return isMin ? Value(make<arith::MinSIOp>(left, right)) : Value(make<arith::MaxSIOp>(left, right));
  return isMin ? Value(make<arith::MinUIOp>(left, right)) : Value(make<arith::MaxUIOp>(left, right));
}
