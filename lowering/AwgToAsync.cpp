// Lowers tasks and futures to the async dialect and every other awg operation to calls of the runtime.
#include "lowering/AwgToAsync.h"
#include "lowering/Passes.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_AWGTOASYNC
#define GEN_PASS_DEF_VERIFYAWGLOWERED
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

//===-- Types -------------------------------------------------------------------------------------------------------===//

/// A future of no leaves is a token, of one a value of it, of several a value of their struct.
Type AwgToAsync::asyncType(ir::FutureType future, llvm::function_ref<Type(Type)> convert) {
  MLIRContext *context = future.getContext();
  SmallVector<Type> leaves;
  for (Type leaf : future.getLeaves())
    leaves.push_back(convert(leaf));
  if (leaves.empty())
    return async::TokenType::get(context);
  if (leaves.size() == 1)
    return async::ValueType::get(leaves[0]);
  return async::ValueType::get(LLVM::LLVMStructType::getLiteral(context, leaves));
}

Type AwgToAsync::taskResult(MLIRContext *context, ArrayRef<Type> leaves) {
  auto same = [](Type type) { return type; };
  return asyncType(ir::FutureType::get(context, leaves), same);
}

static void replaceTypes(ModuleOp module) {
  MLIRContext *context = module.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  AttrTypeReplacer replacer;
  replacer.addReplacement([=](Type type) -> std::optional<Type> {
    if (isa<ir::ArrayType, ir::StrType, ir::ErrorType, ir::ChanType>(type))
      return pointer;
    return std::nullopt;
  });
  // Futures in memory (variables, arrays of futures) are pointers: async types cannot be stored.
  replacer.addReplacement([&](ir::FutureType) -> std::optional<Type> { return pointer; });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
}

//===-- Small pieces ------------------------------------------------------------------------------------------------===//

StringRef lowering::functionOf(Operation *op) {
  for (; op; op = op->getParentOp())
    for (StringRef name : {"awg.source_name", "source_name"})
      if (auto attribute = op->getAttrOfType<StringAttr>(name))
        return attribute;
  return "";
}

Value AwgToAsync::place(OpBuilder &builder, Operation *op, StringRef started) {
  return addressOf(builder, op->getLoc(), data.place(op->getLoc(), functionOf(op), started));
}

Value AwgToAsync::cast(OpBuilder &builder, Location loc, Type type, Value value) {
  return value.getType() == type ? value
                                 : UnrealizedConversionCastOp::create(builder, loc, type, value).getResult(0);
}

Value AwgToAsync::asPointer(OpBuilder &builder, Location loc, Value value) {
  return cast(builder, loc, pointer, value);
}

Value AwgToAsync::constant(OpBuilder &builder, Location loc, Type type, int64_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(type, value));
}

Value AwgToAsync::isNull(OpBuilder &builder, Location loc, Value value) {
  return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, asPointer(builder, loc, value),
                              nullPointer(builder, loc));
}

//===-- The pass ----------------------------------------------------------------------------------------------------===//

void AwgToAsync::lower(Operation *op) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  auto replace = [&](Value value) {
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
  };
  if (auto ret = dyn_cast<ir::TaskReturnOp>(op))
    return lowerTaskReturn(builder, ret);
  if (auto start = dyn_cast<ir::AsyncOp>(op))
    return lowerCall(builder, op, start.getCalleeAttr(), /*here=*/false);
  if (auto run = dyn_cast<ir::RunOp>(op))
    return lowerCall(builder, op, run.getCalleeAttr(), /*here=*/true);
  if (isa<ir::JoinedOp>(op))
    return replace(call(builder, loc, "awg.joined", pointer, {self(builder, loc), op->getOperand(0), place(builder, op)}));
  if (auto operation = dyn_cast<ir::OperationOp>(op))
    return lowerOperation(builder, operation);
  if (auto await = dyn_cast<ir::AwaitOp>(op))
    return lowerAwait(builder, await);
  if (auto await = dyn_cast<ir::AwaitAllOp>(op))
    return lowerAwaitAll(builder, await);
  if (auto race = dyn_cast<ir::RaceOp>(op))
    return lowerRace(builder, race);
  if (auto cancel = dyn_cast<ir::CancelOp>(op))
    return lowerCancel(builder, cancel);
  if (auto create = dyn_cast<ir::ChanCreateOp>(op))
    return lowerChanCreate(builder, create);
  if (auto send = dyn_cast<ir::SendOp>(op))
    return lowerSend(builder, send);
  if (auto error = dyn_cast<ir::ErrorOp>(op))
    return lowerError(builder, error);
  if (auto format = dyn_cast<ir::FormatOp>(op))
    return lowerFormat(builder, format);
  if (auto create = dyn_cast<ir::ArrayCreateOp>(op))
    return lowerArrayCreate(builder, create);
  if (auto view = dyn_cast<ir::ArrayViewOp>(op))
    return lowerArrayView(builder, view);
  if (auto reshape = dyn_cast<ir::ArrayReshapeOp>(op))
    return lowerArrayReshape(builder, reshape);
  if (auto reach = dyn_cast<ir::ArrayReachOp>(op))
    return lowerArrayReach(builder, reach);
  if (auto elements = dyn_cast<ir::ArrayDataOp>(op))
    return lowerArrayData(builder, elements);
  if (auto slot = dyn_cast<ir::ElementSlotOp>(op))
    return lowerElementSlot(builder, slot);
  if (auto lost = dyn_cast<ir::ArrayLostOp>(op))
    return lowerArrayLost(builder, lost);
  if (auto release = dyn_cast<ir::ReleaseOp>(op))
    return lowerRelease(builder, release);
  if (isa<ir::NullOp>(op))
    return replace(nullPointer(builder, loc));
  if (isa<ir::IsNullOp>(op))
    return replace(isNull(builder, loc, op->getOperand(0)));
  if (auto text = dyn_cast<ir::StrOp>(op))
    return replace(addressOf(builder, loc, data.str(text.getValue())));
  if (isa<ir::RetainOp>(op)) {
    StringRef name = llvm::isa<ir::ChanType>(originalTypes[op]) ? "awgrt_chan_retain" : "awgrt_str_retain";
    call(builder, loc, name, pointer, op->getOperands());
    return op->erase();
  }
  if (isa<ir::ErrorFromStrOp>(op))
    return replace(
        call(builder, loc, "awgrt_error_from_str", pointer, {place(builder, op), op->getOperand(0)}));
  if (isa<ir::IsCancellationOp>(op)) {
    Value flag = call(builder, loc, "awgrt_error_is_cancellation", i32, op->getOperands());
    return replace(
        LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, flag, constant(builder, loc, i32, 0)));
  }
  if (isa<ir::ArrayCopyOp, ir::ArrayReplaceOp>(op)) {
    StackSlots out(builder, loc, 1);
    out.store(builder, 0, nullPointer(builder, loc));
    SmallVector<Value> arguments{place(builder, op)};
    llvm::append_range(arguments, op->getOperands());
    arguments.push_back(out.address());
    StringRef name = isa<ir::ArrayCopyOp>(op) ? "awgrt_array_copy" : "awgrt_array_replace";
    Value error = call(builder, loc, name, pointer, arguments);
    op->replaceAllUsesWith(ValueRange{error, LLVM::LoadOp::create(builder, loc, pointer, out.address())});
    return op->erase();
  }
  if (auto bytes = dyn_cast<ir::BytesOp>(op)) {
    StackSlots out(builder, loc, 1);
    out.store(builder, 0, nullPointer(builder, loc));
    Value error =
        call(builder, loc, "awgrt_bytes", pointer, {place(builder, op), op->getOperand(0), out.address()});
    op->replaceAllUsesWith(ValueRange{error, LLVM::LoadOp::create(builder, loc, pointer, out.address())});
    return op->erase();
  }
  if (isa<ir::ArrayFillOp>(op)) {
    call(builder, loc, "awgrt_array_fill", {},
         {op->getOperand(0), toBits(builder, loc, op->getOperand(1), /*kind=*/0)});
    return op->erase();
  }
  if (auto dim = dyn_cast<ir::ArrayDimOp>(op)) {
    Value address = LLVM::GEPOp::create(builder, loc, pointer, i64, op->getOperand(0),
                                        ArrayRef<LLVM::GEPArg>{int32_t(1 + dim.getDim())});
    return replace(LLVM::LoadOp::create(builder, loc, i64, address));
  }
}

/// A function that the runtime calls with the root task and the program's arguments: starts a task and gives it.
LLVM::LLVMFuncOp AwgToAsync::emitEntry(StringRef task, StringRef name, bool takesArguments) {
  Location loc = module.lookupSymbol(task)->getLoc();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto entry = LLVM::LLVMFuncOp::create(builder, loc, name, LLVM::LLVMFunctionType::get(pointer, {pointer, pointer}));
  OpBuilder body = OpBuilder::atBlockEnd(entry.addEntryBlock(builder));
  SmallVector<Value> operands;
  if (takesArguments)
    operands.push_back(entry.getArgument(1));
  else
    call(body, loc, "awgrt_array_release", {}, {entry.getArgument(1)});
  auto started = async::CallOp::create(body, loc, FlatSymbolRefAttr::get(context, task),
                                       TypeRange{async::TokenType::get(context)}, operands);
  started->setAttr("awg.root", builder.getUnitAttr());
  LLVM::ReturnOp::create(body, loc, asPointer(body, loc, started.getResult(0)));
  return entry;
}

/// `main`: the C function, and the runtime's entry that starts the program's first task.
void AwgToAsync::emitMain() {
  if (!module.lookupSymbol("awg$main_entry"))
    return;
  LLVM::LLVMFuncOp entry = emitEntry("awg$main_entry", "awg$entry", /*takesArguments=*/true);
  Location loc = entry.getLoc();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto main = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({i32, pointer}, {i32}));
  OpBuilder body = OpBuilder::atBlockEnd(main.addEntryBlock());
  Value code = call(body, loc, "awgrt_main", i32,
                    {main.getArgument(0), main.getArgument(1), addressOf(body, loc, entry.getSymNameAttr())});
  func::ReturnOp::create(body, loc, code);
}

AwgToAsync::AwgToAsync(ModuleOp module)
    : module(module), context(module.getContext()), data(module), runtime(module),
      pointer(LLVM::LLVMPointerType::get(context)), i64(IntegerType::get(context, 64)),
      i32(IntegerType::get(context, 32)) {}

void AwgToAsync::run() {
  SmallVector<Operation *> operations;
  SmallVector<ir::TaskOp> tasks;
  module.walk([&](Operation *op) {
    if (auto task = dyn_cast<ir::TaskOp>(op))
      return tasks.push_back(task);
    if (op->getDialect() != context->getLoadedDialect<ir::AwgDialect>())
      return;
    operations.push_back(op);
    if (isa<ir::AwaitOp>(op))
      originalTypes[op] = TupleType::get(context, op->getOperandTypes());
    else if (isa<ir::CancelOp, ir::RetainOp, ir::ReleaseOp>(op))
      originalTypes[op] = op->getOperand(0).getType();
    else if (isa<ir::AsyncOp>(op))
      originalTypes[op] = op->getResult(0).getType();
  });
  replaceTypes(module);
  for (Operation *op : operations)
    lower(op);
  SmallVector<std::string> tests;
  for (ir::TaskOp task : tasks) {
    if (task->hasAttr("awg.test"))
      tests.push_back(task.getSymName().str());
    lowerTask(task);
  }
  emitMain();
  for (const std::string &test : tests)
    emitEntry(test, test + "$entry", /*takesArguments=*/false);
}

namespace {
struct AwgToAsyncPass : lowering::impl::AwgToAsyncBase<AwgToAsyncPass> {
  void runOnOperation() override { AwgToAsync(getOperation()).run(); }
};

struct VerifyAwgLoweredPass : lowering::impl::VerifyAwgLoweredBase<VerifyAwgLoweredPass> {
  void runOnOperation() override {
    auto isAwg = [](Type type) { return type && isa<ir::AwgDialect>(type.getDialect()); };
    auto hasSignature = [](Operation *op, auto matches) {
      auto function = dyn_cast<FunctionOpInterface>(op);
      return function && (llvm::any_of(function.getArgumentTypes(), matches) ||
                          llvm::any_of(function.getResultTypes(), matches));
    };
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (isa_and_nonnull<ir::AwgDialect>(op->getDialect()) || llvm::any_of(op->getResultTypes(), isAwg) ||
          llvm::any_of(op->getOperandTypes(), isAwg) || hasSignature(op, isAwg)) {
        op->emitError() << "is left of the awg dialect";
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
