// The checker's inside: one class, whose handlers stand in a file a construct. Private to Check. Its state is in
// CheckerState.h, what names mean in Lookup.h.
#ifndef AWG_FRONTEND_CHECK_CHECKER_H
#define AWG_FRONTEND_CHECK_CHECKER_H

#include "frontend/Check/Lookup.h"
#include "frontend/Check/TypeFacts.h"

namespace awg {

class Checker : Lookup {
public:
  Checker(Program &program, ASTContext &context, const llvm::SourceMgr &sources, DiagEngine &diags)
      : Lookup(program, context, sources, diags) {}

  void run();

private:
  class InstanceNote;

  //===-- Names (Names.cpp) ------------------------------------------------------------------------------------===//

  /// The way in which reading a variable of that type uses it.
  static Capture::Mode readMode(const Type *type);
  /// Notes that the current body uses `var`, for its own captures and those of the bodies around it.
  void use(VarDecl *var, Capture::Mode mode, SMRange range);
  /// The variable that `name` means, used in `mode`, or null after a report.
  VarDecl *resolveVariable(NameExpr *name, std::optional<Capture::Mode> mode = std::nullopt);

  //===-- Types (Types.cpp) ------------------------------------------------------------------------------------===//

  /// Where a type is written, which decides what an extent may be.
  enum class TypePlace { Param, Return, Let, Storage, Argument, Field };
  /// The type that `written` means; the error type after a report. `sizes` (Param) gets the size variables.
  const Type *resolveType(TypeExpr *written, TypePlace place, SmallVectorImpl<VarDecl *> *sizes = nullptr);
  const Type *resolveNamed(TypeExpr *written, TypePlace place);
  void reportUnknownType(TypeExpr *written);
  const Type *resolveArray(TypeExpr *written, TypePlace place, SmallVectorImpl<VarDecl *> *sizes);
  Extent resolveExtent(Expr *extent, TypePlace place, SmallVectorImpl<VarDecl *> *sizes);
  /// `element[extents]`; the error type after a report if an array cannot hold such elements.
  const Type *makeArray(const Type *element, ArrayRef<Extent> extents, SMLoc loc);
  /// Reports a value that consists of too many parts.
  bool refuseSize(const Type *type, SMLoc loc);
  /// A tuple; the error type after a report if it is too large.
  const Type *makeTuple(ArrayRef<const Type *> elements, SMLoc loc);
  /// The type with every extent Any.
  const Type *generalise(const Type *type);
  /// The type with size variables replaced by what they stand for at a call.
  const Type *substitute(const Type *type, const Bindings &bindings);
  /// The common type of two values of which either may flow on; null if there is none.
  const Type *join(const Type *a, const Type *b);
  /// The extent that `expr`, checked before, stands for in a type.
  Extent extentOf(Expr *expr);

  //===-- Expressions (Expressions.cpp and the construct's file) ------------------------------------------------===//

  /// Checks `expr` and sets its type, which is also returned. `hint` is the type that the context would like: literals
  /// take it, everything else is as it is.
  const Type *check(Expr *expr, const Type *hint = nullptr);
  const Type *dispatch(Expr *expr, const Type *hint);
  /// Checks `expr` and reports if its value cannot stand where `wanted` is. `what` names the place: "argument `x`".
  bool expect(Expr *expr, const Type *wanted, const Twine &what);
  /// The second half of `expect`, for an expression that has been checked.
  bool fits(Expr *expr, const Type *wanted, const Twine &what);
  /// Reports a wrong type at `expr`.
  DiagBuilder stateMismatch(Expr *expr, const Type *wanted, const Twine &what);
  /// The same with the conversion that mends it if there is one.
  void reportMismatch(Expr *expr, const Type *wanted, const Twine &what);
  bool refuseExtents(const Type *found, const Type *wanted, SMRange range, const Twine &what);
  using CheckPeer = llvm::function_ref<const Type *(size_t position, const Type *hint)>;
  using JoinTypes = llvm::function_ref<const Type *(const Type *a, const Type *b)>;
  /// Checks expressions whose types go together as `joinTypes` says, which gives null for two that do not; literals take the others'.
  /// Those that differ are reported, and the type is an error then.
  const Type *checkAlike(ArrayRef<Expr *> peers, const Type *hint, const Twine &what, CheckPeer checkPeer,
                         JoinTypes joinTypes);
  /// The same for expressions of which all have one type.
  const Type *checkPeers(ArrayRef<Expr *> peers, const Type *hint, const Twine &what);
  /// An expression that counts or selects: of any integer type.
  void checkInteger(Expr *expr, const Twine &what);
  /// The position of the expression whose type decides those of literals beside it.
  size_t leaderOf(ArrayRef<Expr *> peers);
  /// Literals, and what is made of them, may take this type from an expression beside them.
  static bool isForLiterals(const Type *type);
  const Type *checkName(NameExpr *expr, const Type *hint);
  const Type *checkIndex(IndexExpr *expr);
  /// The type of an element of a checked base; subscripts are checked.
  const Type *elementType(IndexExpr *expr);
  const Type *checkTuple(TupleExpr *expr, const Type *hint);
  const Type *checkArray(ArrayExpr *expr, const Type *hint);
  const Type *checkComprehension(ComprehensionExpr *expr, const Type *hint);

  // Structs.cpp
  void collectTypes(ModuleScope &scope);
  /// Resolves the types that a module declares, and reports what is wrong with them.
  void checkTypes(ModuleScope &scope);
  /// The type that a StructDecl or EnumDecl declares; the error type after a report.
  const Type *typeOf(Decl *decl);
  llvm::DenseSet<const StructDecl *> openStructs; ///< being resolved
  bool isInChannel = false;                       ///< what is resolved is what a channel in a field carries: a struct may be open
  std::vector<std::pair<ModuleScope *, TypeExpr *>> carried; ///< by such channels, to be checked when no struct is open
  void reportUnknownField(const StructDecl *decl, StringRef name, SMLoc loc);
  /// Adds the spelling of one of `candidates` that is near.
  static void reportNearest(DiagBuilder &report, StringRef name, SMRange range, ArrayRef<VarDecl *> candidates);
  /// The struct that a literal or a pattern names, or null after a report.
  const StructType *resolveStruct(TypeExpr *written);
  /// Finds the field that `field` names and notes it in `seen`; false after a report.
  bool findField(const StructType *type, FieldName &field, llvm::SmallBitVector &seen);
  const Type *checkStruct(StructExpr *expr);
  /// The enum that an expression in front of a `.` names, or null.
  EnumDecl *namedEnum(Expr *expr);
  const Type *checkCase(MemberExpr *expr, EnumDecl *decl);
  /// The case of the enum that the context asks for, if the bare name of one means nothing else; else null.
  VarDecl *expectedCase(NameExpr *name, const Type *hint);
  /// The place being checked is used no further than its members ask.
  bool isPart = false;
  llvm::DenseSet<std::pair<const void *, const VarDecl *>> notPlain; ///< what was reported of an `each`
  const Type *checkMember(MemberExpr *expr);
  /// Reports a part of a variable that a kernel would have to hold and cannot.
  void refusePart(const Expr *place, const Type *type);
  /// The type of a member of a value of that type.
  const Type *memberType(MemberExpr *expr, const Type *type);

  // Imports.cpp
  /// The type that `shapes.Point` declares; null after a report.
  Decl *findQualifiedType(TypeExpr *written);
  /// Has `expr` stand for the item.
  NameExpr *setItem(MemberExpr *expr, Decl *item);
  /// `shapes.limit` as a value.
  const Type *checkItem(MemberExpr *expr, const ImportDecl &import);
  const Type *checkItemCall(CallExpr *expr, MemberExpr *callee, const ImportDecl &import, const Type *hint,
                            Started started);

  // Constants.cpp
  llvm::DenseSet<const VarDecl *> openConstants; ///< being checked
  void collectConstants(ModuleScope &scope);
  /// Checks a constant, once, and gives its type; the error type after a report.
  const Type *ensureConstant(VarDecl *constant);
  const Type *checkConstantForm(VarDecl *constant, const Type *type, bool mayFail);
  std::optional<int64_t> fold(Expr *expr);
  /// The constant of that name, `shapes.limit` too, checked, or null.
  VarDecl *findConstant(StringRef name);
  /// The extent that a constant's name stands for; nothing if it means something else.
  std::optional<Extent> namedExtent(Expr *name);

  // Vec.cpp
  const Type *resolveVec(TypeExpr *written);
  const Type *checkVec(CallExpr *expr, const Type *hint);
  const Type *laneAt(IndexExpr *expr, const Type *vec);
  /// Checks operands that are all of one type, or vecs of one type and scalars of their lanes'.
  const Type *checkLanes(ArrayRef<Expr *> operands, const Type *hint, const Twine &what);
  /// The type of an operator one of whose operands is a vec; null after a report.
  const Type *vecOperatorType(BinaryOp op, SMLoc loc, const Type *a, const Type *b);

  // Match.cpp
  void collectNames(Pattern *pattern, SmallVectorImpl<VarDecl *> &names);
  void bindPattern(Pattern *pattern, const Type *type);
  void declarePattern(Pattern *pattern, const Type *type);
  void declareTuplePattern(Pattern *pattern, const Type *type);
  void declareStructPattern(Pattern *pattern, const Type *type);
  void checkPatternValue(Expr *value, const Type *type);
  void checkPatternRange(Pattern *pattern, const Type *type);
  void checkPatternCase(Pattern *pattern, const Type *type);
  void findBareCases(Pattern *pattern, const Type *type);
  void refuseMisspeltCase(const Pattern *pattern, const Type *subject);
  void checkArmPattern(const MatchArm &arm, Expr *matched);
  const Type *checkMatch(MatchExpr *expr, const Type *hint);
  const Type *checkArms(MatchExpr *expr, const Type *subject, const Type *hint, bool &isCovered);
  void refuseMissing(MatchExpr *expr, const Type *subject);

  // Literal.cpp
  Flexible flexibility(Expr *expr);
  Flexible flexibilityOfAll(ArrayRef<Expr *> exprs);
  Flexible flexibilityOfCall(CallExpr *expr);
  Flexible computeFlexibility(Expr *expr);
  /// An integer's digits, with a minus or not, are a value of that integer or float type.
  static bool fitsNumber(const llvm::APInt &value, bool isNegative, const Type *type);
  const Type *checkInt(IntExpr *expr, const Type *hint, bool isNegative);
  const Type *checkFloat(FloatExpr *expr, const Type *hint);
  /// `isMessage`: of a `fail` or an `assert`, which device code may have.
  const Type *checkStr(StrExpr *expr, bool isMessage);
  void checkHole(const StrPiece &piece);
  void checkMessage(Expr *expr, const Twine &what);

  // Operators.cpp
  const Type *checkUnary(UnaryExpr *expr, const Type *hint);
  const Type *checkBinary(BinaryExpr *expr, const Type *hint);
  void checkOperands(Expr *left, Expr *right, const Type *hint);
  /// What a literal may take beside a duration: `0.7 * 1s` is exact in an f64. Null if it has a type anyway.
  const Type *besideDuration(const Type *type, Expr *literal);
  static bool takesLiteral(Expr *operand, const Type *type);
  /// The type of `left op right` of checked operands; null after a report at `loc`.
  const Type *operatorType(BinaryOp op, SMLoc loc, Expr *left, Expr *right);
  /// Notes that `%` of floats of that type, or of no floats, is used.
  void useRemainder(const Type *type, SMLoc loc);
  const Type *durationType(BinaryOp op, const Type *left, const Type *right);
  const Type *checkCast(CastExpr *expr);
  const Type *checkVecCast(CastExpr *expr, const Type *type, const Type *target);

  // Call.cpp, BuiltinCall.cpp, BuiltinArrays.cpp
  const Type *checkCall(CallExpr *expr, const Type *hint, Started started);
  const Type *checkFunctionCall(CallExpr *expr, FnDecl *function, const Type *hint, Started started);
  void checkArgument(CallExpr *expr, FnDecl *function, unsigned position, Bindings &bindings);
  bool checkPassMode(const Argument &argument, VarDecl *param, FnDecl *function);
  const VarDecl *variableOf(Expr *value) const;
  void refuseUnsaidMove(const VarDecl &var, Expr *value, VarDecl *param, FnDecl *function);
  void bindExtents(const Type *wanted, const Type *found, Bindings &bindings, SMRange range);
  void checkArgumentsAlone(CallExpr *expr);
  bool refuseCount(CallExpr *expr, StringRef name, unsigned least, unsigned most);
  const Type *checkBuiltinCall(CallExpr *expr, const Builtin &builtin, const Type *hint, Started started);
  const Type *builtinResult(CallExpr *expr, const Builtin &builtin, const Type *hint);
  const Type *checkMathCall(CallExpr *expr, const Builtin &builtin, const Type *hint);
  /// It is the `random` of `random.f32(seed, i)`.
  bool isRandom(Expr *base) const;
  const Type *checkRandom(CallExpr *expr, MemberExpr *callee, Started started);
  const Type *checkRandomCall(CallExpr *expr, const Builtin &builtin);
  void callStd(CallExpr *expr, const std::string &name);
  const Type *checkSelect(CallExpr *expr, const Type *hint);
  const Type *checkExtentArguments(CallExpr *expr, const Type *element, unsigned first);
  const Type *checkZeros(CallExpr *expr);
  const Type *checkFull(CallExpr *expr, const Type *hint);
  const Type *checkArrayArgument(CallExpr *expr, unsigned position);
  const Type *checkCopy(CallExpr *expr);
  const Type *checkReshape(CallExpr *expr);
  const Type *checkReadNpy(CallExpr *expr);
  const Type *checkReadCsv(CallExpr *expr);
  const Type *checkWriteNpy(CallExpr *expr);
  const Type *checkWritePng(CallExpr *expr);
  const Type *checkBits(CallExpr *expr);
  void reportUnawaited(Expr *expr, const Twine &what, FnDecl *function, bool canAwait);

  // Await.cpp
  bool refuseWaiting(SMLoc loc, StringRef word);
  bool refuseWaiting(Expr *operand, SMLoc keyword, StringRef word);
  const Type *checkAwait(AwaitExpr *expr, const Type *hint);
  const Type *checkJoined(Expr *element);
  const Type *checkAwaitTuple(TupleExpr *expr);
  const Type *checkAsync(AsyncExpr *expr, const Type *hint);
  const Type *checkAsyncBlock(AsyncExpr *expr, BlockExpr *block, const Type *hint);
  /// A call under `await` or `async`: its result.
  const Type *checkStartedCall(CallExpr *call, const Type *hint, SMRange whole, StringRef word);
  bool checkNamedDevice(Expr *on);
  void checkPlacement(Expr *on, Expr *operand);

  // Chan.cpp
  const Type *checkChan(CallExpr *expr);
  const Type *checkMethod(CallExpr *expr, MemberExpr *callee, const ChanType *chan, Started started);
  /// The type of what `for await` binds in each round.
  const Type *checkStream(Expr *stream);
  const Type *chanOf(const Type *element, SMRange range);

  // AsyncFor.cpp
  void checkAsyncFor(AsyncForStmt *stmt);

  // AwaitRace.cpp
  const Type *checkRace(RaceExpr *expr, const Type *hint);

  // Each.cpp
  const Type *checkEach(EachExpr *expr, const Type *hint, Started started);
  void findLaneKernel(EachExpr *expr, const Type *lane);
  const Type *checkEachBody(EachExpr *expr, const Type *hint, const Type *reduced);
  const Type *checkReducer(EachExpr *expr, const Type *hint);
  /// The function that `reduce` names, or null after a report.
  FnDecl *findReducer(EachExpr *expr);
  const Type *combinedType(EachExpr *expr, FnDecl *function, const Type *given);
  bool isScanOfBuiltin(EachExpr *expr);
  const Type *checkScanByFunction(EachExpr *expr, const Type *hint);
  const Type *arrayOver(EachExpr *expr, const Type *element);
  const Type *reductionType(EachExpr *expr, const Type *element);
  /// `sum each`, or `each` alone.
  static std::string title(EachExpr *expr);
  Side sideOfEach(EachExpr *expr, Started started);
  /// What a checked body uses from outside.
  ArrayRef<Capture> captures(const Body &of, const Expr *code);

  // Block.cpp
  void checkStorage(StorageStmt *stmt);
  /// The storage of a block that group statements cannot use; reports it.
  void refusePerThread(const VarDecl *var, bool isWritten, SMRange range);
  /// Notes the extents of an inner `each` for the `local` storage that it uses.
  void shareThreads(EachExpr *phase, const Body &inner);
  void reserveReduction(EachExpr *each, const Body &inner);
  void checkThreads(FnDecl *kernel);

  // View.cpp
  struct RangeBounds;
  /// Checks a range among subscripts; its bounds as far as they are known.
  RangeBounds checkRangeSubscript(RangeExpr *range, Extent extent);
  /// The type of a view; checks the ranges among its subscripts.
  const Type *viewType(IndexExpr *expr, const ArrayType *array);
  /// It is a part of an array, or the name of a view.
  static bool isView(Expr *expr);
  /// Notes that what a checked place belongs to is written through it.
  void useForWriting(Expr *place, StringRef why);
  /// Marks the variable of a `let` that binds a view.
  void checkViewLet(LetStmt *stmt);
  /// An expression that calls `chunks` or `split`, or null.
  CallExpr *partsCall(Expr *expr, BuiltinId id);
  /// Checks such a call where it may stand; the type of a part.
  const Type *checkParts(CallExpr *call);
  /// Reports one where it may not stand.
  const Type *refuseParts(CallExpr *call);
  /// Marks a name of a part as a view; reports if it is `mut` and the array is not lent for writing.
  void bindPart(Pattern *pattern, const CallExpr *call);
  /// `let (a, b) = split(x, at);`
  void checkSplit(LetStmt *stmt, CallExpr *call);
  /// Reports a view that is assigned to as a whole.
  void refuseExchangedView(Expr *target);

  // Control.cpp
  const Type *checkBlock(BlockExpr *expr, const Type *hint);
  const Type *checkIf(IfExpr *expr, const Type *hint);
  const Type *checkReturn(ReturnExpr *expr);
  const Type *checkJump(Expr *expr, StringRef word);
  const Type *checkFail(FailExpr *expr);
  /// Checks a block in a place that takes no value.
  const Type *expectNoValue(BlockExpr *block, const Twine &what, StringRef remedy = "");
  /// Reports the values of a checked statement that ends at its `}`, if nothing is to use them.
  void refuseUnused(Expr *statement);
  /// Checks that a checked body ends with a `result` or never ends: reports what can end without one.
  void checkEnd(BlockExpr *block, const Type *result, const Twine &what);
  void checkCondition(Expr *condition, const Twine &what);

  // Statements.cpp
  /// Checks a statement; true if control never passes beyond it.
  bool checkStatement(Stmt *stmt);
  void checkLet(LetStmt *stmt);
  void checkAssign(AssignStmt *stmt);
  const Type *checkTarget(Expr *target);
  /// A variable, an element or a member of one.
  static bool isPlace(Expr *expr);
  /// Checks a variable, or a part of one, that is changed. `why` tells what cannot be done to an immutable one.
  const Type *checkPlace(Expr *place, StringRef why);
  void checkAtomic(AssignStmt *stmt, const Type *target);
  bool checkWhile(WhileStmt *stmt);
  void checkFor(ForStmt *stmt);
  bool checkTry(TryStmt *stmt);
  void checkCancel(CancelStmt *stmt);
  /// The type of what a `for` or a comprehension binds in each round.
  const Type *checkIterable(Expr *iterable);
  /// Declares what a loop binds in each round: an element, or a view of a row.
  void bindItem(Pattern *pattern, const Type *item, Expr *iterable);
  /// Its value cannot be given away: an element, or a variable that is lent to this function, task or loop.
  bool isOnlyLent(Expr *place) const;
  bool isOnlyLent(const VarDecl &var) const;
  /// The arrays that a pattern binds stay those of the place that it takes apart, if that cannot be given away.
  void bindLent(Pattern *pattern, Expr *subject);
  /// Reports if `var` may not be changed.
  bool refuseImmutable(VarDecl *var, SMRange range, const Twine &what);

  //===-- Functions (Function.cpp) -------------------------------------------------------------------------------===//

  void collectItems(ModuleScope &scope);
  /// Resolves a function's parameter and return types, once.
  void ensureSignature(FnDecl *function);
  void declareParams(FnDecl *function);
  void checkFunction(FnDecl *function);
  void checkResult(FnDecl *function, BlockExpr *block);
  void checkMain();
  static Body functionBody(FnDecl *function);
  /// Has a function's body checked, and the function compiled.
  void reach(FnDecl *function);
  /// The same for what a file declares.
  void reachAll(const ModuleScope &scope);
  FnDecl *findStd(StringRef name);
  FnDecl *stdTemplate(StringRef name);

  // Exchange.cpp
  /// Finds the variables that may come to hold arrays of other extents.
  void collectReassigned(FnDecl *function);
  /// Reports an argument whose type has extents that a call may change.
  void refuseExchange(const Argument &argument, FnDecl *function, unsigned position);

  // Foreign.cpp
  llvm::StringMap<FnDecl *> foreignNames; ///< the names of C functions that are declared or made
  /// Checks the head of a function that C calls or that is C's.
  void checkForeign(FnDecl *function);
  void checkForeignName(FnDecl *function);

  //===-- Type parameters (Generic.cpp) --------------------------------------------------------------------------===//

  using TypeBindings = llvm::SmallDenseMap<const TypeParam *, const Type *, 2>;
  /// Arguments that were checked to find what type parameters stand for.
  llvm::DenseSet<const Expr *> inferred;

  void declareTypeParams(FnDecl *function);
  /// Finds what type parameters in `wanted` stand for.
  void infer(const Type *wanted, const Type *found, TypeBindings &bindings);
  /// A parameter's type, for literals in its argument; null if `bindings` do not say it.
  const Type *knownType(const Type *wanted, const TypeBindings &bindings);
  void inferFromArguments(CallExpr *expr, FnDecl *function, const Type *hint, TypeBindings &bindings);
  /// The type of what is lent for writing, looked at without being used; null if it is not known.
  const Type *lentType(Expr *place);
  /// The function that a call of one with type parameters means, or null after a report.
  FnDecl *chooseInstance(CallExpr *expr, FnDecl *function, const Type *hint);
  /// The instance for what the type parameters stand for; null after a report, which is at `range`.
  FnDecl *instanceOf(FnDecl *function, const TypeBindings &bindings, SMRange range);
  FnDecl *instance(FnDecl *function, ArrayRef<const Type *> arguments, SMLoc call);
  /// `clamp<f32>`.
  static std::string instanceName(const FnDecl *function);
  /// It is an instance with types of another function's parameters: checked there, not compiled.
  static bool isOpen(const FnDecl *function) { return llvm::any_of(function->typeArguments, holdsParam); }

  //===-- What a function does (Effects.cpp) ---------------------------------------------------------------------===//

  /// Notes that the code being checked cannot run inside an `each`: an error there, a property of a plain fn.
  /// `why` completes "it ...": "calls `print`".
  DiagBuilder markHostOnly(SMRange range, const Twine &why);
  void recordCall(FnDecl *callee, SMLoc loc, Side side);
  void propagateEffects();
  void propagateHostOnly();
  void propagateMayFail();
  void reportDeviceCalls();
  void reportBareEaches();
};

} // namespace awg

#endif // AWG_FRONTEND_CHECK_CHECKER_H
