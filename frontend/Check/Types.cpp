// Types as written, and the relations between types: common types, substitution, what a device can hold.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Diag/Nearest.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

/// The largest rank of an array, as in the runtime.
static constexpr unsigned maxRank = 8;

/// The largest tuple: tuples of tuples of tuples grow without end in a few lines.
static constexpr unsigned maxLeaves = 256;

std::string awg::described(const Type *type) {
  return (type->isArray() ? "an array `" : "of type `") + type->str() + "`";
}

//===-- Types as written ----------------------------------------------------------------------------------------===//

const Type *Checker::resolveType(TypeExpr *written, TypePlace place, SmallVectorImpl<VarDecl *> *sizes) {
  switch (written->kind) {
  case TypeExpr::Named:
    return resolveNamed(written, place);
  case TypeExpr::Array:
    return resolveArray(written, place, sizes);
  case TypeExpr::Tuple: {
    SmallVector<const Type *> elements;
    for (TypeExpr *element : written->elements)
      elements.push_back(resolveType(element, place, sizes));
    return makeTuple(elements, written->range.Start);
  }
  }
  llvm_unreachable("a kind of type");
}

const Type *Checker::resolveNamed(TypeExpr *written, TypePlace place) {
  if (written->name.empty()) // did not parse
    return types.error;
  if (written->name == "future") {
    if (written->elements.size() != 1) {
      diags.error(DiagKind::TypeMismatch, written->range, "`future` takes one type: `future<T>`");
      return types.error;
    }
    const Type *result = resolveType(written->elements.front(), place);
    if (place == TypePlace::Let || place == TypePlace::Storage || result->isError())
      return result->isError() ? result : types.future(generalise(result));
    diags.error(DiagKind::TypeMismatch, written->range, "a future stays in the scope that started it")
        .help("await it there, and pass or return its value");
    return types.error;
  }
  if (written->name == "vec")
    return resolveVec(written);
  if (written->name == "chan") {
    if (written->elements.size() == 1) {
      bool isInStruct = !openStructs.empty();
      if (isInStruct)
        carried.push_back({module, written->elements.front()});
      llvm::SaveAndRestore inChannel(isInChannel, isInStruct);
      return chanOf(resolveType(written->elements.front(), TypePlace::Argument), written->range);
    }
    diags.error(DiagKind::TypeMismatch, written->range, "`chan` takes one type: `chan<T>`");
    return types.error;
  }
  const Type *type = types.named(written->name);
  if (!type && body && place != TypePlace::Field)
    type = info(body->function).typeNames.lookup(written->name);
  bool isQualified = written->name.contains('.');
  Decl *decl = type ? nullptr : isQualified ? findQualifiedType(written) : module->types.lookup(written->name);
  if (!type && !decl) {
    if (!isQualified)
      reportUnknownType(written);
    return types.error;
  }
  if (!written->elements.empty() || !written->extents.empty()) {
    diags.error(DiagKind::TypeMismatch, written->range, "`" + written->name + "` takes no type arguments");
    return types.error;
  }
  return decl ? typeOf(decl) : type;
}

void Checker::reportUnknownType(TypeExpr *written) {
  DiagBuilder report = diags.error(DiagKind::UnknownName, written->range, "no type is called `" + written->name + "`");
  Nearest nearest(written->name);
  for (StringRef name : {"bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "bf16", "f32", "f64", "str",
                         "duration", "future", "chan"})
    nearest.consider(name);
  if (body)
    for (auto &entry : info(body->function).typeNames)
      nearest.consider(entry.getKey());
  for (auto &entry : module->types)
    nearest.consider(entry.getKey());
  if (suggestExported(report, written->name, written->range))
    return;
  if (!nearest.found().empty())
    report.help("did you mean `" + nearest.found() + "`?").fix(written->range, nearest.found());
  else
    report.help("the types are bool, i8 to i64, u8 to u64, f16, bf16, f32, f64, str, duration, tuples, arrays, and what "
                "`struct` and `enum` declare");
}

const Type *Checker::resolveArray(TypeExpr *written, TypePlace place, SmallVectorImpl<VarDecl *> *sizes) {
  const Type *element = resolveType(written->elements.front(), place, sizes);
  if (element != generalise(element)) {
    diags.error(DiagKind::TypeMismatch, written->elements.front()->range,
                "the arrays in an array may differ in their extents: each extent is `_`")
        .help("an array of one shape has a higher rank: `f32[n, 3]`");
    return types.error;
  }
  SmallVector<Extent> extents;
  for (Expr *extent : written->extents)
    extents.push_back(extent ? resolveExtent(extent, place, sizes) : Extent::any());
  return makeArray(element, extents, written->range.Start);
}

/// The size variable of that name, made if this is its first place.
static VarDecl *bindSize(NameExpr *name, SmallVectorImpl<VarDecl *> &sizes, ASTContext &context) {
  for (VarDecl *size : sizes)
    if (size->name == name->name)
      return size;
  auto *size = context.make<VarDecl>(name->name, name->loc(), VarDecl::Size);
  size->type = context.types.i64;
  sizes.push_back(size);
  return size;
}

Extent Checker::resolveExtent(Expr *extent, TypePlace place, SmallVectorImpl<VarDecl *> *sizes) {
  if (std::optional<Extent> known = namedExtent(extent))
    return *known;
  if (auto *name = dyn_cast<NameExpr>(extent); name && place == TypePlace::Param) {
    VarDecl *size = bindSize(name, *sizes, context);
    name->decl = size;
    name->type = types.i64;
    return Extent::named(size);
  }
  if (!isa<IntExpr>(extent) && place == TypePlace::Param) {
    diags.error(DiagKind::SyntaxError, extent->range, "in a parameter an extent is a name, a number or `_`")
        .help("a name binds whatever the argument has");
    return Extent::any();
  }
  if (!isa<IntExpr>(extent) && place == TypePlace::Field) {
    diags.error(DiagKind::SyntaxError, extent->range, "in a field an extent is a number or `_`")
        .help("with `_` each value of the struct has an extent of its own");
    return Extent::any();
  }
  if (!isa<IntExpr>(extent) && place == TypePlace::Argument) {
    diags.error(DiagKind::SyntaxError, extent->range, "in a type argument an extent is a number or `_`");
    return Extent::any();
  }
  checkInteger(extent, "an extent");
  if (std::optional<int64_t> value = fold(extent); place == TypePlace::Storage && value && *value >= 0)
    return Extent::constant(*value);
  return extentOf(extent);
}

/// How many scalars, strings and arrays a value holds.
static size_t leaves(const Type *type) {
  if (auto *array = dyn_cast<ArrayType>(type))
    return leaves(array->element());
  size_t count = 1;
  for (const Type *member : type->members())
    count += leaves(member);
  return count;
}

bool Checker::refuseSize(const Type *type, SMLoc loc) {
  if (leaves(type) <= maxLeaves)
    return false;
  diags.error(DiagKind::TypeMismatch, loc,
              (isa<StructType>(type) ? "a struct" : "a tuple") + Twine(" holds at most ") + Twine(maxLeaves) +
                  " values in all")
      .help("use an array");
  return true;
}

const Type *Checker::makeArray(const Type *element, ArrayRef<Extent> extents, SMLoc loc) {
  if (element->isError() || element->isNever())
    return element;
  if (extents.size() > maxRank) {
    diags.error(DiagKind::TypeMismatch, loc, "an array has at most " + Twine(maxRank) + " extents");
    return types.error;
  }
  // The arrays in an array may differ in their extents.
  const Type *stored = element->isFuture() ? element : generalise(element);
  if (!refuseSize(stored, loc))
    return types.array(stored, extents);
  return types.error;
}

const Type *Checker::makeTuple(ArrayRef<const Type *> elements, SMLoc loc) {
  for (const Type *element : elements)
    if (element->isError() || element->isNever())
      return element;
  const Type *tuple = types.tuple(elements);
  return refuseSize(tuple, loc) ? types.error : tuple;
}

//===-- Extents --------------------------------------------------------------------------------------------------===//

std::optional<int64_t> awg::constantOf(Expr *expr) {
  expr = stripParens(expr);
  if (auto *literal = dyn_cast<IntExpr>(expr))
    return literal->value.getActiveBits() < 64 ? std::optional<int64_t>(literal->value.getZExtValue()) : std::nullopt;
  if (auto *unary = dyn_cast<UnaryExpr>(expr); unary && unary->op == UnaryOp::Neg)
    if (isa<IntExpr>(stripParens(unary->operand)))
      if (std::optional<int64_t> value = constantOf(unary->operand))
        return -*value;
  if (auto *name = dyn_cast<NameExpr>(expr))
    if (auto *var = llvm::dyn_cast_or_null<VarDecl>(name->decl))
      return var->constant;
  return std::nullopt;
}

Extent Checker::extentOf(Expr *expr) {
  expr = stripParens(expr);
  if (std::optional<int64_t> value = constantOf(expr))
    return *value >= 0 ? Extent::constant(*value) : Extent::any();
  if (auto *name = dyn_cast<NameExpr>(expr))
    if (auto *var = llvm::dyn_cast_or_null<VarDecl>(name->decl); var && var->role == VarDecl::Size)
      return Extent::named(var);
  return Extent::any();
}

//===-- Relations ------------------------------------------------------------------------------------------------===//

/// Rebuilds `type` with each extent of it mapped.
template <typename Map> static const Type *mapExtents(const Type *type, TypeContext &types, Map map) {
  if (auto *array = dyn_cast<ArrayType>(type)) {
    SmallVector<Extent> extents(llvm::map_range(array->extents(), map));
    return types.array(mapExtents(array->element(), types, map), extents);
  }
  if (auto *tuple = dyn_cast<TupleType>(type)) {
    SmallVector<const Type *> elements;
    for (const Type *element : tuple->elements())
      elements.push_back(mapExtents(element, types, map));
    return types.tuple(elements);
  }
  return type;
}

const Type *Checker::generalise(const Type *type) {
  return mapExtents(type, types, [](Extent) { return Extent::any(); });
}

const Type *Checker::substitute(const Type *type, const Bindings &bindings) {
  return mapExtents(type, types, [&](Extent extent) {
    if (extent.kind != Extent::Variable)
      return extent;
    auto found = bindings.find(extent.variable);
    return found == bindings.end() ? Extent::any() : found->second.extent;
  });
}

const Type *Checker::join(const Type *a, const Type *b) {
  if (a == b || b->isNever() || a->isError())
    return a;
  if (a->isNever() || b->isError())
    return b;
  if (auto *left = dyn_cast<ArrayType>(a)) {
    auto *right = dyn_cast<ArrayType>(b);
    if (!right || left->element() != right->element() || left->rank() != right->rank())
      return nullptr;
    SmallVector<Extent> extents;
    for (auto [mine, other] : llvm::zip(left->extents(), right->extents()))
      extents.push_back(mine == other ? mine : Extent::any());
    return types.array(left->element(), extents);
  }
  if (auto *left = dyn_cast<TupleType>(a)) {
    auto *right = dyn_cast<TupleType>(b);
    if (!right || left->elements().size() != right->elements().size())
      return nullptr;
    SmallVector<const Type *> elements;
    for (auto [mine, other] : llvm::zip(left->elements(), right->elements())) {
      const Type *common = join(mine, other);
      if (!common)
        return nullptr;
      elements.push_back(common);
    }
    return types.tuple(elements);
  }
  return nullptr;
}

bool awg::holdsFuture(const Type *type) {
  auto *array = dyn_cast<ArrayType>(type);
  return type->isFuture() || (array && array->element()->isFuture());
}

bool awg::isPlainData(const Type *type) {
  switch (type->kind()) {
  case TypeKind::Str:
  case TypeKind::Future:
  case TypeKind::Chan:
  case TypeKind::Device:
    return false;
  case TypeKind::Array: {
    const Type *element = cast<ArrayType>(type)->element();
    return isPlainData(element) && !flow::isMovable(element);
  }
  default:
    return llvm::all_of(type->members(), isPlainData);
  }
}

bool awg::isComparable(const Type *type) {
  if (type->isArray() || type->isFuture() || type->isChan())
    return false;
  return llvm::all_of(type->members(), isComparable);
}
