// Defines the C functions that run tasks.
//
// An exported task stands in the module with the name of the function that C reaches it by, `awg$run_f`, a declaration. That
// function puts the arguments into 8-byte slots and blocks in the runtime, which calls `awg$start_f`; this one takes the
// arguments out of the slots and starts the task.
#include "lowering/Passes.h"
#include "lowering/StackSlots.h"

#include "mlir/Dialect/Async/IR/Async.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_FOREIGNTASKS
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

/// What stands at the low end of a slot; a bool is a byte.
static Value loadSlot(OpBuilder &builder, Location loc, Value slots, int32_t slot, Type type) {
  Value address = LLVM::GEPOp::create(builder, loc, slots.getType(), builder.getI64Type(), slots,
                                      ArrayRef<LLVM::GEPArg>{slot});
  if (!type.isInteger(1))
    return LLVM::LoadOp::create(builder, loc, type, address);
  Value byte = LLVM::LoadOp::create(builder, loc, builder.getI8Type(), address);
  return LLVM::TruncOp::create(builder, loc, type, byte);
}

/// The function that the runtime calls with the root task and the slots.
static LLVM::LLVMFuncOp emitStart(ModuleOp module, async::FuncOp task, func::FuncOp run, StringRef name) {
  Location loc = run.getLoc();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto start = LLVM::LLVMFuncOp::create(builder, loc, ("awg$start_" + name).str(),
                                        LLVM::LLVMFunctionType::get(pointer, {pointer, pointer}),
                                        LLVM::Linkage::Internal);
  OpBuilder body = OpBuilder::atBlockEnd(start.addEntryBlock(builder));
  SmallVector<Value> arguments;
  for (auto [slot, type] : llvm::enumerate(run.getArgumentTypes()))
    arguments.push_back(loadSlot(body, loc, start.getArgument(1), slot, type));
  auto started = async::CallOp::create(body, loc, FlatSymbolRefAttr::get(task.getSymNameAttr()), task.getResultTypes(),
                                       arguments);
  started->setAttr("awg.root", builder.getUnitAttr());
  LLVM::ReturnOp::create(body, loc,
                         UnrealizedConversionCastOp::create(body, loc, pointer, started.getResult(0)).getResults());
  return start;
}

static void emitRun(ModuleOp module, func::FuncOp run, LLVM::LLVMFuncOp start) {
  Location loc = run.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  OpBuilder builder = OpBuilder::atBlockEnd(run.addEntryBlock());
  Type i64 = builder.getI64Type();
  StringRef runtime = "awgrt_call";
  if (!module.lookupSymbol(runtime)) {
    OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
    func::FuncOp::create(top, module.getLoc(), runtime,
                         top.getFunctionType({pointer, pointer, pointer, i64}, {pointer}))
        .setPrivate();
  }
  auto types = run.getResultTypes().drop_front();
  StackSlots arguments(builder, loc, run.getNumArguments()), results(builder, loc, types.size());
  for (auto [slot, argument] : llvm::enumerate(run.getArguments()))
    arguments.store(builder, slot, argument);
  Value address = LLVM::AddressOfOp::create(builder, loc, pointer, start.getSymNameAttr());
  Value count = LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(types.size()));
  auto call = func::CallOp::create(builder, loc, runtime, TypeRange(pointer),
                                   ValueRange{address, arguments.address(), results.address(), count});
  SmallVector<Value> values(call.getResults());
  for (auto [slot, type] : llvm::enumerate(types))
    values.push_back(loadSlot(builder, loc, results.address(), slot, type));
  func::ReturnOp::create(builder, loc, values);
}

namespace {
struct ForeignTasksPass : lowering::impl::ForeignTasksBase<ForeignTasksPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto task : llvm::to_vector(module.getOps<async::FuncOp>())) {
      auto name = task->getAttrOfType<StringAttr>("awg.foreign");
      auto run = name ? module.lookupSymbol<func::FuncOp>(("awg$run_" + name.getValue()).str()) : nullptr;
      if (run)
        emitRun(module, run, emitStart(module, task, run, name));
    }
  }
};
} // namespace
