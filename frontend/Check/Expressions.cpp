// Expressions: the dispatcher, values in their places, and the small constructs (names, members, subscripts, tuples,
// arrays).
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

Expr *awg::stripParens(Expr *expr) {
  for (;;) {
    auto *member = dyn_cast<MemberExpr>(expr);
    if (member && member->item)
      return member->item;
    auto *paren = dyn_cast<ParenExpr>(expr);
    if (!paren)
      return expr;
    expr = paren->inner;
  }
}

void awg::setThrough(Expr *outer, Expr *inner, const Type *type) {
  while (outer != inner) {
    outer->type = type;
    auto *paren = dyn_cast<ParenExpr>(outer);
    outer = paren ? paren->inner : cast<MemberExpr>(outer)->item;
  }
  inner->type = type;
}

const Type *Checker::check(Expr *expr, const Type *hint) {
  if (hint && (hint->isError() || hint->isNever()))
    hint = nullptr;
  return expr->type = dispatch(expr, hint);
}

const Type *Checker::dispatch(Expr *expr, const Type *hint) {
  switch (expr->kind) {
  case ExprKind::Int:
    return checkInt(cast<IntExpr>(expr), hint, /*isNegative=*/false);
  case ExprKind::Float:
    return checkFloat(cast<FloatExpr>(expr), hint);
  case ExprKind::Bool:
    return types.boolean;
  case ExprKind::Duration:
    return types.duration;
  case ExprKind::Str:
    return checkStr(cast<StrExpr>(expr), /*isMessage=*/false);
  case ExprKind::Name:
    return checkName(cast<NameExpr>(expr), hint);
  case ExprKind::Paren:
    return check(cast<ParenExpr>(expr)->inner, hint);
  case ExprKind::Unary:
    return checkUnary(cast<UnaryExpr>(expr), hint);
  case ExprKind::Binary:
    return checkBinary(cast<BinaryExpr>(expr), hint);
  case ExprKind::Cast:
    return checkCast(cast<CastExpr>(expr));
  case ExprKind::Call:
    return checkCall(cast<CallExpr>(expr), hint, Started::No);
  case ExprKind::Index:
    return checkIndex(cast<IndexExpr>(expr));
  case ExprKind::Member:
    return checkMember(cast<MemberExpr>(expr));
  case ExprKind::Tuple:
    return checkTuple(cast<TupleExpr>(expr), hint);
  case ExprKind::Struct:
    return checkStruct(cast<StructExpr>(expr));
  case ExprKind::Array:
    return checkArray(cast<ArrayExpr>(expr), hint);
  case ExprKind::Range:
    diags.error(DiagKind::TypeMismatch, expr->range, "a range stands only after `in` of a `for` and between brackets");
    return types.error;
  case ExprKind::Comprehension:
    return checkComprehension(cast<ComprehensionExpr>(expr), hint);
  case ExprKind::Block:
    return checkBlock(cast<BlockExpr>(expr), hint);
  case ExprKind::If:
    return checkIf(cast<IfExpr>(expr), hint);
  case ExprKind::Match:
    return checkMatch(cast<MatchExpr>(expr), hint);
  case ExprKind::Each:
    return checkEach(cast<EachExpr>(expr), hint, Started::No);
  case ExprKind::Await:
    return checkAwait(cast<AwaitExpr>(expr), hint);
  case ExprKind::Async:
    return checkAsync(cast<AsyncExpr>(expr), hint);
  case ExprKind::Race:
    return checkRace(cast<RaceExpr>(expr), hint);
  case ExprKind::Fail:
    return checkFail(cast<FailExpr>(expr));
  case ExprKind::Return:
    return checkReturn(cast<ReturnExpr>(expr));
  case ExprKind::Break:
    return checkJump(expr, "break");
  case ExprKind::Continue:
    return checkJump(expr, "continue");
  case ExprKind::Error:
    return types.error;
  }
  llvm_unreachable("a kind of expression");
}

//===-- Values in their places -----------------------------------------------------------------------------------===//

bool Checker::expect(Expr *expr, const Type *wanted, const Twine &what) {
  check(expr, wanted);
  return fits(expr, wanted, what);
}

bool Checker::fits(Expr *expr, const Type *wanted, const Twine &what) {
  const Type *found = expr->type;
  if (found == wanted || found->isNever() || found->isError() || wanted->isError())
    return true;
  if (!join(found, wanted)) {
    reportMismatch(expr, wanted, what);
    return false;
  }
  markMayFail(); // extents that are compared at run time
  return !refuseExtents(found, wanted, expr->range, what);
}

/// It can take a postfix operator without parentheses around it.
static bool isPostfix(Expr *expr) {
  switch (expr->kind) {
  case ExprKind::Binary:
  case ExprKind::If:
  case ExprKind::Match:
  case ExprKind::Block:
  case ExprKind::Each:
  case ExprKind::Comprehension:
    return false;
  default:
    return true;
  }
}

/// The program's own type that a type is or is made of first; null if there is none.
static const Decl *ownTypeOf(const Type *type) {
  if (auto *structure = dyn_cast<StructType>(type))
    return structure->decl();
  if (auto *enumeration = dyn_cast<EnumType>(type))
    return enumeration->decl();
  auto *array = dyn_cast<ArrayType>(type);
  return array ? ownTypeOf(array->element()) : nullptr;
}

/// Tells types of one name apart that several modules declare.
static void notePlaces(DiagBuilder &report, const Type *wanted, const Type *found) {
  const Decl *mine = ownTypeOf(wanted), *other = ownTypeOf(found);
  if (mine && other && mine != other && mine->name == other->name)
    report.note(mine->loc, "one `" + mine->name + "` is declared here")
        .note(other->loc, "the other `" + mine->name + "` is declared here");
}

DiagBuilder Checker::stateMismatch(Expr *expr, const Type *wanted, const Twine &what) {
  const Type *found = expr->type;
  DiagBuilder report = diags.error(DiagKind::TypeMismatch, expr->range,
                                   what + " is " + described(wanted) + ", but this is " + described(found));
  notePlaces(report, wanted, found);
  return report;
}

void Checker::reportMismatch(Expr *expr, const Type *wanted, const Twine &what) {
  while (auto *block = dyn_cast<BlockExpr>(expr))
    if (block->tail)
      expr = block->tail;
    else
      break;
  DiagBuilder report = stateMismatch(expr, wanted, what);
  if (auto *each = dyn_cast<EachExpr>(expr)) { // a kernel's: its value can be converted, not the whole
    if (!joinsValues(each->op))
      return;
    expr = each->body;
  }
  const Type *found = expr->type;
  if (found->isFuture() && join(cast<FutureType>(found)->result(), wanted))
    report.help("await the future to get its value").fixValue({expr->range.Start, expr->range.Start}, "await ");
  else if (found->isNumeric() && wanted->isNumeric() && isPostfix(expr))
    report.help("convert it with `as " + wanted->str() + "`")
        .fixValue({expr->range.End, expr->range.End}, " as " + wanted->str());
  else if (found->isNumeric() && wanted->isNumeric())
    report.help("convert it with `(...) as " + wanted->str() + "`")
        .fix({expr->range.Start, expr->range.Start}, "(")
        .fix({expr->range.End, expr->range.End}, ") as " + wanted->str());
  else if (wanted->isDuration() && found->isNumeric())
    report.help("a duration has a unit, `30ms`, `1.5s`; a number is multiplied by one, `n * 1ms`");
  else if (wanted->isStr() && !found->isUnit())
    report.help("a string with a hole prints a value: `\"{x}\"`");
}

bool Checker::refuseExtents(const Type *found, const Type *wanted, SMRange range, const Twine &what) {
  if (auto *tuple = dyn_cast<TupleType>(found)) {
    for (auto [mine, other] : llvm::zip(tuple->elements(), cast<TupleType>(wanted)->elements()))
      if (refuseExtents(mine, other, range, what))
        return true;
    return false;
  }
  auto *array = dyn_cast<ArrayType>(found);
  if (!array)
    return false;
  for (auto [mine, other] : llvm::zip(array->extents(), cast<ArrayType>(wanted)->extents()))
    if (mine.kind == Extent::Constant && other.kind == Extent::Constant && mine.value != other.value) {
      diags.error(DiagKind::ExtentMismatch, range,
                  "extents differ: " + what + " is `" + wanted->str() + "`, but this is `" + found->str() + "`");
      return true;
    }
  return false;
}

size_t Checker::leaderOf(ArrayRef<Expr *> peers) {
  size_t leader = 0;
  Flexible most = Flexible::Empty;
  for (auto [position, peer] : llvm::enumerate(peers)) {
    Flexible flexible = flexibility(peer);
    if (flexible == Flexible::No)
      return position;
    if (flexible > most)
      leader = position;
    most = std::max(most, flexible);
  }
  return leader;
}

bool Checker::isForLiterals(const Type *type) {
  return type->lane()->isNumeric() || type->isArray() || type->isComposite() || type->isError() || type->isNever();
}

const Type *Checker::checkAlike(ArrayRef<Expr *> peers, const Type *hint, const Twine &what, CheckPeer checkPeer,
                                JoinTypes joinTypes) {
  size_t known = leaderOf(peers), leader = known;
  const Type *common = checkPeer(leader, hint);
  if (known != 0 && !isForLiterals(common)) { // then the first one says what the others should be
    leader = 0;
    common = checkPeer(leader, hint);
  }
  bool isMismatch = false;
  for (auto [position, peer] : llvm::enumerate(peers)) {
    if (position == leader)
      continue;
    if (position != known)
      checkPeer(position, common->isNever() ? hint : common);
    if (const Type *joined = joinTypes(common, peer->type)) {
      common = joined;
      continue;
    }
    reportMismatch(peer, common, what);
    isMismatch = true;
  }
  return isMismatch ? types.error : common;
}

const Type *Checker::checkPeers(ArrayRef<Expr *> peers, const Type *hint, const Twine &what) {
  return checkAlike(
      peers, hint, what, [&](size_t position, const Type *hint) { return check(peers[position], hint); },
      [&](const Type *a, const Type *b) { return join(a, b); });
}

void Checker::checkInteger(Expr *expr, const Twine &what) {
  const Type *type = check(expr, types.i64);
  if (!type->isInt() && !type->isError() && !type->isNever())
    diags.error(DiagKind::TypeMismatch, expr->range, what + " is an integer, but this is " + described(type));
}

//===-- Names, members, subscripts --------------------------------------------------------------------------------===//

const Type *Checker::checkName(NameExpr *expr, const Type *hint) {
  if (VarDecl *entry = expectedCase(expr, hint)) {
    expr->decl = entry;
    return hint;
  }
  VarDecl *var = resolveVariable(expr);
  if (!var)
    return types.error;
  if (var->role == VarDecl::Catch) {
    diags.error(DiagKind::TypeMismatch, expr->range, "`" + expr->name + "` is a rejection, not a value")
        .help("use `" + expr->name + ".message` or `" + expr->name + ".place`")
        .fixValue({expr->range.End, expr->range.End}, ".message");
    return types.error;
  }
  return var->type;
}

const Type *Checker::checkIndex(IndexExpr *expr) {
  {
    llvm::SaveAndRestore part(isPart, isPart && isa<NameExpr, MemberExpr, IndexExpr>(stripParens(expr->base)));
    check(expr->base);
  }
  return elementType(expr);
}

const Type *Checker::elementType(IndexExpr *expr) {
  llvm::SaveAndRestore part(isPart, false);
  for (Expr *subscript : expr->subscripts)
    if (!isa<RangeExpr>(subscript))
      checkInteger(subscript, "a subscript");
  markMayFail();

  const Type *type = expr->base->type;
  if (type->isError())
    return type;
  if (type->isVec())
    return laneAt(expr, type);
  auto *array = dyn_cast<ArrayType>(type);
  if (!array) {
    diags.error(DiagKind::TypeMismatch, expr->range, "only an array has elements, and this is " + described(type));
    return types.error;
  }
  if (expr->subscripts.size() > array->rank()) {
    diags.error(DiagKind::TypeMismatch, expr->range,
                "`" + type->str() + "` has rank " + Twine(array->rank()) + ", but is given " +
                    Twine(expr->subscripts.size()) + " subscripts");
    return types.error;
  }
  for (auto [subscript, extent] : llvm::zip(expr->subscripts, array->extents())) {
    std::optional<int64_t> index = constantOf(subscript); // none of a range
    if (index && extent.kind == Extent::Constant && (*index < 0 || *index >= extent.value))
      diags.error(DiagKind::IndexOutOfRange, subscript->range,
                  "index " + Twine(*index) + " is out of range 0.." + Twine(extent.value));
  }
  if (array->element()->isFuture()) {
    diags.error(DiagKind::TypeMismatch, expr->range, "an array of futures is used up as a whole")
        .help("await the array");
    return types.error;
  }
  if (expr->isView())
    return viewType(expr, array);
  return array->element();
}

//===-- Tuples and arrays -----------------------------------------------------------------------------------------===//

const Type *Checker::checkTuple(TupleExpr *expr, const Type *hint) {
  auto *wanted = llvm::dyn_cast_or_null<TupleType>(hint);
  if (wanted && wanted->elements().size() != expr->elements.size())
    wanted = nullptr;
  SmallVector<const Type *> elements;
  for (auto [position, element] : llvm::enumerate(expr->elements)) {
    const Type *type = check(element, wanted ? wanted->elements()[position] : nullptr);
    if (holdsFuture(type)) {
      diags.error(DiagKind::TypeMismatch, element->range, "a future cannot be put into a tuple")
          .help("`await (f, g)` joins several futures");
      type = types.error;
    }
    elements.push_back(type);
  }
  return makeTuple(elements, expr->loc());
}

/// `[[1, 2], [3, 4]]`: of rank 2, if all its rows have one extent.
static bool isNested(ArrayExpr *expr) {
  return llvm::all_of(expr->elements, [](Expr *element) { return isa<ArrayExpr>(stripParens(element)); });
}

const Type *Checker::checkArray(ArrayExpr *expr, const Type *hint) {
  markHostOnly(expr->range, "makes an array");
  markMayFail();
  auto *wanted = llvm::dyn_cast_or_null<ArrayType>(hint);
  if (expr->elements.empty()) {
    if (wanted && wanted->rank() == 1)
      return types.array(wanted->element(), Extent::constant(0));
    diags.error(DiagKind::TypeMismatch, expr->range, "the element type of `[]` is not known here")
        .help("say it: `let x: f32[_] = [];` or `zeros<f32>(0)`");
    return types.error;
  }
  const Type *inner = wanted ? wanted->element() : nullptr;
  SmallVector<Extent> extents{Extent::constant(expr->elements.size())};
  bool isOfArrays = wanted && inner->isArray();
  if (isOfArrays || !isNested(expr)) {
    const Type *element = checkPeers(expr->elements, inner, "an element of this array");
    if (element->isError())
      return types.error;
    if (element->isUnit()) {
      diags.error(DiagKind::TypeMismatch, expr->elements.front()->range, "this gives no value for the array");
      return types.error;
    }
    return makeArray(element, extents, expr->range.Start);
  }

  if (wanted && wanted->rank() > 1)
    inner = types.array(wanted->element(), wanted->extents().drop_front());
  const Type *row = checkPeers(expr->elements, inner, "a row of this array");
  auto *array = dyn_cast<ArrayType>(row);
  if (!array)
    return row;
  for (Expr *element : expr->elements)
    if (refuseExtents(element->type, expr->elements.front()->type, element->range, "the first row"))
      return types.error;
  extents.append(array->extents().begin(), array->extents().end());
  return makeArray(array->element(), extents, expr->range.Start);
}

const Type *Checker::checkComprehension(ComprehensionExpr *expr, const Type *hint) {
  markHostOnly(expr->range, "makes an array");
  markMayFail();
  const Type *item = checkIterable(expr->iterable);
  auto *wanted = llvm::dyn_cast_or_null<ArrayType>(hint);
  Scope scope(*this);
  bindItem(expr->pattern, item, expr->iterable);
  const Type *element = check(expr->body, wanted ? wanted->element() : nullptr);
  if (element->isUnit()) {
    diags.error(DiagKind::TypeMismatch, expr->body->range, "this gives no value for the array")
        .help("use a `for` statement, or `async` to collect futures");
    return types.error;
  }
  return makeArray(element, Extent::any(), expr->range.Start);
}
