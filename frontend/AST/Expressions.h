// Expressions that make values: literals, names, operators, calls, members, aggregates.
#ifndef AWG_FRONTEND_AST_EXPRESSIONS_H
#define AWG_FRONTEND_AST_EXPRESSIONS_H

#include "frontend/AST/Patterns.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"

namespace awg {

struct Builtin; // frontend/Check/Builtins.h

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

} // namespace awg

#endif // AWG_FRONTEND_AST_EXPRESSIONS_H
