// Host code that computes tiles of indices: what a tile is for a kernel, and loops over tiles.
//
// Without a loop a tile is a few vectors side by side: all of them are read before the first is written, so that a neighbour's
// read never waits for it. A loop without memory is worth several vectors because the latency of arithmetic then hides behind
// that of the others; where lanes leave it one by one, they lie above each other, which differ less than those of a long row.
// So is a loop that reads memory: a value that several indices read is loaded once for all of them. Where rows (values of the last but one index variable) read the same,
// a tile has several rows, as in a product of matrices. Rows of tiles that follow each other then read it from a copy in the
// order in which it is needed (see Replay), made by the first of them.
#include "lowering/KernelHostBuilder.h"

#include "awg/awgrt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

//===-- What a tile is ----------------------------------------------------------------------------------------------===//

/// Private storage of an index that a tile may multiply, in bytes; operations in loops that it may.
static constexpr int64_t mostPrivate = 512;
static constexpr unsigned mostOperations = 256;
static constexpr unsigned rowColumns = 2; ///< vectors of a tile's row, where a loop reads memory
/// Vectors of a tile without a loop, and the values that may differ between lanes in all of them together.
static constexpr unsigned plainColumns = 4, mostPlainValues = 128;
/// Up to so many values two vectors go side by side all the same where there are 32 registers: one after the other, each would fill
/// the processor's queue with operations that wait for those before.
static constexpr unsigned mostPairedValues = 448;
static constexpr unsigned uniformVectors = 2, divergentVectors = 4; ///< of a tile whose loops do without memory

namespace {
/// What decides about a kernel's tile.
struct LoopFacts {
  unsigned carried = 0;    ///< vectors that go round in a loop, at most
  unsigned operations = 0; ///< in loops
  bool readsMemory = false;
};

/// What loops there are at all.
struct LoopKinds {
  bool any = false, diverging = false, usingMemory = false;
  unsigned carried = 0; ///< vectors that go round, at most
};
} // namespace

/// Loops that the vectors of a tile go round together.
static LoopFacts factsOf(func::FuncOp function, const llvm::DenseSet<Value> &varying,
                         const llvm::DenseSet<Value> &differing) {
  LoopFacts facts;
  function.walk([&](Operation *op) {
    if (auto loop = dyn_cast<scf::WhileOp>(op); loop && !differing.contains(loop.getConditionOp().getCondition())) {
      unsigned carried = llvm::count_if(loop.getResults(), [&](Value value) { return varying.contains(value); });
      facts.carried = std::max(facts.carried, carried);
    }
    auto loop = op->getParentOfType<scf::WhileOp>();
    if (!loop || differing.contains(loop.getConditionOp().getCondition()))
      return;
    ++facts.operations;
    facts.readsMemory |= isa<memref::LoadOp>(op) && isa<BlockArgument>(cast<memref::LoadOp>(op).getMemRef());
  });
  return facts;
}

static LoopKinds kindsOf(func::FuncOp function, const llvm::DenseSet<Value> &varying) {
  LoopKinds kinds;
  function.walk([&](scf::WhileOp loop) {
    kinds.any = true;
    kinds.diverging |= varying.contains(loop.getConditionOp().getCondition());
    kinds.usingMemory |= !isMemoryEffectFree(loop);
    unsigned carried = llvm::count_if(loop.getBeforeArguments(), [&](Value value) { return varying.contains(value); });
    kinds.carried = std::max(kinds.carried, carried);
  });
  return kinds;
}

/// How many vectors of a body without loops are emitted side by side. Failures are found lane by lane: that is enough once.
static unsigned plainVectors(func::FuncOp function, const llvm::DenseSet<Value> &varying, unsigned registers) {
  unsigned values = 0;
  bool fails = false;
  function.walk([&](Operation *op) {
    fails |= isa<ir::RecordOp>(op);
    values += llvm::any_of(op->getOperands(), [&](Value value) { return varying.contains(value); });
  });
  unsigned least = registers >= 32 && values <= mostPairedValues ? 2 : 1;
  return fails ? 1 : std::clamp(mostPlainValues / std::max(1u, values), least, plainColumns);
}

static int64_t privateBytes(func::FuncOp function) {
  int64_t bytes = 0;
  function.walk([&](memref::AllocaOp storage) {
    bytes += storage.getType().getNumElements() * llvm::divideCeil(storage.getType().getElementTypeBitWidth(), 8);
  });
  return bytes;
}

/// Loads of arrays that nobody writes, in shared loops, that differ between lanes and not between rows.
llvm::DenseSet<Operation *> HostBuilder::loadsSharedByRows(const llvm::DenseSet<Value> &differing) {
  func::FuncOp function = checked.function;
  llvm::DenseSet<Value> betweenRows = findVarying(function, function.getArgument(index.rank() - 2));
  llvm::DenseSet<Operation *> loads;
  function.walk([&](memref::LoadOp load) {
    auto array = dyn_cast<BlockArgument>(load.getMemRef());
    bool isShared = array && !llvm::is_contained(index.kernel.getWritten(), int64_t(array.getArgNumber())) &&
                    checked.varying.contains(load.getResult()) && !betweenRows.contains(load.getResult()) &&
                    !load.getResult().getType().isInteger(1);
    bool isInLoop = false;
    for (Operation *at = load->getParentOp(); at != function; at = at->getParentOp()) {
      auto loop = dyn_cast<scf::WhileOp>(at);
      Value condition = loop ? loop.getConditionOp().getCondition() : cast<scf::IfOp>(at).getCondition();
      isShared &= !differing.contains(condition);
      isInLoop |= bool(loop);
    }
    if (isShared && isInLoop)
      loads.insert(load);
  });
  return loads;
}

void HostBuilder::chooseTile() {
  func::FuncOp function = unchecked.function;
  bool hasAtomics = false; // which may need the worker's memory for their own ends
  function.walk([&](memref::AtomicRMWOp) { hasAtomics = true; });
  if (width == 1 || hasAtomics || index.kernel.getShape() != ir::Shape::Each || privateBytes(function) > mostPrivate)
    return;
  LoopKinds loops = kindsOf(function, unchecked.varying);
  if (!loops.any)
    tile.columns = llvm::bit_floor(plainVectors(function, unchecked.varying, registers()));
  else if (!loops.usingMemory)
    chooseTileOfArithmetic(loops.diverging ? divergentVectors : uniformVectors, loops.diverging, loops.carried);
  else if (checks.empty())
    return chooseTileOfReads();
  tile.differing = differingBetween(tile.rows > 1);
}

/// The values that differ between vectors of a row, or also between rows.
llvm::DenseSet<Value> HostBuilder::differingBetween(bool rows) {
  func::FuncOp function = unchecked.function;
  unsigned rank = index.rank();
  SmallVector<Value> seeds{function.getArgument(rank - 1)};
  if (rows)
    seeds.push_back(function.getArgument(rank - 2));
  return findVarying(function, seeds);
}

/// Registers hold what goes round in each of the vectors, and one thing more.
void HostBuilder::chooseTileOfArithmetic(unsigned vectors, bool diverges, unsigned carried) {
  unsigned copies = llvm::bit_floor(std::clamp(registers() * 3 / 4 / (carried + 1), 1u, vectors));
  bool inRows = diverges && index.rank() > 1 && checks.empty();
  (inRows ? tile.rows : tile.columns) = copies;
}

/// For loops that read memory.
void HostBuilder::chooseTileOfReads() {
  func::FuncOp function = checked.function;
  tile.differing = differingBetween(index.rank() > 1);
  LoopFacts facts = factsOf(function, checked.varying, tile.differing);
  if (!facts.readsMemory || facts.operations > mostOperations)
    return;
  // A quarter of the registers is left to what is computed on the way.
  unsigned copies = llvm::bit_floor(std::max(1u, registers() * 3 / 4 / std::max(1u, facts.carried)));
  if (index.rank() > 1)
    tile.replayed = loadsSharedByRows(tile.differing);
  tile.columns = std::min(copies, rowColumns);
  tile.rows = tile.replayed.empty() ? 1 : copies / tile.columns;
}

//===-- Loops over tiles --------------------------------------------------------------------------------------------===//

/// Emits the tile, where no index needs its checks, whose first row is the last of `outer` and whose first column is `first`.
void HostBuilder::emitTile(OpBuilder &builder, Arguments &arguments, const Tile &tile, ValueRange outer, Value first,
                           const Replay *replay) {
  LaneEmitter emitter(unchecked.function, unchecked.varying, width, OpBuilder::atBlockBegin(arguments.entry), &tile, replay);
  for (unsigned row = 0; row < tile.rows; ++row)
    for (unsigned column = 0; column < tile.columns; ++column) {
      emitter.select(row * tile.columns + column);
      SmallVector<Value> rows(outer);
      if (row > 0)
        rows.back() = arith::AddIOp::create(builder, loc, rows.back(), constant(builder, row));
      Value at = arith::AddIOp::create(builder, loc, first, constant(builder, int64_t(column) * width));
      bindArguments(builder, emitter, unchecked, arguments, rows, at);
    }
  emitter.emit(builder, nullptr);
}

/// The tiles of one row from `begin` on that fit before `end`; gives where they end.
Value HostBuilder::emitRowOfTiles(OpBuilder &builder, Arguments &arguments, const Tile &tile, ValueRange outer, Value begin,
                                  Value end) {
  Value step = constant(builder, int64_t(width) * tile.columns);
  Value count = arith::SubIOp::create(builder, loc, end, begin);
  Value full = arith::SubIOp::create(builder, loc, end, arith::RemSIOp::create(builder, loc, count, step));
  Ahead ahead = &tile == &lines ? Ahead() : lookAhead(builder, arguments, outer);
  auto loop = scf::ForOp::create(builder, loc, begin, full, step);
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  emitPrefetches(inside, ahead, loop.getInductionVar(), int64_t(width) * tile.columns);
  emitTile(inside, arguments, tile, outer, loop.getInductionVar(), nullptr);
  return full;
}

Replay HostBuilder::makeReplay(OpBuilder &builder, Arguments &arguments) {
  OpBuilder entry = OpBuilder::atBlockBegin(arguments.entry);
  Value position = memref::AllocaOp::create(entry, loc, MemRefType::get({}, builder.getI64Type()));
  constexpr int64_t widest = 64;
  return {scratchMemory(builder), position, constant(builder, AWGRT_SCRATCH_BYTES - widest), /*records=*/false};
}

/// The tiles of a column from `first` on.
void HostBuilder::emitColumn(OpBuilder &builder, Arguments &arguments, ValueRange prefix, Value firstRow, Value lastRow,
                             Value first) {
  auto rows = scf::ForOp::create(builder, loc, firstRow, lastRow, constant(builder, tile.rows));
  OpBuilder row = OpBuilder::atBlockTerminator(rows.getBody());
  SmallVector<Value> outer(prefix);
  outer.push_back(rows.getInductionVar());
  emitTile(row, arguments, tile, outer, first, nullptr);
}

/// The same; the first tile records, the others replay if all of it had room.
void HostBuilder::emitReplayedColumn(OpBuilder &builder, Arguments &arguments, ValueRange prefix, Value firstRow,
                                     Value lastRow, Value first) {
  Replay replaying = makeReplay(builder, arguments), recording = replaying;
  recording.records = true;
  Value no = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(false));
  auto rows = scf::ForOp::create(builder, loc, firstRow, lastRow, constant(builder, tile.rows), ValueRange{no});
  OpBuilder row = OpBuilder::atBlockEnd(rows.getBody());
  memref::StoreOp::create(row, loc, constant(row, 0), replaying.position);
  SmallVector<Value> outer(prefix);
  outer.push_back(rows.getInductionVar());
  auto known = scf::IfOp::create(row, loc, TypeRange(row.getI1Type()), rows.getRegionIterArg(0), /*withElseRegion=*/true);
  OpBuilder yes = known.getThenBodyBuilder(), unknown = known.getElseBodyBuilder();
  emitTile(yes, arguments, tile, outer, first, &replaying);
  scf::YieldOp::create(yes, loc, rows.getRegionIterArg(0));
  emitTile(unknown, arguments, tile, outer, first, &recording);
  Value used = memref::LoadOp::create(unknown, loc, replaying.position);
  Value fits = arith::CmpIOp::create(unknown, loc, arith::CmpIPredicate::sle, used, recording.last);
  scf::YieldOp::create(unknown, loc, fits);
  scf::YieldOp::create(row, loc, known.getResult(0));
}

/// The tiles of the rows `firstRow` to `lastRow`, row after row, up to column `end`.
void HostBuilder::emitRowsOfTiles(OpBuilder &builder, Arguments &arguments, ValueRange prefix, Value firstRow,
                                  Value lastRow, Value end) {
  auto rows = scf::ForOp::create(builder, loc, firstRow, lastRow, constant(builder, tile.rows));
  OpBuilder row = OpBuilder::atBlockTerminator(rows.getBody());
  SmallVector<Value> outer(prefix);
  outer.push_back(rows.getInductionVar());
  emitRowOfTiles(row, arguments, tile, outer, constant(row, 0), end);
}

/// Rows `firstRow` to `lastRow`, a multiple of the tile's rows, of all `columns`; `prefix` are the index variables before them.
/// A column of tiles after the other where they share what they read.
void HostBuilder::emitTiles(OpBuilder &builder, Arguments &arguments, ValueRange prefix, Value firstRow, Value lastRow,
                            Value columns) {
  Value zero = constant(builder, 0);
  Value panel = constant(builder, int64_t(width) * tile.columns);
  Value full = arith::SubIOp::create(builder, loc, columns, arith::RemSIOp::create(builder, loc, columns, panel));
  if (tile.replayed.empty()) {
    emitRowsOfTiles(builder, arguments, prefix, firstRow, lastRow, full);
  } else {
    auto panels = scf::ForOp::create(builder, loc, zero, full, panel);
    OpBuilder inside = OpBuilder::atBlockTerminator(panels.getBody());
    index.isPhase() ? emitColumn(inside, arguments, prefix, firstRow, lastRow, panels.getInductionVar())
                    : emitReplayedColumn(inside, arguments, prefix, firstRow, lastRow, panels.getInductionVar());
  }
  // The columns behind the last tile.
  auto rest = scf::ForOp::create(builder, loc, firstRow, lastRow, constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(rest.getBody());
  SmallVector<Value> outer(prefix);
  outer.push_back(rest.getInductionVar());
  emitRow(inside, arguments, outer, full, columns, constant(inside, 0), {});
}

/// Whole tiles of the rows from row-major index `at` on, as far as they fit before `end` and share their outer index variables, or
/// the indices up to `rowEnd` where not even one fits. Gives where it ends.
Value HostBuilder::emitRowsOrTiles(OpBuilder &builder, Arguments &arguments, ValueRange outer, Value at, Value rowEnd,
                                   Value end) {
  Value columns = arguments.extents.back(), row = outer.back(), zero = constant(builder, 0);
  Value rowStart = arith::SubIOp::create(builder, loc, at, arith::RemSIOp::create(builder, loc, at, columns));
  Value whole = arith::DivSIOp::create(builder, loc, arith::SubIOp::create(builder, loc, end, at), columns);
  Value below = arith::SubIOp::create(builder, loc, arguments.extents[index.rank() - 2], row);
  Value rows = arith::MinSIOp::create(builder, loc, whole, below);
  rows = arith::SubIOp::create(builder, loc, rows, arith::RemSIOp::create(builder, loc, rows, constant(builder, tile.rows)));
  Value isStart = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, at, rowStart);
  rows = arith::SelectOp::create(builder, loc, isStart, rows, zero);
  Value some = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt, rows, zero);
  auto choice = scf::IfOp::create(builder, loc, TypeRange(builder.getI64Type()), some, /*withElseRegion=*/true);
  OpBuilder tiles = choice.getThenBodyBuilder(), single = choice.getElseBodyBuilder();
  emitTiles(tiles, arguments, outer.drop_back(), row, arith::AddIOp::create(tiles, loc, row, rows), columns);
  Value taken = arith::MulIOp::create(tiles, loc, rows, columns);
  scf::YieldOp::create(tiles, loc, arith::AddIOp::create(tiles, loc, at, taken).getResult());
  emitRow(single, arguments, outer, arith::SubIOp::create(single, loc, at, rowStart),
          arith::SubIOp::create(single, loc, rowEnd, rowStart), constant(single, 0), {});
  scf::YieldOp::create(single, loc, rowEnd);
  return choice.getResult(0);
}

/// All rows of a phase; `prefix` are the index variables before the last two.
void HostBuilder::emitAllTiles(OpBuilder &builder, Arguments &arguments, ValueRange prefix) {
  Value zero = constant(builder, 0), rows = arguments.extents[index.rank() - 2];
  Value rest = arith::RemSIOp::create(builder, loc, rows, constant(builder, tile.rows));
  Value full = arith::SubIOp::create(builder, loc, rows, rest);
  emitTiles(builder, arguments, prefix, zero, full, arguments.extents.back());
  auto loop = scf::ForOp::create(builder, loc, full, rows, constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  SmallVector<Value> outer(prefix);
  outer.push_back(loop.getInductionVar());
  emitRow(inside, arguments, outer, zero, arguments.extents.back(), zero, {});
}
