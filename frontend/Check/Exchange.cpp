// Exchanged arrays: a function may assign an array of other extents to what it was lent with `mut`, if its parameter leaves the
// extents open. The types of its callers' variables must leave them open too.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowVisit.h"

using namespace awg;

/// The name that a place without subscripts begins with; empty if it is none.
static StringRef rootName(const Expr *place) {
  for (;;) {
    if (auto *paren = dyn_cast<ParenExpr>(place))
      place = paren->inner;
    else if (auto *member = dyn_cast<MemberExpr>(place))
      place = member->base;
    else
      break;
  }
  auto *name = dyn_cast<NameExpr>(place);
  return name ? name->name : StringRef();
}

/// An array of the type may be of any extent; the types behind names are not looked into.
static bool hasOpenExtent(const TypeExpr *written) {
  switch (written->kind) {
  case TypeExpr::Named:
    return true;
  case TypeExpr::Array:
    return llvm::is_contained(written->extents, nullptr);
  case TypeExpr::Tuple:
    return llvm::any_of(written->elements, hasOpenExtent);
  }
  llvm_unreachable("a kind of type");
}

FnDecl *Lookup::calleeIn(const ModuleScope &scope, const CallExpr &call) {
  const Expr *callee = call.callee;
  while (auto *paren = dyn_cast<ParenExpr>(callee))
    callee = paren->inner;
  if (auto *name = dyn_cast<NameExpr>(callee))
    return scope.items.lookup(name->name);
  auto *member = dyn_cast<MemberExpr>(callee);
  ImportDecl *import = member ? scope.imports.lookup(rootName(member->base)) : nullptr;
  return import ? llvm::dyn_cast_or_null<FnDecl>(findExported(*import, member->name)) : nullptr;
}

const CheckerState::Exchanges &Lookup::exchangesOf(FnDecl *function) {
  FnInfo &of = info(function);
  if (of.exchanges)
    return *of.exchanges;
  of.exchanges = std::make_unique<Exchanges>();
  of.exchanges->assigned.resize(function->params.size());
  llvm::StringMap<unsigned> open;
  for (auto [position, param] : llvm::enumerate(function->params))
    if (param->mode == PassMode::Mut && hasOpenExtent(param->typeExpr))
      open[param->name] = position;
  if (open.empty() || !function->body)
    return *of.exchanges;
  auto visitCall = [&](const Expr &expr) {
    auto *call = dyn_cast<CallExpr>(&expr);
    FnDecl *callee = call ? calleeIn(*of.scope, *call) : nullptr;
    if (callee)
      for (auto [position, argument] : llvm::enumerate(call->arguments))
        if (auto lent = open.find(rootName(argument.value)); argument.mode == PassMode::Mut && lent != open.end())
          of.exchanges->passed.push_back({lent->second, callee, unsigned(position)});
    return true;
  };
  flow::visitTree(function->body, visitCall, [&](const Stmt &stmt) {
    auto *assign = dyn_cast<AssignStmt>(&stmt);
    if (auto target = assign ? open.find(rootName(assign->target)) : open.end(); target != open.end())
      of.exchanges->assigned.set(target->second);
  });
  return *of.exchanges;
}

bool Lookup::mayExchange(FnDecl *function, unsigned position) {
  llvm::DenseSet<std::pair<FnDecl *, unsigned>> seen;
  SmallVector<std::pair<FnDecl *, unsigned>> waiting{{function, position}};
  while (!waiting.empty()) {
    auto [next, number] = waiting.pop_back_val();
    if (number >= next->params.size() || !seen.insert({next, number}).second)
      continue;
    const Exchanges &exchanges = exchangesOf(next);
    if (exchanges.assigned.test(number))
      return true;
    for (const Exchanges::Pass &pass : exchanges.passed)
      if (pass.from == number)
        waiting.push_back({pass.callee, pass.to});
  }
  return false;
}

void Checker::collectReassigned(FnDecl *function) {
  reassigned.clear();
  auto visitCall = [&](const Expr &expr) {
    auto *call = dyn_cast<CallExpr>(&expr);
    FnDecl *callee = call ? calleeIn(*module, *call) : nullptr;
    if (callee)
      for (auto [position, argument] : llvm::enumerate(call->arguments))
        if (argument.mode == PassMode::Mut && mayExchange(callee, position))
          reassigned.insert(rootName(argument.value));
    return true;
  };
  flow::visitTree(function->body, visitCall, [&](const Stmt &stmt) {
    if (auto *assign = dyn_cast<AssignStmt>(&stmt))
      if (StringRef name = rootName(assign->target); !name.empty())
        reassigned.insert(name);
  });
}

/// What is lent has an extent that the parameter leaves open.
static bool fixesExtent(const Type *lent, const Type *param) {
  auto *array = dyn_cast<ArrayType>(lent);
  if (!array)
    return llvm::any_of(llvm::zip(lent->members(), param->members()), [](auto members) {
      return fixesExtent(std::get<0>(members), std::get<1>(members));
    });
  return llvm::any_of(llvm::zip(array->extents(), cast<ArrayType>(param)->extents()), [](auto extents) {
    return std::get<0>(extents).kind != Extent::Any && std::get<1>(extents).kind == Extent::Any;
  });
}

void Checker::refuseExchange(const Argument &argument, FnDecl *function, unsigned position) {
  VarDecl *param = function->params[position];
  const Type *lent = argument.value->type;
  FnDecl *written = function->generic ? const_cast<FnDecl *>(function->generic) : function;
  if (argument.mode != PassMode::Mut || isView(argument.value) || !fixesExtent(lent, param->type) ||
      !mayExchange(written, position))
    return;
  diags
      .error(DiagKind::ExtentMismatch, argument.value->range,
             "`" + function->name + "` may assign an array of other extents to its argument, but this is " +
                 described(lent))
      .note(param->loc, "the parameter `" + param->name + "`, which is assigned, is declared here")
      .help("lend a variable of type `" + generalise(lent)->str() + "`, or say in the parameter which extents stay");
}
