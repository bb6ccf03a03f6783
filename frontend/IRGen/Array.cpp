// Arrays: elements and their bounds, literals, comprehensions, extents.
#include "frontend/IRGen/Generator.h"

using namespace awg;
using arith::CmpIPredicate;

//===-- Elements ------------------------------------------------------------------------------------------------------===//

/// `v[k]`: with a constant one of its leaves, else all of them and the number.
PlaceRef Generator::emitLane(const IndexExpr *expr) {
  PlaceRef place = emitPlace(expr->base);
  if (place.leaves.empty()) { // what never ends
    place.leaves = placeholders(leavesOf(expr->type));
    return place;
  }
  const Expr *subscript = expr->subscripts.front();
  if (std::optional<int64_t> known = constantExtent(subscript)) {
    place.leaves = {place.leaves[*known]};
    return place;
  }
  place.lane = emitI64(subscript);
  if (options.boundsChecks) {
    Value count = i64(place.leaves.size());
    require(compare(CmpIPredicate::ult, place.lane, count), "index {} is out of range 0..{}", {place.lane, count}, {4, 4});
  }
  return place;
}

/// A variable that owns its array.
static bool isOwner(const Expr *array) {
  auto *name = dyn_cast<NameExpr>(strip(array));
  auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
  return var && var->role == VarDecl::Local && !var->isView;
}

PlaceRef Generator::emitElement(const IndexExpr *expr) {
  if (expr->base->type->isVec())
    return emitLane(expr);
  bool isPart = isViewExpr(expr->base);
  ViewRef view;
  Leaves arrays;
  if (isPart)
    view = emitView(expr->base);
  else
    arrays = loadPlace(emitPlace(expr->base));
  if (!isPart && arrays.empty()) { // what never ends
    arrays = placeholders(leavesOf(expr->base->type));
    return {arrays, false, {}, false, nullptr};
  }
  llvm::SmallVector<Value> subscripts, extents;
  for (const Expr *subscript : expr->subscripts)
    subscripts.push_back(emitI64(subscript));
  for (const ViewDim &dim : view.dims)
    if (dim.extent)
      extents.push_back(dim.extent);
  for (auto [dimension, subscript] : llvm::enumerate(expr->subscripts))
    if (options.boundsChecks && !isInRange(expr->base, dimension, subscript))
      requireIndex(subscripts[dimension], isPart ? extents[dimension] : dim(anyOf(arrays), dimension), subscript->type);
  if (auto *name = dyn_cast<NameExpr>(strip(expr->base)); name && !isPart)
    if (auto *var = cast<VarDecl>(name->decl); var->role == VarDecl::PerThread)
      subscripts.push_back(phasePosition(var));
  if (isPart)
    return elementOf(view, subscripts);
  PlaceRef place = elementsAt(arrays, subscripts);
  place.isRowMajor = isOwner(expr->base);
  return place;
}

RValue Generator::emitIndex(const IndexExpr *expr) {
  return expr->isView() ? viewRecord(emitView(expr)) : RValue(loadPlace(emitElement(expr)));
}

//===-- Literals and comprehensions -------------------------------------------------------------------------------------===//

RValue Generator::emitArray(const ArrayExpr *expr) {
  auto *type = cast<ArrayType>(expr->type);
  llvm::SmallVector<Value> extents;
  const Expr *level = expr;
  for (unsigned k = 0; k < type->rank(); ++k) {
    auto *list = cast<ArrayExpr>(strip(level));
    extents.push_back(i64(list->elements.size()));
    if (k + 1 < type->rank())
      level = list->elements.front();
  }
  Leaves arrays = newArray(type, extents, /*isUninit=*/true);
  llvm::SmallVector<Value> position;
  fillLiteral(expr, arrays, type, position);
  return RValue(arrays, /*owned=*/true);
}

void Generator::fillLiteral(const ArrayExpr *expr, ArrayRef<Value> arrays, const ArrayType *type,
                            llvm::SmallVectorImpl<Value> &position) {
  for (auto [k, element] : llvm::enumerate(expr->elements)) {
    position.push_back(i64(k));
    if (position.size() < type->rank()) {
      fillLiteral(cast<ArrayExpr>(strip(element)), arrays, type, position);
    } else {
      Leaves leaves = emitOwned(element, type->element());
      consume(leaves);
      storePlace(leaves, elementsAt(arrays, position));
    }
    position.pop_back();
  }
}

RValue Generator::emitComprehension(const ComprehensionExpr *expr) {
  auto *type = cast<ArrayType>(expr->type);
  const Expr *iterable = strip(expr->iterable);
  Value begin, end, count;
  Items items;
  auto *range = dyn_cast<RangeExpr>(iterable);
  if (range) {
    begin = emitScalar(range->begin), end = emitScalar(range->end);
    auto isEmpty = range->type->isSigned() ? CmpIPredicate::sge : CmpIPredicate::uge;
    Value length = resize(make<arith::SubIOp>(end, begin), 64, /*isSigned=*/false);
    count = make<arith::SelectOp>(compare(isEmpty, begin, end), i64(0), length);
  } else {
    items = itemsOf(iterable);
    count = items.count;
  }
  Leaves arrays = newArray(type, count, /*isUninit=*/true);
  countedLoop(i64(0), count, true, [&](Value position) {
    if (range) {
      Value offset = resize(position, begin.getType().getIntOrFloatBitWidth(), true);
      bind(expr->pattern, range->type, Value(make<arith::AddIOp>(begin, offset)));
    } else {
      bindItem(expr->pattern, items, position);
    }
    Leaves element = emitOwned(expr->body, type->element());
    consume(element);
    storePlace(element, elementsAt(arrays, position));
  });
  return RValue(arrays, /*owned=*/true);
}

//===-- Extents ---------------------------------------------------------------------------------------------------------===//

void Generator::checkExtents(ArrayRef<Value> leaves, const Type *found, const Type *wanted, const TypeExpr *written) {
  if (written && written->kind == TypeExpr::Named) // a type parameter, or a struct
    written = nullptr;
  if (auto *tuple = dyn_cast<TupleType>(wanted)) {
    for (auto [position, element] : llvm::enumerate(tuple->elements())) {
      const Type *mine = cast<TupleType>(found)->elements()[position];
      unsigned count = leafCount(element);
      checkExtents(leaves.take_front(count), mine, element, written ? written->elements[position] : nullptr);
      leaves = leaves.drop_front(count);
    }
    return;
  }
  auto *array = dyn_cast<ArrayType>(wanted);
  if (!array)
    return;
  for (auto [dimension, extent] : llvm::enumerate(array->extents())) {
    Extent known = cast<ArrayType>(found)->extents()[dimension];
    if (extent.kind != Extent::Any) {
      if (known == extent)
        continue;
      bool isConstant = extent.kind == Extent::Constant;
      if (!isConstant && !fn->variables.contains(extent.variable)) // a task that does not use the name
        continue;
      Value value = isConstant ? i64(extent.value) : variable(extent.variable).leaves.front();
      checkExtent(leaves.front(), dimension, value, isConstant ? StringRef() : extent.variable->name);
    } else if (const Expr *asked = written ? written->extents[dimension] : nullptr) {
      checkExtent(leaves.front(), dimension, emitI64(asked), text(asked->range));
    }
  }
}
