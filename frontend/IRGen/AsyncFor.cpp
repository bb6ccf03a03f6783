// `async for`: as many runners as iterations may run at once. Each takes the next iteration from a counter that they share,
// until there are none left or one has failed.
#include "frontend/Check/FlowGraph.h"
#include "frontend/IRGen/Generator.h"

using namespace awg;

void Generator::emitAsyncFor(const AsyncForStmt *stmt) {
  size_t depth = mark();
  Leaves shared; // the counter, the number of iterations, what they go over
  const Expr *iterable = strip(stmt->iterable);
  Value count;
  if (auto *range = dyn_cast<RangeExpr>(iterable)) {
    Value begin = emitScalar(range->begin), end = emitScalar(range->end);
    bool isSigned = range->type->isSigned();
    Value isSome = compare(isSigned ? arith::CmpIPredicate::slt : arith::CmpIPredicate::ult, begin, end);
    Value length = resize(make<arith::SubIOp>(end, begin), 64, /*isSigned=*/false);
    count = make<arith::SelectOp>(isSome, length, i64(0));
    shared = {begin};
  } else {
    Items items = itemsOf(iterable);
    count = items.count;
    shared = viewRecord(items.view).leaves;
    shared.push_back(items.length ? items.length : i64(0));
  }
  Value runners = count;
  if (stmt->limit) {
    Value limit = emitI64(stmt->limit);
    require(compare(arith::CmpIPredicate::sge, limit, i64(1)),
            "the limit of an `async for` is {}, and must be at least 1", limit, {AWGRT_I64});
    runners = make<arith::MinUIOp>(limit, count);
  }
  Value counter = newSlot(builder.getI64Type());
  store(i64(0), counter);
  shared.insert(shared.begin(), {counter, count});

  std::string task = numbered("async");
  mlir::Type future = futureOf({});
  Value futures = newArrayOf(future, AWGRT_TASK, runners, /*isUninit=*/false);
  TypeList arguments;
  countedLoop(i64(0), runners, /*isSigned=*/false, [&](Value position) {
    Started started;
    started.task = task;
    addCaptures(started, stmt->captures);
    llvm::append_range(started.arguments, shared);
    llvm::append_range(arguments, mlir::ValueRange(started.arguments).getTypes());
    Value runner = toFuture(started);
    consume(runner);
    storeElement(runner, elementAt(futures, position));
  });
  inFunction(newTask(task, arguments, {}), FunctionContext::Task, {},
             [&](Block *entry) { emitIterations(stmt, entry->getArguments()); });
  check(make<ir::AwaitAllOp>(errorType, futures));
  leaveScope(depth);
}

/// The body of a runner.
void Generator::emitIterations(const AsyncForStmt *stmt, mlir::ValueRange arguments) {
  mlir::ValueRange shared = bindCaptures(stmt->captures, arguments);
  Value counter = shared[0], count = shared[1];
  Leaves items(shared.drop_front(2));
  Block *next = newBlock(), *inside = newBlock(), *failed = newBlock(errorType), *exit = newBlock();
  branch(next);
  moveTo(next);
  check(make<ir::AwaitOp>(errorType, mlir::ValueRange()).getError()); // was it cancelled?
  Value position = make<memref::AtomicRMWOp>(arith::AtomicRMWKind::addi, i64(1), counter, mlir::ValueRange());
  branchIf(compare(arith::CmpIPredicate::ult, position, count), inside, exit);

  moveTo(inside);
  size_t depth = mark();
  fn->handlers.emplace_back(depth, failed);
  fn->loops.push_back({depth, exit, next});
  if (auto *array = dyn_cast<ArrayType>(stmt->iterable->type)) {
    bool isChunks = flow::partsCall(stmt->iterable, BuiltinId::Chunks);
    Value length = items.pop_back_val();
    Items parts{wholeView(items, array), array->element(), isChunks ? length : Value(), count};
    bindItem(stmt->pattern, parts, position);
  } else {
    const Type *type = stmt->iterable->type;
    Value offset = resize(position, type->width(), /*isSigned=*/false);
    bind(stmt->pattern, type, Value(make<arith::AddIOp>(items.front(), offset)));
  }
  emit(stmt->body);
  leaveScope(depth);
  fn->loops.pop_back();
  fn->handlers.pop_back();
  branch(next);

  moveTo(failed); // no runner begins another iteration
  make<memref::AtomicRMWOp>(arith::AtomicRMWKind::assign, count, counter, mlir::ValueRange());
  reject(failed->getArgument(0));
  moveTo(exit);
  leaveScope(0);
  leave({});
}
