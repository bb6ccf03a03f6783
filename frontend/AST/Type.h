// The types of the language as uniqued values: two types are the same if and only if their pointers are equal.
#ifndef AWG_FRONTEND_AST_TYPE_H
#define AWG_FRONTEND_AST_TYPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/FoldingSet.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/Casting.h"

#include <string>

namespace awg {

class EnumDecl;
class StructDecl;
struct TypeParam;
class VarDecl;

enum class TypeKind { Error, Never, Bool, Int, Float, Str, Duration, Device, Tuple, Array, Future, Chan, Struct, Enum, Param, Vec };

/// A type. Immutable, owned by its TypeContext, compared by address.
class Type : public llvm::FoldingSetNode {
public:
  TypeKind kind() const { return typeKind; }
  bool isError() const { return typeKind == TypeKind::Error; }
  bool isNever() const { return typeKind == TypeKind::Never; }
  bool isBool() const { return typeKind == TypeKind::Bool; }
  /// An integer type, or a type parameter that stands for one; as all of these.
  bool isInt() const;
  bool isFloat() const;
  /// An integer or a floating-point type.
  bool isNumeric() const;
  bool isStr() const { return typeKind == TypeKind::Str; }
  bool isDuration() const { return typeKind == TypeKind::Duration; }
  bool isDevice() const { return typeKind == TypeKind::Device; }
  bool isArray() const { return typeKind == TypeKind::Array; }
  bool isFuture() const { return typeKind == TypeKind::Future; }
  bool isChan() const { return typeKind == TypeKind::Chan; }
  bool isEnum() const { return typeKind == TypeKind::Enum; }
  bool isVec() const { return typeKind == TypeKind::Vec; }
  /// What a value consists of, one after the other: a tuple's elements, a struct's fields, a vec's lanes; nothing for other
  /// types.
  llvm::ArrayRef<const Type *> members() const;
  /// Its values consist of members: a tuple, a struct or a vec.
  bool isComposite() const { return typeKind == TypeKind::Tuple || typeKind == TypeKind::Struct || isVec(); }
  /// Of a vec the type of a lane, of any other type itself.
  const Type *lane() const;
  /// How many lanes a value has: those of a vec, or one.
  unsigned lanes() const;
  /// The empty tuple.
  bool isUnit() const;
  /// Bits of an integer or floating-point type.
  unsigned width() const { return bits; }
  /// Of an integer or a duration.
  bool isSigned() const { return isSignedInt; }
  /// bf16 rather than f16; both are 16 bits wide.
  bool isBrain() const { return isBrainFloat; }
  /// The type as it is written in a program.
  std::string str() const;

  void Profile(llvm::FoldingSetNodeID &id) const;

protected:
  friend class TypeContext;
  explicit Type(TypeKind kind, unsigned bits = 0, bool isSignedInt = false, bool isBrainFloat = false)
      : typeKind(kind), bits(bits), isSignedInt(isSignedInt), isBrainFloat(isBrainFloat) {}

private:
  TypeKind typeKind;
  unsigned bits;
  bool isSignedInt;
  bool isBrainFloat;
};

/// One extent of an array type: a constant, a size variable or anything.
struct Extent {
  enum Kind { Any, Constant, Variable } kind = Any;
  int64_t value = 0;                 ///< Constant
  const VarDecl *variable = nullptr; ///< Variable: the size variable that the signature binds

  static Extent any() { return {}; }
  static Extent constant(int64_t value) { return {Constant, value, nullptr}; }
  static Extent named(const VarDecl *variable) { return {Variable, 0, variable}; }
  bool operator==(const Extent &other) const = default;
};

/// `(A, B)`; the empty one is unit.
class TupleType : public Type {
public:
  llvm::ArrayRef<const Type *> elements() const { return elementTypes; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Tuple; }

private:
  friend class TypeContext;
  explicit TupleType(llvm::ArrayRef<const Type *> elements) : Type(TypeKind::Tuple), elementTypes(elements) {}
  llvm::ArrayRef<const Type *> elementTypes;
};

/// `T[d, ...]`.
class ArrayType : public Type {
public:
  const Type *element() const { return elementType; }
  llvm::ArrayRef<Extent> extents() const { return extentList; }
  unsigned rank() const { return extentList.size(); }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Array; }

private:
  friend class TypeContext;
  ArrayType(const Type *element, llvm::ArrayRef<Extent> extents)
      : Type(TypeKind::Array), elementType(element), extentList(extents) {}
  const Type *elementType;
  llvm::ArrayRef<Extent> extentList;
};

/// `future<T>`: a started operation.
class FutureType : public Type {
public:
  const Type *result() const { return resultType; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Future; }

private:
  friend class TypeContext;
  explicit FutureType(const Type *result) : Type(TypeKind::Future), resultType(result) {}
  const Type *resultType;
};

/// A `struct`. Its fields' types are known from the moment that the checker hands the type out.
class StructType : public Type {
public:
  const StructDecl *decl() const { return declaration; }
  llvm::ArrayRef<const Type *> fields() const { return fieldTypes; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Struct; }

private:
  friend class TypeContext;
  explicit StructType(const StructDecl *declaration) : Type(TypeKind::Struct), declaration(declaration) {}
  const StructDecl *declaration;
  llvm::ArrayRef<const Type *> fieldTypes;
};

/// An `enum`.
class EnumType : public Type {
public:
  const EnumDecl *decl() const { return declaration; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Enum; }

private:
  friend class TypeContext;
  explicit EnumType(const EnumDecl *declaration) : Type(TypeKind::Enum), declaration(declaration) {}
  const EnumDecl *declaration;
};

/// `vec<T, N>`.
class VecType : public Type {
public:
  llvm::ArrayRef<const Type *> elements() const { return elementTypes; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Vec; }

private:
  friend class TypeContext;
  explicit VecType(llvm::ArrayRef<const Type *> elements) : Type(TypeKind::Vec), elementTypes(elements) {}
  llvm::ArrayRef<const Type *> elementTypes; ///< the same one, for each lane
};

/// A type parameter, in the check of a function where it stands.
class ParamType : public Type {
public:
  const TypeParam *decl() const { return declaration; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Param; }

private:
  friend class TypeContext;
  /// Its width is that of the widest type that it may stand for.
  explicit ParamType(const TypeParam *declaration) : Type(TypeKind::Param, 64, true), declaration(declaration) {}
  const TypeParam *declaration;
};

/// `chan<T>`: a shared handle to a bounded channel.
class ChanType : public Type {
public:
  const Type *element() const { return elementType; }
  static bool classof(const Type *type) { return type->kind() == TypeKind::Chan; }

private:
  friend class TypeContext;
  explicit ChanType(const Type *element) : Type(TypeKind::Chan), elementType(element) {}
  const Type *elementType;
};

/// Owns and uniques types.
class TypeContext {
public:
  TypeContext();
  TypeContext(const TypeContext &) = delete;

  const Type *error, *never, *boolean, *str, *duration, *device, *unit;
  const Type *i8, *i16, *i32, *i64, *u8, *u16, *u32, *u64;
  const Type *f16, *bf16, *f32, *f64;

  const TupleType *tuple(llvm::ArrayRef<const Type *> elements);
  const ArrayType *array(const Type *element, llvm::ArrayRef<Extent> extents);
  const FutureType *future(const Type *result);
  const ChanType *chan(const Type *element);
  /// The type of that declaration; of a struct with those fields.
  const StructType *structure(const StructDecl *decl, llvm::ArrayRef<const Type *> fields);
  /// The same for channels to name before its fields are known.
  const StructType *structure(const StructDecl *decl);
  const EnumType *enumeration(const EnumDecl *decl);
  const VecType *vec(const Type *lane, unsigned count);
  const ParamType *param(const TypeParam *decl);
  /// The scalar type of that name (`bool`, `i64`, `bf16`, `str`, `duration`), or null.
  const Type *named(llvm::StringRef name) const;

private:
  template <typename T, typename... Args> const T *unique(llvm::FoldingSetNodeID &id, Args &&...args);
  llvm::BumpPtrAllocator allocator;
  llvm::FoldingSet<Type> types;
};

} // namespace awg

#endif // AWG_FRONTEND_AST_TYPE_H
