// The checker's entry: one pass over the bodies, then what follows from all of them together.
#include "frontend/Check/Check.h"
#include "frontend/Check/Checker.h"
#include "frontend/Check/Flow.h"
#include "frontend/Check/FlowVisit.h"
#include "frontend/Check/Race.h"

using namespace awg;

namespace awg {

/// While it is alive, what is reported in an instance names it.
class Checker::InstanceNote {
public:
  InstanceNote(Checker &checker, const FnDecl *function) : diags(checker.diags) {
    if (function->generic)
      diags.setContext(checker.info(function).instanceCall, "in `" + instanceName(function) + "`, which is called here");
  }
  ~InstanceNote() { diags.setContext(SMLoc(), ""); }

private:
  DiagEngine &diags;
};

} // namespace awg

/// A mistake of that kind leaves the types of expressions known.
static bool leavesTypes(DiagKind kind) {
  switch (kind) {
  case DiagKind::NotMut:
  case DiagKind::UnawaitedCall:
  case DiagKind::ExtentMismatch:
  case DiagKind::IndexOutOfRange:
  case DiagKind::NotExhaustive:
  case DiagKind::MissingReturn:
  case DiagKind::HostOnly:
  case DiagKind::NotPlainData:
  case DiagKind::RacyWrite:
    return true;
  default:
    return false;
  }
}

/// What has been reported in `function`, from `first` on, leaves enough to follow what is moved and lent in it.
static bool canFollow(const FnDecl &function, ArrayRef<Diagnostic *> reported, unsigned first, unsigned count) {
  if (count == first)
    return true;
  bool isSound = count == reported.size() && function.body &&
                 llvm::all_of(reported.drop_front(first), [](const Diagnostic *diag) { return leavesTypes(diag->kind); });
  if (isSound)
    flow::visitExprs(function.body, [&](const Expr &part) {
      isSound &= !part.type || !part.type->isError();
      return isSound;
    });
  return isSound;
}

/// An imported file's tests are its own.
void Checker::reachAll(const ModuleScope &scope) {
  for (FnDecl *function : scope.module->functions) {
    if (function->flavour == FnDecl::Test && scope.module != program.user)
      continue;
    ensureSignature(function);
    reach(function);
  }
}

void Checker::run() {
  auto addModule = [&](Module *added, bool isStd) {
    modules.push_back(std::make_unique<ModuleScope>(ModuleScope{added, isStd, {}, {}, {}, {}, {}}));
    scopeOfModule[added] = modules.back().get();
    collectItems(*modules.back());
  };
  addModule(program.user, /*isStd=*/false);
  for (Module *imported : program.imported)
    addModule(imported, /*isStd=*/false);
  for (Module *standard : program.standard)
    addModule(standard, /*isStd=*/true);

  for (const std::unique_ptr<ModuleScope> &scope : modules)
    checkTypes(*scope);
  for (const std::unique_ptr<ModuleScope> &scope : modules)
    for (VarDecl *constant : scope->module->constants)
      ensureConstant(constant);
  for (const std::unique_ptr<ModuleScope> &scope : modules)
    if (!scope->isStd)
      reachAll(*scope);
  module = modules.front().get();
  bool areSignaturesSound = !diags.hasErrors();
  checkMain();
  for (size_t next = 0; next < pending.size(); ++next) {
    FnDecl *function = pending[next];
    if (function->generic && !info(function->generic).isSound) // what is wrong has been reported
      continue;
    unsigned before = diags.errorCount();
    InstanceNote note(*this, function);
    checkFunction(function);
    info(function).isSound = areSignaturesSound && canFollow(*function, diags.diagnostics(), before, diags.errorCount());
  }
  program.functions.assign(pending.begin(), pending.end());
  propagateEffects();
  for (FnDecl *function : pending)
    if (info(function).isSound && !info(function).scope->isStd) {
      InstanceNote note(*this, function);
      checkFlow(*function, diags);
      checkRaces(*function, diags);
    }
}

bool awg::check(Program &program, ASTContext &context, const llvm::SourceMgr &sources, DiagEngine &diags) {
  unsigned before = diags.errorCount();
  Checker(program, context, sources, diags).run();
  return diags.errorCount() == before;
}
