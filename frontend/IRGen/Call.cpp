// Calls of plain functions, the program's and the standard library's.
#include "frontend/IRGen/Generator.h"

using namespace awg;

RValue Generator::emitCall(const CallExpr *expr) {
  if (expr->method == ChanMethod::Close)
    return emitClose(expr);
  if (expr->builtin)
    return expr->function ? callStd(expr) : callBuiltin(expr);
  return expr->function->flavour == FnDecl::Extern ? callForeign(expr, expr->function)
                                                   : callFunction(expr, expr->function);
}

Leaves Generator::callPlain(const FnDecl *function, mlir::ValueRange arguments, ArrayRef<ViewShape> shapes) {
  TypeList types = leavesOf(function->returnType);
  bool fails = mayFail(function);
  if (fails)
    types.insert(types.begin(), errorType);
  auto call = make<mlir::func::CallOp>(calleeSymbol(function, shapes), types, arguments);
  Leaves results(call.getResults());
  if (fails) {
    check(results.front());
    results.erase(results.begin());
  }
  own(results);
  return results;
}

RValue Generator::callFunction(const CallExpr *expr, const FnDecl *function) {
  Leaves arguments, given;
  llvm::SmallVector<Leaves> all;
  llvm::SmallVector<ViewShape> shapes;
  llvm::SmallVector<LentElement, 0> copied;
  for (auto [number, argument] : llvm::enumerate(expr->arguments)) {
    const VarDecl *param = function->params[number];
    Leaves leaves;
    shapes.emplace_back();
    if (fn->isDevice && argument.value->type->isArray() && isViewExpr(argument.value)) {
      ViewRef view = emitView(argument.value);
      shapes.back() = shapeOfView(view);
      leaves = valuesOf(view);
    } else if (param->mode == PassMode::Mut)
      leaves = slotsOf(argument.value, &copied);
    else if (param->mode == PassMode::Move)
      llvm::append_range(given, leaves = emitOwned(argument.value, param->type));
    else
      leaves = keep(emitAs(argument.value, param->type), argument.value, argumentsAfter(expr, number)).leaves;
    for (Value &leaf : leaves) // storage of a block, whose extents are in its type
      if (auto type = llvm::dyn_cast<mlir::MemRefType>(leaf.getType()); type && type.getRank() > 0 && type.hasStaticShape())
        leaf = make<memref::CastOp>(memrefOf(ir::ArrayType::get(&context, type.getElementType(), type.getRank())), leaf);
    llvm::append_range(arguments, leaves);
    all.push_back(leaves);
  }
  reachArguments(function, all);
  consume(given);
  RValue result(callPlain(function, arguments, shapes), /*owned=*/true);
  for (const LentElement &element : copied)
    storePlace(loadPlace({element.slots, false, {}, false, nullptr}), element.place);
  return result;
}

/// The functions are written for f32 and f64; narrower values are widened and the result is rounded. Those of random numbers
/// take 64 bits.
RValue Generator::callStd(const CallExpr *expr) {
  if (expr->builtin->isRandom()) {
    Leaves arguments;
    for (const Argument &argument : expr->arguments)
      arguments.push_back(emitI64(argument.value));
    return RValue(callPlain(expr->function, arguments));
  }
  return overLanes(expr, [&](ArrayRef<Value> lanes) {
    Leaves arguments;
    for (auto [lane, param] : llvm::zip(lanes, expr->function->params))
      arguments.push_back(changeFloat(lane, scalarType(param->type)));
    return changeFloat(callPlain(expr->function, arguments).front(), scalarType(expr->type->lane()));
  });
}

RValue Generator::overLanes(const CallExpr *expr, llvm::function_ref<Value(ArrayRef<Value>)> compute) {
  unsigned count = expr->type->lanes();
  llvm::SmallVector<Leaves, 3> arguments;
  for (const Argument &argument : expr->arguments)
    arguments.push_back(emitLanes(argument.value, count));
  Leaves result;
  for (unsigned lane = 0; lane < count; ++lane) {
    llvm::SmallVector<Value, 3> values;
    for (const Leaves &argument : arguments)
      values.push_back(argument[lane]);
    result.push_back(compute(values));
  }
  return RValue(result);
}
