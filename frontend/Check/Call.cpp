// Calls of the program's functions: arguments, how they are passed, and the extents that they bind.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

void Checker::checkArgumentsAlone(CallExpr *expr) {
  for (const Argument &argument : expr->arguments)
    check(argument.value);
}

const Type *Checker::checkCall(CallExpr *expr, const Type *hint, Started started) {
  auto *callee = dyn_cast<NameExpr>(stripParens(expr->callee));
  if (!callee) {
    if (auto *member = dyn_cast<MemberExpr>(stripParens(expr->callee))) {
      if (ImportDecl *import = namedImport(member->base))
        return checkItemCall(expr, member, *import, hint, started);
      if (isRandom(member->base))
        return checkRandom(expr, member, started);
      const Type *base = check(member->base);
      if (auto *chan = dyn_cast<ChanType>(base))
        return checkMethod(expr, member, chan, started);
    }
    const Type *type = check(expr->callee);
    if (!type->isError())
      diags.error(DiagKind::TypeMismatch, expr->callee->range,
                  "only a function can be called, and this is " + described(type));
    checkArgumentsAlone(expr);
    return types.error;
  }
  setThrough(expr->callee, callee, types.unit);
  if (VarDecl *var = visible.lookup(callee->name)) {
    if (!var->type->isError())
      diags
          .error(DiagKind::TypeMismatch, callee->range,
                 "`" + callee->name + "` is " + described(var->type) + " here, not a function")
          .note(var->loc, "the variable is declared here");
    checkArgumentsAlone(expr);
    return types.error;
  }
  if (FnDecl *function = findItem(callee->name)) {
    callee->decl = function;
    return checkFunctionCall(expr, function, hint, started);
  }
  if (const Builtin *builtin = findVisibleBuiltin(callee->name))
    return checkBuiltinCall(expr, *builtin, hint, started);
  if (!refuseNoValue(callee->name, callee->range, /*isCalled=*/true))
    reportUnknown(callee->name, callee->range, /*isCalled=*/true);
  checkArgumentsAlone(expr);
  return types.error;
}

/// `3 arguments`.
static std::string counted(size_t count, StringRef noun) {
  return (Twine(count) + " " + noun + (count == 1 ? "" : "s")).str();
}

bool Checker::refuseCount(CallExpr *expr, StringRef name, unsigned least, unsigned most) {
  size_t count = expr->arguments.size();
  if (count >= least && count <= most)
    return false;
  std::string wanted = least == most          ? counted(least, "argument")
                       : most == unsigned(-1) ? "at least " + counted(least, "argument")
                                              : (Twine(least) + " to " + counted(most, "argument")).str();
  DiagBuilder report = diags.error(DiagKind::WrongArgumentCount, expr->range,
                                   "`" + name + "` takes " + wanted + ", found " + Twine(count));
  auto *callee = dyn_cast<NameExpr>(stripParens(expr->callee));
  if (auto *function = callee ? llvm::dyn_cast_or_null<FnDecl>(callee->decl) : nullptr)
    report.note(function->loc, "`" + name + "` is declared here");
  checkArgumentsAlone(expr);
  return true;
}

void Checker::reportUnawaited(Expr *expr, const Twine &what, FnDecl *function, bool canAwait) {
  SMLoc start = expr->range.Start;
  DiagBuilder report = diags.error(DiagKind::UnawaitedCall, expr->range, what + " does nothing until it is awaited");
  report.help("`await ...` runs it here, `async ...` starts it and gives a future");
  if (canAwait)
    report.fix({start, start}, "await ");
  else
    report.note(function->loc, "`" + function->name + "` must be an `async fn` for that");
}

/// A kernel cannot call `function`, as its signature or flavour says.
static bool isHostSignature(FnDecl *function, bool (*isPlainData)(const Type *)) {
  return function->flavour != FnDecl::Plain || !isPlainData(function->returnType) ||
         llvm::any_of(function->params, [&](VarDecl *param) { return !isPlainData(param->type); });
}

const Type *Checker::checkFunctionCall(CallExpr *expr, FnDecl *function, const Type *hint, Started started) {
  if (body->isSignature) {
    diags.error(DiagKind::TypeMismatch, expr->range,
                "an extent is computed from bound names, without calls of functions");
    checkArgumentsAlone(expr);
    return types.i64;
  }
  if (function->isGeneric() && refuseCount(expr, function->name, function->params.size(), function->params.size()))
    return types.error;
  if (function->isGeneric()) {
    function = chooseInstance(expr, function, hint);
    if (!function)
      return types.error;
  } else if (!expr->typeArguments.empty()) {
    diags.error(DiagKind::WrongArgumentCount, expr->range, "`" + function->name + "` has no type parameters")
        .note(function->loc, "`" + function->name + "` is declared here");
  }
  ensureSignature(function);
  expr->function = function;

  bool isPlain = function->flavour == FnDecl::Plain || function->flavour == FnDecl::Extern;
  bool isRefused = onDevice() && isHostSignature(function, isPlainData);
  if (isRefused || function->flavour == FnDecl::Extern)
    markHostOnly(expr->range, "calls `" + function->name + "`");
  else if (!isPlain && started == Started::No)
    reportUnawaited(expr, "`" + function->name + "`", body->function, body->canAwait);
  if (!isRefused && !isOpen(function))
    recordCall(function, expr->loc(), body->side);

  llvm::SaveAndRestore quiet(isQuiet, isQuiet || isRefused);
  if (refuseCount(expr, function->name, function->params.size(), function->params.size()))
    return generalise(function->returnType);
  Bindings bindings;
  for (unsigned position = 0; position < expr->arguments.size(); ++position)
    checkArgument(expr, function, position, bindings);
  return substitute(function->returnType, bindings);
}

void Checker::checkArgument(CallExpr *expr, FnDecl *function, unsigned position, Bindings &bindings) {
  const Argument &argument = expr->arguments[position];
  VarDecl *param = function->params[position];
  bool isLentForWriting = argument.mode == PassMode::Mut && checkPassMode(argument, param, function);
  if (!isLentForWriting) {
    if (!inferred.erase(argument.value))
      check(argument.value, param->type);
    if (argument.mode != PassMode::Mut)
      checkPassMode(argument, param, function);
    auto *name = dyn_cast<NameExpr>(stripParens(argument.value));
    if (auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
        var && argument.mode == PassMode::Move)
      use(var, Capture::Move, name->range);
  }
  std::string what = ("argument `" + param->name + "` of `" + function->name + "`").str();
  const Type *found = argument.value->type;
  if (param->type->isError() || found->isError() || found->isNever())
    return;
  if (!join(found, param->type))
    return reportMismatch(argument.value, param->type, what);
  bindExtents(param->type, found, bindings, argument.value->range);
  refuseExchange(argument, function, position);
}

/// The variable that an expression, which may not be checked yet, names or a member of which it is; or null.
const VarDecl *Checker::variableOf(Expr *value) const {
  value = stripParens(value);
  while (auto *member = dyn_cast<MemberExpr>(value))
    value = stripParens(member->base);
  auto *name = dyn_cast<NameExpr>(value);
  return name ? visible.lookup(name->name) : nullptr;
}

/// What belongs to a variable is given away by the word `move` alone; what is only lent to this body is not given away.
void Checker::refuseUnsaidMove(const VarDecl &var, Expr *value, VarDecl *param, FnDecl *function) {
  SMRange range = value->range;
  DiagBuilder report =
      diags.error(DiagKind::TypeMismatch, range, "`" + function->name + "` keeps its argument `" + param->name + "`");
  bool isCopied = var.type && flow::isMovable(var.type) && isOnlyLent(var);
  if (isCopied)
    report.help("`" + var.name + "` is only lent here: pass `copy(...)`")
        .fixValue(range, "copy(" + StringRef(range.Start.getPointer(), range.End.getPointer() - range.Start.getPointer()) + ")");
  else
    report.help("give it away with `move`, or pass `copy(...)`").fix({range.Start, range.Start}, "move ");
  report.note(param->loc, "the parameter is declared here");
}

/// Checks that an argument is passed as the parameter wants it. Under `mut` it also checks the place.
bool Checker::checkPassMode(const Argument &argument, VarDecl *param, FnDecl *function) {
  SMRange range = argument.value->range;
  std::string which = ("argument `" + param->name + "` of `" + function->name + "`").str();
  Expr *value = stripParens(argument.value);
  if (argument.mode == PassMode::Mut && param->mode == PassMode::Mut) {
    if (!isPlace(value)) {
      diags.error(DiagKind::NotMut, range,
                  "only a variable, a member or a view of one can be lent for writing, as " + which + " asks");
      return false;
    }
    setThrough(argument.value, value, checkPlace(value, "so it cannot be lent for writing"));
    auto *index = dyn_cast<IndexExpr>(value);
    if (index && index->base->type->isVec())
      diags.error(DiagKind::NotMut, range, "a lane of a `vec` cannot be lent for writing, as " + which + " asks")
          .help("lend a copy in a variable, and assign it to the lane afterwards");
    return true;
  }
  if (argument.mode == param->mode)
    return true;
  if (param->mode == PassMode::Mut) {
    DiagBuilder report =
        diags.error(DiagKind::NotMut, range, "`" + function->name + "` changes its argument `" + param->name + "`");
    if (isPlace(value))
      report.help("say so here: `mut` before the argument").fix({range.Start, range.Start}, "mut ");
    else
      report.help("bind it to a name with `let mut` first, and lend that with `mut`");
    report.note(param->loc, "the parameter is declared here");
  } else if (param->mode == PassMode::Move && argument.mode == PassMode::Read) {
    if (const VarDecl *var = variableOf(value))
      refuseUnsaidMove(*var, value, param, function);
  } else {
    StringRef word = argument.mode == PassMode::Mut ? "mut" : "move";
    diags
        .error(DiagKind::TypeMismatch, range,
               which + " is not passed with `" + word + "`: it is only lent " +
                   (param->mode == PassMode::Move ? "away" : "for reading"))
        .note(param->loc, "the parameter is declared here");
  }
  return argument.mode != PassMode::Mut;
}

void Checker::bindExtents(const Type *wanted, const Type *found, Bindings &bindings, SMRange range) {
  if (auto *tuple = dyn_cast<TupleType>(wanted)) {
    for (auto [mine, other] : llvm::zip(tuple->elements(), cast<TupleType>(found)->elements()))
      bindExtents(mine, other, bindings, range);
    return;
  }
  auto *array = dyn_cast<ArrayType>(wanted);
  if (!array)
    return;
  for (auto [mine, other] : llvm::zip(array->extents(), cast<ArrayType>(found)->extents())) {
    bool isKnown = other.kind == Extent::Constant;
    if (mine.kind == Extent::Constant && isKnown && mine.value != other.value) {
      diags.error(DiagKind::ExtentMismatch, range,
                  "extents differ: the parameter is `" + wanted->str() + "`, the argument `" + found->str() + "`");
      return;
    }
    if (mine.kind == Extent::Constant && !isKnown)
      markMayFail(); // compared at run time
    if (mine.kind != Extent::Variable)
      continue;
    auto [entry, isNew] = bindings.insert({mine.variable, {other, range.Start}});
    Binding &bound = entry->second;
    if (!isNew && bound.extent != other)
      markMayFail();
    if (isNew || !isKnown)
      continue;
    if (bound.extent.kind == Extent::Constant && bound.extent.value != other.value) {
      diags
          .error(DiagKind::ExtentMismatch, range,
                 "extents differ: " + mine.variable->name + " is " + Twine(bound.extent.value) + " and " +
                     Twine(other.value))
          .note(bound.loc, "it is " + Twine(bound.extent.value) + " from here");
      return;
    }
    if (bound.extent.kind == Extent::Any)
      bound = {other, range.Start};
  }
}
