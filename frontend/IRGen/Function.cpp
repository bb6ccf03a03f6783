// Functions: plain ones, tasks of async ones, tests, the entry; their parameters and how they are left.
#include "frontend/IRGen/Generator.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/Support/Path.h"

using namespace awg;

//===-- Names -------------------------------------------------------------------------------------------------------===//

/// What tells an instance from others: `$f32`, of characters that assemblers take.
std::string Generator::instanceSuffix(const FnDecl *decl) {
  if (!decl->generic)
    return "";
  std::string suffix;
  for (const Type *argument : decl->typeArguments) {
    suffix += '$';
    for (char c : argument->str())
      suffix += llvm::isAlnum(c) ? c : '_';
  }
  unsigned number = counters[(decl->name + suffix).str()]++;
  return number ? suffix + '$' + std::to_string(number) : suffix;
}

/// Files of one name in several folders are told apart by a number. No instance's suffix has two `$` in a row.
void Generator::choosePrefixes(const llvm::SourceMgr &sources) {
  auto stemOf = [&](const Module *module) {
    return llvm::sys::path::stem(sources.getMemoryBuffer(module->bufferId)->getBufferIdentifier()).str();
  };
  for (const Module *module : program.standard)
    for (const FnDecl *function : module->functions) {
      prefixes[function] = "awg$" + stemOf(module) + "$";
      standard.insert(function);
    }
  llvm::StringSet<> taken;
  for (const Module *module : program.imported) {
    std::string name = stemOf(module);
    for (char &c : name)
      c = llvm::isAlnum(c) ? c : '_';
    for (unsigned number = 2; !taken.insert(name).second; ++number)
      name += "_" + std::to_string(number);
    for (const FnDecl *function : module->functions)
      prefixes[function] = "awg_" + name + "$$";
  }
}

std::string Generator::symbolOf(const FnDecl *decl) {
  std::string &symbol = symbols[decl];
  if (!symbol.empty())
    return symbol;
  auto prefix = prefixes.find(decl->generic ? decl->generic : decl);
  if (decl->flavour == FnDecl::Test)
    symbol = "awg_test$" + std::to_string(counters["test"]++);
  else
    symbol = (prefix == prefixes.end() ? "awg_" : prefix->second) + decl->name.str() + instanceSuffix(decl);
  return symbol;
}

std::string Generator::numbered(StringRef what) {
  std::string prefix = fn->symbol + "$" + what.str() + "_";
  return prefix + std::to_string(counters[prefix]++);
}

/// `$device`, and for each view its parameter's number and what becomes of the dimensions: `_1kd`.
static std::string deviceSuffix(ArrayRef<ViewShape> shapes) {
  std::string suffix = "$device";
  for (auto [number, shape] : llvm::enumerate(shapes)) {
    if (!shape.empty())
      suffix += "_" + std::to_string(number);
    for (bool isKept : shape)
      suffix += isKept ? 'k' : 'd';
  }
  return suffix;
}

std::string Generator::calleeSymbol(const FnDecl *decl, ArrayRef<ViewShape> shapes) {
  std::string symbol = symbolOf(decl);
  bool isDevice = fn->isDevice && llvm::any_of(decl->params, [](const VarDecl *param) { return hasArray(param->type); });
  if (isDevice)
    symbol += deviceSuffix(shapes);
  if (emitted.insert(symbol).second)
    waiting.push_back({decl, isDevice, llvm::to_vector(shapes)});
  return symbol;
}

static std::string sourceNameOf(const FnDecl *decl) {
  return decl->flavour == FnDecl::Test ? "test \"" + decl->name.str() + "\"" : decl->name.str();
}

//===-- Declarations ------------------------------------------------------------------------------------------------===//

void Generator::emitDeclaration(const FnDecl *decl) {
  Place place(*this, decl->loc);
  if (decl == program.main)
    emitMain(decl);
  switch (decl->flavour) {
  case FnDecl::Plain:
    emitPlain(decl, /*isDevice=*/false);
    break;
  case FnDecl::Async:
    if (decl != program.main)
      emitAsyncFn(decl);
    break;
  case FnDecl::Kernel:
    if (emitted.insert(symbolOf(decl)).second)
      emitKernel({cast<EachExpr>(strip(decl->each)), symbolOf(decl), inputsOf(decl), decl->isFast, decl->threadCount});
    return;
  case FnDecl::Test:
    emitTest(decl);
    return;
  case FnDecl::Extern: // declared where it is called
    return;
  }
  if (decl->isExport)
    emitForeign(decl);
}

void Generator::setExported(mlir::Operation *op, const FnDecl *decl) {
  if ((decl->isExport || decl->isPub) && !decl->generic && !prefixes.contains(decl))
    op->setAttr("awg.export", builder.getUnitAttr());
  else
    mlir::SymbolTable::setSymbolVisibility(op, mlir::SymbolTable::Visibility::Private);
}

TypeList Generator::captureTypes(const VarDecl *var, bool isMut, bool isDevice) {
  TypeList types = leavesOf(var->type);
  for (mlir::Type &type : types)
    if (auto array = llvm::dyn_cast<ir::ArrayType>(type); array && isDevice)
      type = memrefOf(array);
    else if (isMut)
      type = slotOf(type);
  return types;
}

TypeList Generator::paramTypes(const FnDecl *decl, bool isDevice, ArrayRef<ViewShape> shapes) {
  TypeList types;
  for (auto [number, param] : llvm::enumerate(decl->params)) {
    ArrayRef<bool> shape = shapes.empty() ? ArrayRef<bool>() : shapes[number];
    if (shape.empty()) {
      llvm::append_range(types, captureTypes(param, param->mode == PassMode::Mut, isDevice));
      continue;
    }
    for (mlir::Type leaf : leavesOf(param->type))
      types.push_back(memrefOf(ir::ArrayType::get(&context, llvm::cast<ir::ArrayType>(leaf).getElementType(), shape.size())));
    types.append(shape.size() + llvm::count(shape, true), builder.getI64Type());
  }
  return types;
}

//===-- Bodies ------------------------------------------------------------------------------------------------------===//

void Generator::inFunction(mlir::Operation *op, FunctionContext::Kind kind, mlir::TypeRange results,
                           llvm::function_ref<void(Block *)> body) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  FunctionContext inner;
  inner.kind = kind;
  inner.op = op;
  inner.body = &op->getRegion(0);
  inner.results.assign(results.begin(), results.end());
  inner.handlers.emplace_back(0, nullptr);
  if (fn) {
    inner.symbol = fn->symbol;
    inner.sourceName = fn->sourceName;
    inner.decl = fn->decl;
  }
  FunctionContext *outer = fn;
  fn = &inner;
  auto type = llvm::cast<mlir::FunctionOpInterface>(op).getArgumentTypes();
  Block *entry = newBlock(type);
  moveTo(entry);
  body(entry);
  mlir::IRRewriter rewriter(builder);
  (void)mlir::eraseUnreachableBlocks(rewriter, *inner.body);
  fn = outer;
}

ir::TaskOp Generator::newTask(StringRef name, mlir::TypeRange arguments, mlir::TypeRange results) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(module.getBody());
  auto task = ir::TaskOp::create(builder, loc, name, builder.getFunctionType(arguments, results), fn->sourceName);
  mlir::SymbolTable::setSymbolVisibility(task, mlir::SymbolTable::Visibility::Private);
  task->setAttr("awg.outlined", builder.getUnitAttr());
  return task;
}

/// Says which item the context is for.
static void setItem(FunctionContext &fn, const FnDecl *decl, std::string symbol) {
  fn.symbol = std::move(symbol);
  fn.sourceName = sourceNameOf(decl);
  fn.decl = decl;
  fn.isFast = decl->isFast;
  fn.isItemBody = true;
}

void Generator::emitPlain(const FnDecl *decl, bool isDevice, ArrayRef<ViewShape> shapes) {
  Place place(*this, decl->loc);
  TypeList results = leavesOf(decl->returnType), all;
  if (mayFail(decl))
    all.push_back(errorType);
  llvm::append_range(all, results);
  std::string symbol = symbolOf(decl) + (isDevice ? deviceSuffix(shapes) : "");
  auto function = mlir::func::FuncOp::create(builder, loc, symbol,
                                             builder.getFunctionType(paramTypes(decl, isDevice, shapes), all));
  function->setAttr("awg.source_name", builder.getStringAttr(decl->name));
  if (isDevice)
    function.setPrivate();
  else
    setExported(function, decl);
  inFunction(function, FunctionContext::Function, results, [&](Block *entry) {
    setItem(*fn, decl, symbol);
    fn->isDevice = isDevice;
    fn->givesError = mayFail(decl);
    bindParams(decl, entry->getArguments(), /*isTask=*/false, shapes);
    if (!isDevice && !fn->givesError) // callers have reached what it uses
      for (const VarDecl *param : decl->params)
        fn->reached.insert_range(fn->variables[param].leaves);
    emitItemBody(decl);
  });
}

void Generator::emitAsyncFn(const FnDecl *decl) {
  TypeList results = leavesOf(decl->returnType);
  auto task = ir::TaskOp::create(builder, loc, symbolOf(decl),
                                 builder.getFunctionType(paramTypes(decl, false), results), sourceNameOf(decl));
  setExported(task, decl);
  inFunction(task, FunctionContext::Task, results, [&](Block *entry) {
    setItem(*fn, decl, symbolOf(decl));
    bindParams(decl, entry->getArguments(), /*isTask=*/true);
    emitItemBody(decl);
  });
}

void Generator::emitTest(const FnDecl *decl) {
  auto task = ir::TaskOp::create(builder, loc, symbolOf(decl), builder.getFunctionType({}, {}), sourceNameOf(decl));
  task->setAttr("awg.test", builder.getStringAttr(decl->name));
  inFunction(task, FunctionContext::Task, {}, [&](Block *) {
    setItem(*fn, decl, symbolOf(decl));
    emitItemBody(decl);
  });
}

void Generator::emitMain(const FnDecl *decl) {
  mlir::Type arguments = ir::ArrayType::get(&context, strType, 1);
  auto task = ir::TaskOp::create(builder, loc, "awg$main_entry", builder.getFunctionType(arguments, {}), "main");
  inFunction(task, FunctionContext::Task, {}, [&](Block *entry) {
    setItem(*fn, decl, symbolOf(decl));
    own(entry->getArgument(0));
    mlir::ValueRange passed = mlir::ValueRange(entry->getArguments()).take_front(decl->params.size());
    if (decl->flavour == FnDecl::Async) {
      bindParams(decl, passed, /*isTask=*/true);
      emitItemBody(decl);
    } else {
      fn->isItemBody = false;
      callPlain(decl, passed);
      leave({});
    }
  });
}

void Generator::emitItemBody(const FnDecl *decl) {
  bindSizes(decl);
  RValue value = emitAs(decl->body, decl->returnType ? decl->returnType : decl->body->type);
  if (decl->returnType && !decl->body->type->isNever() && fn->isItemBody) {
    Place place(*this, decl->body->tail ? decl->body->tail->loc() : decl->loc);
    checkExtents(value.leaves, decl->body->type, decl->returnType, decl->returnExpr);
  }
  consume(value.leaves);
  leave(value.leaves);
}

void Generator::leave(mlir::ValueRange leaves) {
  emitCleanups(0);
  Leaves values(leaves);
  switch (fn->kind) {
  case FunctionContext::Task:
    make<ir::TaskReturnOp>(noError(), values);
    return;
  case FunctionContext::Kernel:
    make<ir::YieldOp>(noError(), values);
    return;
  case FunctionContext::Function:
    if (fn->givesError)
      values.insert(values.begin(), noError());
    make<mlir::func::ReturnOp>(values);
    return;
  }
}

RValue Generator::emitReturn(const ReturnExpr *expr) {
  Leaves leaves;
  if (expr->value) {
    const Type *type = fn->isItemBody ? fn->decl->returnType : expr->value->type;
    leaves = emitOwned(expr->value, type);
    if (fn->isItemBody && !expr->value->type->isNever())
      checkExtents(leaves, expr->value->type, type, fn->decl->returnExpr);
    consume(leaves);
  }
  if (leaves.size() != fn->results.size()) // the value never comes
    leaves = placeholders(fn->results);
  leave(leaves);
  startUnreachable();
  return {};
}

//===-- Parameters --------------------------------------------------------------------------------------------------===//

/// A task owns the strings that it is passed, since whoever started it may go on before it ends.
void Generator::bindParams(const FnDecl *decl, mlir::ValueRange arguments, bool isTask, ArrayRef<ViewShape> shapes) {
  for (auto [number, param] : llvm::enumerate(decl->params)) {
    unsigned count = leafCount(param->type);
    if (!shapes.empty() && !shapes[number].empty()) {
      fn->views[param] = viewFrom(arguments, count, shapes[number]);
      continue;
    }
    Leaves leaves(arguments.take_front(count));
    arguments = arguments.drop_front(count);
    Place place(*this, param->loc);
    if (param->mode == PassMode::Move) {
      declare(param, leaves);
      continue;
    }
    bool isMut = param->mode == PassMode::Mut;
    fn->variables[param] = {leaves, isMut && !(fn->isDevice && hasArray(param->type))};
    if (isTask && !isMut)
      for (Value leaf : leaves)
        if (isShared(leaf.getType()))
          own(leaf);
  }
}

void Generator::bindSizes(const FnDecl *decl) {
  for (const VarDecl *param : decl->params) {
    Place place(*this, param->loc);
    if (auto view = fn->views.find(param); view != fn->views.end())
      bindSizes(cast<ArrayType>(param->type), [&](unsigned dimension) { return extentOf(view->second, dimension); });
    else if (hasArray(param->type))
      bindSizes(param->type, loadLeaves(variable(param)));
  }
}

void Generator::bindSizes(const Type *type, ArrayRef<Value> leaves) {
  if (auto *tuple = dyn_cast<TupleType>(type)) {
    for (const Type *element : tuple->elements()) {
      bindSizes(element, leaves.take_front(leafCount(element)));
      leaves = leaves.drop_front(leafCount(element));
    }
    return;
  }
  if (auto *array = dyn_cast<ArrayType>(type))
    bindSizes(array, [&](unsigned dimension) { return dim(leaves.front(), dimension); });
}

void Generator::bindSizes(const ArrayType *type, llvm::function_ref<Value(unsigned)> extentOf) {
  for (auto [dimension, extent] : llvm::enumerate(type->extents())) {
    if (extent.kind == Extent::Constant)
      requireExtent(extentOf(dimension), i64(extent.value), "");
    if (extent.kind != Extent::Variable)
      continue;
    auto bound = fn->variables.find(extent.variable);
    if (bound == fn->variables.end())
      fn->variables[extent.variable] = {{extentOf(dimension)}, false};
    else
      requireExtent(extentOf(dimension), bound->second.leaves.front(), extent.variable->name);
  }
}
