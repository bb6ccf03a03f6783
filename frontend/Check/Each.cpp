// `each`: its indices, its body, what it gives and what it uses from outside.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

using namespace awg;

ArrayRef<Capture> Checker::captures(const Body &of, const Expr *code) {
  llvm::DenseMap<const VarDecl *, SmallVector<const Expr *, 2>> uses;
  flow::visitPlaces(code, [&](const VarDecl &var, const Expr &place) { uses[&var].push_back(&place); });
  SmallVector<Capture> list;
  for (auto &[var, mode] : of.captures)
    list.push_back({var, mode, context.list(ArrayRef<const Expr *>(uses[var]))});
  return context.list(ArrayRef<Capture>(list));
}

std::string Checker::title(EachExpr *expr) {
  static constexpr StringRef names[] = {"",     "sum ",    "product ", "min ",  "max ",   "any ",
                                        "all ", "argmin ", "argmax ",  "scan ", "reduce "};
  return (names[unsigned(expr->op)] + "each").str();
}

/// Its value is an array.
static bool givesArray(EachExpr *expr) {
  return expr->op == EachOp::Scan || (expr->op == EachOp::Map && expr->isValue);
}

/// Where an `each` stands decides what it is: a launch on the host, a loop in device code. In a plain fn that nothing
/// but a kernel may call, which is known once all functions are checked.
CheckerState::Side Checker::sideOfEach(EachExpr *expr, Started started) {
  if (body->side == Side::Host && started == Started::No)
    reportUnawaited(expr, "`" + title(expr) + "`", body->function, body->canAwait);
  if (body->side == Side::Either && started == Started::No)
    bareEaches.push_back({body->function, expr});
  return body->side;
}

const Type *Checker::checkEach(EachExpr *expr, const Type *hint, Started started) {
  Side side = sideOfEach(expr, started);
  expr->isPhase = inGroup();
  expr->isSequential = side != Side::Host && !expr->isPhase;
  if (expr->isBlock && side != Side::Host)
    markHostOnly(expr->range, "starts a group of threads");
  if (givesArray(expr) && side != Side::Host) {
    markHostOnly(expr->range, "makes an array");
    markMayFail();
  }
  for (Expr *extent : expr->extents)
    checkInteger(extent, "the extent of an `each`");
  const Type *reduced = expr->op == EachOp::Reduce ? checkReducer(expr, hint) : nullptr;

  Body inner{Body::Each, expr, body->function, /*canAwait=*/false, Side::Device};
  inner.outer = body;
  inner.isGroup = expr->isBlock;
  body = &inner;
  const Type *type;
  {
    Scope scope(*this);
    refuseDuplicates(expr->indices, "indices of this `each`");
    for (VarDecl *index : expr->indices)
      declare(index, types.i64);
    type = checkEachBody(expr, hint, reduced);
  }
  body = inner.outer;
  if (expr->op == EachOp::Reduce && !reduced)
    expect(expr->init, type, "the first value of `reduce`");
  expr->captures = captures(inner, expr->body);
  expr->type = type;
  if (expr->isPhase) {
    shareThreads(expr, inner);
    reserveReduction(expr, inner);
  }
  return type;
}

const Type *Checker::checkEachBody(EachExpr *expr, const Type *hint, const Type *reduced) {
  if (!expr->isValue) {
    if (expr->op != EachOp::Map)
      diags.error(DiagKind::SyntaxError, expr->range, "`" + title(expr) + "` needs `=>` and a value");
    expectNoValue(cast<BlockExpr>(expr->body), "an `each` without `=>`");
    return types.unit;
  }
  if (expr->op == EachOp::Reduce) {
    if (!reduced)
      return combinedType(expr, findReducer(expr), check(expr->body, hint));
    expect(expr->body, reduced, "what `reduce` combines");
    return reduced;
  }
  if (expr->op == EachOp::Scan && expr->scanOp == ScanOp::Function && !isScanOfBuiltin(expr))
    return checkScanByFunction(expr, hint);

  bool isTruth = expr->op == EachOp::Any || expr->op == EachOp::All;
  if (isTruth) {
    expect(expr->body, types.boolean, "what `" + title(expr) + "` asks for");
    return types.boolean;
  }
  const Type *elementHint = hint;
  if (auto *array = llvm::dyn_cast_or_null<ArrayType>(hint))
    elementHint = givesArray(expr) ? array->element() : nullptr;
  bool isPlace = expr->op == EachOp::ArgMin || expr->op == EachOp::ArgMax;
  const Type *element = check(expr->body, isPlace ? nullptr : elementHint);
  if (element->isNever())
    diags.error(DiagKind::TypeMismatch, expr->body->range, "this never gives a value");
  if (element->isError() || element->isNever())
    return types.error;
  return reductionType(expr, element);
}

/// `scan(min)` and `scan(max)`, unless the program has something else of that name.
bool Checker::isScanOfBuiltin(EachExpr *expr) {
  auto *name = dyn_cast<NameExpr>(expr->reducer);
  bool isMin = name && name->name == "min";
  if (!name || !(isMin || name->name == "max") || visible.lookup(name->name) || findItem(name->name))
    return false;
  expr->scanOp = isMin ? ScanOp::Min : ScanOp::Max;
  expr->reducer = nullptr;
  return true;
}

const Type *Checker::arrayOver(EachExpr *expr, const Type *element) {
  SmallVector<Extent> extents(llvm::map_range(expr->extents, [&](Expr *extent) { return extentOf(extent); }));
  return makeArray(element, extents, expr->loc());
}

/// `scan(f)`: of a generic function the elements say which.
const Type *Checker::checkScanByFunction(EachExpr *expr, const Type *hint) {
  auto *array = llvm::dyn_cast_or_null<ArrayType>(hint);
  const Type *elementHint = array ? array->element() : nullptr;
  FnDecl *function = findReducer(expr);
  if (!function) {
    check(expr->body, elementHint);
    return types.error;
  }
  ensureSignature(function);
  const Type *element = function->isGeneric() ? check(expr->body, elementHint) : nullptr;
  const Type *combined = combinedType(expr, function, element);
  if (!element)
    expect(expr->body, combined, "what `scan` combines");
  return combined->isError() ? combined : arrayOver(expr, combined);
}

/// Whether a scan by an operator takes such elements; vecs are joined lane by lane.
static bool isScannable(ScanOp op, const Type *element) {
  if (element->isVec() && op != ScanOp::And && op != ScanOp::Or)
    element = element->lane();
  switch (op) {
  case ScanOp::And:
  case ScanOp::Or:
    return element->isBool();
  case ScanOp::BitAnd:
  case ScanOp::BitXor:
  case ScanOp::BitOr:
    return element->isInt() || element->isBool();
  case ScanOp::Mul:
    return element->isNumeric();
  default:
    return element->isNumeric() || element->isDuration();
  }
}

static StringRef scannable(ScanOp op) {
  bool isBits = op == ScanOp::BitAnd || op == ScanOp::BitXor || op == ScanOp::BitOr;
  return op == ScanOp::And || op == ScanOp::Or ? "bools" : isBits ? "integers or bools" : "numbers";
}

const Type *Checker::reductionType(EachExpr *expr, const Type *element) {
  bool isNone = element->isUnit() || flow::isMovable(element);
  if (expr->op == EachOp::Map && (isNone || !isPlainData(element))) {
    diags.error(isNone ? DiagKind::TypeMismatch : DiagKind::NotPlainData, expr->body->range,
                "`each ... =>` gives an array of plain values, and this is " + described(element));
    return types.error;
  }
  if (expr->op == EachOp::Scan && !isScannable(expr->scanOp, element)) {
    diags.error(DiagKind::TypeMismatch, expr->body->range,
                "this scan takes " + scannable(expr->scanOp) + ", and this is " + described(element));
    return types.error;
  }
  bool isByLanes = joinsValues(expr->op) && element->isVec() && element->lane()->isNumeric();
  bool isNumber = element->isNumeric() || isByLanes || (element->isDuration() && expr->op != EachOp::Product);
  if (expr->op != EachOp::Map && expr->op != EachOp::Scan && !isNumber) {
    diags.error(DiagKind::TypeMismatch, expr->body->range,
                "`" + title(expr) + "` takes numbers, and this is " + described(element));
    return types.error;
  }
  if (expr->op == EachOp::Min || expr->op == EachOp::Max || expr->op == EachOp::ArgMin || expr->op == EachOp::ArgMax)
    markMayFail();
  if (isByLanes && !expr->isSequential && !expr->isPhase)
    findLaneKernel(expr, element->lane());
  if (expr->op == EachOp::ArgMin || expr->op == EachOp::ArgMax) {
    SmallVector<const Type *> places(expr->indices.size(), types.i64);
    return places.size() == 1 ? types.i64 : types.tuple(places);
  }
  return givesArray(expr) ? arrayOver(expr, element) : element;
}

/// A generic function of the standard library, which is checked, like any other, before its instances.
FnDecl *Checker::stdTemplate(StringRef name) {
  FnDecl *function = findStd(name);
  ensureSignature(function);
  reach(function);
  return function;
}

void Checker::findLaneKernel(EachExpr *expr, const Type *lane) {
  if (llvm::isa<ParamType>(lane))
    return;
  static constexpr StringRef names[] = {"", "sum_", "product_", "min_", "max_"};
  std::string name = (names[unsigned(expr->op)] + Twine(expr->indices.size())).str();
  expr->laneKernel = instance(stdTemplate(name), lane, expr->loc());
  reach(expr->laneKernel);
}

FnDecl *Checker::findReducer(EachExpr *expr) {
  Expr *reducer = stripParens(expr->reducer);
  setThrough(expr->reducer, reducer, types.unit);
  auto *member = dyn_cast<MemberExpr>(reducer);
  ImportDecl *import = member ? namedImport(member->base) : nullptr;
  if (import && import->isFile) {
    member->base->type = types.unit;
    Decl *decl = requireExported(*import, member->name, {member->nameLoc, member->range.End});
    auto *function = llvm::dyn_cast_or_null<FnDecl>(decl);
    if (function)
      setItem(member, function);
    if (function || !decl)
      return function;
  }
  auto *name = dyn_cast<NameExpr>(reducer);
  VarDecl *shadow = name ? visible.lookup(name->name) : nullptr;
  FnDecl *function = name && !shadow ? findItem(name->name) : nullptr;
  if (function)
    return function;
  if (name && !shadow && (name->name == "min" || name->name == "max"))
    return stdTemplate(name->name == "min" ? "least_of" : "greatest_of");
  if (!name || shadow || findVisibleBuiltin(name->name))
    diags.error(DiagKind::TypeMismatch, expr->reducer->range, (expr->op == EachOp::Scan ? "`scan`" : "`reduce`") + Twine(" takes the name of a plain `fn` of the program"));
  else
    reportUnknown(name->name, name->range, /*isCalled=*/true);
  return nullptr;
}

/// The type that `f` of `reduce(f, init)` or `scan(f)` combines values of. A generic `f` takes values of `given`.
const Type *Checker::combinedType(EachExpr *expr, FnDecl *function, const Type *given) {
  StringRef what = expr->op == EachOp::Scan ? "`scan`" : "`reduce`";
  if (function->isGeneric()) {
    TypeBindings bindings;
    if (!function->params.empty())
      infer(function->params.front()->type, given, bindings);
    FnDecl *chosen = instanceOf(function, bindings, expr->reducer->range);
    if (!chosen)
      return types.error;
    function = chosen;
  }
  cast<NameExpr>(stripParens(expr->reducer))->decl = function;

  const Type *type = function->returnType;
  bool isFitting = function->flavour == FnDecl::Plain && function->params.size() == 2 && !type->isUnit() &&
                   llvm::all_of(function->params,
                                [&](VarDecl *param) { return param->type == type && param->mode == PassMode::Read; });
  if (type->isError())
    return type;
  if (!isFitting) {
    diags
        .error(DiagKind::TypeMismatch, expr->reducer->range,
               what + " takes a plain `fn` of two values of the type that it gives, and `" + function->name + "` is none")
        .note(function->loc, "`" + function->name + "` is declared here");
    return types.error;
  }
  if (type->isArray() || !isPlainData(type)) {
    diags.error(DiagKind::NotPlainData, expr->reducer->range, what + " combines plain values, not " + described(type));
    return types.error;
  }
  if (!isOpen(function))
    recordCall(function, expr->reducer->loc(), Side::Device);
  return type;
}

/// `reduce(f, init)`: the type that is returned; null if the body is to say what a generic `f` takes, `init` being a literal.
const Type *Checker::checkReducer(EachExpr *expr, const Type *hint) {
  FnDecl *function = findReducer(expr);
  if (!function) {
    check(expr->init, hint);
    return types.error;
  }
  ensureSignature(function);
  if (function->isGeneric() && flexibility(expr->init) != Flexible::No && flexibility(expr->body) == Flexible::No)
    return nullptr;
  const Type *given = function->isGeneric() ? check(expr->init, hint) : nullptr;
  const Type *type = combinedType(expr, function, given);
  expect(expr->init, type, "the first value of `reduce`");
  return type;
}
