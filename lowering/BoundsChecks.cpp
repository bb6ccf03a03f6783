// Takes bounds checks, and other conditions that are linear in the innermost index, out of a kernel's loop over it.
//
// `first` is the subscript with zero for `i`. The range of `i` in which `first + step * i` stays within 0..extent comes from a
// division; where numbers are so large that this could overflow, the range is taken for empty, and the row keeps its checks.
#include "lowering/BoundsChecks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// The predicate with its operands in the other order.
static arith::CmpIPredicate swapped(arith::CmpIPredicate predicate) {
  using arith::CmpIPredicate;
  switch (predicate) {
  case CmpIPredicate::slt:
    return CmpIPredicate::sgt;
  case CmpIPredicate::sle:
    return CmpIPredicate::sge;
  case CmpIPredicate::sgt:
    return CmpIPredicate::slt;
  case CmpIPredicate::sge:
    return CmpIPredicate::sle;
  default:
    return predicate;
  }
}

/// A row keeps its checks beyond these: their product fits into an i64.
static constexpr int64_t mostStep = int64_t(1) << 15, mostValue = int64_t(1) << 46;

//===-- Finding them ------------------------------------------------------------------------------------------------===//

BoundsChecks::BoundsChecks(func::FuncOp body, Value lane, bool bordered) : body(body), lane(lane) {
  body.walk([&](scf::WhileOp) { bordered = false; });
  body.walk([&](arith::CmpIOp comparison) {
    if (!comparison.getLhs().getType().isInteger(64))
      return;
    if (comparison.getPredicate() == arith::CmpIPredicate::ult)
      addCheck(comparison);
    else if (bordered)
      addBorder(comparison);
  });
}

void BoundsChecks::addCheck(arith::CmpIOp comparison) {
  std::optional<int64_t> step = stepOf(comparison.getLhs());
  if (step && std::abs(*step) <= mostStep && stepOf(comparison.getRhs()) == 0)
    checks.push_back({comparison, *step});
}

/// What is compared with a small constant is taken for above it in most of a row, and else for below: a row begins near zero. Where
/// that is wrong, rows keep their comparisons.
void BoundsChecks::addBorder(arith::CmpIOp comparison) {
  using arith::CmpIPredicate;
  static constexpr int64_t nearZero = 16;
  std::optional<int64_t> left = stepOf(comparison.getLhs()), right = stepOf(comparison.getRhs());
  if (!left || !right)
    return;
  bool isSwapped = *left == 0;
  int64_t step = isSwapped ? *right : *left;
  if ((isSwapped ? *left : *right) != 0 || std::abs(step) != 1)
    return;
  CmpIPredicate predicate = isSwapped ? swapped(comparison.getPredicate()) : comparison.getPredicate();
  bool isLess = predicate == CmpIPredicate::slt || predicate == CmpIPredicate::sle;
  bool isMore = predicate == CmpIPredicate::sgt || predicate == CmpIPredicate::sge;
  if (predicate == CmpIPredicate::eq || predicate == CmpIPredicate::ne) {
    checks.push_back({comparison, step, true, predicate, predicate == CmpIPredicate::ne});
  } else if (isLess || isMore) {
    llvm::APInt constant;
    bool isLow = matchPattern(isSwapped ? comparison.getLhs() : comparison.getRhs(), m_ConstantInt(&constant)) &&
                 constant.sle(nearZero);
    checks.push_back({comparison, step, true, predicate, isLess != isLow});
  }
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
    Value known = arith::ConstantOp::create(builder, comparison->getLoc(), builder.getBoolAttr(check.outcome));
    comparison->getResult(0).replaceAllUsesWith(known);
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

/// Emits ranges of the innermost index.
struct BoundsChecks::Range {
  OpBuilder &builder;
  Location loc;
  Value low, high;
  Value sane; ///< false where numbers are too large to reckon with

  Value constant(int64_t value) { return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value)); }
  Value add(Value left, Value right) { return arith::AddIOp::create(builder, loc, left, right); }
  Value subtract(Value left, Value right) { return arith::SubIOp::create(builder, loc, left, right); }
  Value compare(arith::CmpIPredicate predicate, Value left, Value right) {
    return arith::CmpIOp::create(builder, loc, predicate, left, right);
  }
  Value choose(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(builder, loc, condition, yes, no);
  }
  Value both(Value left, Value right) { return arith::AndIOp::create(builder, loc, left, right); }
  void from(Value first) { low = arith::MaxSIOp::create(builder, loc, low, first); }
  void to(Value end) { high = arith::MinSIOp::create(builder, loc, high, end); }
  void require(Value condition) { sane = sane ? both(sane, condition) : condition; }
  void requireSmall(Value value) {
    require(compare(arith::CmpIPredicate::ult, add(value, constant(mostValue / 2)), constant(mostValue)));
  }

  /// 0 <= first + step * i < extent; for a falling subscript the ends change sides.
  void check(Value first, Value extent, int64_t number) {
    if (number == 0)
      return require(compare(arith::CmpIPredicate::ult, first, extent));
    requireSmall(first);
    require(compare(arith::CmpIPredicate::ult, extent, constant(mostValue)));
    Value step = constant(std::abs(number));
    auto divideUp = [&](Value value) { return arith::CeilDivSIOp::create(builder, loc, value, step).getResult(); };
    if (number > 0) {
      from(divideUp(subtract(constant(0), first)));
      to(divideUp(subtract(extent, first)));
    } else {
      from(divideUp(add(subtract(first, extent), constant(1))));
      to(divideUp(add(first, constant(1))));
    }
  }

  /// first + i or first - i against `other`, to come out as said.
  void border(Value first, Value other, const Check &check) {
    using arith::CmpIPredicate;
    requireSmall(first);
    requireSmall(other);
    bool rises = check.step > 0;
    Value place = rises ? subtract(other, first) : subtract(first, other); // where both are equal
    if (check.predicate == CmpIPredicate::eq || check.predicate == CmpIPredicate::ne)
      return leaveOut(place);
    // The comparison is true before a place, or from it on.
    bool isLess = check.predicate == CmpIPredicate::slt || check.predicate == CmpIPredicate::sle;
    bool isTrueBefore = isLess == rises;
    bool takesEqual = check.predicate == CmpIPredicate::sle || check.predicate == CmpIPredicate::sge;
    if (takesEqual == isTrueBefore)
      place = add(place, constant(1));
    isTrueBefore == check.outcome ? to(place) : from(place);
  }

  /// Keeps the longer one of the parts before and behind a place.
  void leaveOut(Value place) {
    using arith::CmpIPredicate;
    Value isInside = both(compare(CmpIPredicate::sge, place, low), compare(CmpIPredicate::slt, place, high));
    Value isLate = compare(CmpIPredicate::sge, subtract(place, low), subtract(high, place));
    Value next = add(place, constant(1)), first = low;
    low = choose(isInside, choose(isLate, first, next), first);
    high = choose(isInside, choose(isLate, place, high), high);
  }
};

std::pair<Value, Value> BoundsChecks::range(OpBuilder &builder, Value begin, Value end, Lookup lookup) {
  using arith::CmpIPredicate;
  Range range{builder, body.getLoc(), begin, end, nullptr};
  range.require(range.compare(CmpIPredicate::slt, end, range.constant(mostValue)));
  llvm::DenseMap<Value, Value> known;
  for (const Check &check : checks) {
    Value left = atZero(builder, check.comparison->getOperand(0), lookup, known);
    Value right = atZero(builder, check.comparison->getOperand(1), lookup, known);
    bool isSwapped = stepOf(check.comparison->getOperand(0)) == 0;
    if (check.isBorder)
      range.border(isSwapped ? right : left, isSwapped ? left : right, check);
    else
      range.check(left, right, check.step);
  }
  range.require(range.compare(CmpIPredicate::slt, range.low, range.high));
  return {range.choose(range.sane, range.low, begin), range.choose(range.sane, range.high, begin)};
}
