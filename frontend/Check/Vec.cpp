// `vec<T, N>`: its type, its making, and what operators and functions do lane by lane.
#include "frontend/Check/Checker.h"

using namespace awg;

static constexpr unsigned fewestLanes = 2, mostLanes = 16;

const Type *Checker::resolveVec(TypeExpr *written) {
  std::optional<int64_t> count;
  SMRange countRange = written->range;
  bool isNamed = written->elements.size() == 2 && written->elements[1]->kind == TypeExpr::Named;
  if (VarDecl *constant = isNamed ? findConstant(written->elements[1]->name) : nullptr) {
    count = constant->constant;
    countRange = written->elements[1]->range;
  } else if (written->elements.size() == 1 && written->extents.size() == 1) {
    count = constantOf(written->extents.front());
    countRange = written->extents.front()->range;
  } else {
    diags.error(DiagKind::TypeMismatch, written->range, "`vec` takes a type and a number: `vec<f32, 4>`");
    return types.error;
  }
  const Type *lane = resolveType(written->elements.front(), TypePlace::Argument);
  if (lane->isError())
    return lane;
  if (!lane->isNumeric() && !lane->isBool()) {
    diags.error(DiagKind::TypeMismatch, written->elements.front()->range,
                "a `vec` holds numbers or bools, not `" + lane->str() + "`");
    return types.error;
  }
  if (!count || *count < fewestLanes || *count > mostLanes) {
    diags.error(DiagKind::TypeMismatch, countRange, "a `vec` has " + Twine(fewestLanes) + " to " + Twine(mostLanes) + " lanes");
    return types.error;
  }
  return types.vec(lane, *count);
}

/// `vec(a, b)`, `vec<f32, 2>(a, b)`, `vec<f32, 2>(a)` with one value for all lanes.
const Type *Checker::checkVec(CallExpr *expr, const Type *hint) {
  SmallVector<Expr *> lanes;
  for (const Argument &argument : expr->arguments)
    lanes.push_back(argument.value);
  const Type *wanted = hint && hint->isVec() ? hint : nullptr;
  if (!expr->typeArguments.empty())
    wanted = resolveType(expr->typeArguments.front(), TypePlace::Argument);
  if (wanted && wanted->isError()) {
    checkArgumentsAlone(expr);
    return wanted;
  }
  bool isGiven = !expr->typeArguments.empty();
  const Type *lane = checkPeers(lanes, wanted ? wanted->lane() : hint, "another lane of this `vec`");
  if (lane->isError() || lane->isNever())
    return types.error;
  if (isGiven && (lanes.size() == 1 || lanes.size() == wanted->lanes())) {
    for (Expr *value : lanes)
      fits(value, wanted->lane(), "a lane of this `vec`");
    return wanted;
  }
  if (isGiven || lanes.size() < fewestLanes || lanes.size() > mostLanes) {
    diags.error(DiagKind::WrongArgumentCount, expr->range,
                isGiven ? "a `" + wanted->str() + "` is made of " + Twine(wanted->lanes()) + " values or of one, found " +
                              Twine(lanes.size())
                        : Twine("a `vec` has ") + Twine(fewestLanes) + " to " + Twine(mostLanes) + " lanes, found " +
                              Twine(lanes.size()));
    return types.error;
  }
  if (!lane->isNumeric() && !lane->isBool()) {
    diags.error(DiagKind::TypeMismatch, lanes.front()->range,
                "a `vec` holds numbers or bools, and this is " + described(lane));
    return types.error;
  }
  return types.vec(lane, lanes.size());
}

const Type *Checker::laneAt(IndexExpr *expr, const Type *vec) {
  if (expr->subscripts.size() != 1 || isa<RangeExpr>(expr->subscripts.front())) {
    diags.error(DiagKind::TypeMismatch, expr->range, "a `vec` has one subscript, the number of a lane");
    return types.error;
  }
  std::optional<int64_t> index = constantOf(expr->subscripts.front());
  if (index && (*index < 0 || *index >= vec->lanes()))
    diags.error(DiagKind::IndexOutOfRange, expr->subscripts.front()->range,
                "index " + Twine(*index) + " is out of range 0.." + Twine(vec->lanes()));
  return vec->lane();
}

/// The type that values of these two types have lane by lane, a scalar going with each lane; null if they do not go
/// together.
static const Type *commonLanes(const Type *a, const Type *b) {
  if (a == b || (a->isVec() && a->lane() == b))
    return a;
  return b->isVec() && b->lane() == a ? b : nullptr;
}

const Type *Checker::checkLanes(ArrayRef<Expr *> operands, const Type *hint, const Twine &what) {
  return checkAlike(
      operands, hint, what, [&](size_t position, const Type *hint) { return check(operands[position], hint); },
      [&](const Type *a, const Type *b) -> const Type * {
        if (a->isError() || b->isError())
          return types.error;
        const Type *lanes = commonLanes(a, b);
        return lanes ? lanes : join(a, b);
      });
}

const Type *Checker::vecOperatorType(BinaryOp op, SMLoc loc, const Type *a, const Type *b) {
  bool isShift = op == BinaryOp::Shl || op == BinaryOp::Shr;
  bool isCount = isShift && a->lane()->isInt() && b->lane()->isInt() && (!b->isVec() || a->lanes() == b->lanes());
  const Type *lanes = isCount ? a : commonLanes(a, b);
  if (!lanes) {
    diags.error(DiagKind::TypeMismatch, loc,
                "`" + spelling(op) + "` works lane by lane, found `" + a->str() + "` and `" + b->str() + "`")
        .help("both sides are one `vec` type, or one of them is a scalar of the lanes' type");
    return nullptr;
  }
  if (op == BinaryOp::Eq || op == BinaryOp::Ne) {
    if (a == b)
      return types.boolean;
    diags.error(DiagKind::TypeMismatch, loc, "`" + spelling(op) + "` compares two values of one type, found `" +
                                                 a->str() + "` and `" + b->str() + "`");
    return nullptr;
  }
  return op >= BinaryOp::Lt && op <= BinaryOp::Ge ? types.vec(types.boolean, lanes->lanes()) : lanes;
}
