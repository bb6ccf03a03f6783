// The graph builder: scopes, bodies and statements.
#include "frontend/Check/FlowBuilder.h"

namespace awg::flow {

using llvm::cast;
using llvm::dyn_cast;

//===-- The graph ------------------------------------------------------------------------------------------------===//

unsigned Builder::newBlock() {
  graph.blocks.emplace_back().handler = handler;
  return graph.blocks.size() - 1;
}

void Builder::jump(unsigned target) {
  edge(current, target);
  current = newBlock();
}

Event &Builder::emit(Event::Kind kind, SlotId slot, SMRange range) {
  Event &event = graph.blocks[current].events.emplace_back();
  event.kind = kind;
  event.slot = slot;
  event.range = range;
  return event;
}

Event &Builder::touch(Event::Kind kind, const Expr *place) {
  Event &event = emit(kind, slotOf(rootOf(place)), place->range);
  event.part = partOf(place);
  return event;
}

SlotId Builder::partSlot(const Expr *place) {
  SlotId whole = slotOf(rootOf(place));
  PartRange range = partOf(place);
  for (SlotId part : graph.slots[whole].parts)
    if (graph.slots[part].range.holds(range) && range.holds(graph.slots[part].range))
      return part;
  Slot &slot = graph.slots.emplace_back();
  slot.var = graph.slots[whole].var;
  slot.range = range;
  graph.slots[whole].parts.push_back(graph.slots.size() - 1);
  return graph.slots.size() - 1;
}

void Builder::readSubscripts(const Expr *place) {
  place = stripParens(place);
  if (const auto *index = dyn_cast<IndexExpr>(place)) {
    readSubscripts(index->base);
    size_t depth = held.size();
    hold(index->base, {index->subscripts.begin(), index->subscripts.end()});
    for (const Expr *subscript : index->subscripts)
      read(subscript);
    letGo(depth, place->range);
  } else if (const auto *member = dyn_cast<MemberExpr>(place)) {
    readSubscripts(member->base);
  }
}

SlotId Builder::slotOf(const VarDecl *var) {
  auto [entry, isNew] = slotOfVar.try_emplace(var, graph.slots.size());
  if (isNew) {
    Slot &slot = graph.slots.emplace_back();
    slot.var = var;
    slot.holdsFuture = holdsFuture(var->type);
  }
  return entry->second;
}

SlotId Builder::newTemporary() {
  Slot &slot = graph.slots.emplace_back();
  slot.holdsFuture = true;
  slot.depth = scopes.size();
  return graph.slots.size() - 1;
}

void Builder::transfer(SlotId from, SlotId to, SMRange range) {
  if (from != to)
    emit(Event::Transfer, from, range).other = to;
}

//===-- Scopes ----------------------------------------------------------------------------------------------------===//

void Builder::declare(const VarDecl *var) {
  SlotId slot = slotOf(var);
  emit(Event::Declare, slot, {var->loc, var->loc});
  scopes.back().push_back(slot);
  graph.slots[slot].depth = scopes.size();
}

void Builder::declarePattern(const Pattern *pattern) {
  if (pattern->kind == Pattern::Name && pattern->var)
    declare(pattern->var);
  for (const Pattern *element : pattern->elements)
    declarePattern(element);
}

/// Futures end first, so that what an unused one was lent is not reported a second time.
void Builder::endScopesDownTo(size_t depth, SMRange range, How how) {
  for (bool futures : {true, false})
    for (size_t scope = scopes.size(); scope-- > depth;)
      for (SlotId slot : llvm::reverse(scopes[scope]))
        if (graph.slots[slot].holdsFuture == futures)
          emit(Event::EndScope, slot, range).how = how;
}

void Builder::endScope(SMRange range) {
  endScopesDownTo(scopes.size() - 1, range, How::End);
  scopes.pop_back();
}

static SMRange lastBrace(SMRange range) {
  SMLoc brace = SMLoc::getFromPointer(range.End.getPointer() - 1);
  return {brace, range.End};
}

void Builder::refuseEscape(const Expr *value) {
  if (holdsFuture(value->type))
    diags.error(DiagKind::UnusedFuture, value->range, "a future cannot be returned: its task belongs to this scope")
        .help("`await` it here and return its value");
}

void Builder::body(const Expr *body) {
  const auto *block = cast<BlockExpr>(body);
  for (const Stmt *stmt : block->statements)
    statement(stmt);
  if (block->tail) {
    refuseEscape(block->tail);
    take(block->tail, none);
    readExtents(resultType);
  }
  endScope(lastBrace(block->range));
}

Graph Builder::build(const FnDecl &function) {
  current = newBlock();
  resultType = function.returnExpr;
  scopes.emplace_back();
  for (const VarDecl *param : function.params) {
    declare(param);
    if (param->mode != PassMode::Move)
      graph.slots[slotOf(param)].ownership = Slot::LentByCaller;
  }
  if (function.body)
    body(function.body);
  else if (const auto *kernel = llvm::dyn_cast_or_null<EachExpr>(function.each))
    each(*kernel);
  return std::move(graph);
}

Graph Builder::build(const Task &task) {
  current = newBlock();
  scopes.emplace_back();
  if (task.pattern) {
    declarePattern(task.pattern);
    for (SlotId item : scopes.back()) // of what the loop goes over
      graph.slots[item].ownership = Slot::LentToLoop;
  }
  for (const Capture &capture : task.captures) {
    SlotId id = slotOf(capture.var);
    Slot &slot = graph.slots[id];
    if (slot.holdsFuture) {
      declare(capture.var);
      emit(Event::Bind, id, findMention(task.body, capture.var));
    } else if (capture.mode != Capture::Move) {
      slot.ownership = Slot::LentToTask;
    }
  }
  scopes.emplace_back(); // what the body declares ends before what it took
  body(task.body);
  endScope(lastBrace(task.body->range));
  return std::move(graph);
}

//===-- Statements ------------------------------------------------------------------------------------------------===//

void Builder::statement(const Stmt *stmt) {
  switch (stmt->kind) {
  case StmtKind::Let:
    return letStmt(*cast<LetStmt>(stmt));
  case StmtKind::Assign:
    return assignStmt(*cast<AssignStmt>(stmt));
  case StmtKind::Expr:
    return exprStmt(*cast<ExprStmt>(stmt));
  case StmtKind::While:
    return whileStmt(*cast<WhileStmt>(stmt));
  case StmtKind::For:
    return forStmt(*cast<ForStmt>(stmt));
  case StmtKind::AsyncFor:
    return asyncForStmt(*cast<AsyncForStmt>(stmt));
  case StmtKind::Try:
    return tryStmt(*cast<TryStmt>(stmt));
  case StmtKind::Cancel:
    return cancelStmt(*cast<CancelStmt>(stmt));
  case StmtKind::Storage:
    return declare(cast<StorageStmt>(stmt)->var);
  }
}

void Builder::letStmt(const LetStmt &stmt) {
  // The names are declared after the value for the program, before it for the events, so that they can hold its tasks.
  declarePattern(stmt.pattern);
  if (const CallExpr *split = partsCall(stmt.init, BuiltinId::Split))
    return letSplit(stmt, *split);
  if (stmt.pattern->var && stmt.pattern->var->isView)
    return letView(stmt);
  if (onlyLooks(stmt)) {
    read(stmt.init);
    readExtents(stmt.typeExpr, stmt.init);
    return lendToPattern(stmt.pattern, stmt.init->type, stmt.init);
  }
  if (!holdsFuture(stmt.init->type)) {
    take(stmt.init, none);
    return readExtents(stmt.typeExpr);
  }
  if (!stmt.pattern->var) {
    refuseDiscarded(stmt.init);
    return takeAndDrop(stmt.init);
  }
  SlotId slot = slotOf(stmt.pattern->var);
  take(stmt.init, slot);
  emit(Event::Bind, slot, stmt.pattern->range);
}

void Builder::assignWhole(const AssignStmt &stmt, const VarDecl *var) {
  SlotId slot = slotOf(var);
  if (!holdsFuture(var->type)) {
    take(stmt.value, none);
    emit(Event::Assign, slot, stmt.target->range);
    return;
  }
  SlotId value = newTemporary();
  take(stmt.value, value);
  emit(Event::Assign, slot, stmt.target->range);
  transfer(value, slot, stmt.value->range);
  release(value, stmt.value->range);
  emit(Event::Bind, slot, stmt.target->range);
}

/// The array whose element or part a place lies in, or null.
static const Expr *baseOf(const Expr *place) {
  const Expr *array = nullptr;
  for (;;) {
    place = stripParens(place);
    if (const auto *index = dyn_cast<IndexExpr>(place))
      array = place = index->base;
    else if (const auto *member = dyn_cast<MemberExpr>(place))
      place = member->base;
    else
      return array;
  }
}

void Builder::assignStmt(const AssignStmt &stmt) {
  const Expr *target = stripParens(stmt.target);
  const VarDecl *root = rootOf(target);
  if (stmt.op == AssignStmt::Set && llvm::isa<NameExpr>(target) && root)
    return assignWhole(stmt, root);

  if (!root) {
    read(target);
    return take(stmt.value, none);
  }
  readSubscripts(target);
  size_t depth = held.size();
  if (const Expr *array = baseOf(target))
    hold(array, stmt.value);
  if (stmt.op != AssignStmt::Set)
    touch(Event::Read, target);
  if (isViewExpr(target) && rootOf(stmt.value)) // gets copies of the elements
    read(stmt.value);
  else
    take(stmt.value, none);
  letGo(depth, target->range);
  if (isMemberOf(target, root) && isMovable(target->type)) {
    SlotId part = partSlot(target);
    touch(Event::Assign, target).partSlot = part;
  } else {
    touch(Event::Write, target).isElement = isViewExpr(target) || !isMovable(target->type);
  }
}

void Builder::exprStmt(const ExprStmt &stmt) {
  const Expr *expr = stripParens(stmt.expr);
  if (holdsFuture(expr->type) && !llvm::isa<NameExpr>(expr))
    refuseDiscarded(expr);
  if (rootOf(expr))
    return read(expr);
  takeAndDrop(expr);
}

static bool isTrue(const Expr *condition) {
  const auto *literal = dyn_cast<BoolExpr>(stripParens(condition));
  return literal && literal->value;
}

void Builder::whileStmt(const WhileStmt &stmt) {
  unsigned head = newBlock();
  edge(current, head);
  unsigned exit = newBlock();
  current = head;
  read(stmt.condition);
  unsigned body = newBlock();
  edge(current, body);
  if (!isTrue(stmt.condition))
    edge(current, exit);
  current = body;
  loops.push_back({head, exit, scopes.size(), none, held.size()});
  block(*stmt.body, none, How::Moved);
  loops.pop_back();
  edge(current, head);
  current = exit;
}

void Builder::forStmt(const ForStmt &stmt) {
  SlotId lock = iterable(stmt.iterable);
  unsigned head = newBlock(), exit = newBlock(), body = newBlock();
  edge(current, head);
  edge(head, body);
  edge(head, exit);
  current = body;
  loops.push_back({head, exit, scopes.size(), lock, held.size()});
  scopes.emplace_back();
  declarePattern(stmt.pattern);
  bindRow(stmt.pattern, stmt.iterable, lock);
  block(*stmt.body, none, How::Moved);
  endScope(lastBrace(stmt.body->range));
  loops.pop_back();
  edge(current, head);
  current = exit;
  if (lock != none)
    release(lock, stmt.iterable->range);
}

/// The iterations run at once, as in a loop that starts a task in each round.
void Builder::asyncForStmt(const AsyncForStmt &stmt) {
  SlotId lock = iterable(stmt.iterable);
  if (stmt.limit)
    read(stmt.limit);
  SlotId running = newTemporary();
  SMRange keywords(stmt.range.Start, stmt.iterable->range.End);
  loop([&] { startCaptures(stmt.body, keywords, running, stmt.captures); });
  tasks.push_back({stmt.body, stmt.captures, stmt.pattern});
  release(running, lastBrace(stmt.range));
  if (lock != none)
    release(lock, stmt.iterable->range);
}

void Builder::tryStmt(const TryStmt &stmt) {
  unsigned outer = handler;
  unsigned handlerBlock = newBlock();
  handler = handlerBlock;
  unsigned firstBlock = newBlock();
  edge(current, firstBlock);
  current = firstBlock;
  block(*stmt.body, none, How::Moved);
  handler = outer;
  unsigned endBlock = graph.blocks.size();
  unsigned join = newBlock();
  edge(current, join);

  current = handlerBlock;
  enterHandler(firstBlock, endBlock, stmt.body->range);
  scopes.emplace_back();
  if (stmt.error)
    declare(stmt.error);
  block(*stmt.handler, none, How::Moved);
  endScope(lastBrace(stmt.handler->range));
  edge(current, join);
  current = join;
}

/// All tasks that the `try` may have started or used are joined as its `catch` is entered.
void Builder::enterHandler(unsigned firstBlock, unsigned endBlock, SMRange range) {
  constexpr unsigned untouched = 0, touched = 1, declared = 2;
  llvm::SmallDenseMap<SlotId, std::pair<unsigned, SMRange>> state;
  llvm::SmallVector<SlotId> order;
  auto touch = [&](SlotId slot, unsigned how, SMRange place) {
    if (slot == none || !graph.slots[slot].holdsFuture)
      return;
    auto &entry = state[slot];
    if (entry.first == untouched) {
      order.push_back(slot);
      entry.second = place;
    }
    entry.first = std::max(entry.first, how);
  };
  for (unsigned block = firstBlock; block != endBlock; ++block)
    for (const Event &event : graph.blocks[block].events) {
      if (event.kind == Event::Declare)
        touch(event.slot, declared, event.range);
      else if (event.kind == Event::Move || event.kind == Event::Assign || event.kind == Event::Caught)
        touch(event.slot, touched, event.range);
      else if (event.kind == Event::Lend || event.kind == Event::Transfer)
        touch(event.other, touched, event.range);
    }
  for (SlotId slot : order) {
    auto [how, place] = state[slot];
    bool isOutside = how == touched && graph.slots[slot].var;
    emit(Event::Caught, slot, isOutside ? place : range).how = isOutside ? How::Caught : How::End;
  }
}

void Builder::cancelStmt(const CancelStmt &stmt) { join(stmt.future, How::Cancelled); }

} // namespace awg::flow
