// Functions and kernels: items, signatures, bodies, main.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowVisit.h"
#include "frontend/Diag/Nearest.h"

using namespace awg;

void Checker::collectItems(ModuleScope &scope) {
  for (FnDecl *function : scope.module->functions) {
    info(function).scope = &scope;
    if (function->flavour == FnDecl::Test) {
      auto [entry, isNew] = scope.tests.insert({function->name, function});
      if (!isNew)
        diags.error(DiagKind::DuplicateName, function->loc, "there are two tests `" + function->name + "`")
            .note(entry->second->loc, "the first one is here");
      continue;
    }
    auto [entry, isNew] = scope.items.insert({function->name, function});
    if (!isNew)
      diags.error(DiagKind::DuplicateName, function->loc, "`" + function->name + "` is declared twice")
          .note(entry->second->loc, "the first declaration is here");
  }
  collectTypes(scope);
  collectConstants(scope);
  collectImports(scope);
}

FnDecl *Checker::findStd(StringRef name) {
  for (const std::unique_ptr<ModuleScope> &scope : modules)
    if (scope->isStd)
      if (FnDecl *function = scope->items.lookup(name); function && function->isPub)
        return function;
  return nullptr;
}

void Checker::reach(FnDecl *function) {
  FnInfo &of = info(function);
  if (of.isQueued)
    return;
  of.isQueued = true;
  pending.push_back(function);
}

//===-- Signatures ------------------------------------------------------------------------------------------------===//

CheckerState::Body Checker::functionBody(FnDecl *function) {
  bool isPlain = function->flavour == FnDecl::Plain;
  bool canAwait = function->flavour == FnDecl::Async || function->flavour == FnDecl::Test;
  Body result{Body::Function, function, function, canAwait, isPlain ? Side::Either : Side::Host};
  result.returnType = function->returnType;
  return result;
}

void Checker::declareParams(FnDecl *function) {
  for (VarDecl *size : function->sizes)
    declare(size, size->type);
  for (VarDecl *param : function->params)
    declare(param, param->type);
}

/// What makes a function of that parameter or return type one for the host alone.
static std::string hostOnlyType(const Type *type) { return "works with the type `" + type->str() + "`"; }

void Checker::ensureSignature(FnDecl *function) {
  FnInfo &of = info(function);
  if (of.hasSignature)
    return;
  of.hasSignature = true;
  auto outerVisible = std::exchange(visible, decltype(visible)());
  auto outerDeclared = std::exchange(declared, decltype(declared)());
  Body *outerBody = body;
  ModuleScope *outerModule = std::exchange(module, of.scope);
  Body signature = functionBody(function);
  signature.isSignature = true;
  body = &signature;
  declareTypeParams(function);

  SmallVector<VarDecl *> sizes;
  for (VarDecl *param : function->params)
    param->type = resolveType(param->typeExpr, TypePlace::Param, &sizes);
  function->sizes = context.list(ArrayRef<VarDecl *>(sizes));
  SmallVector<VarDecl *> names(llvm::iterator_range(function->params));
  names.append(sizes);
  refuseDuplicates(names, "parameters and extents of `" + function->name.str() + "`");
  {
    Scope scope(*this);
    declareParams(function);
    function->returnType = function->returnExpr ? resolveType(function->returnExpr, TypePlace::Return) : types.unit;
  }
  function->mayFail |=
      function->flavour == FnDecl::Async || function->flavour == FnDecl::Kernel || function->flavour == FnDecl::Test;

  for (VarDecl *param : function->params) {
    if (isPlainData(param->type))
      continue;
    if (function->flavour == FnDecl::Kernel)
      diags
          .error(DiagKind::NotPlainData, param->loc,
                 "`" + param->name + "` is " + described(param->type) + ", which a kernel cannot hold")
          .help("a kernel takes numbers, bools, durations, and tuples, structs and arrays of them");
    else
      markHostOnly({param->loc, param->loc}, hostOnlyType(param->type));
  }
  if (!isPlainData(function->returnType))
    markHostOnly(function->returnExpr->range, hostOnlyType(function->returnType));

  checkForeign(function);

  body = outerBody;
  module = outerModule;
  visible = std::move(outerVisible);
  declared = std::move(outerDeclared);
}

//===-- Bodies ----------------------------------------------------------------------------------------------------===//

void Checker::checkFunction(FnDecl *function) {
  ensureSignature(function);
  if (function->flavour == FnDecl::Extern)
    return;
  module = info(function).scope;
  Body own = functionBody(function);
  body = &own;
  Scope scope(*this);
  declareParams(function);
  if (function->flavour == FnDecl::Kernel) {
    checkThreads(function);
    checkEach(cast<EachExpr>(function->each), function->returnType, Started::Yes);
    fits(function->each, function->returnType, "what `" + function->name + "` returns");
  } else {
    collectReassigned(function);
    checkResult(function, function->body);
  }
  body = nullptr;
}

void Checker::checkResult(FnDecl *function, BlockExpr *block) {
  const Type *result = function->returnType;
  if (result->isUnit()) {
    expectNoValue(block, "the body of `" + function->name + "`");
    return;
  }
  check(block, result);
  checkEnd(block, result, "what `" + function->name + "` returns");
}

void Checker::checkMain() {
  FnDecl *main = module->items.lookup("main");
  program.main = main;
  if (!main) {
    if (program.needsMain && !diags.hasErrors()) {
      const char *start = sources.getMemoryBuffer(program.user->bufferId)->getBufferStart();
      DiagBuilder report = diags.error(DiagKind::MissingMain, SMLoc::getFromPointer(start), "the program has no `main`");
      Nearest nearest("main");
      for (auto &item : module->items)
        nearest.consider(item.getKey());
      if (nearest.found().empty())
        report.help("add `async fn main() { }`");
      else
        report.help("did you mean `main` by `" + nearest.found() + "`?");
    }
    return;
  }
  if (main->flavour != FnDecl::Plain && main->flavour != FnDecl::Async) {
    diags.error(DiagKind::TypeMismatch, main->loc, "`main` must be a `fn` or an `async fn`");
    return;
  }
  if (!main->returnType->isUnit() && !main->returnType->isError())
    diags.error(DiagKind::TypeMismatch, main->returnExpr->range, "`main` returns no value")
        .help("`fail` ends the program with an exit code of 1");
  const Type *arguments = types.array(types.str, Extent::any());
  for (VarDecl *param : main->params)
    if (main->params.size() > 1 || (param->type != arguments && !param->type->isError()) ||
        param->mode != PassMode::Read) {
      diags.error(DiagKind::TypeMismatch, param->loc, "`main` has no parameters, or one: `args: str[_]`");
      return;
    }
}
