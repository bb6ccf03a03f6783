// Statements: let, assignment, loops, try, cancel.
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"
#include "frontend/Check/FlowGraph.h"

using namespace awg;

bool Checker::checkStatement(Stmt *stmt) {
  switch (stmt->kind) {
  case StmtKind::Let:
    checkLet(cast<LetStmt>(stmt));
    return cast<LetStmt>(stmt)->init->type->isNever();
  case StmtKind::Assign:
    checkAssign(cast<AssignStmt>(stmt));
    return false;
  case StmtKind::Expr:
    check(cast<ExprStmt>(stmt)->expr);
    if (stmt->range.End == cast<ExprStmt>(stmt)->expr->range.End) // no `;` drops its value
      refuseUnused(cast<ExprStmt>(stmt)->expr);
    return cast<ExprStmt>(stmt)->expr->type->isNever();
  case StmtKind::While:
    return checkWhile(cast<WhileStmt>(stmt));
  case StmtKind::For:
    checkFor(cast<ForStmt>(stmt));
    return false;
  case StmtKind::AsyncFor:
    checkAsyncFor(cast<AsyncForStmt>(stmt));
    return false;
  case StmtKind::Try:
    return checkTry(cast<TryStmt>(stmt));
  case StmtKind::Cancel:
    checkCancel(cast<CancelStmt>(stmt));
    return false;
  case StmtKind::Storage:
    checkStorage(cast<StorageStmt>(stmt));
    return false;
  }
  llvm_unreachable("a kind of statement");
}

//===-- let ------------------------------------------------------------------------------------------------------===//

void Checker::checkLet(LetStmt *stmt) {
  if (CallExpr *split = partsCall(stmt->init, BuiltinId::Split))
    return checkSplit(stmt, split);
  const Type *type;
  if (stmt->typeExpr) {
    type = resolveType(stmt->typeExpr, TypePlace::Let);
    expect(stmt->init, type, "this variable");
  } else {
    type = check(stmt->init);
    SmallVector<VarDecl *> names;
    collectNames(stmt->pattern, names);
    if (llvm::any_of(names, [&](VarDecl *var) { return var->isMut && reassigned.contains(var->name); }))
      type = generalise(type);
  }
  if (onDevice() && flow::isMovable(type) && !holdsFuture(type) && !isView(stmt->init))
    markHostOnly(stmt->init->range, "moves an array");
  stmt->type = type;
  bindPattern(stmt->pattern, type);
  checkViewLet(stmt);
  if (stmt->pattern->kind != Pattern::Name)
    bindLent(stmt->pattern, stmt->init);
  VarDecl *var = stmt->pattern->var;
  if (stmt->pattern->kind == Pattern::Name && !var->isMut && type->isInt())
    var->constant = constantOf(stmt->init);
}

//===-- Assignment ------------------------------------------------------------------------------------------------===//

bool Checker::refuseImmutable(VarDecl *var, SMRange range, const Twine &what) {
  if (var->isMut || (var->role == VarDecl::Param && var->mode == PassMode::Mut))
    return false;
  DiagBuilder report = diags.error(DiagKind::NotMut, range, "`" + var->name + "` is not `mut`, " + what);
  if (var->isItem && !var->isLoopItem) {
    report.help("change it in what the pattern takes apart, or bind `copy(...)` of it with `let mut`");
    return true;
  }
  if (var->isItem) {
    report.help("go over the indices, `for i in 0..len(x)`, and change `x[i]` in place");
    return true;
  }
  switch (var->role) {
  case VarDecl::Local:
  case VarDecl::Param:
    report.note(var->loc, "declare it as `mut " + var->name + "`").fix({var->loc, var->loc}, "mut ");
    break;
  case VarDecl::Size:
    report.help("it is the extent of an argument");
    break;
  case VarDecl::Index:
    report.help("it is an index of an `each`");
    break;
  case VarDecl::Catch:
    report.help("it is the rejection that was caught");
    break;
  case VarDecl::Const:
    report.help("it is a constant");
    break;
  case VarDecl::Field:
  case VarDecl::Case:
  case VarDecl::Shared:
  case VarDecl::PerThread:
    llvm_unreachable("no variable");
  }
  return true;
}

bool Checker::isPlace(Expr *expr) {
  expr = stripParens(expr);
  if (auto *index = dyn_cast<IndexExpr>(expr))
    return isPlace(index->base);
  if (auto *member = dyn_cast<MemberExpr>(expr))
    return isPlace(member->base);
  return isa<NameExpr>(expr);
}

const Type *Checker::checkPlace(Expr *place, StringRef why) {
  Expr *inner = stripParens(place);
  const Type *type = types.error;
  if (auto *name = dyn_cast<NameExpr>(inner)) {
    VarDecl *var = resolveVariable(name, Capture::Mut);
    if (var && (!refuseImmutable(var, name->range, why) || var->role != VarDecl::Catch))
      type = var->type;
  } else if (auto *element = dyn_cast<IndexExpr>(inner)) {
    checkPlace(element->base, "so its elements cannot be changed");
    type = elementType(element);
  } else if (auto *member = cast<MemberExpr>(inner); ImportDecl *import = namedImport(member->base)) {
    if (!checkItem(member, *import)->isError())
      refuseImmutable(cast<VarDecl>(member->item->decl), member->range, why);
  } else {
    bool isWhole = !isPart;
    llvm::SaveAndRestore part(isPart, true);
    type = memberType(member, checkPlace(member->base, "so its members cannot be changed"));
    if (isWhole)
      refusePart(member, type);
  }
  setThrough(place, inner, type);
  return type;
}

const Type *Checker::checkTarget(Expr *target) {
  Expr *place = stripParens(target);
  if (isPlace(place)) {
    setThrough(target, place, checkPlace(place, "so it cannot be assigned to"));
    return place->type;
  }
  check(place);
  if (isa<IndexExpr, MemberExpr>(place))
    diags.error(DiagKind::TypeMismatch, place->range, "only a variable's elements can be assigned to");
  else
    diags.error(DiagKind::TypeMismatch, place->range, "this cannot be assigned to")
        .help("the left of an assignment is a variable, or an element or a member of one");
  setThrough(target, place, types.error);
  return types.error;
}

/// The operator that `op=` applies.
static BinaryOp operatorOf(AssignStmt::Op op) {
  switch (op) {
  case AssignStmt::Mul:
    return BinaryOp::Mul;
  case AssignStmt::Div:
    return BinaryOp::Div;
  case AssignStmt::Rem:
    return BinaryOp::Rem;
  case AssignStmt::Sub:
    return BinaryOp::Sub;
  case AssignStmt::Shl:
    return BinaryOp::Shl;
  case AssignStmt::Shr:
    return BinaryOp::Shr;
  case AssignStmt::And:
    return BinaryOp::And;
  case AssignStmt::Xor:
    return BinaryOp::Xor;
  case AssignStmt::Or:
    return BinaryOp::Or;
  default: // Min and Max take what Add takes
    return BinaryOp::Add;
  }
}

void Checker::checkAssign(AssignStmt *stmt) {
  const Type *target = checkTarget(stmt->target);
  if (stmt->op == AssignStmt::Set && !stmt->isAtomic) {
    expect(stmt->value, target, "what is assigned to");
    refuseExchangedView(stmt->target);
    if (onDevice() && flow::isMovable(target)) {
      SMRange place = stmt->target->range;
      StringRef text(place.Start.getPointer(), place.End.getPointer() - place.Start.getPointer());
      DiagBuilder report = markHostOnly(place, "assigns a whole array");
      auto *array = dyn_cast<ArrayType>(target);
      report.help("assign its elements one by one, as in `for k in 0..len(" + text + ") { " + text + "[k" +
                  (array && array->rank() > 1 ? ", ..." : "") + "] = ...; }`, or make their subscripts indices of the `each`");
    }
    return;
  }
  check(stmt->value, target->lane()->isNumeric() ? target : besideDuration(target, stmt->value));
  const Type *type = operatorType(operatorOf(stmt->op), stmt->opLoc, stmt->target, stmt->value);
  if (type && type != target && !type->isError() && !target->isError())
    diags.error(DiagKind::TypeMismatch, stmt->opLoc,
                "this gives a `" + type->str() + "`, and the variable is " + described(target));
  if (stmt->isAtomic)
    checkAtomic(stmt, target);
}

/// An element of an array, or a member of one.
static bool isElement(Expr *target) {
  target = stripParens(target);
  while (auto *member = dyn_cast<MemberExpr>(target))
    target = stripParens(member->base);
  return isa<IndexExpr>(target);
}

void Checker::checkAtomic(AssignStmt *stmt, const Type *target) {
  bool isKnown = stmt->op == AssignStmt::Add || stmt->op == AssignStmt::Min || stmt->op == AssignStmt::Max;
  if (!isKnown) {
    diags.error(DiagKind::SyntaxError, stmt->opLoc, "`atomic` takes `+=`, `min=` and `max=`");
  } else if (!onDevice()) {
    diags.error(DiagKind::SyntaxError, stmt->range, "`atomic` stands only inside an `each`");
  } else if (!isElement(stmt->target) && !target->isError()) {
    diags.error(DiagKind::TypeMismatch, stmt->target->range, "`atomic` changes an element of an array");
  } else if (stmt->op == AssignStmt::Add && target->lane()->isFloat() && !body->function->isFast) {
    diags.error(DiagKind::RacyWrite, stmt->range, "the order of atomic additions of floats, and so their sum, varies")
        .help("use `sum each`, or allow it with `@fast` before the kernel");
  }
}

//===-- Loops -----------------------------------------------------------------------------------------------------===//

/// Ends when nothing but `break` leaves it.
static bool isTrue(Expr *condition) {
  auto *literal = dyn_cast<BoolExpr>(stripParens(condition));
  return literal && literal->value;
}

bool Checker::checkWhile(WhileStmt *stmt) {
  checkCondition(stmt->condition, "the condition of `while`");
  bool outerBreak = body->hasBreak;
  body->hasBreak = false;
  ++body->loops;
  expectNoValue(stmt->body, "the body of `while`");
  --body->loops;
  bool isEndless = isTrue(stmt->condition) && !body->hasBreak;
  body->hasBreak = outerBreak;
  return isEndless;
}

const Type *Checker::checkIterable(Expr *iterable) {
  if (auto *range = dyn_cast<RangeExpr>(stripParens(iterable))) {
    const Type *type = checkPeers({range->begin, range->end}, nullptr, "the other bound of this range");
    if (!type->isInt() && !type->isError()) {
      diags.error(DiagKind::TypeMismatch, range->range,
                  "the bounds of a range are integers, and this is " + described(type));
      type = types.error;
    }
    setThrough(iterable, range, type);
    return type;
  }
  if (CallExpr *chunks = partsCall(iterable, BuiltinId::Chunks)) {
    const Type *part = checkParts(chunks);
    setThrough(iterable, chunks, part);
    return part;
  }
  const Type *type = check(iterable);
  if (type->isError())
    return type;
  auto *array = dyn_cast<ArrayType>(type);
  if (!array || array->element()->isFuture()) {
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, iterable->range,
                                     "`for` goes over a range or an array, and this is " + described(type));
    if (type->isInt())
      report.help("a range is `0..n`");
    else if (type->isStr())
      report.help("`bytes(s)` are the bytes of a string");
    else if (type->isChan())
      report.help("what comes out of a channel has to be waited for: `for await`");
    else if (array)
      report.help("an array of futures is used up as a whole: go over what `await` gives of it");
    return types.error;
  }
  if (array->rank() == 1)
    return array->element();
  return types.array(array->element(), array->extents().drop_front());
}

void Checker::bindItem(Pattern *pattern, const Type *item, Expr *iterable) {
  bindPattern(pattern, item);
  CallExpr *chunks = partsCall(iterable, BuiltinId::Chunks);
  if (chunks && item->isArray())
    return bindPart(pattern, chunks);
  SmallVector<VarDecl *> names;
  collectNames(pattern, names);
  for (VarDecl *var : names) {
    if (!var->type || !flow::isMovable(var->type))
      continue;
    var->isItem = var->isLoopItem = true;
    var->isView = var->type->isArray();
    if (var->isMut)
      diags.error(DiagKind::NotMut, var->loc, "the arrays that a loop goes over cannot be changed")
          .help("go over the indices, `for i in 0..len(x)`, and change `x[i]` in place, or over `chunks(mut x, length)`");
  }
}

void Checker::checkFor(ForStmt *stmt) {
  const Type *item = stmt->isAwait ? checkStream(stmt->iterable) : checkIterable(stmt->iterable);
  Scope scope(*this);
  if (stmt->isAwait) // what comes out of a channel belongs to the body
    bindPattern(stmt->pattern, item);
  else
    bindItem(stmt->pattern, item, stmt->iterable);
  bool outerBreak = body->hasBreak;
  ++body->loops;
  expectNoValue(stmt->body, "the body of `for`");
  --body->loops;
  body->hasBreak = outerBreak;
}

//===-- try, cancel -----------------------------------------------------------------------------------------------===//

bool Checker::checkTry(TryStmt *stmt) {
  markHostOnly(stmt->range, "catches a rejection");
  const Type *tried = expectNoValue(stmt->body, "the body of `try`");
  Scope scope(*this);
  declare(stmt->error, types.tuple({types.str, types.str}));
  const Type *handled = expectNoValue(stmt->handler, "the body of `catch`");
  return tried->isNever() && handled->isNever();
}

void Checker::checkCancel(CancelStmt *stmt) {
  refuseWaiting(stmt->range.Start, "cancel");
  markMayFail();
  const Type *type = check(stmt->future);
  if (!holdsFuture(type) && !type->isError())
    diags.error(DiagKind::TypeMismatch, stmt->future->range, "`cancel` takes a future, and this is " + described(type));
}
