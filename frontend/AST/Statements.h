// Statements.
#ifndef AWG_FRONTEND_AST_STATEMENTS_H
#define AWG_FRONTEND_AST_STATEMENTS_H

#include "frontend/AST/Control.h"
#include "frontend/AST/Tasks.h"

namespace awg {

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
  const Type *type = nullptr; ///< of `typeExpr`, or the value's; set by the check
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

} // namespace awg

#endif // AWG_FRONTEND_AST_STATEMENTS_H
