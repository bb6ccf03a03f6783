// Assignment: to variables and elements, with and without an operator, and atomic.
#include "frontend/IRGen/Generator.h"

using namespace awg;

PlaceRef Generator::emitPlace(const Expr *expr) {
  expr = strip(expr);
  if (Path path = pathOf(expr); path.var)
    return {leavesAt(path), false, {}, false, nullptr};
  if (auto *index = dyn_cast<IndexExpr>(expr)) {
    if (!index->isView())
      return emitElement(index);
    RValue view = viewRecord(emitView(index));
    return {view.leaves, false, {}, view.owned, nullptr};
  }
  auto *member = dyn_cast<MemberExpr>(expr);
  if (!member || member->enumCase) {
    RValue value = emit(expr);
    return {value.leaves, false, {}, value.owned, nullptr};
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
    leaves.push_back(place.isElement ? loadElement({leaf, place.subscripts, place.isRowMajor}) : loadLeaf(leaf));
  if (!place.lane)
    return leaves;
  Value chosen = leaves.front();
  for (unsigned lane = 1; lane < leaves.size(); ++lane)
    chosen = make<arith::SelectOp>(compare(arith::CmpIPredicate::eq, place.lane, i64(lane)), leaves[lane], chosen);
  return {chosen};
}

/// What was there before is freed.
void Generator::storePlace(ArrayRef<Value> leaves, const PlaceRef &place) {
  if (place.lane) {
    PlaceRef whole = place;
    whole.lane = nullptr;
    Leaves lanes = loadPlace(whole);
    for (auto [lane, value] : llvm::enumerate(lanes))
      value = make<arith::SelectOp>(compare(arith::CmpIPredicate::eq, place.lane, i64(lane)), leaves.front(), value);
    return storePlace(lanes, whole);
  }
  for (auto [at, leaf] : llvm::zip(place.leaves, leaves)) {
    if (isOwned(leaf.getType()))
      discard(place.isElement ? loadElement({at, place.subscripts, place.isRowMajor}) : load(at));
    if (place.isElement)
      storeElement(leaf, {at, place.subscripts, place.isRowMajor});
    else
      store(leaf, at);
  }
}

static bool isLentForWriting(const VarDecl *var) {
  return var->role == VarDecl::Param && var->mode == PassMode::Mut && var->type->isArray();
}

/// What a parameter was lent may be a view, whose elements are the caller's.
void Generator::replaceArrays(ArrayRef<Value> leaves, ArrayRef<Value> slots) {
  for (auto [slot, leaf] : llvm::zip(slots, leaves)) {
    auto replaced = make<ir::ArrayReplaceOp>(errorType, leaf.getType(), load(slot), leaf);
    check(replaced.getError());
    consume(leaf);
    store(replaced.getArray(), slot);
  }
}

/// `x[a..b] = y`: the elements are copied, all of them before the first is changed.
void Generator::assignElements(const Expr *target, const Expr *value) {
  RValue part = viewRecord(emitView(target));
  bool isLent = isViewName(value) || pathOf(value).var || isViewExpr(value);
  Leaves leaves = isLent ? toOwned(RValue(emit(value).leaves)) : emitOwned(value, target->type);
  if (value->type->isNever())
    return;
  for (unsigned dimension = 0; dimension < cast<ArrayType>(target->type)->rank(); ++dimension)
    checkExtent(leaves.front(), dimension, dim(part.leaves.front(), dimension), "");
  for (auto [old, leaf] : llvm::zip(part.leaves, leaves)) {
    check(make<ir::ArrayReplaceOp>(errorType, leaf.getType(), old, leaf).getError());
    consume(leaf);
  }
}

/// Subscripts come before the right-hand side; the old value is read after it.
void Generator::emitAssign(const AssignStmt *stmt) {
  size_t depth = mark();
  if (isViewExpr(stmt->target)) {
    assignElements(stmt->target, stmt->value);
    return leaveScope(depth);
  }
  PlaceRef place = emitPlace(stmt->target);
  const Type *type = stmt->target->type;
  if (stmt->isAtomic) {
    emitAtomic(stmt, place);
  } else if (stmt->op != AssignStmt::Set) {
    storePlace(applyOperator(stmt, loadPlace(place), type), place);
  } else {
    Leaves leaves = emitOwned(stmt->value, type);
    if (!stmt->value->type->isNever())
      checkExtents(leaves, stmt->value->type, type, nullptr);
    if (auto *name = dyn_cast<NameExpr>(strip(stmt->target)); name && isLentForWriting(cast<VarDecl>(name->decl))) {
      replaceArrays(leaves, place.leaves);
    } else {
      consume(leaves);
      storePlace(leaves, place);
    }
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
Leaves Generator::applyOperator(const AssignStmt *stmt, ArrayRef<Value> old, const Type *type) {
  bool isSum = stmt->op == AssignStmt::Add || stmt->op == AssignStmt::Sub;
  unsigned count = type->lanes();
  if (const BinaryExpr *product = asProduct(stmt->value); product && isSum && type->lane()->isFloat()) {
    Leaves left = emitLanes(product->left, count), right = emitLanes(product->right, count);
    return multiplyAdd(stmt->op == AssignStmt::Sub ? negated(left) : left, right, old);
  }
  Leaves value = emitLanes(stmt->value, count), result;
  Place place(*this, stmt->opLoc);
  for (auto [before, lane] : llvm::zip(old, value))
    result.push_back(apply(operatorOf(stmt->op), before, lane, type->lane(), stmt->value->type->lane()));
  return result;
}

/// Lane by lane. Of a vec whose lane is known only when the program runs, the others are passed over.
void Generator::emitAtomic(const AssignStmt *stmt, const PlaceRef &place) {
  if (stmt->value->type->isNever())
    return void(emit(stmt->value));
  const Type *type = stmt->target->type->lane();
  Leaves values = emitLanes(stmt->value, stmt->target->type->lanes());
  using Kind = arith::AtomicRMWKind;
  Kind kind;
  if (stmt->op == AssignStmt::Add)
    kind = type->isFloat() ? Kind::addf : Kind::addi;
  else if (stmt->op == AssignStmt::Min)
    kind = type->isFloat() ? Kind::minnumf : type->isSigned() ? Kind::mins : Kind::minu;
  else
    kind = type->isFloat() ? Kind::maxnumf : type->isSigned() ? Kind::maxs : Kind::maxu;
  for (auto [number, leaf] : llvm::enumerate(place.leaves)) {
    Block *next = place.lane ? newBlock() : nullptr;
    if (next) {
      Block *chosen = newBlock();
      branchIf(compare(arith::CmpIPredicate::eq, place.lane, i64(number)), chosen, next);
      moveTo(chosen);
    }
    make<memref::AtomicRMWOp>(kind, values[place.lane ? 0 : number], leaf, place.subscripts);
    if (next) {
      branch(next);
      moveTo(next);
    }
  }
}
