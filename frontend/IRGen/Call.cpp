// Calls of plain functions, the program's and the standard library's.
#include "frontend/IRGen/Generator.h"

using namespace awg;

RValue Generator::emitCall(const CallExpr *expr) {
  if (expr->builtin)
    return expr->function ? callStd(expr) : callBuiltin(expr);
  return callFunction(expr, expr->function);
}

Leaves Generator::callPlain(const FnDecl *function, mlir::ValueRange arguments) {
  TypeList types = leavesOf(function->returnType);
  bool fails = mayFail(function) && function->flavour != FnDecl::Extern;
  if (fails)
    types.insert(types.begin(), errorType);
  auto call = make<mlir::func::CallOp>(calleeSymbol(function), types, arguments);
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
  for (auto [argument, param] : llvm::zip(expr->arguments, function->params)) {
    Leaves leaves;
    if (param->mode == PassMode::Mut)
      leaves = leavesAt(pathOf(argument.value));
    else if (param->mode == PassMode::Move)
      llvm::append_range(given, leaves = emitOwned(argument.value, param->type));
    else
      leaves = emitAs(argument.value, param->type).leaves;
    llvm::append_range(arguments, leaves);
  }
  consume(given);
  return RValue(callPlain(function, arguments), /*owned=*/true);
}

/// The functions are written for f32 and f64; narrower values are widened and the result is rounded.
RValue Generator::callStd(const CallExpr *expr) {
  Leaves arguments;
  for (auto [argument, param] : llvm::zip(expr->arguments, expr->function->params))
    arguments.push_back(changeFloat(emitScalar(argument.value), scalarType(param->type)));
  return changeFloat(callPlain(expr->function, arguments).front(), scalarType(expr->type));
}
