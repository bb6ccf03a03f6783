// Launches: of an `each` where it stands, of a named kernel with its arguments, and what is done with their results
// (`reduce`: Reduce.cpp).
#include "frontend/IRGen/Generator.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;
using arith::CmpIPredicate;

//===-- What is launched ------------------------------------------------------------------------------------------------===//

Value Generator::emitDevice(const Expr *on) {
  if (!on)
    return nullptr;
  auto *call = dyn_cast<CallExpr>(on);
  auto *name = dyn_cast<NameExpr>(call ? strip(call->callee) : on);
  if (!name || name->decl)
    return emitScalar(on);
  if (call)
    return emitI64(call->arguments.front().value);
  return i64(name->name == "cpu" ? AWGRT_CPU : AWGRT_ANY_GPU);
}

Started Generator::startEach(const EachExpr *each, bool isDetached, const Expr *on) {
  llvm::SmallVector<Value> grid = emitExtents(each);
  Leaves init = each->op == EachOp::Reduce ? emitAs(each->init, each->type).leaves : Leaves();
  Value device = emitDevice(on);
  KernelShape kernel{each, numbered("each"), inputsOf(each), fn->isFast};
  StartArguments arguments;
  llvm::append_range(arguments.values, grid);
  for (const KernelInput &input : kernel.inputs) {
    RValue value(loadInput(input));
    if (isDetached && input.var->isView)
      value = viewRecord(wholeView(value.leaves, cast<ArrayType>(input.var->type)));
    addArgument(arguments, value, /*takesStrings=*/false);
  }
  llvm::append_range(arguments.values, init);
  emitKernel(kernel);
  llvm::SaveAndRestore chosen(fn->device, device);
  return startWith(arguments, leavesOf(each->type), isDetached, [&](mlir::ValueRange values) {
    mlir::ValueRange passed = values.drop_front(grid.size()).drop_back(init.size());
    return launch(kernel, values.take_front(grid.size()), passed, values.take_back(init.size()));
  });
}

Started Generator::startKernel(const CallExpr *expr, bool isDetached, const Expr *on) {
  const FnDecl *decl = expr->function;
  StartArguments arguments;
  for (auto [argument, param] : llvm::zip(expr->arguments, decl->params)) {
    bool isPlace = param->mode == PassMode::Mut && !(isDetached && isViewName(argument.value));
    PlaceRef place = isPlace ? emitPlace(argument.value) : PlaceRef();
    RValue value = isPlace ? RValue(loadPlace(place), place.owned) : emitLent(argument.value, param->type, isDetached);
    addArgument(arguments, value, /*takesStrings=*/false);
  }
  llvm::SaveAndRestore device(fn->device, emitDevice(on));
  return startWith(arguments, leavesOf(decl->returnType), isDetached,
                   [&](mlir::ValueRange values) { return launchNamed(decl, values); });
}

Started Generator::launchNamed(const FnDecl *decl, mlir::ValueRange values) {
  auto *each = cast<EachExpr>(strip(decl->each));
  Leaves arguments(values);
  for (const VarDecl *size : decl->sizes)
    fn->variables.erase(size); // of an earlier launch
  for (const VarDecl *param : decl->params) {
    unsigned count = leafCount(param->type);
    fn->variables[param] = {Leaves(values.take_front(count)), /*inSlots=*/false};
    values = values.drop_front(count);
  }
  Location site = loc;
  for (const VarDecl *param : decl->params)
    if (hasArray(param->type))
      bindSizes(param->type, variable(param).leaves);
  for (const VarDecl *size : decl->sizes)
    arguments.push_back(variable(size).leaves.front());
  llvm::SmallVector<Value> grid = emitExtents(each);
  loc = site;
  checkResultExtents(decl, grid);
  Leaves init = each->op == EachOp::Reduce ? emitAs(each->init, each->type).leaves : Leaves();
  return launch({each, symbolOf(decl), inputsOf(decl), decl->isFast}, grid, arguments, init);
}

/// A kernel that gives an array declares its extents: they must be the grid's.
void Generator::checkResultExtents(const FnDecl *decl, ArrayRef<Value> grid) {
  auto *declared = llvm::dyn_cast_or_null<ArrayType>(decl->returnType);
  if (!declared || decl->returnExpr->kind != TypeExpr::Array)
    return;
  auto *given = cast<ArrayType>(decl->each->type);
  for (auto [dimension, extent] : llvm::enumerate(declared->extents())) {
    const Expr *asked = decl->returnExpr->extents[dimension];
    if (!asked || (extent.kind != Extent::Any && given->extents()[dimension] == extent))
      continue;
    Value wanted = emitI64(asked);
    requireExtent(grid[dimension], wanted, text(asked->range));
  }
}

//===-- Launching -------------------------------------------------------------------------------------------------------===//

Value Generator::emitLaunch(StringRef kernel, mlir::ValueRange grid, mlir::ValueRange arguments, Value result,
                            mlir::TypeRange leaves) {
  return make<ir::LaunchOp>(futureOf(leaves), kernel, fn->device, grid, arguments, result);
}

void Generator::launchingTask(Started &started, llvm::function_ref<void(mlir::ValueRange)> body) {
  bool hasDevice = bool(fn->device);
  if (hasDevice)
    started.arguments.push_back(fn->device);
  auto task = newTask(started.task, mlir::ValueRange(started.arguments).getTypes(), started.results);
  inFunction(task, FunctionContext::Task, started.results, [&](Block *entry) {
    mlir::ValueRange values = entry->getArguments();
    if (hasDevice)
      fn->device = values.back();
    body(values.drop_back(hasDevice));
  });
}

Started Generator::launch(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments,
                         mlir::ValueRange init) {
  const EachExpr *each = kernel.each;
  bool isPlace = each->op == EachOp::ArgMin || each->op == EachOp::ArgMax;
  if (isPlace && each->indices.size() > 1)
    return launchThenDecode(kernel, grid, arguments);
  if (each->op == EachOp::Reduce)
    return launchReduce(kernel, grid, arguments, init);
  if (each->laneKernel)
    return launchByLanes(kernel, grid, arguments);

  Started started;
  Leaves passed(arguments);
  Value result;
  if (each->type->isArray()) {
    llvm::SmallVector<Value> extents;
    for (Value extent : grid)
      extents.push_back(make<arith::MaxSIOp>(extent, i64(0)));
    Leaves arrays = newArray(each->type, extents, /*isUninit=*/true);
    if (each->op == EachOp::Scan && storesValues(each))
      return launchInto(kernel, grid, arguments, arrays, [&](mlir::ValueRange extents, mlir::ValueRange members) {
        scanOnHost(each, Leaves(extents), Leaves(members));
      });
    if (arrays.size() > 1)
      return launchInto(kernel, grid, arguments, arrays);
    result = arrays.front();
    if (each->op == EachOp::Map)
      passed.push_back(result);
    consume(result);
  }
  started.future = emitLaunch(kernel.symbol, grid, passed, result, leavesOf(each->type));
  return started;
}

/// A task that launches, and does `then` with the extents and the arrays. Its arguments: the grid, the kernel's, the arrays.
Started Generator::launchInto(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments,
                              ArrayRef<Value> arrays,
                              llvm::function_ref<void(mlir::ValueRange, mlir::ValueRange)> then) {
  Started started;
  started.task = numbered("task");
  started.arguments.append(grid.begin(), grid.end());
  started.arguments.append(arguments.begin(), arguments.end());
  started.arguments.append(arrays.begin(), arrays.end());
  started.given = Leaves(arrays);
  started.results = leavesOf(kernel.each->type);
  launchingTask(started, [&](mlir::ValueRange values) {
    mlir::ValueRange extents = values.take_front(grid.size()), results = values.take_back(arrays.size());
    own(results);
    awaitFutures(emitLaunch(kernel.symbol, extents, values.drop_front(grid.size()), nullptr, {}));
    if (then)
      then(extents, results);
    consume(results);
    leave(results);
  });
  return started;
}

/// A task that launches and makes places of the row-major index. Its arguments: the grid, then the kernel's.
Started Generator::launchThenDecode(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments) {
  Started started;
  started.task = numbered("task");
  started.arguments.append(grid.begin(), grid.end());
  started.arguments.append(arguments.begin(), arguments.end());
  started.results = leavesOf(kernel.each->type);
  launchingTask(started, [&](mlir::ValueRange values) {
    Leaves extents(values.take_front(grid.size()));
    Value future =
        emitLaunch(kernel.symbol, extents, values.drop_front(grid.size()), nullptr, builder.getI64Type());
    leave(decodeIndex(awaitFutures(future).one(), extents));
  });
  return started;
}

Leaves Generator::decodeIndex(Value index, ArrayRef<Value> extents) {
  Leaves places(extents.size());
  for (unsigned k = extents.size() - 1; k > 0; --k) {
    places[k] = make<arith::RemSIOp>(index, extents[k]);
    index = make<arith::DivSIOp>(index, extents[k]);
  }
  places[0] = index;
  return places;
}
