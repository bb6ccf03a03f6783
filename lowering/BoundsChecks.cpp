// Takes bounds checks that are linear in the innermost index out of a kernel's loop over it.
//
// `first` is the subscript with zero for `i`. The range of `i` in which `first + step * i` stays within 0..extent comes from a
// division; where numbers are so large that this could overflow, the range is taken for empty, and the row keeps its checks.
#include "lowering/BoundsChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// A row keeps its checks beyond these: their product fits into an i64.
static constexpr int64_t mostStep = int64_t(1) << 15, mostValue = int64_t(1) << 46;

//===-- Finding them ------------------------------------------------------------------------------------------------===//

BoundsChecks::BoundsChecks(func::FuncOp body, Value lane) : body(body), lane(lane) {
  body.walk([&](arith::CmpIOp comparison) {
    if (comparison.getPredicate() != arith::CmpIPredicate::ult || !comparison.getLhs().getType().isInteger(64))
      return;
    std::optional<int64_t> step = stepOf(comparison.getLhs());
    if (step && std::abs(*step) <= mostStep && stepOf(comparison.getRhs()) == 0)
      checks.push_back({comparison, *step});
  });
}

static bool isWide(Value value) { return value.getType().isInteger(64) || value.getType().isIndex(); }

/// The step of a sum, difference or product, wrapping as its operands do.
static std::optional<int64_t> stepOfArithmetic(Operation *op, std::optional<int64_t> left, std::optional<int64_t> right) {
  if (!left || !right || !isWide(op->getResult(0)))
    return std::nullopt;
  auto bounded = [](int64_t step) { return std::abs(step) <= mostStep ? std::optional(step) : std::nullopt; };
  if (isa<arith::AddIOp>(op))
    return bounded(*left + *right);
  if (isa<arith::SubIOp>(op))
    return bounded(*left - *right);
  auto times = [&](std::optional<int64_t> step, Value factor) -> std::optional<int64_t> {
    llvm::APInt constant;
    if (!matchPattern(factor, m_ConstantInt(&constant)) || constant.abs().ugt(mostStep))
      return std::nullopt;
    return bounded(*step * constant.getSExtValue());
  };
  if (isa<arith::MulIOp>(op))
    return *right == 0 ? times(left, op->getOperand(1)) : *left == 0 ? times(right, op->getOperand(0)) : std::nullopt;
  return std::nullopt;
}

std::optional<int64_t> BoundsChecks::stepOf(Value value) {
  if (value == lane)
    return 1;
  if (auto known = steps.find(value); known != steps.end())
    return known->second;
  std::optional<int64_t> step;
  Operation *op = value.getDefiningOp();
  if (!op) {
    if (value.getParentBlock() == &body.getBody().front())
      step = 0;
  } else if (isa<memref::DimOp>(op)) {
    if (isa<BlockArgument>(op->getOperand(0)) && op->getOperand(1).getDefiningOp<arith::ConstantOp>())
      step = stepOf(op->getOperand(0));
  } else if (op->getNumRegions() == 0 && op->getNumResults() == 1 && isPure(op)) {
    SmallVector<std::optional<int64_t>> operands;
    for (Value operand : op->getOperands())
      operands.push_back(stepOf(operand));
    if (llvm::all_of(operands, [](std::optional<int64_t> step) { return step == 0; }))
      step = 0;
    else if (isa<arith::IndexCastOp>(op) && isWide(op->getOperand(0)) && isWide(value))
      step = operands[0];
    else if (operands.size() == 2)
      step = stepOfArithmetic(op, operands[0], operands[1]);
  }
  return steps[value] = step;
}

//===-- Leaving them out --------------------------------------------------------------------------------------------===//

func::FuncOp BoundsChecks::makeUnchecked() {
  OpBuilder builder(body);
  IRMapping mapping;
  auto copy = cast<func::FuncOp>(builder.clone(*body, mapping));
  copy.setName((body.getName() + "_unchecked").str());
  for (const Check &check : checks) {
    Operation *comparison = mapping.lookup(check.comparison);
    builder.setInsertionPoint(comparison);
    Value yes = arith::ConstantOp::create(builder, comparison->getLoc(), builder.getBoolAttr(true));
    comparison->getResult(0).replaceAllUsesWith(yes);
    comparison->erase();
  }
  return copy;
}

/// Emits what the value is at index zero.
Value BoundsChecks::atZero(OpBuilder &builder, Value value, Lookup lookup, llvm::DenseMap<Value, Value> &known) {
  if (Value emitted = known.lookup(value))
    return emitted;
  Operation *op = value.getDefiningOp();
  Value emitted;
  if (value == lane) {
    emitted = arith::ConstantOp::create(builder, value.getLoc(), builder.getI64IntegerAttr(0));
  } else if (!op || isa<memref::DimOp>(op)) {
    emitted = lookup(value);
  } else {
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, atZero(builder, operand, lookup, known));
    emitted = builder.clone(*op, mapping)->getResult(0);
  }
  known[value] = emitted;
  return emitted;
}

std::pair<Value, Value> BoundsChecks::range(OpBuilder &builder, Value begin, Value end, Lookup lookup) {
  using arith::CmpIPredicate;
  Location loc = body.getLoc();
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value)).getResult();
  };
  auto add = [&](Value left, Value right) { return arith::AddIOp::create(builder, loc, left, right).getResult(); };
  auto subtract = [&](Value left, Value right) { return arith::SubIOp::create(builder, loc, left, right).getResult(); };
  auto less = [&](CmpIPredicate predicate, Value left, Value right) {
    return arith::CmpIOp::create(builder, loc, predicate, left, right).getResult();
  };
  Value zero = constant(0), half = constant(mostValue / 2), most = constant(mostValue);
  Value low = begin, high = end;
  Value sane = less(CmpIPredicate::slt, end, most);
  auto require = [&](Value condition) { sane = arith::AndIOp::create(builder, loc, sane, condition); };
  llvm::DenseMap<Value, Value> known;
  for (const Check &check : checks) {
    Value first = atZero(builder, check.comparison->getOperand(0), lookup, known);
    Value extent = atZero(builder, check.comparison->getOperand(1), lookup, known);
    if (check.step == 0) {
      require(less(CmpIPredicate::ult, first, extent));
      continue;
    }
    require(less(CmpIPredicate::ult, add(first, half), most));
    require(less(CmpIPredicate::ult, extent, most));
    // 0 <= first + step * i < extent; for a falling subscript the ends change sides.
    Value step = constant(std::abs(check.step));
    auto divideUp = [&](Value value) { return arith::CeilDivSIOp::create(builder, loc, value, step).getResult(); };
    Value from, to;
    if (check.step > 0) {
      from = divideUp(subtract(zero, first));
      to = divideUp(subtract(extent, first));
    } else {
      from = divideUp(add(subtract(first, extent), constant(1)));
      to = divideUp(add(first, constant(1)));
    }
    low = arith::MaxSIOp::create(builder, loc, low, from);
    high = arith::MinSIOp::create(builder, loc, high, to);
  }
  require(less(CmpIPredicate::slt, low, high));
  low = arith::SelectOp::create(builder, loc, sane, low, begin);
  high = arith::SelectOp::create(builder, loc, sane, high, begin);
  return {low, high};
}
