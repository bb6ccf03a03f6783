// What a program declares: types as written, variables, functions, structs, enums, imports, and the file that holds them.
#ifndef AWG_FRONTEND_AST_DECLARATIONS_H
#define AWG_FRONTEND_AST_DECLARATIONS_H

#include "frontend/AST/Type.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/SMLoc.h"

#include <optional>

namespace awg {

class Expr;
class BlockExpr;

using llvm::ArrayRef;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

/// A type as written in the source.
class TypeExpr {
public:
  enum Kind {
    Named,  ///< `f32`, `future<i64>`, `vec<f32, 4>`, `shapes.Point`: name, then arguments
    Array,  ///< `f32[n, 3, _]`: elements[0] and extents
    Tuple,  ///< `(A, B)`: elements
  };
  Kind kind;
  SMRange range;
  StringRef name;                  ///< Named; empty if the type did not parse: it is the error type
  ArrayRef<TypeExpr *> elements;   ///< Named: type arguments; Array: the element; Tuple: the elements
  ArrayRef<Expr *> extents;        ///< Array: null stands for `_`; Named `vec`: its lane count
};

enum class DeclKind { Var, Fn, Struct, Enum, Import };

class Decl {
public:
  DeclKind kind;
  StringRef name;
  SMLoc loc; ///< of the name
  StringRef doc; ///< text of the `///` lines before it
  bool isPub = false; ///< other modules may use it

protected:
  Decl(DeclKind kind, StringRef name, SMLoc loc) : kind(kind), name(name), loc(loc) {}
};

/// How an argument is passed: lent for reading, lent for writing (`mut`), given away (`move`).
enum class PassMode { Read, Mut, Move };

/// Anything that names a value.
class VarDecl : public Decl {
public:
  enum Role {
    Local, ///< `let`, a pattern's name, a `for` variable
    Param,
    Size,  ///< a size variable, bound by a signature
    Index, ///< an index variable of `each`
    Catch, ///< `e` of `catch e`
    Field, ///< of a struct
    Case,  ///< of an enum; its `constant` is its place among them
    Const, ///< `const`, outside all functions
    Shared,    ///< `shared` storage of a block kernel: one for the group
    PerThread, ///< `local` storage of a block kernel: one for each index of the inner `each`es
  };
  Role role;
  bool isMut = false;
  PassMode mode = PassMode::Read; ///< Param
  TypeExpr *typeExpr = nullptr;   ///< Param, Field, Const
  Expr *init = nullptr;           ///< Const

  // checked
  const Type *type = nullptr;
  /// The function or task body (FnDecl, AsyncExpr or EachExpr) that declares it; captures are what is used elsewhere.
  const void *owner = nullptr;
  /// The constant it stands for: an immutable `let` of a literal, an integer `const`, a case.
  std::optional<int64_t> constant;
  /// PerThread: the extents of the inner `each`es that use it, once one does.
  ArrayRef<int64_t> threads;
  /// It holds a view: its elements belong to another variable.
  bool isView = false;
  /// A loop or a pattern binds it to what has arrays, which stay those of what the loop goes over, or the pattern takes apart.
  bool isItem = false;
  bool isLoopItem = false; ///< it is a loop that does

  VarDecl(StringRef name, SMLoc loc, Role role) : Decl(DeclKind::Var, name, loc), role(role) {}
  static bool classof(const Decl *decl) { return decl->kind == DeclKind::Var; }
};

/// `T: num` in `<T: num>`.
struct TypeParam {
  enum Bound { Any, Num, Float, Int };
  StringRef name;
  SMLoc loc;
  Bound bound;
};

/// A function, kernel or test.
class FnDecl : public Decl {
public:
  enum Flavour { Plain, Async, Kernel, Test, Extern };
  Flavour flavour;
  bool isExport = false;
  bool isFast = false;                 ///< `@fast`
  Expr *threads = nullptr;             ///< `@threads(256)`, of a kernel
  ArrayRef<TypeParam> typeParams;
  ArrayRef<VarDecl *> params;
  TypeExpr *returnExpr = nullptr;      ///< null: unit
  BlockExpr *body = nullptr;           ///< Plain, Async, Test
  Expr *each = nullptr;                ///< Kernel: its EachExpr
  SMRange range;

  // checked
  const FnDecl *generic = nullptr;          ///< of an instance: the function that it is one of
  ArrayRef<const Type *> typeArguments;     ///< of an instance: what the type parameters stand for
  /// It has type parameters, so only its instances are compiled.
  bool isGeneric() const { return !typeParams.empty() && !generic; }
  const Type *returnType = nullptr;
  /// Size variables in the order in which the parameters bind them.
  ArrayRef<VarDecl *> sizes;
  /// It may reject (fail, index, divide, allocate, call such a function).
  bool mayFail = false;
  /// Cannot run inside an `each`; `hostOnlyWhy` says what makes it so, e.g. "it calls print".
  bool isHostOnly = false;
  StringRef hostOnlyWhy;
  int64_t threadCount = 0; ///< of `@threads`; 0: none

  FnDecl(StringRef name, SMLoc loc, Flavour flavour) : Decl(DeclKind::Fn, name, loc), flavour(flavour) {}
  static bool classof(const Decl *decl) { return decl->kind == DeclKind::Fn; }
};

/// `struct Name { a: T, b: U }`.
class StructDecl : public Decl {
public:
  ArrayRef<VarDecl *> fields; ///< role Field

  // checked
  const Type *type = nullptr; ///< null until resolved

  StructDecl(StringRef name, SMLoc loc) : Decl(DeclKind::Struct, name, loc) {}
  static bool classof(const Decl *decl) { return decl->kind == DeclKind::Struct; }
};

/// `enum Name { A, B }`.
class EnumDecl : public Decl {
public:
  ArrayRef<VarDecl *> cases; ///< role Case

  EnumDecl(StringRef name, SMLoc loc) : Decl(DeclKind::Enum, name, loc) {}
  static bool classof(const Decl *decl) { return decl->kind == DeclKind::Enum; }
};

struct Module;

/// `import "shapes.awg" as shapes;`, `import std.npy;`. Its name is the one by which the module is called here.
class ImportDecl : public Decl {
public:
  StringRef path;           ///< the file as written, or `std.npy`
  SMRange pathRange;
  bool isFile;              ///< or a module of the standard library that has items of its own
  Module *module = nullptr; ///< of a file that was found

  ImportDecl(StringRef name, SMLoc loc, StringRef path, SMRange pathRange, bool isFile)
      : Decl(DeclKind::Import, name, loc), path(path), pathRange(pathRange), isFile(isFile) {}
  static bool classof(const Decl *decl) { return decl->kind == DeclKind::Import; }
};

/// A parsed file.
struct Module {
  unsigned bufferId;          ///< in the SourceMgr
  ArrayRef<FnDecl *> functions;
  ArrayRef<Decl *> types;     ///< StructDecl and EnumDecl
  ArrayRef<VarDecl *> constants; ///< role Const
  ArrayRef<ImportDecl *> imports;
  bool isStandard = false;    ///< comes with the compiler
};

} // namespace awg

#endif // AWG_FRONTEND_AST_DECLARATIONS_H
