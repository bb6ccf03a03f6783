// Operators in expressions: operands in their order, fused products, logic, `as`.
#include "frontend/IRGen/Generator.h"

using namespace awg;

//===-- Unary --------------------------------------------------------------------------------------------------------===//

RValue Generator::emitUnary(const UnaryExpr *expr) {
  Leaves lanes = emitLanes(expr->operand, expr->type->lanes());
  for (Value &lane : lanes)
    lane = unary(expr->op, lane);
  return RValue(lanes);
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
                                            : apply(expr->op, a, b, leftType, rightType));
  return RValue(result);
}

/// `%` of floats is a function of the standard library, written for f32 and f64.
Value Generator::apply(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType) {
  if (op != BinaryOp::Rem || !leftType->isFloat())
    return arithmetic(op, left, right, leftType, rightType);
  const FnDecl *function = program.remainders[leftType->width() == 64];
  mlir::Type type = scalarType(function->returnType);
  Leaves arguments{changeFloat(left, type), changeFloat(right, type)};
  return changeFloat(callPlain(function, arguments).front(), left.getType());
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

//===-- Comparison and logic -------------------------------------------------------------------------------------------===//

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

RValue Generator::emitCast(const CastExpr *expr) {
  const Type *from = expr->operand->type;
  Leaves lanes = emitLanes(expr->operand, expr->type->lanes());
  if (from->isNever())
    return RValue(placeholders(leavesOf(expr->type)));
  for (Value &lane : lanes)
    lane = convert(lane, from->lane(), expr->type->lane());
  return RValue(lanes);
}
