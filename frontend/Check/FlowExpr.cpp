// The graph builder: expressions.
#include "frontend/Check/FlowBuilder.h"

namespace awg::flow {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;

void Builder::take(const Expr *expr, SlotId holder, How how) {
  switch (expr->kind) {
  case ExprKind::Paren:
    return take(cast<ParenExpr>(expr)->inner, holder, how);
  case ExprKind::Name:
    return takeName(*cast<NameExpr>(expr), holder, how);
  case ExprKind::Index:
  case ExprKind::Member:
    return takePart(expr, how);
  case ExprKind::Tuple:
    for (const Expr *element : cast<TupleExpr>(expr)->elements)
      take(element, holder, how);
    return;
  case ExprKind::Struct:
    for (const Expr *value : cast<StructExpr>(expr)->values)
      take(value, holder, how);
    return;
  case ExprKind::Array:
    for (const Expr *element : cast<ArrayExpr>(expr)->elements)
      take(element, holder, how);
    return;
  case ExprKind::Comprehension:
    return comprehension(*cast<ComprehensionExpr>(expr), holder, how);
  case ExprKind::Block:
    return block(*cast<BlockExpr>(expr), holder, how);
  case ExprKind::If:
    return ifExpr(*cast<IfExpr>(expr), holder, how);
  case ExprKind::Match:
    return matchExpr(*cast<MatchExpr>(expr), holder, how);
  case ExprKind::Async:
    return async(*cast<AsyncExpr>(expr), holder);
  case ExprKind::Race:
    return race(*cast<RaceExpr>(expr), holder, how);
  default:
    return read(expr);
  }
}

void Builder::read(const Expr *expr) {
  switch (expr->kind) {
  case ExprKind::Int:
  case ExprKind::Float:
  case ExprKind::Bool:
  case ExprKind::Duration:
  case ExprKind::Error:
    return;
  case ExprKind::Str:
    return readHoles(*cast<StrExpr>(expr));
  case ExprKind::Name:
    if (const auto *var = llvm::dyn_cast_or_null<VarDecl>(cast<NameExpr>(expr)->decl))
      emit(Event::Read, slotOf(var), expr->range);
    return;
  case ExprKind::Paren:
    return read(cast<ParenExpr>(expr)->inner);
  case ExprKind::Unary:
    return read(cast<UnaryExpr>(expr)->operand);
  case ExprKind::Binary:
    return binary(*cast<BinaryExpr>(expr));
  case ExprKind::Cast:
    return read(cast<CastExpr>(expr)->operand);
  case ExprKind::Call:
    return call(*cast<CallExpr>(expr));
  case ExprKind::Index:
    if (rootOf(expr)) {
      readSubscripts(expr);
      touch(Event::Read, expr);
      return;
    }
    for (const Expr *subscript : cast<IndexExpr>(expr)->subscripts)
      read(subscript);
    return read(cast<IndexExpr>(expr)->base);
  case ExprKind::Member:
    return readMember(*cast<MemberExpr>(expr));
  case ExprKind::Range:
    if (const Expr *begin = cast<RangeExpr>(expr)->begin)
      read(begin);
    if (const Expr *end = cast<RangeExpr>(expr)->end)
      read(end);
    return;
  case ExprKind::Tuple:
  case ExprKind::Struct:
  case ExprKind::Array:
  case ExprKind::Comprehension:
  case ExprKind::Block:
  case ExprKind::If:
  case ExprKind::Match:
  case ExprKind::Race:
  case ExprKind::Async:
    if (holdsFuture(expr->type))
      refuseDiscarded(expr);
    return takeAndDrop(expr);
  case ExprKind::Each:
    return each(*cast<EachExpr>(expr));
  case ExprKind::Await:
    return await(*cast<AwaitExpr>(expr));
  case ExprKind::Fail:
    read(cast<FailExpr>(expr)->message);
    current = newBlock();
    return;
  case ExprKind::Return:
    return returnExpr(*cast<ReturnExpr>(expr));
  case ExprKind::Break:
    return leaveLoop(*expr, How::Break);
  case ExprKind::Continue:
    return leaveLoop(*expr, How::Continue);
  }
}

void Builder::readHoles(const StrExpr &expr) {
  llvm::SmallVector<const Expr *> holes;
  for (const StrPiece &piece : expr.pieces)
    if (piece.hole)
      holes.push_back(piece.hole);
  size_t depth = held.size();
  for (auto [number, hole] : llvm::enumerate(holes)) {
    read(hole);
    hold(hole, llvm::ArrayRef(holes).drop_front(number + 1));
  }
  bool isHeld = held.size() > depth;
  letGo(depth, expr.range);
  if (isHeld)
    touchAgain(holes);
}

void Builder::takeAndDrop(const Expr *expr) {
  if (!holdsFuture(expr->type))
    return take(expr, none);
  SlotId value = newTemporary();
  take(expr, value);
  release(value, expr->range);
}

void Builder::takeName(const NameExpr &name, SlotId holder, How how) {
  const auto *var = llvm::dyn_cast_or_null<VarDecl>(name.decl);
  if (!var || !isMovable(var->type))
    return read(&name);
  if (var->isView) {
    read(&name);
    return refuseView(&name);
  }
  SlotId slot = slotOf(var);
  emit(Event::Move, slot, name.range).how = how;
  if (!graph.slots[slot].holdsFuture)
    return;
  if (holder != none)
    transfer(slot, holder, name.range);
  release(slot, name.range);
}

void Builder::readMember(const MemberExpr &member) {
  if (member.enumCase || member.item)
    return;
  if (!rootOf(&member))
    return read(member.base);
  readSubscripts(&member);
  touch(Event::Read, &member);
}

/// A field moves out of a variable; the other fields stay.
void Builder::takePart(const Expr *part, How how) {
  if (!isMovable(part->type))
    return read(part);
  if (isViewExpr(part)) {
    read(part);
    return refuseView(part);
  }
  const VarDecl *root = rootOf(part);
  if (root && isMemberOf(part, root)) {
    SlotId slot = partSlot(part);
    Event &event = touch(Event::Move, part);
    event.partSlot = slot;
    event.how = how;
    return;
  }
  read(part);
  if (isa<MemberExpr>(stripParens(part)) && !root) // of a value that nobody else holds
    return;
  StringRef source(part->range.Start.getPointer(), part->range.End.getPointer() - part->range.Start.getPointer());
  diags.error(DiagKind::UseAfterMove, part->range, "an array cannot be moved out of an array that holds it")
      .fixValue(part->range, "copy(" + source + ")");
}

void Builder::block(const BlockExpr &expr, SlotId holder, How how) {
  scopes.emplace_back();
  for (const Stmt *stmt : expr.statements)
    statement(stmt);
  if (expr.tail)
    take(expr.tail, holder, how);
  SMLoc brace = SMLoc::getFromPointer(expr.range.End.getPointer() - 1);
  endScope({brace, expr.range.End});
}

/// A chain of `else if` is a loop here, not a recursion: chains have no bound on their length.
void Builder::ifExpr(const IfExpr &expr, SlotId holder, How how) {
  unsigned join = newBlock();
  const Expr *rest = &expr;
  while (const auto *branch = llvm::dyn_cast_or_null<IfExpr>(rest)) {
    read(branch->condition);
    unsigned otherwise = newBlock(), then = newBlock();
    edge(current, then);
    edge(current, otherwise);
    current = then;
    block(*branch->thenBlock, holder, how);
    edge(current, join);
    current = otherwise;
    rest = branch->elseExpr;
  }
  if (rest)
    take(rest, holder, how);
  edge(current, join);
  current = join;
}

/// A `match` that binds an array takes its subject; any other looks at it. What the arms behind a condition are lent, it may not
/// exchange: the subject is looked up once.
void Builder::matchExpr(const MatchExpr &expr, SlotId holder, How how) {
  if (takesSubject(expr))
    take(expr.subject, none);
  else
    read(expr.subject);
  unsigned join = newBlock(), next = current;
  for (auto [number, arm] : llvm::enumerate(expr.arms)) {
    current = newBlock();
    edge(next, current);
    scopes.emplace_back();
    declarePattern(arm.pattern);
    lendToPattern(arm.pattern, expr.subject->type, expr.subject);
    if (arm.guard) {
      size_t depth = held.size();
      held.push_back(newTemporary());
      for (const MatchArm &behind : ArrayRef(expr.arms).drop_front(number + 1))
        lendToPattern(behind.pattern, expr.subject->type, expr.subject, /*first=*/0, held.back());
      read(arm.guard);
      letGo(depth, arm.guard->range);
      next = current;
      unsigned chosen = newBlock();
      edge(current, chosen);
      current = chosen;
    }
    take(arm.body, holder, how);
    endScope(arm.body->range);
    edge(current, join);
  }
  current = join;
}

/// The left operands of a long chain are walked without recursion.
void Builder::binary(const BinaryExpr &expr) {
  llvm::SmallVector<const BinaryExpr *> chain;
  const Expr *left = &expr;
  while (const auto *next = dyn_cast<BinaryExpr>(left)) {
    chain.push_back(next);
    left = next->left;
  }
  read(left);
  for (const BinaryExpr *next : llvm::reverse(chain)) {
    if (next->op != BinaryOp::LogicalAnd && next->op != BinaryOp::LogicalOr) {
      read(next->right);
      continue;
    }
    unsigned right = newBlock(), join = newBlock();
    edge(current, right);
    edge(current, join);
    current = right;
    read(next->right);
    edge(current, join);
    current = join;
  }
}

void Builder::loop(llvm::function_ref<void()> build) {
  unsigned head = newBlock(), exit = newBlock(), first = newBlock();
  edge(current, head);
  edge(head, first);
  edge(head, exit);
  current = first;
  loops.push_back({head, exit, scopes.size(), none, held.size()});
  build();
  loops.pop_back();
  edge(current, head);
  current = exit;
}

void Builder::comprehension(const ComprehensionExpr &expr, SlotId holder, How how) {
  SlotId lock = iterable(expr.iterable);
  loop([&] {
    scopes.emplace_back();
    declarePattern(expr.pattern);
    bindRow(expr.pattern, expr.iterable, lock);
    take(expr.body, holder, how);
    endScope(expr.body->range);
  });
  if (lock != none)
    release(lock, expr.iterable->range);
}

void Builder::each(const EachExpr &expr, const Expr *on) {
  for (const Expr *extent : expr.extents)
    read(extent);
  if (expr.init)
    read(expr.init);
  if (on)
    read(on);
  loop([&] {
    scopes.emplace_back();
    for (const VarDecl *index : expr.indices)
      declare(index);
    take(expr.body, none);
    endScope(expr.body->range);
  });
}

SlotId Builder::iterable(const Expr *expr) {
  const CallExpr *chunks = partsCall(expr, BuiltinId::Chunks);
  const Expr *array = chunks ? chunks->arguments[0].value : expr;
  const VarDecl *root = array->type->isArray() ? rootOf(array) : nullptr;
  if (!root)
    read(array);
  size_t depth = held.size();
  if (chunks) {
    hold(array, chunks->arguments[1].value);
    read(chunks->arguments[1].value);
    letGo(depth, chunks->range);
  }
  if (!root)
    return none;
  SlotId lock = newTemporary();
  bool isMut = chunks && chunks->arguments[0].mode == PassMode::Mut;
  if (isMut)
    readSubscripts(array);
  else
    read(array);
  lend(root, lock, isMut, array->range, array->range, LendKind::Loop, partOf(array));
  return lock;
}

void Builder::returnExpr(const ReturnExpr &expr) {
  // The loops around it do not go on, so what they run over may be given away.
  for (const Loop &loop : loops)
    if (loop.lock != none)
      release(loop.lock, expr.range);
  for (SlotId lock : held)
    release(lock, expr.range);
  if (expr.value) {
    refuseEscape(expr.value);
    take(expr.value, none);
    readExtents(resultType);
  }
  endScopesDownTo(0, expr.range, How::Return);
  current = newBlock();
}

void Builder::leaveLoop(const Expr &expr, How how) {
  if (loops.empty())
    return;
  const Loop &loop = loops.back();
  for (SlotId lock : llvm::ArrayRef(held).drop_front(loop.held))
    release(lock, expr.range);
  endScopesDownTo(loop.scopeDepth, expr.range, how);
  jump(how == How::Break ? loop.exit : loop.head);
}

} // namespace awg::flow
