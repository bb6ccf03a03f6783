// Expressions that decide what runs next: blocks, `if`, `match`, and those of type never.
#ifndef AWG_FRONTEND_AST_CONTROL_H
#define AWG_FRONTEND_AST_CONTROL_H

#include "frontend/AST/Expressions.h"

namespace awg {

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

} // namespace awg

#endif // AWG_FRONTEND_AST_CONTROL_H
