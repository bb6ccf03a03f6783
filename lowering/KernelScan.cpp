// Host code of scans: runs of 16 from left to right; the runs' totals are scanned by the same rule and put on the left.
#include "lowering/KernelHostBuilder.h"
#include "lowering/MinMax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

static constexpr int64_t runLength = 16;

static Value toIndex(OpBuilder &builder, Location loc, Value value) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
}

/// Scans runs `firstRun` to `lastRun` of `input` (`count` elements) into `output`, which may be the same, and leaves each run's
/// total in `totals`.
void HostBuilder::scanRuns(OpBuilder &builder, Value input, Value output, Value totals, Value count, Value firstRun,
                           Value lastRun) {
  auto runs = scf::ForOp::create(builder, loc, firstRun, lastRun, constant(builder, 1));
  OpBuilder run = OpBuilder::atBlockTerminator(runs.getBody());
  Value begin = arith::MulIOp::create(run, loc, runs.getInductionVar(), constant(run, runLength));
  Value end = arith::MinSIOp::create(run, loc, arith::AddIOp::create(run, loc, begin, constant(run, runLength)), count);
  Type element = cast<MemRefType>(output.getType()).getElementType();
  Value neutral = arith::ConstantOp::create(run, loc, neutralElement(run, ir::Shape::Sum, element));
  auto loop = scf::ForOp::create(run, loc, begin, end, constant(run, 1), neutral);
  {
    OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
    Value at = toIndex(inside, loc, loop.getInductionVar());
    Value value = memref::LoadOp::create(inside, loc, input, at);
    Value sum = combine(inside, loc, ir::Shape::Sum, loop.getRegionIterArg(0), value);
    memref::StoreOp::create(inside, loc, sum, output, at);
    scf::YieldOp::create(inside, loc, sum);
  }
  memref::StoreOp::create(run, loc, loop.getResult(0), totals, toIndex(run, loc, runs.getInductionVar()));
}

HostKernel HostBuilder::buildScan() {
  Type element = index.kernel.getResultTypes()[0];
  Type pointer = LLVM::LLVMPointerType::get(index.kernel.getContext());
  Type i64 = IntegerType::get(index.kernel.getContext(), 64);
  auto elements = [&](OpBuilder &builder, LLVM::LLVMFuncOp function, unsigned slot, Value count) {
    return flatMemRef(builder, loadSlot(builder, function.getArgument(0), slot, pointer), count, element);
  };

  LLVM::LLVMFuncOp host = makeFunction(ownName("host"));
  {
    OpBuilder builder = OpBuilder::atBlockTerminator(&host.getBody().front());
    Arguments arguments = loadArguments(builder, host);
    Value count = total(builder, arguments);
    Value output = elements(builder, host, arguments.nextSlot, count);
    Value totals = elements(builder, host, arguments.nextSlot + 1, count);
    Value begin = arith::MulIOp::create(builder, loc, host.getArgument(1), constant(builder, runLength));
    Value end = arith::MulIOp::create(builder, loc, host.getArgument(2), constant(builder, runLength));
    end = arith::MinSIOp::create(builder, loc, end, count);
    emitRange(builder, arguments, begin, end, storeTo(output, constant(builder, 0)));
    scanRuns(builder, output, output, totals, count, host.getArgument(1), host.getArgument(2));
  }

  LLVM::LLVMFuncOp combine = sharedFunction(sharedName("combine", element), [&](LLVM::LLVMFuncOp combine) {
    OpBuilder builder = OpBuilder::atBlockTerminator(&combine.getBody().front());
    Value count = loadSlot(builder, combine.getArgument(0), 0, i64);
    scanRuns(builder, elements(builder, combine, 1, count), elements(builder, combine, 2, count),
             elements(builder, combine, 3, count), count, combine.getArgument(1), combine.getArgument(2));
  });

  LLVM::LLVMFuncOp finish = sharedFunction(sharedName("finish", element), [&](LLVM::LLVMFuncOp finish) {
    OpBuilder builder = OpBuilder::atBlockTerminator(&finish.getBody().front());
    Value count = loadSlot(builder, finish.getArgument(0), 0, i64);
    Value output = elements(builder, finish, 1, count), totals = elements(builder, finish, 2, count);
    Value one = constant(builder, 1);
    Value firstRun = arith::MaxSIOp::create(builder, loc, finish.getArgument(1), one);
    auto runs = scf::ForOp::create(builder, loc, firstRun, finish.getArgument(2), one);
    OpBuilder run = OpBuilder::atBlockTerminator(runs.getBody());
    Value begin = arith::MulIOp::create(run, loc, runs.getInductionVar(), constant(run, runLength));
    Value end = arith::MinSIOp::create(run, loc, arith::AddIOp::create(run, loc, begin, constant(run, runLength)), count);
    Value before = arith::SubIOp::create(run, loc, runs.getInductionVar(), one);
    Value prefix = memref::LoadOp::create(run, loc, totals, toIndex(run, loc, before));
    auto loop = scf::ForOp::create(run, loc, begin, end, one);
    OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
    Value at = toIndex(inside, loc, loop.getInductionVar());
    Value value = memref::LoadOp::create(inside, loc, output, at);
    memref::StoreOp::create(inside, loc, lowering::combine(inside, loc, ir::Shape::Sum, prefix, value), output, at);
  });
  return {host, combine, finish};
}
