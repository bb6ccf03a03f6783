// The small steps that every construct builds with: operations and blocks, types, cleanups and rejections. They know
// nothing of the syntax tree's expressions.
//
// Cleanups: `fn->cleanups` says what is owned at the current point. Leaving a scope in the usual way emits the cleanups
// above its mark; a rejection goes through landing blocks, one a cleanup, made when first needed and shared.
#ifndef AWG_FRONTEND_IRGEN_EMITTER_H
#define AWG_FRONTEND_IRGEN_EMITTER_H

#include "awg/awgrt.h"
#include "dialects/Awg/Awg.h"
#include "frontend/Diag/Locator.h"
#include "frontend/IRGen/IRGen.h"
#include "frontend/IRGen/Values.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Builders.h"

#include "llvm/ADT/StringSet.h"

namespace awg {

namespace arith = mlir::arith;
namespace cf = mlir::cf;
namespace memref = mlir::memref;

class Emitter {
protected:
  Emitter(mlir::MLIRContext &context, const llvm::SourceMgr &sources, const IRGenOptions &options,
          llvm::SmallPtrSetImpl<const FnDecl *> &failing);

  //===-- Building (Emitter.cpp) --------------------------------------------------------------------------------===//
  /// Sets the location of operations made until it ends.
  struct Place {
    Emitter &emitter;
    Location outer;
    Place(Emitter &emitter, SMLoc loc) : emitter(emitter), outer(emitter.loc) { emitter.loc = emitter.location(loc); }
    ~Place() { emitter.loc = outer; }
  };
  Location location(SMLoc loc);
  template <typename OpTy, typename... Args> OpTy make(Args &&...args) {
    auto op = OpTy::create(builder, loc, std::forward<Args>(args)...);
    if (fn && fn->isFast)
      setFast(op);
    return op;
  }
  void setFast(mlir::Operation *op);
  Block *newBlock(mlir::TypeRange arguments = {});
  void branch(Block *to, mlir::ValueRange arguments = {});
  void branchIf(Value condition, Block *yes, Block *no);
  void moveTo(Block *block) { builder.setInsertionPointToEnd(block); }
  /// Goes on in a block that nothing reaches: after what never ends.
  void startUnreachable() { moveTo(newBlock()); }
  Value constant(mlir::Type type, int64_t value);
  Value i32(int32_t value) { return constant(builder.getI32Type(), value); }
  Value i64(int64_t value) { return constant(builder.getI64Type(), value); }
  Value truth(bool value) { return constant(builder.getI1Type(), value); }
  Value floatConstant(mlir::Type type, double value);
  Value null(mlir::Type type) { return make<ir::NullOp>(type); }
  Value isNull(Value value) { return make<ir::IsNullOp>(builder.getI1Type(), value); }
  Value noError() { return null(errorType); }
  /// A value that nobody uses.
  Value placeholder(mlir::Type type);
  Leaves placeholders(mlir::TypeRange types);
  Value compare(arith::CmpIPredicate predicate, Value left, Value right) {
    return make<arith::CmpIOp>(predicate, left, right);
  }
  /// A slot in the entry block.
  Value newSlot(mlir::Type type);
  Value load(Value slot) { return make<memref::LoadOp>(slot); }
  void store(Value value, Value slot) { make<memref::StoreOp>(value, slot, mlir::ValueRange()); }
  /// A private declaration of a runtime function, once.
  void declareRuntime(StringRef name, mlir::TypeRange arguments, mlir::TypeRange results);
  mlir::Operation::result_range callRuntime(StringRef name, mlir::ValueRange arguments, mlir::TypeRange results);
  /// A loop over begin..end; `body` may break and continue.
  void countedLoop(Value begin, Value end, bool isSigned, BodyFn body);
  Value newBuffer(ArrayRef<int64_t> extents, mlir::Type element);
  Value dim(Value array, unsigned dimension);
  /// Whether nothing has to be looked at.
  bool isReached(Value array) const;
  bool mayReject() const { return fn->givesError || fn->handlers.back().block; }
  /// Has an array's elements on the host, and rejects if they were lost with a GPU. Nothing is done where nothing can reject.
  void reach(Value array);
  Value elementsOf(const ElementRef &place, bool write);
  Value loadElement(const ElementRef &place);
  void storeElement(Value value, const ElementRef &place);
  /// The element at i64 subscripts that are known to be in range.
  ElementRef elementAt(Value array, ArrayRef<Value> subscripts);
  StringRef text(SMRange range) { return {range.Start.getPointer(), size_t(range.End.getPointer() - range.Start.getPointer())}; }

  //===-- Types (Types.cpp) -----------------------------------------------------------------------------------------===//
  void addLeaves(const Type *type, TypeList &leaves);
  TypeList leavesOf(const Type *type);
  unsigned leafCount(const Type *type) { return leavesOf(type).size(); }
  mlir::Type scalarType(const Type *type) { return leavesOf(type).front(); }
  /// Of identity layout or, for the elements of what may be a view, with strides.
  mlir::MemRefType memrefOf(ir::ArrayType type, bool isStrided = false);
  mlir::MemRefType slotOf(mlir::Type type);
  ir::FutureType futureOf(mlir::TypeRange leaves);
  static int8_t kindOf(const Type *type, bool isQuoted = false);
  /// The kinds of a value's leaves.
  void addKinds(const Type *type, llvm::SmallVectorImpl<int8_t> &kinds);
  static bool isOwned(mlir::Type type);
  /// It has several owners: a string or a channel.
  static bool isShared(mlir::Type type);
  static bool isArrayOfFutures(mlir::Type type);
  static bool hasArray(const Type *type);

  //===-- Cleanups and rejections (Cleanup.cpp) ---------------------------------------------------------------------===//
  size_t mark() const { return fn->cleanups.size(); }
  void own(Value value);
  void own(mlir::ValueRange values);
  void ownSlot(Value slot) { fn->cleanups.push_back({slot, true}); }
  /// Takes values off the cleanup stack.
  void consume(mlir::ValueRange values);
  /// Emits the cleanups above `depth`, last first; they stay on the stack.
  void emitCleanups(size_t depth);
  /// Emits them and takes them off.
  void leaveScope(size_t depth);
  /// Has the futures of the current block end before what was declared since `mark`, which a later task of theirs may be lent.
  void endAfterFutures(size_t mark);
  void emitCleanup(const Cleanup &cleanup, Value cause = nullptr);
  /// Frees a value: cancels a future, and the futures of an array. A null is skipped. `cause`: the rejection that is why.
  void discard(Value value, Value cause = nullptr);
  void discardFuture(Value future, Value cause = nullptr);
  void discardFutures(Value array, Value cause = nullptr);
  /// Where a rejection at this point goes; takes the error.
  Block *failureBlock();
  Block *failureBlock(size_t depth);
  Block *failureExit();
  /// Goes on if `error` is null.
  void check(Value error);
  /// Rejects with `error`; nothing follows.
  void reject(Value error);
  /// Goes on if `condition` holds, else rejects with `format`.
  void require(Value condition, StringRef format, mlir::ValueRange values, ArrayRef<int8_t> kinds);
  Value newError(StringRef format, mlir::ValueRange values, ArrayRef<int8_t> kinds);
  void noteUsedFuture(Value slot);

  mlir::MLIRContext &context;
  const IRGenOptions options;
  llvm::SmallPtrSetImpl<const FnDecl *> &failing; ///< functions that reject though the checker did not see it
  Locator locator;
  mlir::OpBuilder builder;
  Location loc;
  mlir::ModuleOp module;
  FunctionContext *fn = nullptr;
  mlir::Type errorType, strType, chanType;
  llvm::DenseMap<const char *, Location> locations;
  llvm::StringSet<> emitted; ///< symbols that are made or waiting
};

} // namespace awg

#endif // AWG_FRONTEND_IRGEN_EMITTER_H
