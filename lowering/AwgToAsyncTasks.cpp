// Lowers tasks, futures and channels.
#include "lowering/AwgToAsync.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

//===-- Tasks -------------------------------------------------------------------------------------------------------===//

Value AwgToAsync::memoryAt(OpBuilder &builder, Location loc, MemRefType type, Value address) {
  SmallVector<Type> fields{pointer, pointer, i64};
  if (unsigned rank = type.getRank())
    fields.append(2, LLVM::LLVMArrayType::get(i64, rank));
  Value descriptor = LLVM::PoisonOp::create(builder, loc, LLVM::LLVMStructType::getLiteral(context, fields));
  auto set = [&](Value value, ArrayRef<int64_t> position) {
    descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, position);
  };
  auto number = [&](int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(value)).getResult();
  };
  set(address, {0});
  set(address, {1});
  set(number(0), {2});
  SmallVector<int64_t> strides = computeSuffixProduct(type.getShape());
  for (int64_t k = 0; k < type.getRank(); ++k) {
    set(number(type.getDimSize(k)), {3, k});
    set(number(strides[k]), {4, k});
  }
  return cast(builder, loc, type, descriptor);
}

/// A variable of a task is memory of its frame: async.func has no stack of its own.
void AwgToAsync::lowerVariable(memref::AllocaOp variable) {
  OpBuilder builder(variable);
  Location loc = variable.getLoc();
  MemRefType type = variable.getType();
  Value count = LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(type.getNumElements()));
  Value address = LLVM::AllocaOp::create(builder, loc, pointer, type.getElementType(), count);
  variable.replaceAllUsesWith(memoryAt(builder, loc, type, address));
  variable.erase();
}

void AwgToAsync::lowerTask(ir::TaskOp task) {
  SmallVector<memref::AllocaOp> variables;
  task.walk([&](memref::AllocaOp op) { variables.push_back(op); });
  for (memref::AllocaOp op : variables)
    lowerVariable(op);
  OpBuilder builder(task);
  SmallVector<Type> leaves(task.getResultTypes());
  auto function = async::FuncOp::create(
      builder, task.getLoc(), task.getSymName(),
      builder.getFunctionType(task.getArgumentTypes(), taskResult(context, leaves)));
  function->setAttr("sym_visibility", builder.getStringAttr("private"));
  function->setAttr("source_name", task.getSourceNameAttr());
  if (auto outlined = task->getAttr("awg.outlined"))
    function->setAttr("awg.outlined", outlined);
  if (Attribute foreign = task->getAttr("awg.foreign"))
    function->setAttr("awg.foreign", foreign);
  function.getBody().takeBody(task.getBody());
  task.erase();
}

void AwgToAsync::lowerTaskReturn(OpBuilder &builder, ir::TaskReturnOp op) {
  Location loc = op.getLoc();
  call(builder, loc, "awg.reject", {}, {op.getOperand(0)});
  ValueRange values = op.getValues();
  if (values.size() > 1) {
    SmallVector<Type> types(values.getTypes());
    Value record =
        LLVM::PoisonOp::create(builder, loc, LLVM::LLVMStructType::getLiteral(context, types));
    for (auto [k, value] : llvm::enumerate(values))
      record = LLVM::InsertValueOp::create(builder, loc, record, value, ArrayRef<int64_t>(k));
    async::ReturnOp::create(builder, loc, record);
  } else {
    async::ReturnOp::create(builder, loc, values);
  }
  op.erase();
}

Value AwgToAsync::loadResults(OpBuilder &builder, Location loc, Value future, SmallVectorImpl<Value> &values) {
  auto value = llvm::dyn_cast<async::ValueType>(future.getType());
  auto await = async::AwaitOp::create(builder, loc, future);
  if (!value)
    return asPointer(builder, loc, future);
  Value result = await.getResult();
  auto record = llvm::dyn_cast<LLVM::LLVMStructType>(value.getValueType());
  if (!record)
    values.push_back(result);
  else
    for (size_t k = 0; k < record.getBody().size(); ++k)
      values.push_back(LLVM::ExtractValueOp::create(builder, loc, result, ArrayRef<int64_t>(k)));
  return asPointer(builder, loc, future);
}

void AwgToAsync::lowerCall(OpBuilder &builder, Operation *op, FlatSymbolRefAttr callee, bool here) {
  Location loc = op->getLoc();
  SmallVector<Type> leaves;
  if (here)
    llvm::append_range(leaves, op->getResults().drop_front().getTypes());
  else
    llvm::append_range(leaves, llvm::cast<ir::FutureType>(originalTypes[op]).getLeaves());
  for (Type &leaf : leaves)
    if (llvm::isa<ir::ArrayType, ir::StrType, ir::ErrorType, ir::ChanType>(leaf))
      leaf = pointer;
  auto started = async::CallOp::create(builder, loc, callee, taskResult(context, leaves), op->getOperands());
  if (!here) {
    op->getResult(0).replaceAllUsesWith(asPointer(builder, loc, started.getResult(0)));
    op->erase();
    return;
  }
  started->setAttr("awg.here", builder.getUnitAttr());
  SmallVector<Value> values;
  Value task = loadResults(builder, loc, started.getResult(0), values);
  Value error = call(builder, loc, "awg.join_one", pointer, {self(builder, loc), task, place(builder, op)});
  call(builder, loc, "awgrt_task_free", {}, {task});
  SmallVector<Value> results{error};
  llvm::append_range(results, values);
  op->replaceAllUsesWith(results);
  op->erase();
}

void AwgToAsync::lowerOperation(OpBuilder &builder, ir::OperationOp op) {
  Location loc = op.getLoc();
  StringRef started = op.getFunction();
  started.consume_front("awgrt_");
  SmallVector<Value> operands{self(builder, loc), place(builder, op, started)};
  llvm::append_range(operands, op.getArgs());
  if (auto extents = op.getExtents()) {
    StackSlots list(builder, loc, extents->size());
    for (auto [k, extent] : llvm::enumerate(*extents))
      list.store(builder, k, constant(builder, loc, i64, extent));
    operands.push_back(list.address());
  }
  op->getResult(0).replaceAllUsesWith(call(builder, loc, op.getFunction(), pointer, operands));
  op.erase();
}

/// `await sleep(d)`: the task itself sleeps, without an operation that it would wait for. False if it is none.
bool AwgToAsync::lowerSleep(OpBuilder &builder, ir::AwaitOp op) {
  auto sleep = op->getOperand(0).getDefiningOp<func::CallOp>();
  if (!sleep || sleep.getCallee() != "awgrt_sleep" || !sleep.getResult(0).hasOneUse() || sleep->getNextNode() != op)
    return false;
  Location loc = op.getLoc();
  call(builder, loc, "awg.suspend_sleep", {}, {sleep.getOperand(1), sleep.getOperand(2)});
  Value ended = call(builder, loc, "awg.joined", pointer,
                     {sleep.getOperand(0), nullPointer(builder, loc), place(builder, op)});
  op->getResult(0).replaceAllUsesWith(ended);
  op.erase();
  sleep.erase();
  return true;
}

/// The types of the leaves of what was a future.
SmallVector<Type> AwgToAsync::leavesOf(Type future) {
  SmallVector<Type> leaves(llvm::cast<ir::FutureType>(future).getLeaves());
  for (Type &leaf : leaves)
    if (llvm::isa<ir::ArrayType, ir::StrType, ir::ErrorType, ir::ChanType>(leaf))
      leaf = pointer;
  return leaves;
}

/// `await kernel(...)`: a short launch has been carried out when the runtime's function returns; any other is awaited. False if
/// it is none.
bool AwgToAsync::lowerAwaitedLaunch(OpBuilder &builder, ir::AwaitOp op) {
  auto launch = op->getOperand(0).getDefiningOp<func::CallOp>();
  if (!launch || launch.getCallee() != "awgrt_launch" || !launch.getResult(0).hasOneUse() ||
      launch->getNextNode() != op)
    return false;
  Location loc = op.getLoc();
  Type type = llvm::cast<TupleType>(originalTypes[op]).getType(0);
  SmallVector<Type> leaves = leavesOf(type);
  StackSlots slots(builder, loc, AWGRT_LAUNCH_RESULTS);
  SmallVector<Value> operands(launch.getOperands());
  operands.push_back(slots.address());
  builder.setInsertionPoint(launch);
  Value task = call(builder, launch.getLoc(), "awgrt_launch_here", pointer, operands);
  Block *before = op->getBlock(), *after = before->splitBlock(op);
  Block *here = builder.createBlock(after), *started = builder.createBlock(after);
  for (Value result : op->getResults())
    result.replaceAllUsesWith(after->addArgument(result.getType(), loc));
  builder.setInsertionPoint(launch);
  cf::CondBranchOp::create(builder, loc, isNull(builder, loc, task), here, ValueRange(), started, ValueRange());

  builder.setInsertionPointToEnd(here);
  SmallVector<Value> results{
      call(builder, loc, "awg.joined", pointer, {self(builder, loc), nullPointer(builder, loc), place(builder, op)})};
  for (auto [k, leaf] : llvm::enumerate(leaves))
    results.push_back(LLVM::LoadOp::create(builder, loc, leaf, slots.address(builder, k)));
  cf::BranchOp::create(builder, loc, after, results);

  builder.setInsertionPointToEnd(started);
  results.resize(1);
  loadResults(builder, loc, cast(builder, loc, taskResult(context, leaves), task), results);
  results[0] = call(builder, loc, "awg.join_one", pointer, {self(builder, loc), task, place(builder, op)});
  call(builder, loc, "awgrt_task_free", {}, {task});
  cf::BranchOp::create(builder, loc, after, results);
  op.erase();
  launch.erase();
  return true;
}

void AwgToAsync::lowerAwait(OpBuilder &builder, ir::AwaitOp op) {
  Location loc = op.getLoc();
  size_t count = op->getNumOperands();
  if (count == 1 && (lowerSleep(builder, op) || lowerAwaitedLaunch(builder, op)))
    return;
  auto types = llvm::cast<TupleType>(originalTypes[op]).getTypes();
  auto convert = [&](Type leaf) {
    return llvm::isa<ir::ArrayType, ir::StrType, ir::ErrorType, ir::ChanType>(leaf) ? pointer : leaf;
  };
  SmallVector<Value> values;
  auto load = [&] {
    for (auto [future, type] : llvm::zip(op->getOperands(), types))
      loadResults(builder, loc, cast(builder, loc, asyncType(llvm::cast<ir::FutureType>(type), convert), future), values);
  };
  Value error;
  if (count == 1) {
    load();
    error = call(builder, loc, "awg.join_one", pointer, {self(builder, loc), op->getOperand(0), place(builder, op)});
  } else {
    StackSlots list(builder, loc, count);
    for (auto [k, future] : llvm::enumerate(op->getOperands()))
      list.store(builder, k, future);
    Value number = constant(builder, loc, i64, count);
    if (count > 0) // all have ended before the first is looked at; of none, only whether this task was cancelled
      call(builder, loc, "awg.suspend_until", {}, {list.address(), number});
    load();
    error = call(builder, loc, "awgrt_join", pointer, {self(builder, loc), list.address(), number, place(builder, op)});
  }
  for (Value future : op->getOperands())
    call(builder, loc, "awgrt_task_free", {}, {future});
  SmallVector<Value> results{error};
  llvm::append_range(results, values);
  op->replaceAllUsesWith(results);
  op.erase();
}

/// The elements stay: each is awaited by itself afterwards, which no longer waits.
void AwgToAsync::lowerAwaitAll(OpBuilder &builder, ir::AwaitAllOp op) {
  Location loc = op.getLoc();
  Value array = op->getOperand(0);
  Value elements = call(builder, loc, "awgrt_array_data", pointer, {array, constant(builder, loc, i32, 0)});
  Value extent = LLVM::GEPOp::create(builder, loc, pointer, i64, array, ArrayRef<LLVM::GEPArg>{1});
  Value count = LLVM::LoadOp::create(builder, loc, i64, extent);
  call(builder, loc, "awg.suspend_until", {}, {elements, count});
  Value error = call(builder, loc, "awgrt_join", pointer, {self(builder, loc), elements, count, place(builder, op)});
  op->getResult(0).replaceAllUsesWith(error);
  op.erase();
}

void AwgToAsync::lowerRace(OpBuilder &builder, ir::RaceOp op) {
  Location loc = op.getLoc();
  StackSlots list(builder, loc, op->getNumOperands() + 1); // the runtime notes the first to end in the last
  for (auto [k, future] : llvm::enumerate(op->getOperands()))
    list.store(builder, k, future);
  Value count = constant(builder, loc, i64, op->getNumOperands());
  call(builder, loc, "awg.suspend_race", {}, {list.address(), count});
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_race_winner", i64, {self(builder, loc), list.address(), count}));
  op.erase();
}

void AwgToAsync::lowerCancel(OpBuilder &builder, ir::CancelOp op) {
  Location loc = op.getLoc();
  Value future = op->getOperand(0);
  StackSlots list(builder, loc, 1);
  list.store(builder, 0, future);
  call(builder, loc, "awgrt_cancel", {}, {list.address(), constant(builder, loc, i64, 1)});
  auto convert = [&](Type leaf) {
    return llvm::isa<ir::ArrayType, ir::StrType, ir::ErrorType, ir::ChanType>(leaf) ? pointer : leaf;
  };
  auto type = llvm::cast<ir::FutureType>(originalTypes[op]);
  SmallVector<Value> values;
  loadResults(builder, loc, cast(builder, loc, asyncType(type, convert), future), values);
  Value succeeded = call(builder, loc, "awgrt_task_succeeded", i32, {future});
  if (op->getNumOperands() > 1)
    call(builder, loc, "awgrt_error_note", {}, {op->getOperand(1), future});
  call(builder, loc, "awgrt_task_free", {}, {future});
  // Only its being null matters: all ones for "there are no values".
  Value good = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, succeeded, constant(builder, loc, i32, 0));
  Value some = LLVM::IntToPtrOp::create(builder, loc, pointer, constant(builder, loc, i64, -1));
  SmallVector<Value> results{LLVM::SelectOp::create(builder, loc, good, nullPointer(builder, loc), some)};
  llvm::append_range(results, values);
  op->replaceAllUsesWith(results);
  op.erase();
}

//===-- Channels ----------------------------------------------------------------------------------------------------===//

void AwgToAsync::lowerChanCreate(OpBuilder &builder, ir::ChanCreateOp op) {
  Location loc = op.getLoc();
  ArrayRef<int8_t> kinds = op.getKinds();
  StringRef kindBytes(reinterpret_cast<const char *>(kinds.data()), kinds.size());
  StackSlots out(builder, loc, 1);
  out.store(builder, 0, nullPointer(builder, loc));
  Value error = call(builder, loc, "awgrt_chan_create", pointer,
                     {place(builder, op), op.getCapacity(), constant(builder, loc, i32, kinds.size()),
                      addressOf(builder, loc, data.bytes(kindBytes)), out.address()});
  op->replaceAllUsesWith(ValueRange{error, LLVM::LoadOp::create(builder, loc, pointer, out.address())});
  op.erase();
}

void AwgToAsync::lowerSend(OpBuilder &builder, ir::SendOp op) {
  Location loc = op.getLoc();
  StackSlots value(builder, loc, op.getValues().size());
  for (auto [k, leaf] : llvm::enumerate(op.getValues()))
    value.store(builder, k, leaf);
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, op.getInRace() ? "awgrt_chan_send_later" : "awgrt_chan_send", pointer,
           {self(builder, loc), place(builder, op), op->getOperand(0), value.address()}));
  op.erase();
}
