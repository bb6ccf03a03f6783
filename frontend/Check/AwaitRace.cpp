// race: what its arms wait for, and what they give.
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

const Type *Checker::checkRace(RaceExpr *expr, const Type *hint) {
  bool isRefused = refuseWaiting(expr->loc(), "race");
  llvm::SaveAndRestore quiet(isQuiet, isQuiet || isRefused);
  markMayFail();
  for (const RaceArm &arm : expr->arms) {
    check(arm.await);
    if (arm.await->within)
      diags.error(DiagKind::SyntaxError, arm.await->within->range, "an arm of a race has no `within`")
          .help("give the limit an arm of its own: `_ = await sleep(50ms) => fail \"late\"`");
  }
  const Type *common = nullptr;
  for (const RaceArm &arm : expr->arms) {
    Scope scope(*this);
    bindPattern(arm.pattern, arm.await->type);
    const Type *type = check(arm.value, common && !common->isNever() ? common : hint);
    const Type *joined = common ? join(common, type) : type;
    if (!joined)
      reportMismatch(arm.value, common, "an earlier arm of this race");
    else
      common = joined;
  }
  return common;
}
