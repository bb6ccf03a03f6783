// Block kernels: the storage of a group of threads, and its inner `each`es, which become phase kernels.
#include "frontend/IRGen/Generator.h"

using namespace awg;

//===-- Storage -----------------------------------------------------------------------------------------------------===//

Value Generator::newStorage(ArrayRef<int64_t> extents, mlir::Type element, bool isPerThread) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&fn->body->front());
  return make<ir::StorageOp>(mlir::MemRefType::get(extents, element), isPerThread);
}

/// `local` storage has one more extent: the indices of the inner `each`es that use it.
void Generator::emitStorage(const StorageStmt *stmt) {
  const VarDecl *var = stmt->var;
  Place place(*this, var->loc);
  bool isPerThread = var->role == VarDecl::PerThread;
  if (isPerThread && var->threads.empty()) // nothing uses it
    return;
  auto *type = cast<ArrayType>(var->type);
  llvm::SmallVector<int64_t> extents;
  for (const Extent &extent : type->extents())
    extents.push_back(extent.value);
  if (isPerThread)
    extents.push_back(llvm::product_of(var->threads));
  Leaves storages;
  for (mlir::Type element : leavesOf(type->element()))
    storages.push_back(newStorage(extents, element, isPerThread));
  for (Value storage : storages)
    make<ir::ClearOp>(storage);
  fn->variables[var] = {storages, /*inSlots=*/false};
}

/// The row-major index of the inner `each` at work, over the extents that go with the storage.
Value Generator::phasePosition(const VarDecl *storage) {
  Value position;
  for (auto [index, extent] : llvm::zip(fn->phase->indices, storage->threads)) {
    Value mine = variable(index).leaves.front();
    position = position ? Value(make<arith::AddIOp>(make<arith::MulIOp>(position, i64(extent)), mine)) : mine;
  }
  return position;
}

//===-- Phases ------------------------------------------------------------------------------------------------------===//

RValue Generator::emitPhase(const EachExpr *each) {
  if (each->op != EachOp::Map)
    return groupReduce(each);
  runPhase(each, emitExtents(each), {}, [&](mlir::ValueRange indices, mlir::ValueRange) {
    bindIndices(each, indices);
    emit(each->body);
  });
  return {};
}

void Generator::bindIndices(const EachExpr *each, mlir::ValueRange values) {
  for (auto [index, extent, value] : llvm::zip(each->indices, each->extents, values)) {
    fn->variables[index] = {{value}, false};
    indexExtents[index] = extent;
  }
}

void Generator::runPhase(const EachExpr *each, mlir::ValueRange grid, mlir::ValueRange own, PhaseFn body) {
  llvm::SmallVector<KernelInput> inputs = each ? inputsOf(each) : llvm::SmallVector<KernelInput>();
  TypeList types(2 * grid.size(), builder.getI64Type());
  llvm::SmallVector<int64_t> written;
  Leaves arguments;
  auto pass = [&](mlir::ValueRange values, bool isWritten) {
    for (Value value : values) {
      if (isWritten && llvm::isa<mlir::MemRefType>(value.getType()))
        written.push_back(types.size());
      types.push_back(value.getType());
      arguments.push_back(value);
    }
  };
  llvm::SmallVector<ViewShape> shapes;
  for (const KernelInput &input : inputs) {
    auto view = fn->views.find(input.var);
    bool isView = view != fn->views.end();
    shapes.push_back(isView ? shapeOfView(view->second) : ViewShape());
    pass(isView ? valuesOf(view->second) : loadInput(input), input.isWritten);
  }
  pass(own, /*isWritten=*/true);

  std::string symbol = numbered("phase");
  {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(module.getBody());
    auto op = ir::KernelOp::create(builder, loc, symbol, ir::Shape::Each, grid.size(), builder.getFunctionType(types, {}),
                                   written);
    mlir::SymbolTable::setSymbolVisibility(op, mlir::SymbolTable::Visibility::Private);
    op.setPhase(true);
    op.setFast(fn->isFast);
    bool isFast = fn->isFast;
    inFunction(op, FunctionContext::Kernel, {}, [&](Block *entry) {
      fn->isDevice = true;
      fn->isFast = isFast;
      fn->phase = each;
      mlir::ValueRange values = entry->getArguments().drop_front(2 * grid.size());
      for (auto [input, shape] : llvm::zip(inputs, shapes)) {
        if (shape.empty())
          bindInput(input, values);
        else
          fn->views[input.var] = viewFrom(values, leafCount(input.var->type), shape);
      }
      Block *exit = newBlock();
      fn->loops.push_back({0, exit, exit});
      body(entry->getArguments().take_front(grid.size()), values);
      branch(exit);
      moveTo(exit);
      make<ir::YieldOp>(noError(), mlir::ValueRange());
    });
  }
  check(make<ir::PhaseOp>(errorType, symbol, grid, arguments));
}
