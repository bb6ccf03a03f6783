// Functions of C that the program calls, and the functions by which C calls the program.
//
// C sees numbers as they are, a string as `const char *`, an array as a pointer and those of its extents that its type leaves
// open. An exported function that may reject gives its failure, and its result through a pointer behind the arguments.
#include "frontend/IRGen/Generator.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace awg;
namespace LLVM = mlir::LLVM;

//===-- Small pieces ------------------------------------------------------------------------------------------------===//

mlir::Type Generator::pointerType() { return LLVM::LLVMPointerType::get(&context); }

/// A handle is the runtime's pointer; the dialect's own types end before the LLVM dialect begins.
Value Generator::recast(Value value, mlir::Type type) {
  return make<mlir::UnrealizedConversionCastOp>(type, value).getResult(0);
}

static bool isOpen(Extent extent) { return extent.kind != Extent::Constant; }

/// What C passes for a value of that type.
void Generator::addForeignTypes(const Type *type, TypeList &to) {
  auto *array = dyn_cast<ArrayType>(type);
  if (!array && !type->isStr()) {
    to.push_back(scalarType(type));
    return;
  }
  to.push_back(pointerType());
  if (array)
    to.append(llvm::count_if(array->extents(), isOpen), builder.getI64Type());
}

/// C's callers extend what is narrower than a register, by its sign.
static StringRef extension(const Type *type) {
  if (type->isBool())
    return "llvm.zeroext";
  if (type->isInt() && type->width() < 32)
    return type->isSigned() ? "llvm.signext" : "llvm.zeroext";
  return "";
}

//===-- Functions of C ----------------------------------------------------------------------------------------------===//

void Generator::declareForeign(const FnDecl *decl) {
  if (!emitted.insert(decl->name).second)
    return;
  TypeList types, results;
  llvm::SmallVector<StringRef> extensions;
  for (const VarDecl *param : decl->params) {
    addForeignTypes(param->type, types);
    extensions.resize(types.size());
    if (!param->type->isArray())
      extensions.back() = extension(param->type);
  }
  if (!decl->returnType->isUnit())
    results.push_back(decl->returnType->isStr() ? pointerType() : scalarType(decl->returnType));
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto function = mlir::func::FuncOp::create(builder, location(decl->loc), decl->name,
                                             builder.getFunctionType(types, results));
  function.setPrivate();
  for (auto [position, name] : llvm::enumerate(extensions))
    if (!name.empty())
      function.setArgAttr(position, name, builder.getUnitAttr());
}

/// The address of an array's elements, and its open extents.
void Generator::passArray(const LentToForeign &lent, const ArrayType *type, Leaves &to) {
  Value array = lent.array;
  to.push_back(lent.elements);
  for (auto [dimension, extent] : llvm::enumerate(type->extents()))
    if (isOpen(extent))
      to.push_back(dim(array, dimension));
}

Generator::LentToForeign Generator::lendToForeign(Value array, bool isWritten) {
  if (!isReached(array))
    reach(array);
  Value write = constant(builder.getI32Type(), isWritten);
  Value elements = callRuntime("awgrt_array_lend", {recast(array, pointerType()), write}, pointerType())[0];
  return {array, elements, write};
}

/// Compares the extents that the parameters name or give.
void Generator::checkForeignExtents(const FnDecl *function, ArrayRef<Value> values) {
  llvm::DenseMap<const VarDecl *, Value> sizes;
  for (auto [value, param] : llvm::zip(values, function->params)) {
    auto *array = dyn_cast<ArrayType>(param->type);
    if (!array)
      continue;
    for (auto [dimension, extent] : llvm::enumerate(array->extents())) {
      if (extent.kind == Extent::Constant)
        checkExtent(value, dimension, i64(extent.value), "");
      if (extent.kind != Extent::Variable)
        continue;
      Value &size = sizes[extent.variable];
      if (size)
        checkExtent(value, dimension, size, extent.variable->name);
      else
        size = dim(value, dimension);
    }
  }
}

RValue Generator::callForeign(const CallExpr *expr, const FnDecl *function) {
  Leaves values, passed;
  for (auto [number, argument] : llvm::enumerate(expr->arguments)) {
    const VarDecl *param = function->params[number];
    if (param->mode == PassMode::Mut)
      values.push_back(loadLeaf(slotsOf(argument.value).front()));
    else
      values.push_back(
          keep(emitAs(argument.value, param->type), argument.value, argumentsAfter(expr, number)).one());
  }
  checkForeignExtents(function, values);
  llvm::SmallVector<LentToForeign> lent;
  for (auto [value, param] : llvm::zip(values, function->params)) {
    if (auto *array = dyn_cast<ArrayType>(param->type)) {
      lent.push_back(lendToForeign(value, param->mode == PassMode::Mut));
      passArray(lent.back(), array, passed);
    } else if (param->type->isStr()) {
      const LLVM::GEPArg bytes[] = {int32_t(offsetof(awgrt_str, bytes))};
      passed.push_back(make<LLVM::GEPOp>(pointerType(), builder.getI8Type(), recast(value, pointerType()),
                                         llvm::ArrayRef<LLVM::GEPArg>(bytes)));
    } else {
      passed.push_back(value);
    }
  }
  declareForeign(function);
  TypeList results = leavesOf(function->returnType);
  bool givesStr = function->returnType->isStr();
  auto call = make<mlir::func::CallOp>(function->name, givesStr ? TypeList{pointerType()} : results, passed);
  for (const LentToForeign &each : lent)
    callRuntime("awgrt_array_take_back", {recast(each.array, pointerType()), each.elements, each.isWritten}, {});
  if (!givesStr)
    return RValue(Leaves(call.getResults()));
  Value text = callRuntime("awgrt_str_from_c", call.getResult(0), strType)[0];
  own(text);
  return RValue(text, /*owned=*/true);
}

//===-- Functions for C ---------------------------------------------------------------------------------------------===//

/// Awg's arguments, made from C's. What is made is owned; arrays that are lent for writing stand in slots.
Leaves Generator::takeForeign(const FnDecl *decl, mlir::ValueRange arguments, llvm::SmallVectorImpl<LentArray> &written) {
  Leaves leaves;
  for (const VarDecl *param : decl->params) {
    Value first = arguments.front();
    arguments = arguments.drop_front();
    auto *array = dyn_cast<ArrayType>(param->type);
    if (!array) {
      leaves.push_back(param->type->isStr() ? callRuntime("awgrt_str_from_c", first, strType)[0] : first);
      if (param->type->isStr())
        own(leaves.back());
      continue;
    }
    Leaves passed{first, constant(builder.getI32Type(), kindOf(array->element())),
                  constant(builder.getI32Type(), array->rank())};
    for (unsigned dimension = 0; dimension < AWGRT_MAX_RANK; ++dimension) {
      bool isThere = dimension < array->rank();
      bool isGiven = isThere && isOpen(array->extents()[dimension]);
      passed.push_back(isGiven ? arguments.front() : i64(isThere ? array->extents()[dimension].value : 0));
      if (isGiven)
        arguments = arguments.drop_front();
    }
    mlir::Type type = leavesOf(array).front();
    Value handle = recast(callRuntime("awgrt_array_wrap", passed, pointerType())[0], type);
    if (param->mode == PassMode::Mut) {
      Value slot = newSlot(type);
      store(handle, slot);
      ownSlot(slot);
      written.push_back({slot, first});
      leaves.push_back(slot);
    } else {
      own(handle);
      leaves.push_back(handle);
    }
  }
  return leaves;
}

/// Hands a result out through C's pointer.
void Generator::storeForeign(Value value, Value address) {
  if (isOwned(value.getType())) {
    consume(value);
    value = recast(value, pointerType());
  } else if (value.getType().isInteger(1)) {
    value = resize(value, 8, /*isSigned=*/false);
  }
  make<LLVM::StoreOp>(value, address);
}

/// The task's arguments are plain leaves, which a C function can hand over: it owns the arrays that are written and gives
/// them back behind its results.
void Generator::emitForeignTask(const FnDecl *decl, StringRef name) {
  TypeList arguments, results = leavesOf(decl->returnType);
  for (const VarDecl *param : decl->params) {
    arguments.push_back(leavesOf(param->type).front());
    if (param->mode == PassMode::Mut)
      results.push_back(arguments.back());
  }
  auto task = ir::TaskOp::create(builder, loc, name, builder.getFunctionType(arguments, results), decl->name);
  task->setAttr("awg.foreign", builder.getStringAttr(decl->name));
  mlir::SymbolTable::setSymbolVisibility(task, mlir::SymbolTable::Visibility::Private);
  inFunction(task, FunctionContext::Task, results, [&](Block *entry) {
    fn->symbol = name.str();
    fn->sourceName = decl->name.str();
    fn->decl = decl;
    Started started;
    Leaves slots;
    for (auto [param, value] : llvm::zip(decl->params, entry->getArguments())) {
      Value passed = value;
      if (param->mode == PassMode::Mut) {
        slots.push_back(passed = newSlot(value.getType()));
        store(value, passed);
        ownSlot(passed);
      } else if (param->type->isStr()) {
        make<ir::RetainOp>(value); // the callee owns it
      }
      started.arguments.push_back(passed);
    }
    started.task = symbolOf(decl);
    started.results = leavesOf(decl->returnType);
    Leaves values = finish(started).leaves;
    consume(values);
    for (Value slot : slots) {
      values.push_back(load(slot));
      store(null(values.back().getType()), slot);
    }
    leave(values);
  });
}

/// Calls the function, or runs it as a task; results are owned, and arrays that were written stand in their slots again.
Leaves Generator::callFromForeign(const FnDecl *decl, Leaves arguments, ArrayRef<LentArray> written) {
  if (decl->flavour == FnDecl::Plain)
    return callPlain(decl, arguments);
  std::string name = decl->name.str();
  {
    mlir::OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(module.getBody());
    emitForeignTask(decl, "awg$foreign_" + name);
  }
  TypeList results{errorType};
  llvm::append_range(results, leavesOf(decl->returnType));
  size_t own = results.size();
  for (const LentArray &array : written) {
    for (Value &argument : arguments)
      if (argument == array.slot)
        argument = load(array.slot);
    results.push_back(llvm::cast<mlir::MemRefType>(array.slot.getType()).getElementType());
    store(null(results.back()), array.slot);
  }
  auto values = callRuntime("awg$run_" + name, arguments, results);
  check(values[0]);
  for (auto [array, value] : llvm::zip(written, values.drop_front(own)))
    store(value, array.slot);
  Leaves leaves(values.drop_front().take_front(own - 1));
  this->own(leaves);
  return leaves;
}

void Generator::emitForeign(const FnDecl *decl) {
  bool fails = decl->flavour == FnDecl::Async || mayFail(decl);
  bool givesValue = !decl->returnType->isUnit();
  TypeList types, results, values = leavesOf(decl->returnType);
  llvm::SmallVector<StringRef> extensions;
  for (const VarDecl *param : decl->params)
    addForeignTypes(param->type, types);
  if (fails && givesValue)
    types.push_back(pointerType());
  results = fails ? TypeList{errorType} : values;
  auto function = mlir::func::FuncOp::create(builder, loc, decl->name, builder.getFunctionType(types, results));
  function->setAttr("awg.export", builder.getUnitAttr());
  if (StringRef name = extension(decl->returnType); !name.empty() && !fails)
    function.setResultAttr(0, name, builder.getUnitAttr());
  inFunction(function, FunctionContext::Function, fails ? TypeList() : values, [&](Block *entry) {
    fn->symbol = decl->name.str();
    fn->sourceName = decl->name.str();
    fn->decl = decl;
    fn->givesError = fails;
    llvm::SmallVector<LentArray> written;
    Leaves given = callFromForeign(decl, takeForeign(decl, entry->getArguments(), written), written);
    for (const LentArray &array : written)
      reach(load(array.slot));
    for (const LentArray &array : written)
      callRuntime("awgrt_array_unwrap", {recast(load(array.slot), pointerType()), array.address}, {});
    if (fails && givesValue)
      storeForeign(given.front(), entry->getArguments().back());
    else
      consume(given);
    leave(fails ? Leaves() : given);
  });
}
