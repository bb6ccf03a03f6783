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

/// A row keeps its checks beyond this: its product with EvenValues::mostStep fits into an i64.
static constexpr int64_t mostValue = int64_t(1) << 46;

//===-- Finding them ------------------------------------------------------------------------------------------------===//

/// A bounds check, or one that a pass has turned round.
static bool isBounds(arith::CmpIOp comparison) {
  return comparison.getPredicate() == arith::CmpIPredicate::ult || comparison.getPredicate() == arith::CmpIPredicate::uge;
}

BoundsChecks::BoundsChecks(func::FuncOp body, Value lane, bool bordered) : body(body), values(body, lane) {
  body.walk([&](scf::WhileOp) { bordered = false; });
  body.walk([&](arith::CmpIOp comparison) {
    if (!comparison.getLhs().getType().isInteger(64))
      return;
    if (isBounds(comparison))
      addCheck(comparison);
    else if (bordered)
      addBorder(comparison);
  });
}

void BoundsChecks::addCheck(arith::CmpIOp comparison) {
  std::optional<int64_t> step = values.stepOf(comparison.getLhs());
  if (step && values.stepOf(comparison.getRhs()) == 0)
    checks.push_back({.comparison = comparison,
                      .step = *step,
                      .outcome = comparison.getPredicate() == arith::CmpIPredicate::ult});
}

/// What is compared with a small constant is taken for above it in most of a row, and else for below: a row begins near zero. Where
/// that is wrong, rows keep their comparisons.
void BoundsChecks::addBorder(arith::CmpIOp comparison) {
  using arith::CmpIPredicate;
  static constexpr int64_t nearZero = 16;
  std::optional<int64_t> left = values.stepOf(comparison.getLhs()), right = values.stepOf(comparison.getRhs());
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

//===-- Leaving them out --------------------------------------------------------------------------------------------===//

func::FuncOp BoundsChecks::makeUnchecked() {
  OpBuilder builder(body);
  IRMapping mapping;
  auto copy = cast<func::FuncOp>(builder.clone(*body, mapping));
  copy.setName((body.getName() + "$unchecked").str());
  for (const Check &check : checks) {
    Operation *comparison = mapping.lookup(check.comparison);
    builder.setInsertionPoint(comparison);
    Value known = arith::ConstantOp::create(builder, comparison->getLoc(), builder.getBoolAttr(check.outcome));
    comparison->getResult(0).replaceAllUsesWith(known);
    comparison->erase();
  }
  return copy;
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

std::pair<Value, Value> BoundsChecks::range(OpBuilder &builder, Value begin, Value end, EvenValues::Lookup lookup) {
  using arith::CmpIPredicate;
  Range range{builder, body.getLoc(), begin, end, nullptr};
  range.require(range.compare(CmpIPredicate::slt, end, range.constant(mostValue)));
  llvm::DenseMap<Value, Value> known;
  for (const Check &check : checks) {
    Value left = values.atZero(builder, check.comparison->getOperand(0), lookup, known);
    Value right = values.atZero(builder, check.comparison->getOperand(1), lookup, known);
    bool isSwapped = values.stepOf(check.comparison->getOperand(0)) == 0;
    if (check.isBorder)
      range.border(isSwapped ? right : left, isSwapped ? left : right, check);
    else
      range.check(left, right, check.step);
  }
  range.require(range.compare(CmpIPredicate::slt, range.low, range.high));
  return {range.choose(range.sane, range.low, begin), range.choose(range.sane, range.high, begin)};
}
