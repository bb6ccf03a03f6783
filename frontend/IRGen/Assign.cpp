// Assignment: to variables and elements, with and without an operator, and atomic.
#include "frontend/IRGen/Generator.h"

using namespace awg;

void Generator::emitAssign(const AssignStmt *stmt) {
  size_t depth = mark();
  const Expr *target = strip(stmt->target);
  if (auto *element = dyn_cast<IndexExpr>(target)) {
    assignElement(stmt, element);
    leaveScope(depth);
    return;
  }
  auto *var = cast<VarDecl>(cast<NameExpr>(target)->decl);
  if (stmt->op != AssignStmt::Set) {
    Value slot = variable(var).leaves.front();
    store(applyOperator(stmt, load(slot), var->type), slot);
    leaveScope(depth);
    return;
  }
  Leaves leaves = emitOwned(stmt->value, var->type);
  if (!stmt->value->type->isNever())
    checkExtents(leaves, stmt->value->type, var->type, nullptr);
  consume(leaves);
  for (auto [slot, leaf] : llvm::zip(variable(var).leaves, leaves)) {
    if (isOwned(leaf.getType()))
      discard(load(slot));
    store(leaf, slot);
  }
  leaveScope(depth);
}

/// Subscripts come before the right-hand side; the old element is read after it.
void Generator::assignElement(const AssignStmt *stmt, const IndexExpr *target) {
  ElementRef place = emitElement(target);
  if (stmt->isAtomic) {
    emitAtomic(stmt, place);
    return;
  }
  if (stmt->op != AssignStmt::Set) {
    storeElement(applyOperator(stmt, loadElement(place), target->type), place);
    return;
  }
  Leaves leaves = emitOwned(stmt->value, target->type);
  consume(leaves);
  if (leaves.front().getType() == strType)
    make<ir::ReleaseOp>(loadElement(place));
  storeElement(leaves.front(), place);
}

static BinaryOp operatorOf(AssignStmt::Op op) {
  static constexpr BinaryOp operators[] = {BinaryOp::Add, BinaryOp::Mul, BinaryOp::Div, BinaryOp::Rem,
                                           BinaryOp::Add, BinaryOp::Sub, BinaryOp::Shl, BinaryOp::Shr,
                                           BinaryOp::And, BinaryOp::Xor, BinaryOp::Or};
  return operators[op];
}

/// `old op value`; `x += a * b` and `x -= a * b` fuse.
Value Generator::applyOperator(const AssignStmt *stmt, Value old, const Type *type) {
  bool isSum = stmt->op == AssignStmt::Add || stmt->op == AssignStmt::Sub;
  if (const BinaryExpr *product = asProduct(stmt->value); product && isSum && type->isFloat()) {
    Value left = emitScalar(product->left), right = emitScalar(product->right);
    if (stmt->op == AssignStmt::Sub)
      left = make<arith::NegFOp>(left);
    return make<mlir::math::FmaOp>(left, right, old);
  }
  Value value = emitScalar(stmt->value);
  Place place(*this, stmt->opLoc);
  return arithmetic(operatorOf(stmt->op), old, value, type, stmt->value->type);
}

void Generator::emitAtomic(const AssignStmt *stmt, ElementRef place) {
  const Type *type = stmt->value->type;
  Value value = emitScalar(stmt->value);
  using Kind = arith::AtomicRMWKind;
  Kind kind;
  if (stmt->op == AssignStmt::Add)
    kind = type->isFloat() ? Kind::addf : Kind::addi;
  else if (stmt->op == AssignStmt::Min)
    kind = type->isFloat() ? Kind::minnumf : type->isSigned() ? Kind::mins : Kind::minu;
  else
    kind = type->isFloat() ? Kind::maxnumf : type->isSigned() ? Kind::maxs : Kind::maxu;
  make<memref::AtomicRMWOp>(kind, value, place.array, place.subscripts);
}
