// random.f32(seed, i) and its like: functions behind a name that is none of a value.
#include "frontend/Check/Checker.h"

using namespace awg;

bool Checker::isRandom(Expr *base) const {
  auto *name = dyn_cast<NameExpr>(base);
  return name && name->name == "random" && !visible.contains(name->name) && !module->constants.contains(name->name) &&
         !module->types.contains(name->name) && !findItem(name->name);
}

const Type *Checker::checkRandom(CallExpr *expr, MemberExpr *callee, Started started) {
  callee->base->type = types.unit;
  setThrough(expr->callee, callee, types.unit);
  if (const Builtin *builtin = findBuiltin(("random." + callee->name).str()))
    return checkBuiltinCall(expr, *builtin, nullptr, started);
  diags.error(DiagKind::UnknownName, callee->range, "`random` has no function `" + callee->name + "`")
      .help("it has `f32`, `normal` and `u64`");
  checkArgumentsAlone(expr);
  return types.error;
}

const Type *Checker::checkRandomCall(CallExpr *expr, const Builtin &builtin) {
  checkInteger(expr->arguments[0].value, "the seed");
  checkInteger(expr->arguments[1].value, "the counter");
  callStd(expr, ("random_" + builtin.name.drop_front(StringRef("random.").size())).str());
  return builtin.signature == BuiltinSignature::RandomU64 ? types.u64 : types.f32;
}
