// Host code of reductions that are no tree of lanes: `reduce` joins neighbours level by level; `argmin` and `argmax` search, and
// their partial result is {i64 index, value}.
#include "lowering/KernelHostBuilder.h"
#include "lowering/MinMax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;
using ir::Shape;

static Value toIndex(OpBuilder &builder, Location loc, Value value) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
}

/// Neighbours level by level, in place, an odd one carried. Bools lie there as bytes.
Value HostBuilder::reducePairwise(OpBuilder &builder, Value values, Value count) {
  Type element = index.kernel.getResultTypes()[0], stored = storedType(element);
  Value one = constant(builder, 1), two = constant(builder, 2), zero = constant(builder, 0);
  scf::WhileOp::create(
      builder, loc, TypeRange{builder.getI64Type()}, ValueRange{count},
      [&](OpBuilder &inside, Location, ValueRange args) {
        Value more = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::sgt, args[0], one);
        scf::ConditionOp::create(inside, loc, more, args);
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        Value pairs = arith::DivSIOp::create(inside, loc, args[0], two);
        auto level = scf::ForOp::create(inside, loc, zero, pairs, one);
        {
          OpBuilder body = OpBuilder::atBlockTerminator(level.getBody());
          Value left = arith::MulIOp::create(body, loc, level.getInductionVar(), two);
          Value right = arith::AddIOp::create(body, loc, left, one);
          auto load = [&](Value at) {
            Value value = memref::LoadOp::create(body, loc, values, toIndex(body, loc, at));
            return stored == element ? value : arith::TruncIOp::create(body, loc, element, value).getResult();
          };
          Value joined = func::CallOp::create(body, loc, index.kernel.getCombinerAttr(), element,
                                              ValueRange{load(left), load(right)}).getResult(0);
          if (stored != element)
            joined = arith::ExtUIOp::create(body, loc, stored, joined);
          memref::StoreOp::create(body, loc, joined, values, toIndex(body, loc, level.getInductionVar()));
        }
        Value odd = arith::RemSIOp::create(inside, loc, args[0], two);
        auto carry = scf::IfOp::create(
            inside, loc, arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::ne, odd, zero), false);
        OpBuilder body = carry.getThenBodyBuilder();
        Value last = arith::SubIOp::create(body, loc, args[0], one);
        Value value = memref::LoadOp::create(body, loc, values, toIndex(body, loc, last));
        memref::StoreOp::create(body, loc, value, values, toIndex(body, loc, pairs));
        scf::YieldOp::create(inside, loc, arith::AddIOp::create(inside, loc, pairs, odd).getResult());
      });
  return memref::LoadOp::create(builder, loc, values, toIndex(builder, loc, zero));
}

//===-- Searches ----------------------------------------------------------------------------------------------------===//

bool awg::lowering::isArgShape(Shape shape) {
  return shape == Shape::ArgMin || shape == Shape::ArgMax || shape == Shape::UArgMin || shape == Shape::UArgMax;
}

Value awg::lowering::isBetter(OpBuilder &builder, Location loc, Shape shape, Value candidate, Value best) {
  bool isMin = shape == Shape::ArgMin || shape == Shape::UArgMin;
  if (isa<FloatType>(candidate.getType()))
    return arith::CmpFOp::create(builder, loc, isMin ? arith::CmpFPredicate::OLT : arith::CmpFPredicate::OGT, candidate,
                                 best);
  bool isUnsigned = shape == Shape::UArgMin || shape == Shape::UArgMax;
  auto predicate = isUnsigned ? (isMin ? arith::CmpIPredicate::ult : arith::CmpIPredicate::ugt)
                              : (isMin ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sgt);
  return arith::CmpIOp::create(builder, loc, predicate, candidate, best);
}

/// The best of `count` values, NaN aside, and its index counted from `base`; index -1 if all are NaN.
std::pair<Value, Value> HostBuilder::findBest(OpBuilder &builder, Value values, Value count, Value base) {
  Type element = cast<MemRefType>(values.getType()).getElementType();
  Value none = constant(builder, -1);
  Value zeroValue = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  auto loop = scf::ForOp::create(builder, loc, constant(builder, 0), count, constant(builder, 1),
                                 ValueRange{none, zeroValue});
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value best = loop.getRegionIterArg(0), bestValue = loop.getRegionIterArg(1);
  Value value = memref::LoadOp::create(inside, loc, values, toIndex(inside, loc, loop.getInductionVar()));
  Value better = isBetter(inside, loc, index.kernel.getShape(), value, bestValue);
  Value first = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::slt, best, constant(inside, 0));
  if (isa<FloatType>(element)) {
    Value number = arith::CmpFOp::create(inside, loc, arith::CmpFPredicate::ORD, value, value);
    first = arith::AndIOp::create(inside, loc, first, number);
    Value some = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::sge, best, constant(inside, 0));
    better = arith::AndIOp::create(inside, loc, better, some);
  }
  Value take = arith::OrIOp::create(inside, loc, first, better);
  Value here = arith::AddIOp::create(inside, loc, base, loop.getInductionVar());
  scf::YieldOp::create(inside, loc,
                       ValueRange{arith::SelectOp::create(inside, loc, take, here, best),
                                  arith::SelectOp::create(inside, loc, take, value, bestValue)});
  return {loop.getResult(0), loop.getResult(1)};
}

/// The best of the partial results {i64 index, value} `begin` to `end`, in rising order of index.
void HostBuilder::combineBest(OpBuilder &builder, Value input, Value begin, Value end, Value partial) {
  Type element = storedType(index.kernel.getResultTypes()[0]);
  Type pointer = input.getType();
  Type i64 = builder.getI64Type();
  auto field = [&](OpBuilder &at, Value base, Value number, unsigned half, Type type) {
    Value slot = arith::AddIOp::create(at, loc, arith::MulIOp::create(at, loc, number, constant(at, 2)),
                                       constant(at, half));
    Value address = LLVM::GEPOp::create(at, loc, pointer, i64, base, ArrayRef<LLVM::GEPArg>{slot});
    return LLVM::LoadOp::create(at, loc, type, address).getResult();
  };
  Value zeroValue = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  auto loop = scf::ForOp::create(builder, loc, begin, end, constant(builder, 1),
                                 ValueRange{constant(builder, -1), zeroValue});
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  Value best = loop.getRegionIterArg(0), bestValue = loop.getRegionIterArg(1);
  Value here = field(inside, input, loop.getInductionVar(), 0, i64);
  Value value = field(inside, input, loop.getInductionVar(), 1, element);
  Value better = isBetter(inside, loc, index.kernel.getShape(), value, bestValue);
  Value some = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::sge, here, constant(inside, 0));
  Value first = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::slt, best, constant(inside, 0));
  Value take = arith::AndIOp::create(inside, loc, some, arith::OrIOp::create(inside, loc, first, better));
  scf::YieldOp::create(inside, loc,
                       ValueRange{arith::SelectOp::create(inside, loc, take, here, best),
                                  arith::SelectOp::create(inside, loc, take, value, bestValue)});
  LLVM::StoreOp::create(builder, loc, loop.getResult(0), partial);
  Value second = LLVM::GEPOp::create(builder, loc, pointer, i64, partial, ArrayRef<LLVM::GEPArg>{1});
  LLVM::StoreOp::create(builder, loc, loop.getResult(1), second);
}
