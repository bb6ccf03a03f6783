// Replaces arithmetic of f16 and bf16 that targets round twice, or not at all, by operations that round once.
//
// An operation is done in a wider type and its result rounded. That is the same as rounding once if the wide type has twice
// the digits and two more, which f32 has for + - * / of both. A fused multiply-add needs more: its product is exact in f64,
// and the sum is rounded to odd (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008): where it is not
// exact, the neighbour with an odd last digit is taken, which no later rounding mistakes for a tie.
#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace awg;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace awg::lowering {
#define GEN_PASS_DEF_EXPANDHALF
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {

/// Makes operations on values like one: scalars, or vectors of as many lanes.
class Maker {
public:
  Maker(Operation *op) : builder(op), loc(op->getLoc()), shape(op->getResult(0).getType()) {}

  Type like(Type element) const {
    auto vector = dyn_cast<VectorType>(shape);
    return vector ? Type(vector.clone(element)) : element;
  }
  Type f32() { return like(builder.getF32Type()); }
  Type f64() { return like(builder.getF64Type()); }
  Type integer(unsigned width) { return like(builder.getIntegerType(width)); }
  Value constant(unsigned width, int64_t value) {
    Type type = integer(width);
    auto attribute = builder.getIntegerAttr(builder.getIntegerType(width), value);
    auto vector = dyn_cast<VectorType>(type);
    TypedAttr all = vector ? TypedAttr(DenseElementsAttr::get(vector, attribute)) : TypedAttr(attribute);
    return arith::ConstantOp::create(builder, loc, all);
  }
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...);
  }

  /// To bf16, to nearest even.
  Value narrow(Value value) {
    Value bits = make<arith::BitcastOp>(integer(32), value);
    Value sixteen = constant(32, 16);
    Value high = make<arith::ShRUIOp>(bits, sixteen);
    Value isOdd = make<arith::AndIOp>(high, constant(32, 1));
    Value rounded = make<arith::AddIOp>(bits, make<arith::AddIOp>(isOdd, constant(32, 0x7fff)));
    rounded = make<arith::ShRUIOp>(rounded, sixteen);
    Value quiet = make<arith::OrIOp>(high, constant(32, 0x40));
    Value isNaN = make<arith::CmpFOp>(CmpFPredicate::UNO, value, value);
    Value chosen = make<arith::SelectOp>(isNaN, quiet, rounded);
    return make<arith::BitcastOp>(like(builder.getBF16Type()), make<arith::TruncIOp>(integer(16), chosen));
  }

  /// From f64 to f32, to odd.
  Value narrowToOdd(Value value) {
    Value near = make<arith::TruncFOp>(f32(), value);
    Value back = make<arith::ExtFOp>(f64(), near);
    Value isInexact = make<arith::CmpFOp>(CmpFPredicate::ONE, back, value);
    Value isBelow = make<arith::CmpFOp>(CmpFPredicate::OLT, make<math::AbsFOp>(back), make<math::AbsFOp>(value));
    return toOdd(near, isInexact, isBelow, 32);
  }

  /// a * b + c, rounded once to a 16-bit type.
  Value fma(Value a, Value b, Value c, Type type) {
    Value wide = make<arith::ExtFOp>(f64(), c);
    Value product = make<arith::MulFOp>(make<arith::ExtFOp>(f64(), a), make<arith::ExtFOp>(f64(), b));
    Value sum = make<arith::AddFOp>(product, wide);
    // What the sum lacks, exactly (Knuth).
    Value part = make<arith::SubFOp>(sum, product);
    Value error = make<arith::AddFOp>(make<arith::SubFOp>(product, make<arith::SubFOp>(sum, part)),
                                      make<arith::SubFOp>(wide, part));
    Value zero = make<arith::BitcastOp>(f64(), constant(64, 0));
    Value isInexact = make<arith::CmpFOp>(CmpFPredicate::ONE, error, zero); // not of infinities, whose error is a NaN
    Value isPositive = make<arith::CmpFOp>(CmpFPredicate::OGT, error, zero);
    Value isSumPositive = make<arith::CmpFOp>(CmpFPredicate::OGT, sum, zero);
    Value isBelow = make<arith::CmpIOp>(CmpIPredicate::eq, isPositive, isSumPositive);
    return narrowFrom64(toOdd(sum, isInexact, isBelow, 64), type);
  }

  /// An f64 rounded once to a 16-bit type.
  Value narrowFrom64(Value value, Type type) {
    Value odd = narrowToOdd(value);
    return getElementTypeOrSelf(type).isBF16() ? narrow(odd) : Value(make<arith::TruncFOp>(type, odd));
  }

  /// An integer of 64 bits as an f64, to odd: its last 11 bits become one.
  Value oddFromInteger(Value value, bool isSigned) {
    Value least = constant(64, 0x7ff);
    Value low = make<arith::AndIOp>(value, least);
    Value isExact = make<arith::CmpIOp>(CmpIPredicate::eq, low, constant(64, 0));
    Value head = make<arith::AndIOp>(value, constant(64, ~int64_t(0x7ff)));
    Value odd = make<arith::SelectOp>(isExact, head, make<arith::OrIOp>(head, constant(64, 0x800)));
    Value magnitude = isSigned ? make<math::AbsIOp>(value) : value;
    Value isSmall = make<arith::CmpIOp>(CmpIPredicate::ult, magnitude, constant(64, int64_t(1) << 53));
    Value chosen = make<arith::SelectOp>(isSmall, value, odd);
    return isSigned ? make<arith::SIToFPOp>(f64(), chosen) : make<arith::UIToFPOp>(f64(), chosen);
  }

private:
  /// `near`, or where it is inexact and even its neighbour on the side of the exact value, whose magnitude is above it if
  /// `isBelow`.
  Value toOdd(Value near, Value isInexact, Value isBelow, unsigned width) {
    Value bits = make<arith::BitcastOp>(integer(width), near);
    Value one = constant(width, 1);
    Value isEven = make<arith::CmpIOp>(CmpIPredicate::eq, make<arith::AndIOp>(bits, one), constant(width, 0));
    Value step = make<arith::SelectOp>(isBelow, one, constant(width, -1));
    Value moved = make<arith::AddIOp>(bits, step);
    Value chosen = make<arith::SelectOp>(make<arith::AndIOp>(isInexact, isEven), moved, bits);
    return make<arith::BitcastOp>(near.getType(), chosen);
  }

  OpBuilder builder;
  Location loc;
  Type shape;
};

unsigned widthOf(Type type) { return getElementTypeOrSelf(type).getIntOrFloatBitWidth(); }

/// The operation in f32, rounded.
template <typename Op> Value inSingle(Operation *op, Maker &make) {
  Value left = make.make<arith::ExtFOp>(make.f32(), op->getOperand(0));
  Value right = make.make<arith::ExtFOp>(make.f32(), op->getOperand(1));
  return make.narrow(make.make<Op>(left, right));
}

Value fromInteger(Operation *op, Maker &make, bool isSigned) {
  Value value = op->getOperand(0);
  Type type = op->getResult(0).getType();
  if (widthOf(value.getType()) == 64)
    return make.narrowFrom64(make.oddFromInteger(value, isSigned), type);
  Value wide = isSigned ? make.make<arith::SIToFPOp>(make.f64(), value) : make.make<arith::UIToFPOp>(make.f64(), value);
  return make.narrowFrom64(wide, type);
}

/// An operation of f16 that the host does not round once: a fused multiply-add, and a conversion from f64, which would need
/// a function of the C library. GPUs have both.
Value expandF16(Operation *op, Maker &make) {
  Type type = op->getResult(0).getType();
  if (isa<math::FmaOp>(op))
    return make.fma(op->getOperand(0), op->getOperand(1), op->getOperand(2), type);
  return isa<arith::TruncFOp>(op) && widthOf(op->getOperand(0).getType()) == 64
             ? make.narrowFrom64(op->getOperand(0), type)
             : nullptr;
}

/// An operation that gives bf16. GPUs have all but those that round to odd.
Value expandBF16(Operation *op, Maker &make, bool isGPU) {
  Type type = op->getResult(0).getType();
  if (isa<math::FmaOp>(op))
    return make.fma(op->getOperand(0), op->getOperand(1), op->getOperand(2), type);
  if (isa<arith::SIToFPOp>(op))
    return fromInteger(op, make, /*isSigned=*/true);
  if (isa<arith::UIToFPOp>(op))
    return fromInteger(op, make, /*isSigned=*/false);
  if (isa<arith::TruncFOp>(op) && widthOf(op->getOperand(0).getType()) == 64)
    return make.narrowFrom64(op->getOperand(0), type);
  if (isGPU)
    return nullptr;
  if (isa<arith::TruncFOp>(op))
    return make.narrow(op->getOperand(0));
  if (isa<arith::AddFOp>(op))
    return inSingle<arith::AddFOp>(op, make);
  if (isa<arith::SubFOp>(op))
    return inSingle<arith::SubFOp>(op, make);
  if (isa<arith::MulFOp>(op))
    return inSingle<arith::MulFOp>(op, make);
  return isa<arith::DivFOp>(op) ? inSingle<arith::DivFOp>(op, make) : nullptr;
}

/// What replaces the operation; null if it stays.
Value expand(Operation *op, bool isGPU) {
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  if (!element.isBF16() && (!element.isF16() || isGPU))
    return nullptr;
  Maker make(op);
  return element.isBF16() ? expandBF16(op, make, isGPU) : expandF16(op, make);
}

struct ExpandHalfPass : lowering::impl::ExpandHalfBase<ExpandHalfPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (op->getNumResults() != 1)
        return;
      Value value = expand(op, bool(op->getParentOfType<gpu::GPUModuleOp>()));
      if (!value)
        return;
      op->getResult(0).replaceAllUsesWith(value);
      op->erase();
    });
  }
};

} // namespace
