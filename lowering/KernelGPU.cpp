// GPU code of kernels, in the gpu dialect.
#include "lowering/KernelGPU.h"
#include "lowering/KernelHostBuilder.h"
#include "lowering/MinMax.h"
#include "lowering/StackSlots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;
using ir::Shape;

static constexpr int64_t blockLength = 4096, groupThreads = 128, runLength = 16;
static constexpr llvm::StringLiteral recordName = "awg_record_failure";

namespace {
class GPUBuilder {
public:
  explicit GPUBuilder(KernelIndex &index);
  void buildEach();
  void buildReduce();
  void buildScan();

private:
  using Load = std::function<Value(OpBuilder &, Value position)>;

  gpu::GPUFuncOp makeEntry(StringRef suffix, ArrayRef<Type> inputs);
  void cloneIndexFunction();
  void cloneCombiner();
  Value evaluate(OpBuilder &builder, ValueRange entryArguments, Value flat);
  Value threadInGroup(OpBuilder &builder);
  Value group(OpBuilder &builder);
  Value globalThread(OpBuilder &builder);
  Value constant(OpBuilder &builder, int64_t value);
  Value total(OpBuilder &builder, ValueRange extents);
  Value less(OpBuilder &builder, Value left, Value right);
  Value address(OpBuilder &builder, Value base, Value number, Type element);
  void reduceGroup(gpu::GPUFuncOp entry, OpBuilder &builder, Value count, Value partials, const Load &load);
  void searchGroup(gpu::GPUFuncOp entry, OpBuilder &builder, Value count, Value partials,
                   const std::function<std::pair<Value, Value>(OpBuilder &, Value)> &load);
  Value join(OpBuilder &builder, Value left, Value right);
  void scanRun(OpBuilder &builder, Value count, Value output, Value totals, const Load &load);

  KernelIndex &index;
  Location loc;
  gpu::GPUModuleOp module;
  func::FuncOp function; ///< the index function, in the module
  Type i64, pointer, element;
};
} // namespace

//===-- The module and its failure records ----------------------------------------------------------------------------===//

/// Emits `void awg_record_failure(record, index, site, a0, a1, a2, a3)`: keeps the lowest index. Thread by thread under the
/// record's lock; needs independent thread scheduling (sm_70 and later).
static void emitRecordFunction(gpu::GPUModuleOp module) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  Location loc = module.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type(), i32 = builder.getI32Type();
  auto function = func::FuncOp::create(
      builder, loc, recordName, builder.getFunctionType({pointer, i64, i32, i64, i64, i64, i64}, {}));
  function.setPrivate();
  function->setAttr("passthrough", builder.getArrayAttr(builder.getStringAttr("noinline")));
  Block *entry = function.addEntryBlock();
  Region &body = function.getBody();
  auto addBlock = [&] { return builder.createBlock(&body, body.end()); };
  Block *acquire = addBlock(), *held = addBlock(), *write = addBlock(), *release = addBlock(), *done = addBlock();
  Value record = function.getArgument(0);
  auto field = [&](int32_t bytes) {
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), record, ArrayRef<LLVM::GEPArg>{bytes});
  };
  auto constant = [&](Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type, builder.getIntegerAttr(type, value));
  };
  builder.setInsertionPointToEnd(entry);
  LLVM::BrOp::create(builder, loc, acquire);

  builder.setInsertionPointToEnd(acquire);
  Value exchanged = LLVM::AtomicCmpXchgOp::create(builder, loc, field(8), constant(i32, 0), constant(i32, 1),
                                                  LLVM::AtomicOrdering::acq_rel, LLVM::AtomicOrdering::monotonic);
  Value taken = LLVM::ExtractValueOp::create(builder, loc, exchanged, ArrayRef<int64_t>{1});
  LLVM::CondBrOp::create(builder, loc, taken, held, acquire);

  builder.setInsertionPointToEnd(held);
  Value known = LLVM::LoadOp::create(builder, loc, i64, field(0), 8, /*isVolatile=*/true);
  Value lower = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::slt, function.getArgument(1), known);
  LLVM::CondBrOp::create(builder, loc, lower, write, release);

  builder.setInsertionPointToEnd(write);
  LLVM::StoreOp::create(builder, loc, function.getArgument(1), field(0), 8, /*isVolatile=*/true);
  LLVM::StoreOp::create(builder, loc, function.getArgument(2), field(12), 4, /*isVolatile=*/true);
  for (int k = 0; k < 4; ++k)
    LLVM::StoreOp::create(builder, loc, function.getArgument(3 + k), field(16 + 8 * k), 8, /*isVolatile=*/true);
  LLVM::BrOp::create(builder, loc, release);

  builder.setInsertionPointToEnd(release);
  // The exchange alone is relaxed in PTX.
  LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::release);
  LLVM::AtomicRMWOp::create(builder, loc, LLVM::AtomicBinOp::xchg, field(8), constant(i32, 0),
                            LLVM::AtomicOrdering::acq_rel);
  LLVM::BrOp::create(builder, loc, done);
  builder.setInsertionPointToEnd(done);
  func::ReturnOp::create(builder, loc);
}

static gpu::GPUModuleOp findOrCreateModule(ir::KernelOp kernel) {
  auto program = kernel->getParentOfType<ModuleOp>();
  if (auto module = program.lookupSymbol<gpu::GPUModuleOp>(gpuModuleName))
    return module;
  OpBuilder builder = OpBuilder::atBlockEnd(program.getBody());
  auto module = gpu::GPUModuleOp::create(builder, kernel.getLoc(), gpuModuleName);
  emitRecordFunction(module);
  return module;
}

/// A scalar as 64 bits, for a failure's record.
Value awg::lowering::toBits(OpBuilder &builder, Location loc, Value value, int8_t kind) {
  Type i64 = builder.getI64Type();
  Type type = value.getType();
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::PtrToIntOp::create(builder, loc, i64, value);
  if (isa<FloatType>(type)) {
    type = builder.getIntegerType(type.getIntOrFloatBitWidth());
    value = arith::BitcastOp::create(builder, loc, type, value);
  }
  if (type == i64)
    return value;
  bool isSigned = kind >= 1 && kind <= 4; // AWGRT_I8 to AWGRT_I64
  return isSigned ? arith::ExtSIOp::create(builder, loc, i64, value).getResult()
                  : arith::ExtUIOp::create(builder, loc, i64, value).getResult();
}

GPUBuilder::GPUBuilder(KernelIndex &index)
    : index(index), loc(index.kernel.getLoc()), module(findOrCreateModule(index.kernel)) {
  MLIRContext *context = index.kernel.getContext();
  i64 = IntegerType::get(context, 64);
  pointer = LLVM::LLVMPointerType::get(context);
  if (index.kernel.getShape() != Shape::Each)
    element = index.kernel.getResultTypes()[0];
  cloneIndexFunction();
}

/// Copies the index function into the module; its failures become calls of the recording function.
void GPUBuilder::cloneIndexFunction() {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  function = cast<func::FuncOp>(builder.clone(*index.function));
  function->setAttr("passthrough", builder.getArrayAttr(builder.getStringAttr("alwaysinline")));
  SmallVector<ir::RecordOp> records;
  function.walk([&](ir::RecordOp record) { records.push_back(record); });
  for (ir::RecordOp record : records) {
    builder.setInsertionPoint(record);
    int32_t site = record->getAttrOfType<IntegerAttr>("site").getInt();
    SmallVector<Value> operands{record.getFailure(), record.getIndex(),
                                arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(site))};
    for (auto [arg, kind] : llvm::zip(record.getArgs(), record.getKinds()))
      operands.push_back(toBits(builder, loc, arg, kind));
    while (operands.size() < 7)
      operands.push_back(constant(builder, 0));
    func::CallOp::create(builder, loc, recordName, TypeRange(), operands);
    record.erase();
  }
}

gpu::GPUFuncOp GPUBuilder::makeEntry(StringRef suffix, ArrayRef<Type> inputs) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto entry = gpu::GPUFuncOp::create(builder, loc, (index.kernel.getSymName() + suffix).str(),
                                      builder.getFunctionType(inputs, {}));
  entry->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  OpBuilder body = OpBuilder::atBlockEnd(&entry.getBody().front());
  gpu::ReturnOp::create(body, loc);
  return entry;
}

//===-- Small pieces ------------------------------------------------------------------------------------------------===//

Value GPUBuilder::constant(OpBuilder &builder, int64_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
}

Value GPUBuilder::less(OpBuilder &builder, Value left, Value right) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, left, right);
}

Value GPUBuilder::threadInGroup(OpBuilder &builder) {
  return arith::IndexCastOp::create(builder, loc, i64, gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
}

Value GPUBuilder::group(OpBuilder &builder) {
  return arith::IndexCastOp::create(builder, loc, i64, gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x));
}

Value GPUBuilder::globalThread(OpBuilder &builder) {
  Value size = arith::IndexCastOp::create(builder, loc, i64, gpu::BlockDimOp::create(builder, loc, gpu::Dimension::x));
  Value first = arith::MulIOp::create(builder, loc, group(builder), size);
  return arith::AddIOp::create(builder, loc, first, threadInGroup(builder));
}

Value GPUBuilder::total(OpBuilder &builder, ValueRange extents) {
  Value count = extents[0];
  for (Value extent : extents.drop_front())
    count = arith::MulIOp::create(builder, loc, count, extent);
  return count;
}

Value GPUBuilder::address(OpBuilder &builder, Value base, Value number, Type type) {
  return LLVM::GEPOp::create(builder, loc, pointer, type, base, ArrayRef<LLVM::GEPArg>{number});
}

/// Calls the index function for a row-major index; `arguments` are the entry's.
Value GPUBuilder::evaluate(OpBuilder &builder, ValueRange arguments, Value flat) {
  unsigned rank = index.rank();
  SmallVector<Value> indices(rank);
  for (unsigned k = rank; k-- > 1;) {
    indices[k] = arith::RemSIOp::create(builder, loc, flat, arguments[k]);
    flat = arith::DivSIOp::create(builder, loc, flat, arguments[k]);
  }
  indices[0] = flat;
  SmallVector<Value> operands(indices);
  llvm::append_range(operands, arguments.take_front(rank + index.argumentTypes().size()));
  operands.push_back(arguments.back());
  auto call = func::CallOp::create(builder, loc, function, operands);
  return call.getNumResults() ? call.getResult(0) : Value();
}

//===-- Shapes ------------------------------------------------------------------------------------------------------===//

/// The parameters that all entries over indices begin with: extents and arguments.
static SmallVector<Type> commonInputs(KernelIndex &index, Type i64) {
  SmallVector<Type> inputs(index.rank(), i64);
  llvm::append_range(inputs, index.argumentTypes());
  return inputs;
}

void GPUBuilder::buildEach() {
  SmallVector<Type> inputs = commonInputs(index, i64);
  inputs.push_back(pointer);
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
  Value flat = globalThread(builder);
  Value inside = less(builder, flat, total(builder, entry.getArguments().take_front(index.rank())));
  auto guarded = scf::IfOp::create(builder, loc, inside, /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  evaluate(body, entry.getArguments(), flat);
}

Value GPUBuilder::join(OpBuilder &builder, Value left, Value right) {
  if (index.kernel.getShape() != Shape::Reduce)
    return combine(builder, loc, index.kernel.getShape(), left, right);
  return func::CallOp::create(builder, loc, index.kernel.getCombinerAttr(), TypeRange(element), ValueRange{left, right})
      .getResult(0);
}

/// One group reduces its block of `count` elements. By lanes: thread l takes elements l, l + 128, ...; then the lanes halve.
/// Pairwise (`reduce`): thread t takes the 32 neighbours from 32 t on, level by level; then neighbouring threads join.
void GPUBuilder::reduceGroup(gpu::GPUFuncOp entry, OpBuilder &builder, Value count, Value partials, const Load &load) {
  bool pairwise = index.kernel.getShape() == Shape::Reduce;
  auto space = gpu::AddressSpaceAttr::get(builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  Value shared = entry.addWorkgroupAttribution(
      MemRefType::get({groupThreads}, element, MemRefLayoutAttrInterface(), space), loc);
  Value thread = threadInGroup(builder);
  Value begin = arith::MulIOp::create(builder, loc, group(builder), constant(builder, blockLength));
  Value length = arith::MinSIOp::create(builder, loc, arith::SubIOp::create(builder, loc, count, begin),
                                        constant(builder, blockLength));
  auto toIndex = [&](OpBuilder &at, Value value) {
    return arith::IndexCastOp::create(at, loc, at.getIndexType(), value).getResult();
  };
  Value own, lanes;
  if (!pairwise) {
    Value neutral = arith::ConstantOp::create(builder, loc, neutralElement(builder, index.kernel.getShape(), element));
    auto loop = scf::ForOp::create(builder, loc, thread, length, constant(builder, groupThreads), neutral);
    OpBuilder body = OpBuilder::atBlockEnd(loop.getBody());
    Value value = load(body, arith::AddIOp::create(body, loc, begin, loop.getInductionVar()));
    scf::YieldOp::create(body, loc, join(body, loop.getRegionIterArg(0), value));
    own = loop.getResult(0);
  } else {
    // A private buffer for the thread's neighbours, joined in place.
    constexpr int64_t neighbours = blockLength / groupThreads;
    Value buffer = memref::AllocaOp::create(builder, loc, MemRefType::get({neighbours}, element));
    Value first = arith::MulIOp::create(builder, loc, thread, constant(builder, neighbours));
    Value mine = arith::MaxSIOp::create(
        builder, loc, constant(builder, 0),
        arith::MinSIOp::create(builder, loc, arith::SubIOp::create(builder, loc, length, first),
                               constant(builder, neighbours)));
    Value base = arith::AddIOp::create(builder, loc, begin, first);
    auto fill = scf::ForOp::create(builder, loc, constant(builder, 0), mine, constant(builder, 1));
    {
      OpBuilder body = OpBuilder::atBlockTerminator(fill.getBody());
      Value value = load(body, arith::AddIOp::create(body, loc, base, fill.getInductionVar()));
      memref::StoreOp::create(body, loc, value, buffer, toIndex(body, fill.getInductionVar()));
    }
    for (int64_t stride = 1; stride < neighbours; stride *= 2) {
      Value last = arith::SubIOp::create(builder, loc, mine, constant(builder, stride));
      auto level = scf::ForOp::create(builder, loc, constant(builder, 0), last, constant(builder, 2 * stride));
      OpBuilder body = OpBuilder::atBlockTerminator(level.getBody());
      Value left = toIndex(body, level.getInductionVar());
      Value right = toIndex(body, arith::AddIOp::create(body, loc, level.getInductionVar(), constant(body, stride)));
      Value joined = join(body, memref::LoadOp::create(body, loc, buffer, left),
                          memref::LoadOp::create(body, loc, buffer, right));
      memref::StoreOp::create(body, loc, joined, buffer, left);
    }
    own = memref::LoadOp::create(builder, loc, buffer, toIndex(builder, constant(builder, 0)));
    lanes = arith::DivSIOp::create(
        builder, loc, arith::AddIOp::create(builder, loc, length, constant(builder, neighbours - 1)),
        constant(builder, neighbours));
  }
  memref::StoreOp::create(builder, loc, own, shared, toIndex(builder, thread));
  gpu::BarrierOp::create(builder, loc);
  for (int64_t step = 1; step < groupThreads; step *= 2) {
    // Lanes: l with l + 64, 32, ...; pairwise: multiples of 2 s with their neighbour at s.
    int64_t stride = pairwise ? step : groupThreads / (2 * step);
    Value other = arith::AddIOp::create(builder, loc, thread, constant(builder, stride));
    Value active;
    if (pairwise) {
      Value place = arith::RemSIOp::create(builder, loc, thread, constant(builder, 2 * stride));
      Value aligned = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, place, constant(builder, 0));
      active = arith::AndIOp::create(builder, loc, aligned, less(builder, other, lanes));
    } else {
      active = less(builder, thread, constant(builder, stride));
    }
    auto guarded = scf::IfOp::create(builder, loc, active, /*withElseRegion=*/false);
    OpBuilder body = guarded.getThenBodyBuilder();
    Value at = toIndex(body, thread);
    Value joined = join(body, memref::LoadOp::create(body, loc, shared, at),
                        memref::LoadOp::create(body, loc, shared, toIndex(body, other)));
    memref::StoreOp::create(body, loc, joined, shared, at);
    gpu::BarrierOp::create(builder, loc);
  }
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, thread, constant(builder, 0));
  auto last = scf::IfOp::create(builder, loc, isFirst, /*withElseRegion=*/false);
  OpBuilder body = last.getThenBodyBuilder();
  Value result = memref::LoadOp::create(body, loc, shared, toIndex(body, constant(body, 0)));
  if (element.isInteger(1))
    result = arith::ExtUIOp::create(body, loc, body.getI8Type(), result);
  LLVM::StoreOp::create(body, loc, result, address(body, partials, group(body), storedType(element)));
}

/// One thread searches the group's block: the partial result is {i64 index, value}.
void GPUBuilder::searchGroup(gpu::GPUFuncOp entry, OpBuilder &builder, Value count, Value partials,
                             const std::function<std::pair<Value, Value>(OpBuilder &, Value)> &load) {
  Value isFirst =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, threadInGroup(builder), constant(builder, 0));
  auto guarded = scf::IfOp::create(builder, loc, isFirst, /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  Value begin = arith::MulIOp::create(body, loc, group(body), constant(body, blockLength));
  Value end = arith::MinSIOp::create(
      body, loc, arith::AddIOp::create(body, loc, begin, constant(body, blockLength)), count);
  Value nothing = arith::ConstantOp::create(body, loc, body.getZeroAttr(element));
  auto loop = scf::ForOp::create(body, loc, begin, end, constant(body, 1), ValueRange{constant(body, -1), nothing});
  {
    OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
    Value best = loop.getRegionIterArg(0), bestValue = loop.getRegionIterArg(1);
    auto [candidate, value] = load(inside, loop.getInductionVar());
    Value zero = constant(inside, 0);
    Value usable = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::sge, candidate, zero);
    if (isa<FloatType>(element)) {
      Value number = arith::CmpFOp::create(inside, loc, arith::CmpFPredicate::ORD, value, value);
      usable = arith::AndIOp::create(inside, loc, usable, number);
    }
    Value first = less(inside, best, zero);
    Value better = isBetter(inside, loc, index.kernel.getShape(), value, bestValue);
    Value take = arith::AndIOp::create(inside, loc, usable, arith::OrIOp::create(inside, loc, first, better));
    scf::YieldOp::create(inside, loc,
                         ValueRange{arith::SelectOp::create(inside, loc, take, candidate, best),
                                    arith::SelectOp::create(inside, loc, take, value, bestValue)});
  }
  Value partial = address(body, partials, group(body), LLVM::LLVMArrayType::get(i64, 2));
  LLVM::StoreOp::create(body, loc, loop.getResult(0), partial);
  LLVM::StoreOp::create(body, loc, loop.getResult(1), address(body, partial, constant(body, 1), i64));
}

/// Copies a reduction's combiner into the module, with its calls inlined.
void GPUBuilder::cloneCombiner() {
  FlatSymbolRefAttr name = index.kernel.getCombinerAttr();
  if (!name || module.lookupSymbol(name.getAttr()))
    return;
  auto combiner = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(index.kernel, name);
  Operation *copy = combiner.clone();
  // Inlined where the callees are in sight, then moved.
  combiner->getBlock()->getOperations().insert(std::next(combiner->getIterator()), copy);
  (void)inlineCalls(copy);
  copy->moveBefore(module.getBody(), module.getBody()->end());
}

void GPUBuilder::buildReduce() {
  cloneCombiner();
  bool isArg = isArgShape(index.kernel.getShape());
  SmallVector<Type> inputs = commonInputs(index, i64);
  inputs.append({pointer, pointer});
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
    // A copy: the group's shared memory adds to the block's arguments.
    SmallVector<Value> arguments(entry.getArguments().take_front(inputs.size()));
    Value count = total(builder, ArrayRef(arguments).take_front(index.rank()));
    Value partials = arguments[inputs.size() - 2];
    auto load = [&, arguments](OpBuilder &at, Value position) { return evaluate(at, arguments, position); };
    if (isArg)
      searchGroup(entry, builder, count, partials, [&](OpBuilder &at, Value position) {
        return std::pair<Value, Value>(position, load(at, position));
      });
    else
      reduceGroup(entry, builder, count, partials, load);
  }
  gpu::GPUFuncOp combineEntry = makeEntry("_combine", {i64, pointer, pointer});
  OpBuilder builder = OpBuilder::atBlockTerminator(&combineEntry.getBody().front());
  Value count = combineEntry.getArgument(0), input = combineEntry.getArgument(1);
  Value partials = combineEntry.getArgument(2);
  if (isArg)
    return searchGroup(combineEntry, builder, count, partials, [&](OpBuilder &at, Value position) {
      Value pair = address(at, input, position, LLVM::LLVMArrayType::get(i64, 2));
      Value candidate = LLVM::LoadOp::create(at, loc, i64, pair);
      Value value = LLVM::LoadOp::create(at, loc, element, address(at, pair, constant(at, 1), i64));
      return std::pair<Value, Value>(candidate, value);
    });
  reduceGroup(combineEntry, builder, count, partials, [&](OpBuilder &at, Value position) -> Value {
    Value value = LLVM::LoadOp::create(at, loc, storedType(element), address(at, input, position, storedType(element)));
    return element.isInteger(1) ? arith::TruncIOp::create(at, loc, element, value).getResult() : value;
  });
}

/// One thread scans run `thread` of `count` elements into `output` and leaves its total.
void GPUBuilder::scanRun(OpBuilder &builder, Value count, Value output, Value totals, const Load &load) {
  Value run = globalThread(builder);
  Value begin = arith::MulIOp::create(builder, loc, run, constant(builder, runLength));
  auto guarded = scf::IfOp::create(builder, loc, less(builder, begin, count), /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  Value end =
      arith::MinSIOp::create(body, loc, arith::AddIOp::create(body, loc, begin, constant(body, runLength)), count);
  Value neutral = arith::ConstantOp::create(body, loc, neutralElement(body, Shape::Sum, element));
  auto loop = scf::ForOp::create(body, loc, begin, end, constant(body, 1), neutral);
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value sum = combine(inside, loc, Shape::Sum, loop.getRegionIterArg(0), load(inside, loop.getInductionVar()));
  LLVM::StoreOp::create(inside, loc, sum, address(inside, output, loop.getInductionVar(), element));
  scf::YieldOp::create(inside, loc, sum);
  LLVM::StoreOp::create(body, loc, loop.getResult(0), address(body, totals, run, element));
}

void GPUBuilder::buildScan() {
  SmallVector<Type> inputs = commonInputs(index, i64);
  inputs.append({pointer, pointer, pointer});
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
    auto arguments = entry.getArguments().take_front(inputs.size());
    scanRun(builder, total(builder, arguments.take_front(index.rank())), arguments[inputs.size() - 3],
            arguments[inputs.size() - 2],
            [&](OpBuilder &at, Value position) { return evaluate(at, arguments, position); });
  }
  gpu::GPUFuncOp combineEntry = makeEntry("_combine", {i64, pointer, pointer, pointer});
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&combineEntry.getBody().front());
    auto arguments = combineEntry.getArguments();
    scanRun(builder, arguments[0], arguments[2], arguments[3], [&](OpBuilder &at, Value position) -> Value {
      return LLVM::LoadOp::create(at, loc, element, address(at, arguments[1], position, element));
    });
  }
  gpu::GPUFuncOp finish = makeEntry("_finish", {i64, pointer, pointer});
  OpBuilder builder = OpBuilder::atBlockTerminator(&finish.getBody().front());
  Value at = globalThread(builder);
  Value run = arith::DivSIOp::create(builder, loc, at, constant(builder, runLength));
  Value moves = arith::AndIOp::create(builder, loc, less(builder, at, finish.getArgument(0)),
                                      less(builder, constant(builder, 0), run));
  auto guarded = scf::IfOp::create(builder, loc, moves, /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  Value before = arith::SubIOp::create(body, loc, run, constant(body, 1));
  Value prefix = LLVM::LoadOp::create(body, loc, element, address(body, finish.getArgument(2), before, element));
  Value place = address(body, finish.getArgument(1), at, element);
  Value value = LLVM::LoadOp::create(body, loc, element, place);
  LLVM::StoreOp::create(body, loc, combine(body, loc, Shape::Sum, prefix, value), place);
}

void awg::lowering::buildGPUKernel(KernelIndex &index) {
  GPUBuilder builder(index);
  switch (index.kernel.getShape()) {
  case Shape::Each:
    return builder.buildEach();
  case Shape::Scan:
    return builder.buildScan();
  default:
    return builder.buildReduce();
  }
}
