// GPU code of block kernels: a group of threads a block, in step between phases.
//
// All threads of a group carry out its statements, whose control flow is the same for all of them; what has an effect is left
// to the first thread. A phase is a loop over indices in steps of the group's size, between barriers. Whether one of its
// indices failed is gathered by the barrier itself, so that all threads leave together.
#include "lowering/KernelGPUBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// The most threads that the compiler chooses for a group, and what it chooses a multiple of.
static constexpr int64_t usualThreads = 256, warpThreads = 32;

void GPUBuilder::buildBlocks(MutableArrayRef<KernelIndex> phases) {
  SmallVector<Type> inputs = commonInputs();
  inputs.push_back(pointer);
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
  thread = threadInGroup(builder);
  SmallVector<Value> arguments = knownArguments(builder, entry);
  SmallVector<Value> operands = decode(builder, group(builder), ArrayRef(arguments).take_front(index.rank()));
  llvm::append_range(operands, arguments);
  operands.push_back(entry.getArguments().back());
  auto call = func::CallOp::create(builder, loc, index.function, operands);
  inlineCall(call, index.function);
  chooseThreads(entry);
  placeStorage(entry);

  SmallVector<Operation *> work;
  entry.walk([&](Operation *op) {
    auto isPrivate = [](Value memory) { return memory.getDefiningOp<memref::AllocaOp>(); };
    if (auto read = dyn_cast<memref::LoadOp>(op))
      readsAsGroup |= !isPrivate(read.getMemRef());
    else if (isa<ir::ClearOp, ir::PhaseOp, ir::RecordOp, memref::AtomicRMWOp>(op) ||
             (isa<memref::StoreOp>(op) && !isPrivate(cast<memref::StoreOp>(op).getMemRef())))
      work.push_back(op);
  });
  for (Operation *op : work) {
    if (auto clear = dyn_cast<ir::ClearOp>(op))
      expandClear(clear);
    else if (auto phase = dyn_cast<ir::PhaseOp>(op))
      expandPhase(phase, *llvm::find_if(phases, [&](KernelIndex &other) {
        return other.kernel.getSymName() == phase.getKernel();
      }));
    else
      runOnce(op);
  }
}

/// As the program asks, or enough for the largest phase whose extents are known.
void GPUBuilder::chooseThreads(gpu::GPUFuncOp entry) {
  int64_t largest = 0;
  entry.walk([&](ir::PhaseOp phase) {
    int64_t count = 1;
    for (Value extent : phase.getGrid()) {
      llvm::APInt known;
      bool isKnown = matchPattern(extent, m_ConstantInt(&known)) && known.ult(usualThreads);
      count = std::min(usualThreads, isKnown ? count * int64_t(known.getZExtValue()) : usualThreads);
    }
    largest = std::max(largest, count);
  });
  threads = index.kernel.getThreads().value_or(llvm::alignTo(std::max<int64_t>(largest, 1), warpThreads));
  entry.setKnownBlockSizeAttr(DenseI32ArrayAttr::get(entry.getContext(), {int32_t(threads), 1, 1}));
}

/// Shared storage is the group's own memory. Of `local` storage a thread holds the elements of its indices.
void GPUBuilder::placeStorage(gpu::GPUFuncOp entry) {
  SmallVector<ir::StorageOp> storages;
  entry.walk([&](ir::StorageOp op) { storages.push_back(op); });
  for (ir::StorageOp op : storages) {
    MemRefType type = op.getType();
    Value memory;
    if (op.getLocal()) {
      SmallVector<int64_t> extents(type.getShape());
      int64_t indices = extents.back();
      extents.back() = std::max<int64_t>(llvm::divideCeil(indices, threads), 1);
      OpBuilder builder = OpBuilder::atBlockBegin(&entry.getBody().front());
      memory = memref::AllocaOp::create(builder, loc, MemRefType::get(extents, type.getElementType()));
      perThread[memory] = indices;
    } else {
      auto space = gpu::AddressSpaceAttr::get(entry.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
      memory = entry.addWorkgroupAttribution(
          MemRefType::get(type.getShape(), type.getElementType(), MemRefLayoutAttrInterface(), space), loc);
    }
    op.getResult().replaceAllUsesWith(memory);
    op.erase();
  }
}

void GPUBuilder::stepTogether(OpBuilder &builder) { gpu::BarrierOp::create(builder, loc); }

void GPUBuilder::expandClear(ir::ClearOp clear) {
  OpBuilder builder(clear);
  Value memory = clear.getStorage();
  auto type = cast<MemRefType>(memory.getType());
  bool isShared = !perThread.contains(memory);
  if (isShared && readsAsGroup)
    stepTogether(builder);
  auto loop = scf::ForOp::create(builder, loc, isShared ? thread : constant(builder, 0),
                                 constant(builder, type.getNumElements()), constant(builder, isShared ? threads : 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  SmallVector<Value> extents, subscripts;
  for (int64_t extent : type.getShape())
    extents.push_back(constant(inside, extent));
  for (Value place : decode(inside, loop.getInductionVar(), extents))
    subscripts.push_back(toIndex(inside, place));
  Value zero = arith::ConstantOp::create(inside, loc, inside.getZeroAttr(type.getElementType()));
  memref::StoreOp::create(inside, loc, zero, memory, subscripts);
  if (isShared)
    stepTogether(builder);
  clear.erase();
}

/// A statement of the group with an effect: the first thread carries it out, between barriers if others may see it.
void GPUBuilder::runOnce(Operation *op) {
  OpBuilder builder(op);
  bool isStore = isa<memref::StoreOp>(op);
  if (isStore && readsAsGroup)
    stepTogether(builder);
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, thread, constant(builder, 0));
  auto guarded = scf::IfOp::create(builder, loc, isFirst, /*withElseRegion=*/false);
  builder.setInsertionPointAfter(guarded);
  if (!isa<ir::RecordOp>(op))
    stepTogether(builder);
  op->moveBefore(guarded.thenBlock()->getTerminator());
  if (auto record = dyn_cast<ir::RecordOp>(op))
    expandRecord(record);
}

/// The phase's index function with the memory that it gets here. In `local` storage the subscript by indices becomes one
/// by the thread's own indices: they are a group's size apart.
func::FuncOp GPUBuilder::clonePhase(KernelIndex &phase, ValueRange arguments) {
  func::FuncOp copy = cloneIndexFunction(phase.function);
  SmallVector<Type> types(copy.getArgumentTypes());
  for (auto [k, argument] : llvm::enumerate(arguments)) {
    unsigned number = 2 * phase.rank() + k;
    types[number] = argument.getType();
    BlockArgument parameter = copy.getArgument(number);
    parameter.setType(argument.getType());
    if (!perThread.contains(argument))
      continue;
    bool isOne = perThread[argument] <= threads;
    for (OpOperand &use : parameter.getUses()) {
      Operation *access = use.getOwner();
      OpBuilder builder(access);
      OpOperand &last = access->getOpOperand(access->getNumOperands() - 1);
      Value position = arith::ConstantIndexOp::create(builder, loc, isOne ? 0 : threads);
      if (!isOne)
        position = arith::DivUIOp::create(builder, loc, last.get(), position);
      last.set(position);
    }
  }
  copy.setFunctionType(FunctionType::get(copy.getContext(), types, copy.getResultTypes()));
  return copy;
}

void GPUBuilder::expandPhase(ir::PhaseOp op, KernelIndex &phase) {
  OpBuilder builder(op);
  if (readsAsGroup)
    stepTogether(builder);
  func::FuncOp body = clonePhase(phase, op.getArgs());
  SmallVector<Value> extents;
  for (Value extent : op.getGrid())
    extents.push_back(arith::MaxSIOp::create(builder, loc, extent, constant(builder, 0)));
  Value no = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(false));
  Value block = group(builder);
  auto loop = scf::ForOp::create(builder, loc, thread, total(builder, extents), constant(builder, threads), no);
  OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
  SmallVector<Value> operands = decode(inside, loop.getInductionVar(), extents);
  llvm::append_range(operands, extents);
  llvm::append_range(operands, op.getArgs());
  auto entry = op->getParentOfType<gpu::GPUFuncOp>();
  size_t parameters = index.rank() + index.argumentTypes().size();
  operands.append({block, entry.getArgument(parameters)});
  Value hasFailed = func::CallOp::create(inside, loc, body, operands).getResult(0);
  scf::YieldOp::create(inside, loc, arith::OrIOp::create(inside, loc, loop.getRegionIterArg(0), hasFailed).getResult());

  Value any = no;
  if (phase.mayFail()) {
    Type i1 = builder.getI1Type();
    Value barrier = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(), builder.getI32IntegerAttr(0));
    any = LLVM::CallIntrinsicOp::create(builder, loc, i1,
                                        builder.getStringAttr("llvm.nvvm.barrier.cta.red.or.aligned.all"),
                                        ValueRange{barrier, loop.getResult(0)})
              .getResult(0);
  } else {
    stepTogether(builder);
  }
  op.getError().replaceAllUsesWith(any);
  op.erase();
}
