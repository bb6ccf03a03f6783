// await: of what runs here, of futures, of several, of an array of them.
#include "frontend/IRGen/Generator.h"

using namespace awg;

RValue Generator::emitAwait(const AwaitExpr *expr) {
  if (expr->within)
    return awaitWithin(expr);
  const Expr *operand = strip(expr->operand);
  if (llvm::isa<CallExpr, EachExpr>(operand)) {
    Started started = emitStart(operand, /*isDetached=*/false, expr->on);
    return finish(started);
  }
  if (auto *tuple = dyn_cast<TupleExpr>(operand)) {
    Leaves futures;
    for (const Expr *element : tuple->elements)
      llvm::append_range(futures, emitOwned(element, element->type));
    return futures.empty() ? RValue() : awaitFutures(futures);
  }
  Leaves futures = emitOwned(operand, operand->type);
  if (futures.empty()) // what never ends gives none
    return RValue(placeholders(leavesOf(expr->type)));
  return operand->type->isArray() ? awaitArray(futures.front(), expr->type) : awaitFutures(futures);
}

RValue Generator::finish(const Started &started) {
  if (started.future)
    return awaitFutures(started.future);
  consume(started.given);
  return resultsOf(make<ir::RunOp>(errorType, started.results, started.task, started.arguments));
}

RValue Generator::awaitFutures(mlir::ValueRange futures) {
  consume(futures);
  TypeList types{errorType};
  for (Value future : futures)
    llvm::append_range(types, llvm::cast<ir::FutureType>(future.getType()).getLeaves());
  return resultsOf(make<ir::AwaitOp>(types, futures));
}

/// The values of an operation that gives an error first, which is null from here on. Beside an error there may be values too:
/// of those that succeeded when another failed, or when this task was cancelled.
RValue Generator::resultsOf(mlir::Operation *op) {
  Leaves values(op->getResults().drop_front());
  own(values);
  check(op->getResult(0));
  return RValue(values, /*owned=*/true);
}

/// Waits for all, then takes the values out one by one. The array keeps the futures that are left until then.
RValue Generator::awaitArray(Value futures, const Type *type) {
  check(make<ir::AwaitAllOp>(errorType, futures));
  auto *array = cast<ArrayType>(type);
  bool isUnit = array->element()->isUnit();
  Value count = dim(futures, 0);
  Leaves values = newArray(type, count, /*isUninit=*/!isUnit);
  countedLoop(i64(0), count, true, [&](Value position) {
    ElementRef place = elementAt(futures, position);
    Value future = loadElement(place);
    storeElement(null(future.getType()), place);
    Leaves leaves = awaitFutures(future).leaves;
    consume(leaves);
    if (!isUnit)
      storePlace(leaves, elementsAt(values, position));
  });
  consume(futures);
  make<ir::ReleaseOp>(futures);
  return RValue(values, /*owned=*/true);
}
