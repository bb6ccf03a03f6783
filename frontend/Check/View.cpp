// Views: parts of an array that belong to a variable.
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

/// The constant bounds of a range of subscripts, as far as they are known.
struct Checker::RangeBounds {
  std::optional<int64_t> begin, end;
};

Checker::RangeBounds Checker::checkRangeSubscript(RangeExpr *range, Extent extent) {
  RangeBounds bounds{0, std::nullopt};
  if (extent.kind == Extent::Constant)
    bounds.end = extent.value;
  if (range->begin) {
    checkInteger(range->begin, "the start of a range");
    bounds.begin = constantOf(range->begin);
  }
  if (range->end) {
    checkInteger(range->end, "the end of a range");
    bounds.end = constantOf(range->end);
  }
  range->type = types.i64;
  bool isBeyond = bounds.end && extent.kind == Extent::Constant && *bounds.end > extent.value;
  bool isBefore = (bounds.begin && *bounds.begin < 0) || (bounds.end && *bounds.end < 0);
  bool isReversed = bounds.begin && bounds.end && *bounds.begin > *bounds.end;
  if (isBeyond || isBefore || isReversed) {
    std::string text = (bounds.begin ? std::to_string(*bounds.begin) : "_") + ".." +
                       (bounds.end ? std::to_string(*bounds.end) : "_");
    std::string why = extent.kind == Extent::Constant ? "is out of range 0.." + std::to_string(extent.value)
                      : isReversed                    ? "ends before it begins"
                                                      : "begins before the array";
    diags.error(DiagKind::IndexOutOfRange, range->range, "range " + text + " " + why);
    bounds = {};
  }
  return bounds;
}

const Type *Checker::viewType(IndexExpr *expr, const ArrayType *array) {
  SmallVector<Extent> extents;
  for (auto [dimension, extent] : llvm::enumerate(array->extents())) {
    if (dimension >= expr->subscripts.size()) {
      extents.push_back(extent);
      continue;
    }
    auto *range = dyn_cast<RangeExpr>(expr->subscripts[dimension]);
    if (!range)
      continue;
    RangeBounds bounds = checkRangeSubscript(range, extent);
    if (!range->begin && !range->end)
      extents.push_back(extent);
    else if (bounds.begin && bounds.end)
      extents.push_back(Extent::constant(*bounds.end - *bounds.begin));
    else
      extents.push_back(Extent::any());
  }
  return types.array(array->element(), extents);
}

/// A view that a `let` binds, or null: part of an array, or another view that it takes over.
static Expr *viewOf(Expr *init) {
  init = stripParens(init);
  if (auto *index = dyn_cast<IndexExpr>(init))
    return index->type->isArray() && index->isView() ? init : nullptr;
  auto *name = dyn_cast<NameExpr>(init);
  auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
  return var && var->isView ? init : nullptr;
}

bool Checker::isView(Expr *expr) { return viewOf(expr); }

void Checker::useForWriting(Expr *place, StringRef why) {
  place = stripParens(place);
  if (auto *index = dyn_cast<IndexExpr>(place))
    return useForWriting(index->base, why);
  if (auto *member = dyn_cast<MemberExpr>(place))
    return useForWriting(member->base, why);
  if (auto *name = dyn_cast<NameExpr>(place))
    if (VarDecl *var = resolveVariable(name, Capture::Mut))
      refuseImmutable(var, name->range, why);
}

void Checker::checkViewLet(LetStmt *stmt) {
  Expr *view = viewOf(stmt->init);
  VarDecl *var = stmt->pattern->var;
  if (!view || stmt->pattern->kind != Pattern::Name)
    return;
  var->isView = true;
  if (var->isMut)
    useForWriting(view, "so a `mut` view of it cannot be made");
}

void Checker::refuseExchangedView(Expr *target) {
  auto *name = dyn_cast<NameExpr>(stripParens(target));
  auto *var = name ? llvm::dyn_cast_or_null<VarDecl>(name->decl) : nullptr;
  if (var && var->isView)
    diags
        .error(DiagKind::TypeMismatch, target->range,
               "`" + var->name + "` is a view, which cannot be exchanged for another array")
        .note(var->loc, "the view is made here")
        .help("assign its elements, or bind a new name with `let`");
}

//===-- chunks and split --------------------------------------------------------------------------------------------------===//

CallExpr *Checker::partsCall(Expr *expr, BuiltinId id) {
  auto *call = dyn_cast<CallExpr>(stripParens(expr));
  auto *callee = call ? dyn_cast<NameExpr>(stripParens(call->callee)) : nullptr;
  if (!callee || visible.lookup(callee->name) || findItem(callee->name))
    return nullptr;
  const Builtin *builtin = findVisibleBuiltin(callee->name);
  return builtin && builtin->id == id ? call : nullptr;
}

const Type *Checker::checkParts(CallExpr *call) {
  auto *callee = cast<NameExpr>(stripParens(call->callee));
  call->builtin = findVisibleBuiltin(callee->name);
  setThrough(call->callee, callee, types.unit);
  markMayFail();
  if (refuseCount(call, callee->name, 2, 2))
    return types.error;
  const Argument &whole = call->arguments[0];
  checkInteger(call->arguments[1].value, call->builtin->id == BuiltinId::Split ? "where `split` cuts" : "a length");
  if (whole.mode == PassMode::Mut && isPlace(whole.value)) {
    Expr *inner = stripParens(whole.value);
    setThrough(whole.value, inner, checkPlace(inner, "so it cannot be lent for writing"));
    if (body->side != Side::Host)
      markHostOnly(call->range, "makes `mut` views");
  } else if (whole.mode != PassMode::Read) {
    diags.error(DiagKind::NotMut, whole.value->range,
                "`" + callee->name + "` is lent a variable, a member or a view of one, for reading or with `mut`");
    check(whole.value);
    return types.error;
  } else {
    check(whole.value);
  }
  auto *array = dyn_cast<ArrayType>(whole.value->type);
  if (!array || holdsFuture(array)) {
    if (!whole.value->type->isError())
      diags.error(DiagKind::TypeMismatch, whole.value->range,
                  "`" + callee->name + "` takes an array, and this is " + described(whole.value->type));
    return types.error;
  }
  SmallVector<Extent> extents(array->extents());
  extents.front() = Extent::any();
  return types.array(array->element(), extents);
}

const Type *Checker::refuseParts(CallExpr *call) {
  bool isSplit = call->builtin->id == BuiltinId::Split;
  checkArgumentsAlone(call);
  diags.error(DiagKind::TypeMismatch, call->range,
              isSplit ? "`split` gives two views, which stand only in `let (a, b) = split(x, at);`"
                      : "`chunks` gives views one by one, and stands only after `in` of a loop")
      .help(isSplit ? "bind the parts to names first" : "as in `for part in chunks(x, length) { }`");
  return types.error;
}

void Checker::bindPart(Pattern *pattern, const CallExpr *call) {
  if (pattern->kind != Pattern::Name)
    return;
  pattern->var->isView = true;
  const Argument &whole = call->arguments[0];
  if (!pattern->var->isMut || whole.mode == PassMode::Mut)
    return;
  SMLoc start = whole.value->range.Start;
  diags
      .error(DiagKind::NotMut, pattern->range,
             "`" + pattern->var->name + "` is `mut`, but `" + call->builtin->name + "` is lent the array only for reading")
      .help("lend it for writing: `mut` before the array")
      .fix({start, start}, "mut ");
}

void Checker::checkSplit(LetStmt *stmt, CallExpr *call) {
  const Type *part = checkParts(call);
  setThrough(stmt->init, call, part->isError() ? part : types.tuple({part, part}));
  if (stmt->typeExpr)
    diags.error(DiagKind::TypeMismatch, stmt->pattern->range, "the parts that `split` gives are named without a type");
  Pattern *pattern = stmt->pattern;
  bool isPair = pattern->kind == Pattern::Tuple && pattern->elements.size() == 2;
  if (!isPair) {
    diags.error(DiagKind::TypeMismatch, pattern->range, "`split` gives two parts")
        .help("name both: `let (a, b) = split(x, at);`, or only one: `let (a, _) = ...`");
    SmallVector<VarDecl *> names;
    collectNames(pattern, names);
    for (VarDecl *var : names)
      declare(var, types.error);
    return;
  }
  bindPattern(pattern, call->type);
  if (!part->isError())
    for (Pattern *element : pattern->elements)
      bindPart(element, call);
}
