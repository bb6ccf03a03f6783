// Host code that asks for memory ahead of time, several pages at once.
//
// A processor looks ahead by itself in each page of 4 KiB that is read in order, up to its end. So a worker that goes
// through an array has one such look-ahead under way for it, and starts again 4 KiB later; half of what a core could
// get from memory stays unused. Here the lines of the next four pages are asked for in turns, one of each, while the
// pages before them are worked on in order: a sum over 256 MiB takes 0.6 of the time. What comes from the caches needs
// no such thing, and would pay for the instructions.
#include "lowering/KernelHostBuilder.h"

#include "lowering/EvenValues.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

static constexpr int64_t pageBytes = 4096;
/// Pages whose lines are asked for in turns: as many as go on being worth it. A group of them.
static constexpr int64_t pages = 4, groupBytes = pages * pageBytes;

//===-- What ------------------------------------------------------------------------------------------------------===//

/// The number that a subscript adds to something else; 0 if none is seen.
static int64_t addedTo(Value subscript) {
  if (auto cast = subscript.getDefiningOp<arith::IndexCastOp>())
    return addedTo(cast.getIn());
  APInt number;
  if (auto sum = subscript.getDefiningOp<arith::AddIOp>(); sum && matchPattern(sum.getRhs(), m_ConstantInt(&number)))
    return number.getSExtValue();
  if (auto sum = subscript.getDefiningOp<arith::SubIOp>(); sum && matchPattern(sum.getRhs(), m_ConstantInt(&number)))
    return -number.getSExtValue();
  return 0;
}

/// Of accesses to neighbouring rows of an array the foremost is the one to ask for.
static bool isBefore(Operation *left, Operation *right) {
  for (auto [ours, theirs] : llvm::zip(arrayOf(left).second, arrayOf(right).second))
    if (addedTo(ours) != addedTo(theirs))
      return addedTo(ours) < addedTo(theirs);
  return false;
}

/// True if all lanes or none come to the operation.
bool HostBuilder::isForWholeRows(Operation *op) {
  for (Operation *parent = op->getParentOp(); parent != unchecked.function; parent = parent->getParentOp()) {
    auto branch = dyn_cast<scf::IfOp>(parent);
    if (!branch || unchecked.varying.contains(branch.getCondition()))
      return false;
  }
  return true;
}

/// One access an array, of those to neighbouring elements that do not go past the caches. A row may turn out to have none of it.
void HostBuilder::choosePrefetches() {
  ir::Shape shape = index.kernel.getShape();
  bool hasTiles = shape == ir::Shape::Each ? tile.rows == 1 && tile.columns > 1 : shape != ir::Shape::Scan && staysInRegisters();
  if (index.isPhase() || !hasTiles || !isBoundByMemory())
    return;
  unchecked.function.walk([&](Operation *op) {
    if (!isa<memref::LoadOp, memref::StoreOp>(op) || lines.streamed.contains(op) || !isForWholeRows(op))
      return;
    auto [array, subscripts] = arrayOf(op);
    if (!isa<BlockArgument>(array) || !isContiguous(subscripts))
      return;
    auto known = llvm::find_if(fetched, [&](Operation *other) { return arrayOf(other).first == arrayOf(op).first; });
    if (known == fetched.end())
      fetched.push_back(op);
    else if (isBefore(*known, op))
      *known = op;
  });
}

/// True if an access of the checked body is one of them in the other.
bool HostBuilder::isFetchedAhead(Operation *access) {
  return llvm::any_of(fetched, [&](Operation *op) { return op->getLoc() == access->getLoc(); });
}

//===-- When, and where -------------------------------------------------------------------------------------------===//

HostBuilder::Ahead HostBuilder::lookAhead(OpBuilder &builder, Arguments &arguments, ValueRange outer) {
  Ahead ahead;
  if (fetched.empty())
    return ahead;
  int64_t bytes = 0;
  llvm::DenseMap<Value, Value> emitted;
  for (Operation *access : fetched) {
    auto [array, subscripts] = arrayOf(access);
    ahead.accesses.push_back({addressAtZero(builder, arguments, outer, array, subscripts, emitted), bytesOf(access)});
    bytes += bytesOf(access);
  }
  for (Operation *store : lines.streamed)
    bytes += bytesOf(store);
  ahead.large = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, total(builder, arguments),
                                      constant(builder, largeTraffic / bytes));
  return ahead;
}

/// Before the code for so many indices from `first` on: as many lines of the group behind, as it goes through.
void HostBuilder::emitPrefetches(OpBuilder &builder, const Ahead &ahead, Value first, int64_t indices) {
  if (!ahead.large)
    return;
  OpBuilder inside = scf::IfOp::create(builder, loc, ahead.large, /*withElseRegion=*/false).getThenBodyBuilder();
  auto masked = [&](Value value, int64_t mask) {
    return arith::AndIOp::create(inside, loc, value, constant(inside, mask)).getResult();
  };
  auto add = [&](Value left, Value right) { return arith::AddIOp::create(inside, loc, left, right).getResult(); };
  for (auto [row, bytes] : ahead.accesses) {
    int64_t length = indices * bytes; // a power of two
    if (length < lineBytes)
      continue;
    Value address = add(row, arith::MulIOp::create(inside, loc, first, constant(inside, bytes)));
    // Line s of a group stands for line s / pages of the page s % pages behind.
    Value within = masked(address, (groupBytes - 1) & -length);
    Value line = masked(arith::ShRUIOp::create(inside, loc, within, constant(inside, 2)), pageBytes - lineBytes);
    Value behind = add(add(masked(address, -groupBytes), constant(inside, groupBytes)), line);
    if (length < pages * lineBytes)
      behind =
          add(behind, arith::ShLIOp::create(inside, loc, masked(within, (pages - 1) * lineBytes), constant(inside, 6)));
    for (int64_t k = 0; k < length / lineBytes; ++k) {
      Value at = add(behind, constant(inside, k % pages * pageBytes + k / pages * lineBytes));
      Value pointer = LLVM::IntToPtrOp::create(inside, loc, LLVM::LLVMPointerType::get(builder.getContext()), at);
      LLVM::Prefetch::create(inside, loc, pointer, /*rw=*/0, /*hint=*/3, /*cache=*/1);
    }
  }
}
