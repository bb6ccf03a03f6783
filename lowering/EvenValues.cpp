// Values that grow evenly with the innermost index: found, and computed for the first.
#include "lowering/EvenValues.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

static bool isWide(Value value) { return value.getType().isInteger(64) || value.getType().isIndex(); }

/// The step of a sum, difference or product, wrapping as its operands do.
static std::optional<int64_t> stepOfArithmetic(Operation *op, std::optional<int64_t> left,
                                               std::optional<int64_t> right) {
  if (!left || !right || !isWide(op->getResult(0)))
    return std::nullopt;
  constexpr int64_t mostStep = EvenValues::mostStep;
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

std::optional<int64_t> EvenValues::stepOf(Value value) {
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

Value EvenValues::atZero(OpBuilder &builder, Value value, Lookup lookup, llvm::DenseMap<Value, Value> &known) {
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
