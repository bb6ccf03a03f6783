// Emits runs one by one, or sixteen at once, and what stands before them.
#include "lowering/ScanEmitter.h"
#include "lowering/MinMax.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

ir::Shape awg::lowering::joinedBy(ir::KernelOp kernel) {
  return kernel.getShape() == ir::Shape::Scan ? kernel.getJoins().value_or(ir::Shape::Sum) : kernel.getShape();
}

Value ScanEmitter::join(OpBuilder &builder, Value left, Value right) {
  FlatSymbolRefAttr combiner = kernel.getCombinerAttr();
  if (!combiner)
    return combine(builder, loc, joinedBy(kernel), left, right);
  Type type = kernel.getResultTypes()[0];
  auto given = [&](Value value) {
    return type == element ? value : arith::TruncIOp::create(builder, loc, type, value).getResult();
  };
  Value joined =
      func::CallOp::create(builder, loc, combiner, TypeRange(type), ValueRange{given(left), given(right)}).getResult(0);
  return type == element ? joined : arith::ExtUIOp::create(builder, loc, element, joined).getResult();
}

/// join(left, right) where `condition` holds, else `right`.
Value ScanEmitter::joinIf(OpBuilder &builder, Value condition, llvm::function_ref<Value(OpBuilder &)> left,
                          llvm::function_ref<Value(OpBuilder &)> right) {
  auto choice = scf::IfOp::create(builder, loc, TypeRange(element), condition, /*withElseRegion=*/true);
  OpBuilder yes = choice.getThenBodyBuilder(), no = choice.getElseBodyBuilder();
  Value first = left(yes);
  scf::YieldOp::create(yes, loc, join(yes, first, right(yes)));
  scf::YieldOp::create(no, loc, right(no));
  return choice.getResult(0);
}

//===-- Runs ------------------------------------------------------------------------------------------------------===//

/// Scans runs `firstRun` to `lastRun` of `count` elements, one by one; `output` may be the input.
void ScanEmitter::scanRuns(OpBuilder &builder, Value input, Value output, Value totals, Value count, Value firstRun,
                           Value lastRun) {
  auto runs = scf::ForOp::create(builder, loc, firstRun, lastRun, constant(builder, 1));
  OpBuilder inRun = OpBuilder::atBlockTerminator(runs.getBody());
  Value begin = arith::MulIOp::create(inRun, loc, runs.getInductionVar(), constant(inRun, runLength));
  Value end =
      arith::MinSIOp::create(inRun, loc, arith::AddIOp::create(inRun, loc, begin, constant(inRun, runLength)), count);
  Value first = load(inRun, input, begin);
  store(inRun, first, output, begin);
  Value second = arith::AddIOp::create(inRun, loc, begin, constant(inRun, 1));
  auto loop = scf::ForOp::create(inRun, loc, second, end, constant(inRun, 1), first);
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value joined = join(inside, loop.getRegionIterArg(0), load(inside, input, loop.getInductionVar()));
  store(inside, joined, output, loop.getInductionVar());
  scf::YieldOp::create(inside, loc, joined);
  store(inRun, loop.getResult(0), totals, runs.getInductionVar());
}

/// Sixteen vectors of sixteen, rows for columns: in four steps halves of ever larger squares change places.
void ScanEmitter::transpose(OpBuilder &builder, Value from, Value to) {
  SmallVector<Value> rows;
  for (int k = 0; k < runLength; ++k)
    rows.push_back(load(builder, from, constant(builder, k * runLength), run));
  for (int step = 1; step < runLength; step *= 2) {
    SmallVector<int32_t> low, high;
    for (int lane = 0; lane < runLength; ++lane) {
      low.push_back(lane & step ? int(runLength) + lane - step : lane);
      high.push_back(lane & step ? int(runLength) + lane : lane + step);
    }
    for (int k = 0; k < runLength; ++k) {
      if (k & step)
        continue;
      Value first = rows[k], second = rows[k + step];
      rows[k] = LLVM::ShuffleVectorOp::create(builder, loc, first, second, low);
      rows[k + step] = LLVM::ShuffleVectorOp::create(builder, loc, first, second, high);
    }
  }
  for (int k = 0; k < runLength; ++k)
    store(builder, rows[k], to, constant(builder, k * runLength));
}

/// Scans 16 runs as lanes; what stands behind the last element is scanned too, and not looked at by anyone.
void ScanEmitter::scanLanes(OpBuilder &builder, Value values, Value totals, Value writesBack,
                            func::FuncOp transposing) {
  Value columns = buffer(builder, groupLength);
  func::CallOp::create(builder, loc, transposing, ValueRange{values, columns});
  auto loop = scf::ForOp::create(builder, loc, constant(builder, runLength), constant(builder, groupLength),
                                 constant(builder, runLength), load(builder, columns, constant(builder, 0), run));
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value joined = join(inside, loop.getRegionIterArg(0), load(inside, columns, loop.getInductionVar(), run));
  store(inside, joined, columns, loop.getInductionVar());
  scf::YieldOp::create(inside, loc, joined);
  store(builder, loop.getResult(0), totals, constant(builder, 0));
  OpBuilder back = scf::IfOp::create(builder, loc, writesBack, /*withElseRegion=*/false).getThenBodyBuilder();
  func::CallOp::create(back, loc, transposing, ValueRange{columns, values});
}

/// output[to + k] = join(prefix, input[from + k]) for k < `count`; operators take all 16.
void ScanEmitter::prefixRun(OpBuilder &builder, Value prefix, Value input, Value from, Value output, Value to,
                            Value count, bool streams) {
  if (!isByFunction()) {
    Value all = vector::BroadcastOp::create(builder, loc, run, prefix);
    Value joined = join(builder, all, load(builder, input, from, run));
    // An output of the launch is aligned to 64 bytes, and its runs to their length.
    unsigned alignment = streams ? unsigned(std::min<int64_t>(64, runLength * bytes)) : bytes;
    LLVM::StoreOp::create(builder, loc, joined, at(builder, output, to), alignment, /*isVolatile=*/false, streams);
    return;
  }
  auto loop = scf::ForOp::create(builder, loc, constant(builder, 0), count, constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  auto shifted = [&](Value base) { return arith::AddIOp::create(inside, loc, base, loop.getInductionVar()); };
  store(inside, join(inside, prefix, load(inside, input, shifted(from))), output, shifted(to));
}

//===-- Blocks ----------------------------------------------------------------------------------------------------===//

/// From left to right, in place.
void ScanEmitter::scanGroups(OpBuilder &builder, Value groups, Value count) {
  auto loop = scf::ForOp::create(builder, loc, constant(builder, 1), count, constant(builder, 1),
                                 load(builder, groups, constant(builder, 0)));
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value joined = join(inside, loop.getRegionIterArg(0), load(inside, groups, loop.getInductionVar()));
  store(inside, joined, groups, loop.getInductionVar());
  scf::YieldOp::create(inside, loc, joined);
}

/// prefixes[r]: what stands before run r of block `number`, if that is not the first run of all.
void ScanEmitter::addPrefixes(OpBuilder &builder, Value runs, Value groups, Value count, Value number, Value info,
                              Value prefixes) {
  Value zero = constant(builder, 0), one = constant(builder, 1);
  Value before = arith::SubIOp::create(builder, loc, number, one);
  Value hasBefore = is(builder, arith::CmpIPredicate::sgt, number, zero);
  Value hasTwo = is(builder, arith::CmpIPredicate::sgt, before, zero);
  Value scanned = field(builder, info, offsetof(awgrt_scan, prefixes), pointer);
  auto scannedBefore = [&](Value place) {
    return [=, this](OpBuilder &inside) {
      return load(inside, scanned, arith::SubIOp::create(inside, loc, place, constant(inside, 1)));
    };
  };
  // What `array` has for the block before, behind all blocks before that.
  auto carried = [&](OpBuilder &inside, size_t array) {
    Value base = field(inside, info, array, pointer);
    return joinIf(inside, hasTwo, scannedBefore(before), [&](OpBuilder &in) { return load(in, base, before); });
  };
  Value total;
  {
    auto known = scf::IfOp::create(builder, loc, TypeRange(element), hasBefore, /*withElseRegion=*/true);
    OpBuilder yes = known.getThenBodyBuilder(), no = known.getElseBodyBuilder();
    Value last = load(yes, field(yes, info, offsetof(awgrt_scan, last_totals), pointer), before);
    store(yes, join(yes, carried(yes, offsetof(awgrt_scan, befores)), last), prefixes, zero);
    scf::YieldOp::create(yes, loc, carried(yes, offsetof(awgrt_scan, totals)));
    scf::YieldOp::create(no, loc, load(no, groups, zero));
    total = known.getResult(0);
  }
  Value runCount = divideUp(builder, count, runLength);
  auto loop = scf::ForOp::create(builder, loc, zero, divideUp(builder, count, groupLength), one);
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  Value group = loop.getInductionVar();
  Value isInner = is(inside, arith::CmpIPredicate::sgt, group, zero);
  Value first = arith::MulIOp::create(inside, loc, group, constant(inside, runLength));
  Value behind = arith::AddIOp::create(inside, loc, first, constant(inside, 1));
  Value left = arith::MinSIOp::create(inside, loc, arith::SubIOp::create(inside, loc, runCount, first),
                                      constant(inside, runLength));
  auto some =
      scf::IfOp::create(inside, loc, arith::OrIOp::create(inside, loc, isInner, hasBefore), /*withElseRegion=*/true);
  {
    OpBuilder yes = some.getThenBodyBuilder(), no = some.getElseBodyBuilder();
    auto choice = scf::IfOp::create(yes, loc, TypeRange(element), isInner, /*withElseRegion=*/true);
    OpBuilder inner = choice.getThenBodyBuilder(), outer = choice.getElseBodyBuilder();
    scf::YieldOp::create(inner, loc, joinIf(inner, hasBefore, scannedBefore(number), [&](OpBuilder &in) {
                           return load(in, groups, arith::SubIOp::create(in, loc, group, constant(in, 1)));
                         }));
    scf::YieldOp::create(outer, loc, total);
    prefixRun(yes, choice.getResult(0), runs, first, prefixes, behind, left);
    Value length = arith::MulIOp::create(no, loc, left, constant(no, bytes));
    LLVM::MemcpyOp::create(no, loc, at(no, prefixes, behind), at(no, runs, first), length, /*isVolatile=*/false);
  }
}

/// output[first + i] = join(prefix of i's run, values[i]).
void ScanEmitter::writeBlock(OpBuilder &builder, Value values, Value prefixes, Value count, Value number, Value output,
                             Value first, Value info) {
  Value zero = constant(builder, 0), one = constant(builder, 1), length = constant(builder, runLength);
  Value isStart = is(builder, arith::CmpIPredicate::eq, number, zero);
  Value whole = arith::DivUIOp::create(builder, loc, count, length);
  {
    OpBuilder inside = scf::IfOp::create(builder, loc, isStart, /*withElseRegion=*/false).getThenBodyBuilder();
    Value some = arith::MinSIOp::create(inside, loc, count, length);
    LLVM::MemcpyOp::create(inside, loc, at(inside, output, first), values,
                           arith::MulIOp::create(inside, loc, some, constant(inside, bytes)), /*isVolatile=*/false);
  }
  Value firstRun = arith::ExtUIOp::create(builder, loc, i64, isStart);
  auto write = [&](OpBuilder &in, bool streams) {
    auto loop = scf::ForOp::create(in, loc, firstRun, whole, one);
    OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
    Value from = arith::MulIOp::create(inside, loc, loop.getInductionVar(), length);
    prefixRun(inside, load(inside, prefixes, loop.getInductionVar()), values, from, output,
              arith::AddIOp::create(inside, loc, first, from), length, streams);
  };
  if (isByFunction()) {
    write(builder, /*streams=*/false);
  } else {
    Value large =
        is(builder, arith::CmpIPredicate::ne, field(builder, info, offsetof(awgrt_scan, is_large), i64), zero);
    auto choice = scf::IfOp::create(builder, loc, large, /*withElseRegion=*/true);
    OpBuilder yes = choice.getThenBodyBuilder(), no = choice.getElseBodyBuilder();
    write(yes, /*streams=*/true);
    write(no, /*streams=*/false);
  }
  // The run that is not whole; the first one of all has been copied.
  Value begin = arith::MulIOp::create(builder, loc, arith::MaxUIOp::create(builder, loc, whole, firstRun), length);
  auto rest = scf::ForOp::create(builder, loc, begin, count, one);
  OpBuilder inside = OpBuilder::atBlockTerminator(rest.getBody());
  Value joined = join(inside, load(inside, prefixes, whole), load(inside, values, rest.getInductionVar()));
  store(inside, joined, output, arith::AddIOp::create(inside, loc, first, rest.getInductionVar()));
}
