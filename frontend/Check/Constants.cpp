// `const NAME = value;`: values that are known without running the program.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

void Checker::collectConstants(ModuleScope &scope) {
  for (VarDecl *constant : scope.module->constants) {
    scopeOfDecl[constant] = &scope;
    auto [entry, isNew] = scope.constants.insert({constant->name, constant});
    Decl *other = isNew ? scope.types.lookup(constant->name) : entry->second;
    if (!other)
      other = scope.items.lookup(constant->name);
    if (other)
      diags.error(DiagKind::DuplicateName, constant->loc, "`" + constant->name + "` is declared twice")
          .note(other->loc, "the first declaration is here");
  }
}

/// What a constant may be made of: values and what computes them; nothing that runs, waits or owns.
static bool isConstantForm(const Expr &expr) {
  switch (expr.kind) {
  case ExprKind::Int:
  case ExprKind::Float:
  case ExprKind::Bool:
  case ExprKind::Duration:
  case ExprKind::Name:
  case ExprKind::Paren:
  case ExprKind::Unary:
  case ExprKind::Binary:
  case ExprKind::Cast:
  case ExprKind::Tuple:
  case ExprKind::Struct:
  case ExprKind::Member:
  case ExprKind::If:
  case ExprKind::Error:
    return true;
  case ExprKind::Block:
    return llvm::cast<BlockExpr>(expr).statements.empty();
  case ExprKind::Str:
    return llvm::none_of(llvm::cast<StrExpr>(expr).pieces, [](const StrPiece &piece) { return piece.hole; });
  case ExprKind::Call:
    return llvm::cast<CallExpr>(expr).builtin && !llvm::cast<CallExpr>(expr).builtin->isHostOnly();
  default:
    return false;
  }
}

const Type *Checker::ensureConstant(VarDecl *constant) {
  if (constant->type)
    return constant->type;
  if (!openConstants.insert(constant).second) {
    diags.error(DiagKind::TypeMismatch, constant->loc, "the value of `" + constant->name + "` depends on itself");
    return constant->type = types.error;
  }
  // What it does is noted on a function of its own, which nobody sees.
  auto *owner = context.make<FnDecl>(constant->name, constant->loc, FnDecl::Plain);
  Body own{Body::Function, owner, owner, /*canAwait=*/false, Side::Host};
  llvm::SaveAndRestore outerBody(body, &own);
  llvm::SaveAndRestore outerModule(module, scopeOfDecl.lookup(constant));
  auto outerVisible = std::exchange(visible, decltype(visible)());
  const Type *wanted = constant->typeExpr ? resolveType(constant->typeExpr, TypePlace::Argument) : nullptr;
  const Type *type = wanted ? wanted : check(constant->init);
  if (wanted)
    expect(constant->init, wanted, "`" + constant->name + "`");
  visible = std::move(outerVisible);
  openConstants.erase(constant);
  if (constant->type) // reported meanwhile
    return constant->type;
  constant->type = checkConstantForm(constant, type, owner->mayFail);
  if (constant->type->isInt())
    constant->constant = fold(constant->init);
  return constant->type;
}

const Type *Checker::checkConstantForm(VarDecl *constant, const Type *type, bool mayFail) {
  if (type->isError() || type->isNever())
    return types.error;
  const Expr *wrong = nullptr;
  flow::visitExprs(constant->init, [&](const Expr &part) {
    wrong = isConstantForm(part) ? nullptr : &part;
    return !wrong;
  });
  if (wrong || mayFail) {
    diags.error(DiagKind::TypeMismatch, wrong ? wrong->range : constant->init->range,
                wrong ? "this is not known without running the program, so it cannot be part of a constant"
                      : "this may reject, so it cannot be a constant")
        .help("let a function compute it");
    return types.error;
  }
  if (type->isUnit() || flow::isMovable(type)) {
    diags.error(DiagKind::TypeMismatch, constant->init->range, "a constant is a value without arrays, and this is " +
                                                                   described(type));
    return types.error;
  }
  return type;
}

/// The value of an integer expression of constants, if it fits an i64 all the way.
std::optional<int64_t> Checker::fold(Expr *expr) {
  expr = stripParens(expr);
  if (std::optional<int64_t> value = constantOf(expr))
    return value;
  if (auto *unary = dyn_cast<UnaryExpr>(expr); unary && unary->op == UnaryOp::Neg)
    if (std::optional<int64_t> value = fold(unary->operand); value && *value != INT64_MIN)
      return -*value;
  auto *binary = dyn_cast<BinaryExpr>(expr);
  if (!binary || binary->type != types.i64)
    return std::nullopt;
  std::optional<int64_t> left = fold(binary->left), right = fold(binary->right);
  int64_t result;
  if (!left || !right)
    return std::nullopt;
  bool divides = *right != 0 && !(*left == INT64_MIN && *right == -1);
  switch (binary->op) {
  case BinaryOp::Add:
    return __builtin_add_overflow(*left, *right, &result) ? std::nullopt : std::optional(result);
  case BinaryOp::Sub:
    return __builtin_sub_overflow(*left, *right, &result) ? std::nullopt : std::optional(result);
  case BinaryOp::Mul:
    return __builtin_mul_overflow(*left, *right, &result) ? std::nullopt : std::optional(result);
  case BinaryOp::Div:
    return divides ? std::optional(*left / *right) : std::nullopt;
  case BinaryOp::Rem:
    return divides ? std::optional(*left % *right) : std::nullopt;
  case BinaryOp::Shl:
    return *left >= 0 && *right >= 0 && *right < 32 && *left < (int64_t(1) << 31) ? std::optional(*left << *right)
                                                                                 : std::nullopt;
  default:
    return std::nullopt;
  }
}

VarDecl *Checker::findConstant(StringRef name) {
  auto [alias, rest] = name.split('.');
  ImportDecl *import = rest.empty() ? nullptr : module->imports.lookup(alias);
  VarDecl *constant = import ? llvm::dyn_cast_or_null<VarDecl>(findExported(*import, rest))
                             : module->constants.lookup(name);
  if (constant)
    ensureConstant(constant);
  return constant;
}

std::optional<Extent> Checker::namedExtent(Expr *expr) {
  auto *member = dyn_cast<MemberExpr>(expr);
  auto *name = dyn_cast<NameExpr>(expr);
  VarDecl *constant = nullptr;
  if (member && namedImport(member->base)) {
    if (check(expr)->isError())
      return Extent::any();
    constant = dyn_cast<VarDecl>(member->item->decl);
  } else if (name && !visible.lookup(name->name)) {
    constant = findConstant(name->name);
  }
  if (!constant || constant->type->isError())
    return std::nullopt;
  if (name)
    name->decl = constant;
  expr->type = constant->type;
  if (constant->constant && *constant->constant >= 0)
    return Extent::constant(*constant->constant);
  diags.error(DiagKind::TypeMismatch, expr->range,
              "an extent is an integer that is not negative, and `" + constant->name + "` is none");
  return Extent::any();
}
