// Emits a tile: several vectors of indices at once, each a copy of the body's values.
//
// What all copies agree on is computed once. Control flow whose condition they agree on is shared, with the values of all
// copies going through it; anything else is emitted for one copy after the other.
#include "lowering/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

void LaneEmitter::emitTogether(OpBuilder &builder, Operation &op) {
  if (auto branch = dyn_cast<scf::IfOp>(op); branch && !differs(branch.getCondition()))
    return emitIfTogether(builder, branch);
  if (auto loop = dyn_cast<scf::WhileOp>(op); loop && !differs(loop.getConditionOp().getCondition()))
    return emitWhileTogether(builder, loop);
  bool isPlain = isMemoryEffectFree(&op) || isa<memref::LoadOp>(op);
  if (isPlain && op.getNumResults() != 0 && llvm::none_of(op.getResults(), [&](Value value) { return differs(value); }))
    return emitOnce(builder, op);
  if (replay && tile->replayed.contains(&op))
    return emitReplayed(builder, op);
  together = false;
  for (Copy &each : copies) {
    copy = &each;
    emitOp(builder, op, nullptr);
  }
  together = true;
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

//===-- Values of all copies ----------------------------------------------------------------------------------------===//

/// A value of `shape` takes one place if the copies agree on it, else one a copy.
SmallVector<Type> LaneEmitter::typesTogether(ValueRange shape) {
  SmallVector<Type> types;
  for (Value value : shape)
    types.append(differs(value) ? copies.size() : 1, isVarying(value) ? vectorOf(value.getType()) : value.getType());
  return types;
}

SmallVector<Value> LaneEmitter::valuesTogether(OpBuilder &builder, Location loc, ValueRange values, ValueRange shape) {
  SmallVector<Value> all;
  for (auto [value, receiver] : llvm::zip(values, shape))
    for (size_t k = 0; k < (differs(receiver) ? copies.size() : 1); ++k) {
      Lane lane = copies[k].lanes.lookup(value);
      all.push_back(isVarying(receiver) ? vector(builder, loc, lane) : lane.scalar);
    }
  return all;
}

void LaneEmitter::bindTogether(ValueRange targets, ValueRange shape, ValueRange values) {
  size_t next = 0;
  for (auto [target, receiver] : llvm::zip(targets, shape)) {
    for (auto [k, each] : llvm::enumerate(copies)) {
      Value value = values[next + (differs(receiver) ? k : 0)];
      each.lanes[target] = isVarying(receiver) ? Lane{nullptr, value} : Lane{value, nullptr};
    }
    next += differs(receiver) ? copies.size() : 1;
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

void LaneEmitter::emitWhileTogether(OpBuilder &builder, scf::WhileOp loop) {
  Location loc = loop.getLoc();
  ValueRange carried = loop.getBeforeArguments(), results = loop.getResults();
  scf::ConditionOp condition = loop.getConditionOp();
  auto emitted = scf::WhileOp::create(
      builder, loc, typesTogether(results), valuesTogether(builder, loc, loop.getInits(), carried),
      [&](OpBuilder &inside, Location, ValueRange args) {
        bindTogether(carried, carried, args);
        emitBlock(inside, *loop.getBeforeBody(), nullptr);
        Value stay = copies.front().lanes.lookup(condition.getCondition()).scalar;
        scf::ConditionOp::create(inside, loc, stay, valuesTogether(inside, loc, condition.getArgs(), results));
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        bindTogether(loop.getAfterArguments(), results, args);
        emitBlock(inside, *loop.getAfterBody(), nullptr);
        scf::YieldOp::create(inside, loc, valuesTogether(inside, loc, loop.getYieldOp().getOperands(), carried));
      });
  bindTogether(results, results, emitted.getResults());
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
