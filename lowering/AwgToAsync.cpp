// Lowers tasks and futures to the async dialect and every other awg operation to calls of the runtime.
//
// First all types change in place (arrays, strings and errors are pointers; a future is an async token or value), then each operation
// is replaced. Null futures (used up) are null pointers behind a cast.
#include "lowering/Passes.h"
#include "lowering/RuntimeCalls.h"
#include "lowering/StackSlots.h"
#include "lowering/StaticData.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_AWGTOASYNC
#define GEN_PASS_DEF_VERIFYAWGLOWERED
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
class AwgToAsyncPass : public lowering::impl::AwgToAsyncBase<AwgToAsyncPass> {
public:
  void runOnOperation() override;

private:
  void lower(Operation *op);
  void lowerTask(ir::TaskOp task);
  void lowerVariable(memref::AllocaOp variable);
  void lowerTaskReturn(OpBuilder &builder, ir::TaskReturnOp op);
  void lowerCall(OpBuilder &builder, Operation *op, FlatSymbolRefAttr callee, bool here);
  void lowerOperation(OpBuilder &builder, ir::OperationOp op);
  void lowerAwait(OpBuilder &builder, ir::AwaitOp op);
  bool lowerSleep(OpBuilder &builder, ir::AwaitOp op);
  void lowerAwaitAll(OpBuilder &builder, ir::AwaitAllOp op);
  void lowerRace(OpBuilder &builder, ir::RaceOp op);
  void lowerChanCreate(OpBuilder &builder, ir::ChanCreateOp op);
  void lowerSend(OpBuilder &builder, ir::SendOp op);
  void lowerCancel(OpBuilder &builder, ir::CancelOp op);
  void lowerError(OpBuilder &builder, ir::ErrorOp op);
  void lowerFormat(OpBuilder &builder, ir::FormatOp op);
  void lowerArrayCreate(OpBuilder &builder, ir::ArrayCreateOp op);
  void lowerArrayView(OpBuilder &builder, ir::ArrayViewOp op);
  void lowerArrayReshape(OpBuilder &builder, ir::ArrayReshapeOp op);
  void lowerArrayData(OpBuilder &builder, ir::ArrayDataOp op);
  void lowerRelease(OpBuilder &builder, ir::ReleaseOp op);
  LLVM::LLVMFuncOp emitEntry(StringRef task, StringRef name, bool takesArguments);
  void emitMain();

  Value call(OpBuilder &builder, Location loc, StringRef name, Type result, ValueRange operands) {
    return runtime->call(builder, loc, name, result, operands);
  }
  Value self(OpBuilder &builder, Location loc) { return call(builder, loc, "awg.self", pointer, {}); }
  Value place(OpBuilder &builder, Operation *op, StringRef started = "");
  Value addressOf(OpBuilder &builder, Location loc, StringAttr symbol) {
    return StaticData::addressOf(builder, loc, symbol);
  }
  Value asPointer(OpBuilder &builder, Location loc, Value value);
  Value cast(OpBuilder &builder, Location loc, Type type, Value value);
  Value constant(OpBuilder &builder, Location loc, Type type, int64_t value);
  Value nullPointer(OpBuilder &builder, Location loc) { return LLVM::ZeroOp::create(builder, loc, pointer); }
  Value isNull(OpBuilder &builder, Location loc, Value value);
  Value loadResults(OpBuilder &builder, Location loc, Value future, SmallVectorImpl<Value> &values);
  StackSlots formatArguments(OpBuilder &builder, Location loc, ValueRange args, ArrayRef<int8_t> kinds);

  Type pointer, i64, i32;
  std::shared_ptr<StaticData> data;
  std::shared_ptr<RuntimeCalls> runtime;
  /// What must be known of an operation before its types change.
  llvm::DenseMap<Operation *, Type> originalTypes;
};
} // namespace

//===-- Types -------------------------------------------------------------------------------------------------------===//

/// A future of no leaves is a token, of one a value of it, of several a value of their struct.
static Type asyncType(ir::FutureType future, llvm::function_ref<Type(Type)> convert) {
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

/// What a task of these leaves gives.
static SmallVector<Type> taskResult(MLIRContext *context, ArrayRef<Type> leaves) {
  auto same = [](Type type) { return type; };
  return {asyncType(ir::FutureType::get(context, leaves), same)};
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

/// The function that the operation stands in; "" if unknown.
static StringRef functionOf(Operation *op) {
  for (; op; op = op->getParentOp())
    for (StringRef name : {"awg.source_name", "source_name"})
      if (auto attribute = op->getAttrOfType<StringAttr>(name))
        return attribute;
  return "";
}

/// The operation's place, and what has been started there.
Value AwgToAsyncPass::place(OpBuilder &builder, Operation *op, StringRef started) {
  return addressOf(builder, op->getLoc(), data->place(op->getLoc(), functionOf(op), started));
}

Value AwgToAsyncPass::cast(OpBuilder &builder, Location loc, Type type, Value value) {
  return value.getType() == type ? value
                                 : UnrealizedConversionCastOp::create(builder, loc, type, value).getResult(0);
}

Value AwgToAsyncPass::asPointer(OpBuilder &builder, Location loc, Value value) {
  return cast(builder, loc, pointer, value);
}

Value AwgToAsyncPass::constant(OpBuilder &builder, Location loc, Type type, int64_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(type, value));
}

Value AwgToAsyncPass::isNull(OpBuilder &builder, Location loc, Value value) {
  return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, asPointer(builder, loc, value),
                              nullPointer(builder, loc));
}

//===-- Tasks -------------------------------------------------------------------------------------------------------===//

/// A variable of a task is memory of its frame: async.func has no stack of its own.
void AwgToAsyncPass::lowerVariable(memref::AllocaOp variable) {
  OpBuilder builder(variable);
  Location loc = variable.getLoc();
  MemRefType type = variable.getType();
  auto number = [&](int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(value)).getResult();
  };
  Value address = LLVM::AllocaOp::create(builder, loc, pointer, type.getElementType(), number(type.getNumElements()));
  SmallVector<Type> fields{pointer, pointer, i64};
  if (unsigned rank = type.getRank())
    fields.append(2, LLVM::LLVMArrayType::get(i64, rank));
  Value descriptor = LLVM::PoisonOp::create(builder, loc, LLVM::LLVMStructType::getLiteral(&getContext(), fields));
  auto set = [&](Value value, ArrayRef<int64_t> position) {
    descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, position);
  };
  set(address, {0});
  set(address, {1});
  set(number(0), {2});
  SmallVector<int64_t> strides = computeSuffixProduct(type.getShape());
  for (int64_t k = 0; k < type.getRank(); ++k) {
    set(number(type.getDimSize(k)), {3, k});
    set(number(strides[k]), {4, k});
  }
  variable.replaceAllUsesWith(cast(builder, loc, type, descriptor));
  variable.erase();
}

void AwgToAsyncPass::lowerTask(ir::TaskOp task) {
  SmallVector<memref::AllocaOp> variables;
  task.walk([&](memref::AllocaOp op) { variables.push_back(op); });
  for (memref::AllocaOp op : variables)
    lowerVariable(op);
  OpBuilder builder(task);
  SmallVector<Type> leaves(task.getResultTypes());
  auto function = async::FuncOp::create(
      builder, task.getLoc(), task.getSymName(),
      builder.getFunctionType(task.getArgumentTypes(), taskResult(&getContext(), leaves)));
  function->setAttr("sym_visibility", builder.getStringAttr("private"));
  function->setAttr("source_name", task.getSourceNameAttr());
  if (auto outlined = task->getAttr("awg.outlined"))
    function->setAttr("awg.outlined", outlined);
  if (Attribute foreign = task->getAttr("awg.foreign"))
    function->setAttr("awg.foreign", foreign);
  function.getBody().takeBody(task.getBody());
  task.erase();
}

void AwgToAsyncPass::lowerTaskReturn(OpBuilder &builder, ir::TaskReturnOp op) {
  Location loc = op.getLoc();
  call(builder, loc, "awg.reject", {}, {op.getOperand(0)});
  ValueRange values = op.getValues();
  if (values.size() > 1) {
    SmallVector<Type> types(values.getTypes());
    Value record =
        LLVM::PoisonOp::create(builder, loc, LLVM::LLVMStructType::getLiteral(&getContext(), types));
    for (auto [k, value] : llvm::enumerate(values))
      record = LLVM::InsertValueOp::create(builder, loc, record, value, ArrayRef<int64_t>(k));
    async::ReturnOp::create(builder, loc, record);
  } else {
    async::ReturnOp::create(builder, loc, values);
  }
  op.erase();
}

/// Waits for one future with async.await; gives its leaves and the error to re-raise.
Value AwgToAsyncPass::loadResults(OpBuilder &builder, Location loc, Value future, SmallVectorImpl<Value> &values) {
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

void AwgToAsyncPass::lowerCall(OpBuilder &builder, Operation *op, FlatSymbolRefAttr callee, bool here) {
  Location loc = op->getLoc();
  SmallVector<Type> leaves;
  if (here)
    llvm::append_range(leaves, op->getResults().drop_front().getTypes());
  else
    llvm::append_range(leaves, llvm::cast<ir::FutureType>(originalTypes[op]).getLeaves());
  for (Type &leaf : leaves)
    if (llvm::isa<ir::ArrayType, ir::StrType, ir::ErrorType, ir::ChanType>(leaf))
      leaf = pointer;
  auto started = async::CallOp::create(builder, loc, callee, taskResult(&getContext(), leaves), op->getOperands());
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

void AwgToAsyncPass::lowerOperation(OpBuilder &builder, ir::OperationOp op) {
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
bool AwgToAsyncPass::lowerSleep(OpBuilder &builder, ir::AwaitOp op) {
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

void AwgToAsyncPass::lowerAwait(OpBuilder &builder, ir::AwaitOp op) {
  Location loc = op.getLoc();
  size_t count = op->getNumOperands();
  if (count == 1 && lowerSleep(builder, op))
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
void AwgToAsyncPass::lowerAwaitAll(OpBuilder &builder, ir::AwaitAllOp op) {
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

void AwgToAsyncPass::lowerRace(OpBuilder &builder, ir::RaceOp op) {
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

void AwgToAsyncPass::lowerCancel(OpBuilder &builder, ir::CancelOp op) {
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

void AwgToAsyncPass::lowerChanCreate(OpBuilder &builder, ir::ChanCreateOp op) {
  Location loc = op.getLoc();
  ArrayRef<int8_t> kinds = op.getKinds();
  StringRef kindBytes(reinterpret_cast<const char *>(kinds.data()), kinds.size());
  StackSlots out(builder, loc, 1);
  out.store(builder, 0, nullPointer(builder, loc));
  Value error = call(builder, loc, "awgrt_chan_create", pointer,
                     {place(builder, op), op.getCapacity(), constant(builder, loc, i32, kinds.size()),
                      addressOf(builder, loc, data->bytes(kindBytes)), out.address()});
  op->replaceAllUsesWith(ValueRange{error, LLVM::LoadOp::create(builder, loc, pointer, out.address())});
  op.erase();
}

void AwgToAsyncPass::lowerSend(OpBuilder &builder, ir::SendOp op) {
  Location loc = op.getLoc();
  StackSlots value(builder, loc, op.getValues().size());
  for (auto [k, leaf] : llvm::enumerate(op.getValues()))
    value.store(builder, k, leaf);
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_chan_send", pointer,
           {self(builder, loc), place(builder, op), op->getOperand(0), value.address()}));
  op.erase();
}

//===-- Failures and strings ------------------------------------------------------------------------------------------===//

StackSlots AwgToAsyncPass::formatArguments(OpBuilder &builder, Location loc, ValueRange args, ArrayRef<int8_t> kinds) {
  StackSlots slots(builder, loc, args.size());
  for (auto [k, arg] : llvm::enumerate(args))
    slots.store(builder, k, toBits(builder, loc, arg, kinds[k]));
  return slots;
}

void AwgToAsyncPass::lowerError(OpBuilder &builder, ir::ErrorOp op) {
  Location loc = op.getLoc();
  StringAttr site = data->record("site", data->siteFields(loc, functionOf(op), op.getFormat(), op.getKinds()));
  StackSlots args = formatArguments(builder, loc, op.getArgs(), op.getKinds());
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_error_create", pointer, {addressOf(builder, loc, site), args.address()}));
  op.erase();
}

void AwgToAsyncPass::lowerFormat(OpBuilder &builder, ir::FormatOp op) {
  Location loc = op.getLoc();
  ArrayRef<int8_t> kinds = op.getKinds();
  StringRef kindBytes(reinterpret_cast<const char *>(kinds.data()), kinds.size());
  StackSlots args = formatArguments(builder, loc, op.getArgs(), kinds);
  op->getResult(0).replaceAllUsesWith(
      call(builder, loc, "awgrt_str_format", pointer,
           {addressOf(builder, loc, data->cString(op.getFormat())), addressOf(builder, loc, data->bytes(kindBytes)),
            constant(builder, loc, i32, kinds.size()), args.address()}));
  op.erase();
}

//===-- Arrays ------------------------------------------------------------------------------------------------------===//

void AwgToAsyncPass::lowerArrayCreate(OpBuilder &builder, ir::ArrayCreateOp op) {
  Location loc = op.getLoc();
  StackSlots extents(builder, loc, op.getExtents().size()), out(builder, loc, 1);
  for (auto [k, extent] : llvm::enumerate(op.getExtents()))
    extents.store(builder, k, extent);
  out.store(builder, 0, nullPointer(builder, loc));
  StringRef name = op.getUninit() ? "awgrt_array_create_uninit" : "awgrt_array_create";
  Value error = call(builder, loc, name, pointer,
                     {place(builder, op), constant(builder, loc, i32, op.getKind()),
                      constant(builder, loc, i32, op.getExtents().size()), extents.address(), out.address()});
  Value array = LLVM::LoadOp::create(builder, loc, pointer, out.address());
  op->replaceAllUsesWith(ValueRange{error, array});
  op.erase();
}

/// A length of -1 says that the dimension is dropped.
void AwgToAsyncPass::lowerArrayView(OpBuilder &builder, ir::ArrayViewOp op) {
  Location loc = op.getLoc();
  unsigned rank = op.getBegins().size();
  StackSlots begins(builder, loc, rank), lengths(builder, loc, rank);
  unsigned kept = 0;
  for (unsigned k = 0; k < rank; ++k) {
    bool isDropped = llvm::is_contained(op.getDropped(), int64_t(k));
    begins.store(builder, k, op.getBegins()[k]);
    lengths.store(builder, k, isDropped ? constant(builder, loc, i64, -1) : op.getLengths()[kept++]);
  }
  Value view = call(builder, loc, "awgrt_array_view", pointer, {op->getOperand(0), begins.address(), lengths.address()});
  op->getResult(0).replaceAllUsesWith(view);
  op.erase();
}

void AwgToAsyncPass::lowerArrayReshape(OpBuilder &builder, ir::ArrayReshapeOp op) {
  Location loc = op.getLoc();
  StackSlots extents(builder, loc, op.getExtents().size()), out(builder, loc, 1);
  for (auto [k, extent] : llvm::enumerate(op.getExtents()))
    extents.store(builder, k, extent);
  out.store(builder, 0, nullPointer(builder, loc));
  Value error = call(builder, loc, "awgrt_array_reshape", pointer,
                     {place(builder, op), op->getOperand(0), constant(builder, loc, i32, op.getExtents().size()),
                      extents.address(), out.address()});
  Value array = LLVM::LoadOp::create(builder, loc, pointer, out.address());
  op->replaceAllUsesWith(ValueRange{error, array});
  op.erase();
}

/// The array as a memref descriptor, with its own strides.
void AwgToAsyncPass::lowerArrayData(OpBuilder &builder, ir::ArrayDataOp op) {
  Location loc = op.getLoc();
  auto type = llvm::cast<MemRefType>(op->getResult(0).getType());
  Value array = op->getOperand(0);
  Value elements =
      call(builder, loc, "awgrt_array_data", pointer, {array, constant(builder, loc, i32, op.getWrite() ? 1 : 0)});
  int64_t rank = type.getRank();
  Type list = LLVM::LLVMArrayType::get(i64, rank);
  Value descriptor = LLVM::PoisonOp::create(
      builder, loc, LLVM::LLVMStructType::getLiteral(&getContext(), {pointer, pointer, i64, list, list}));
  auto set = [&](Value value, ArrayRef<int64_t> position) {
    descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, position);
  };
  set(elements, {0});
  set(elements, {1});
  set(constant(builder, loc, i64, 0), {2});
  auto field = [&](int64_t word) {
    Value address = LLVM::GEPOp::create(builder, loc, pointer, i64, array, ArrayRef<LLVM::GEPArg>{int32_t(word)});
    return LLVM::LoadOp::create(builder, loc, i64, address).getResult();
  };
  // The words of awgrt_array: data, 8 extents, rank and kind, buffer, 8 strides.
  for (int64_t k = 0; k < rank; ++k) {
    set(field(1 + k), {3, k});
    set(field(11 + k), {4, k});
  }
  op->getResult(0).replaceAllUsesWith(cast(builder, loc, type, descriptor));
  op.erase();
}

void AwgToAsyncPass::lowerRelease(OpBuilder &builder, ir::ReleaseOp op) {
  Type type = originalTypes[op];
  StringRef name = llvm::isa<ir::ArrayType>(type)  ? "awgrt_array_release"
                   : llvm::isa<ir::StrType>(type)  ? "awgrt_str_release"
                   : llvm::isa<ir::ChanType>(type) ? "awgrt_chan_release"
                                                   : "awgrt_error_release";
  call(builder, op.getLoc(), name, {}, {op->getOperand(0)});
  op.erase();
}

//===-- The pass ----------------------------------------------------------------------------------------------------===//

void AwgToAsyncPass::lower(Operation *op) {
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
  if (auto elements = dyn_cast<ir::ArrayDataOp>(op))
    return lowerArrayData(builder, elements);
  if (auto release = dyn_cast<ir::ReleaseOp>(op))
    return lowerRelease(builder, release);
  if (isa<ir::NullOp>(op))
    return replace(nullPointer(builder, loc));
  if (isa<ir::IsNullOp>(op))
    return replace(isNull(builder, loc, op->getOperand(0)));
  if (auto text = dyn_cast<ir::StrOp>(op))
    return replace(addressOf(builder, loc, data->str(text.getValue())));
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
LLVM::LLVMFuncOp AwgToAsyncPass::emitEntry(StringRef task, StringRef name, bool takesArguments) {
  ModuleOp module = getOperation();
  Location loc = module.lookupSymbol(task)->getLoc();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto entry = LLVM::LLVMFuncOp::create(builder, loc, name, LLVM::LLVMFunctionType::get(pointer, {pointer, pointer}));
  OpBuilder body = OpBuilder::atBlockEnd(entry.addEntryBlock(builder));
  SmallVector<Value> operands;
  if (takesArguments)
    operands.push_back(entry.getArgument(1));
  else
    call(body, loc, "awgrt_array_release", {}, {entry.getArgument(1)});
  auto started = async::CallOp::create(body, loc, FlatSymbolRefAttr::get(&getContext(), task),
                                       TypeRange{async::TokenType::get(&getContext())}, operands);
  started->setAttr("awg.root", builder.getUnitAttr());
  LLVM::ReturnOp::create(body, loc, asPointer(body, loc, started.getResult(0)));
  return entry;
}

/// `main`: the C function, and the runtime's entry that starts the program's first task.
void AwgToAsyncPass::emitMain() {
  ModuleOp module = getOperation();
  if (!module.lookupSymbol("awg_main_entry"))
    return;
  LLVM::LLVMFuncOp entry = emitEntry("awg_main_entry", "awg_entry", /*takesArguments=*/true);
  Location loc = entry.getLoc();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto main = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({i32, pointer}, {i32}));
  OpBuilder body = OpBuilder::atBlockEnd(main.addEntryBlock());
  Value code = call(body, loc, "awgrt_main", i32,
                    {main.getArgument(0), main.getArgument(1), addressOf(body, loc, entry.getSymNameAttr())});
  func::ReturnOp::create(body, loc, code);
}

void AwgToAsyncPass::runOnOperation() {
  ModuleOp module = getOperation();
  MLIRContext *context = &getContext();
  pointer = LLVM::LLVMPointerType::get(context);
  i64 = IntegerType::get(context, 64);
  i32 = IntegerType::get(context, 32);
  data = std::make_shared<StaticData>(module);
  runtime = std::make_shared<RuntimeCalls>(module);
  originalTypes.clear();

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
