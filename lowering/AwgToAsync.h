// The lowering of tasks and futures to the async dialect, and of all else to calls of the runtime (pass awg-to-async).
#ifndef AWG_LOWERING_AWGTOASYNC_H
#define AWG_LOWERING_AWGTOASYNC_H

#include "dialects/Awg/Awg.h"
#include "lowering/RuntimeCalls.h"
#include "lowering/StackSlots.h"
#include "lowering/StaticData.h"

#include "mlir/Dialect/Async/IR/Async.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace awg::lowering {

using namespace mlir;

/// First all types change in place (arrays, strings and errors are pointers; a future is an async token or value), then each
/// operation is replaced. Null futures (used up) are null pointers behind a cast.
class AwgToAsync {
public:
  explicit AwgToAsync(ModuleOp module);
  void run();

private:
  void lower(Operation *op);
  void lowerTask(ir::TaskOp task);
  void lowerVariable(memref::AllocaOp variable);
  void lowerTaskReturn(OpBuilder &builder, ir::TaskReturnOp op);
  void lowerCall(OpBuilder &builder, Operation *op, FlatSymbolRefAttr callee, bool here);
  void lowerOperation(OpBuilder &builder, ir::OperationOp op);
  void lowerAwait(OpBuilder &builder, ir::AwaitOp op);
  bool lowerSleep(OpBuilder &builder, ir::AwaitOp op);
  bool lowerAwaitedLaunch(OpBuilder &builder, ir::AwaitOp op);
  SmallVector<Type> leavesOf(Type future);
  void lowerAwaitAll(OpBuilder &builder, ir::AwaitAllOp op);
  void lowerRace(OpBuilder &builder, ir::RaceOp op);
  void lowerChanCreate(OpBuilder &builder, ir::ChanCreateOp op);
  void lowerSend(OpBuilder &builder, ir::SendOp op);
  void lowerCancel(OpBuilder &builder, ir::CancelOp op);
  void lowerError(OpBuilder &builder, ir::ErrorOp op);
  void lowerFormat(OpBuilder &builder, ir::FormatOp op);
  void makeArray(OpBuilder &builder, Operation *op, StringRef name, Value what, ValueRange lengths);
  void lowerArrayCreate(OpBuilder &builder, ir::ArrayCreateOp op);
  void lowerArrayView(OpBuilder &builder, ir::ArrayViewOp op);
  void lowerArrayReshape(OpBuilder &builder, ir::ArrayReshapeOp op);
  void lowerArrayReach(OpBuilder &builder, ir::ArrayReachOp op);
  void lowerArrayData(OpBuilder &builder, ir::ArrayDataOp op);
  void lowerElementSlot(OpBuilder &builder, ir::ElementSlotOp op);
  void lowerArrayLost(OpBuilder &builder, ir::ArrayLostOp op);
  void lowerRelease(OpBuilder &builder, ir::ReleaseOp op);
  /// The async type of a future, whose leaves `convert` brings to what they are now.
  static Type asyncType(ir::FutureType future, llvm::function_ref<Type(Type)> convert);
  /// What a task of these leaves gives.
  static Type taskResult(MLIRContext *context, ArrayRef<Type> leaves);
  LLVM::LLVMFuncOp emitEntry(StringRef task, StringRef name, bool takesArguments);
  void emitMain();

  Value call(OpBuilder &builder, Location loc, StringRef name, Type result, ValueRange operands) {
    return runtime.call(builder, loc, name, result, operands);
  }
  Value self(OpBuilder &builder, Location loc) { return call(builder, loc, "awg.self", pointer, {}); }
  /// The operation's place, and what has been started there.
  Value place(OpBuilder &builder, Operation *op, StringRef started = "");
  Value addressOf(OpBuilder &builder, Location loc, StringAttr symbol) {
    return StaticData::addressOf(builder, loc, symbol);
  }
  /// The memory there, with extents that the type says, as a memref.
  Value memoryAt(OpBuilder &builder, Location loc, MemRefType type, Value address);
  Value asPointer(OpBuilder &builder, Location loc, Value value);
  Value cast(OpBuilder &builder, Location loc, Type type, Value value);
  Value constant(OpBuilder &builder, Location loc, Type type, int64_t value);
  Value nullPointer(OpBuilder &builder, Location loc) { return LLVM::ZeroOp::create(builder, loc, pointer); }
  Value isNull(OpBuilder &builder, Location loc, Value value);
  /// Waits for one future with async.await; gives its leaves and its task.
  Value loadResults(OpBuilder &builder, Location loc, Value future, SmallVectorImpl<Value> &values);
  StackSlots formatArguments(OpBuilder &builder, Location loc, ValueRange args, ArrayRef<int8_t> kinds);

  ModuleOp module;
  MLIRContext *context;
  StaticData data;
  RuntimeCalls runtime;
  Type pointer, i64, i32;
  /// What must be known of an operation before its types change.
  llvm::DenseMap<Operation *, Type> originalTypes;
};

/// The function that the operation stands in; "" if unknown.
StringRef functionOf(Operation *op);

} // namespace awg::lowering

#endif // AWG_LOWERING_AWGTOASYNC_H
