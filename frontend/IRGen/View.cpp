// Views: on the host records of borrowed elements, in device code the array and what its subscripts become.
#include "frontend/Check/FlowGraph.h"
#include "frontend/IRGen/Generator.h"

using namespace awg;
using arith::CmpIPredicate;

bool Generator::isViewExpr(const Expr *expr) {
  expr = strip(expr);
  if (auto *index = dyn_cast<IndexExpr>(expr))
    return index->isView();
  auto *name = dyn_cast<NameExpr>(expr);
  return name && fn->views.contains(llvm::dyn_cast_or_null<VarDecl>(name->decl));
}

bool Generator::isViewName(const Expr *expr) {
  auto *name = dyn_cast<NameExpr>(strip(expr));
  auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
  return var && var->isView;
}

ViewRef Generator::wholeView(Leaves arrays, const ArrayType *type) {
  ViewRef view;
  view.arrays = std::move(arrays);
  for (unsigned dimension = 0; dimension < type->rank(); ++dimension)
    view.dims.push_back({i64(0), dim(anyOf(view.arrays), dimension)});
  return view;
}

ViewRef Generator::emitView(const Expr *expr) {
  expr = strip(expr);
  if (auto *name = dyn_cast<NameExpr>(expr))
    if (auto found = fn->views.find(llvm::dyn_cast_or_null<VarDecl>(name->decl)); found != fn->views.end())
      return found->second;
  auto *index = dyn_cast<IndexExpr>(expr);
  if (!index || !index->isView()) {
    Leaves arrays = loadPlace(emitPlace(expr));
    if (arrays.empty()) // what never ends
      arrays = placeholders(leavesOf(expr->type));
    ViewRef view = wholeView(arrays, cast<ArrayType>(expr->type));
    auto *name = dyn_cast<NameExpr>(expr);
    if (auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr; var && var->role == VarDecl::PerThread)
      view.dims.push_back({phasePosition(var), nullptr});
    return view;
  }
  Place place(*this, expr->loc());
  ViewRef view = emitView(index->base);
  narrow(view, index);
  return view;
}

/// Applies subscripts to the dimensions that are left.
void Generator::narrow(ViewRef &view, const IndexExpr *index) {
  llvm::SmallVector<ViewDim *> kept;
  for (ViewDim &dim : view.dims)
    if (dim.extent)
      kept.push_back(&dim);
  for (auto [dimension, subscript] : llvm::enumerate(index->subscripts)) {
    ViewDim &dim = *kept[dimension];
    if (auto *range = dyn_cast<RangeExpr>(subscript)) {
      narrowRange(dim, range);
      continue;
    }
    Value at = emitI64(subscript);
    if (options.boundsChecks && !isInRange(index->base, dimension, subscript))
      requireIndex(at, dim.extent, subscript->type);
    dim = {plus(dim.offset, at), nullptr};
  }
}

void Generator::narrowRange(ViewDim &dim, const RangeExpr *range) {
  if (!range->begin && !range->end)
    return;
  Value begin = range->begin ? emitI64(range->begin) : i64(0);
  Value end = range->end ? emitI64(range->end) : dim.extent;
  if (options.boundsChecks) {
    Value isOrdered = compare(CmpIPredicate::ule, begin, end);
    Value isInside = compare(CmpIPredicate::ule, end, dim.extent);
    require(make<arith::AndIOp>(isOrdered, isInside), "range {}..{} is out of range 0..{}", {begin, end, dim.extent},
            {4, 4, 4});
  }
  dim = {plus(dim.offset, begin), make<arith::SubIOp>(end, begin)};
}

RValue Generator::viewRecord(const ViewRef &view) {
  Leaves leaves;
  llvm::SmallVector<Value> begins, lengths;
  llvm::SmallVector<int64_t> dropped;
  for (auto [dimension, dim] : llvm::enumerate(view.dims)) {
    begins.push_back(dim.offset);
    if (dim.extent)
      lengths.push_back(dim.extent);
    else
      dropped.push_back(dimension);
  }
  for (Value array : view.arrays) {
    auto type = llvm::cast<ir::ArrayType>(array.getType());
    auto made = ir::ArrayType::get(&context, type.getElementType(), lengths.size());
    leaves.push_back(make<ir::ArrayViewOp>(made, array, begins, lengths, builder.getDenseI64ArrayAttr(dropped)));
    own(leaves.back());
  }
  return RValue(leaves, /*owned=*/true);
}

Value Generator::extentOf(const Expr *array, unsigned dimension) {
  return isViewExpr(array) ? extentOf(emitView(array), dimension) : dim(anyOf(emit(array).leaves), dimension);
}

/// The leading dimension.
static ViewDim &leading(ViewRef &view) {
  return *llvm::find_if(view.dims, [](const ViewDim &dim) { return bool(dim.extent); });
}

void Generator::bindView(const Pattern *pattern, const ViewRef &view) {
  if (pattern->kind != Pattern::Name)
    return;
  if (fn->isDevice) {
    fn->views[pattern->var] = view;
    return;
  }
  RValue record = viewRecord(view);
  consume(record.leaves);
  declare(pattern->var, record.leaves);
}

//===-- Loops, split ------------------------------------------------------------------------------------------------------===//

Items Generator::itemsOf(const Expr *iterable) {
  const CallExpr *chunks = flow::partsCall(iterable, BuiltinId::Chunks);
  Items items;
  items.type = cast<ArrayType>(iterable->type)->element();
  items.view = emitView(chunks ? chunks->arguments[0].value : iterable);
  items.count = extentOf(items.view, 0);
  if (!chunks)
    return items;
  items.length = emitI64(chunks->arguments[1].value);
  require(compare(CmpIPredicate::sge, items.length, i64(1)), "the length of a chunk is {}, and must be at least 1",
          items.length, {AWGRT_I64});
  items.count = make<arith::CeilDivUIOp>(items.count, items.length);
  return items;
}

void Generator::bindItem(const Pattern *pattern, const Items &items, Value position) {
  ViewRef part = items.view;
  ViewDim &dim = leading(part);
  if (items.length) {
    Value begin = make<arith::MulIOp>(position, items.length);
    Value rest = make<arith::SubIOp>(dim.extent, begin);
    dim = {plus(dim.offset, begin), make<arith::MinSIOp>(rest, items.length)};
    return bindView(pattern, part);
  }
  bool isRow = llvm::count_if(part.dims, [](const ViewDim &dim) { return bool(dim.extent); }) > 1;
  if (isRow) {
    dim = {plus(dim.offset, position), nullptr};
    return bindView(pattern, part);
  }
  bindCopies(pattern, items.type, loadPlace(elementOf(items.view, position)));
}

void Generator::letSplit(const LetStmt *stmt, const CallExpr *split) {
  ViewRef left = emitView(split->arguments[0].value);
  Value at = emitI64(split->arguments[1].value);
  ViewRef right = left;
  ViewDim &first = leading(left), &second = leading(right);
  if (options.boundsChecks)
    require(compare(CmpIPredicate::ule, at, first.extent), "range 0..{} is out of range 0..{}", {at, first.extent},
            {AWGRT_I64, AWGRT_I64});
  second = {plus(second.offset, at), make<arith::SubIOp>(second.extent, at)};
  first.extent = at;
  bindView(stmt->pattern->elements[0], left);
  bindView(stmt->pattern->elements[1], right);
}

void Generator::letView(const LetStmt *stmt) {
  ViewRef view = emitView(stmt->init);
  auto *type = cast<ArrayType>(stmt->pattern->var->type);
  auto *found = cast<ArrayType>(stmt->init->type);
  const TypeExpr *written = stmt->typeExpr && stmt->typeExpr->kind == TypeExpr::Array ? stmt->typeExpr : nullptr;
  for (auto [dimension, extent] : llvm::enumerate(type->extents())) {
    if (extent.kind == Extent::Constant && extent != found->extents()[dimension])
      requireExtent(extentOf(view, dimension), i64(extent.value), "");
    else if (extent.kind == Extent::Variable && extent != found->extents()[dimension])
      requireExtent(extentOf(view, dimension), variable(extent.variable).leaves.front(), extent.variable->name);
    else if (const Expr *asked = written && extent.kind == Extent::Any ? written->extents[dimension] : nullptr)
      requireExtent(extentOf(view, dimension), emitI64(asked), text(asked->range));
  }
  fn->views[stmt->pattern->var] = view;
}

/// On the host an element is its own slot, in device code a copy.
Leaves Generator::slotsOf(const Expr *argument, llvm::SmallVectorImpl<LentElement> *copied) {
  if (Path path = pathOf(argument); path.var)
    return leavesAt(path);
  PlaceRef place = emitPlace(argument);
  Leaves slots;
  if (place.isElement && !fn->isDevice) {
    for (Value leaf : place.leaves) {
      Value data = elementsOf({leaf, place.subscripts, place.isRowMajor}, /*write=*/true);
      slots.push_back(make<ir::ElementSlotOp>(slotOf(llvm::cast<mlir::MemRefType>(data.getType()).getElementType()), data,
                                              place.subscripts));
    }
    return slots;
  }
  for (Value leaf : loadPlace(place)) {
    slots.push_back(newSlot(leaf.getType()));
    store(leaf, slots.back());
  }
  if (place.isElement)
    copied->push_back({place, slots});
  return slots;
}
