// Block kernels: the storage of a group of threads, and its inner `each`es, which become phase kernels.
#include "frontend/IRGen/Generator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

/// `local` storage has one more extent: the indices of the inner `each`es that use it.
mlir::MemRefType Generator::storageType(const VarDecl *var, mlir::Type element) {
  llvm::SmallVector<int64_t> extents;
  for (const Extent &extent : cast<ArrayType>(var->type)->extents())
    extents.push_back(extent.value);
  if (var->role == VarDecl::PerThread)
    extents.push_back(llvm::product_of(var->threads));
  return mlir::MemRefType::get(extents, element);
}

void Generator::emitStorage(const StorageStmt *stmt) {
  const VarDecl *var = stmt->var;
  Place place(*this, var->loc);
  bool isPerThread = var->role == VarDecl::PerThread;
  if (isPerThread && var->threads.empty()) // nothing uses it
    return;
  Leaves storages;
  for (mlir::Type element : leavesOf(cast<ArrayType>(var->type)->element())) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&fn->body->front());
    storages.push_back(make<ir::StorageOp>(storageType(var, element), isPerThread));
  }
  for (Value storage : storages)
    make<ir::ClearOp>(storage);
  fn->variables[var] = {storages, /*inSlots=*/false};
}

/// A reduction runs once for the group, as a loop.
RValue Generator::emitPhase(const EachExpr *each) {
  if (each->op != EachOp::Map) {
    llvm::SaveAndRestore phase(fn->phase, each);
    return emitSequential(each);
  }
  llvm::SmallVector<Value> grid = emitExtents(each);
  KernelShape kernel{each, numbered("phase"), inputsOf(each), fn->isFast};
  Leaves arguments;
  for (const KernelInput &input : kernel.inputs)
    llvm::append_range(arguments, loadLeaves(variable(input.var)));
  emitKernel(kernel);
  check(make<ir::PhaseOp>(errorType, kernel.symbol, grid, arguments));
  return {};
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
