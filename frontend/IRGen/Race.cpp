// race and `within`: the first to end wins, the others are cancelled, joined and dropped.
#include "frontend/IRGen/Generator.h"

using namespace awg;

/// Starts what an `await` waits for; gives its future, owned.
Value Generator::startOperand(const AwaitExpr *await) {
  const Expr *operand = strip(await->operand);
  if (auto *call = dyn_cast<CallExpr>(operand); call && call->method != ChanMethod::None) {
    Place place(*this, call->loc());
    return toFuture(startMethod(call, /*isArm=*/true));
  }
  if (isa<CallExpr, EachExpr>(operand))
    return toFuture(emitStart(operand, /*isDetached=*/true, await->on));
  Leaves futures;
  if (auto *tuple = dyn_cast<TupleExpr>(operand)) {
    for (const Expr *element : tuple->elements)
      llvm::append_range(futures, emitOwned(element, element->type));
    return startJoin(futures, nullptr, await->type);
  }
  futures = emitOwned(operand, operand->type);
  return operand->type->isArray() ? startJoin(futures, operand->type, await->type) : futures.front();
}

/// A task that joins futures, or an array of them.
Value Generator::startJoin(mlir::ValueRange futures, const Type *array, const Type *result) {
  consume(futures);
  TypeList results = leavesOf(result);
  Started started;
  started.task = numbered("join");
  started.arguments = Leaves(futures);
  started.results = results;
  auto task = newTask(started.task, futures.getTypes(), results);
  inFunction(task, FunctionContext::Task, results, [&](Block *entry) {
    Leaves passed(entry->args_begin(), entry->args_end());
    own(passed);
    Leaves values = (array ? awaitArray(passed.front(), result) : awaitFutures(passed)).leaves;
    consume(values);
    leave(values);
  });
  return toFuture(started);
}

Value Generator::firstOf(mlir::ValueRange futures) {
  consume(futures);
  return make<ir::RaceOp>(builder.getI64Type(), futures);
}

RValue Generator::emitRace(const RaceExpr *expr) {
  Leaves futures;
  for (const RaceArm &arm : expr->arms)
    futures.push_back(startOperand(arm.await));
  Value winner = firstOf(futures);
  Block *merge = newBlock(leavesOf(expr->type));
  for (auto [number, arm] : llvm::enumerate(expr->arms)) {
    Block *inside = newBlock();
    Block *others = number + 1 < expr->arms.size() ? newBlock() : nullptr;
    if (others)
      branchIf(compare(arith::CmpIPredicate::eq, winner, i64(number)), inside, others);
    else
      branch(inside);
    moveTo(inside);
    size_t depth = mark();
    for (auto [position, future] : llvm::enumerate(futures))
      if (position != number)
        discardFuture(future);
    Leaves values = awaitFutures(futures[number]).leaves;
    consume(values);
    if (!arm.await->type->isNever())
      bind(arm.pattern, arm.await->type, values);
    Leaves leaves = emitOwned(arm.value, expr->type);
    if (leaves.size() != merge->getNumArguments()) // a value that is dropped
      leaves = placeholders(merge->getArgumentTypes());
    consume(leaves);
    leaveScope(depth);
    branch(merge, leaves);
    if (others)
      moveTo(others);
  }
  moveTo(merge);
  Leaves values(merge->args_begin(), merge->args_end());
  own(values);
  return RValue(values, /*owned=*/true);
}

RValue Generator::awaitWithin(const AwaitExpr *expr) {
  Value future = startOperand(expr);
  Value limit = emitScalar(expr->within);
  Value sleep = make<ir::OperationOp>(futureOf({}), builder.getStringAttr("awgrt_sleep"), limit,
                                      mlir::DenseI64ArrayAttr());
  own(sleep);
  Value winner = firstOf({future, sleep});
  Block *late = newBlock(), *inTime = newBlock();
  branchIf(compare(arith::CmpIPredicate::eq, winner, i64(0)), inTime, late);
  moveTo(late);
  discardFuture(sleep);
  discardFuture(future);
  branch(failureBlock(), newError("timed out", {}, {}));
  moveTo(inTime);
  discardFuture(sleep);
  return awaitFutures(future);
}
