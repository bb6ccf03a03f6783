// GPU code of reductions and scans: one group a block of 4096 elements, one thread a run of 16.
#include "lowering/KernelGPUBuilder.h"
#include "lowering/KernelHostBuilder.h"
#include "lowering/MinMax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;
using ir::Shape;

static constexpr int64_t blockLength = 4096, runLength = 16;

Value GPUBuilder::join(OpBuilder &builder, Value left, Value right) {
  if (!index.kernel.getCombinerAttr())
    return combine(builder, loc, joinedBy(index.kernel), left, right);
  return func::CallOp::create(builder, loc, index.kernel.getCombinerAttr(), TypeRange(element), ValueRange{left, right})
      .getResult(0);
}

Value GPUBuilder::loadElement(OpBuilder &builder, Value base, Value place) {
  Value value = LLVM::LoadOp::create(builder, loc, storedType(element), address(builder, base, place, storedType(element)));
  return element.isInteger(1) ? arith::TruncIOp::create(builder, loc, element, value).getResult() : value;
}

void GPUBuilder::storeElement(OpBuilder &builder, Value value, Value base, Value place) {
  if (element.isInteger(1))
    value = arith::ExtUIOp::create(builder, loc, builder.getI8Type(), value);
  LLVM::StoreOp::create(builder, loc, value, address(builder, base, place, storedType(element)));
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
  storeElement(body, result, partials, group(body));
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
  SmallVector<Type> inputs = commonInputs();
  inputs.append({pointer, pointer});
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
    SmallVector<Value> arguments = knownArguments(builder, entry);
    Value count = total(builder, ArrayRef(arguments).take_front(index.rank()));
    Value partials = entry.getArgument(inputs.size() - 2), failure = entry.getArgument(inputs.size() - 1);
    auto load = [&](OpBuilder &at, Value position) { return evaluate(at, arguments, failure, position); };
    if (isArg)
      searchGroup(entry, builder, count, partials, [&](OpBuilder &at, Value position) {
        return std::pair<Value, Value>(position, load(at, position));
      });
    else
      reduceGroup(entry, builder, count, partials, load);
  }
  gpu::GPUFuncOp combineEntry = makeEntry("$combine", {i64, pointer, pointer});
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
  reduceGroup(combineEntry, builder, count, partials,
              [&](OpBuilder &at, Value position) { return loadElement(at, input, position); });
}

/// One thread scans run `thread` of `count` elements into `output` and leaves its total.
void GPUBuilder::scanRun(OpBuilder &builder, Value count, Value output, Value totals, const Load &load) {
  Value run = globalThread(builder);
  Value begin = arith::MulIOp::create(builder, loc, run, constant(builder, runLength));
  auto guarded = scf::IfOp::create(builder, loc, less(builder, begin, count), /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  Value end =
      arith::MinSIOp::create(body, loc, arith::AddIOp::create(body, loc, begin, constant(body, runLength)), count);
  Value first = load(body, begin);
  storeElement(body, first, output, begin);
  auto loop = scf::ForOp::create(body, loc, arith::AddIOp::create(body, loc, begin, constant(body, 1)), end,
                                 constant(body, 1), first);
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value joined = join(inside, loop.getRegionIterArg(0), load(inside, loop.getInductionVar()));
  storeElement(inside, joined, output, loop.getInductionVar());
  scf::YieldOp::create(inside, loc, joined);
  storeElement(body, loop.getResult(0), totals, run);
}

void GPUBuilder::buildScan() {
  cloneCombiner();
  SmallVector<Type> inputs = commonInputs();
  inputs.append({pointer, pointer, pointer});
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
    SmallVector<Value> arguments = knownArguments(builder, entry);
    Value failure = entry.getArgument(inputs.size() - 1);
    scanRun(builder, total(builder, ArrayRef(arguments).take_front(index.rank())), entry.getArgument(inputs.size() - 3),
            entry.getArgument(inputs.size() - 2),
            [&](OpBuilder &at, Value position) { return evaluate(at, arguments, failure, position); });
  }
  gpu::GPUFuncOp combineEntry = makeEntry("$combine", {i64, pointer, pointer, pointer});
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&combineEntry.getBody().front());
    auto arguments = combineEntry.getArguments();
    scanRun(builder, arguments[0], arguments[2], arguments[3], [&](OpBuilder &at, Value position) {
      return loadElement(at, arguments[1], position);
    });
  }
  gpu::GPUFuncOp finish = makeEntry("$finish", {i64, pointer, pointer});
  OpBuilder builder = OpBuilder::atBlockTerminator(&finish.getBody().front());
  Value at = globalThread(builder);
  Value run = arith::DivSIOp::create(builder, loc, at, constant(builder, runLength));
  Value moves = arith::AndIOp::create(builder, loc, less(builder, at, finish.getArgument(0)),
                                      less(builder, constant(builder, 0), run));
  auto guarded = scf::IfOp::create(builder, loc, moves, /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  Value before = arith::SubIOp::create(body, loc, run, constant(body, 1));
  Value prefix = loadElement(body, finish.getArgument(2), before);
  Value value = loadElement(body, finish.getArgument(1), at);
  storeElement(body, join(body, prefix, value), finish.getArgument(1), at);
}
