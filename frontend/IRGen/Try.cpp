// try and catch.
#include "frontend/IRGen/Generator.h"

using namespace awg;

/// The handler takes any rejection but a cancellation. Futures from outside that the `try` may have taken and that are
/// still there are joined first.
void Generator::emitTry(const TryStmt *stmt) {
  Block *handler = newBlock(errorType), *done = newBlock();
  size_t depth = mark();
  fn->handlers.emplace_back(depth, handler);
  emit(stmt->body);
  branch(done);
  auto usedFutures = fn->handlers.pop_back_val().usedFutures;

  moveTo(handler);
  Value error = handler->getArgument(0);
  Block *caught = newBlock();
  make<cf::CondBranchOp>(make<ir::IsCancellationOp>(builder.getI1Type(), error), failureBlock(), mlir::ValueRange(error),
                         caught, mlir::ValueRange());
  moveTo(caught);
  Value message = callRuntime("awgrt_error_message", error, strType).front();
  Value place = callRuntime("awgrt_error_place", error, strType).front();
  make<ir::ReleaseOp>(error);
  declare(stmt->error, {message, place});
  for (Value slot : usedFutures) {
    Value future = load(slot);
    store(null(future.getType()), slot);
    discard(future);
  }
  emit(stmt->handler);
  leaveScope(depth);
  branch(done);
  moveTo(done);
}
