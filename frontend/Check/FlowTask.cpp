// The graph builder: calls, and what is lent to the tasks that `async` starts.
#include "frontend/Check/FlowBuilder.h"
#include "frontend/Check/FlowVisit.h"

namespace awg::flow {

using llvm::cast;
using llvm::dyn_cast;

/// The argument is lent for the time of the call rather than evaluated to a value.
static bool isLent(const Argument &argument) {
  if (argument.mode == PassMode::Move || !rootOf(argument.value))
    return false;
  return argument.mode == PassMode::Mut || isMovable(argument.value->type);
}

/// A channel is shared; what is sent to it is given away.
void Builder::method(const CallExpr &expr) {
  read(expr.callee);
  for (const Argument &argument : expr.arguments)
    take(argument.value, none);
}

/// A function looks up what it is lent `mut` as a whole when it uses it.
static bool isLookedUpLater(const Argument &argument, const CallExpr &expr) {
  bool isAwg = expr.function && (expr.function->flavour == FnDecl::Plain || expr.function->flavour == FnDecl::Async);
  return isAwg && argument.mode == PassMode::Mut && !isViewExpr(argument.value) && !arrayOfElement(argument.value);
}

void Builder::arguments(const CallExpr &expr, const Expr *on) {
  llvm::SmallVector<const Expr *> later;
  for (const Argument &argument : expr.arguments)
    later.push_back(argument.value);
  if (on)
    later.push_back(on);
  for (auto [number, argument] : llvm::enumerate(expr.arguments)) {
    if (isLent(argument)) {
      readSubscripts(argument.value);
      const Expr *array = argument.mode == PassMode::Mut ? arrayOfElement(argument.value) : nullptr;
      if (!isLookedUpLater(argument, expr))
        hold(array ? array : argument.value, llvm::ArrayRef(later).drop_front(number + 1));
    } else if (argument.mode != PassMode::Move && isViewExpr(argument.value)) {
      read(argument.value);
    } else {
      take(argument.value, none);
    }
  }
  if (on)
    read(on);
}

/// The slot of the variable that a view, perhaps of a view, is of.
SlotId Builder::ownerOf(const VarDecl *var) {
  SlotId slot = slotOf(var);
  while (graph.slots[slot].viewOf != none)
    slot = graph.slots[slot].viewOf;
  return slot;
}

/// Refuses `f(mut y, y)`.
void Builder::refuseOverlap(const CallExpr &expr) {
  llvm::SmallVector<const Argument *> lentBefore;
  for (const Argument &argument : expr.arguments) {
    if (!isLent(argument))
      continue;
    const VarDecl *var = rootOf(argument.value);
    auto overlaps = [&](const Argument *other) {
      bool isWritten = argument.mode == PassMode::Mut || other->mode == PassMode::Mut;
      if (!isWritten)
        return false;
      if (rootOf(other->value) == var)
        return partOf(other->value).meets(partOf(argument.value));
      SlotId first = slotOf(rootOf(other->value)), second = slotOf(var);
      return ownerOf(rootOf(other->value)) == ownerOf(var) && !graph.areApart(first, second);
    };
    auto found = llvm::find_if(lentBefore, overlaps);
    const Argument *other = found == lentBefore.end() ? nullptr : *found;
    lentBefore.push_back(&argument);
    if (!other)
      continue;
    diags
        .error(DiagKind::UseWhileLent, argument.value->range,
               "`" + var->name + "` is lent twice to one call, once of them for writing")
        .note(other->value->loc(), "it is lent here too")
        .help(argument.mode == other->mode ? "lend it once, or two parts that `split(mut " + var->name.str() + ", at)` gives"
                                           : "give the call `copy(" + var->name.str() + ")` where it only reads");
  }
}

void Builder::call(const CallExpr &expr, const Expr *on) {
  if (expr.method != ChanMethod::None)
    return method(expr);
  size_t depth = held.size();
  arguments(expr, on);
  letGo(depth, expr.range);
  refuseOverlap(expr);
  for (const Argument &argument : expr.arguments)
    if (isLent(argument))
      touch(argument.mode == PassMode::Mut ? Event::Write : Event::Read, argument.value);
}

void Builder::await(const AwaitExpr &expr) {
  const Expr *operand = stripParens(expr.operand);
  if (expr.within) {
    SlotId running = newTemporary();
    startOperand(expr, running);
    read(expr.within);
    return release(running, expr.range);
  }
  if (const auto *callee = dyn_cast<CallExpr>(operand))
    call(*callee, expr.on);
  else if (const auto *eachExpr = dyn_cast<EachExpr>(operand))
    each(*eachExpr, expr.on);
  else
    join(operand, How::Awaited);
}

/// What an `await` waits for runs beside what is evaluated next.
void Builder::startOperand(const AwaitExpr &await, SlotId holder) {
  const Expr *operand = stripParens(await.operand);
  const auto *eachExpr = dyn_cast<EachExpr>(operand);
  if (eachExpr || llvm::isa<CallExpr>(operand))
    start(operand, await.range, holder, eachExpr ? eachExpr->captures : ArrayRef<Capture>(), /*endsHere=*/true);
  else
    joinOperand(operand, holder, How::Awaited);
  if (await.on)
    read(await.on);
}

/// The arms' operands run side by side; then one arm goes on.
void Builder::race(const RaceExpr &expr, SlotId holder, How how) {
  SlotId racing = newTemporary();
  for (const RaceArm &arm : expr.arms)
    startOperand(*arm.await, racing);
  release(racing, expr.range);
  unsigned before = current, join = newBlock();
  for (const RaceArm &arm : expr.arms) {
    current = newBlock();
    edge(before, current);
    scopes.emplace_back();
    declarePattern(arm.pattern);
    take(arm.value, holder, how);
    endScope(arm.value->range);
    edge(current, join);
  }
  current = join;
}

void Builder::join(const Expr *expr, How how) {
  SlotId joined = newTemporary();
  joinOperand(expr, joined, how);
  release(joined, expr->range);
}

void Builder::joinOperand(const Expr *operand, SlotId holder, How how) {
  operand = stripParens(operand);
  if (const auto *tuple = dyn_cast<TupleExpr>(operand)) {
    for (const Expr *element : tuple->elements)
      joinOperand(element, holder, how);
    return;
  }
  take(operand, holder, how);
}

void Builder::async(const AsyncExpr &expr, SlotId holder) {
  if (holder == none) {
    refuseDiscarded(&expr);
    holder = newTemporary();
  }
  const Expr *operand = stripParens(expr.operand);
  if (const auto *eachExpr = dyn_cast<EachExpr>(operand))
    start(operand, expr.range, holder, eachExpr->captures);
  else
    start(operand, expr.range, holder, expr.captures);
  if (const auto *body = dyn_cast<BlockExpr>(operand))
    tasks.push_back({body, expr.captures, /*pattern=*/nullptr});
  if (expr.on)
    read(expr.on);
}

void Builder::start(const Expr *operand, SMRange place, SlotId holder, ArrayRef<Capture> captures, bool endsHere) {
  if (const auto *callee = dyn_cast<CallExpr>(operand))
    return startCall(*callee, place, holder, endsHere);
  if (const auto *eachExpr = dyn_cast<EachExpr>(operand))
    each(*eachExpr);
  startCaptures(operand, place, holder, captures);
}

void Builder::startCall(const CallExpr &expr, SMRange place, SlotId holder, bool endsHere) {
  if (expr.method != ChanMethod::None)
    return method(expr);
  size_t depth = held.size();
  arguments(expr);
  letGo(depth, expr.range);
  for (const Argument &argument : expr.arguments)
    if (isLent(argument))
      lend(rootOf(argument.value), holder, argument.mode == PassMode::Mut, argument.value->range, place, LendKind::Task,
           partOf(argument.value));
    else if (isViewExpr(argument.value) && !endsHere) // the array ends with the statement
      refuseView(argument.value);
}

/// The name that a place begins with.
static SMRange mentionOf(const Expr *place) {
  while (true) {
    place = stripParens(place);
    if (const auto *index = dyn_cast<IndexExpr>(place))
      place = index->base;
    else if (const auto *member = dyn_cast<MemberExpr>(place))
      place = member->base;
    else
      return place->range;
  }
}

void Builder::startCaptures(const Expr *body, SMRange place, SlotId holder, ArrayRef<Capture> captures) {
  for (const Capture &capture : captures) {
    SMRange mention = capture.uses.empty() ? place : mentionOf(capture.uses.front());
    SlotId slot = slotOf(capture.var);
    if (holdsFuture(capture.var->type) || capture.mode == Capture::Move) {
      emit(Event::Move, slot, mention).how = How::Captured;
      transfer(slot, holder, mention);
      release(slot, mention);
    } else if (capture.mode == Capture::Copy && !isMovable(capture.var->type)) {
      emit(Event::Read, slot, mention);
    } else {
      lendParts(capture, holder, mention, place);
    }
  }
}

/// What a task only reads of it is copied as the task starts: a member that holds no array.
static bool isCopied(const Capture &capture, const Expr *use) {
  use = stripParens(use);
  while (const auto *index = dyn_cast<IndexExpr>(use))
    use = stripParens(index->base);
  return capture.mode == Capture::Read && use->type && !isMovable(use->type) && !holdsFuture(use->type);
}

/// Lends what a task's code uses of a variable, each part once.
void Builder::lendParts(const Capture &capture, SlotId holder, SMRange mention, SMRange place) {
  llvm::SmallVector<PartRange, 4> parts;
  for (const Expr *use : capture.uses) {
    PartRange part = partOf(use);
    if (isCopied(capture, use)) {
      touch(Event::Read, use).range = mentionOf(use);
      continue;
    }
    if (llvm::any_of(parts, [&](PartRange other) { return other.holds(part); }))
      continue;
    parts.push_back(part);
    lend(capture.var, holder, capture.mode == Capture::Mut, mentionOf(use), place, LendKind::Task, part);
  }
  if (capture.uses.empty())
    lend(capture.var, holder, capture.mode == Capture::Mut, mention, place);
}

void Builder::refuseDiscarded(const Expr *expr) {
  expr = stripParens(expr);
  DiagBuilder report = diags.error(DiagKind::UnusedFuture, expr->range, "this future is not used");
  if (!llvm::isa<AsyncExpr>(expr)) {
    report.help("`await` it, or bind it to a name and `await` or `cancel` that");
    return;
  }
  SMLoc start = expr->range.Start;
  SMRange keyword(start, SMLoc::getFromPointer(start.getPointer() + StringRef("async").size()));
  report.help("bind it, `let task = async ...;`, and `await` or `cancel` it later, or `await` it here")
      .fix(keyword, "await");
}

} // namespace awg::flow
