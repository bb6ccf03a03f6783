// Variables by name, and which body uses which variable of another.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"

using namespace awg;

Capture::Mode Checker::readMode(const Type *type) {
  if (holdsFuture(type))
    return Capture::Move;
  return flow::isMovable(type) ? Capture::Read : Capture::Copy;
}

void Checker::use(VarDecl *var, Capture::Mode mode, SMRange range) {
  for (Body *inner = body; inner && inner->owner != var->owner; inner = inner->outer) {
    auto [entry, isNew] = inner->captures.insert({var, mode});
    if (!isNew)
      entry->second = std::max(entry->second, mode);
    bool isHeld = inner->kind == Body::Each && !isQuiet && !(isPart && !var->isView) && !isPlainData(var->type);
    if (isHeld && notPlain.insert({inner->owner, var}).second)
      diags
          .error(DiagKind::NotPlainData, range,
                 "`" + var->name + "` is " + described(var->type) + ", which a kernel cannot hold")
          .help("a kernel uses numbers, bools, durations, and tuples, structs and arrays of them");
  }
}

VarDecl *Checker::resolveVariable(NameExpr *name, std::optional<Capture::Mode> mode) {
  VarDecl *var = visible.lookup(name->name);
  if (!var)
    if (VarDecl *constant = findConstant(name->name)) {
      if (!isPlainData(constant->type))
        markHostOnly(name->range, "uses a string");
      name->decl = constant;
      return constant;
    }
  if (!var) {
    if (findItem(name->name) || findVisibleBuiltin(name->name))
      diags.error(DiagKind::TypeMismatch, name->range, "`" + name->name + "` is a function, not a value")
          .help("call it: `" + name->name + "(...)`");
    else if (!refuseNoValue(name->name, name->range, /*isCalled=*/false))
      reportUnknown(name->name, name->range);
    return nullptr;
  }
  name->decl = var;
  if (inGroup() && var->role == VarDecl::PerThread)
    refusePerThread(var, mode == Capture::Mut, name->range);
  use(var, mode.value_or(readMode(var->type)), name->range);
  return var;
}
