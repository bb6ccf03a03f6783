// Functions with type parameters: bounds, inference at a call, and instances.
//
// The body is checked once where it stands, with each parameter as a type of its own that has what its bound promises, so
// that mistakes are reported there. For each list of types that it is called with it is then parsed again from its text,
// checked with those types and compiled like a function that was written for them.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Parse/Parser.h"

using namespace awg;

/// Types of types of types: a function that calls itself with ever larger ones has no end.
static constexpr unsigned deepestInstance = 64;

static std::string quoted(const TypeParam &param, const FnDecl *function) {
  return ("`" + param.name + "` of `" + function->name + "`").str();
}

void Checker::declareTypeParams(FnDecl *function) {
  FnInfo &of = info(function);
  for (auto [position, param] : llvm::enumerate(function->typeParams)) {
    const Type *type = function->typeArguments.empty() ? types.param(&param) : function->typeArguments[position];
    if (!of.typeNames.insert({param.name, type}).second)
      diags.error(DiagKind::DuplicateName, param.loc,
                  "`" + param.name + "` stands twice among the type parameters of `" + function->name + "`");
    if (types.named(param.name))
      diags.error(DiagKind::DuplicateName, param.loc, "`" + param.name + "` is a type of the language");
  }
  if (!function->typeParams.empty() && (function->isExport || function->name == "main"))
    diags.error(DiagKind::TypeMismatch, function->loc,
                "`" + function->name + "` is called from outside, so it has no type parameters");
}

bool awg::holdsParam(const Type *type) {
  if (type->kind() == TypeKind::Param)
    return true;
  if (auto *array = dyn_cast<ArrayType>(type))
    return holdsParam(array->element());
  if (auto *chan = dyn_cast<ChanType>(type)) // a struct has no parameters, so one that holds channels of itself ends here
    return holdsParam(chan->element());
  return !isa<StructType>(type) && llvm::any_of(type->members(), holdsParam);
}

/// What a bound asks for.
static bool fulfils(const Type *type, TypeParam::Bound bound) {
  switch (bound) {
  case TypeParam::Any:
    return !type->isFuture() && !type->isUnit();
  case TypeParam::Num:
    return type->isNumeric();
  case TypeParam::Float:
    return type->isFloat();
  case TypeParam::Int:
    return type->isInt();
  }
  llvm_unreachable("a bound");
}

static StringRef noun(TypeParam::Bound bound) {
  static constexpr StringRef nouns[] = {"a value", "a number", "a float", "an integer"};
  return nouns[bound];
}

//===-- Inference ----------------------------------------------------------------------------------------------------===//

void Checker::infer(const Type *wanted, const Type *found, TypeBindings &bindings) {
  if (found->isError() || found->isNever())
    return;
  if (wanted->kind() == TypeKind::Param) {
    bindings.try_emplace(cast<ParamType>(wanted)->decl(), generalise(found));
    return;
  }
  auto *array = dyn_cast<ArrayType>(wanted);
  auto *given = dyn_cast<ArrayType>(found);
  if (array && given)
    infer(array->element(), given->element(), bindings);
  auto *chan = dyn_cast<ChanType>(wanted);
  if (auto *other = dyn_cast<ChanType>(found); chan && other) {
    if (auto *param = dyn_cast<ParamType>(chan->element())) // with its extents: two types of channels have nothing in common
      bindings.try_emplace(param->decl(), other->element());
    infer(chan->element(), other->element(), bindings);
  }
  bool isAlike = wanted->kind() == found->kind() && (wanted->kind() == TypeKind::Tuple || wanted->isVec());
  if (isAlike && wanted->members().size() == found->members().size())
    for (auto [mine, other] : llvm::zip(wanted->members(), found->members()))
      infer(mine, other, bindings);
}

const Type *Checker::knownType(const Type *wanted, const TypeBindings &bindings) {
  if (auto *param = dyn_cast<ParamType>(wanted))
    return bindings.lookup(param->decl());
  if (auto *array = dyn_cast<ArrayType>(wanted)) {
    const Type *element = knownType(array->element(), bindings);
    return element ? types.array(element, SmallVector<Extent>(array->rank(), Extent::any())) : nullptr;
  }
  if (auto *chan = dyn_cast<ChanType>(wanted)) {
    const Type *element = knownType(chan->element(), bindings);
    return element ? types.chan(element) : nullptr;
  }
  if (wanted->isVec()) {
    const Type *lane = knownType(wanted->lane(), bindings);
    return lane ? types.vec(lane, wanted->lanes()) : nullptr;
  }
  auto *tuple = dyn_cast<TupleType>(wanted);
  if (!tuple)
    return wanted;
  SmallVector<const Type *> members;
  for (const Type *member : tuple->elements()) {
    members.push_back(knownType(member, bindings));
    if (!members.back())
      return nullptr;
  }
  return types.tuple(members);
}

const Type *Checker::lentType(Expr *place) {
  place = stripParens(place);
  if (auto *name = dyn_cast<NameExpr>(place)) {
    VarDecl *var = visible.lookup(name->name);
    return var ? var->type : nullptr;
  }
  if (auto *index = dyn_cast<IndexExpr>(place)) {
    auto *array = llvm::dyn_cast_or_null<ArrayType>(lentType(index->base));
    size_t dropped = llvm::count_if(index->subscripts, [](Expr *subscript) { return !isa<RangeExpr>(subscript); });
    if (!array || dropped >= array->rank())
      return nullptr;
    return types.array(array->element(), SmallVector<Extent>(array->rank() - dropped, Extent::any()));
  }
  auto *member = dyn_cast<MemberExpr>(place);
  const Type *base = member ? lentType(member->base) : nullptr;
  if (auto *tuple = llvm::dyn_cast_or_null<TupleType>(base))
    if (size_t position; !member->name.getAsInteger(10, position) && position < tuple->elements().size())
      return tuple->elements()[position];
  auto *structure = llvm::dyn_cast_or_null<StructType>(base);
  if (!structure)
    return nullptr;
  for (const VarDecl *field : structure->decl()->fields)
    if (field->name == member->name)
      return field->type;
  return nullptr;
}

/// Arguments that have types of their own come first; literals take what these say, or what the context asks for, those with a
/// float before others.
void Checker::inferFromArguments(CallExpr *expr, FnDecl *function, const Type *hint, TypeBindings &bindings) {
  for (Flexible form : {Flexible::No, Flexible::Float, Flexible::Int, Flexible::Empty}) {
    bool literals = form != Flexible::No;
    if (form == Flexible::Float && hint)
      infer(function->returnType, hint, bindings);
    for (auto [argument, param] : llvm::zip(expr->arguments, function->params)) {
      if (flexibility(argument.value) != form || !holdsParam(param->type))
        continue;
      if (argument.mode == PassMode::Mut) {
        if (const Type *type = lentType(argument.value))
          infer(param->type, type, bindings);
        continue;
      }
      infer(param->type, check(argument.value, knownType(param->type, bindings)), bindings);
      if (!literals)
        inferred.insert(argument.value);
    }
  }
}

//===-- Instances ----------------------------------------------------------------------------------------------------===//

FnDecl *Checker::chooseInstance(CallExpr *expr, FnDecl *function, const Type *hint) {
  ensureSignature(function);
  size_t count = function->typeParams.size();
  TypeBindings bindings;
  if (!expr->typeArguments.empty()) {
    if (expr->typeArguments.size() != count) {
      diags
          .error(DiagKind::WrongArgumentCount, expr->range,
                 "`" + function->name + "` has " + Twine(count) + " type parameter" + (count == 1 ? "" : "s") +
                     ", found " + Twine(expr->typeArguments.size()) + " types")
          .note(function->loc, "`" + function->name + "` is declared here");
      return nullptr;
    }
    for (auto [param, written] : llvm::zip(function->typeParams, expr->typeArguments))
      bindings[&param] = resolveType(written, TypePlace::Argument);
  } else {
    inferFromArguments(expr, function, hint, bindings);
    auto isWrong = [](const Argument &argument) { return argument.value->type && argument.value->type->isError(); };
    if (llvm::any_of(expr->arguments, isWrong))
      return nullptr;
  }
  return instanceOf(function, bindings, expr->range);
}

FnDecl *Checker::instanceOf(FnDecl *function, const TypeBindings &bindings, SMRange range) {
  SmallVector<const Type *> arguments;
  for (const TypeParam &param : function->typeParams) {
    const Type *type = bindings.lookup(&param);
    if (!type)
      diags.error(DiagKind::TypeMismatch, range, "the call does not tell what " + quoted(param, function) + " is")
          .help("say it: `" + function->name + "<f32>(...)`");
    else if (!type->isError() && !fulfils(type, param.bound))
      diags
          .error(DiagKind::TypeMismatch, range,
                 quoted(param, function) + " stands for " + noun(param.bound) + ", and this is `" + type->str() + "`")
          .note(param.loc, "the type parameter is declared here");
    else
      arguments.push_back(type);
  }
  if (arguments.size() != function->typeParams.size() || llvm::is_contained(arguments, types.error))
    return nullptr;
  return instance(function, arguments, range.Start);
}

FnDecl *Checker::instance(FnDecl *function, ArrayRef<const Type *> arguments, SMLoc call) {
  auto &known = info(function).instances;
  for (FnDecl *other : known)
    if (other->typeArguments == arguments)
      return other;
  unsigned depth = info(body->function).instanceDepth + 1;
  if (depth > deepestInstance) {
    diags.error(DiagKind::TypeMismatch, call, "`" + function->name + "` calls itself with ever larger types");
    return nullptr;
  }
  FnDecl *copy = parseFunctionAgain(*function, sources, context, diags);
  copy->generic = function;
  copy->typeArguments = context.list(arguments);
  info(function).instances.push_back(copy);
  FnInfo &of = info(copy);
  of.scope = info(function).scope;
  of.instanceDepth = depth;
  of.instanceCall = call;
  ensureSignature(copy);
  return copy;
}

std::string Checker::instanceName(const FnDecl *function) {
  std::string name = function->name.str();
  for (const Type *argument : function->typeArguments)
    name += (argument == function->typeArguments.front() ? "<" : ", ") + argument->str();
  static constexpr size_t longest = 80;
  if (name.size() > longest)
    return (function->name + "<...>").str();
  return name + (function->typeArguments.empty() ? "" : ">");
}
