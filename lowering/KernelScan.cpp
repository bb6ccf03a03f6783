// Host code of scans, by blocks of 16 runs of 16 runs of 16 elements, which stay in the first-level cache.
//
// The language scans runs of 16 from left to right, their totals by the same rule, and puts the scanned total of the
// run before on the left. Three levels of that are within a block. First each block leaves its total, and what its
// successor needs of its inner levels (`host`); then the totals are scanned (`combine`, `finish`); then each block is
// computed again with what stands before it, and written once (`scan`). A body that is dear leaves its values in the
// output the first time. Operators go through sixteen runs at once, the lanes of vectors that are transposed on the way
// in and out; functions go one by one.
#include "lowering/MinMax.h"
#include "lowering/ScanEmitter.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// The name of a function that depends on what is scanned how alone.
std::string HostBuilder::scanName(StringRef what) {
  std::string name;
  llvm::raw_string_ostream out(name);
  out << "awg$" << what << "_scan_";
  if (FlatSymbolRefAttr combiner = index.kernel.getCombinerAttr())
    out << combiner.getValue();
  else
    out << ir::stringifyShape(joinedBy(index.kernel));
  out << '_' << index.kernel.getResultTypes()[0] << target.suffix;
  return name;
}

/// The program's internal function of that name, which `fill` gives a body if it is new.
func::FuncOp HostBuilder::innerFunction(const std::string &name, TypeRange inputs,
                                        llvm::function_ref<void(OpBuilder &, ValueRange)> fill) {
  if (auto known = llvm::cast_if_present<func::FuncOp>(shared.lookup(name)))
    return known;
  OpBuilder builder(index.kernel->getContext());
  builder.setInsertionPointAfter(index.kernel);
  auto function = func::FuncOp::create(builder, loc, name, builder.getFunctionType(inputs, {}));
  function.setPrivate();
  setTarget(function, {builder.getStringAttr("noinline")});
  function->setAttr("llvm.linkage", LLVM::LinkageAttr::get(builder.getContext(), LLVM::Linkage::Internal));
  shared[name] = function;
  builder.setInsertionPointToStart(function.addEntryBlock());
  fill(builder, function.getArguments());
  func::ReturnOp::create(builder, loc);
  return function;
}

/// What a block of a scan is made of: functions that scan a group of runs, that leave a block's totals, and that write
/// a block.
HostBuilder::ScanFunctions HostBuilder::scanFunctions() {
  ScanEmitter emit(index.kernel);
  Type pointer = emit.pointer, i64 = emit.i64, i1 = IntegerType::get(index.kernel->getContext(), 1);
  func::FuncOp transposing;
  if (!emit.isByFunction())
    transposing =
        innerFunction("awg$transpose_" + std::to_string(8 * emit.bytes) + target.suffix.str(), {pointer, pointer},
                      [&](OpBuilder &builder, ValueRange args) { emit.transpose(builder, args[0], args[1]); });
  // (values, the runs' totals, count of values, whether the scanned values are wanted)
  func::FuncOp group =
      innerFunction(scanName("group"), {pointer, pointer, i64, i1}, [&](OpBuilder &builder, ValueRange args) {
        if (!emit.isByFunction())
          return emit.scanLanes(builder, args[0], args[1], args[3], transposing);
        emit.scanRuns(builder, args[0], args[0], args[1], args[2], emit.constant(builder, 0),
                      emit.divideUp(builder, args[2], runLength));
      });
  auto scanTotals = [&](OpBuilder &builder, Value runs, Value groups, Value count) {
    Value yes = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    func::CallOp::create(builder, loc, group, ValueRange{runs, groups, emit.divideUp(builder, count, runLength), yes});
  };
  // (totals of runs, the block's number, awgrt_scan *), of a whole block
  func::FuncOp totals =
      innerFunction(scanName("totals"), {pointer, i64, pointer}, [&](OpBuilder &builder, ValueRange args) {
        Value groups = emit.buffer(builder, runLength);
        scanTotals(builder, args[0], groups, emit.constant(builder, blockLength));
        auto leave = [&](size_t array, int64_t place) {
          Value value = emit.load(builder, groups, emit.constant(builder, place));
          emit.store(builder, value, emit.field(builder, args[2], array, pointer), args[1]);
        };
        leave(offsetof(awgrt_scan, last_totals), runLength - 1);
        emit.scanGroups(builder, groups, emit.constant(builder, runLength));
        leave(offsetof(awgrt_scan, befores), runLength - 2);
        leave(offsetof(awgrt_scan, totals), runLength - 1);
      });
  // (values with their runs scanned, totals of the runs, count of values, the block's number, output, awgrt_scan *)
  SmallVector<Type> inputs{pointer, pointer, i64, i64, pointer, pointer};
  func::FuncOp write = innerFunction(scanName("write"), inputs, [&](OpBuilder &builder, ValueRange args) {
    Value groups = emit.buffer(builder, runLength), prefixes = emit.buffer(builder, groupLength + runLength);
    scanTotals(builder, args[1], groups, args[2]);
    emit.scanGroups(builder, groups, emit.divideUp(builder, args[2], groupLength));
    emit.addPrefixes(builder, args[1], groups, args[2], args[3], args[5], prefixes);
    Value first = arith::MulIOp::create(builder, loc, args[3], emit.constant(builder, blockLength));
    emit.writeBlock(builder, args[0], prefixes, args[2], args[3], args[4], first, args[5]);
  });
  return {group, totals, write};
}

/// A body of up to this many operations is computed twice rather than kept in memory. A division counts for many.
static constexpr unsigned mostRepeated = 24, divisionCost = 64;

bool HostBuilder::isDear() {
  unsigned count = 0;
  bool hasLoop = width == 1;
  checked.function.walk([&](Operation *op) {
    count += isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::DivFOp>(op) ? divisionCost : 1;
    hasLoop |= isa<scf::WhileOp, memref::AllocaOp>(op);
  });
  return hasLoop || count > mostRepeated;
}

/// A function over blocks: body(builder, block), in which `block` says where its values are to be.
LLVM::LLVMFuncOp HostBuilder::scanBlocks(StringRef what,
                                         llvm::function_ref<void(OpBuilder &, Arguments &, ScanBlock)> body) {
  ScanEmitter emit(index.kernel);
  LLVM::LLVMFuncOp function = makeFunction(ownName(what));
  OpBuilder builder = OpBuilder::atBlockTerminator(&function.getBody().front());
  Arguments arguments = loadArguments(builder, function);
  Value count = total(builder, arguments), length = constant(builder, blockLength);
  ScanBlock block;
  block.output = loadSlot(builder, function.getArgument(0), arguments.nextSlot, emit.pointer);
  block.info = loadSlot(builder, function.getArgument(0), arguments.nextSlot + 1, emit.pointer);
  block.values = emit.buffer(builder, blockLength);
  block.runs = emit.buffer(builder, groupLength);
  auto blocks =
      scf::ForOp::create(builder, loc, function.getArgument(1), function.getArgument(2), constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(blocks.getBody());
  block.number = blocks.getInductionVar();
  block.first = arith::MulIOp::create(inside, loc, block.number, length);
  block.count = arith::MinSIOp::create(inside, loc, arith::SubIOp::create(inside, loc, count, block.first), length);
  body(inside, arguments, block);
  // Elements that were written past the caches are to be seen before the end of the launch is.
  LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::seq_cst);
  return function;
}

/// Computes a block's values, a group of 256 at a time, so that memory is read while the group before is scanned;
/// `scan(at, their place, the place of their runs, count)` follows each.
void HostBuilder::evaluateGroups(OpBuilder &builder, Arguments &arguments, const ScanBlock &block,
                                 llvm::function_ref<void(OpBuilder &, Value, Value, Value)> scan) {
  ScanEmitter emit(index.kernel);
  auto groups = scf::ForOp::create(builder, loc, constant(builder, 0), block.count, constant(builder, groupLength));
  OpBuilder inside = OpBuilder::atBlockTerminator(groups.getBody());
  Value offset = groups.getInductionVar();
  Value first = arith::AddIOp::create(inside, loc, block.first, offset);
  Value count = arith::MinSIOp::create(inside, loc, arith::SubIOp::create(inside, loc, block.count, offset),
                                       constant(inside, groupLength));
  Value place = emit.at(inside, block.values, offset);
  if (!block.isKept)
    emitRange(inside, arguments, first, arith::AddIOp::create(inside, loc, first, count),
              storeTo(flatMemRef(inside, place, count, emit.element), first));
  else
    LLVM::MemcpyOp::create(inside, loc, place, emit.at(inside, block.output, first),
                           arith::MulIOp::create(inside, loc, count, constant(inside, emit.bytes)),
                           /*isVolatile=*/false);
  Value runs = emit.at(inside, block.runs, arith::DivUIOp::create(inside, loc, offset, constant(inside, runLength)));
  scan(inside, place, runs, count);
}

HostKernel HostBuilder::buildScan() {
  ScanEmitter emit(index.kernel);
  ScanFunctions functions = scanFunctions();
  bool keeps = isDear();
  auto truth = [&](OpBuilder &builder, bool value) {
    return arith::ConstantOp::create(builder, loc, builder.getBoolAttr(value));
  };

  LLVM::LLVMFuncOp host = scanBlocks("host", [&](OpBuilder &builder, Arguments &arguments, ScanBlock block) {
    if (keeps)
      block.values = emit.at(builder, block.output, block.first);
    // Nobody needs the total of one that is not whole.
    Value isWhole = emit.is(builder, arith::CmpIPredicate::eq, block.count, constant(builder, blockLength));
    evaluateGroups(builder, arguments, block, [&](OpBuilder &at, Value values, Value runs, Value count) {
      OpBuilder inside = scf::IfOp::create(at, loc, isWhole, /*withElseRegion=*/false).getThenBodyBuilder();
      func::CallOp::create(inside, loc, functions.group, ValueRange{values, runs, count, truth(inside, false)});
    });
    OpBuilder inside = scf::IfOp::create(builder, loc, isWhole, /*withElseRegion=*/false).getThenBodyBuilder();
    func::CallOp::create(inside, loc, functions.totals, ValueRange{block.runs, block.number, block.info});
  });
  LLVM::LLVMFuncOp scan = scanBlocks("scan", [&](OpBuilder &builder, Arguments &arguments, ScanBlock block) {
    block.isKept = keeps;
    evaluateGroups(builder, arguments, block, [&](OpBuilder &at, Value values, Value runs, Value count) {
      func::CallOp::create(at, loc, functions.group, ValueRange{values, runs, count, truth(at, true)});
    });
    func::CallOp::create(builder, loc, functions.write,
                         ValueRange{block.values, block.runs, block.count, block.number, block.output, block.info});
  });

  LLVM::LLVMFuncOp combine = sharedFunction(scanName("combine"), [&](LLVM::LLVMFuncOp combine) {
    OpBuilder builder = OpBuilder::atBlockTerminator(&combine.getBody().front());
    auto slot = [&](unsigned number, Type type) { return loadSlot(builder, combine.getArgument(0), number, type); };
    emit.scanRuns(builder, slot(1, emit.pointer), slot(2, emit.pointer), slot(3, emit.pointer), slot(0, emit.i64),
                  combine.getArgument(1), combine.getArgument(2));
  });
  LLVM::LLVMFuncOp finish = sharedFunction(scanName("finish"), [&](LLVM::LLVMFuncOp finish) {
    OpBuilder builder = OpBuilder::atBlockTerminator(&finish.getBody().front());
    auto slot = [&](unsigned number, Type type) { return loadSlot(builder, finish.getArgument(0), number, type); };
    Value count = slot(0, emit.i64), output = slot(1, emit.pointer), totals = slot(2, emit.pointer);
    Value length = constant(builder, runLength);
    Value begin = arith::MulIOp::create(builder, loc, finish.getArgument(1), length);
    Value end =
        arith::MinSIOp::create(builder, loc, arith::MulIOp::create(builder, loc, finish.getArgument(2), length), count);
    auto loop = scf::ForOp::create(builder, loc, begin, end, constant(builder, 1));
    OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
    Value place = loop.getInductionVar();
    Value run = arith::DivUIOp::create(inside, loc, place, length);
    Value prefix = emit.load(inside, totals, arith::SubIOp::create(inside, loc, run, constant(inside, 1)));
    emit.store(inside, emit.join(inside, prefix, emit.load(inside, output, place)), output, place);
  });
  return {host, combine, finish, keeps ? 1u : 0u, 0, scan};
}
