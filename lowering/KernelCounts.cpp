// Host code of kernels that count: atomic updates of a small array go to a table of the worker's own, and from there to the
// array once a piece, so that workers do not wait for each other at every index. What comes out is the same: the updates that
// this is done for give the same in any order.
//
// The table holds the array several times, so that neighbouring lanes that hit one element do not wait for each other either.
#include "lowering/KernelHostBuilder.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

static constexpr int64_t ways = 4;
/// A piece has at least so many indices for each element of the array, and the table stays in the first-level cache.
static constexpr int64_t leastIndices = 4, mostBytes = 32 * 1024;

bool awg::lowering::isOrderFree(arith::AtomicRMWKind kind) {
  using Kind = arith::AtomicRMWKind;
  return llvm::is_contained({Kind::addi, Kind::addf, Kind::maxs, Kind::maxu, Kind::mins, Kind::minu}, kind);
}

/// The one array argument with atomics, all of one order-free kind, or nothing.
std::optional<HostBuilder::Counted> HostBuilder::findCounted() {
  std::optional<Counted> found;
  bool isFit = width > 1;
  index.function.walk([&](memref::AtomicRMWOp atomic) {
    auto array = dyn_cast<BlockArgument>(atomic.getMemref());
    isFit &= array && isOrderFree(atomic.getKind()) && atomic.getResult().use_empty();
    if (isFit && found)
      isFit = found->number == array.getArgNumber() - 2 * index.rank() && found->kind == atomic.getKind();
    if (isFit)
      found = {array.getArgNumber() - 2 * index.rank(), atomic.getKind()};
  });
  return isFit ? found : std::nullopt;
}

static Value toIndex(OpBuilder &builder, Location loc, Value value) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
}

/// Indices `begin` to `end`: with a table if it is small and they are many.
void HostBuilder::emitCounted(OpBuilder &builder, Arguments &arguments, const Counted &counted, Value begin, Value end) {
  using arith::CmpIPredicate;
  const HostArray &array = arguments.values[counted.number].second;
  Type element = cast<MemRefType>(array.flat.getType()).getElementType();
  int64_t mostElements = mostBytes / (ways * llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value elements = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                              memref::DimOp::create(builder, loc, array.flat, zero));
  Value isSmall = arith::CmpIOp::create(builder, loc, CmpIPredicate::sle, elements, constant(builder, mostElements));
  Value indices = arith::SubIOp::create(builder, loc, end, begin);
  Value worth = arith::MulIOp::create(builder, loc, elements, constant(builder, leastIndices));
  Value isMany = arith::CmpIOp::create(builder, loc, CmpIPredicate::sge, indices, worth);
  Value pays = arith::AndIOp::create(builder, loc, isSmall, isMany);
  auto choice = scf::IfOp::create(builder, loc, pays, /*withElseRegion=*/true);
  OpBuilder plain = choice.getElseBodyBuilder(), inside = choice.getThenBodyBuilder();
  emitRange(plain, arguments, begin, end, {});

  Arguments own = arguments;
  Value total = arith::MulIOp::create(inside, loc, elements, constant(inside, ways));
  HostArray table = array;
  table.flat = flatMemRef(inside, scratchMemory(inside), total, element);
  table.ways = ways;
  table.waySize = toIndex(inside, loc, elements);
  own.values[counted.number].second = table;
  Value neutral = arith::getIdentityValue(counted.kind, element, inside, loc);
  auto clear = scf::ForOp::create(inside, loc, constant(inside, 0), total, constant(inside, 1));
  OpBuilder each = OpBuilder::atBlockTerminator(clear.getBody());
  memref::StoreOp::create(each, loc, neutral, table.flat, toIndex(each, loc, clear.getInductionVar()));
  emitRange(inside, own, begin, end, {});
  mergeTable(inside, table, array, elements, counted.kind);
}

/// Brings what a table holds to the array.
void HostBuilder::mergeTable(OpBuilder &builder, const HostArray &table, const HostArray &array, Value elements,
                             arith::AtomicRMWKind kind) {
  auto loop = scf::ForOp::create(builder, loc, constant(builder, 0), elements, constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  Value position = toIndex(inside, loc, loop.getInductionVar()), place = position;
  Value sum = memref::LoadOp::create(inside, loc, table.flat, place);
  for (int64_t way = 1; way < ways; ++way) {
    place = arith::AddIOp::create(inside, loc, place, table.waySize);
    sum = arith::getReductionOp(kind, inside, loc, sum, memref::LoadOp::create(inside, loc, table.flat, place));
  }
  memref::AtomicRMWOp::create(inside, loc, kind, sum, array.flat, position);
}
