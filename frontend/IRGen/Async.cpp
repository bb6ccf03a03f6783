// async: what is started, with what it is lent and given.
#include "frontend/Check/FlowGraph.h"
#include "frontend/IRGen/Generator.h"

using namespace awg;

RValue Generator::emitAsync(const AsyncExpr *expr) {
  const Expr *operand = strip(expr->operand);
  auto *block = dyn_cast<BlockExpr>(operand);
  Value future = toFuture(block ? startBlock(expr, block) : emitStart(operand, /*isDetached=*/true, expr->on));
  return RValue(future, /*owned=*/true);
}

Value Generator::toFuture(const Started &started) {
  Value future = started.future;
  if (!future) {
    consume(started.given);
    future = make<ir::AsyncOp>(futureOf(started.results), started.task, started.arguments);
  }
  own(future);
  return future;
}

Started Generator::emitStart(const Expr *expr, bool isDetached, const Expr *on) {
  Place place(*this, expr->loc());
  if (auto *each = dyn_cast<EachExpr>(expr))
    return startEach(each, isDetached, on);
  auto *call = cast<CallExpr>(expr);
  if (call->method != ChanMethod::None)
    return startMethod(call);
  if (call->builtin)
    return startOperation(call, isDetached);
  return call->function->flavour == FnDecl::Kernel ? startKernel(call, isDetached, on) : startTask(call, isDetached);
}

//===-- Arguments -----------------------------------------------------------------------------------------------------===//

void Generator::addArgument(StartArguments &to, RValue value, bool takesStrings) {
  for (Value leaf : value.leaves) {
    bool isText = isShared(leaf.getType());
    if (isText && takesStrings && !value.owned && !leaf.getDefiningOp<ir::StrOp>()) {
      make<ir::RetainOp>(leaf);
      own(leaf);
    }
    if (isText && takesStrings)
      to.given.push_back(to.values.size());
    else if (value.owned && isOwned(leaf.getType()))
      to.lent.push_back(to.values.size());
    to.values.push_back(leaf);
  }
}

/// The record of a view ends with its variable; what outlives the statement gets one of its own.
RValue Generator::emitLent(const Expr *argument, const Type *type, bool isDetached) {
  return isDetached && isViewName(argument) ? viewRecord(emitView(argument)) : emitAs(argument, type);
}

/// A variable's slots, or the records of a view, which go into slots of whoever starts.
void Generator::addWritten(StartArguments &to, const Expr *argument, bool isDetached) {
  if (Path path = pathOf(argument); path.var && !(isDetached && isViewName(argument))) {
    llvm::append_range(to.values, leavesAt(path));
    return;
  }
  if (flow::arrayOfElement(argument)) {
    llvm::append_range(to.values, slotsOf(argument));
    return;
  }
  unsigned first = to.values.size();
  addArgument(to, emitLent(argument, argument->type, isDetached), /*takesStrings=*/false);
  for (unsigned position = first; position < to.values.size(); ++position)
    to.inSlots.push_back(position);
}

Started Generator::startWith(const StartArguments &arguments, TypeList results, bool isDetached,
                             llvm::function_ref<Started(mlir::ValueRange)> start) {
  auto givenOf = [&](mlir::ValueRange values) {
    Leaves given;
    for (unsigned position : arguments.given)
      given.push_back(values[position]);
    return given;
  };
  if (!isDetached || arguments.lent.empty()) {
    Started started = start(arguments.values);
    llvm::append_range(started.given, givenOf(arguments.values));
    return started;
  }

  Started outer;
  outer.task = numbered("task");
  outer.arguments = arguments.values;
  outer.given = givenOf(arguments.values);
  outer.results = results;
  for (unsigned position : arguments.lent)
    outer.given.push_back(arguments.values[position]);
  launchingTask(outer, [&](mlir::ValueRange values) {
    for (unsigned position : arguments.lent)
      own(values[position]);
    own(givenOf(values));
    Started started = start(values);
    llvm::append_range(started.given, givenOf(values));
    Leaves leaves = finish(started).leaves;
    consume(leaves);
    leave(leaves);
  });
  return outer;
}

//===-- Async functions -------------------------------------------------------------------------------------------------===//

Started Generator::startTask(const CallExpr *expr, bool isDetached) {
  const FnDecl *function = expr->function;
  StartArguments arguments;
  for (auto [argument, param] : llvm::zip(expr->arguments, function->params)) {
    if (param->mode == PassMode::Mut) {
      addWritten(arguments, argument.value, isDetached);
    } else if (param->mode == PassMode::Move) {
      for (Value leaf : emitOwned(argument.value, param->type)) {
        arguments.given.push_back(arguments.values.size());
        arguments.values.push_back(leaf);
      }
    } else {
      addArgument(arguments, emitLent(argument.value, param->type, isDetached), /*takesStrings=*/true);
    }
  }
  TypeList results = leavesOf(function->returnType);
  return startWith(arguments, results, isDetached, [&](mlir::ValueRange values) {
    Started started;
    started.task = symbolOf(function);
    started.arguments.assign(values.begin(), values.end());
    for (unsigned position : arguments.inSlots) {
      started.arguments[position] = newSlot(values[position].getType());
      store(values[position], started.arguments[position]);
    }
    started.results = results;
    return started;
  });
}

//===-- The runtime's operations ----------------------------------------------------------------------------------------===//

/// What `read_csv` passes over: -1 leaves it to the file.
Value Generator::headerLines(const CallExpr *expr) {
  if (expr->arguments.size() == 1)
    return i64(-1);
  return make<arith::MaxSIOp>(emitI64(expr->arguments[1].value), i64(0));
}

Started Generator::startOperation(const CallExpr *expr, bool isDetached) {
  StartArguments arguments;
  bool isCsv = expr->builtin->id == BuiltinId::ReadCsv;
  for (auto [number, argument] : llvm::enumerate(expr->arguments.take_front(isCsv ? 1 : expr->arguments.size()))) {
    RValue value = emitLent(argument.value, argument.value->type, isDetached);
    addArgument(arguments, keep(value, argument.value, argumentsAfter(expr, number)), /*takesStrings=*/false);
  }
  if (isCsv)
    arguments.values.push_back(headerLines(expr));
  TypeList results = leavesOf(expr->type);
  return startWith(arguments, results, isDetached, [&](mlir::ValueRange values) {
    Leaves passed(values);
    mlir::DenseI64ArrayAttr extents;
    if (!expr->resolvedTypes.empty()) {
      auto *type = cast<ArrayType>(expr->resolvedTypes.front());
      passed.push_back(constant(builder.getI32Type(), kindOf(type->element())));
      passed.push_back(constant(builder.getI32Type(), type->rank()));
      llvm::SmallVector<int64_t> wanted(llvm::map_range(type->extents(), [](const Extent &extent) {
        return extent.kind == Extent::Constant ? extent.value : -1;
      }));
      extents = builder.getDenseI64ArrayAttr(wanted);
    }
    auto name = builder.getStringAttr("awgrt_" + expr->builtin->name);
    Started started;
    started.future = make<ir::OperationOp>(futureOf(results), name, passed, extents);
    return started;
  });
}

//===-- Blocks ----------------------------------------------------------------------------------------------------------===//

/// What a task takes of a variable: its value, its slots, or its value for good.
void Generator::addCaptures(Started &started, ArrayRef<Capture> captures) {
  for (const Capture &capture : captures) {
    Leaves leaves;
    if (capture.mode == Capture::Move) {
      leaves = takePath({capture.var, 0, leafCount(capture.var->type)});
      llvm::append_range(started.given, leaves);
    } else if (capture.var->isView) {
      leaves = viewRecord(wholeView(loadLeaves(variable(capture.var)), cast<ArrayType>(capture.var->type))).leaves;
      llvm::append_range(started.given, leaves);
    } else if (capture.mode == Capture::Mut) {
      leaves = variable(capture.var).leaves;
    } else {
      leaves = loadLeaves(variable(capture.var));
      for (Value leaf : leaves)
        if (isShared(leaf.getType())) {
          toOwned(leaf);
          started.given.push_back(leaf);
        }
    }
    llvm::append_range(started.arguments, leaves);
  }
}

/// Futures are declared last, and so end first: a later task of theirs may be lent what else the task took.
mlir::ValueRange Generator::bindCaptures(ArrayRef<Capture> captures, mlir::ValueRange arguments) {
  llvm::SmallVector<std::pair<const Capture *, mlir::ValueRange>> futures;
  for (const Capture &capture : captures) {
    unsigned count = leafCount(capture.var->type);
    mlir::ValueRange leaves = arguments.take_front(count);
    arguments = arguments.drop_front(count);
    if (flow::holdsFuture(capture.var->type))
      futures.emplace_back(&capture, leaves);
    else
      bindCapture(capture, leaves);
  }
  for (auto [capture, leaves] : futures)
    bindCapture(*capture, leaves);
  return arguments;
}

Started Generator::startBlock(const AsyncExpr *expr, const BlockExpr *block) {
  Started started;
  started.task = numbered("async");
  started.results = leavesOf(cast<FutureType>(expr->type)->result());
  addCaptures(started, expr->captures);
  auto task = newTask(started.task, mlir::ValueRange(started.arguments).getTypes(), started.results);
  inFunction(task, FunctionContext::Task, started.results, [&](Block *entry) {
    bindCaptures(expr->captures, entry->getArguments());
    Leaves leaves = emitOwned(block, cast<FutureType>(expr->type)->result());
    consume(leaves);
    leave(leaves.size() == fn->results.size() ? leaves : placeholders(fn->results));
  });
  return started;
}

void Generator::bindCapture(const Capture &capture, mlir::ValueRange leaves) {
  if (capture.mode == Capture::Move || capture.var->isView)
    return declare(capture.var, Leaves(leaves));
  switch (capture.mode) {
  case Capture::Move:
    return;
  case Capture::Mut:
    fn->variables[capture.var] = {Leaves(leaves), /*inSlots=*/true};
    return;
  case Capture::Copy:
  case Capture::Read:
    fn->variables[capture.var] = {Leaves(leaves), /*inSlots=*/false};
    for (Value leaf : leaves)
      if (isShared(leaf.getType()))
        own(leaf);
    return;
  }
}
