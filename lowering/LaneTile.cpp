// Emits a tile: several vectors of indices at once, each a copy of the body's values.
//
// What all copies agree on is computed once. Control flow whose condition they agree on is shared, with the values of all
// copies going through it, and so are loops without memory that lanes leave one by one: while one copy's results are on their way
// the processor works at another's. Anything else is emitted for one copy after the other. Loops are here, be it for one copy.
#include "lowering/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

void LaneEmitter::emitTogether(OpBuilder &builder, Operation &op) {
  if (auto branch = dyn_cast<scf::IfOp>(op); branch && !differs(branch.getCondition()))
    return emitIfTogether(builder, branch);
  if (auto loop = dyn_cast<scf::WhileOp>(op); loop && goesTogether(loop))
    return emitWhile(builder, loop, nullptr);
  bool isPlain = isMemoryEffectFree(&op) || isa<memref::LoadOp>(op);
  if (isPlain && op.getNumResults() != 0 && llvm::none_of(op.getResults(), [&](Value value) { return differs(value); }))
    return emitOnce(builder, op);
  if (replay && tile->replayed.contains(&op))
    return emitReplayed(builder, op);
  together = false;
  for (Copy &each : copies) {
    copy = &each;
    emitOp(builder, op, each.mask);
  }
  together = true;
}

/// True if the copies can go round the loop together: equally often, or until no lane of any copy is left. In a copy without
/// lanes, what its lanes would agree on has no meaning: it must not go to memory, divide, or decide about a loop.
bool LaneEmitter::goesTogether(scf::WhileOp loop) {
  Value condition = loop.getConditionOp().getCondition();
  if (!differs(condition))
    return true;
  auto isMeaningless = [&](Value value) { return differs(value) && !isVarying(value); };
  WalkResult walked = loop.walk([&](Operation *op) {
    auto inner = dyn_cast<scf::WhileOp>(op);
    bool divides = isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(op);
    if ((inner && isMeaningless(inner.getConditionOp().getCondition())) || (divides && isMeaningless(op->getResult(0))))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return isVarying(condition) && isMemoryEffectFree(loop) && !walked.wasInterrupted();
}

/// For the first copy; the others have the same.
void LaneEmitter::emitOnce(OpBuilder &builder, Operation &op) {
  together = false;
  copy = &copies.front();
  emitOp(builder, op, nullptr);
  together = true;
  for (Copy &each : llvm::drop_begin(copies))
    for (Value result : op.getResults())
      each.lanes[result] = copies.front().lanes[result];
}

//===-- Values of all copies, or of the one that is emitted alone ----------------------------------------------------===//

SmallVector<Type> LaneEmitter::typesTogether(ValueRange shape) {
  SmallVector<Type> types;
  for (Value value : shape)
    types.append(placesOf(value), isVarying(value) ? vectorOf(value.getType()) : value.getType());
  return types;
}

SmallVector<Value> LaneEmitter::valuesTogether(OpBuilder &builder, Location loc, ValueRange values, ValueRange shape) {
  SmallVector<Value> all;
  for (auto [value, receiver] : llvm::zip(values, shape))
    for (Copy &each : group().take_front(placesOf(receiver))) {
      Lane lane = each.lanes.lookup(value);
      all.push_back(isVarying(receiver) ? vector(builder, loc, lane) : lane.scalar);
    }
  return all;
}

void LaneEmitter::bindTogether(ValueRange targets, ValueRange shape, ValueRange values) {
  size_t next = 0;
  for (auto [target, receiver] : llvm::zip(targets, shape)) {
    size_t places = placesOf(receiver);
    for (auto [k, each] : llvm::enumerate(group())) {
      Value value = values[next + (places > 1 ? k : 0)];
      each.lanes[target] = isVarying(receiver) ? Lane{nullptr, value} : Lane{value, nullptr};
    }
    next += places;
  }
}

//===-- Control flow that all copies take ---------------------------------------------------------------------------===//

void LaneEmitter::emitIfTogether(OpBuilder &builder, scf::IfOp branch) {
  Location loc = branch.getLoc();
  ValueRange results = branch.getResults();
  SmallVector<Type> types = typesTogether(results);
  Value condition = copies.front().lanes.lookup(branch.getCondition()).scalar;
  auto emitted = scf::IfOp::create(builder, loc, types, condition, branch.elseBlock() != nullptr);
  auto fill = [&](Block *block, OpBuilder inside) {
    emitBlock(inside, *block, nullptr);
    if (!types.empty())
      scf::YieldOp::create(inside, loc, valuesTogether(inside, loc, block->getTerminator()->getOperands(), results));
  };
  fill(branch.thenBlock(), emitted.getThenBodyBuilder(builder.getListener()));
  if (branch.elseBlock())
    fill(branch.elseBlock(), emitted.getElseBodyBuilder(builder.getListener()));
  bindTogether(results, results, emitted.getResults());
}

/// All lanes go round equally often.
void LaneEmitter::emitUniformWhile(OpBuilder &builder, scf::WhileOp loop, Value mask) {
  Location loc = loop.getLoc();
  ValueRange carried = loop.getBeforeArguments(), results = loop.getResults();
  scf::ConditionOp condition = loop.getConditionOp();
  auto emitted = scf::WhileOp::create(
      builder, loc, typesTogether(results), valuesTogether(builder, loc, loop.getInits(), carried),
      [&](OpBuilder &inside, Location, ValueRange args) {
        bindTogether(carried, carried, args);
        emitBlock(inside, *loop.getBeforeBody(), mask);
        Value stay = group().front().lanes.lookup(condition.getCondition()).scalar;
        scf::ConditionOp::create(inside, loc, stay, valuesTogether(inside, loc, condition.getArgs(), results));
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        bindTogether(loop.getAfterArguments(), results, args);
        emitBlock(inside, *loop.getAfterBody(), mask);
        scf::YieldOp::create(inside, loc, valuesTogether(inside, loc, loop.getYieldOp().getOperands(), carried));
      });
  bindTogether(results, results, emitted.getResults());
}

/// Lanes leave one by one. The loop carries the masks of the lanes still in it, and each lane's last values where they are used
/// behind it. A lane that has left goes on with values that nobody asks for.
void LaneEmitter::emitDivergentWhile(OpBuilder &builder, scf::WhileOp loop, Value mask) {
  Location loc = loop.getLoc();
  scf::ConditionOp condition = loop.getConditionOp();
  MutableArrayRef<Copy> members = group();
  ValueRange carried = loop.getBeforeArguments(), after = loop.getAfterArguments();
  SmallVector<std::pair<Value, Value>> kept; // a result, and what it is in each round
  for (auto [result, value] : llvm::zip(loop.getResults(), condition.getArgs()))
    if (!result.use_empty())
      kept.push_back({result, value});

  Type maskType = vectorOf(builder.getI1Type());
  SmallVector<Value> inits, outside;
  for (Copy &each : members) {
    outside.push_back(each.mask);
    Value on = together ? each.mask : mask;
    if (!on)
      on = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(cast<ShapedType>(maskType), true));
    inits.push_back(on);
  }
  SmallVector<Type> types(members.size(), maskType);
  llvm::append_range(inits, valuesTogether(builder, loc, loop.getInits(), carried));
  llvm::append_range(types, typesTogether(after));
  for (auto [result, value] : kept) {
    types.append(members.size(), vectorOf(result.getType()));
    inits.append(members.size(), ub::PoisonOp::create(builder, loc, vectorOf(result.getType())));
  }
  size_t lasts = kept.size() * members.size();
  // Emits a part of the loop for the lanes in `masks`.
  auto emitPart = [&](OpBuilder &inside, Block &block, ValueRange masks) {
    for (auto [each, on] : llvm::zip(members, masks))
      each.mask = on;
    emitBlock(inside, block, together ? Value() : masks[0]);
  };

  auto emitted = scf::WhileOp::create(
      builder, loc, types, inits,
      [&](OpBuilder &inside, Location, ValueRange args) {
        ValueRange live = args.take_front(members.size()), last = args.take_back(lasts);
        bindTogether(carried, carried, args.drop_front(members.size()).drop_back(lasts));
        emitPart(inside, *loop.getBeforeBody(), live);
        SmallVector<Value> handed;
        Value some;
        for (auto [each, on] : llvm::zip(members, live)) {
          Value stay = both(inside, loc, on, vector(inside, loc, each.lanes.lookup(condition.getCondition())));
          handed.push_back(stay);
          some = some ? arith::OrIOp::create(inside, loc, some, stay).getResult() : stay;
        }
        llvm::append_range(handed, valuesTogether(inside, loc, condition.getArgs(), after));
        for (auto [k, pair] : llvm::enumerate(kept))
          for (auto [number, each] : llvm::enumerate(members))
            handed.push_back(arith::SelectOp::create(inside, loc, live[number],
                                                     vector(inside, loc, each.lanes.lookup(pair.second)),
                                                     last[k * members.size() + number]));
        scf::ConditionOp::create(inside, loc, any(inside, loc, some), handed);
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        ValueRange live = args.take_front(members.size());
        bindTogether(after, after, args.drop_front(members.size()).drop_back(lasts));
        emitPart(inside, *loop.getAfterBody(), live);
        SmallVector<Value> next(live);
        llvm::append_range(next, valuesTogether(inside, loc, loop.getYieldOp().getOperands(), carried));
        llvm::append_range(next, args.take_back(lasts));
        scf::YieldOp::create(inside, loc, next);
      });
  for (auto [each, on] : llvm::zip(members, outside))
    each.mask = on;
  for (auto [k, pair] : llvm::enumerate(kept))
    for (auto [number, each] : llvm::enumerate(members))
      each.lanes[pair.first] = {nullptr, emitted.getResults().take_back(lasts)[k * members.size() + number]};
}

//===-- Loads that rows share ---------------------------------------------------------------------------------------===//

void LaneEmitter::emitReplayed(OpBuilder &builder, Operation &op) {
  Location loc = op.getLoc();
  Value result = op.getResult(0);
  Type type = vectorOf(result.getType());
  unsigned bytes = result.getType().getIntOrFloatBitWidth() / 8;
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value)).getResult();
  };
  Value position = memref::LoadOp::create(builder, loc, replay->position);
  for (unsigned column = 0; column < tile->columns; ++column) {
    Value place = replay->records ? arith::MinSIOp::create(builder, loc, position, replay->last).getResult() : position;
    Value address = LLVM::GEPOp::create(builder, loc, replay->memory.getType(), builder.getI8Type(), replay->memory,
                                        ArrayRef<LLVM::GEPArg>{place});
    Value value;
    if (replay->records) {
      together = false;
      copy = &copies[column];
      emitOp(builder, op, nullptr);
      together = true;
      value = copy->lanes[result].vector;
      LLVM::StoreOp::create(builder, loc, value, address, bytes);
    } else {
      value = LLVM::LoadOp::create(builder, loc, type, address, bytes);
    }
    for (unsigned row = 0; row < tile->rows; ++row)
      copies[row * tile->columns + column].lanes[result] = {nullptr, value};
    position = arith::AddIOp::create(builder, loc, position, constant(int64_t(bytes) * width));
  }
  memref::StoreOp::create(builder, loc, position, replay->position);
}
