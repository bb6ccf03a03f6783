// A function or task body as a graph of events on its variables: what the flow-sensitive checks run over.
#ifndef AWG_FRONTEND_CHECK_FLOWGRAPH_H
#define AWG_FRONTEND_CHECK_FLOWGRAPH_H

#include "frontend/AST/AST.h"
#include "frontend/Check/Builtins.h"

#include <vector>

namespace awg::flow {

/// A value of the type has one owner: it is, or contains, an array or a future.
bool isMovable(const Type *type);
/// The type is that of a future or of an array of them; nothing else may contain one.
bool holdsFuture(const Type *type);
/// The number of leaves; an array counts as one.
unsigned leafCount(const Type *type);
/// The expression without the parentheses around it.
const Expr *stripParens(const Expr *expr);
/// A part of an array: subscripts that leave some of its dimensions.
bool isViewExpr(const Expr *expr);
/// The expression calls `chunks` or `split`, as `id` says; else null.
const CallExpr *partsCall(const Expr *expr, BuiltinId id);
/// The variable that a place expression (`y`, `y[i]`, `t.0`) belongs to, or null.
const VarDecl *rootOf(const Expr *place);
/// Of a place in an element of an array that array, else null.
const Expr *arrayOfElement(const Expr *place);
/// The place is the variable or a member of it, without a subscript on the way.
bool isMemberOf(const Expr *place, const VarDecl *root);
/// An arm of it binds an array, which moves out of the subject.
bool takesSubject(const MatchExpr &match);
/// It takes a variable's value apart, and no array out of it.
bool onlyLooks(const LetStmt &let);
/// The first mention of a variable in an expression, in source order; an invalid range if there is none.
SMRange findMention(const Expr *expr, const VarDecl *var);
/// The expression may exchange the variable, or a part of it.
bool changes(const Expr *expr, const VarDecl *var);

using SlotId = unsigned;
constexpr unsigned none = ~0u;

/// The leaves of a variable that a part of it, `s.points`, consists of.
struct PartRange {
  unsigned begin = 0, end = ~0u;
  bool meets(PartRange other) const { return begin < other.end && other.begin < end; }
  bool holds(PartRange other) const { return begin <= other.begin && other.end <= end; }
};
/// The part of its variable that a place lies in: what its members lead to, up to the first subscript.
PartRange partOf(const Expr *place);

/// A variable that a body uses, or an unnamed value that holds started tasks.
struct Slot {
  /// Who may give the value away.
  enum Ownership { Owned, LentByCaller, LentToTask, LentToLoop, LentToPattern };
  const VarDecl *var = nullptr; ///< null: a temporary
  Ownership ownership = Owned;
  bool holdsFuture = false;
  unsigned depth = 0; ///< of the scope that declares it; 0 if that is outside the body
  PartRange range;    ///< of a slot for a part of `var`
  SlotId viewOf = none; ///< of a view: the slot that it lends
  PartRange viewPart;   ///< of a view: the part of that slot
  /// Of a part that `split` or `chunks` gives: which call. Parts of one call with different numbers have no element in
  /// common, nor have those of different rounds of a loop over chunks.
  unsigned family = none;
  int part = 0;
  static constexpr int everyRound = -1;
  SlotId lock = none;   ///< of a view that a loop binds: the slot that holds what the loop runs over
  bool isOfTemporary = false; ///< of a view that a loop binds: the array has no name, and ends with the loop
  llvm::SmallVector<SlotId, 2> parts; ///< slots for parts of it that are moved or assigned on their own
};

/// How a value was used up, or why a scope ends.
enum class How : uint8_t { Moved, Awaited, Cancelled, Captured, Caught, End, Return, Break, Continue };

/// Something that happens to a slot, in order of evaluation.
struct Event {
  enum Kind : uint8_t {
    Declare,  ///< the variable comes into being
    Read,     ///< its value or an element is read
    Write,    ///< an element is written, or it is lent `mut` for a call
    Assign,   ///< it gets a new value as a whole
    Move,     ///< its value is used up, `how`
    Bind,     ///< it now holds started tasks
    Lend,     ///< it is lent to the tasks of `other`: lend number `fact`
    Transfer, ///< what its tasks were lent is held by those of `other` too
    Release,  ///< its tasks have ended
    EndScope, ///< the variable ends, `how`
    Caught,   ///< a `catch` is entered: its tasks have been joined
  };
  Kind kind;
  How how = How::End;
  SlotId slot;
  SlotId other = none;
  SMRange range;
  SlotId via = none;    ///< Lend: the view through which the variable is reached, if it is
  PartRange part;       ///< Read, Write, Lend: what of the variable is touched
  SlotId partSlot = none; ///< Move, Assign: the slot of the part that is moved or assigned, if it is not the whole
  bool isElement = false; ///< Write: what is written is no array
  unsigned fact = none; ///< Move, Bind, Caught: their number among the facts, once numbered
};

/// What a variable is lent to: a task, a `for` that runs over it, a view of it or a name that a pattern gives a part of it, the expression around what comes next.
enum class LendKind : uint8_t { Task, Loop, View, Operand };

/// A variable that is lent.
struct Lend {
  SlotId slot;
  SlotId holder;
  SlotId via;           ///< the view through which it is reached, or none
  bool isMut;
  LendKind kind;
  SMRange place;        ///< of the argument, or of the first use inside the task
  SMRange start;        ///< what started the task
  PartRange part = {};  ///< what of the variable is lent
};

/// A straight run of events.
struct Block {
  llvm::SmallVector<Event, 4> events;
  llvm::SmallVector<unsigned, 2> successors;
  unsigned handler = none; ///< the block that a rejection goes to
};

/// One body. Block 0 is its entry.
struct Graph {
  /// They are parts, or views of parts, of one `split` that have no element in common.
  bool areApart(SlotId left, SlotId right) const;

  std::vector<Block> blocks;
  std::vector<Slot> slots;
  std::vector<Lend> lends;
};

} // namespace awg::flow

#endif // AWG_FRONTEND_CHECK_FLOWGRAPH_H
