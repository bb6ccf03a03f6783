// Host code that writes past the caches: which stores do, in which launches, and where in a row they begin.
//
// A processor reads a line before it writes a part of it, although a kernel that overwrites an array needs nothing of
// what was there. Stores past the caches (non-temporal ones) do without, if they write whole lines, side by side. That
// pays where the launch writes so much that the caches would not keep it; where they would, it costs: whoever reads it
// next then has to fetch it from memory. So a row is emitted twice. In a large launch it begins under a mask up to the
// start of a line, and goes on by tiles, then line by line.
#include "lowering/KernelHostBuilder.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// The shortest vector that there is a store past the caches for.
static constexpr int64_t leastBytes = 16;
/// A part of a row that writes less than this is not worth the vector under a mask before it.
static constexpr int64_t leastRow = 512;

/// A body of more values that differ between lanes computes for so long that memory keeps up anyway.
static constexpr unsigned mostValues = 64;

std::pair<Value, ValueRange> awg::lowering::arrayOf(Operation *access) {
  if (auto load = dyn_cast<memref::LoadOp>(access))
    return {load.getMemRef(), load.getIndices()};
  auto store = cast<memref::StoreOp>(access);
  return {store.getMemRef(), store.getIndices()};
}

int64_t awg::lowering::bytesOf(Operation *access) {
  return storedType(cast<MemRefType>(arrayOf(access).first.getType()).getElementType()).getIntOrFloatBitWidth() / 8;
}

//===-- Which -----------------------------------------------------------------------------------------------------===//

/// Of a block kernel: what one phase writes may go past the caches only if nothing else in the kernel uses it.
void HostBuilder::findShared(Phases &phases) {
  index.function.walk([&](ir::PhaseOp op) {
    HostBody &phase = *phases[op.getKernel()];
    for (auto [k, arg] : llvm::enumerate(op.getArgs())) {
      size_t users = llvm::count_if(arg.getUsers(), [](Operation *user) { return !isa<memref::DimOp>(user); });
      if (!isa<BlockArgument>(arg) || users != 1 || op->getParentOfType<scf::WhileOp>())
        phase.shared.insert(2 * phase.index.rank() + k);
    }
  });
}

/// True if the store writes neighbouring elements for neighbouring indices, each once, of an array that the
/// kernel does not read.
bool HostBuilder::mayStream(memref::StoreOp store, const llvm::DenseSet<unsigned> &shared) {
  auto array = dyn_cast<BlockArgument>(store.getMemRef());
  if (!array || store->getParentOp() != unchecked.function || shared.contains(array.getArgNumber()))
    return false;
  auto uses = [&](func::FuncOp function, llvm::function_ref<bool(Operation *)> isFine) {
    return llvm::all_of(function.getArgument(array.getArgNumber()).getUsers(),
                        [&](Operation *user) { return isa<memref::DimOp>(user) || isFine(user); });
  };
  if (!uses(checked.function, [](Operation *user) { return isa<memref::StoreOp>(user); }) ||
      !uses(unchecked.function, [&](Operation *user) { return user == store; }))
    return false;
  return width * bytesOf(store) >= leastBytes && isContiguous(store.getIndices());
}

/// True if neighbouring indices of the unchecked body have neighbouring elements.
bool HostBuilder::isContiguous(ValueRange subscripts) {
  EvenValues values(unchecked.function, unchecked.function.getArgument(index.rank() - 1));
  return values.stepOf(subscripts.back()) == 1 &&
         llvm::all_of(subscripts.drop_back(), [&](Value value) { return values.stepOf(value) == 0; });
}

/// True if the body computes so little that its launches wait for memory, if for anything.
bool HostBuilder::isBoundByMemory() {
  unsigned values = 0;
  bool hasLoop = false;
  unchecked.function.walk([&](Operation *op) {
    hasLoop |= isa<scf::WhileOp>(op);
    bool isVarying = llvm::any_of(op->getOperands(), [&](Value value) { return unchecked.varying.contains(value); });
    values += isVarying ? costOf(op) : 0;
  });
  return width > 1 && !hasLoop && values <= mostValues;
}

void HostBuilder::chooseStreams(const llvm::DenseSet<unsigned> &shared) {
  if (index.kernel.getShape() != ir::Shape::Each || !isBoundByMemory())
    return;
  unchecked.function.walk([&](memref::StoreOp store) {
    if (!mayStream(store, shared))
      return;
    lines.streamed.insert(store);
    lines.columns = std::max<unsigned>(lines.columns, lineBytes / (width * bytesOf(store)));
  });
  if (lines.columns > 1)
    lines.differing = differingBetween(/*rows=*/false);
}

/// True if a store of the checked body is one of them in the other.
bool HostBuilder::goesPastCaches(memref::StoreOp store) {
  return llvm::any_of(lines.streamed, [&](Operation *op) { return op->getLoc() == store.getLoc(); });
}

//===-- When, and where ---------------------------------------------------------------------------------------------===//

/// What these stores write for an index.
int64_t HostBuilder::streamedBytes() {
  int64_t bytes = 0;
  for (Operation *op : lines.streamed)
    bytes += bytesOf(op);
  return bytes;
}

/// True if what the launch writes by these stores is not to be kept in caches.
Value HostBuilder::isLarge(OpBuilder &builder, const Arguments &arguments) {
  Value count = total(builder, arguments);
  if (arguments.groups)
    count = arith::MulIOp::create(builder, loc, count, arguments.groups);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, count,
                               constant(builder, llvm::divideCeil(AWGRT_LARGE_OUTPUT, streamedBytes())));
}

/// The address of the element that an access of the unchecked body that is contiguous has where the innermost index is zero.
Value HostBuilder::addressAtZero(OpBuilder &builder, Arguments &arguments, ValueRange outer, Value memref,
                                 ValueRange subscripts, llvm::DenseMap<Value, Value> &emitted) {
  EvenValues values(unchecked.function, unchecked.function.getArgument(index.rank() - 1));
  auto atZero = [&](Value value) {
    return values.atZero(builder, value, [&](Value value) { return known(arguments, outer, value); }, emitted);
  };
  const HostArray &array = arguments.values[cast<BlockArgument>(memref).getArgNumber() - 2 * index.rank()].second;
  Value position = atZero(subscripts[0]);
  for (size_t k = 1; k < subscripts.size(); ++k)
    position = arith::AddIOp::create(builder, loc, arith::MulIOp::create(builder, loc, position, array.extents[k]),
                                     atZero(subscripts[k]));
  position = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), position);
  int64_t bytes = cast<MemRefType>(array.flat.getType()).getElementTypeBitWidth() / 8;
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, array.flat);
  base = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), base);
  return arith::AddIOp::create(builder, loc, base, arith::MulIOp::create(builder, loc, position, constant(builder, bytes)));
}

/// The first index from `low` on at which all of these stores begin a line, and whether that is to be made use of; else
/// `low`.
std::pair<Value, Value> HostBuilder::startOfStreams(OpBuilder &builder, Arguments &arguments, ValueRange outer,
                                                    Value low, Value high) {
  llvm::DenseMap<Value, Value> emitted;
  auto offset = [&](memref::StoreOp store, Value number) -> Value {
    Value row = addressAtZero(builder, arguments, outer, store.getMemRef(), store.getIndices(), emitted);
    Value address = arith::AddIOp::create(
        builder, loc, row, arith::MulIOp::create(builder, loc, number, constant(builder, bytesOf(store))));
    return arith::AndIOp::create(builder, loc, address, constant(builder, lineBytes - 1));
  };
  SmallVector<memref::StoreOp> stores;
  unchecked.function.walk([&](memref::StoreOp store) {
    if (lines.streamed.contains(store))
      stores.push_back(store);
  });
  // Where the narrowest begins a line, others may.
  memref::StoreOp narrowest =
      *llvm::min_element(stores, [](auto left, auto right) { return bytesOf(left) < bytesOf(right); });
  Value behind = arith::SubIOp::create(builder, loc, constant(builder, lineBytes), offset(narrowest, low));
  Value left = arith::AndIOp::create(builder, loc, behind, constant(builder, lineBytes - 1));
  left = arith::DivUIOp::create(builder, loc, left, constant(builder, bytesOf(narrowest)));
  Value start = arith::AddIOp::create(builder, loc, low, left), fits = isLarge(builder, arguments);
  for (memref::StoreOp store : stores) {
    Value isStart = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, offset(store, start), constant(builder, 0));
    fits = arith::AndIOp::create(builder, loc, fits, isStart);
  }
  Value first =
      arith::AddIOp::create(builder, loc, start, constant(builder, llvm::divideCeil(leastRow, streamedBytes())));
  fits = arith::AndIOp::create(builder, loc, fits,
                               arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, first, high));
  return {arith::SelectOp::create(builder, loc, fits, start, low), fits};
}

/// The tiles of one row that fit between `low` and `high`, past the caches if they are to; gives where they begin and
/// end.
std::pair<Value, Value> HostBuilder::emitRowOfStreams(OpBuilder &builder, Arguments &arguments, ValueRange outer,
                                                      Value low, Value high) {
  auto [start, fits] = startOfStreams(builder, arguments, outer, low, high);
  auto choice = scf::IfOp::create(builder, loc, TypeRange(builder.getI64Type()), fits, /*withElseRegion=*/true);
  OpBuilder past = choice.getThenBodyBuilder(), within = choice.getElseBodyBuilder();
  Value end = start;
  if (tile.columns > lines.columns) {
    Tile several = tile;
    several.streamed = lines.streamed;
    end = emitRowOfTiles(past, arguments, several, outer, start, high);
  }
  scf::YieldOp::create(past, loc, emitRowOfTiles(past, arguments, lines, outer, end, high));
  scf::YieldOp::create(within, loc,
                       tile.columns > 1 ? emitRowOfTiles(within, arguments, tile, outer, start, high) : start);
  return {start, choice.getResult(0)};
}
