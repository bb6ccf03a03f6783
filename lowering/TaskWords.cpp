// Loads of the two words of a task's header that compiled code knows.
#include "lowering/TaskWords.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "awg/awgrt.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// A word of a task that other threads may change.
static Value loadAtomic(OpBuilder &builder, Location loc, Value task, int32_t offset, IntegerType type,
                        LLVM::AtomicOrdering ordering) {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value address = LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), task, ArrayRef<LLVM::GEPArg>{offset});
  auto load = LLVM::LoadOp::create(builder, loc, type, address, type.getWidth() / 8);
  load.setOrdering(ordering);
  return load;
}

static Value constant(OpBuilder &builder, Location loc, IntegerType type, int64_t value) {
  return LLVM::ConstantOp::create(builder, loc, type, builder.getIntegerAttr(type, value));
}

static Value hasFlag(OpBuilder &builder, Location loc, Value task, int32_t flag) {
  IntegerType i32 = builder.getI32Type();
  Value flags = loadAtomic(builder, loc, task, AWGRT_TASK_FLAGS, i32, LLVM::AtomicOrdering::monotonic);
  Value bit = LLVM::AndOp::create(builder, loc, flags, constant(builder, loc, i32, flag));
  return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, bit, constant(builder, loc, i32, 0));
}

Value lowering::isTaskDone(OpBuilder &builder, Location loc, Value task) {
  IntegerType i64 = builder.getI64Type();
  Value waiter = loadAtomic(builder, loc, task, AWGRT_TASK_WAITER, i64, LLVM::AtomicOrdering::acquire);
  return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, waiter,
                              constant(builder, loc, i64, AWGRT_TASK_DONE));
}

void lowering::defineJoin(func::FuncOp function, RuntimeCalls &runtime, StringRef slowFunction) {
  Location loc = function.getLoc();
  Block *entry = function.addEntryBlock(), *slow = function.addBlock(), *fast = function.addBlock();
  OpBuilder builder = OpBuilder::atBlockEnd(entry);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value ended = entry->getArgument(1), null = LLVM::ZeroOp::create(builder, loc, pointer), failed;
  if (function.getSymName() == "awg.joined")
    failed = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, ended, null);
  else
    failed = hasFlag(builder, loc, ended, AWGRT_TASK_FAILED);
  Value cancelled = hasFlag(builder, loc, entry->getArgument(0), AWGRT_TASK_CANCELLED);
  cf::CondBranchOp::create(builder, loc, LLVM::OrOp::create(builder, loc, failed, cancelled), slow, fast);
  builder.setInsertionPointToEnd(fast);
  func::ReturnOp::create(builder, loc, null);
  builder.setInsertionPointToEnd(slow);
  func::ReturnOp::create(builder, loc, runtime.call(builder, loc, slowFunction, pointer, entry->getArguments()));
}
