// Channels: their making, their methods, and the loop over what comes out of one.
#include "frontend/Check/Checker.h"

#include "llvm/ADT/StringSwitch.h"

using namespace awg;

/// It is a future, or has one among its parts.
static bool containsFuture(const Type *type) {
  if (auto *array = dyn_cast<ArrayType>(type))
    return containsFuture(array->element());
  return type->isFuture() || llvm::any_of(type->members(), containsFuture);
}

const Type *Checker::chanOf(const Type *element, SMRange range) {
  if (element->isError())
    return element;
  if (containsFuture(element)) {
    diags.error(DiagKind::TypeMismatch, range, "a future cannot be sent: its task belongs to the scope that started it")
        .help("send what its `await` gives");
    return types.error;
  }
  return types.chan(element);
}

const Type *Checker::checkChan(CallExpr *expr) {
  const Type *element = resolveType(expr->typeArguments.front(), TypePlace::Argument);
  expr->resolvedTypes = context.list(ArrayRef<const Type *>(element));
  Expr *capacity = expr->arguments.front().value;
  checkInteger(capacity, "the capacity of a channel");
  if (std::optional<int64_t> value = constantOf(capacity); value && *value < 0)
    diags.error(DiagKind::IndexOutOfRange, capacity->range,
                "the capacity of a channel is " + Twine(*value) + ", and must be at least 0");
  return chanOf(element, expr->typeArguments.front()->range);
}

const Type *Checker::checkMethod(CallExpr *expr, MemberExpr *callee, const ChanType *chan, Started started) {
  callee->type = types.unit;
  expr->method = llvm::StringSwitch<ChanMethod>(callee->name)
                     .Case("send", ChanMethod::Send)
                     .Case("recv", ChanMethod::Recv)
                     .Case("close", ChanMethod::Close)
                     .Default(ChanMethod::None);
  SMRange name(callee->nameLoc, SMLoc::getFromPointer(callee->nameLoc.getPointer() + callee->name.size()));
  if (expr->method == ChanMethod::None) {
    diags.error(DiagKind::UnknownName, name, "a channel has no method `" + callee->name + "`")
        .help("it has `send`, `recv` and `close`");
    checkArgumentsAlone(expr);
    return types.error;
  }
  markHostOnly(expr->range, "uses a channel");
  size_t wanted = expr->method == ChanMethod::Send ? 1 : 0, found = expr->arguments.size();
  if (found != wanted) {
    diags.error(DiagKind::WrongArgumentCount, expr->range,
                "`" + callee->name + "` takes " + (wanted ? "one argument" : "no arguments") + ", found " + Twine(found));
    checkArgumentsAlone(expr);
  } else if (wanted) {
    const Argument &argument = expr->arguments.front();
    if (argument.mode == PassMode::Mut)
      diags.error(DiagKind::TypeMismatch, argument.value->range, "what is sent is given away: it cannot be lent with `mut`");
    expect(argument.value, chan->element(), "what this channel carries");
    auto *name = dyn_cast<NameExpr>(stripParens(argument.value)); // `send(move x)` in a task takes x as the task starts
    if (auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr; var && argument.mode == PassMode::Move)
      use(var, Capture::Move, name->range);
  }
  if (expr->method == ChanMethod::Close) {
    if (started == Started::Yes)
      diags.error(DiagKind::TypeMismatch, expr->range, "`close` takes no time: there is nothing to wait for");
    return types.unit;
  }
  markMayFail();
  if (started == Started::No)
    reportUnawaited(expr, "`" + callee->name + "`", body->function, body->canAwait);
  return expr->method == ChanMethod::Send ? types.unit : chan->element();
}

const Type *Checker::checkStream(Expr *stream) {
  refuseWaiting(stream->loc(), "for await");
  markMayFail();
  const Type *type = check(stream);
  if (auto *chan = dyn_cast<ChanType>(type))
    return chan->element();
  if (!type->isError())
    diags.error(DiagKind::TypeMismatch, stream->range, "`for await` goes over a channel, and this is " + described(type))
        .help("a range or an array takes `for` alone");
  return types.error;
}
