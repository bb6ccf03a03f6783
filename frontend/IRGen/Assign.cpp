// Assignment: to variables and elements, with and without an operator, and atomic.
#include "frontend/IRGen/Generator.h"

using namespace awg;

PlaceRef Generator::emitPlace(const Expr *expr) {
  expr = strip(expr);
  if (Path path = pathOf(expr); path.var)
    return {leavesAt(path), false, {}, false};
  if (auto *index = dyn_cast<IndexExpr>(expr))
    return emitElement(index);
  auto *member = dyn_cast<MemberExpr>(expr);
  if (!member || member->enumCase) {
    RValue value = emit(expr);
    return {value.leaves, false, {}, value.owned};
  }
  // Of a temporary, the members that are not asked for are freed with the statement.
  PlaceRef place = emitPlace(member->base);
  if (place.leaves.empty()) // what never ends
    return place;
  unsigned first = firstLeaf(member->base->type, member->position);
  place.leaves = Leaves(ArrayRef<Value>(place.leaves).slice(first, leafCount(member->type)));
  return place;
}

Leaves Generator::loadPlace(const PlaceRef &place) {
  Leaves leaves;
  for (Value leaf : place.leaves)
    leaves.push_back(place.isElement ? loadElement({leaf, place.subscripts}) : loadLeaf(leaf));
  return leaves;
}

/// What was there before is freed.
void Generator::storePlace(ArrayRef<Value> leaves, const PlaceRef &place) {
  for (auto [at, leaf] : llvm::zip(place.leaves, leaves)) {
    if (isOwned(leaf.getType()))
      discard(place.isElement ? loadElement({at, place.subscripts}) : load(at));
    if (place.isElement)
      storeElement(leaf, {at, place.subscripts});
    else
      store(leaf, at);
  }
}

/// Subscripts come before the right-hand side; the old value is read after it.
void Generator::emitAssign(const AssignStmt *stmt) {
  size_t depth = mark();
  PlaceRef place = emitPlace(stmt->target);
  const Type *type = stmt->target->type;
  if (stmt->isAtomic) {
    emitAtomic(stmt, place);
  } else if (stmt->op != AssignStmt::Set) {
    storePlace(applyOperator(stmt, loadPlace(place).front(), type), place);
  } else {
    Leaves leaves = emitOwned(stmt->value, type);
    if (!stmt->value->type->isNever())
      checkExtents(leaves, stmt->value->type, type, nullptr);
    consume(leaves);
    storePlace(leaves, place);
  }
  leaveScope(depth);
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

void Generator::emitAtomic(const AssignStmt *stmt, const PlaceRef &place) {
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
  make<memref::AtomicRMWOp>(kind, value, place.leaves.front(), place.subscripts);
}
