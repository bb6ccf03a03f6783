// The parts of IR generation. One construct, one file: see the headings below. What they have in common is in Values.h,
// Emitter.h, Arithmetic.h and Elements.h.
//
// Device code (kernels and the functions that they call) sees arrays as memrefs, host code as `!awg.array` handles.
#ifndef AWG_FRONTEND_IRGEN_GENERATOR_H
#define AWG_FRONTEND_IRGEN_GENERATOR_H

#include "frontend/Check/Builtins.h"
#include "frontend/IRGen/Elements.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringMap.h"

#include <deque>

namespace awg {

class Generator : Elements {
public:
  /// `failing`: functions that reject though the checker did not see it; grows while generating.
  Generator(const Program &program, mlir::MLIRContext &context, const llvm::SourceMgr &sources,
            const IRGenOptions &options, llvm::SmallPtrSetImpl<const FnDecl *> &failing);
  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  //===-- Functions (Function.cpp) ------------------------------------------------------------------------------------===//
  std::string symbolOf(const FnDecl *decl);
  void choosePrefixes(const llvm::SourceMgr &sources);
  std::string instanceSuffix(const FnDecl *decl);
  /// The symbol of a plain fn for the current side; it is made in time.
  std::string calleeSymbol(const FnDecl *decl, ArrayRef<ViewShape> shapes);
  bool mayFail(const FnDecl *decl) const { return decl->mayFail || failing.contains(decl); }
  TypeList paramTypes(const FnDecl *decl, bool isDevice, ArrayRef<ViewShape> shapes = {});
  TypeList captureTypes(const VarDecl *var, bool isMut, bool isDevice);
  void emitDeclaration(const FnDecl *decl);
  void emitPlain(const FnDecl *decl, bool isDevice, ArrayRef<ViewShape> shapes = {});
  void emitAsyncFn(const FnDecl *decl);
  void emitTest(const FnDecl *decl);
  void emitMain(const FnDecl *decl);
  void setExported(mlir::Operation *op, const FnDecl *decl);
  /// Makes `op`'s entry block and the context for its body, runs `body`, and restores what was before.
  void inFunction(mlir::Operation *op, FunctionContext::Kind kind, mlir::TypeRange results,
                  llvm::function_ref<void(Block *)> body);
  /// Makes the task that `started` names, of its arguments and results. Launches in it are for the same device as here, which
  /// goes along as an argument.
  void launchingTask(Started &started, llvm::function_ref<void(mlir::ValueRange)> body);
  ir::TaskOp newTask(StringRef name, mlir::TypeRange arguments, mlir::TypeRange results);
  void bindParams(const FnDecl *decl, mlir::ValueRange arguments, bool isTask, ArrayRef<ViewShape> shapes = {});
  /// Binds the size variables that the parameters name and compares the others.
  void bindSizes(const FnDecl *decl);
  void bindSizes(const Type *type, ArrayRef<Value> leaves);
  void bindSizes(const ArrayType *type, llvm::function_ref<Value(unsigned)> extentOf);
  void emitItemBody(const FnDecl *decl);
  /// Leaves the function with values that are owned by now.
  void leave(mlir::ValueRange leaves);
  std::string numbered(StringRef what);

  //===-- C (Foreign.cpp) ---------------------------------------------------------------------------------------------===//
  /// An array that C lends for writing: the slot of its handle, the address of C's elements.
  struct LentArray {
    Value slot, address;
  };
  mlir::Type pointerType();
  Value recast(Value value, mlir::Type type);
  void addForeignTypes(const Type *type, TypeList &to);
  void declareForeign(const FnDecl *decl);
  /// An array that a function of C has: its handle, the address of the elements, whether it may write them.
  struct LentToForeign {
    Value array, elements, isWritten;
  };
  void checkForeignExtents(const FnDecl *function, ArrayRef<Value> values);
  LentToForeign lendToForeign(Value array, bool isWritten);
  void passArray(const LentToForeign &lent, const ArrayType *type, Leaves &to);
  RValue callForeign(const CallExpr *expr, const FnDecl *function);
  Leaves takeForeign(const FnDecl *decl, mlir::ValueRange arguments, llvm::SmallVectorImpl<LentArray> &written);
  void storeForeign(Value value, Value address);
  void emitForeignTask(const FnDecl *decl, StringRef name);
  Leaves callFromForeign(const FnDecl *decl, Leaves arguments, ArrayRef<LentArray> written);
  /// The C function of an exported one.
  void emitForeign(const FnDecl *decl);

  //===-- Variables (Variable.cpp) ------------------------------------------------------------------------------------===//
  Variable &variable(const VarDecl *var);
  /// Declares a variable that takes over owned leaves.
  void declare(const VarDecl *var, ArrayRef<Value> leaves);
  void bind(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves);
  /// It is a slot rather than a value: a `memref` without extents.
  static bool isSlot(Value leaf);
  /// Null for a leaf that a kernel does not take.
  Value loadLeaf(Value leaf) { return leaf && isSlot(leaf) ? load(leaf) : leaf; }
  Value loadLeaf(const Variable &var, unsigned leaf) { return loadLeaf(var.leaves[leaf]); }
  /// Ahead of a loop, whose condition or iterable `head` is: if it waits for nothing, brings the arrays that it uses to the host. Gives
  /// those that were not there for sure, for `leaveLoop`.
  llvm::SmallVector<Value> enterLoop(const Expr *head, const Expr *body);
  void leaveLoop(ArrayRef<Value> reachedThere);
  /// Ahead of a call of a function that cannot reject: brings the arrays to the host that it uses. `arguments`: the leaves of each.
  void reachArguments(const FnDecl *callee, ArrayRef<Leaves> arguments);
  Leaves loadLeaves(const Variable &var);
  /// A variable, or a member of one.
  struct Path {
    const VarDecl *var = nullptr;
    unsigned first = 0, count = 0; ///< leaves
  };
  Path pathOf(const Expr *expr);
  /// The leaves of a variable at a path, as they are: slots or values.
  Leaves leavesAt(const Path &path);
  Leaves takePath(const Path &path);

  //===-- Expressions (Expression.cpp) ----------------------------------------------------------------------------------===//
  RValue emit(const Expr *expr);
  /// A value of `type`; for an expression that never ends, a placeholder.
  RValue emitAs(const Expr *expr, const Type *type);
  /// An operand: what it borrows stays while the expressions after it run, which may exchange it.
  RValue emitOperand(const Expr *expr, ArrayRef<const Expr *> later);
  RValue keep(RValue value, const Expr *expr, ArrayRef<const Expr *> later);
  /// The arguments behind one.
  static llvm::SmallVector<const Expr *> argumentsAfter(const CallExpr *call, size_t position);
  Value emitScalar(const Expr *expr);
  /// An owned value: moved out of a variable, retained or new.
  Leaves emitOwned(const Expr *expr, const Type *type);
  Leaves toOwned(RValue value);
  Value emitCondition(const Expr *expr);
  Value emitI64(const Expr *expr);
#define AWG_EXPR(NAME) RValue emit##NAME(const NAME##Expr *expr);
#include "frontend/AST/Nodes.def"

  //===-- Statements (Statement.cpp, Control.cpp, Assign.cpp, Try.cpp) --------------------------------------------------===//
  void emitStatement(const Stmt *stmt);
#define AWG_STMT(NAME) void emit##NAME(const NAME##Stmt *stmt);
#include "frontend/AST/Nodes.def"
  /// A loop that binds an element, or a row, in each round.
  void overIterable(const Expr *iterable, const Pattern *pattern, llvm::function_ref<void()> body);
  Items itemsOf(const Expr *iterable);
  void bindItem(const Pattern *pattern, const Items &items, Value position);
  void noteRange(const ForStmt *stmt);
  PlaceRef emitPlace(const Expr *expr);
  Leaves loadPlace(const PlaceRef &place);
  void assignElements(const Expr *target, const Expr *value);
  void replaceArrays(ArrayRef<Value> leaves, ArrayRef<Value> slots);
  void storePlace(ArrayRef<Value> leaves, const PlaceRef &place);
  /// The first leaf of a member among those of the value.
  unsigned firstLeaf(const Type *type, unsigned member);
  Leaves applyOperator(const AssignStmt *stmt, ArrayRef<Value> old, const Type *type);
  void emitAtomic(const AssignStmt *stmt, const PlaceRef &place);

  //===-- match (Match.cpp) ---------------------------------------------------------------------------------------------===//
  /// Goes on if a value fits, else to `otherwise`.
  void testPattern(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves, Block *otherwise);
  void testAlternatives(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves, Block *otherwise);
  void goOnIf(Value condition, Block *otherwise);
  void bindCopies(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves);
  void emitArm(const MatchExpr *expr, const MatchArm &arm, ArrayRef<Value> subject, Block *merge, Block *otherwise);
  /// Calls `take` for each part of a value that a part of a tuple's or struct's pattern is for, and `drop` for the others.
  void overParts(const Pattern *pattern, const Type *type, ArrayRef<Value> leaves,
                 llvm::function_ref<void(const Pattern *, const Type *, ArrayRef<Value>)> take,
                 llvm::function_ref<void(ArrayRef<Value>)> drop);

  //===-- Operators (Operators.cpp) -----------------------------------------------------------------------------------===//
  /// An arithmetic operator on scalars.
  Value apply(BinaryOp op, Value left, Value right, const Type *leftType, const Type *rightType);
  Value logical(const BinaryExpr *expr);
  /// Empty if the sum or difference fuses no product.
  Leaves fused(const BinaryExpr *expr);
  /// The lanes of a value; a scalar as often as asked for.
  Leaves emitLanes(const Expr *expr, unsigned count, ArrayRef<const Expr *> later = {});
  static const BinaryExpr *asProduct(const Expr *expr);

  //===-- Calls (Call.cpp, BuiltinCall.cpp) -----------------------------------------------------------------------------===//
  RValue callFunction(const CallExpr *expr, const FnDecl *function);
  RValue callStd(const CallExpr *expr);
  Leaves callPlain(const FnDecl *function, mlir::ValueRange arguments, ArrayRef<ViewShape> shapes = {});
  RValue callBuiltin(const CallExpr *expr);
  RValue emitPrint(const CallExpr *expr, StringRef function);
  RValue emitAssert(const CallExpr *expr);
  RValue emitDim(const CallExpr *expr);
  RValue emitZeros(const CallExpr *expr);
  RValue emitReshape(const CallExpr *expr);
  RValue emitFull(const CallExpr *expr);
  Value ceilDiv(Value left, Value right, bool isSigned);
  Value math(BuiltinId id, ArrayRef<Value> values, const Type *type);
  RValue emitVec(const CallExpr *expr);
  /// Applies `compute` to the arguments lane by lane.
  RValue overLanes(const CallExpr *expr, llvm::function_ref<Value(ArrayRef<Value>)> compute);

  //===-- Strings (Str.cpp) -----------------------------------------------------------------------------------------------===//
  void addValue(Format &format, StringRef hole, ArrayRef<Value> leaves, const Type *type, bool isInside);
  void addMembers(Format &format, StringRef hole, ArrayRef<Value> leaves, const Type *type);
  /// The name of an enum's case, as a string that nobody owns.
  Value caseName(Value value, const EnumDecl *decl);
  /// An array of the texts of an array's elements.
  Value elementTexts(StringRef hole, ArrayRef<Value> leaves, const ArrayType *type);
  void addPieces(Format &format, const StrExpr *expr);
  Value newString(const Format &format);
  using Elements::newError;
  Value newError(const Format &format);

  //===-- Arrays (Array.cpp) ----------------------------------------------------------------------------------------------===//
  PlaceRef emitElement(const IndexExpr *expr);
  PlaceRef emitLane(const IndexExpr *expr);
  // Bounds.cpp
  struct Interval {
    int64_t least, greatest;
  };
  std::optional<Interval> intervalOf(const Expr *expr, unsigned depth);
  std::optional<Interval> intervalOf(const BinaryExpr &expr, unsigned depth);
  bool isInRange(const Expr *base, unsigned dimension, const Expr *subscript);
  bool isSameExtent(const Expr *extent, const Expr *base, unsigned dimension);
  void fillLiteral(const ArrayExpr *expr, ArrayRef<Value> arrays, const ArrayType *type,
                   llvm::SmallVectorImpl<Value> &position);
  /// Compares the extents of arrays with those that a type asks for, where they may differ.
  void checkExtents(ArrayRef<Value> leaves, const Type *found, const Type *wanted, const TypeExpr *written);

  //===-- Views (View.cpp) ------------------------------------------------------------------------------------------------===//
  /// A part of an array, or in device code a variable that is one.
  bool isViewExpr(const Expr *expr);
  /// A variable that holds a view.
  static bool isViewName(const Expr *expr);
  ViewRef wholeView(Leaves arrays, const ArrayType *type);
  /// Evaluates an array as a view, its subscripts checked.
  ViewRef emitView(const Expr *expr);
  void narrow(ViewRef &view, const IndexExpr *index);
  void narrowRange(ViewDim &dim, const RangeExpr *range);
  /// New records, owned, one a leaf.
  RValue viewRecord(const ViewRef &view);
  using Elements::extentOf;
  /// An extent of an array or a view.
  Value extentOf(const Expr *array, unsigned dimension);
  void letSplit(const LetStmt *stmt, const CallExpr *split);
  /// Binds a variable to a view.
  void bindView(const Pattern *pattern, const ViewRef &view);
  /// Binds the variable of a `let` in device code to a view.
  void letView(const LetStmt *stmt);
  /// The slots of an argument that is lent for writing; those of a view are new.
  Leaves slotsOf(const Expr *argument, llvm::SmallVectorImpl<LentElement> *copied = nullptr);

  //===-- Tasks (Async.cpp, Await.cpp) --------------------------------------------------------------------------------------===//
  /// Evaluates what is to be started. `isDetached`: it outlives the statement.
  /// `on`: what names the device of a launch, or null.
  Started emitStart(const Expr *expr, bool isDetached, const Expr *on);
  Started startCall(const CallExpr *expr, bool isDetached);
  Started startTask(const CallExpr *expr, bool isDetached);
  Value headerLines(const CallExpr *expr);
  Started startOperation(const CallExpr *expr, bool isDetached);
  Started startBlock(const AsyncExpr *expr, const BlockExpr *block);
  /// Adds what a task takes of the variables that it uses to its arguments.
  void addCaptures(Started &started, ArrayRef<Capture> captures);
  /// Binds them inside the task and gives the other arguments.
  mlir::ValueRange bindCaptures(ArrayRef<Capture> captures, mlir::ValueRange arguments);
  void bindCapture(const Capture &capture, mlir::ValueRange leaves);
  /// Starts with `start`, which gets the arguments; if it is detached and was lent temporaries, within a task that owns
  /// them.
  Started startWith(const StartArguments &arguments, TypeList results, bool isDetached,
                    llvm::function_ref<Started(mlir::ValueRange)> start);
  /// Adds an argument that is lent for writing.
  void addWritten(StartArguments &to, const Expr *argument, bool isDetached);
  RValue emitLent(const Expr *argument, const Type *type, bool isDetached);
  /// Adds an argument; `takesStrings`: what is started owns its strings.
  void addArgument(StartArguments &to, RValue value, bool takesStrings);
  /// A future, owned.
  Value toFuture(const Started &started);
  /// Runs it here and gives its results.
  RValue finish(const Started &started);
  RValue awaitFutures(mlir::ValueRange futures);
  RValue emitChan(const CallExpr *expr);
  RValue emitClose(const CallExpr *expr);
  Started startMethod(const CallExpr *expr, bool isArm = false);
  void emitForAwait(const ForStmt *stmt);
  void emitIterations(const AsyncForStmt *stmt, mlir::ValueRange arguments);
  Value startOperand(const AwaitExpr *await);
  Value startJoin(mlir::ValueRange futures, const Type *array, const Type *result);
  /// Waits for the first of several futures to end, and for the others, which it cancels; gives its position.
  Value firstOf(mlir::ValueRange futures);
  RValue awaitWithin(const AwaitExpr *expr);
  RValue awaitArray(Value futures, const Type *type);
  RValue resultsOf(mlir::Operation *op);

  //===-- Kernels (Each.cpp, Block.cpp, BlockReduce.cpp, Launch.cpp, Reduce.cpp, Sequential.cpp, Tree.cpp) -------------------------------------------------------------===//
  /// What a kernel's body uses from outside.
  struct KernelInput {
    const VarDecl *var;
    bool isWritten;
    llvm::SmallBitVector used = {}; ///< its leaves that the kernel takes; empty: all of them
    bool takes(unsigned leaf) const { return used.empty() || used.test(leaf); }
  };
  /// The leaves, first and count, of its variable that a place consists of.
  std::pair<unsigned, unsigned> leafRange(const Expr *place);
  Leaves loadInput(const KernelInput &input);
  /// A leaf that the kernel takes: all arrays of elements have the same extents.
  static Value anyOf(ArrayRef<Value> leaves) {
    return *llvm::find_if(leaves, [](Value leaf) { return bool(leaf); });
  }
  /// Binds the variable to what the kernel gets of it, which is taken off `arguments`.
  void bindInput(const KernelInput &input, mlir::ValueRange &arguments);
  struct KernelShape {
    const EachExpr *each;
    std::string symbol;
    llvm::SmallVector<KernelInput> inputs;
    bool isFast = false;
    int64_t threads = 0; ///< of a group; 0: the compiler's choice
  };
  Started startEach(const EachExpr *each, bool isDetached, const Expr *on);
  Started startKernel(const CallExpr *expr, bool isDetached, const Expr *on);
  /// The number of the device that `on` names; null for none.
  Value emitDevice(const Expr *on);
  Started launch(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments, mlir::ValueRange init);
  /// Launches a kernel that fills arrays and gives them: those of an element with several leaves.
  Started launchInto(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments, ArrayRef<Value> arrays,
                     llvm::function_ref<void(mlir::ValueRange, mlir::ValueRange)> then = nullptr);
  Started launchThenDecode(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments);
  static const FnDecl *combinerOf(const EachExpr *each);
  /// What a scan joins: by its function, or lane by lane by its operator.
  Leaves joined(const EachExpr *each, mlir::ValueRange left, mlir::ValueRange right);
  Value joinedLane(const EachExpr *each, Value left, Value right);
  void scanOnHost(const EachExpr *each, ArrayRef<Value> extents, ArrayRef<Value> members);
  Started launchReduce(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments,
                       mlir::ValueRange init);
  Started launchByLanes(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments);
  Leaves launchValues(const KernelShape &kernel, mlir::ValueRange extents, mlir::ValueRange arguments);
  RValue reduceOnHost(const KernelShape &kernel, mlir::ValueRange extents, mlir::ValueRange arguments,
                      ArrayRef<Value> first);
  /// `f(first, tree)` of the values that `produce` pushes; `first` if there are none.
  RValue reduceTree(const FnDecl *function, ArrayRef<Value> first,
                    llvm::function_ref<void(llvm::function_ref<void(mlir::ValueRange)> push)> produce);
  Value emitLaunch(StringRef kernel, mlir::ValueRange grid, mlir::ValueRange arguments, Value result, mlir::TypeRange leaves);
  /// Evaluates extents that depend on the kernel's parameters and starts it; they are bound by `arguments`.
  Started launchNamed(const FnDecl *decl, mlir::ValueRange arguments);
  void checkResultExtents(const FnDecl *decl, ArrayRef<Value> grid);
  void emitKernel(const KernelShape &kernel);
  mlir::ArrayAttr sizesOf(const KernelShape &kernel);
  void emitKernelBody(const KernelShape &kernel, mlir::ValueRange arguments);
  TypeList inputTypes(const KernelInput &input);
  TypeList kernelResults(const EachExpr *each);
  bool storesValues(const EachExpr *each);
  llvm::SmallVector<KernelInput> inputsOf(const EachExpr *each);
  llvm::SmallVector<KernelInput> inputsOf(const FnDecl *decl);
  /// The places of a row-major index.
  Leaves decodeIndex(Value index, ArrayRef<Value> extents);
  // Block.cpp
  /// An inner `each` of a block kernel.
  RValue emitPhase(const EachExpr *each);
  using PhaseFn = llvm::function_ref<void(mlir::ValueRange indices, mlir::ValueRange own)>;
  /// Runs `body` as a phase of the group; it gets the index variables and `own` as they are in the phase's kernel. What
  /// `each` (or null) uses from outside is at hand there.
  void runPhase(const EachExpr *each, mlir::ValueRange grid, mlir::ValueRange own, PhaseFn body);
  void bindIndices(const EachExpr *each, mlir::ValueRange values);
  Value newStorage(ArrayRef<int64_t> extents, mlir::Type element, bool isPerThread = false);
  Value phasePosition(const VarDecl *storage);
  // BlockReduce.cpp
  RValue groupReduce(const EachExpr *each);
  void gather(const EachExpr *each, int64_t count);
  /// What the current index gives to a reduction.
  RValue eachValue(const EachExpr *each);
  RValue reduceByLanes(const EachExpr *each, std::optional<int64_t> known);
  Value reduceRows(const EachExpr *each, Value first, Value count);
  Value divideUp(Value count, int64_t length);
  Value neutralValue(const EachExpr *each);
  Value folded(const EachExpr *each, Value before, Value value);
  RValue emitSequential(const EachExpr *each);
  RValue sequentialFold(const EachExpr *each);
  RValue sequentialLaneSums(const EachExpr *each);
  RValue sequentialFloatSum(const EachExpr *each);
  RValue sequentialArg(const EachExpr *each);
  RValue sequentialReduce(const EachExpr *each);
  /// Runs the body for each index, row-major; extents may be evaluated once before.
  llvm::SmallVector<Value> emitExtents(const EachExpr *each);
  void overIndices(const EachExpr *each, ArrayRef<Value> extents, unsigned level, llvm::function_ref<void()> body);
  Value isAnyEmpty(mlir::ValueRange extents);
  Value addToSlot(Value slot, int64_t step);
  /// The helper functions that sum or multiply floats by the fixed tree; `name` is `sum_f32` and so on.
  void declareTree(StringRef name, bool isSum, mlir::Type type);
  Value foldLanes(Value lanes, int64_t count, bool isSum);

  // LaneTree.cpp
  bool isSafe(const Expr &expr);
  /// True if emitting `root` makes no check.
  bool neverFails(const Expr *root);
  void whileLoop(llvm::function_ref<Value()> condition, llvm::function_ref<void()> body);
  Value highestLaneBit(Value units);
  void joinLane(const EachExpr *each, Value counter, int64_t first, Value lane, Value sum, Value bit);
  Value sumUnits(const EachExpr *each, unsigned level, Value counter, Value begin, Value count);
  Value elementValue(const EachExpr *each, Value position);
  Value sumByLanes(const EachExpr *each, ArrayRef<Value> extents, Value empty);

  const Program &program;
  llvm::DenseMap<const FnDecl *, std::string> prefixes; ///< of the symbols of other modules' functions
  llvm::DenseSet<const FnDecl *> standard;              ///< functions of the standard library
  std::deque<WaitingFunction> waiting;                ///< plain fns to make
  llvm::DenseMap<const FnDecl *, std::string> symbols;
  /// Immutable `let`s and what they stand for.
  llvm::DenseMap<const VarDecl *, const Expr *> initialisers;
  /// What index variables, and those of `for i in 0..n`, are below.
  llvm::DenseMap<const VarDecl *, const Expr *> indexExtents;
  llvm::StringMap<unsigned> counters;
  /// Reductions of a block whose values lie in `shared` storage, an array a leaf.
  llvm::DenseMap<const EachExpr *, Leaves> gathered;
};

} // namespace awg

#endif // AWG_FRONTEND_IRGEN_GENERATOR_H
