// Literals: the type they take from their context, whether they fit it, strings and their holes.
#include "frontend/Check/Checker.h"
#include "frontend/Check/HoleFormat.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

using namespace awg;

/// The arithmetic whose result has its operands' type.
static bool isArithmetic(BinaryOp op) { return op <= BinaryOp::Or; }

Flexible Checker::flexibility(Expr *expr) {
  if (!isa<BinaryExpr, IfExpr, MatchExpr, ArrayExpr, TupleExpr, CallExpr>(expr))
    return computeFlexibility(expr);
  if (auto known = flexibilities.find(expr); known != flexibilities.end())
    return known->second;
  Flexible result = computeFlexibility(expr);
  flexibilities[expr] = result;
  return result;
}

Flexible Checker::flexibilityOfAll(ArrayRef<Expr *> exprs) {
  Flexible all = Flexible::Empty;
  for (Expr *expr : exprs) {
    Flexible mine = flexibility(expr);
    if (mine == Flexible::No)
      return mine;
    all = std::max(all, mine);
  }
  return all;
}

/// A builtin's value is of the type of its arguments.
Flexible Checker::flexibilityOfCall(CallExpr *expr) {
  auto *name = dyn_cast<NameExpr>(stripParens(expr->callee));
  if (!name || !expr->typeArguments.empty() || visible.lookup(name->name) || findItem(name->name))
    return Flexible::No;
  const Builtin *builtin = findBuiltin(name->name);
  using S = BuiltinSignature;
  if (!builtin || builtin->signature < S::IntBinary || builtin->signature > S::Vec)
    return Flexible::No;
  SmallVector<Expr *> values;
  for (const Argument &argument : expr->arguments)
    values.push_back(argument.value);
  if (builtin->signature == S::Select && !values.empty())
    values.erase(values.begin());
  Flexible all = flexibilityOfAll(values);
  bool isFloat = builtin->signature >= S::FloatUnary && builtin->signature <= S::FloatTernary;
  return all == Flexible::Int && isFloat ? Flexible::Float : all;
}

Flexible Checker::computeFlexibility(Expr *expr) {
  switch (expr->kind) {
  case ExprKind::Int:
    return cast<IntExpr>(expr)->suffix.empty() ? Flexible::Int : Flexible::No;
  case ExprKind::Float:
    return cast<FloatExpr>(expr)->suffix.empty() ? Flexible::Float : Flexible::No;
  case ExprKind::Paren:
    return flexibility(cast<ParenExpr>(expr)->inner);
  case ExprKind::Unary:
    return flexibility(cast<UnaryExpr>(expr)->operand);
  case ExprKind::Binary: {
    auto *binary = cast<BinaryExpr>(expr);
    return isArithmetic(binary->op) ? flexibilityOfAll({binary->right, binary->left}) : Flexible::No;
  }
  case ExprKind::If: {
    auto *choice = cast<IfExpr>(expr);
    if (!choice->elseExpr)
      return Flexible::No;
    return flexibilityOfAll({choice->elseExpr, choice->thenBlock});
  }
  case ExprKind::Match: {
    SmallVector<Expr *> bodies;
    for (const MatchArm &arm : cast<MatchExpr>(expr)->arms)
      bodies.push_back(arm.body);
    return flexibilityOfAll(bodies);
  }
  case ExprKind::Array:
    return flexibilityOfAll(cast<ArrayExpr>(expr)->elements);
  case ExprKind::Tuple: {
    Flexible most = Flexible::No;
    for (Expr *element : cast<TupleExpr>(expr)->elements)
      most = std::max(most, flexibility(element));
    return most;
  }
  case ExprKind::Call:
    return flexibilityOfCall(cast<CallExpr>(expr));
  case ExprKind::Block: {
    Expr *tail = cast<BlockExpr>(expr)->tail;
    return tail ? flexibility(tail) : Flexible::No;
  }
  default:
    return Flexible::No;
  }
}

//===-- Numbers --------------------------------------------------------------------------------------------------===//

static const llvm::fltSemantics &semantics(const Type *type) {
  switch (type->width()) {
  case 16:
    return type->isBrain() ? llvm::APFloat::BFloat() : llvm::APFloat::IEEEhalf();
  case 32:
    return llvm::APFloat::IEEEsingle();
  default:
    return llvm::APFloat::IEEEdouble();
  }
}

static bool fitsInteger(const llvm::APInt &value, bool isNegative, const Type *type) {
  unsigned bits = value.getActiveBits();
  if (!type->isSigned())
    return isNegative ? bits == 0 : bits <= type->width();
  return bits < type->width() || (isNegative && bits == type->width() && value.isPowerOf2());
}

bool Checker::fitsNumber(const llvm::APInt &value, bool isNegative, const Type *type) {
  if (!type->isFloat())
    return fitsInteger(value, isNegative, type);
  llvm::APFloat rounded(semantics(type));
  return !(rounded.convertFromAPInt(value, false, llvm::APFloat::rmNearestTiesToEven) & llvm::APFloat::opOverflow);
}

const Type *Checker::checkInt(IntExpr *expr, const Type *hint, bool isNegative) {
  const Type *type = hint && hint->lane()->isNumeric() ? hint->lane() : types.i64;
  if (!expr->suffix.empty()) {
    type = types.named(expr->suffix);
    if (!type || !type->isNumeric()) {
      diags.error(DiagKind::BadLiteral, expr->range, "`" + expr->suffix + "` is no type of a number");
      return types.error;
    }
  }
  if (!fitsNumber(expr->value, isNegative, type))
    diags.error(DiagKind::BadLiteral, expr->range,
                "`" + Twine(isNegative ? "-" : "") + llvm::toString(expr->value, 10, false) + "` does not fit `" +
                    type->str() + "`");
  return type;
}

const Type *Checker::checkFloat(FloatExpr *expr, const Type *hint) {
  const Type *type = hint && hint->lane()->isFloat() ? hint->lane() : types.f32;
  if (!expr->suffix.empty()) {
    type = types.named(expr->suffix);
    if (!type || !type->isFloat()) {
      diags.error(DiagKind::BadLiteral, expr->range, "a number with a point cannot be a `" + expr->suffix + "`");
      return types.error;
    }
  }
  llvm::APFloat value(semantics(type));
  llvm::Expected<llvm::APFloat::opStatus> status =
      value.convertFromString(expr->digits, llvm::APFloat::rmNearestTiesToEven);
  if (!status) {
    llvm::consumeError(status.takeError());
    diags.error(DiagKind::BadLiteral, expr->range, "`" + expr->digits + "` is no number");
  } else if (*status & llvm::APFloat::opOverflow) {
    diags.error(DiagKind::BadLiteral, expr->range, "`" + expr->digits + "` does not fit `" + type->str() + "`");
  }
  return type;
}

//===-- Strings --------------------------------------------------------------------------------------------------===//

/// The holes that a message of device code may have, as the runtime's record of a failure holds them.
static constexpr size_t maxDeviceHoles = 4;

const Type *Checker::checkStr(StrExpr *expr, bool isMessage) {
  size_t holes = 0;
  bool isScalarsOnly = true;
  for (const StrPiece &piece : expr->pieces) {
    if (!piece.hole)
      continue;
    checkHole(piece);
    ++holes;
    const Type *type = piece.hole->type;
    isScalarsOnly &= type->isNumeric() || type->isBool() || type->isDuration() || type->isError();
  }
  if (!isMessage && onDevice() && !isQuiet)
    diags.error(DiagKind::NotPlainData, expr->range, "this is a string, which a kernel cannot hold")
        .help("a kernel uses numbers, bools, durations, and tuples, structs and arrays of them; `fail` and `assert` take "
              "messages there too");
  else if (!isMessage)
    markHostOnly(expr->range, "makes a string");
  else if (holes > maxDeviceHoles || !isScalarsOnly)
    markHostOnly(expr->range, "makes a message of more than four values or of other than plain ones");
  return types.str;
}

/// It is a channel, or has one among its parts.
static bool holdsChan(const Type *type) {
  if (auto *array = dyn_cast<ArrayType>(type))
    return holdsChan(array->element());
  return type->isChan() || llvm::any_of(type->members(), holdsChan);
}

/// One of the scalars and strings that a value of that type consists of is such.
static bool anyPart(const Type *type, llvm::function_ref<bool(const Type *)> isSuch) {
  if (auto *array = dyn_cast<ArrayType>(type))
    return anyPart(array->element(), isSuch);
  if (type->isComposite())
    return llvm::any_of(type->members(), [&](const Type *member) { return anyPart(member, isSuch); });
  return isSuch(type);
}

/// Reports a format that no part of a value takes.
static void refuseFormat(DiagEngine &diags, SMRange range, const Type *type, StringRef described,
                         const HoleFormat &format) {
  auto refuse = [&](const Twine &what) { diags.error(DiagKind::BadLiteral, range, what + ", and this is " + described); };
  if (format.style == HoleFormat::Hex && !anyPart(type, [](const Type *part) { return part->isInt(); }))
    refuse("the format `x` is for integers");
  else if (format.style == HoleFormat::Exponent && !anyPart(type, [](const Type *part) { return part->isFloat(); }))
    refuse("the format `e` is for floats");
  else if (format.precision &&
           !anyPart(type, [](const Type *part) { return part->isFloat() || part->isDuration(); }))
    refuse("a precision is for floats and durations");
}

void Checker::checkHole(const StrPiece &piece) {
  const Type *type = check(piece.hole);
  SMRange range = piece.hole->range;
  if (holdsFuture(type)) {
    diags.error(DiagKind::TypeMismatch, range, "a future cannot be printed").help("await it first");
    return;
  }
  if (holdsChan(type)) {
    diags.error(DiagKind::TypeMismatch, range, "a channel cannot be printed");
    return;
  }
  std::optional<HoleFormat> format = parseHoleFormat(piece.format);
  if (!format) {
    diags.error(DiagKind::BadLiteral, range, "`" + piece.format + "` is no format")
        .help("a format is `<` or `>`, a width, `.` and a precision, then `x` or `e`, each of them optional");
    return;
  }
  if (type->isError())
    return;
  refuseFormat(diags, range, type, described(type), *format);
}

void Checker::checkMessage(Expr *expr, const Twine &what) {
  if (auto *literal = dyn_cast<StrExpr>(stripParens(expr))) {
    setThrough(expr, literal, checkStr(literal, /*isMessage=*/true));
    return;
  }
  expect(expr, types.str, what);
  markHostOnly(expr->range, "makes a message that is no literal");
}
