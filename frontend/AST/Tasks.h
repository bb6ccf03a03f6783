// Expressions that start and await: `each`, `async`, `await`, `race`, and what their bodies use from outside.
#ifndef AWG_FRONTEND_AST_TASKS_H
#define AWG_FRONTEND_AST_TASKS_H

#include "frontend/AST/Expressions.h"

namespace awg {

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

/// Whether the result is of the type of the values.
inline bool joinsValues(EachOp op) {
  return op == EachOp::Sum || op == EachOp::Product || op == EachOp::Min || op == EachOp::Max;
}

/// What a scan joins its elements by.
enum class ScanOp { Add, Mul, BitAnd, BitXor, BitOr, And, Or, Min, Max, Function };

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
  Expr *reducer = nullptr;     ///< Reduce, and a scan by Function: its name
  ScanOp scanOp = ScanOp::Add; ///< Scan; `min` and `max` are names, and so a Function, until they are checked
  Expr *init = nullptr;        ///< Reduce

  // checked
  ArrayRef<Capture> captures;
  /// Sequential: stands inside the index of another `each` or in a plain fn that one calls.
  bool isSequential = false;
  /// Stands in a block kernel, outside its other inner `each`es: the group's threads share its indices.
  bool isPhase = false;
  /// A launched reduction of vecs: the kernel that reduces one lane of all, given in an array.
  FnDecl *laneKernel = nullptr;
  /// Owns elements by `i * n`, with n the extent of `i`: subscripts would wrap around over more than 2^31 indices.
  mutable bool multipliesByItself = false;

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

} // namespace awg

#endif // AWG_FRONTEND_AST_TASKS_H
