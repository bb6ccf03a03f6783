// Operators: unary, binary and casts. Operands have one type exactly; literals take the other operand's.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

using namespace awg;

//===-- Unary ----------------------------------------------------------------------------------------------------===//

const Type *Checker::checkUnary(UnaryExpr *expr, const Type *hint) {
  Expr *operand = stripParens(expr->operand);
  const Type *type;
  if (auto *literal = dyn_cast<IntExpr>(operand); literal && expr->op == UnaryOp::Neg) {
    type = checkInt(literal, hint, /*isNegative=*/true);
    setThrough(expr->operand, literal, type);
    if (type->isInt() && !type->isSigned())
      return type; // its own report says that it does not fit
  } else {
    type = check(expr->operand, hint);
  }
  if (type->isError() || type->isNever())
    return type;
  const Type *lane = type->lane();

  auto refuse = [&](const Twine &message, StringRef help) {
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, expr->range, message + ", but this is " + described(type));
    if (!help.empty())
      report.help(help);
    return types.error;
  };
  switch (expr->op) {
  case UnaryOp::Neg:
    // A type parameter may stand for a signed one; its instances are checked.
    if (lane->isFloat() || lane->isDuration() || (lane->isNumeric() && lane->isSigned()))
      return type;
    return refuse("`-` takes a signed number or a duration", lane->isInt() ? "convert it to a signed type first" : "");
  case UnaryOp::Not:
    return lane->isBool() ? type
                          : refuse("`!` takes a bool", lane->isInt() ? "`~` inverts the bits of an integer" : "");
  case UnaryOp::BitNot:
    return lane->isInt() ? type : refuse("`~` takes an integer", lane->isBool() ? "`!` negates a bool" : "");
  }
  llvm_unreachable("a unary operator");
}

//===-- Binary ----------------------------------------------------------------------------------------------------===//

static bool isComparison(BinaryOp op) { return op >= BinaryOp::Eq && op <= BinaryOp::Ge; }
static bool isLogical(BinaryOp op) { return op == BinaryOp::LogicalAnd || op == BinaryOp::LogicalOr; }
static bool isShift(BinaryOp op) { return op == BinaryOp::Shl || op == BinaryOp::Shr; }
static bool isBitwise(BinaryOp op) { return op == BinaryOp::And || op == BinaryOp::Or || op == BinaryOp::Xor; }

const Type *Checker::besideDuration(const Type *type, Expr *literal) {
  return type->isDuration() && flexibility(literal) == Flexible::Float ? types.f64 : nullptr;
}

void Checker::checkOperands(Expr *left, Expr *right, const Type *hint) {
  Flexible rightForm = flexibility(right);
  Flexible leftForm = flexibility(left);
  bool isRightFirst = leftForm != Flexible::No && (rightForm == Flexible::No || rightForm > leftForm);
  Expr *first = isRightFirst ? right : left;
  Expr *second = isRightFirst ? left : right;
  check(first, hint);
  bool isHint = first->type->isNumeric() || first->type->isComposite() || first->type->isEnum();
  check(second, isHint ? first->type : besideDuration(first->type, second));
}

const Type *Checker::checkBinary(BinaryExpr *expr, const Type *hint) {
  if (isLogical(expr->op)) {
    std::string what = ("an operand of `" + spelling(expr->op) + "`").str();
    expect(expr->left, types.boolean, what);
    expect(expr->right, types.boolean, what);
    return types.boolean;
  }
  if (isShift(expr->op)) {
    check(expr->left, hint);
    check(expr->right, expr->left->type);
  } else {
    checkOperands(expr->left, expr->right, isComparison(expr->op) ? nullptr : hint);
  }
  const Type *type = operatorType(expr->op, expr->opLoc, expr->left, expr->right);
  return type ? type : types.error;
}

const Type *Checker::durationType(BinaryOp op, const Type *left, const Type *right) {
  bool isLeft = left->isDuration(), isRight = right->isDuration();
  switch (op) {
  case BinaryOp::Add:
  case BinaryOp::Sub:
    return isLeft && isRight ? types.duration : nullptr;
  case BinaryOp::Mul:
    return left->isNumeric() || right->isNumeric() ? types.duration : nullptr;
  case BinaryOp::Div:
    if (isLeft && isRight)
      return types.f64;
    if (!isLeft || !right->isNumeric())
      return nullptr;
    if (right->isInt())
      markMayFail();
    return types.duration;
  default:
    return isComparison(op) && isLeft && isRight ? types.boolean : nullptr;
  }
}

/// What `op` is for; empty if operands of that type are right.
static StringRef refusal(BinaryOp op, const Type *type, bool isComparable) {
  if (isBitwise(op))
    return type->isInt() || type->isBool() ? "" : "takes integers or bools";
  if (op == BinaryOp::Eq || op == BinaryOp::Ne) {
    if (type->isFuture() || isa<ChanType>(type))
      return type->isFuture() ? "has no meaning for futures" : "has no meaning for channels";
    return isComparable ? "" : flow::isMovable(type) ? "compares values without arrays" : "compares values without channels";
  }
  if (isComparison(op))
    return type->isNumeric() || type->isStr() ? "" : "compares numbers, strings or durations";
  return type->isNumeric() ? "" : "takes numbers";
}

/// What to write instead of `op` on values of that type.
static StringRef remedy(BinaryOp op, const Type *type) {
  if (type->isStr() && op == BinaryOp::Add)
    return "join strings with holes: `\"{a}{b}\"`";
  if (type->isFuture())
    return "await the future to get its value";
  if (isa<ParamType>(type))
    return isBitwise(op) ? "a type parameter of integers has the bound `int`: `T: int`"
                         : "a type parameter of numbers has a bound: `T: num`";
  if (op == BinaryOp::Eq || op == BinaryOp::Ne) {
    if (type->isArray())
      return "compare the elements: `await all each i in len(x) => x[i] == y[i]`";
    return isa<ChanType>(type) ? "" : "compare its members one by one";
  }
  if (type->isArray())
    return "use the elements: `each i in len(x) => x[i] ...`";
  if (isComparison(op))
    return type->isEnum() ? "compare the places of the cases: `a as i64`" : "";
  if (type->isBool())
    return "`&&` and `||` join bools";
  return "";
}

/// `await f within d * 2` is `(await f within d) * 2`.
static StringRef remedyOfWithin(Expr *left) {
  auto *await = dyn_cast<AwaitExpr>(left);
  return await && await->within ? "`within` takes one operand: put brackets around the time" : "";
}

/// Dividing by it may reject: it is neither a literal, with or without a minus, nor the name of a constant.
bool awg::mayBeZero(Expr *divisor) {
  Expr *inner = stripParens(divisor);
  while (auto *minus = dyn_cast<UnaryExpr>(inner))
    if (minus->op == UnaryOp::Neg)
      inner = stripParens(minus->operand);
    else
      return true;
  if (auto *literal = dyn_cast<IntExpr>(inner))
    return literal->value.isZero();
  return constantOf(inner).value_or(0) == 0;
}

void Checker::useRemainder(const Type *type, SMLoc loc) {
  if (!type->isFloat() || llvm::isa<ParamType>(type))
    return;
  FnDecl *&function = program.remainders[type->width() == 64];
  function = findStd(type->width() == 64 ? "remainder_f64" : "remainder_f32");
  ensureSignature(function);
  recordCall(function, loc, body->side);
}

const Type *Checker::operatorType(BinaryOp op, SMLoc loc, Expr *left, Expr *right) {
  const Type *a = left->type, *b = right->type;
  if (a->isError() || b->isError())
    return types.error;
  if (a->isNever() || b->isNever())
    return isComparison(op) ? types.boolean : a->isNever() ? b : a;
  std::string sign = ("`" + spelling(op) + "`").str();
  if (a->isVec() || b->isVec())
    if (refusal(op, a->lane(), true).empty() && refusal(op, b->lane(), true).empty()) {
      if ((op == BinaryOp::Div || op == BinaryOp::Rem) && a->lane()->isInt())
        markMayFail();
      if (op == BinaryOp::Rem)
        useRemainder(a->lane(), loc);
      return vecOperatorType(op, loc, a, b);
    }

  if (isShift(op)) {
    if (a->isInt() && b->isInt())
      return a;
    diags.error(DiagKind::TypeMismatch, loc, sign + " takes integers, found `" + a->str() + "` and `" + b->str() + "`");
    return nullptr;
  }
  if (a->isDuration() || b->isDuration()) {
    if (const Type *type = durationType(op, a, b))
      return type;
    diags.error(DiagKind::TypeMismatch, loc, "there is no " + sign + " of `" + a->str() + "` and `" + b->str() + "`")
        .help(remedyOfWithin(left).empty() ? "durations are added, compared, divided, and multiplied by numbers"
                                           : remedyOfWithin(left));
    return nullptr;
  }
  const Type *wrong = refusal(op, a, isComparable(a)).empty() ? b : a;
  if (StringRef why = refusal(op, wrong, isComparable(wrong)); !why.empty()) {
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, loc, sign + " " + why + ", found `" + wrong->str() + "`");
    if (StringRef help = remedyOfWithin(left).empty() ? remedy(op, wrong) : remedyOfWithin(left); !help.empty())
      report.help(help);
    return nullptr;
  }
  if (a != b) {
    DiagBuilder report =
        diags.error(DiagKind::TypeMismatch, loc,
                    sign + " takes two values of one type, found `" + a->str() + "` and `" + b->str() + "`");
    if (a->isNumeric() && b->isNumeric())
      report.help("convert one of them: `... as " + a->str() + "` or `... as " + b->str() + "`");
    return nullptr;
  }
  if ((op == BinaryOp::Div || op == BinaryOp::Rem) && a->isInt() && mayBeZero(right))
    markMayFail();
  if (op == BinaryOp::Rem)
    useRemainder(a, loc);
  return isComparison(op) ? types.boolean : a;
}

//===-- Casts -----------------------------------------------------------------------------------------------------===//

/// Whether an integer literal, with its minus, can be written as a `type` directly.
bool Checker::takesLiteral(Expr *operand, const Type *type) {
  operand = stripParens(operand);
  bool isNegative = false;
  if (auto *unary = dyn_cast<UnaryExpr>(operand); unary && unary->op == UnaryOp::Neg) {
    isNegative = true;
    operand = stripParens(unary->operand);
  }
  auto *literal = dyn_cast<IntExpr>(operand);
  return literal && fitsNumber(literal->value, isNegative, type);
}

/// A call's literals have the types that they have without the `as` behind it.
static bool holdsCall(const Expr *root) {
  bool result = false;
  flow::visitExprs(root, [&](const Expr &part) { return !(result = isa<CallExpr>(&part)); });
  return result;
}

const Type *Checker::checkVecCast(CastExpr *expr, const Type *type, const Type *target) {
  const Type *lane = type->lane();
  if (type->lanes() == target->lanes() && target->lane()->isNumeric() &&
      (lane->isNumeric() || (lane->isBool() && target->lane()->isInt())))
    return target;
  diags.error(DiagKind::TypeMismatch, expr->range,
              "`as` converts lane by lane: there is no way from `" + type->str() + "` to `" + target->str() + "`");
  return types.error;
}

const Type *Checker::checkCast(CastExpr *expr) {
  const Type *target = resolveType(expr->target, TypePlace::Argument);
  bool isFloat = flexibility(expr->operand) == Flexible::Float && !holdsCall(expr->operand);
  bool isHint = target->isNumeric() && (isFloat || takesLiteral(expr->operand, target));
  const Type *type = check(expr->operand, isHint ? target : nullptr);
  if (target->isError() || type->isError() || type->isNever())
    return target;
  if (target->isVec() || type->isVec())
    return checkVecCast(expr, type, target);
  if (!target->isNumeric()) {
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, expr->target->range,
                                     "`as` converts to a number, not to `" + target->str() + "`");
    if (target->isBool())
      report.help("compare: `x != 0`");
    else if (target->isStr())
      report.help("a string with a hole prints a value: `\"{x}\"`");
    return types.error;
  }
  if (!type->isNumeric() && !((type->isBool() || type->isEnum()) && target->isInt())) {
    diags.error(DiagKind::TypeMismatch, expr->range, "`as` converts numbers, and this is " + described(type));
    return types.error;
  }
  return target;
}
