// Host code of block kernels: block after block, the group's statements once each, its phases in SIMD lanes.
//
// Storage lies on the worker's stack, where it stays in the first-level cache from block to block. Of `local` storage all
// indices of a phase have their element side by side, so that lanes find theirs in a vector.
#include "lowering/KernelHostBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

HostKernel HostBuilder::buildBlocks(Phases &phases) {
  LLVM::LLVMFuncOp function = makeFunction(ownName("host"));
  OpBuilder builder = OpBuilder::atBlockTerminator(&function.getBody().front());
  Arguments arguments = loadArguments(builder, function);
  arguments.groups = total(builder, arguments);
  auto blocks = scf::ForOp::create(builder, loc, function.getArgument(1), function.getArgument(2), constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(blocks.getBody());
  arguments.group = blocks.getInductionVar();
  findShared(phases);

  llvm::DenseSet<Value> nothingVaries;
  func::FuncOp body = index.function;
  LaneEmitter group(body, nothingVaries, /*width=*/1, OpBuilder::atBlockBegin(arguments.entry));
  unsigned rank = index.rank();
  Value rest = arguments.group;
  for (unsigned k = rank; k-- > 0;) {
    Value extent = arguments.extents[k];
    bool isFirst = k == 0;
    group.mapScalar(body.getArgument(k),
                    isFirst ? rest : arith::RemSIOp::create(inside, loc, rest, extent).getResult());
    group.mapScalar(body.getArgument(rank + k), extent);
    if (!isFirst)
      rest = arith::DivSIOp::create(inside, loc, rest, extent);
  }
  for (auto [k, value] : llvm::enumerate(arguments.values)) {
    if (value.first)
      group.mapScalar(body.getArgument(2 * rank + k), value.first);
    else
      group.mapArray(body.getArgument(2 * rank + k), value.second);
  }
  group.mapScalar(body.getArguments().back(), arguments.failure);
  llvm::DenseMap<Value, Value> storages;
  group.onGroup([&](OpBuilder &at, Operation &op) { emitGroupOperation(at, op, group, phases, arguments, storages); });
  group.emit(inside, nullptr);
  if (fences)
    LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::seq_cst); // as in buildEach
  return {function, {}, {}};
}

/// The bytes of a storage.
static int64_t sizeOf(MemRefType type) {
  return type.getNumElements() * llvm::divideCeil(storedType(type.getElementType()).getIntOrFloatBitWidth(), 8);
}

/// Space on the stack of the host function; gives its address.
Value HostBuilder::makeStorage(MemRefType type, Arguments &arguments) {
  OpBuilder entry = OpBuilder::atBlockBegin(arguments.entry);
  Value count = LLVM::ConstantOp::create(entry, loc, entry.getI64Type(), entry.getI64IntegerAttr(sizeOf(type)));
  constexpr unsigned alignment = 64;
  return LLVM::AllocaOp::create(entry, loc, LLVM::LLVMPointerType::get(entry.getContext()), entry.getI8Type(), count,
                                alignment);
}

void HostBuilder::emitGroupOperation(OpBuilder &builder, Operation &op, LaneEmitter &group, Phases &phases,
                                     Arguments &arguments, llvm::DenseMap<Value, Value> &storages) {
  if (auto storage = dyn_cast<ir::StorageOp>(op)) {
    MemRefType type = storage.getType();
    Value address = storages[storage] = makeStorage(type, arguments);
    HostArray array;
    Value count = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                           builder.getI64IntegerAttr(type.getNumElements()));
    array.flat = flatMemRef(builder, address, count, type.getElementType());
    array.ways = 1;
    for (int64_t extent : type.getShape())
      array.extents.push_back(arith::ConstantIndexOp::create(builder, loc, extent));
    group.mapArray(storage, std::move(array));
  } else if (auto clear = dyn_cast<ir::ClearOp>(op)) {
    Value zero = LLVM::ConstantOp::create(builder, loc, builder.getI8Type(), builder.getI8IntegerAttr(0));
    Value bytes = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                           builder.getI64IntegerAttr(sizeOf(cast<MemRefType>(clear.getStorage().getType()))));
    LLVM::MemsetOp::create(builder, loc, storages[clear.getStorage()], zero, bytes, /*isVolatile=*/false);
  } else {
    auto phase = cast<ir::PhaseOp>(op);
    group.mapScalar(phase.getError(), emitPhase(builder, phase, group, *phases[phase.getKernel()], arguments));
  }
}

/// Runs a phase; gives whether an index of it failed. A failure of a lower block stops this one as well: what the launch
/// writes does not count then.
Value HostBuilder::emitPhase(OpBuilder &builder, ir::PhaseOp op, LaneEmitter &group, HostBody &phase,
                             const Arguments &outer) {
  Arguments arguments;
  arguments.failure = outer.failure;
  arguments.group = outer.group;
  arguments.groups = outer.groups;
  arguments.entry = outer.entry;
  for (Value extent : op.getGrid())
    arguments.extents.push_back(group.scalar(extent));
  for (Value arg : op.getArgs()) {
    bool isArray = isa<MemRefType>(arg.getType());
    arguments.values.push_back({isArray ? Value() : group.scalar(arg), isArray ? group.array(arg) : HostArray()});
  }
  HostBuilder indices(phase, target, shared);
  indices.emitAll(builder, arguments);
  fences |= indices.hasStreams();
  if (!phase.index.mayFail())
    return arith::ConstantOp::create(builder, loc, builder.getBoolAttr(false));
  Value lowest = LLVM::LoadOp::create(builder, loc, builder.getI64Type(), arguments.failure, /*alignment=*/8,
                                      /*isVolatile=*/false, /*isNonTemporal=*/false, /*isInvariant=*/false,
                                      /*isInvariantGroup=*/false, LLVM::AtomicOrdering::monotonic);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, lowest, arguments.group);
}

/// All indices of a phase, row by row.
void HostBuilder::emitAll(OpBuilder &builder, Arguments &arguments) {
  Value zero = constant(builder, 0), one = constant(builder, 1);
  SmallVector<Value> outer;
  OpBuilder inside = builder;
  bool hasTiles = tile.rows > 1;
  for (Value extent : ArrayRef(arguments.extents).drop_back(hasTiles ? 2 : 1)) {
    auto loop = scf::ForOp::create(inside, loc, zero, extent, one);
    outer.push_back(loop.getInductionVar());
    inside = OpBuilder::atBlockTerminator(loop.getBody());
  }
  hasTiles ? emitAllTiles(inside, arguments, outer)
           : emitRow(inside, arguments, outer, zero, arguments.extents.back(), zero, {});
}
