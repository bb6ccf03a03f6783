// Calls of the builtin functions, by signature class.
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

namespace {

/// How many arguments a signature class takes.
struct Arity {
  unsigned least, most, typeArguments;
};

constexpr unsigned any = unsigned(-1);

Arity arity(BuiltinSignature signature) {
  switch (signature) {
  case BuiltinSignature::Now:
  case BuiltinSignature::Args:
  case BuiltinSignature::Devices:
    return {0, 0, 0};
  case BuiltinSignature::Print:
  case BuiltinSignature::Sleep:
  case BuiltinSignature::Env:
  case BuiltinSignature::Len:
  case BuiltinSignature::Copy:
  case BuiltinSignature::Bytes:
  case BuiltinSignature::NumUnary:
  case BuiltinSignature::FloatUnary:
  case BuiltinSignature::ReadText:
  case BuiltinSignature::Bits:
  case BuiltinSignature::FromBitsF32:
  case BuiltinSignature::FromBitsF64:
    return {1, 1, 0};
  case BuiltinSignature::Assert:
    return {1, 2, 0};
  case BuiltinSignature::Dim:
  case BuiltinSignature::Parts:
  case BuiltinSignature::RandomF32:
  case BuiltinSignature::RandomU64:
  case BuiltinSignature::IntBinary:
  case BuiltinSignature::NumBinary:
  case BuiltinSignature::FloatBinary:
  case BuiltinSignature::WriteNpy:
  case BuiltinSignature::WritePng:
  case BuiltinSignature::WriteText:
    return {2, 2, 0};
  case BuiltinSignature::NumTernary:
  case BuiltinSignature::FloatTernary:
  case BuiltinSignature::Select:
    return {3, 3, 0};
  case BuiltinSignature::Vec:
    return {1, any, 0};
  case BuiltinSignature::Zeros:
    return {1, any, 1};
  case BuiltinSignature::Full:
  case BuiltinSignature::Reshape:
    return {2, any, 0};
  case BuiltinSignature::ReadNpy:
  case BuiltinSignature::Chan:
    return {1, 1, 1};
  case BuiltinSignature::ReadCsv:
    return {1, 2, 1};
  }
  llvm_unreachable("a signature class");
}

/// How a call with a type argument goes on.
StringRef typeArgumentExample(BuiltinSignature signature) {
  switch (signature) {
  case BuiltinSignature::Zeros:
    return "<f32>(n)";
  case BuiltinSignature::ReadCsv:
    return "<f32>(path)";
  default:
    return "<f32[_, 3]>(path)";
  }
}

} // namespace

const Type *Checker::checkBuiltinCall(CallExpr *expr, const Builtin &builtin, const Type *hint, Started started) {
  expr->builtin = &builtin;
  if (inGroup() && (builtin.id == BuiltinId::Chan || (builtin.id == BuiltinId::Copy && started == Started::Yes))) {
    reportLater(expr->range, "`" + builtin.name + "` in a block");
    return types.error;
  }
  if (builtin.isHostOnly() && !(builtin.isOperation() && body->side == Side::Either))
    markHostOnly(expr->range, "calls `" + builtin.name + "`");
  if (builtin.isOperation() && started == Started::No && !onDevice())
    reportUnawaited(expr, "`" + builtin.name + "`", body->function, body->canAwait);
  if (builtin.mayFail())
    markMayFail();

  llvm::SaveAndRestore quiet(isQuiet, isQuiet || (onDevice() && builtin.isHostOnly()));
  Arity count = arity(builtin.signature);
  bool isVec = builtin.signature == BuiltinSignature::Vec; // its type is optional
  if (!isVec && expr->typeArguments.size() != count.typeArguments) {
    DiagBuilder report = diags.error(DiagKind::WrongArgumentCount, expr->range,
                                     "`" + builtin.name + "` takes " +
                                         (count.typeArguments ? "one type argument" : "no type arguments"));
    if (count.typeArguments)
      report.help("as in `" + builtin.name + typeArgumentExample(builtin.signature) + "`");
    checkArgumentsAlone(expr);
    return types.error;
  }
  if (refuseCount(expr, builtin.name, count.least, count.most))
    return types.error;
  for (const Argument &argument : expr->arguments)
    if (argument.mode != PassMode::Read && builtin.signature != BuiltinSignature::Parts)
      diags.error(DiagKind::TypeMismatch, argument.value->range,
                  "`" + builtin.name + "` only reads its arguments: pass it without `" +
                      (argument.mode == PassMode::Mut ? "mut" : "move") + "`");
  return builtinResult(expr, builtin, hint);
}

/// `argument 2 of `pow``.
static std::string ordinal(const Builtin &builtin, unsigned position) {
  return ("argument " + Twine(position + 1) + " of `" + builtin.name + "`").str();
}

const Type *Checker::builtinResult(CallExpr *expr, const Builtin &builtin, const Type *hint) {
  auto argument = [&](unsigned position) { return expr->arguments[position].value; };
  auto expectAt = [&](unsigned position, const Type *wanted) {
    expect(argument(position), wanted, ordinal(builtin, position));
  };
  switch (builtin.signature) {
  case BuiltinSignature::Print:
    if (auto *text = dyn_cast<StrExpr>(argument(0))) {
      check(text);
    } else {
      checkHole({"", argument(0), ""});
    }
    return types.unit;
  case BuiltinSignature::Sleep:
    expectAt(0, types.duration);
    return types.unit;
  case BuiltinSignature::Now:
    return types.duration;
  case BuiltinSignature::Args:
    return types.array(types.str, Extent::any());
  case BuiltinSignature::Devices:
    return types.array(types.device, Extent::any());
  case BuiltinSignature::Env:
  case BuiltinSignature::ReadText:
    expectAt(0, types.str);
    return types.str;
  case BuiltinSignature::Assert:
    expectAt(0, types.boolean);
    if (expr->arguments.size() == 2)
      checkMessage(argument(1), ordinal(builtin, 1));
    return types.unit;
  case BuiltinSignature::Len:
    checkArrayArgument(expr, 0);
    return types.i64;
  case BuiltinSignature::Dim: {
    auto *array = dyn_cast<ArrayType>(checkArrayArgument(expr, 0));
    checkInteger(argument(1), "the number of a dimension");
    std::optional<int64_t> dimension = constantOf(argument(1));
    if (array && dimension && (*dimension < 0 || *dimension >= array->rank()))
      diags.error(DiagKind::IndexOutOfRange, argument(1)->range,
                  "`" + array->str() + "` has " + Twine(array->rank()) +
                      (array->rank() == 1 ? " dimension, which is 0" : " dimensions, counted from 0"));
    return types.i64;
  }
  case BuiltinSignature::Zeros:
    return checkZeros(expr);
  case BuiltinSignature::Full:
    return checkFull(expr, hint);
  case BuiltinSignature::Chan:
    return checkChan(expr);
  case BuiltinSignature::Copy:
    return checkCopy(expr);
  case BuiltinSignature::Reshape:
    return checkReshape(expr);
  case BuiltinSignature::Parts:
    return refuseParts(expr);
  case BuiltinSignature::Bytes:
    expectAt(0, types.str);
    return types.array(types.u8, Extent::any());
  case BuiltinSignature::RandomF32:
  case BuiltinSignature::RandomU64:
    return checkRandomCall(expr, builtin);
  case BuiltinSignature::IntBinary:
  case BuiltinSignature::NumUnary:
  case BuiltinSignature::NumBinary:
  case BuiltinSignature::NumTernary:
  case BuiltinSignature::FloatUnary:
  case BuiltinSignature::FloatBinary:
  case BuiltinSignature::FloatTernary:
    return checkMathCall(expr, builtin, hint);
  case BuiltinSignature::Select:
    return checkSelect(expr, hint);
  case BuiltinSignature::Vec:
    return checkVec(expr, hint);
  case BuiltinSignature::ReadNpy:
    return checkReadNpy(expr);
  case BuiltinSignature::ReadCsv:
    return checkReadCsv(expr);
  case BuiltinSignature::WriteNpy:
    return checkWriteNpy(expr);
  case BuiltinSignature::WritePng:
    return checkWritePng(expr);
  case BuiltinSignature::WriteText:
    expectAt(0, types.str);
    expectAt(1, types.str);
    return types.unit;
  case BuiltinSignature::Bits:
    return checkBits(expr);
  case BuiltinSignature::FromBitsF32:
    expectAt(0, types.u32);
    return types.f32;
  case BuiltinSignature::FromBitsF64:
    expectAt(0, types.u64);
    return types.f64;
  }
  llvm_unreachable("a signature class");
}

//===-- Arithmetic ---------------------------------------------------------------------------------------------------===//

/// What the arguments of a class are, and whether `type` is one.
static std::pair<StringRef, bool> operandClass(BuiltinSignature signature, const Type *type) {
  switch (signature) {
  case BuiltinSignature::IntBinary:
    return {"integers", type->isInt()};
  case BuiltinSignature::NumUnary:
  case BuiltinSignature::NumBinary:
  case BuiltinSignature::NumTernary:
    return {"numbers", type->isNumeric() || type->isDuration()};
  default:
    return {"floats", type->isFloat()};
  }
}

const Type *Checker::checkMathCall(CallExpr *expr, const Builtin &builtin, const Type *hint) {
  SmallVector<Expr *, 3> operands;
  for (const Argument &argument : expr->arguments)
    operands.push_back(argument.value);
  auto [noun, isHintFitting] = operandClass(builtin.signature, hint ? hint->lane() : types.error);
  if (!isHintFitting) // `exp(1)`: a literal that must be a float is one
    hint = noun == "floats" ? types.f32 : nullptr;
  const Type *type = checkLanes(operands, hint, "an argument of `" + builtin.name + "`");
  if (type->isError() || type->isNever())
    return type;
  if (!operandClass(builtin.signature, type->lane()).second) {
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, operands.front()->range,
                                     "`" + builtin.name + "` takes " + noun + ", and this is " + described(type));
    if (type->isNumeric())
      report.help("convert it with `as`");
    return types.error;
  }
  if (builtin.isInStd())
    callStd(expr, (builtin.name + (type->lane()->width() == 64 ? "_f64" : "_f32")).str());
  return type;
}

void Checker::callStd(CallExpr *expr, const std::string &name) {
  if (FnDecl *function = findStd(name)) {
    ensureSignature(function);
    expr->function = function;
    recordCall(function, expr->loc(), body->side);
  } else {
    diags.error(DiagKind::UnknownName, expr->range, "the standard library has no `" + name + "`");
  }
}

const Type *Checker::checkSelect(CallExpr *expr, const Type *hint) {
  const Type *condition = check(expr->arguments[0].value);
  bool isMask = condition->isVec() && condition->lane()->isBool();
  if (!isMask)
    fits(expr->arguments[0].value, types.boolean, "argument 1 of `select`");
  SmallVector<Expr *> choices{expr->arguments[1].value, expr->arguments[2].value};
  const Type *type = isMask ? checkLanes(choices, hint, "the other argument of `select`")
                            : checkPeers(choices, hint, "the other argument of `select`");
  if (isMask && type->lanes() == 1 && !type->isError() && !type->isNever()) // scalars on both sides
    type = types.vec(type, condition->lanes());
  const Type *lane = type->lane();
  bool isScalar = lane->isNumeric() || lane->isBool() || lane->isDuration() || lane->isError() || lane->isNever();
  if (isScalar && (!isMask || type->lanes() == condition->lanes()))
    return type;
  if (type->isError())
    return type;
  diags
      .error(DiagKind::TypeMismatch, expr->arguments[1].value->range,
             isScalar ? "`select` chooses between " + Twine(condition->lanes()) + " lanes, and this is " + described(type)
                      : "`select` chooses between scalars, and this is " + described(type))
      .help("use `if ... { } else { }`");
  return types.error;
}

const Type *Checker::checkBits(CallExpr *expr) {
  const Type *type = check(expr->arguments[0].value);
  if (type->isFloat() && type->width() >= 32)
    return type->width() == 32 ? types.u32 : types.u64;
  if (!type->isError())
    diags.error(DiagKind::TypeMismatch, expr->range, "`__bits` takes an f32 or an f64");
  return types.error;
}
