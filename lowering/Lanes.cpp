// Emits a structured kernel body for a vector of neighbouring indices: values, control flow and failures.
//
// Each scalar value becomes a Lane: uniform values stay scalar; others become vectors. Control flow whose condition differs
// between lanes runs both ways under a mask, skipped when no lane takes it; a loop runs until no lane is left, and a lane that
// has left keeps its values. Memory is in LaneMemory.cpp, several vectors at once in LaneTile.cpp.
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

//===-- Values ------------------------------------------------------------------------------------------------------===//

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

//===-- Operations --------------------------------------------------------------------------------------------------===//

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
    return isVarying(loop.getConditionOp().getCondition()) ? emitWhile(builder, op, mask)
                                                           : emitUniformWhile(builder, op, mask);
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

void LaneEmitter::emitElementwise(OpBuilder &builder, Operation &op, Value mask) {
  Location loc = op.getLoc();
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
  Operation *emitted =
      builder.create(loc, op.getName().getIdentifier(), operands, types, op.getAttrs());
  for (auto [result, value] : llvm::zip(op.getResults(), emitted->getResults()))
    bind(result, value);
  if (uniform || op.getNumResults() != 1)
    return;
  // Lane numbers plus something uniform stay recognisable: memory at them is contiguous.
  Lane &lane = copy->lanes[op.getResult(0)];
  auto first = [&](Value left, Value right) {
    lane.scalar = builder.create(loc, op.getName().getIdentifier(), {left, right}, op.getResultTypes(),
                                 op.getAttrs())->getResult(0);
  };
  if (isa<arith::IndexCastOp>(op) && lookup(op.getOperand(0)).isLinear() && op.getOperand(0).getType().isInteger(64)) {
    lane.scalar = arith::IndexCastOp::create(builder, loc, op.getResult(0).getType(), lookup(op.getOperand(0)).scalar);
  } else if (isa<arith::AddIOp, arith::SubIOp>(op) && !op.getResult(0).getType().isInteger(1)) {
    Lane left = lookup(op.getOperand(0)), right = lookup(op.getOperand(1));
    bool linear = left.isLinear() && right.isUniform();
    if (linear || (isa<arith::AddIOp>(op) && left.isUniform() && right.isLinear()))
      first(left.scalar, right.scalar);
  }
}

//===-- Control flow ------------------------------------------------------------------------------------------------===//

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

void LaneEmitter::emitIf(OpBuilder &builder, Operation &op, Value mask) {
  auto branch = cast<scf::IfOp>(op);
  Location loc = op.getLoc();
  ValueRange results = branch.getResults();
  Lane condition = lookup(branch.getCondition());
  SmallVector<Type> types;
  for (Value result : results)
    types.push_back(isVarying(result) ? vectorOf(result.getType()) : result.getType());

  /// Emits one side as an scf.if of its own, or in line if it is cheap.
  auto emitSide = [&](Block *block, Value sideMask) -> SmallVector<Value> {
    if (!block)
      return {};
    if (isCheap(*block)) {
      emitBlock(builder, *block, sideMask);
      return yields(builder, block->getTerminator(), results);
    }
    auto guarded = scf::IfOp::create(builder, loc, types, any(builder, loc, sideMask), /*withElseRegion=*/!types.empty());
    OpBuilder inside = guarded.getThenBodyBuilder(builder.getListener());
    emitBlock(inside, *block, sideMask);
    SmallVector<Value> values = yields(inside, block->getTerminator(), results);
    if (!types.empty()) {
      scf::YieldOp::create(inside, loc, values);
      OpBuilder off = guarded.getElseBodyBuilder(builder.getListener());
      SmallVector<Value> nothing;
      for (Type type : types)
        nothing.push_back(ub::PoisonOp::create(off, loc, type));
      scf::YieldOp::create(off, loc, nothing);
    }
    return SmallVector<Value>(guarded.getResults());
  };

  if (!condition.isUniform()) {
    Value yes = both(builder, loc, mask, condition.vector);
    Value on = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(cast<ShapedType>(vectorOf(builder.getI1Type())), true));
    Value no = both(builder, loc, mask, arith::XOrIOp::create(builder, loc, condition.vector, on));
    SmallVector<Value> thenValues = emitSide(branch.thenBlock(), yes);
    SmallVector<Value> elseValues = emitSide(branch.elseBlock(), no);
    for (auto [k, result] : llvm::enumerate(results))
      bind(result, arith::SelectOp::create(builder, loc, condition.vector, thenValues[k], elseValues[k]));
    return;
  }
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

/// All lanes go round equally often.
void LaneEmitter::emitUniformWhile(OpBuilder &builder, Operation &op, Value mask) {
  auto loop = cast<scf::WhileOp>(op);
  Location loc = op.getLoc();
  auto shapes = [&](ValueRange values) {
    SmallVector<Type> types;
    for (Value value : values)
      types.push_back(isVarying(value) ? vectorOf(value.getType()) : value.getType());
    return types;
  };
  SmallVector<Value> inits;
  for (auto [arg, init] : llvm::zip(loop.getBeforeArguments(), loop.getInits()))
    inits.push_back(isVarying(arg) ? vector(builder, loc, lookup(init)) : lookup(init).scalar);
  scf::ConditionOp condition = loop.getConditionOp();
  auto emitted = scf::WhileOp::create(
      builder, loc, shapes(loop.getResults()), inits,
      [&](OpBuilder &inside, Location, ValueRange args) {
        for (auto [arg, value] : llvm::zip(loop.getBeforeArguments(), args))
          bind(arg, value);
        emitBlock(inside, *loop.getBeforeBody(), mask);
        scf::ConditionOp::create(inside, loc, lookup(condition.getCondition()).scalar,
                                 yields(inside, condition, loop.getResults()));
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        for (auto [arg, result, value] : llvm::zip(loop.getAfterArguments(), loop.getResults(), args))
          copy->lanes[arg] = isVarying(result) ? Lane{nullptr, value} : Lane{value, nullptr};
        emitBlock(inside, *loop.getAfterBody(), mask);
        scf::YieldOp::create(inside, loc, yields(inside, loop.getYieldOp(), loop.getBeforeArguments()));
      });
  for (auto [result, value] : llvm::zip(loop.getResults(), emitted.getResults()))
    bind(result, value);
}

/// Lanes leave one by one. The loop carries the mask of the lanes still in it, and each lane's last values.
void LaneEmitter::emitWhile(OpBuilder &builder, Operation &op, Value mask) {
  auto loop = cast<scf::WhileOp>(op);
  Location loc = op.getLoc();
  scf::ConditionOp condition = loop.getConditionOp();
  Type maskType = vectorOf(builder.getI1Type());
  Value all = mask ? mask
                   : arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(cast<ShapedType>(maskType), true))
                         .getResult();
  size_t carried = loop.getInits().size(), kept = loop.getResults().size();
  // {live lanes, values going round..., values kept...}
  SmallVector<Value> inits{all};
  for (Value init : loop.getInits())
    inits.push_back(vector(builder, loc, lookup(init)));
  for (Value result : loop.getResults())
    inits.push_back(ub::PoisonOp::create(builder, loc, vectorOf(result.getType())));
  // The after region gets {live lanes, kept...}.
  SmallVector<Type> types{maskType};
  for (Value result : loop.getResults())
    types.push_back(vectorOf(result.getType()));

  auto emitted = scf::WhileOp::create(
      builder, loc, types, inits,
      [&](OpBuilder &inside, Location, ValueRange args) {
        Value live = args[0];
        for (auto [arg, value] : llvm::zip(loop.getBeforeArguments(), args.slice(1, carried)))
          copy->lanes[arg] = {nullptr, value};
        emitBlock(inside, *loop.getBeforeBody(), live);
        SmallVector<Value> handed;
        Value stay = both(inside, loc, live, vector(inside, loc, lookup(condition.getCondition())));
        handed.push_back(stay);
        for (auto [value, last] : llvm::zip(condition.getArgs(), args.take_back(kept)))
          handed.push_back(arith::SelectOp::create(inside, loc, live, vector(inside, loc, lookup(value)), last));
        scf::ConditionOp::create(inside, loc, any(inside, loc, stay), handed);
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        for (auto [arg, value] : llvm::zip(loop.getAfterArguments(), args.drop_front()))
          copy->lanes[arg] = {nullptr, value};
        emitBlock(inside, *loop.getAfterBody(), args[0]);
        SmallVector<Value> next{args[0]};
        for (Value value : loop.getYieldOp().getOperands())
          next.push_back(vector(inside, loc, lookup(value)));
        llvm::append_range(next, args.drop_front());
        scf::YieldOp::create(inside, loc, next);
      });
  for (auto [result, value] : llvm::zip(loop.getResults(), emitted.getResults().drop_front()))
    bind(result, value);
}

//===-- Lane by lane ------------------------------------------------------------------------------------------------===//

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
