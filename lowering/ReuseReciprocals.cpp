// Divides vectors by what all their lanes share without the divider: by its reciprocal, and one correction of the
// quotient.
//
// With r = 1 / b rounded, q = a r rounded and e = q b - a, which is exact, q - e r rounds to a / b itself: a quotient
// nearer to the middle between two numbers than half a unit of q's last place times 1 / b's relative distance is not a
// quotient of two numbers (Markstein 1990; Brisebarre, Muller and Raina 2004). Nothing may overflow or underflow on the
// way, so that e is exact: where that is not sure of every lane, the divider does it.
#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

using namespace mlir;
using namespace awg;

namespace awg::lowering {
#define GEN_PASS_DEF_REUSERECIPROCALS
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

/// From so many bits of vectors on, a reciprocal pays that is not used again.
static constexpr size_t fewestBits = 2048;

namespace {
/// What divisions by one value share, in all lanes.
struct Divisor {
  Value value;
  Value reciprocal; ///< a NaN if the value, or this, is subnormal, infinite, zero or a NaN
  Value least;      ///< a smaller quotient may be wrong; a NaN with the reciprocal
  Value zero;       ///< a NaN if zeros are to be left to the divider: their sign is right for positive values only
};

/// Emits at one place: operations of one type.
struct Emitter {
  OpBuilder &builder;
  Location loc;
  Type type;

  Value number(const llvm::APFloat &value) {
    TypedAttr attribute = builder.getFloatAttr(getElementTypeOrSelf(type), value);
    return arith::ConstantOp::create(builder, loc, attribute);
  }
  Value power(int exponent) {
    const llvm::fltSemantics &semantics = cast<FloatType>(getElementTypeOrSelf(type)).getFloatSemantics();
    return number(llvm::scalbn(llvm::APFloat::getOne(semantics), exponent, llvm::APFloat::rmNearestTiesToEven));
  }
  Value compare(arith::CmpFPredicate predicate, Value left, Value right) {
    return arith::CmpFOp::create(builder, loc, predicate, left, right);
  }
  Value both(Value left, Value right) { return arith::AndIOp::create(builder, loc, left, right); }
  Value choose(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(builder, loc, condition, yes, no);
  }
  Value absolute(Value value) { return math::AbsFOp::create(builder, loc, value); }
  Value negative(Value value) { return arith::NegFOp::create(builder, loc, value); }
  Value product(Value left, Value right) { return arith::MulFOp::create(builder, loc, left, right); }
  Value fused(Value left, Value right, Value added) { return math::FmaOp::create(builder, loc, left, right, added); }
  Value quotient(Value left, Value right) { return arith::DivFOp::create(builder, loc, left, right); }
};
} // namespace

/// The scalar that all lanes of the division are divided by, if there is something to gain; else null.
static Value sharedDivisor(arith::DivFOp division) {
  auto type = dyn_cast<VectorType>(division.getType());
  auto broadcast = division.getRhs().getDefiningOp<vector::BroadcastOp>();
  if (!type || !(type.getElementType().isF32() || type.getElementType().isF64()) || !broadcast ||
      isa<VectorType>(broadcast.getSource().getType()) || division.getFastmath() != arith::FastMathFlags::none)
    return nullptr;
  FloatAttr constant; // the exact reciprocal is LLVM's
  bool isExact =
      matchPattern(broadcast.getSource(), m_Constant(&constant)) && constant.getValue().getExactInverse(nullptr);
  return isExact ? Value() : broadcast.getSource();
}

/// What the divisions by a scalar share, computed where that is.
static Divisor describe(Value scalar, VectorType vector) {
  OpBuilder builder(scalar.getContext());
  builder.setInsertionPointAfterValue(scalar);
  Emitter emit{builder, scalar.getLoc(), scalar.getType()};
  const llvm::fltSemantics &semantics = cast<FloatType>(scalar.getType()).getFloatSemantics();
  int precision = llvm::APFloat::semanticsPrecision(semantics), lowest = llvm::APFloat::semanticsMinExponent(semantics);
  Value nan = emit.number(llvm::APFloat::getQNaN(semantics)), zero = emit.number(llvm::APFloat::getZero(semantics));
  Value size = emit.absolute(scalar);
  Value isRegular = emit.both(emit.compare(arith::CmpFPredicate::OGE, size, emit.power(lowest)),
                              emit.compare(arith::CmpFPredicate::OLE, size, emit.power(-lowest)));
  Value reciprocal = emit.choose(isRegular, emit.quotient(emit.power(0), scalar), nan);
  // The quotient is normal, and the excess a multiple of the least subnormal number: of 2^(2 - 2 precision) units of q
  // b.
  Value least = emit.fused(emit.absolute(reciprocal), emit.power(lowest + precision + 2), emit.power(lowest + 1));
  Value isPositive = emit.compare(arith::CmpFPredicate::OGT, reciprocal, zero);
  Value passed = emit.choose(isPositive, zero, nan);
  auto spread = [&](Value value) {
    return vector::BroadcastOp::create(builder, scalar.getLoc(), vector, value).getResult();
  };
  return {spread(scalar), spread(reciprocal), spread(least), spread(passed)};
}

/// The quotients of several numerators, at the builder.
static SmallVector<Value> divide(OpBuilder &builder, Location loc, ValueRange numerators, const Divisor &divisor) {
  Emitter emit{builder, loc, divisor.value.getType()};
  SmallVector<Value> quotients, quotientsByDivider;
  Value unsure;
  for (Value numerator : numerators) {
    Value near = emit.product(numerator, divisor.reciprocal);
    Value excess = emit.fused(near, divisor.value, emit.negative(numerator));
    Value quotient = emit.fused(emit.negative(excess), divisor.reciprocal, near); // a NaN if near is infinite
    Value isSmall = emit.compare(arith::CmpFPredicate::ULT, emit.absolute(quotient), divisor.least);
    Value isWrong = emit.both(isSmall, emit.compare(arith::CmpFPredicate::UNE, numerator, divisor.zero));
    unsure = unsure ? arith::OrIOp::create(builder, loc, unsure, isWrong).getResult() : isWrong;
    quotients.push_back(quotient);
  }
  Value any = vector::ReductionOp::create(builder, loc, vector::CombiningKind::OR, unsure);
  auto choice = scf::IfOp::create(builder, loc, ValueRange(quotients).getTypes(), any, /*withElseRegion=*/true);
  OpBuilder slow = choice.getThenBodyBuilder(), fast = choice.getElseBodyBuilder();
  for (Value numerator : numerators)
    quotientsByDivider.push_back(arith::DivFOp::create(slow, loc, numerator, divisor.value));
  scf::YieldOp::create(slow, loc, quotientsByDivider);
  scf::YieldOp::create(fast, loc, quotients);
  return SmallVector<Value>(choice.getResults());
}

/// The divisions of the first's block by the same, whose numerators are there when it is done.
static SmallVector<arith::DivFOp> together(arith::DivFOp first, ArrayRef<arith::DivFOp> rest) {
  SmallVector<arith::DivFOp> group{first};
  for (arith::DivFOp division : rest) {
    Operation *numerator = division.getLhs().getDefiningOp();
    bool isThere = !numerator || numerator->getBlock() != first->getBlock() || numerator->isBeforeInBlock(first);
    if (division->getBlock() == first->getBlock() && division.getType() == first.getType() &&
        sharedDivisor(division) == sharedDivisor(first) && isThere)
      group.push_back(division);
  }
  return group;
}

/// True if the operation is in a loop that does not change the value.
static bool isStable(Value value, Operation *op) {
  auto loop = op->getParentOfType<LoopLikeOpInterface>();
  return loop && loop.isDefinedOutsideOfLoop(value);
}

static size_t bitsOf(Type type) {
  auto vector = cast<VectorType>(type);
  return vector.getNumElements() * vector.getElementTypeBitWidth();
}

namespace {
struct ReuseReciprocalsPass : lowering::impl::ReuseReciprocalsBase<ReuseReciprocalsPass> {
  void runOnOperation() override {
    hoistDivisors();
    SmallVector<arith::DivFOp> divisions;
    getOperation()->walk([&](arith::DivFOp division) {
      if (sharedDivisor(division))
        divisions.push_back(division);
    });
    llvm::DenseMap<std::pair<Value, Type>, Divisor> divisors;
    while (!divisions.empty()) {
      arith::DivFOp first = divisions.front();
      SmallVector<arith::DivFOp> group = together(first, ArrayRef(divisions).drop_front());
      llvm::erase_if(divisions, [&](arith::DivFOp division) { return llvm::is_contained(group, division); });
      Value scalar = sharedDivisor(first);
      if (!isStable(scalar, first) && group.size() * bitsOf(first.getType()) < fewestBits)
        continue;
      auto [known, isNew] = divisors.try_emplace({scalar, first.getType()});
      if (isNew)
        known->second = describe(scalar, cast<VectorType>(first.getType()));
      OpBuilder builder(first);
      SmallVector<Value> numerators =
          llvm::map_to_vector(group, [](arith::DivFOp division) { return division.getLhs(); });
      for (auto [division, quotient] : llvm::zip(group, divide(builder, first.getLoc(), numerators, known->second)))
        division.replaceAllUsesWith(quotient);
      for (arith::DivFOp division : group)
        division.erase();
    }
  }

  /// Takes what divisors are computed from out of the loops that do not change it.
  void hoistDivisors() {
    getOperation()->walk([](LoopLikeOpInterface loop) {
      WalkResult walked = loop->walk([](arith::DivFOp division) {
        return sharedDivisor(division) ? WalkResult::interrupt() : WalkResult::advance();
      });
      if (walked.wasInterrupted())
        moveLoopInvariantCode(loop);
    });
  }
};
} // namespace
