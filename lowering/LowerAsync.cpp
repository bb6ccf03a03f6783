// Lowers the async dialect to LLVM's switched-resume coroutines on the project's runtime.
//
// An async.func becomes a ramp `(parent, place, spawned, arguments...) -> task`. Its promise is the task: the runtime's header,
// then the results. A spawned coroutine suspends at its start and the runtime runs it on any worker; one that is called runs in
// its caller's stack until it first waits. To wait is: save the suspend point, register with the runtime, and suspend unless
// everything has ended already; whoever ends last resumes the coroutine.
#include "lowering/Passes.h"
#include "lowering/RuntimeCalls.h"
#include "lowering/StackSlots.h"
#include "lowering/StaticData.h"
#include "lowering/TaskWords.h"

#include "mlir/IR/AttrTypeSubElements.h"

#include "llvm/ADT/StringSwitch.h"

#include "awg/awgrt.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_LOWERASYNC
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
/// A coroutine that is being built.
struct Coroutine {
  Value task, handle, id;
  Block *cleanUp, *suspended;
  Block *end; ///< completes the task with the failure that it is given, null for none
};

class LowerAsyncPass : public lowering::impl::LowerAsyncBase<LowerAsyncPass> {
public:
  void runOnOperation() override;

private:
  void lowerFunction(async::FuncOp function);
  void buildFrame(func::FuncOp ramp, Block *body, StringRef name, Coroutine &coroutine);
  void lowerReturn(async::ReturnOp op, Coroutine &coroutine);
  void lowerCall(async::CallOp op, SymbolTable &symbols);
  void lowerDirect(func::FuncOp function);
  void lowerAwait(async::AwaitOp op, Coroutine &coroutine);
  void suspendUntil(OpBuilder &builder, Location loc, StringRef function, ValueRange operands, Coroutine &coroutine);
  void suspend(OpBuilder &builder, Location loc, Value save, bool isFinal, Block *resumed, Coroutine &coroutine);
  void replaceTypes();

  Value call(OpBuilder &builder, Location loc, StringRef name, Type result, ValueRange operands) {
    return runtime->call(builder, loc, name, result, operands);
  }
  Value constant(OpBuilder &builder, Location loc, Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type, builder.getIntegerAttr(type, value));
  }
  Value intrinsic(OpBuilder &builder, Location loc, StringRef op, Type result, ValueRange operands) {
    SmallVector<Type> types;
    if (result)
      types.push_back(result);
    Operation *created = builder.create(loc, builder.getStringAttr(op), operands, types);
    return result ? created->getResult(0) : Value();
  }

  Type pointer, token, i64, i32, i8, i1;
  std::shared_ptr<StaticData> data;
  std::shared_ptr<RuntimeCalls> runtime;
  int64_t suspensions = 0;
};
} // namespace

/// Async tokens and values are their tasks' addresses.
void LowerAsyncPass::replaceTypes() {
  AttrTypeReplacer replacer;
  replacer.addReplacement([this](Type type) -> std::optional<Type> {
    if (isa<async::TokenType, async::ValueType>(type))
      return pointer;
    return std::nullopt;
  });
  replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  getOperation().walk([](UnrealizedConversionCastOp op) {
    if (op.getNumOperands() == 1 && op.getOperand(0).getType() == op.getResult(0).getType()) {
      op.getResult(0).replaceAllUsesWith(op.getOperand(0));
      op.erase();
    }
  });
}

//===-- Frames ------------------------------------------------------------------------------------------------------===//

/// Builds the ramp's entry, which makes the frame and goes to `body`, and the blocks that leave the coroutine.
void LowerAsyncPass::buildFrame(func::FuncOp ramp, Block *body, StringRef name, Coroutine &coroutine) {
  Location loc = ramp.getLoc();
  Region &region = ramp.getBody();
  OpBuilder builder(&getContext());
  Block *entry = builder.createBlock(&region, region.begin(), ramp.getArgumentTypes(),
                                     SmallVector<Location>(ramp.getNumArguments(), loc));
  coroutine.cleanUp = builder.createBlock(&region, region.end());
  coroutine.suspended = builder.createBlock(&region, region.end());
  Block *start = builder.createBlock(&region, region.end());
  for (auto [old, arg] : llvm::zip(body->getArguments(), entry->getArguments().drop_front(3)))
    old.replaceAllUsesWith(arg);
  body->eraseArguments(0, body->getNumArguments());

  // Variables live in the frame: they are declared where the coroutine begins.
  builder.setInsertionPointToStart(entry);
  int64_t size = AWGRT_TASK_HEADER;
  if (auto results = ramp->getAttrOfType<IntegerAttr>("awg.results"))
    size += 8 * results.getInt();
  coroutine.task = LLVM::AllocaOp::create(builder, loc, pointer, LLVM::LLVMArrayType::get(i8, size),
                                          constant(builder, loc, i64, 1), /*alignment=*/16);
  for (Block &block : llvm::make_early_inc_range(region))
    if (&block != entry)
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (auto slots = dyn_cast<LLVM::AllocaOp>(op)) {
          slots.getArraySize().getDefiningOp()->moveBefore(entry, entry->end());
          op.moveBefore(entry, entry->end());
        }
      }
  builder.setInsertionPointToEnd(entry);
  Value null = LLVM::ZeroOp::create(builder, loc, pointer);
  Value align = constant(builder, loc, i32, 16);
  coroutine.id = intrinsic(builder, loc, "llvm.intr.coro.id", token, {align, coroutine.task, null, null});
  Value bytes = intrinsic(builder, loc, "llvm.intr.coro.size", i64, {});
  Value memory = call(builder, loc, "awgrt_frame_alloc", pointer, {bytes});
  coroutine.handle = intrinsic(builder, loc, "llvm.intr.coro.begin", pointer, {coroutine.id, memory});
  call(builder, loc, "awgrt_task_begin", {},
       {coroutine.task, entry->getArgument(0), entry->getArgument(1)});
  cf::CondBranchOp::create(builder, loc, entry->getArgument(2), start, ValueRange(), body, ValueRange());

  builder.setInsertionPointToEnd(start);
  Value save = intrinsic(builder, loc, "llvm.intr.coro.save", token, {coroutine.handle});
  suspend(builder, loc, save, /*isFinal=*/false, body, coroutine);

  builder.setInsertionPointToEnd(coroutine.cleanUp);
  Value frame = intrinsic(builder, loc, "llvm.intr.coro.free", pointer, {coroutine.id, coroutine.handle});
  call(builder, loc, "awgrt_frame_free", {}, {frame});
  cf::BranchOp::create(builder, loc, coroutine.suspended);

  coroutine.end = builder.createBlock(&region, region.end(), pointer, loc);
  save = intrinsic(builder, loc, "llvm.intr.coro.save", token, {coroutine.handle});
  call(builder, loc, "awgrt_task_complete", {}, {coroutine.task, coroutine.end->getArgument(0)});
  Block *never = builder.createBlock(&region, region.end());
  LLVM::UnreachableOp::create(builder, loc);
  builder.setInsertionPointToEnd(coroutine.end);
  suspend(builder, loc, save, /*isFinal=*/true, never, coroutine);

  builder.setInsertionPointToEnd(coroutine.suspended);
  Value none = LLVM::NoneTokenOp::create(builder, loc);
  Value unwind = LLVM::ConstantOp::create(builder, loc, i1, builder.getBoolAttr(false));
  builder.create(loc, builder.getStringAttr("llvm.intr.coro.end"), ValueRange{coroutine.handle, unwind, none},
                 TypeRange{i1});
  func::ReturnOp::create(builder, loc, coroutine.task);
}

/// Suspends; goes on in `resumed`, or to the end when the frame is destroyed. Each suspension has a number, so that no two
/// blocks that end with one are alike: merged, they would pass the token as a block's argument, which LLVM has no form for.
void LowerAsyncPass::suspend(OpBuilder &builder, Location loc, Value save, bool isFinal, Block *resumed,
                             Coroutine &coroutine) {
  Value final = LLVM::ConstantOp::create(builder, loc, i1, builder.getBoolAttr(isFinal));
  Value state = intrinsic(builder, loc, "llvm.intr.coro.suspend", i8, {save, final});
  state.getDefiningOp()->setAttr("awg.suspension", builder.getI64IntegerAttr(suspensions++));
  Value wide = LLVM::SExtOp::create(builder, loc, i32, state);
  SmallVector<int32_t> values{0, 1};
  SmallVector<Block *> blocks{resumed, coroutine.cleanUp};
  SmallVector<ValueRange> operands(2);
  cf::SwitchOp::create(builder, loc, wide, coroutine.suspended, ValueRange(), values, blocks, operands);
}

/// Waits at the builder, unless the runtime's function says that there is nothing to wait for; goes on in a new block.
void LowerAsyncPass::suspendUntil(OpBuilder &builder, Location loc, StringRef function, ValueRange operands,
                                  Coroutine &coroutine) {
  Block *before = builder.getInsertionBlock();
  Block *after = before->splitBlock(builder.getInsertionPoint());
  Block *wait = builder.createBlock(after);
  builder.setInsertionPointToEnd(before);
  Value save = intrinsic(builder, loc, "llvm.intr.coro.save", token, {coroutine.handle});
  SmallVector<Value> passed{coroutine.task};
  llvm::append_range(passed, operands);
  Value ended = call(builder, loc, function, i32, passed);
  Value goOn = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, ended, constant(builder, loc, i32, 0));
  cf::CondBranchOp::create(builder, loc, goOn, after, ValueRange(), wait, ValueRange());
  builder.setInsertionPointToEnd(wait);
  suspend(builder, loc, save, /*isFinal=*/false, after, coroutine);
  builder.setInsertionPointToStart(after);
}

//===-- Operations --------------------------------------------------------------------------------------------------===//

/// The `awg.reject` call that says how the task ends; it stands before the return in the same block.
static func::CallOp rejection(async::ReturnOp op) {
  for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode())
    if (auto call = dyn_cast<func::CallOp>(before); call && call.getCallee() == "awg.reject")
      return call;
  llvm_unreachable("a task's return without awg.reject");
}

void LowerAsyncPass::lowerReturn(async::ReturnOp op, Coroutine &coroutine) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto reject = rejection(op);
  Value error = reject.getOperand(0);
  if (op.getNumOperands() == 1) {
    Value value = op.getOperand(0);
    auto record = dyn_cast<LLVM::LLVMStructType>(value.getType());
    size_t leaves = record ? record.getBody().size() : 1;
    for (size_t k = 0; k < leaves; ++k) {
      Value leaf = record ? LLVM::ExtractValueOp::create(builder, loc, value, ArrayRef<int64_t>(k)).getResult() : value;
      Value slot = LLVM::GEPOp::create(builder, loc, pointer, i8, coroutine.task,
                                       ArrayRef<LLVM::GEPArg>{int32_t(AWGRT_TASK_HEADER + 8 * k)});
      LLVM::StoreOp::create(builder, loc, leaf, slot);
    }
  }
  cf::BranchOp::create(builder, loc, coroutine.end, error);
  reject.erase();
  op.erase();
}

void LowerAsyncPass::lowerCall(async::CallOp op, SymbolTable &symbols) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  bool here = op->hasAttr("awg.here"), isRoot = op->hasAttr("awg.root");
  StringRef function = "";
  if (auto parent = op->getParentOfType<FunctionOpInterface>())
    if (auto name = parent->getAttrOfType<StringAttr>("source_name"))
      function = name;
  auto callee = symbols.lookup<async::FuncOp>(op.getCallee());
  StringRef name = callee->hasAttr("awg.outlined") ? "async" : cast<StringAttr>(callee->getAttr("source_name")).getValue();
  Value parent = isRoot ? Value(op->getParentOfType<LLVM::LLVMFuncOp>().getArgument(0)) : call(builder, loc, "awg.self", pointer, {});
  // One that is called runs in this stack while there is enough of it.
  Value spawned;
  if (here)
    spawned = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                   call(builder, loc, "awgrt_stack_is_low", i32, {}), constant(builder, loc, i32, 0));
  else
    spawned = LLVM::ConstantOp::create(builder, loc, i1, builder.getBoolAttr(true));
  SmallVector<Value> operands{parent, StaticData::addressOf(builder, loc, data->place(loc, function, name)), spawned};
  llvm::append_range(operands, op->getOperands());
  auto started = func::CallOp::create(builder, loc, op.getCallee(), TypeRange(pointer), operands);
  if (here) {
    Block *before = op->getBlock();
    Block *after = before->splitBlock(op);
    Block *spawn = builder.createBlock(after);
    call(builder, loc, "awgrt_task_spawn", {}, {started.getResult(0)});
    cf::BranchOp::create(builder, loc, after);
    builder.setInsertionPointToEnd(before);
    cf::CondBranchOp::create(builder, loc, spawned, spawn, ValueRange(), after, ValueRange());
  } else if (!isRoot) {
    call(builder, loc, "awgrt_task_spawn", {}, {started.getResult(0)});
  }
  op->getResult(0).replaceAllUsesWith(started.getResult(0));
  op.erase();
}

void LowerAsyncPass::lowerAwait(async::AwaitOp op, Coroutine &coroutine) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Value task = op->getOperand(0);
  // Most have ended already.
  Value done = isTaskDone(builder, loc, task);
  Block *before = builder.getInsertionBlock();
  Block *after = before->splitBlock(builder.getInsertionPoint());
  Block *wait = builder.createBlock(after);
  builder.setInsertionPointToEnd(before);
  cf::CondBranchOp::create(builder, loc, done, after, ValueRange(), wait, ValueRange());
  builder.setInsertionPointToEnd(wait);
  builder.setInsertionPoint(cf::BranchOp::create(builder, loc, after));
  suspendUntil(builder, loc, "awgrt_await_one", task, coroutine);
  builder.setInsertionPointToStart(after);
  if (op->getNumResults() == 1) {
    auto load = [&](Type type, size_t k) {
      Value slot = LLVM::GEPOp::create(builder, loc, pointer, i8, task,
                                       ArrayRef<LLVM::GEPArg>{int32_t(AWGRT_TASK_HEADER + 8 * k)});
      return LLVM::LoadOp::create(builder, loc, type, slot).getResult();
    };
    Type type = op->getResult(0).getType();
    Value value;
    if (auto record = dyn_cast<LLVM::LLVMStructType>(type)) {
      value = LLVM::PoisonOp::create(builder, loc, type);
      for (auto [k, leaf] : llvm::enumerate(record.getBody()))
        value = LLVM::InsertValueOp::create(builder, loc, value, load(leaf, k), ArrayRef<int64_t>(k));
    } else {
      value = load(type, 0);
    }
    op->getResult(0).replaceAllUsesWith(value);
  }
  op.erase();
}

void LowerAsyncPass::lowerFunction(async::FuncOp function) {
  OpBuilder builder(function);
  SmallVector<Type> inputs{pointer, pointer, i1};
  llvm::append_range(inputs, function.getArgumentTypes());
  auto ramp = func::FuncOp::create(builder, function.getLoc(), function.getSymName(),
                                   builder.getFunctionType(inputs, {pointer}));
  ramp.setPrivate();
  ramp->setAttr("passthrough", builder.getStrArrayAttr({"presplitcoroutine"}));
  ramp->setAttr("source_name", function->getAttr("source_name"));
  ramp.getBody().takeBody(function.getBody());
  function.erase();

  SmallVector<async::ReturnOp> returns;
  SmallVector<async::AwaitOp> awaits;
  SmallVector<func::CallOp> waits, selves;
  size_t results = 0;
  ramp.walk([&](Operation *op) {
    if (auto ret = dyn_cast<async::ReturnOp>(op)) {
      returns.push_back(ret);
      if (op->getNumOperands() == 1) {
        auto record = dyn_cast<LLVM::LLVMStructType>(op->getOperand(0).getType());
        results = record ? record.getBody().size() : 1;
      }
    } else if (auto await = dyn_cast<async::AwaitOp>(op)) {
      awaits.push_back(await);
    } else if (auto call = dyn_cast<func::CallOp>(op); call && call.getCallee().starts_with("awg.suspend_")) {
      waits.push_back(call);
    }
  });
  ramp->setAttr("awg.results", builder.getI64IntegerAttr(results));

  Coroutine coroutine;
  Block *body = &ramp.getBody().front();
  buildFrame(ramp, body, ramp.getSymName(), coroutine);
  for (async::AwaitOp op : awaits)
    lowerAwait(op, coroutine);
  for (func::CallOp op : waits) {
    OpBuilder at(op);
    StringRef function = llvm::StringSwitch<StringRef>(op.getCallee())
                             .Case("awg.suspend_race", "awgrt_race")
                             .Case("awg.suspend_sleep", "awgrt_sleep_here")
                             .Default("awgrt_await");
    suspendUntil(at, op.getLoc(), function, op.getOperands(), coroutine);
    op.erase();
  }
  for (async::ReturnOp op : returns)
    lowerReturn(op, coroutine);
  ramp.walk([&](func::CallOp op) {
    if (op.getCallee() == "awg.self")
      selves.push_back(op);
  });
  for (func::CallOp op : selves) {
    op.getResult(0).replaceAllUsesWith(coroutine.task);
    op.erase();
  }
}

//===-- Calls instead of tasks --------------------------------------------------------------------------------------===//

/// A function that stands for a task takes the task that it is called in as its first argument.
void LowerAsyncPass::lowerDirect(func::FuncOp function) {
  (void)function.insertArgument(0, pointer, {}, function.getLoc());
  function.walk([&](func::CallOp op) {
    if (op.getCallee() != "awg.self")
      return;
    op.getResult(0).replaceAllUsesWith(function.getArgument(0));
    op.erase();
  });
}

void LowerAsyncPass::runOnOperation() {
  ModuleOp module = getOperation();
  MLIRContext *context = &getContext();
  pointer = LLVM::LLVMPointerType::get(context);
  token = LLVM::LLVMTokenType::get(context);
  i64 = IntegerType::get(context, 64);
  i32 = IntegerType::get(context, 32);
  i8 = IntegerType::get(context, 8);
  i1 = IntegerType::get(context, 1);
  data = std::make_shared<StaticData>(module);
  runtime = std::make_shared<RuntimeCalls>(module);
  replaceTypes();
  SymbolTable symbols(module);
  SmallVector<async::CallOp> calls;
  SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
  module.walk([&](Operation *op) {
    if (auto call = dyn_cast<async::CallOp>(op))
      return calls.push_back(call);
    auto call = dyn_cast<func::CallOp>(op);
    if (auto callee = call ? symbols.lookup<func::FuncOp>(call.getCallee()) : nullptr; callee && callee->hasAttr("awg.direct")) {
      OpBuilder builder(op);
      op->insertOperands(0, this->call(builder, op->getLoc(), "awg.self", pointer, {}));
    }
  });
  for (async::CallOp op : calls)
    lowerCall(op, symbols);
  for (func::FuncOp function : functions) {
    if (function->hasAttr("awg.direct"))
      lowerDirect(function);
    else if (function.getSymName() == "awg.joined")
      defineJoin(function, *runtime, "awgrt_joined");
    else if (function.getSymName() == "awg.join_one")
      defineJoin(function, *runtime, "awgrt_join_one");
  }
  for (async::FuncOp function : llvm::make_early_inc_range(module.getOps<async::FuncOp>()))
    lowerFunction(function);
  for (StringRef name : {"awg.self", "awg.reject", "awg.suspend_until", "awg.suspend_race", "awg.suspend_sleep"})
    if (Operation *declaration = module.lookupSymbol(name))
      declaration->erase();
}
