// Uniquing and spelling of types.
#include "frontend/AST/AST.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace awg;

//===-- Profiles --------------------------------------------------------------------------------------------------===//

static void profileTuple(llvm::FoldingSetNodeID &id, ArrayRef<const Type *> elements, TypeKind kind = TypeKind::Tuple) {
  id.AddInteger(unsigned(kind));
  for (const Type *element : elements)
    id.AddPointer(element);
}

static void profileArray(llvm::FoldingSetNodeID &id, const Type *element, ArrayRef<Extent> extents) {
  id.AddInteger(unsigned(TypeKind::Array));
  id.AddPointer(element);
  for (const Extent &extent : extents) {
    id.AddInteger(unsigned(extent.kind));
    id.AddInteger(extent.value);
    id.AddPointer(extent.variable);
  }
}

/// Of a type with one argument: a future or a channel.
static void profileUnary(llvm::FoldingSetNodeID &id, TypeKind kind, const Type *argument) {
  id.AddInteger(unsigned(kind));
  id.AddPointer(argument);
}

static void profileNominal(llvm::FoldingSetNodeID &id, TypeKind kind, const void *decl) {
  id.AddInteger(unsigned(kind));
  id.AddPointer(decl);
}

void Type::Profile(llvm::FoldingSetNodeID &id) const {
  if (auto *tuple = llvm::dyn_cast<TupleType>(this))
    return profileTuple(id, tuple->elements());
  if (auto *vec = llvm::dyn_cast<VecType>(this))
    return profileTuple(id, vec->elements(), TypeKind::Vec);
  if (auto *array = llvm::dyn_cast<ArrayType>(this))
    return profileArray(id, array->element(), array->extents());
  if (auto *future = llvm::dyn_cast<FutureType>(this))
    return profileUnary(id, TypeKind::Future, future->result());
  if (auto *chan = llvm::dyn_cast<ChanType>(this))
    return profileUnary(id, TypeKind::Chan, chan->element());
  if (auto *structure = llvm::dyn_cast<StructType>(this))
    return profileNominal(id, TypeKind::Struct, structure->decl());
  if (auto *enumeration = llvm::dyn_cast<EnumType>(this))
    return profileNominal(id, TypeKind::Enum, enumeration->decl());
  if (auto *param = llvm::dyn_cast<ParamType>(this))
    return profileNominal(id, TypeKind::Param, param->decl());
  id.AddInteger(unsigned(typeKind));
  id.AddInteger(bits);
  id.AddBoolean(isSignedInt);
  id.AddBoolean(isBrainFloat);
}

//===-- Spelling --------------------------------------------------------------------------------------------------===//

/// What the bound of a type parameter says; of another type nothing.
static TypeParam::Bound boundOf(const Type *type) {
  auto *param = llvm::dyn_cast<ParamType>(type);
  return param ? param->decl()->bound : TypeParam::Any;
}

bool Type::isInt() const { return typeKind == TypeKind::Int || boundOf(this) == TypeParam::Int; }

bool Type::isFloat() const { return typeKind == TypeKind::Float || boundOf(this) == TypeParam::Float; }

bool Type::isNumeric() const { return isInt() || isFloat() || boundOf(this) == TypeParam::Num; }

llvm::ArrayRef<const Type *> Type::members() const {
  if (auto *tuple = llvm::dyn_cast<TupleType>(this))
    return tuple->elements();
  if (auto *structure = llvm::dyn_cast<StructType>(this))
    return structure->fields();
  if (auto *vec = llvm::dyn_cast<VecType>(this))
    return vec->elements();
  return {};
}

const Type *Type::lane() const { return isVec() ? members().front() : this; }

unsigned Type::lanes() const { return isVec() ? members().size() : 1; }

bool Type::isUnit() const {
  auto *tuple = llvm::dyn_cast<TupleType>(this);
  return tuple && tuple->elements().empty();
}

static void write(llvm::raw_ostream &out, const Type *type);

static void writeTuple(llvm::raw_ostream &out, const TupleType *tuple) {
  out << '(';
  llvm::interleave(tuple->elements(), out, [&](const Type *element) { write(out, element); }, ", ");
  if (tuple->elements().size() == 1)
    out << ',';
  out << ')';
}

static void writeExtent(llvm::raw_ostream &out, const Extent &extent) {
  switch (extent.kind) {
  case Extent::Any:
    out << '_';
    return;
  case Extent::Constant:
    out << extent.value;
    return;
  case Extent::Variable:
    out << extent.variable->name;
    return;
  }
}

static void writeArray(llvm::raw_ostream &out, const ArrayType *array) {
  write(out, array->element());
  out << '[';
  llvm::interleave(array->extents(), out, [&](const Extent &extent) { writeExtent(out, extent); }, ", ");
  out << ']';
}

static void write(llvm::raw_ostream &out, const Type *type) {
  switch (type->kind()) {
  case TypeKind::Error:
    out << "<error>";
    return;
  case TypeKind::Never:
    out << "never";
    return;
  case TypeKind::Bool:
    out << "bool";
    return;
  case TypeKind::Int:
    out << (type->isSigned() ? 'i' : 'u') << type->width();
    return;
  case TypeKind::Float:
    out << (type->isBrain() ? "bf" : "f") << type->width();
    return;
  case TypeKind::Str:
    out << "str";
    return;
  case TypeKind::Duration:
    out << "duration";
    return;
  case TypeKind::Device:
    out << "device";
    return;
  case TypeKind::Tuple:
    return writeTuple(out, llvm::cast<TupleType>(type));
  case TypeKind::Array:
    return writeArray(out, llvm::cast<ArrayType>(type));
  case TypeKind::Future:
    out << "future<";
    write(out, llvm::cast<FutureType>(type)->result());
    out << '>';
    return;
  case TypeKind::Chan:
    out << "chan<";
    write(out, llvm::cast<ChanType>(type)->element());
    out << '>';
    return;
  case TypeKind::Struct:
    out << llvm::cast<StructType>(type)->decl()->name;
    return;
  case TypeKind::Enum:
    out << llvm::cast<EnumType>(type)->decl()->name;
    return;
  case TypeKind::Vec:
    out << "vec<";
    write(out, type->lane());
    out << ", " << type->lanes() << '>';
    return;
  case TypeKind::Param:
    out << llvm::cast<ParamType>(type)->decl()->name;
    return;
  }
}

std::string Type::str() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  write(out, this);
  return text;
}

//===-- Uniquing --------------------------------------------------------------------------------------------------===//

TypeContext::TypeContext() {
  auto scalar = [&](TypeKind kind, unsigned bits = 0, bool isSigned = false, bool isBrain = false) -> const Type * {
    return new (allocator.Allocate<Type>()) Type(kind, bits, isSigned, isBrain);
  };
  error = scalar(TypeKind::Error);
  never = scalar(TypeKind::Never);
  boolean = scalar(TypeKind::Bool, 1);
  str = scalar(TypeKind::Str);
  duration = scalar(TypeKind::Duration, 0, /*isSigned=*/true);
  device = scalar(TypeKind::Device);
  i8 = scalar(TypeKind::Int, 8, true);
  i16 = scalar(TypeKind::Int, 16, true);
  i32 = scalar(TypeKind::Int, 32, true);
  i64 = scalar(TypeKind::Int, 64, true);
  u8 = scalar(TypeKind::Int, 8);
  u16 = scalar(TypeKind::Int, 16);
  u32 = scalar(TypeKind::Int, 32);
  u64 = scalar(TypeKind::Int, 64);
  f16 = scalar(TypeKind::Float, 16);
  bf16 = scalar(TypeKind::Float, 16, false, true);
  f32 = scalar(TypeKind::Float, 32);
  f64 = scalar(TypeKind::Float, 64);
  unit = tuple({});
}

/// Finds the type with that profile, or makes it from `args`.
template <typename T, typename... Args>
const T *TypeContext::unique(llvm::FoldingSetNodeID &id, Args &&...args) {
  void *position = nullptr;
  if (Type *found = types.FindNodeOrInsertPos(id, position))
    return llvm::cast<T>(found);
  T *type = new (allocator.Allocate<T>()) T(std::forward<Args>(args)...);
  types.InsertNode(type, position);
  return type;
}

const TupleType *TypeContext::tuple(ArrayRef<const Type *> elements) {
  llvm::FoldingSetNodeID id;
  profileTuple(id, elements);
  return unique<TupleType>(id, elements.copy(allocator));
}

const ArrayType *TypeContext::array(const Type *element, ArrayRef<Extent> extents) {
  llvm::FoldingSetNodeID id;
  profileArray(id, element, extents);
  return unique<ArrayType>(id, element, extents.copy(allocator));
}

const ChanType *TypeContext::chan(const Type *element) {
  llvm::FoldingSetNodeID id;
  profileUnary(id, TypeKind::Chan, element);
  return unique<ChanType>(id, element);
}

const FutureType *TypeContext::future(const Type *result) {
  llvm::FoldingSetNodeID id;
  profileUnary(id, TypeKind::Future, result);
  return unique<FutureType>(id, result);
}

const StructType *TypeContext::structure(const StructDecl *decl) {
  llvm::FoldingSetNodeID id;
  profileNominal(id, TypeKind::Struct, decl);
  return unique<StructType>(id, decl);
}

const StructType *TypeContext::structure(const StructDecl *decl, ArrayRef<const Type *> fields) {
  const StructType *type = structure(decl);
  const_cast<StructType *>(type)->fieldTypes = fields.copy(allocator);
  return type;
}

const EnumType *TypeContext::enumeration(const EnumDecl *decl) {
  llvm::FoldingSetNodeID id;
  profileNominal(id, TypeKind::Enum, decl);
  return unique<EnumType>(id, decl);
}

const VecType *TypeContext::vec(const Type *lane, unsigned count) {
  llvm::SmallVector<const Type *, 16> elements(count, lane);
  llvm::FoldingSetNodeID id;
  profileTuple(id, elements, TypeKind::Vec);
  return unique<VecType>(id, ArrayRef<const Type *>(elements).copy(allocator));
}

const ParamType *TypeContext::param(const TypeParam *decl) {
  llvm::FoldingSetNodeID id;
  profileNominal(id, TypeKind::Param, decl);
  return unique<ParamType>(id, decl);
}

const Type *TypeContext::named(StringRef name) const {
  for (const Type *type : {boolean, str, duration, device, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64})
    if (type->str() == name)
      return type;
  return nullptr;
}
