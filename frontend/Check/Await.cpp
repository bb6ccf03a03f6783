// await and async: what may be waited for, what is started, and what a started block uses.
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

bool Checker::refuseWaiting(SMLoc loc, StringRef word) {
  if (body->canAwait)
    return false;
  if (isQuiet)
    return true;
  FnDecl *function = body->function;
  if (onDevice()) {
    diags.error(DiagKind::AwaitOutsideAsync, loc, "`" + word + "` cannot stand inside an `each`")
        .help("the indices of an `each` run without waiting; wait before or after it");
    return true;
  }
  DiagBuilder report =
      diags.error(DiagKind::AwaitOutsideAsync, loc,
                  "`" + word + "` stands only in an `async fn`, and `" + function->name + "` is a plain `fn`");
  SMLoc start = function->range.Start;
  if (StringRef(start.getPointer(), 2) == "fn")
    report.help("make it an `async fn`").fix({start, start}, "async ");
  else
    report.note(function->loc, "make it an `async fn`");
  return true;
}

/// A checked call gives its value at once.
static bool isPlain(const CallExpr &call) {
  if (call.method != ChanMethod::None)
    return false;
  if (call.builtin)
    return !call.builtin->isOperation();
  return call.function && (call.function->flavour == FnDecl::Plain || call.function->flavour == FnDecl::Extern);
}

const Type *Checker::checkStartedCall(CallExpr *call, const Type *hint, SMRange whole, StringRef word) {
  const Type *result = call->type = checkCall(call, hint, Started::Yes);
  bool isLater = inGroup() && call->builtin && call->builtin->id == BuiltinId::Copy;
  if (!isPlain(*call) || isLater)
    return result;
  StringRef name = call->builtin ? call->builtin->name : call->function->name;
  DiagBuilder report = diags.error(DiagKind::TypeMismatch, whole,
                                   "`" + name + "` gives its value at once: there is nothing to `" + word + "`");
  if (word == "await")
    report.help("call it without `await`").fix({whole.Start, call->range.Start}, "");
  else
    report.help("`async { " + name + "(...) }` runs it as a task");
  return types.error;
}

//===-- await ----------------------------------------------------------------------------------------------------===//

/// What a kernel calls is refused as such, alone.
bool Checker::refuseWaiting(Expr *operand, SMLoc keyword, StringRef word) {
  bool isCalledOnDevice = onDevice() && isa<CallExpr>(stripParens(operand));
  return !isCalledOnDevice && refuseWaiting(keyword, word);
}

const Type *Checker::checkAwait(AwaitExpr *expr, const Type *hint) {
  // A group's copy or task was reported where it was started.
  if (inGroup() && isa<NameExpr>(stripParens(expr->operand)) && check(expr->operand)->isError())
    return types.error;
  bool isRefused = refuseWaiting(expr->operand, expr->loc(), "await");
  llvm::SaveAndRestore quiet(isQuiet, isQuiet || isRefused);
  markMayFail();
  if (expr->within)
    expect(expr->within, types.duration, "the limit of `within`");
  Expr *operand = stripParens(expr->operand);
  if (expr->on)
    checkPlacement(expr->on, operand);
  if (auto *call = dyn_cast<CallExpr>(operand)) {
    setThrough(expr->operand, call, checkStartedCall(call, hint, expr->range, "await"));
    return call->type;
  }
  if (auto *each = dyn_cast<EachExpr>(operand)) {
    setThrough(expr->operand, each, checkEach(each, hint, Started::Yes));
    return each->type;
  }
  if (auto *tuple = dyn_cast<TupleExpr>(operand)) {
    setThrough(expr->operand, tuple, checkAwaitTuple(tuple));
    return tuple->type;
  }

  const Type *type = check(expr->operand);
  if (auto *future = dyn_cast<FutureType>(type))
    return future->result();
  if (auto *array = dyn_cast<ArrayType>(type))
    if (auto *future = dyn_cast<FutureType>(array->element()))
      return makeArray(future->result(), array->extents(), expr->loc());
  if (!type->isError())
    diags.error(DiagKind::TypeMismatch, expr->range, "there is nothing to wait for: this is " + described(type))
        .help("`await` takes a call of an `async fn` or a kernel, an `each`, or a future");
  return types.error;
}

/// Checks an operand of a join; what would start with `async` before it is reported, and has the error type.
const Type *Checker::checkJoined(Expr *element) {
  Expr *inner = stripParens(element);
  auto *call = dyn_cast<CallExpr>(inner);
  auto *each = dyn_cast<EachExpr>(inner);
  if (!call && !each)
    return check(element);
  const Type *type = call ? checkCall(call, nullptr, Started::Yes) : checkEach(each, nullptr, Started::Yes);
  setThrough(element, inner, type);
  if (type->isError() || (call && isPlain(*call)))
    return type;
  SMLoc start = element->range.Start;
  std::string name = each ? title(each) : (call->builtin ? call->builtin->name : call->function ? call->function->name : "this").str();
  diags.error(DiagKind::UnawaitedCall, element->range, "`" + name + "` is not started, so there is nothing to join")
      .help("`async ...` starts it and gives a future")
      .fix({start, start}, "async ");
  return types.error;
}

const Type *Checker::checkAwaitTuple(TupleExpr *expr) {
  SmallVector<const Type *> results;
  for (Expr *element : expr->elements) {
    const Type *type = checkJoined(element);
    auto *future = dyn_cast<FutureType>(type);
    if (!future && !type->isError())
      diags.error(DiagKind::TypeMismatch, element->range,
                  "`await (...)` joins futures, and this is " + described(type));
    results.push_back(future ? future->result() : types.error);
  }
  return makeTuple(results, expr->loc());
}

//===-- async ----------------------------------------------------------------------------------------------------===//

const Type *Checker::checkAsync(AsyncExpr *expr, const Type *hint) {
  if (inGroup() && isa<BlockExpr>(stripParens(expr->operand))) {
    reportLater(expr->range, "`async` in a block");
    return types.error;
  }
  bool isRefused = refuseWaiting(expr->operand, expr->loc(), "async");
  llvm::SaveAndRestore quiet(isQuiet, isQuiet || isRefused);
  markMayFail();
  auto *wanted = llvm::dyn_cast_or_null<FutureType>(hint);
  const Type *resultHint = wanted ? wanted->result() : nullptr;
  Expr *operand = stripParens(expr->operand);
  if (expr->on)
    checkPlacement(expr->on, operand);

  const Type *result;
  if (auto *call = dyn_cast<CallExpr>(operand)) {
    result = checkStartedCall(call, resultHint, expr->range, "async");
  } else if (auto *each = dyn_cast<EachExpr>(operand)) {
    result = checkEach(each, resultHint, Started::Yes);
  } else if (auto *block = dyn_cast<BlockExpr>(operand)) {
    result = checkAsyncBlock(expr, block, resultHint);
  } else {
    const Type *type = check(expr->operand);
    if (!type->isError())
      diags.error(DiagKind::TypeMismatch, expr->range, "there is nothing to start: this is " + described(type))
          .help("`async` takes a call of an `async fn` or a kernel, an `each`, or a block");
    return types.error;
  }
  if (!isa<BlockExpr>(operand))
    setThrough(expr->operand, operand, result);
  if (holdsFuture(result)) {
    diags
        .error(DiagKind::TypeMismatch, expr->range,
               "a future stays in the scope that started it: it cannot be a task's value")
        .help("await it in the block");
    return types.error;
  }
  return result->isError() ? result : types.future(generalise(result));
}

const Type *Checker::checkAsyncBlock(AsyncExpr *expr, BlockExpr *block, const Type *hint) {
  Body task{Body::AsyncBlock, expr, body->function, /*canAwait=*/true, body->side};
  task.outer = body;
  task.returnType = hint;
  if (onDevice()) // reported by refuseWaiting
    task.canAwait = false;
  body = &task;
  const Type *type = check(block, hint);
  body = task.outer;
  expr->captures = captures(task, block);
  setThrough(expr->operand, block, type);

  const Type *result = task.returnType;
  if (!result)
    result = type->isNever() ? types.unit : type;
  result = generalise(result);
  checkEnd(block, result, "the value of this `async` block");
  return result;
}

//===-- on -------------------------------------------------------------------------------------------------------===//

/// `cpu`, `gpu` or `gpu(k)`, which mean something only here.
bool Checker::checkNamedDevice(Expr *on) {
  auto *call = dyn_cast<CallExpr>(on);
  auto *name = dyn_cast<NameExpr>(call ? stripParens(call->callee) : on);
  bool isNamed = name && (name->name == "gpu" || (name->name == "cpu" && !call)) && !visible.lookup(name->name);
  if (!isNamed || (call && call->arguments.size() != 1))
    return false;
  on->type = name->type = types.device;
  if (call)
    checkInteger(call->arguments.front().value, "the number of a device");
  return true;
}

void Checker::checkPlacement(Expr *on, Expr *operand) {
  if (!checkNamedDevice(on))
    expect(on, types.device, "what `on` names");
  auto *launch = dyn_cast<CallExpr>(operand);
  auto *callee = launch ? dyn_cast<NameExpr>(stripParens(launch->callee)) : nullptr;
  auto *member = launch ? dyn_cast<MemberExpr>(stripParens(launch->callee)) : nullptr;
  ImportDecl *import = member ? namedImport(member->base) : nullptr;
  Decl *item = callee ? findItem(callee->name) : import ? findExported(*import, member->name) : nullptr;
  auto *function = llvm::dyn_cast_or_null<FnDecl>(item);
  if (!isa<EachExpr>(operand) && !(function && function->flavour == FnDecl::Kernel))
    diags.error(DiagKind::TypeMismatch, on->range, "`on` chooses the device of a kernel or an `each`, not of this");
}
