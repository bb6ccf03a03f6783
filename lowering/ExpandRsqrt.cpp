// Replaces math.rsqrt, which stands for a guess at 1 / sqrt(x) within 2^-13 that the standard library refines to bits that do
// not depend on it: by the processor's estimate where one is good enough, else by a root and a division.
#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace awg;

namespace awg::lowering {
#define GEN_PASS_DEF_EXPANDRSQRT
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

/// Lanes of a vector register of 512 bits.
static constexpr int64_t registerLanes = 16;

/// True if the function is compiled for vectors of 512 bits, see HostBuilder::setTarget.
static bool hasWideVectors(Operation *op) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  auto attributes = function ? function->getAttrOfType<ArrayAttr>("passthrough") : ArrayAttr();
  Builder builder(op->getContext());
  auto wide = builder.getArrayAttr({builder.getStringAttr("prefer-vector-width"), builder.getStringAttr("512")});
  return attributes && llvm::is_contained(attributes.getValue(), wide);
}

/// AVX-512's vrsqrt14ps: within 2^-14 for all numbers, 1 / sqrt(x) itself for all else.
static Value estimate(OpBuilder &builder, Location loc, Value x) {
  Type type = x.getType();
  Value unused = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  Value all = arith::ConstantOp::create(builder, loc, builder.getI16IntegerAttr(-1));
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr("llvm.x86.avx512.rsqrt14.ps.512"),
                                       ValueRange{x, unused, all})
      .getResult(0);
}

/// The estimate of each register of a vector of whole registers.
static Value estimateAll(OpBuilder &builder, Location loc, Value x) {
  int64_t lanes = cast<VectorType>(x.getType()).getNumElements();
  if (lanes == registerLanes)
    return estimate(builder, loc, x);
  Value result = x;
  for (int64_t first = 0; first < lanes; first += registerLanes) {
    Value part = vector::ExtractStridedSliceOp::create(builder, loc, x, ArrayRef<int64_t>{first},
                                                       ArrayRef<int64_t>{registerLanes}, ArrayRef<int64_t>{1});
    result = vector::InsertStridedSliceOp::create(builder, loc, estimate(builder, loc, part), result,
                                                  ArrayRef<int64_t>{first}, ArrayRef<int64_t>{1});
  }
  return result;
}

namespace {
struct ExpandRsqrtPass : lowering::impl::ExpandRsqrtBase<ExpandRsqrtPass> {
  void runOnOperation() override {
    getOperation()->walk([](math::RsqrtOp op) {
      OpBuilder builder(op);
      Location loc = op.getLoc();
      Value x = op.getOperand(), guess;
      auto vector = dyn_cast<VectorType>(x.getType());
      if (vector && vector.getElementType().isF32() && vector.getNumElements() % registerLanes == 0 && hasWideVectors(op)) {
        guess = estimateAll(builder, loc, x);
      } else {
        TypedAttr number = builder.getFloatAttr(getElementTypeOrSelf(x.getType()), 1.0);
        if (vector)
          number = DenseElementsAttr::get(vector, ArrayRef<Attribute>{number});
        Value one = arith::ConstantOp::create(builder, loc, number);
        guess = arith::DivFOp::create(builder, loc, one, math::SqrtOp::create(builder, loc, x));
      }
      op.replaceAllUsesWith(guess);
      op.erase();
    });
  }
};
} // namespace
