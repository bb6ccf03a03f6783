// What IR generation works with: values and where they are, and the function that is being made.
//
// Values: a value of a tuple type is its leaves. A value is *owned* or *borrowed*. An owned leaf (array, string, future)
// stands on the cleanup stack from the moment it exists until `consume` hands it to a new owner, so that whatever leaves
// in between releases it. A borrowed one belongs to a variable.
//
// Variables live in slots (`memref<T>`, one a leaf) if they may change or own an array or a future, else they are their
// values. A slot is nulled when its value is moved away, so that a cleanup need not know.
#ifndef AWG_FRONTEND_IRGEN_VALUES_H
#define AWG_FRONTEND_IRGEN_VALUES_H

#include "frontend/Check/Check.h"

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace awg {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;
using mlir::Block;
using mlir::Location;
using mlir::Value;

using Leaves = llvm::SmallVector<Value, 2>;
using TypeList = llvm::SmallVector<mlir::Type, 2>;
using BodyFn = llvm::function_ref<void(Value)>;

/// The value of an expression.
struct RValue {
  Leaves leaves;
  bool owned = false; ///< its arrays, strings and futures are on the cleanup stack

  RValue() = default;
  RValue(Value value, bool owned = false) : leaves{value}, owned(owned) {}
  explicit RValue(Leaves leaves, bool owned = false) : leaves(std::move(leaves)), owned(owned) {}
  Value one() const { return leaves.front(); }
};

/// Where a variable is: its leaves' values, or their slots.
struct Variable {
  Leaves leaves;
  bool inSlots = false;
};

/// Something owned at the current point: a value, or what a slot holds.
struct Cleanup {
  Value value;
  bool isSlot;
  Block *onFailure = nullptr; ///< does this cleanup and all below it; takes the error
};

/// An enclosing `try`, or (block null) the function's rejecting exit.
struct Handler {
  size_t depth; ///< of the cleanup stack
  Block *block;
  llvm::SmallSetVector<Value, 4> usedFutures; ///< slots from outside that the `try` takes futures from

  Handler(size_t depth, Block *block) : depth(depth), block(block) {}
};

/// An enclosing loop or `each` body.
struct Loop {
  size_t depth; ///< of the cleanup stack
  Block *onBreak, *onContinue;
};

/// What becomes of one dimension of an array in a view, i64s.
struct ViewDim {
  Value offset;
  Value extent; ///< null: the dimension is dropped
};

/// A part of arrays, one a leaf.
struct ViewRef {
  Leaves arrays; ///< handles or memrefs
  llvm::SmallVector<ViewDim> dims; ///< as many as the arrays have
};

/// Of a view that a device function is passed: which dimensions of its arrays it keeps. Empty: it is passed no view.
using ViewShape = llvm::SmallVector<bool, 4>;

/// A plain function that is to be made, for the host or the device; a shape for each parameter, or none for all.
struct WaitingFunction {
  const FnDecl *decl;
  bool isDevice;
  llvm::SmallVector<ViewShape> shapes;
};

/// What a loop over an array or its chunks binds, one by one.
struct Items {
  ViewRef view;
  const Type *type; ///< of an element
  Value length; ///< of a chunk; null: rows or elements
  Value count;
};

/// The function, task or kernel that is being made.
struct FunctionContext {
  enum Kind { Function, Task, Kernel } kind = Function;
  mlir::Operation *op = nullptr;
  mlir::Region *body = nullptr;
  std::string symbol;          ///< of the enclosing item; prefix of what it outlines
  std::string sourceName;      ///< of the enclosing item
  const FnDecl *decl = nullptr; ///< the enclosing item
  bool isDevice = false;       ///< arrays are memrefs
  bool isFast = false;         ///< `@fast`
  bool givesError = true;      ///< its exit carries an error
  /// Returns are checked against the declared type of `decl`.
  bool isItemBody = false;
  TypeList results;
  llvm::DenseMap<const VarDecl *, Variable> variables;
  llvm::DenseMap<const VarDecl *, ViewRef> views; ///< variables of device code that are views
  llvm::SmallVector<Cleanup> cleanups;
  size_t scope = 0; ///< where those of the current block begin
  llvm::SmallVector<Handler> handlers;
  llvm::SmallVector<Loop> loops;
  /// Arrays, or their slots, that were brought to the host ahead of the loops at hand, or by the callers of what cannot reject.
  llvm::SmallPtrSet<Value, 8> reached;
  Value device; ///< that launches are for; null: the runtime chooses
  Block *failureExit = nullptr;
  const EachExpr *phase = nullptr; ///< of a block kernel: the inner `each` whose indices are at work
  llvm::DenseMap<mlir::Type, Value> laneScratch; ///< of a block kernel: `shared` storage for reductions
};

/// Something startable whose arguments are evaluated: a future, or a task that is still to be started or run.
struct Started {
  Value future;           ///< null: start `task`
  std::string task;
  Leaves arguments;       ///< of `task`
  Leaves given;           ///< the owned ones among them, which `task` takes over
  TypeList results;       ///< of `task`
};

/// The arguments of something startable; positions among them of owned values.
struct StartArguments {
  Leaves values;
  llvm::SmallVector<unsigned> lent;  ///< temporaries that it only borrows
  llvm::SmallVector<unsigned> given; ///< what it takes over
  llvm::SmallVector<unsigned> inSlots; ///< views that it writes: they are passed in slots
};

/// An array element's place, subscripts checked.
struct ElementRef {
  Value array; ///< a handle or a memref
  llvm::SmallVector<Value> subscripts; ///< of index type
  bool isRowMajor = false; ///< the handle is known to be of no view
};

/// Where a value is that may be read or changed: leaves of a variable, or the elements of arrays, one a leaf, at the same
/// subscripts; else a value.
struct PlaceRef {
  Leaves leaves;                       ///< values, slots, or the arrays
  bool isElement = false;
  llvm::SmallVector<Value> subscripts; ///< of index type
  bool owned = false;                  ///< a value whose leaves are on the cleanup stack
  Value lane;                          ///< if set: one of the leaves, which are those of a vec
  bool isRowMajor = false;             ///< of an element: its array is known to be no view
};

/// An element that a call in device code changes in a copy, and the copy's slots.
struct LentElement {
  PlaceRef place;
  Leaves slots;
};

/// Text with holes and what fills them: for awg.format and awg.error.
struct Format {
  std::string text;
  llvm::SmallVector<Value> values;
  llvm::SmallVector<int8_t> kinds;
  void add(StringRef hole, Value value, int8_t kind);
  void addText(StringRef text); ///< braces doubled
};

/// Strips parentheses.
const Expr *strip(const Expr *expr);
/// The value of an extent that is a literal or stands for one.
std::optional<int64_t> constantExtent(const Expr *extent);

} // namespace awg

#endif // AWG_FRONTEND_IRGEN_VALUES_H
