// Subscripts in normal form: the evaluation of expressions to polynomials.
#include "frontend/Check/RaceSubscript.h"
#include "frontend/Check/Builtins.h"
#include "frontend/Check/FlowGraph.h"

#include "llvm/ADT/Twine.h"

namespace awg::race {

using llvm::cast;
using llvm::dyn_cast;

/// Deeper expressions are not looked into; they count as unknown.
static constexpr unsigned maxDepth = 200;

static StringRef sourceOf(SMRange range) {
  const char *begin = range.Start.getPointer();
  return StringRef(begin, range.End.getPointer() - begin);
}

static Value unknown(const Expr *expr) {
  return {std::nullopt, ("`" + sourceOf(expr->range) + "` is not affine in the index variables").str(), nullptr};
}

static bool isWord(const Type *type) { return type && type->isInt() && type->width() == 64; }

std::string IndexSpace::list() const {
  std::string list;
  for (const VarDecl *index : indices)
    list += (list.empty() ? "" : ", ") + index->name.str();
  return list;
}

const Expr *Names::meaning(const Expr *expr) const {
  for (;;) {
    expr = flow::stripParens(expr);
    const Expr *next = nullptr;
    if (const auto *name = dyn_cast<NameExpr>(expr))
      next = lets.lookup(llvm::dyn_cast_or_null<VarDecl>(name->decl));
    else if (const auto *member = dyn_cast<MemberExpr>(expr))
      if (const auto *tuple = dyn_cast<TupleExpr>(meaning(member->base)))
        next = tuple->elements[member->position];
    if (!next)
      return expr;
    expr = next;
  }
}

SymbolTable::SymbolTable() {
  for (unsigned index = 0; index != mostIndices; ++index)
    atomOf("index " + std::to_string(index));
}

unsigned SymbolTable::numberOf(const Poly &extent) {
  for (auto [number, known] : llvm::enumerate(extents))
    if (known == extent)
      return number;
  extents.push_back(extent);
  return extents.size() - 1;
}

/// No index variable occurs in it.
static bool isFree(const Poly &poly) {
  return llvm::all_of(poly.terms(), [](const Term &term) {
    return llvm::all_of(term.atoms, [](Atom atom) { return atom >= SymbolTable::mostIndices; });
  });
}

/// An extent that changes from group to group is like no other.
Subscripts::Subscripts(IndexSpace indices, unsigned groupIndices, const Names &names, SymbolTable &symbols)
    : space(std::move(indices)), names(names), symbols(symbols), groupIndices(groupIndices) {
  for (const Expr *extent : space.extents) {
    Value found = value(extent);
    bool isKnown = found.poly && isFree(*found.poly);
    extents.push_back(isKnown ? *found.poly : Poly::atom(atomOf("extent " + std::to_string(uintptr_t(extent)))));
    extentNumbers.push_back(symbols.numberOf(extents.back()));
  }
}

bool Subscripts::isLaunchConstant(const VarDecl *var) const {
  return !names.inside.contains(var) && !names.written.contains(var);
}

Value Subscripts::value(const Expr *expr) { return evaluate(expr, 0); }

Value Subscripts::value(const Sum &sum) {
  Value total{std::nullopt, "it stands for a range of subscripts", nullptr};
  for (const Expr *term : sum) {
    Value next = evaluate(term, 0);
    if (!next.poly)
      return next;
    total = {total.poly ? Poly::sum(*total.poly, *next.poly) : next.poly, "", nullptr};
    if (!total.poly)
      return unknown(term);
  }
  return total;
}

Value Subscripts::evaluate(const Expr *expr, unsigned depth) {
  expr = flow::stripParens(expr);
  if (depth > maxDepth || !expr->type || !expr->type->isInt())
    return unknown(expr);
  switch (expr->kind) {
  case ExprKind::Int: {
    const llvm::APInt &value = cast<IntExpr>(expr)->value;
    if (value.getActiveBits() > 63)
      return unknown(expr);
    return {Poly::literal(value.getZExtValue()), "", nullptr};
  }
  case ExprKind::Name:
    return evaluateVariable(llvm::dyn_cast_or_null<VarDecl>(cast<NameExpr>(expr)->decl), expr, depth);
  case ExprKind::Binary:
    return evaluateBinary(*cast<BinaryExpr>(expr), depth);
  case ExprKind::Unary: {
    const auto *unary = cast<UnaryExpr>(expr);
    if (unary->op != UnaryOp::Neg || !isWord(expr->type))
      return opaque(expr);
    Value operand = evaluate(unary->operand, depth + 1);
    if (operand.poly)
      operand.poly = Poly::product(*operand.poly, Poly::literal(-1));
    return operand.poly || !operand.why.empty() ? operand : unknown(expr);
  }
  case ExprKind::Cast: {
    const Expr *operand = cast<CastExpr>(expr)->operand;
    return isWord(expr->type) && isWord(operand->type) ? evaluate(operand, depth + 1) : opaque(expr);
  }
  case ExprKind::Call:
    return evaluateCall(*cast<CallExpr>(expr), depth);
  case ExprKind::Member: {
    const Expr *meaning = names.meaning(expr);
    return meaning == expr ? opaque(expr) : evaluate(meaning, depth + 1);
  }
  default:
    return opaque(expr);
  }
}

/// Of a name, or of an array's extent that a variable is.
Value Subscripts::evaluateVariable(const VarDecl *var, const Expr *expr, unsigned depth) {
  if (!var)
    return unknown(expr);
  if (var->constant)
    return {Poly::literal(*var->constant), "", nullptr};
  for (auto [number, index] : llvm::enumerate(space.indices))
    if (index == var)
      return {Poly::atom(number), "", nullptr};
  if (names.loopVars.contains(var))
    return {std::nullopt, ("`" + var->name + "` is the variable of a loop inside, not an index of this `each`").str(),
            var};
  if (auto let = names.lets.find(var); let != names.lets.end()) {
    if (auto known = letValues.find(var); known != letValues.end())
      return known->second;
    Value value = evaluate(let->second, depth + 1);
    letValues[var] = value;
    return value;
  }
  if (isLaunchConstant(var))
    return {Poly::atom(atomOf("name " + std::to_string(uintptr_t(var)))), "", nullptr};
  if (!var->isMut)
    return unknown(expr);
  return {std::nullopt, ("`" + var->name + "` changes within the `each`").str(), nullptr};
}

Value Subscripts::evaluateBinary(const BinaryExpr &expr, unsigned depth) {
  bool isArithmetic = expr.op == BinaryOp::Add || expr.op == BinaryOp::Sub || expr.op == BinaryOp::Mul;
  if (!isArithmetic || !isWord(expr.type))
    return opaque(&expr);
  Value left = evaluate(expr.left, depth + 1);
  if (!left.poly)
    return left;
  Value right = evaluate(expr.right, depth + 1);
  if (!right.poly)
    return right;
  std::optional<Poly> result;
  if (expr.op == BinaryOp::Add)
    result = Poly::sum(*left.poly, *right.poly);
  else if (expr.op == BinaryOp::Sub)
    result = Poly::difference(*left.poly, *right.poly);
  else
    result = Poly::product(*left.poly, *right.poly);
  return result ? Value{result, "", nullptr} : unknown(&expr);
}

/// `len(x)` and `dim(x, 1)` are the extents that the array's type names, where it names them.
Value Subscripts::evaluateCall(const CallExpr &call, unsigned depth) {
  bool isLen = call.builtin && call.builtin->id == BuiltinId::Len;
  bool isDim = call.builtin && call.builtin->id == BuiltinId::Dim;
  const Expr *array = isLen || isDim ? call.arguments[0].value : nullptr;
  const VarDecl *root = array ? flow::rootOf(array) : nullptr;
  if (!root || !flow::isMemberOf(array, root))
    return opaque(&call);
  Value dimension = isDim ? evaluate(call.arguments[1].value, depth + 1) : Value{Poly::literal(0), "", nullptr};
  std::optional<int64_t> literal = dimension.poly ? dimension.poly->asLiteral() : std::nullopt;
  return literal && *literal >= 0 ? extentOf(array, *literal, depth) : opaque(&call);
}

/// Views made inside have other extents at other indices, unless their types say them.
Value Subscripts::extentOf(const Expr *array, uint64_t dimension, unsigned depth) {
  if (const auto *type = llvm::dyn_cast_or_null<ArrayType>(array->type); type && dimension < type->rank()) {
    const Extent &extent = type->extents()[dimension];
    if (extent.kind == Extent::Constant)
      return {Poly::literal(extent.value), "", nullptr};
    if (extent.kind == Extent::Variable)
      return evaluateVariable(extent.variable, array, depth + 1);
  }
  if (names.inside.contains(flow::rootOf(array)))
    return {std::nullopt, ("the extent of `" + sourceOf(array->range) + "` may be another at another index").str(), nullptr};
  std::string key = "extent of " + placeKey(array) + " " + std::to_string(dimension);
  return {Poly::atom(atomOf(key)), "", nullptr};
}

/// A variable or a member of one.
std::string Subscripts::placeKey(const Expr *place) {
  return std::to_string(uintptr_t(flow::rootOf(place))) + "." + std::to_string(flow::partOf(place).begin);
}

Value Subscripts::opaque(const Expr *expr) {
  if (std::optional<std::string> key = launchKey(expr, 0))
    return {Poly::atom(atomOf(*key)), "", nullptr};
  return unknown(expr);
}

std::optional<std::string> Subscripts::callKey(const CallExpr &call, unsigned depth) {
  if (!call.builtin || call.builtin->isHostOnly())
    return std::nullopt;
  std::string key = "(call " + call.builtin->name.str();
  bool asksExtent = call.builtin->id == BuiltinId::Len || call.builtin->id == BuiltinId::Dim;
  for (auto [number, argument] : llvm::enumerate(call.arguments)) {
    const VarDecl *array = asksExtent && number == 0 ? flow::rootOf(argument.value) : nullptr;
    bool isOutside = array && !names.inside.contains(array);
    std::optional<std::string> part = isOutside && flow::isMemberOf(argument.value, array)
                                          ? placeKey(argument.value)
                                          : launchKey(argument.value, depth + 1);
    if (!part)
      return std::nullopt;
    key += " " + *part;
  }
  return key + ")";
}

std::optional<std::string> Subscripts::launchKey(const Expr *expr, unsigned depth) {
  if (depth > maxDepth || !expr->type)
    return std::nullopt;
  llvm::SmallVector<const Expr *, 3> parts;
  std::string head = expr->type->str() + " ";
  switch (expr->kind) {
  case ExprKind::Paren:
    return launchKey(cast<ParenExpr>(expr)->inner, depth + 1);
  case ExprKind::Int:
  case ExprKind::Float:
  case ExprKind::Bool:
    return head + sourceOf(expr->range).str();
  case ExprKind::Name: {
    const auto *var = llvm::dyn_cast_or_null<VarDecl>(cast<NameExpr>(expr)->decl);
    if (var && names.lets.contains(var))
      return launchKey(names.lets.lookup(var), depth + 1);
    if (!var || !isLaunchConstant(var))
      return std::nullopt;
    return std::to_string(uintptr_t(var));
  }
  case ExprKind::Member: {
    // Within an `each` nothing writes a member from outside that is no array.
    const VarDecl *root = flow::rootOf(expr);
    if (!root || names.inside.contains(root) || !flow::isMemberOf(expr, root) || flow::isMovable(expr->type))
      return std::nullopt;
    return "member " + placeKey(expr) + " " + std::to_string(flow::partOf(expr).end);
  }
  case ExprKind::Unary:
    head += std::to_string(int(cast<UnaryExpr>(expr)->op));
    parts = {cast<UnaryExpr>(expr)->operand};
    break;
  case ExprKind::Binary:
    head += spelling(cast<BinaryExpr>(expr)->op);
    parts = {cast<BinaryExpr>(expr)->left, cast<BinaryExpr>(expr)->right};
    break;
  case ExprKind::Cast:
    head += "as";
    parts = {cast<CastExpr>(expr)->operand};
    break;
  case ExprKind::Index:
    head += "[]";
    parts = {cast<IndexExpr>(expr)->base};
    llvm::append_range(parts, cast<IndexExpr>(expr)->subscripts);
    break;
  case ExprKind::Call:
    return callKey(*cast<CallExpr>(expr), depth);
  default:
    return std::nullopt;
  }
  std::string key = "(" + head;
  for (const Expr *part : parts) {
    std::optional<std::string> text = launchKey(part, depth + 1);
    if (!text)
      return std::nullopt;
    key += " " + *text;
  }
  return key + ")";
}

} // namespace awg::race
