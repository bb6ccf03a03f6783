// Emits a structured kernel body for a vector of neighbouring indices: values, control flow and failures.
//
// Each scalar value becomes a Lane: uniform values stay scalar; others become vectors. Control flow whose condition
// differs between lanes runs both ways under a mask, skipped when no lane takes it; a loop runs until no lane is left,
// and a lane that has left keeps its values. Memory is in LaneMemory.cpp, several vectors at once in LaneTile.cpp.
#include "lowering/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

//===-- Values ----------------------------------------------------------------------------------------------------===//

void LaneEmitter::mapLane(OpBuilder &builder, Value arg, Value first) {
  if (width == 1)
    return mapScalar(arg, first);
  Location loc = arg.getLoc();
  SmallVector<int64_t> numbers(llvm::to_vector(llvm::seq<int64_t>(0, width)));
  Value steps = arith::ConstantOp::create(builder, loc, builder.getI64VectorAttr(numbers));
  Value start = vector::BroadcastOp::create(builder, loc, steps.getType(), first);
  copy->lanes[arg] = {first, arith::AddIOp::create(builder, loc, start, steps)};
}

Value LaneEmitter::vector(OpBuilder &builder, Location loc, Value value) {
  return vector::BroadcastOp::create(builder, loc, vectorOf(value.getType()), value);
}

Value LaneEmitter::vector(OpBuilder &builder, Location loc, Lane lane) {
  return lane.vector ? lane.vector : vector(builder, loc, lane.scalar);
}

Value LaneEmitter::any(OpBuilder &builder, Location loc, Value mask) {
  return vector::ReductionOp::create(builder, loc, vector::CombiningKind::OR, mask);
}

Value LaneEmitter::both(OpBuilder &builder, Location loc, Value mask, Value other) {
  return mask ? arith::AndIOp::create(builder, loc, mask, other).getResult() : other;
}

Value LaneEmitter::extract(OpBuilder &builder, Location loc, Lane lane, Value number) {
  if (lane.isUniform())
    return lane.scalar;
  return vector::ExtractOp::create(builder, loc, lane.vector, OpFoldResult(number));
}

void LaneEmitter::bind(Value value, Value emitted) {
  copy->lanes[value] = isVarying(value) ? Lane{nullptr, emitted} : Lane{emitted, nullptr};
}

/// What a region's terminator hands over, as vectors where the receiving values (`shape`) vary.
SmallVector<Value> LaneEmitter::yields(OpBuilder &builder, Operation *terminator, ValueRange shape) {
  auto operands = terminator->getOperands().take_back(shape.size());
  SmallVector<Value> values;
  for (auto [operand, receiver] : llvm::zip(operands, shape)) {
    Lane lane = lookup(operand);
    values.push_back(isVarying(receiver) ? vector(builder, terminator->getLoc(), lane) : lane.scalar);
  }
  return values;
}

//===-- Operations ------------------------------------------------------------------------------------------------===//

SmallVector<Lane> LaneEmitter::emit(OpBuilder &builder, Value mask) {
  Block &body = index.getBody().front();
  emitBlock(builder, body, mask);
  copy = &copies.front();
  SmallVector<Lane> results;
  for (Value value : body.getTerminator()->getOperands())
    results.push_back(lookup(value));
  return results;
}

void LaneEmitter::emitBlock(OpBuilder &builder, Block &block, Value mask) {
  for (Operation &op : block.without_terminator())
    together ? emitTogether(builder, op) : emitOp(builder, op, mask);
}

void LaneEmitter::emitOp(OpBuilder &builder, Operation &op, Value mask) {
  if (isa<scf::IfOp>(op))
    return emitIf(builder, op, mask);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return emitWhile(builder, loop, mask);
  if (isa<ir::StorageOp, ir::ClearOp, ir::PhaseOp>(op))
    return emitGroup(builder, op);
  if (isa<ir::RecordOp>(op))
    return emitRecord(builder, op, mask);
  if (isa<memref::LoadOp>(op))
    return emitLoad(builder, op, mask);
  if (isa<memref::StoreOp>(op))
    return emitStore(builder, op, mask);
  if (isa<memref::AtomicRMWOp>(op))
    return emitAtomic(builder, op, mask);
  if (isa<memref::AllocaOp>(op))
    return emitPrivate(builder, op);
  if (auto dim = dyn_cast<memref::DimOp>(op); dim && arrays.contains(dim.getSource())) {
    copy->lanes[dim.getResult()] = {arrays[dim.getSource()].extents[*dim.getConstantIndex()], nullptr};
    return;
  }
  emitElementwise(builder, op, mask);
}

/// Division by zero in a lane that is off must not trap.
static bool dividesIntegers(Operation &op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(op);
}

/// An unsigned comparison of a widened value with one that all lanes share, as bounds checks are, is made before the
/// widening: as many lanes fit into a register. (The other side must not be negative where a sign was extended.)
bool LaneEmitter::emitNarrowComparison(OpBuilder &builder, Operation &op) {
  auto comparison = dyn_cast<arith::CmpIOp>(op);
  if (!comparison || comparison.getPredicate() != arith::CmpIPredicate::ult || !isVarying(comparison.getLhs()) ||
      isVarying(comparison.getRhs()) || !comparison.getLhs().getType().isInteger(64))
    return false;
  SmallVector<Operation *> casts;
  Value origin = beforeWidening(comparison.getLhs(), casts);
  auto extent = comparison.getRhs().getDefiningOp<arith::IndexCastOp>();
  bool isExtent = extent && extent.getIn().getDefiningOp<memref::DimOp>();
  if (casts.size() != 1 || !(isa<arith::ExtUIOp>(casts[0]) || (isa<arith::ExtSIOp>(casts[0]) && isExtent)))
    return false;
  Location loc = op.getLoc();
  unsigned bits = origin.getType().getIntOrFloatBitWidth();
  uint64_t most = llvm::maskTrailingOnes<uint64_t>(isa<arith::ExtSIOp>(casts[0]) ? bits - 1 : bits);
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value)).getResult();
  };
  Value end = lookup(comparison.getRhs()).scalar;
  Value last = arith::SubIOp::create(builder, loc, end, constant(1));
  Value limit = arith::MinUIOp::create(builder, loc, last, constant(int64_t(most)));
  Value some = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, end, constant(0));
  Value narrow = vector(builder, loc, arith::TruncIOp::create(builder, loc, origin.getType(), limit));
  Value below =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule, vector(builder, loc, lookup(origin)), narrow);
  bind(op.getResult(0), arith::AndIOp::create(builder, loc, below, vector(builder, loc, some)));
  return true;
}

void LaneEmitter::emitElementwise(OpBuilder &builder, Operation &op, Value mask) {
  Location loc = op.getLoc();
  if (emitNarrowComparison(builder, op))
    return;
  bool uniform = llvm::none_of(op.getResults(), [&](Value value) { return isVarying(value); });
  SmallVector<Value> operands;
  SmallVector<Type> types;
  for (Value operand : op.getOperands())
    operands.push_back(uniform ? lookup(operand).scalar : vector(builder, loc, lookup(operand)));
  for (Type type : op.getResultTypes())
    types.push_back(uniform ? type : vectorOf(type));
  if (!uniform && mask && dividesIntegers(op)) {
    Type scalar = op.getResult(0).getType();
    Value one = vector(builder, loc, arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(scalar, 1)));
    operands[1] = arith::SelectOp::create(builder, loc, mask, operands[1], one);
  }
  Operation *emitted = builder.create(loc, op.getName().getIdentifier(), operands, types, op.getAttrs());
  for (auto [result, value] : llvm::zip(op.getResults(), emitted->getResults()))
    bind(result, value);
  if (uniform || op.getNumResults() != 1)
    return;
  // Something uniform plus or minus the lane's number stays recognisable: memory at it is contiguous.
  Lane &lane = copy->lanes[op.getResult(0)];
  if (isa<arith::IndexCastOp>(op) && lookup(op.getOperand(0)).isEven() && op.getOperand(0).getType().isInteger(64)) {
    Lane from = lookup(op.getOperand(0));
    lane.scalar = arith::IndexCastOp::create(builder, loc, op.getResult(0).getType(), from.scalar);
    lane.falls = from.falls;
  } else if (isa<arith::AddIOp, arith::SubIOp>(op) && !op.getResult(0).getType().isInteger(1)) {
    Lane left = lookup(op.getOperand(0)), right = lookup(op.getOperand(1));
    if (!(left.isEven() && right.isUniform()) && !(left.isUniform() && right.isEven()))
      return;
    lane.scalar =
        builder
            .create(loc, op.getName().getIdentifier(), {left.scalar, right.scalar}, op.getResultTypes(), op.getAttrs())
            ->getResult(0);
    lane.falls = left.isEven() ? left.falls : right.falls != isa<arith::SubIOp>(op);
  }
}

//===-- Control flow ----------------------------------------------------------------------------------------------===//

/// A branch is run without asking if this many operations or fewer are in it, all of them harmless.
static constexpr unsigned speculated = 12;

/// True if running the block for lanes that did not ask for it costs little and harms nothing.
static bool isCheap(Block &block) {
  unsigned count = 0;
  for (Operation &op : block.without_terminator())
    if (++count > speculated || op.getNumRegions() != 0 || dividesIntegers(op) || !isMemoryEffectFree(&op) ||
        isa<memref::AllocaOp>(op))
      return false;
  return true;
}

/// Both ways under masks: a side that is cheap without asking, the other where a lane takes it, and only there the
/// values are joined.
void LaneEmitter::emitDivergentIf(OpBuilder &builder, scf::IfOp branch, Value mask) {
  Location loc = branch.getLoc();
  ValueRange results = branch.getResults();
  Value condition = lookup(branch.getCondition()).vector;
  Value on = arith::ConstantOp::create(builder, loc,
                                       DenseElementsAttr::get(cast<ShapedType>(vectorOf(builder.getI1Type())), true));
  struct Side {
    Block *block;
    Value mask;
    SmallVector<Value> values;
  } sides[] = {{branch.thenBlock(), both(builder, loc, mask, condition), {}},
               {branch.elseBlock(), both(builder, loc, mask, arith::XOrIOp::create(builder, loc, condition, on)), {}}};
  auto join = [&](OpBuilder &at) {
    SmallVector<Value> values;
    for (auto [yes, no] : llvm::zip(sides[0].values, sides[1].values))
      values.push_back(at.createOrFold<arith::SelectOp>(loc, condition, yes, no));
    return values;
  };

  for (Side &side : sides)
    if (side.block && isCheap(*side.block)) {
      emitBlock(builder, *side.block, side.mask);
      side.values = yields(builder, side.block->getTerminator(), results);
    }
  SmallVector<Type> types;
  for (Value result : results)
    types.push_back(vectorOf(result.getType()));
  for (auto [number, side] : llvm::enumerate(sides)) {
    if (!side.block || isCheap(*side.block))
      continue;
    Side &other = sides[1 - number];
    auto guarded =
        scf::IfOp::create(builder, loc, types, any(builder, loc, side.mask), /*withElseRegion=*/!types.empty());
    OpBuilder inside = guarded.getThenBodyBuilder(builder.getListener());
    emitBlock(inside, *side.block, side.mask);
    if (types.empty())
      continue;
    side.values = yields(inside, side.block->getTerminator(), results);
    bool isLast = !other.values.empty();
    scf::YieldOp::create(inside, loc, isLast ? join(inside) : side.values);
    OpBuilder outside = guarded.getElseBodyBuilder(builder.getListener());
    SmallVector<Value> otherwise = other.values;
    for (Type type : ArrayRef(types).drop_front(otherwise.size()))
      otherwise.push_back(ub::PoisonOp::create(outside, loc, type));
    scf::YieldOp::create(outside, loc, otherwise);
    side.values = guarded.getResults();
    if (isLast)
      other.values = side.values;
  }
  for (auto [result, value] : llvm::zip(results, join(builder)))
    bind(result, value);
}

void LaneEmitter::emitIf(OpBuilder &builder, Operation &op, Value mask) {
  auto branch = cast<scf::IfOp>(op);
  Lane condition = lookup(branch.getCondition());
  if (!condition.isUniform())
    return emitDivergentIf(builder, branch, mask);
  Location loc = op.getLoc();
  ValueRange results = branch.getResults();
  SmallVector<Type> types;
  for (Value result : results)
    types.push_back(isVarying(result) ? vectorOf(result.getType()) : result.getType());
  auto emitted = scf::IfOp::create(builder, loc, types, condition.scalar, branch.elseBlock() != nullptr);
  auto fill = [&](Block *block, OpBuilder inside) {
    emitBlock(inside, *block, mask);
    if (!types.empty())
      scf::YieldOp::create(inside, loc, yields(inside, block->getTerminator(), results));
  };
  fill(branch.thenBlock(), emitted.getThenBodyBuilder(builder.getListener()));
  if (branch.elseBlock())
    fill(branch.elseBlock(), emitted.getElseBodyBuilder(builder.getListener()));
  for (auto [result, value] : llvm::zip(results, emitted.getResults()))
    bind(result, value);
}

void LaneEmitter::emitWhile(OpBuilder &builder, scf::WhileOp loop, Value mask) {
  isVarying(loop.getConditionOp().getCondition()) ? emitDivergentWhile(builder, loop, mask)
                                                  : emitUniformWhile(builder, loop, mask);
}

//===-- Lane by lane ----------------------------------------------------------------------------------------------===//

void LaneEmitter::forEachLane(OpBuilder &builder, Location loc, Value mask,
                              llvm::function_ref<void(OpBuilder &, Value)> body) {
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  if (width == 1)
    return body(builder, zero);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value count = arith::ConstantIndexOp::create(builder, loc, width);
  auto loop = scf::ForOp::create(builder, loc, zero, count, one);
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody(), builder.getListener());
  Value number = loop.getInductionVar();
  if (!mask)
    return body(inside, number);
  Value on = vector::ExtractOp::create(inside, loc, mask, OpFoldResult(number));
  auto guarded = scf::IfOp::create(inside, loc, on, /*withElseRegion=*/false);
  OpBuilder guardedBuilder = guarded.getThenBodyBuilder(builder.getListener());
  body(guardedBuilder, number);
}

void LaneEmitter::emitRecord(OpBuilder &builder, Operation &op, Value mask) {
  Location loc = op.getLoc();
  forEachLane(builder, loc, mask, [&](OpBuilder &inside, Value number) {
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(extract(inside, loc, lookup(operand), number));
    inside.create(loc, op.getName().getIdentifier(), operands, TypeRange(), op.getAttrs());
  });
}
