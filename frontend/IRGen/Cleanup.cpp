// What is owned at the current point, how it is freed, and where a rejection goes.
#include "frontend/IRGen/Emitter.h"

using namespace awg;

//===-- The stack ----------------------------------------------------------------------------------------------------===//

void Emitter::own(Value value) {
  if (isOwned(value.getType()) && !value.getDefiningOp<ir::StrOp>())
    fn->cleanups.push_back({value, false});
}

void Emitter::own(mlir::ValueRange values) {
  for (Value value : values)
    own(value);
}

void Emitter::consume(mlir::ValueRange values) {
  auto &cleanups = fn->cleanups;
  for (Value value : values) {
    auto entry = std::find_if(cleanups.rbegin(), cleanups.rend(),
                              [&](const Cleanup &cleanup) { return !cleanup.isSlot && cleanup.value == value; });
    if (entry == cleanups.rend())
      continue;
    auto next = cleanups.erase(std::next(entry).base());
    for (; next != cleanups.end(); ++next) // their landing blocks led to the one that is gone
      next->onFailure = nullptr;
  }
}

void Emitter::emitCleanups(size_t depth) {
  for (size_t k = fn->cleanups.size(); k > depth; --k)
    emitCleanup(fn->cleanups[k - 1]);
}

void Emitter::leaveScope(size_t depth) {
  emitCleanups(depth);
  fn->cleanups.truncate(depth);
}

void Emitter::endAfterFutures(size_t mark) {
  auto isFuture = [](const Cleanup &cleanup) {
    auto slot = llvm::dyn_cast<mlir::MemRefType>(cleanup.value.getType());
    return cleanup.isSlot && slot && (llvm::isa<ir::FutureType>(slot.getElementType()) || isArrayOfFutures(slot.getElementType()));
  };
  auto end = fn->cleanups.begin() + mark;
  auto first = std::find_if(fn->cleanups.begin() + fn->scope, end, isFuture);
  std::rotate(first, end, fn->cleanups.end());
  if (first == end)
    return;
  for (Cleanup &moved : llvm::make_range(first, fn->cleanups.end())) // their landing blocks led to what was below
    moved.onFailure = nullptr;
}

void Emitter::emitCleanup(const Cleanup &cleanup, Value cause) {
  discard(cleanup.isSlot ? load(cleanup.value) : cleanup.value, cause);
}

//===-- Freeing -------------------------------------------------------------------------------------------------------===//

void Emitter::discard(Value value, Value cause) {
  if (llvm::isa<ir::FutureType>(value.getType()))
    discardFuture(value, cause);
  else if (isArrayOfFutures(value.getType()))
    discardFutures(value, cause);
  else if (isOwned(value.getType()))
    make<ir::ReleaseOp>(value);
}

void Emitter::discardFuture(Value future, Value cause) {
  Block *live = newBlock(), *done = newBlock();
  branchIf(isNull(future), done, live);
  moveTo(live);
  TypeList results{errorType};
  llvm::append_range(results, llvm::cast<ir::FutureType>(future.getType()).getLeaves());
  auto cancel = make<ir::CancelOp>(results, future, cause);
  if (llvm::any_of(cancel.getValues().getTypes(), isOwned)) {
    Block *hasValues = newBlock();
    branchIf(isNull(cancel.getError()), hasValues, done);
    moveTo(hasValues);
    for (Value value : cancel.getValues())
      discard(value);
  }
  branch(done);
  moveTo(done);
}

void Emitter::discardFutures(Value array, Value cause) {
  Block *live = newBlock(), *done = newBlock();
  branchIf(isNull(array), done, live);
  moveTo(live);
  countedLoop(i64(0), dim(array, 0), true, [&](Value position) {
    ElementRef place = elementAt(array, position);
    discardFuture(loadElement(place), cause);
  });
  make<ir::ReleaseOp>(array);
  branch(done);
  moveTo(done);
}

//===-- Rejections ----------------------------------------------------------------------------------------------------===//

Block *Emitter::failureBlock() { return failureBlock(mark()); }

Block *Emitter::failureBlock(size_t depth) {
  const Handler &handler = fn->handlers.back();
  if (depth == handler.depth)
    return handler.block ? handler.block : failureExit();
  if (Block *known = fn->cleanups[depth - 1].onFailure)
    return known;
  Block *block = newBlock(errorType);
  fn->cleanups[depth - 1].onFailure = block;
  mlir::OpBuilder::InsertionGuard guard(builder);
  moveTo(block);
  emitCleanup(fn->cleanups[depth - 1], block->getArgument(0));
  branch(failureBlock(depth - 1), block->getArgument(0));
  return block;
}

Block *Emitter::failureExit() {
  if (fn->failureExit)
    return fn->failureExit;
  if (!fn->givesError) {
    failing.insert(fn->decl);
    fn->givesError = true;
  }
  mlir::OpBuilder::InsertionGuard guard(builder);
  Block *block = fn->failureExit = newBlock(errorType);
  moveTo(block);
  Value error = block->getArgument(0);
  Leaves values = placeholders(fn->results);
  switch (fn->kind) {
  case FunctionContext::Task:
    make<ir::TaskReturnOp>(error, values);
    break;
  case FunctionContext::Kernel:
    make<ir::YieldOp>(error, values);
    break;
  case FunctionContext::Function:
    values.insert(values.begin(), error);
    make<mlir::func::ReturnOp>(values);
    break;
  }
  return block;
}

void Emitter::check(Value error) {
  Block *good = newBlock();
  Block *bad = failureBlock();
  make<cf::CondBranchOp>(isNull(error), good, mlir::ValueRange(), bad, mlir::ValueRange(error));
  moveTo(good);
}

void Emitter::reject(Value error) {
  branch(failureBlock(), error);
  startUnreachable();
}

Value Emitter::newError(StringRef format, mlir::ValueRange values, ArrayRef<int8_t> kinds) {
  return make<ir::ErrorOp>(errorType, builder.getStringAttr(format), values, builder.getDenseI8ArrayAttr(kinds));
}

void Emitter::require(Value condition, StringRef format, mlir::ValueRange values, ArrayRef<int8_t> kinds) {
  Block *good = newBlock(), *bad = newBlock();
  branchIf(condition, good, bad);
  moveTo(bad);
  branch(failureBlock(), newError(format, values, kinds));
  moveTo(good);
}

void Emitter::noteUsedFuture(Value slot) {
  for (Handler &handler : fn->handlers) {
    if (!handler.block)
      continue;
    auto inside = llvm::ArrayRef<Cleanup>(fn->cleanups).drop_front(handler.depth);
    if (llvm::none_of(inside, [&](const Cleanup &cleanup) { return cleanup.value == slot; }))
      handler.usedFutures.insert(slot);
  }
}
