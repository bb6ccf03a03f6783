// Memory for a vector of neighbouring indices: contiguous, uniform and gathered accesses, atomics, private storage.
#include "lowering/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// Row-major: ((i * e1) + j) * e2 + k. Rises or falls with the lanes if the last subscript alone does.
Lane LaneEmitter::flatten(OpBuilder &builder, Location loc, const HostArray &array, ValueRange subscripts) {
  Lane flat = lookup(subscripts[0]);
  for (size_t k = 1; k < subscripts.size(); ++k) {
    Lane next = lookup(subscripts[k]);
    Value extent = array.extents[k];
    Lane scaled;
    if (flat.isUniform())
      scaled.scalar = arith::MulIOp::create(builder, loc, flat.scalar, extent);
    else
      scaled.vector = arith::MulIOp::create(builder, loc, flat.vector, vector(builder, loc, extent));
    Lane sum;
    if (scaled.isUniform() && next.scalar) {
      sum.scalar = arith::AddIOp::create(builder, loc, scaled.scalar, next.scalar);
      sum.falls = next.falls;
    }
    if (!scaled.isUniform() || !next.isUniform())
      sum.vector = arith::AddIOp::create(builder, loc, vector(builder, loc, scaled), vector(builder, loc, next));
    flat = sum;
  }
  return flat;
}

/// Booleans are bytes in memory of element type `stored`.
static Value toStored(OpBuilder &builder, Location loc, Value value, Type stored) {
  if (getElementTypeOrSelf(value.getType()) == stored)
    return value;
  Type type = isa<VectorType>(value.getType()) ? Type(cast<VectorType>(value.getType()).clone(stored)) : stored;
  return arith::ExtUIOp::create(builder, loc, type, value);
}

static Type elementOf(Value memref) { return cast<MemRefType>(memref.getType()).getElementType(); }

Value LaneEmitter::storedLanes(OpBuilder &builder, Location loc, Lane value, Type stored) {
  return toStored(builder, loc, vector(builder, loc, value), stored);
}

/// `type` is the scalar type that the program sees.
static Value fromStored(OpBuilder &builder, Location loc, Value value, Type type) {
  if (getElementTypeOrSelf(value.getType()) == type)
    return value;
  Type result = isa<VectorType>(value.getType()) ? Type(cast<VectorType>(value.getType()).clone(type)) : type;
  return arith::TruncIOp::create(builder, loc, result, value);
}

void LaneEmitter::emitPrivate(OpBuilder &builder, Operation &op) {
  auto type = cast<MemRefType>(op.getResult(0).getType());
  Type element = width == 1 ? type.getElementType() : vectorOf(type.getElementType());
  copy->privates[op.getResult(0)] =
      memref::AllocaOp::create(entry, op.getLoc(), MemRefType::get(type.getShape(), element));
}

void LaneEmitter::emitLoad(OpBuilder &builder, Operation &op, Value mask) {
  auto load = cast<memref::LoadOp>(op);
  Location loc = op.getLoc();
  Type type = load.getResult().getType();
  if (Value storage = copy->privates.lookup(load.getMemRef())) {
    SmallVector<Value> subscripts;
    for (Value subscript : load.getIndices())
      subscripts.push_back(lookup(subscript).scalar);
    return bind(load.getResult(), memref::LoadOp::create(builder, loc, storage, subscripts));
  }
  const HostArray &array = arrays[load.getMemRef()];
  Lane position = flatten(builder, loc, array, load.getIndices());
  if (position.isUniform()) {
    Value value = memref::LoadOp::create(builder, loc, array.flat, position.scalar);
    copy->lanes[load.getResult()] = {fromStored(builder, loc, value, type), nullptr};
    return;
  }
  Type stored = vectorOf(cast<MemRefType>(array.flat.getType()).getElementType());
  Value value;
  if (position.isEven() && !mask) {
    value = vector::LoadOp::create(builder, loc, cast<VectorType>(stored), array.flat, lowest(builder, loc, position));
  } else {
    Value nothing = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(stored));
    if (position.isEven()) {
      value = vector::MaskedLoadOp::create(builder, loc, stored, array.flat, lowest(builder, loc, position),
                                           position.falls ? reversed(builder, loc, mask) : mask, nothing);
    } else {
      Value all = mask ? mask
                       : arith::ConstantOp::create(
                             builder, loc, DenseElementsAttr::get(cast<ShapedType>(vectorOf(builder.getI1Type())), true))
                             .getResult();
      Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
      value = vector::GatherOp::create(builder, loc, cast<VectorType>(stored), array.flat, ValueRange{zero}, position.vector, all,
                                       nothing);
    }
  }
  if (position.falls)
    value = reversed(builder, loc, value);
  copy->lanes[load.getResult()] = {nullptr, fromStored(builder, loc, value, type)};
}

Value LaneEmitter::reversed(OpBuilder &builder, Location loc, Value vector) {
  SmallVector<int64_t> order;
  for (int64_t lane = width; lane-- > 0;)
    order.push_back(lane);
  return vector::ShuffleOp::create(builder, loc, vector, vector, order);
}

Value LaneEmitter::lowest(OpBuilder &builder, Location loc, Lane position) {
  if (!position.falls)
    return position.scalar;
  Value others = arith::ConstantIndexOp::create(builder, loc, width - 1);
  return arith::SubIOp::create(builder, loc, position.scalar, others);
}

void LaneEmitter::storeLanes(OpBuilder &builder, Location loc, Lane value, Value flat, Value position, Value mask,
                             bool isAligned) {
  if (width == 1) {
    memref::StoreOp::create(builder, loc, toStored(builder, loc, value.scalar, elementOf(flat)), flat, position);
    return;
  }
  Value lanesValue = storedLanes(builder, loc, value, elementOf(flat));
  if (mask)
    vector::MaskedStoreOp::create(builder, loc, flat, position, mask, lanesValue);
  else if (isAligned)
    vector::StoreOp::create(builder, loc, lanesValue, flat, position, /*nontemporal=*/true,
                            llvm::Align(width * elementOf(flat).getIntOrFloatBitWidth() / 8));
  else
    vector::StoreOp::create(builder, loc, lanesValue, flat, position);
}

void LaneEmitter::emitStore(OpBuilder &builder, Operation &op, Value mask) {
  auto store = cast<memref::StoreOp>(op);
  Location loc = op.getLoc();
  Lane value = lookup(store.getValueToStore());
  if (Value storage = copy->privates.lookup(store.getMemRef())) {
    SmallVector<Value> subscripts;
    for (Value subscript : store.getIndices())
      subscripts.push_back(lookup(subscript).scalar);
    Value stored = width == 1 ? value.scalar : vector(builder, loc, value);
    if (mask) {
      Value old = memref::LoadOp::create(builder, loc, storage, subscripts);
      stored = arith::SelectOp::create(builder, loc, mask, stored, old);
    }
    memref::StoreOp::create(builder, loc, stored, storage, subscripts);
    return;
  }
  const HostArray &array = arrays[store.getMemRef()];
  Lane position = flatten(builder, loc, array, store.getIndices());
  if (width == 1 || position.isLinear())
    return storeLanes(builder, loc, value, array.flat, position.scalar, mask, tile && tile->streamed.contains(&op));
  if (position.falls) {
    Lane turned{nullptr, reversed(builder, loc, vector(builder, loc, value))};
    return storeLanes(builder, loc, turned, array.flat, lowest(builder, loc, position),
                      mask ? reversed(builder, loc, mask) : mask);
  }
  // Distinct indices write distinct elements, so that the lanes' order does not matter; where all lanes write one element they write the
  // same value.
  Value all = mask ? mask
                   : arith::ConstantOp::create(
                         builder, loc, DenseElementsAttr::get(cast<ShapedType>(vectorOf(builder.getI1Type())), true))
                         .getResult();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  vector::ScatterOp::create(builder, loc, /*resultType=*/Type(), array.flat, ValueRange{zero}, vector(builder, loc, position), all,
                            storedLanes(builder, loc, value, elementOf(array.flat)));
}

void LaneEmitter::emitAtomic(OpBuilder &builder, Operation &op, Value mask) {
  auto atomic = cast<memref::AtomicRMWOp>(op);
  Location loc = op.getLoc();
  const HostArray &array = arrays[atomic.getMemref()];
  Lane position = flatten(builder, loc, array, atomic.getIndices());
  Lane value = lookup(atomic.getValue());
  if (array.ways && isOrderFree(atomic.getKind()))
    return emitOwnUpdate(builder, atomic, array, position, value, mask);
  forEachLane(builder, loc, mask, [&](OpBuilder &inside, Value number) {
    memref::AtomicRMWOp::create(inside, loc, atomic.getKind(), extract(inside, loc, value, number), array.flat,
                                extract(inside, loc, position, number));
  });
}

Value awg::lowering::beforeWidening(Value value, SmallVectorImpl<Operation *> &casts) {
  Operation *op = value.getDefiningOp();
  while (op && isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp>(op) &&
         !op->getOperand(0).getType().isInteger(1) && !op->getOperand(0).getType().isIndex()) {
    casts.push_back(op);
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  return value;
}

/// Lane after lane, each in the next of the array's ways. Positions that differ go through memory, as narrow as they were
/// computed: a load is cheaper than taking a vector apart, and so is asking once whether all lanes are on.
void LaneEmitter::emitOwnUpdate(OpBuilder &builder, memref::AtomicRMWOp update, const HostArray &array, Lane position,
                                Lane value, Value mask) {
  Location loc = update.getLoc();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value positions;
  SmallVector<Operation *> casts;
  if (!position.isUniform()) {
    if (update.getIndices().size() == 1) // the subscript is the position
      position = lookup(beforeWidening(update.getIndices()[0], casts));
    Type narrow = cast<VectorType>(position.vector.getType()).getElementType();
    positions = memref::AllocaOp::create(entry, loc, MemRefType::get({width}, narrow), builder.getI64IntegerAttr(64));
    vector::StoreOp::create(builder, loc, position.vector, positions, zero);
  }
  auto updateLane = [&](OpBuilder &inside, Value number, Value offset) {
    Value place = positions ? memref::LoadOp::create(inside, loc, positions, number).getResult() : position.scalar;
    for (Operation *cast : llvm::reverse(casts))
      place = inside.create(loc, cast->getName().getIdentifier(), place, cast->getResultTypes(), cast->getAttrs())->getResult(0);
    if (offset)
      place = arith::AddIOp::create(inside, loc, place, offset);
    Value before = memref::LoadOp::create(inside, loc, array.flat, place);
    Value after = arith::getReductionOp(update.getKind(), inside, loc, before, extract(inside, loc, value, number));
    memref::StoreOp::create(inside, loc, after, array.flat, place);
  };
  auto updateAll = [&](OpBuilder &at) {
    auto loop = scf::ForOp::create(at, loc, zero, arith::ConstantIndexOp::create(at, loc, width),
                                   arith::ConstantIndexOp::create(at, loc, array.ways));
    OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody(), at.getListener());
    Value offset;
    for (unsigned way = 0; way < array.ways; ++way) {
      Value number = loop.getInductionVar();
      if (way > 0) {
        number = arith::AddIOp::create(inside, loc, number, arith::ConstantIndexOp::create(inside, loc, way));
        offset = offset ? arith::AddIOp::create(inside, loc, offset, array.waySize).getResult() : array.waySize;
      }
      updateLane(inside, number, offset);
    }
  };
  if (width == 1)
    return updateLane(builder, zero, nullptr);
  if (!mask)
    return updateAll(builder);
  Value all = vector::ReductionOp::create(builder, loc, vector::CombiningKind::AND, mask);
  auto choice = scf::IfOp::create(builder, loc, all, /*withElseRegion=*/true);
  OpBuilder every = choice.getThenBodyBuilder(builder.getListener()), some = choice.getElseBodyBuilder(builder.getListener());
  updateAll(every);
  forEachLane(some, loc, mask, [&](OpBuilder &inside, Value number) { updateLane(inside, number, nullptr); });
}
