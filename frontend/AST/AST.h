// The syntax tree: what the parser makes, and what the checker fills in (types, resolved names, captures).
//
// Nodes live in an ASTContext and are never freed singly; lists are ArrayRefs into it. Fields under "checked" are null or
// empty until Check has run. IRGen reads checked trees only. A `switch` over kinds lives in one dispatcher a phase;
// each construct's handler is in the file of its name.
#ifndef AWG_FRONTEND_AST_AST_H
#define AWG_FRONTEND_AST_AST_H

#include "frontend/AST/Type.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/SMLoc.h"

#include <optional>

namespace awg {

class Expr;
class BlockExpr;
class FnDecl;
struct Builtin; // frontend/Check/Builtins.h

using llvm::ArrayRef;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

//===-- Types as written --------------------------------------------------------------------------------------===//

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

//===-- Declarations -------------------------------------------------------------------------------------------===//

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
  bool isFile;
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
};

//===-- Patterns -----------------------------------------------------------------------------------------------===//

/// A field as named in a literal or a pattern.
struct FieldName {
  StringRef name;
  SMLoc loc;
  unsigned position = 0; ///< checked: among the struct's fields
};

/// What stands on the left of `let`, `for` and an arm of `match`. Only `match` takes those that may not fit.
class Pattern {
public:
  enum Kind {
    Name,         ///< `name`, `mut name`: fits all and binds it. Checked: the name of a case becomes a Case
    Wildcard,     ///< `_`
    Tuple,        ///< `(p, q)`: elements
    Struct,       ///< `Point { x: p, y }`: typeExpr, fields and, for each, an element
    Value,        ///< a literal: low
    Range,        ///< `a..b`, without its end: low, high
    Case,         ///< `Weight.Heavy`: low is the member expression, or null for the bare name of a case
    Alternatives, ///< `p | q`: elements
  };
  Kind kind;
  SMRange range;
  VarDecl *var = nullptr;         ///< Name
  ArrayRef<Pattern *> elements;
  TypeExpr *typeExpr = nullptr;   ///< Struct
  llvm::MutableArrayRef<FieldName> fields; ///< Struct
  Expr *low = nullptr, *high = nullptr;

  // checked
  const VarDecl *enumCase = nullptr; ///< Case
};

//===-- Expressions ---------------------------------------------------------------------------------------------===//

enum class ExprKind {
#define AWG_EXPR(NAME) NAME,
#include "frontend/AST/Nodes.def"
};

class Expr {
public:
  ExprKind kind;
  SMRange range;
  SMLoc loc() const { return range.Start; }

  // checked
  const Type *type = nullptr;

protected:
  Expr(ExprKind kind, SMRange range) : kind(kind), range(range) {}
};

/// `42`, `0xffu8`.
class IntExpr : public Expr {
public:
  llvm::APInt value;   ///< unsigned, as wide as the digits need
  StringRef suffix;    ///< `u8`, ... or empty. The type may be a float type from the context.
  IntExpr(SMRange range, llvm::APInt value, StringRef suffix)
      : Expr(ExprKind::Int, range), value(std::move(value)), suffix(suffix) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Int; }
};

/// `1.5`, `2e-3f64`. The text (underscores removed) is converted once its type is known.
class FloatExpr : public Expr {
public:
  StringRef digits;
  StringRef suffix;
  FloatExpr(SMRange range, StringRef digits, StringRef suffix)
      : Expr(ExprKind::Float, range), digits(digits), suffix(suffix) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Float; }
};

class BoolExpr : public Expr {
public:
  bool value;
  BoolExpr(SMRange range, bool value) : Expr(ExprKind::Bool, range), value(value) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Bool; }
};

/// `30ms`, in nanoseconds.
class DurationExpr : public Expr {
public:
  int64_t nanoseconds;
  DurationExpr(SMRange range, int64_t nanoseconds) : Expr(ExprKind::Duration, range), nanoseconds(nanoseconds) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Duration; }
};

/// A piece of a string: text, then (except after the last) a hole.
struct StrPiece {
  StringRef text;       ///< escapes resolved
  Expr *hole = nullptr; ///< null in the last piece
  StringRef format;     ///< after the hole's `:`; empty if none
};

/// `"{cups} cups"`.
class StrExpr : public Expr {
public:
  ArrayRef<StrPiece> pieces; ///< at least one
  StrExpr(SMRange range, ArrayRef<StrPiece> pieces) : Expr(ExprKind::Str, range), pieces(pieces) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Str; }
};

class NameExpr : public Expr {
public:
  StringRef name;
  // checked
  Decl *decl = nullptr;             ///< null for a builtin's name in call position
  NameExpr(SMRange range, StringRef name) : Expr(ExprKind::Name, range), name(name) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Name; }
};

/// `(e)`: kept, since `(a * b) + c` is not fused.
class ParenExpr : public Expr {
public:
  Expr *inner;
  ParenExpr(SMRange range, Expr *inner) : Expr(ExprKind::Paren, range), inner(inner) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Paren; }
};

enum class UnaryOp { Neg, Not, BitNot };

class UnaryExpr : public Expr {
public:
  UnaryOp op;
  Expr *operand;
  UnaryExpr(SMRange range, UnaryOp op, Expr *operand) : Expr(ExprKind::Unary, range), op(op), operand(operand) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Unary; }
};

enum class BinaryOp { Mul, Div, Rem, Add, Sub, Shl, Shr, And, Xor, Or, Eq, Ne, Lt, Le, Gt, Ge, LogicalAnd, LogicalOr };

/// The operator as written.
StringRef spelling(BinaryOp op);

class BinaryExpr : public Expr {
public:
  BinaryOp op;
  SMLoc opLoc;
  Expr *left, *right;
  BinaryExpr(SMRange range, BinaryOp op, SMLoc opLoc, Expr *left, Expr *right)
      : Expr(ExprKind::Binary, range), op(op), opLoc(opLoc), left(left), right(right) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Binary; }
};

/// `x as T`.
class CastExpr : public Expr {
public:
  Expr *operand;
  TypeExpr *target;
  CastExpr(SMRange range, Expr *operand, TypeExpr *target)
      : Expr(ExprKind::Cast, range), operand(operand), target(target) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Cast; }
};

/// What a call of a channel's method does.
enum class ChanMethod { None, Send, Recv, Close };

struct Argument {
  Expr *value;
  PassMode mode; ///< as written: nothing, `mut`, `move`
};

/// `f(x, mut y)`, `zeros<f32>(n)`. Also a kernel's or async fn's call, which only `await`/`async` may hold.
class CallExpr : public Expr {
public:
  Expr *callee; ///< a NameExpr or MemberExpr
  ArrayRef<TypeExpr *> typeArguments;
  ArrayRef<Argument> arguments;

  // checked: one of the two; both for a builtin that a std module defines (see Builtins.h)
  FnDecl *function = nullptr;
  const Builtin *builtin = nullptr;
  /// Type arguments of a builtin, resolved.
  ArrayRef<const Type *> resolvedTypes;
  /// `c.send(v)`: then `callee` is a MemberExpr and its base the channel.
  ChanMethod method = ChanMethod::None;

  CallExpr(SMRange range, Expr *callee, ArrayRef<TypeExpr *> typeArguments, ArrayRef<Argument> arguments)
      : Expr(ExprKind::Call, range), callee(callee), typeArguments(typeArguments), arguments(arguments) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Call; }
};

/// `x[i, j]`: an element (as many subscripts as the rank). With fewer, or with ranges among them, a view.
class IndexExpr : public Expr {
public:
  Expr *base;
  ArrayRef<Expr *> subscripts;
  IndexExpr(SMRange range, Expr *base, ArrayRef<Expr *> subscripts)
      : Expr(ExprKind::Index, range), base(base), subscripts(subscripts) {}
  /// Checked: it is a part of an array that belongs to the base.
  bool isView() const;
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Index; }
};

/// `e.message`, `t.0`, `point.x`, `Weight.Heavy`, `shapes.area`.
class MemberExpr : public Expr {
public:
  Expr *base;     ///< of no meaning in front of an enum's case and of a module's item
  StringRef name; ///< digits for a tuple's element
  SMLoc nameLoc;

  // checked
  unsigned position = 0;             ///< among the members of the base's type
  const VarDecl *enumCase = nullptr; ///< `Weight.Heavy`
  NameExpr *item = nullptr;          ///< `shapes.area`: stands for it, with the module's item as its declaration
  MemberExpr(SMRange range, Expr *base, StringRef name, SMLoc nameLoc)
      : Expr(ExprKind::Member, range), base(base), name(name), nameLoc(nameLoc) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Member; }
};

/// `(a, b)`, `()`.
class TupleExpr : public Expr {
public:
  ArrayRef<Expr *> elements;
  TupleExpr(SMRange range, ArrayRef<Expr *> elements) : Expr(ExprKind::Tuple, range), elements(elements) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Tuple; }
};

/// `Point { x: 1.0, y }`.
class StructExpr : public Expr {
public:
  TypeExpr *typeExpr;
  llvm::MutableArrayRef<FieldName> fields; ///< as written
  ArrayRef<Expr *> values;                 ///< as many
  StructExpr(SMRange range, TypeExpr *typeExpr, llvm::MutableArrayRef<FieldName> fields, ArrayRef<Expr *> values)
      : Expr(ExprKind::Struct, range), typeExpr(typeExpr), fields(fields), values(values) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Struct; }
};

/// `[a, b, c]`.
class ArrayExpr : public Expr {
public:
  ArrayRef<Expr *> elements;
  ArrayExpr(SMRange range, ArrayRef<Expr *> elements) : Expr(ExprKind::Array, range), elements(elements) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Array; }
};

/// `a..b`: in `for`, in comprehensions and, with or without its ends, among subscripts.
class RangeExpr : public Expr {
public:
  Expr *begin, *end; ///< in a subscript null for the array's own
  RangeExpr(SMRange range, Expr *begin, Expr *end) : Expr(ExprKind::Range, range), begin(begin), end(end) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Range; }
};

/// `[for i in 0..8 => async work(i)]`.
class ComprehensionExpr : public Expr {
public:
  Pattern *pattern;
  Expr *iterable; ///< a RangeExpr or an array
  Expr *body;
  ComprehensionExpr(SMRange range, Pattern *pattern, Expr *iterable, Expr *body)
      : Expr(ExprKind::Comprehension, range), pattern(pattern), iterable(iterable), body(body) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Comprehension; }
};

class Stmt;

/// `{ ... }`. Its value is `tail`, or unit.
class BlockExpr : public Expr {
public:
  ArrayRef<Stmt *> statements;
  Expr *tail = nullptr;
  BlockExpr(SMRange range, ArrayRef<Stmt *> statements, Expr *tail)
      : Expr(ExprKind::Block, range), statements(statements), tail(tail) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Block; }
};

class IfExpr : public Expr {
public:
  Expr *condition;
  BlockExpr *thenBlock;
  Expr *elseExpr; ///< a BlockExpr, an IfExpr or null
  IfExpr(SMRange range, Expr *condition, BlockExpr *thenBlock, Expr *elseExpr)
      : Expr(ExprKind::If, range), condition(condition), thenBlock(thenBlock), elseExpr(elseExpr) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::If; }
};

struct MatchArm {
  Pattern *pattern;
  Expr *guard; ///< behind `if`, or null
  Expr *body;
};

/// `match e { p => value, q if condition => { ... } }`.
class MatchExpr : public Expr {
public:
  Expr *subject;
  ArrayRef<MatchArm> arms;
  MatchExpr(SMRange range, Expr *subject, ArrayRef<MatchArm> arms)
      : Expr(ExprKind::Match, range), subject(subject), arms(arms) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Match; }
};

/// A variable that a task or `each` body uses from outside.
struct Capture {
  enum Mode {
    Copy, ///< a plain value only read: copied as the task starts
    Read, ///< lent for reading
    Mut,  ///< lent for writing
    Move, ///< taken as the task starts (`move x` inside)
  };
  VarDecl *var;
  Mode mode;
  ArrayRef<const Expr *> uses = {}; ///< where the body mentions it, each with the members and subscripts behind it
};

enum class EachOp { Map, Sum, Product, Min, Max, Any, All, ArgMin, ArgMax, Scan, Reduce };

/// `each i in n { }`, `sum each (r, c) in (h, w) => expr`, a kernel's body. In a kernel's index it is a sequential loop.
/// `each block b in g { }`: its body runs once for each group of threads, an `each` in it over the group's threads.
class EachExpr : public Expr {
public:
  EachOp op;
  bool isBlock = false;
  ArrayRef<VarDecl *> indices; ///< role Index, one to three
  ArrayRef<Expr *> extents;    ///< as many as indices
  Expr *body;                  ///< a BlockExpr (statement form) or the expression after `=>`
  bool isValue;                ///< `=>` form
  Expr *reducer = nullptr;     ///< Reduce: a function's name
  Expr *init = nullptr;        ///< Reduce

  // checked
  ArrayRef<Capture> captures;
  /// Sequential: stands inside the index of another `each` or in a plain fn that one calls.
  bool isSequential = false;
  /// Stands in a block kernel, outside its other inner `each`es: the group's threads share its indices.
  bool isPhase = false;

  EachExpr(SMRange range, EachOp op, ArrayRef<VarDecl *> indices, ArrayRef<Expr *> extents, Expr *body, bool isValue)
      : Expr(ExprKind::Each, range), op(op), indices(indices), extents(extents), body(body), isValue(isValue) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Each; }
};

/// `await e`, `await (f, g)`, `await e on gpu within 50ms`.
class AwaitExpr : public Expr {
public:
  Expr *operand;
  Expr *on = nullptr;
  Expr *within = nullptr;
  AwaitExpr(SMRange range, Expr *operand) : Expr(ExprKind::Await, range), operand(operand) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Await; }
};

/// `async call(...)`, `async { block }`, `async each ...`.
class AsyncExpr : public Expr {
public:
  Expr *operand;
  Expr *on = nullptr;
  // checked
  ArrayRef<Capture> captures; ///< of a block
  AsyncExpr(SMRange range, Expr *operand) : Expr(ExprKind::Async, range), operand(operand) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Async; }
};

/// `pattern = await operand => value` of a race.
struct RaceArm {
  Pattern *pattern;
  AwaitExpr *await;
  Expr *value;
};

/// `race { v = await a => v, _ = await sleep(50ms) => fail "late" }`.
class RaceExpr : public Expr {
public:
  ArrayRef<RaceArm> arms; ///< at least one
  RaceExpr(SMRange range, ArrayRef<RaceArm> arms) : Expr(ExprKind::Race, range), arms(arms) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Race; }
};

/// `fail "message"`, of type never.
class FailExpr : public Expr {
public:
  Expr *message;
  FailExpr(SMRange range, Expr *message) : Expr(ExprKind::Fail, range), message(message) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Fail; }
};

class ReturnExpr : public Expr {
public:
  Expr *value; ///< or null
  ReturnExpr(SMRange range, Expr *value) : Expr(ExprKind::Return, range), value(value) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Return; }
};

class BreakExpr : public Expr {
public:
  explicit BreakExpr(SMRange range) : Expr(ExprKind::Break, range) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Break; }
};

class ContinueExpr : public Expr {
public:
  explicit ContinueExpr(SMRange range) : Expr(ExprKind::Continue, range) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Continue; }
};

/// Stands for text that did not parse; its type is the error type, which matches everything silently.
class ErrorExpr : public Expr {
public:
  explicit ErrorExpr(SMRange range) : Expr(ExprKind::Error, range) {}
  static bool classof(const Expr *expr) { return expr->kind == ExprKind::Error; }
};

//===-- Statements ------------------------------------------------------------------------------------------------===//

enum class StmtKind {
#define AWG_STMT(NAME) NAME,
#include "frontend/AST/Nodes.def"
};

class Stmt {
public:
  StmtKind kind;
  SMRange range;

protected:
  Stmt(StmtKind kind, SMRange range) : kind(kind), range(range) {}
};

/// `let [mut] pattern [: type] = init;`
class LetStmt : public Stmt {
public:
  Pattern *pattern;
  TypeExpr *typeExpr; ///< or null
  Expr *init;
  LetStmt(SMRange range, Pattern *pattern, TypeExpr *typeExpr, Expr *init)
      : Stmt(StmtKind::Let, range), pattern(pattern), typeExpr(typeExpr), init(init) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::Let; }
};

/// `target = value;`, `target += value;`, `atomic h[k] += v;`
class AssignStmt : public Stmt {
public:
  /// What `op=` applies; Min and Max only with `atomic`.
  enum Op { Set, Mul, Div, Rem, Add, Sub, Shl, Shr, And, Xor, Or, Min, Max };
  Op op;
  bool isAtomic;
  SMLoc opLoc;
  Expr *target, *value;
  AssignStmt(SMRange range, Op op, bool isAtomic, SMLoc opLoc, Expr *target, Expr *value)
      : Stmt(StmtKind::Assign, range), op(op), isAtomic(isAtomic), opLoc(opLoc), target(target), value(value) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::Assign; }
};

class ExprStmt : public Stmt {
public:
  Expr *expr;
  ExprStmt(SMRange range, Expr *expr) : Stmt(StmtKind::Expr, range), expr(expr) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::Expr; }
};

class WhileStmt : public Stmt {
public:
  Expr *condition;
  BlockExpr *body;
  WhileStmt(SMRange range, Expr *condition, BlockExpr *body)
      : Stmt(StmtKind::While, range), condition(condition), body(body) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::While; }
};

/// `for p in a..b { }`, `for p in array { }`, `for await p in chan { }`.
class ForStmt : public Stmt {
public:
  bool isAwait = false;
  Pattern *pattern;
  Expr *iterable;
  BlockExpr *body;
  ForStmt(SMRange range, Pattern *pattern, Expr *iterable, BlockExpr *body)
      : Stmt(StmtKind::For, range), pattern(pattern), iterable(iterable), body(body) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::For; }
};

/// `async for p in a..b limit k { }`: a task an iteration, at most `limit` at once.
class AsyncForStmt : public Stmt {
public:
  Pattern *pattern;
  Expr *iterable;
  Expr *limit; ///< null: all at once
  BlockExpr *body;
  ArrayRef<Capture> captures; ///< of an iteration
  AsyncForStmt(SMRange range, Pattern *pattern, Expr *iterable, Expr *limit, BlockExpr *body)
      : Stmt(StmtKind::AsyncFor, range), pattern(pattern), iterable(iterable), limit(limit), body(body) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::AsyncFor; }
};

/// `try { } catch e { }`.
class TryStmt : public Stmt {
public:
  BlockExpr *body;
  VarDecl *error; ///< role Catch
  BlockExpr *handler;
  TryStmt(SMRange range, BlockExpr *body, VarDecl *error, BlockExpr *handler)
      : Stmt(StmtKind::Try, range), body(body), error(error), handler(handler) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::Try; }
};

/// `shared t: f32[258];`, `local acc: f32[8, 8];` in a block kernel. All elements are zero at first.
class StorageStmt : public Stmt {
public:
  VarDecl *var; ///< role Shared or PerThread
  StorageStmt(SMRange range, VarDecl *var) : Stmt(StmtKind::Storage, range), var(var) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::Storage; }
};

/// `cancel f;`
class CancelStmt : public Stmt {
public:
  Expr *future;
  CancelStmt(SMRange range, Expr *future) : Stmt(StmtKind::Cancel, range), future(future) {}
  static bool classof(const Stmt *stmt) { return stmt->kind == StmtKind::Cancel; }
};

//===-- Context --------------------------------------------------------------------------------------------------===//

/// Owns all nodes, lists and strings of a compilation, and its types.
class ASTContext {
public:
  ASTContext() = default;
  ASTContext(const ASTContext &) = delete;

  TypeContext types;

  /// Makes a node. Nodes with non-trivial members are kept on a list and destroyed with the context.
  template <typename T, typename... Args> T *make(Args &&...args) {
    T *node = new (allocator.Allocate<T>()) T(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_destructible_v<T>)
      destructors.push_back({node, [](void *ptr) { static_cast<T *>(ptr)->~T(); }});
    return node;
  }
  /// A copy of a list that lives as long as the context.
  template <typename T> ArrayRef<T> list(ArrayRef<T> items) {
    T *copy = allocator.Allocate<T>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), copy);
    return {copy, items.size()};
  }
  /// The same, of items that the checker fills in.
  template <typename T> llvm::MutableArrayRef<T> mutableList(ArrayRef<T> items) {
    return {const_cast<T *>(list(items).data()), items.size()};
  }
  StringRef string(StringRef text) { return text.copy(allocator); }
  ~ASTContext() {
    for (auto &[node, destroy] : destructors)
      destroy(node);
  }

private:
  llvm::BumpPtrAllocator allocator;
  llvm::SmallVector<std::pair<void *, void (*)(void *)>> destructors;
};

} // namespace awg

#endif // AWG_FRONTEND_AST_AST_H
