// Replaces arith.minnumf and arith.maxnumf, whose sign of zero differs between targets, by comparisons and selects.
#include "lowering/MinMax.h"
#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_EXPANDMINMAX
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

/// Equal operands differ at most in the sign of zero: for min the bits are or-ed (either -0.0 gives -0.0), for max and-ed.
Value awg::lowering::expandMinMax(OpBuilder &builder, Location loc, Value left, Value right, bool isMin) {
  Type type = left.getType();
  Type bits = builder.getIntegerType(getElementTypeOrSelf(type).getIntOrFloatBitWidth());
  if (auto vector = dyn_cast<VectorType>(type))
    bits = vector.clone(bits);
  auto compare = [&](arith::CmpFPredicate predicate, Value a, Value b) {
    return arith::CmpFOp::create(builder, loc, predicate, a, b).getResult();
  };
  Value leftBits = arith::BitcastOp::create(builder, loc, bits, left);
  Value rightBits = arith::BitcastOp::create(builder, loc, bits, right);
  Value joined = isMin ? arith::OrIOp::create(builder, loc, leftBits, rightBits).getResult()
                       : arith::AndIOp::create(builder, loc, leftBits, rightBits).getResult();
  Value equal = arith::BitcastOp::create(builder, loc, type, joined);
  // Ordered and left better, or right is a NaN: left. An unordered comparison with a NaN on the right must take left.
  Value takeLeft = compare(isMin ? arith::CmpFPredicate::OLT : arith::CmpFPredicate::OGT, left, right);
  Value rightIsNaN = compare(arith::CmpFPredicate::UNO, right, right);
  takeLeft = arith::OrIOp::create(builder, loc, takeLeft, rightIsNaN);
  Value chosen = arith::SelectOp::create(builder, loc, takeLeft, left, right);
  return arith::SelectOp::create(builder, loc, compare(arith::CmpFPredicate::OEQ, left, right), equal, chosen);
}

namespace {
struct ExpandMinMaxPass : lowering::impl::ExpandMinMaxBase<ExpandMinMaxPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (!isa<arith::MinNumFOp, arith::MaxNumFOp>(op))
        return;
      OpBuilder builder(op);
      op->getResult(0).replaceAllUsesWith(
          expandMinMax(builder, op->getLoc(), op->getOperand(0), op->getOperand(1), isa<arith::MinNumFOp>(op)));
      op->erase();
    });
  }
};
} // namespace
