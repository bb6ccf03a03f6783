// The program's own types: declarations, literals of structs, members of values.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Diag/Nearest.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

//===-- Declarations -------------------------------------------------------------------------------------------------===//

void Checker::collectTypes(ModuleScope &scope) {
  for (Decl *decl : scope.module->types) {
    scopeOfDecl[decl] = &scope;
    auto [entry, isNew] = scope.types.insert({decl->name, decl});
    FnDecl *function = scope.items.lookup(decl->name);
    if (!isNew || function)
      diags.error(DiagKind::DuplicateName, decl->loc, "`" + decl->name + "` is declared twice")
          .note(function ? function->loc : entry->second->loc, "the first declaration is here");
    if (types.named(decl->name))
      diags.error(DiagKind::DuplicateName, decl->loc, "`" + decl->name + "` is a type of the language");
  }
}

void Checker::checkTypes(ModuleScope &scope) {
  module = &scope;
  for (Decl *decl : scope.module->types) {
    auto *structure = dyn_cast<StructDecl>(decl);
    ArrayRef<VarDecl *> parts = structure ? structure->fields : cast<EnumDecl>(decl)->cases;
    refuseDuplicates(parts, (structure ? "fields of `" : "cases of `") + decl->name.str() + "`");
    if (parts.empty())
      diags.error(DiagKind::SyntaxError, decl->loc,
                  "`" + decl->name + "` has no " + (structure ? "fields" : "cases") + ", so it has no values");
    typeOf(decl);
  }
}

const Type *Checker::typeOf(Decl *decl) {
  if (auto *enumeration = dyn_cast<EnumDecl>(decl)) {
    const Type *type = types.enumeration(enumeration);
    for (VarDecl *entry : enumeration->cases)
      entry->type = type;
    return enumeration->cases.empty() ? types.error : type;
  }
  auto *structure = cast<StructDecl>(decl);
  if (structure->type)
    return structure->type;
  if (isInChannel)
    return types.structure(structure);
  if (!openStructs.insert(structure).second) {
    diags
        .error(DiagKind::TypeMismatch, structure->loc,
               "a `" + structure->name + "` cannot contain itself, nor arrays of itself")
        .help("keep all of them in one array, and have a field say which others it means: an index, or `i64[_]` for several");
    return structure->type = types.error;
  }
  llvm::SaveAndRestore outer(module, scopeOfDecl.lookup(structure));
  SmallVector<const Type *> fields;
  bool isSound = !structure->fields.empty();
  for (VarDecl *field : structure->fields) {
    field->type = resolveType(field->typeExpr, TypePlace::Field);
    isSound &= !field->type->isError();
    fields.push_back(field->type);
  }
  openStructs.erase(structure);
  const Type *type = types.structure(structure, fields);
  if (!isSound || structure->type || refuseSize(type, structure->loc))
    type = types.error;
  structure->type = type;
  while (openStructs.empty() && !carried.empty()) {
    auto [scope, element] = carried.back();
    carried.pop_back();
    llvm::SaveAndRestore inner(module, scope);
    resolveType(element, TypePlace::Argument);
  }
  return type;
}

//===-- Literals -----------------------------------------------------------------------------------------------------===//

void Checker::reportUnknownField(const StructDecl *decl, StringRef name, SMLoc loc) {
  SMRange range(loc, SMLoc::getFromPointer(loc.getPointer() + name.size()));
  DiagBuilder report = diags.error(DiagKind::UnknownName, range, "`" + decl->name + "` has no field `" + name + "`");
  reportNearest(report, name, range, decl->fields);
  report.note(decl->loc, "`" + decl->name + "` is declared here");
}

void Checker::reportNearest(DiagBuilder &report, StringRef name, SMRange range, ArrayRef<VarDecl *> candidates) {
  Nearest nearest(name);
  for (const VarDecl *candidate : candidates)
    nearest.consider(candidate->name);
  if (!nearest.found().empty())
    report.help("did you mean `" + nearest.found() + "`?").fix(range, nearest.found());
}

const StructType *Checker::resolveStruct(TypeExpr *written) {
  const Type *type = resolveType(written, TypePlace::Let);
  auto *structure = dyn_cast<StructType>(type);
  if (!structure && !type->isError())
    diags.error(DiagKind::TypeMismatch, written->range, "`" + type->str() + "` is no struct, so it has no fields");
  return structure;
}

bool Checker::findField(const StructType *type, FieldName &field, llvm::SmallBitVector &seen) {
  ArrayRef<VarDecl *> fields = type->decl()->fields;
  auto found = llvm::find_if(fields, [&](const VarDecl *candidate) { return candidate->name == field.name; });
  if (found == fields.end()) {
    reportUnknownField(type->decl(), field.name, field.loc);
    return false;
  }
  field.position = found - fields.begin();
  if (seen.test(field.position))
    diags.error(DiagKind::DuplicateName, field.loc, "the field `" + field.name + "` stands here twice");
  seen.set(field.position);
  return true;
}

const Type *Checker::checkStruct(StructExpr *expr) {
  const StructType *type = resolveStruct(expr->typeExpr);
  if (!type) {
    for (Expr *value : expr->values)
      check(value);
    return types.error;
  }
  if (flow::isMovable(type) && onDevice())
    markHostOnly(expr->range, "moves an array");
  ArrayRef<VarDecl *> fields = type->decl()->fields;
  llvm::SmallBitVector given(fields.size());
  for (auto [field, value] : llvm::zip(expr->fields, expr->values)) {
    if (findField(type, field, given))
      expect(value, type->fields()[field.position], "the field `" + field.name + "` of `" + type->str() + "`");
    else
      check(value);
  }
  bool isKnown = llvm::all_of(expr->fields, [&](const FieldName &field) {
    return llvm::any_of(fields, [&](const VarDecl *candidate) { return candidate->name == field.name; });
  });
  if (given.all() || !isKnown)
    return type;
  std::string missing;
  for (auto [position, field] : llvm::enumerate(fields))
    if (!given.test(position))
      missing += (missing.empty() ? "`" : ", `") + field->name.str() + "`";
  diags.error(DiagKind::TypeMismatch, expr->range, "this `" + type->str() + "` is given no " + missing)
      .note(type->decl()->loc, "`" + type->str() + "` is declared here")
      .help("every field has a value from the beginning");
  return type;
}

//===-- Members ------------------------------------------------------------------------------------------------------===//

/// `e.message` and `e.place`.
static const Type *catchMember(MemberExpr *expr, TypeContext &types, DiagEngine &diags) {
  if (expr->name == "message" || expr->name == "place") {
    expr->position = expr->name == "place";
    return types.str;
  }
  diags.error(DiagKind::UnknownName, expr->nameLoc, "a rejection has no `" + expr->name + "`")
      .help("it has `message` and `place`");
  return types.error;
}

EnumDecl *Checker::namedEnum(Expr *expr) {
  auto *member = dyn_cast<MemberExpr>(expr);
  if (ImportDecl *import = member ? namedImport(member->base) : nullptr) {
    auto *found = llvm::dyn_cast_or_null<EnumDecl>(findExported(*import, member->name));
    if (found)
      member->base->type = types.unit;
    return found;
  }
  auto *name = dyn_cast<NameExpr>(expr);
  if (!name || visible.lookup(name->name))
    return nullptr;
  return llvm::dyn_cast_or_null<EnumDecl>(module->types.lookup(name->name));
}

const Type *Checker::checkCase(MemberExpr *expr, EnumDecl *decl) {
  const Type *type = typeOf(decl);
  for (const VarDecl *entry : decl->cases)
    if (entry->name == expr->name) {
      expr->enumCase = entry;
      return type;
    }
  SMRange range(expr->nameLoc, expr->range.End);
  DiagBuilder report = diags.error(DiagKind::UnknownName, range, "`" + decl->name + "` has no case `" + expr->name + "`");
  reportNearest(report, expr->name, range, decl->cases);
  report.note(decl->loc, "`" + decl->name + "` is declared here");
  return types.error;
}

VarDecl *Checker::expectedCase(NameExpr *name, const Type *hint) {
  auto *wanted = llvm::dyn_cast_or_null<EnumType>(hint);
  if (!wanted || visible.lookup(name->name) || findItem(name->name))
    return nullptr;
  for (VarDecl *entry : wanted->decl()->cases)
    if (entry->name == name->name)
      return entry;
  return nullptr;
}

const Type *Checker::checkMember(MemberExpr *expr) {
  if (EnumDecl *decl = namedEnum(expr->base)) {
    expr->base->type = types.unit;
    return checkCase(expr, decl);
  }
  if (ImportDecl *import = namedImport(expr->base))
    return checkItem(expr, *import);
  if (auto *name = dyn_cast<NameExpr>(stripParens(expr->base)))
    if (VarDecl *var = visible.lookup(name->name); var && var->role == VarDecl::Catch) {
      resolveVariable(name);
      setThrough(expr->base, name, var->type);
      return catchMember(expr, types, diags);
    }
  bool isWhole = !isPart;
  const Type *type;
  {
    llvm::SaveAndRestore part(isPart, isa<NameExpr, MemberExpr, IndexExpr>(stripParens(expr->base)));
    type = memberType(expr, check(expr->base));
  }
  if (isWhole)
    refusePart(expr, type);
  return type;
}

/// The place lies in an element that owns arrays: a kernel gets the elements, but not what they own.
static bool isInOwner(const Expr *place) {
  place = flow::stripParens(place);
  if (auto *member = dyn_cast<MemberExpr>(place))
    return isInOwner(member->base);
  auto *index = dyn_cast<IndexExpr>(place);
  if (!index)
    return false;
  auto *array = dyn_cast<ArrayType>(index->base->type);
  return (array && flow::isMovable(array->element())) || isInOwner(index->base);
}

void Checker::refusePart(const Expr *place, const Type *type) {
  const VarDecl *var = flow::rootOf(place);
  if (!var || isQuiet || type->isError() || isPlainData(var->type))
    return;
  if (isPlainData(type) && !(flow::isMovable(type) && isInOwner(place)))
    return;
  for (Body *inner = body; inner && inner->owner != var->owner; inner = inner->outer)
    if (inner->kind == Body::Each) {
      StringRef text(place->range.Start.getPointer(), place->range.End.getPointer() - place->range.Start.getPointer());
      diags
          .error(DiagKind::NotPlainData, place->range,
                 "`" + text + "` is " + described(type) + ", which a kernel cannot hold")
          .help("a kernel uses numbers, bools, durations, and tuples, structs and arrays of them");
      return;
    }
}

const Type *Checker::memberType(MemberExpr *expr, const Type *type) {
  if (type->isError() || type->isNever())
    return types.error;
  if (auto *structure = dyn_cast<StructType>(type)) {
    for (auto [position, field] : llvm::enumerate(structure->decl()->fields))
      if (field->name == expr->name) {
        expr->position = position;
        return field->type;
      }
    reportUnknownField(structure->decl(), expr->name, expr->nameLoc);
    return types.error;
  }
  if (size_t lane = StringRef("xyzw").find(expr->name); type->isVec() && expr->name.size() == 1 && lane < type->lanes()) {
    expr->position = lane;
    return type->lane();
  }
  auto *tuple = dyn_cast<TupleType>(type);
  if (tuple && !expr->name.getAsInteger(10, expr->position)) {
    if (expr->position < tuple->elements().size())
      return tuple->elements()[expr->position];
    diags.error(DiagKind::IndexOutOfRange, expr->nameLoc,
                "`" + type->str() + "` has " + Twine(tuple->elements().size()) + " members, counted from 0");
    return types.error;
  }
  DiagBuilder report = diags.error(DiagKind::UnknownName, expr->nameLoc,
                                   "there is no `" + expr->name + "` in a value of type `" + type->str() + "`");
  if (type->isVec())
    report.help("its lanes are `.x .y .z .w`, as many as it has, and `[k]`");
  else if (module->items.contains(expr->name) || findVisibleBuiltin(expr->name))
    report.help("a function stands before its arguments: `" + expr->name + "(...)`");
  return types.error;
}
