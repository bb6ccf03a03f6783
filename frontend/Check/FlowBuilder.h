// Builds the graph of events of a body from its checked tree.
#ifndef AWG_FRONTEND_CHECK_FLOWBUILDER_H
#define AWG_FRONTEND_CHECK_FLOWBUILDER_H

#include "frontend/Check/FlowGraph.h"
#include "frontend/Diag/Diag.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace awg::flow {

/// A body that runs as a task of its own: of an `async` block or of an iteration of an `async for`.
struct Task {
  const BlockExpr *body;
  ArrayRef<Capture> captures;
  const Pattern *pattern; ///< what an iteration binds, or null
};

/// Walks one body in order of evaluation. What can be refused without regard to the flow is reported on the way.
///
/// Tasks inside are bodies of their own; they are collected in `tasks`.
class Builder {
public:
  explicit Builder(DiagEngine &diags) : diags(diags) {}

  Graph build(const FnDecl &function);
  Graph build(const Task &task);

  llvm::SmallVector<Task> tasks;

private:
  struct Loop {
    unsigned head, exit;
    size_t scopeDepth;
    SlotId lock; ///< holds the array that a `for` runs over, or none
    size_t held; ///< how many operands are held around it
  };

  // The graph.
  unsigned newBlock();
  void edge(unsigned from, unsigned to) { graph.blocks[from].successors.push_back(to); }
  /// Ends the current block with a jump; what follows is unreachable.
  void jump(unsigned target);
  Event &emit(Event::Kind kind, SlotId slot, SMRange range);
  /// An event on the variable that a place belongs to, for the part of it that the place lies in.
  Event &touch(Event::Kind kind, const Expr *place);
  /// The slot for a part of a variable.
  SlotId partSlot(const Expr *place);
  /// Evaluates the subscripts of a place.
  void readSubscripts(const Expr *place);
  SlotId slotOf(const VarDecl *var);
  SlotId newTemporary();
  void release(SlotId slot, SMRange range) { emit(Event::Release, slot, range); }
  void transfer(SlotId from, SlotId to, SMRange range);

  // Scopes.
  void declare(const VarDecl *var);
  void declarePattern(const Pattern *pattern);
  void endScopesDownTo(size_t depth, SMRange range, How how);
  void endScope(SMRange range);
  void body(const Expr *body);
  void refuseEscape(const Expr *value);

  // Operands (FlowOperands.cpp).
  /// Keeps the array that an operand is from being exchanged by those after it, until it is let go.
  void hold(const Expr *operand, ArrayRef<const Expr *> later);
  /// Lets go what was held since `depth` were.
  void letGo(size_t depth, SMRange range);
  /// The extents that a type says are evaluated when the value is there; they may not exchange it if it is that of a place.
  void readExtents(const TypeExpr *written, const Expr *place = nullptr);
  /// Reads operands that are still in use, so that one which was moved meanwhile is reported.
  void touchAgain(ArrayRef<const Expr *> operands);

  // Views (FlowView.cpp).
  void letView(const LetStmt &stmt);
  /// `let (a, b) = split(x, at)` lends x to a and to b.
  void letSplit(const LetStmt &stmt, const CallExpr &split);
  /// A row that a loop binds is a view of what the loop runs over.
  void bindRow(const Pattern *pattern, const Expr *iterable, SlotId lock);
  /// What names of a pattern are lent of `subject`, from leaf `first` of that on; `lock` holds it before they are bound.
  void lendToPattern(const Pattern *pattern, const Type *type, const Expr *subject, unsigned first = 0, SlotId lock = none);
  /// Reports a named view of an array that has no name.
  void refuseTemporary(const Expr *array);
  /// Reports a view that would leave its place.
  void refuseView(const Expr *view);

  // Statements (FlowBuilder.cpp).
  void statement(const Stmt *stmt);
  void letStmt(const LetStmt &stmt);
  void assignStmt(const AssignStmt &stmt);
  void assignWhole(const AssignStmt &stmt, const VarDecl *var);
  void exprStmt(const ExprStmt &stmt);
  void whileStmt(const WhileStmt &stmt);
  void forStmt(const ForStmt &stmt);
  void asyncForStmt(const AsyncForStmt &stmt);
  void tryStmt(const TryStmt &stmt);
  void enterHandler(unsigned firstBlock, unsigned endBlock, SMRange range);
  void cancelStmt(const CancelStmt &stmt);

  // Expressions (FlowExpr.cpp).
  /// Evaluates for its value, which the receiver then owns; tasks started by it are held by `holder`.
  void take(const Expr *expr, SlotId holder, How how = How::Moved);
  /// Evaluates an expression that is looked at only.
  void read(const Expr *expr);
  void readHoles(const StrExpr &expr);
  void takeName(const NameExpr &name, SlotId holder, How how);
  /// Moves a part, `s.points`, out of a variable; refuses to move one out of an array.
  void takePart(const Expr *part, How how);
  void readMember(const MemberExpr &member);
  /// Evaluates for a value that nothing receives.
  void takeAndDrop(const Expr *expr);
  void block(const BlockExpr &expr, SlotId holder, How how);
  void ifExpr(const IfExpr &expr, SlotId holder, How how);
  void binary(const BinaryExpr &expr);
  void matchExpr(const MatchExpr &expr, SlotId holder, How how);
  void comprehension(const ComprehensionExpr &expr, SlotId holder, How how);
  void each(const EachExpr &expr, const Expr *on = nullptr);
  void returnExpr(const ReturnExpr &expr);
  /// Leaves the innermost loop or its iteration.
  void leaveLoop(const Expr &expr, How how);
  /// A loop of unknown length around `build`.
  void loop(llvm::function_ref<void()> build);
  /// Emits the lock of an array that a loop runs over.
  SlotId iterable(const Expr *expr);

  // Calls and tasks (FlowTask.cpp).
  void call(const CallExpr &expr, const Expr *on = nullptr);
  void method(const CallExpr &expr);
  /// Evaluates what is not lent; what is, is held until the caller lets it go.
  void arguments(const CallExpr &expr, const Expr *on = nullptr);
  void await(const AwaitExpr &expr);
  void startOperand(const AwaitExpr &await, SlotId holder);
  void race(const RaceExpr &expr, SlotId holder, How how);
  void join(const Expr *expr, How how);
  void joinOperand(const Expr *operand, SlotId holder, How how);
  /// `endsHere`: what is started ends within the statement.
  void start(const Expr *operand, SMRange place, SlotId holder, ArrayRef<Capture> captures, bool endsHere = false);
  void startCall(const CallExpr &expr, SMRange place, SlotId holder, bool endsHere);
  void lendParts(const Capture &capture, SlotId holder, SMRange mention, SMRange place);
  void startCaptures(const Expr *body, SMRange place, SlotId holder, ArrayRef<Capture> captures);
  SlotId ownerOf(const VarDecl *var);
  void refuseOverlap(const CallExpr &expr);
  /// Lends a part of a variable; of a view, what it is a view of too.
  Event &lend(const VarDecl *var, SlotId holder, bool isMut, SMRange place, SMRange start, LendKind kind = LendKind::Task,
              PartRange part = {});
  void async(const AsyncExpr &expr, SlotId holder);
  void refuseDiscarded(const Expr *expr);

  DiagEngine &diags;
  Graph graph;
  llvm::DenseMap<const VarDecl *, SlotId> slotOfVar;
  llvm::SmallVector<llvm::SmallVector<SlotId, 4>> scopes;
  llvm::SmallVector<Loop> loops;
  llvm::SmallVector<SlotId> held; ///< locks of operands
  const TypeExpr *resultType = nullptr; ///< what the function says that it gives; null in tasks
  unsigned current = 0;
  unsigned handler = none;
};

} // namespace awg::flow

#endif // AWG_FRONTEND_CHECK_FLOWBUILDER_H
