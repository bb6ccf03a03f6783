// Turns a kernel's body into a function of one index: calls inlined, failures recorded.
#include "lowering/KernelIndex.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

//===-- Inlining ----------------------------------------------------------------------------------------------------===//

/// Calls nested deeper than this are taken for a recursion.
static constexpr unsigned maxInlineDepth = 64;

/// `calls` collects the calls that come in with it.
static void inlineCallWith(func::CallOp call, func::FuncOp callee, SmallVectorImpl<func::CallOp> &calls) {
  Block *before = call->getBlock();
  Block *after = before->splitBlock(std::next(call->getIterator()));
  for (Value result : call.getResults())
    result.replaceAllUsesWith(after->addArgument(result.getType(), call.getLoc()));

  IRMapping mapping;
  callee.getBody().cloneInto(before->getParent(), after->getIterator(), mapping);
  Block *entry = mapping.lookup(&callee.getBody().front());
  for (Block &block : callee.getBody()) {
    Block *clone = mapping.lookup(&block);
    clone->walk([&](func::CallOp inner) { calls.push_back(inner); });
    if (auto ret = dyn_cast<func::ReturnOp>(clone->getTerminator())) {
      OpBuilder builder(ret);
      cf::BranchOp::create(builder, ret.getLoc(), after, ret.getOperands());
      ret.erase();
    }
  }
  OpBuilder builder(call);
  for (auto [arg, operand] : llvm::zip(entry->getArguments(), call.getOperands()))
    arg.replaceAllUsesWith(operand);
  entry->eraseArguments(0, entry->getNumArguments());
  before->getOperations().splice(before->end(), entry->getOperations());
  // The entry block of a function has no predecessors, so that it may be merged away.
  entry->erase();
  call.erase();
}

void awg::lowering::inlineCall(func::CallOp call, func::FuncOp callee) {
  SmallVector<func::CallOp> calls;
  inlineCallWith(call, callee, calls);
}

LogicalResult awg::lowering::inlineCalls(Operation *root) {
  SymbolTableCollection symbols;
  SmallVector<func::CallOp> pending;
  root->walk([&](func::CallOp call) { pending.push_back(call); });
  for (unsigned depth = 0; !pending.empty(); ++depth) {
    if (depth == maxInlineDepth)
      return pending.front().emitError() << "a kernel cannot call a function that calls itself";
    SmallVector<func::CallOp> inner;
    for (func::CallOp call : pending) {
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      if (callee && !callee.isExternal())
        inlineCallWith(call, callee, inner);
    }
    pending = std::move(inner);
  }
  return success();
}

//===-- Failures ----------------------------------------------------------------------------------------------------===//

/// The row-major index of the current launch index.
static Value flatIndex(OpBuilder &builder, Location loc, ValueRange indices, ValueRange extents) {
  Value flat = indices[0];
  for (size_t k = 1; k < indices.size(); ++k) {
    flat = arith::MulIOp::create(builder, loc, flat, extents[k]);
    flat = arith::AddIOp::create(builder, loc, flat, indices[k]);
  }
  return flat;
}

/// In a kernel an error is only the fact of one: makes every `!awg.error` an i1, true for a failure that was recorded.
/// `block` is null but for phases.
static void recordFailures(KernelIndex &index, Value block, Value failure) {
  func::FuncOp function = index.function;
  Type errorType = ir::ErrorType::get(function.getContext());
  Type flag = IntegerType::get(function.getContext(), 1);
  ValueRange indices = function.getArguments().take_front(index.rank());
  ValueRange extents = function.getArguments().slice(index.rank(), index.rank());
  for (Block &block : function.getBody())
    for (Value arg : block.getArguments())
      if (arg.getType() == errorType)
        arg.setType(flag);
  function.walk([&](Operation *op) {
    OpBuilder builder(op);
    Location loc = op->getLoc();
    Value replacement;
    if (isa<ir::NullOp>(op)) {
      replacement = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(false));
    } else if (auto error = dyn_cast<ir::ErrorOp>(op)) {
      Value flat = flatIndex(builder, loc, indices, extents);
      Value zero = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
      auto record = ir::RecordOp::create(builder, loc, failure, block ? block : flat, block ? flat : zero,
                                         error.getFormatAttr(), error.getArgs(), error.getKindsAttr());
      record->setAttr("site", builder.getI32IntegerAttr(index.sites.size()));
      index.sites.push_back({loc, error.getFormatAttr(), error.getKindsAttr()});
      replacement = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    } else if (isa<ir::IsNullOp>(op)) {
      Value yes = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
      replacement = arith::XOrIOp::create(builder, loc, op->getOperand(0), yes);
    } else {
      for (Value result : op->getResults())
        if (result.getType() == errorType)
          result.setType(flag);
      return;
    }
    op->getResult(0).replaceAllUsesWith(replacement);
    op->erase();
  });
}

FailureOr<KernelIndex> awg::lowering::makeKernelIndex(ir::KernelOp kernel) {
  Location loc = kernel.getLoc();
  OpBuilder builder(kernel->getContext());
  builder.setInsertionPointAfter(kernel);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> inputs(kernel.getArgumentTypes()), results(kernel.getResultTypes());
  if (kernel.getPhase()) {
    inputs.push_back(builder.getI64Type());
    results.insert(results.begin(), builder.getI1Type());
  }
  inputs.push_back(pointer);
  auto function = func::FuncOp::create(builder, loc, (kernel.getSymName() + "$index").str(),
                                       builder.getFunctionType(inputs, results));
  function.setPrivate();
  IRMapping mapping;
  kernel.getBody().cloneInto(&function.getBody(), mapping);
  Block &entry = function.getBody().front();
  Value block = kernel.getPhase() ? entry.addArgument(builder.getI64Type(), loc) : Value();
  Value failure = entry.addArgument(pointer, loc);
  for (Block &body : function.getBody())
    if (auto yield = dyn_cast<ir::YieldOp>(body.getTerminator())) {
      OpBuilder at(yield);
      func::ReturnOp::create(at, yield.getLoc(), kernel.getPhase() ? yield.getOperands() : yield.getValues());
      yield.erase();
    }
  KernelIndex index{kernel, function, {}};
  if (failed(inlineCalls(function)))
    return mlir::failure();
  recordFailures(index, block, failure);
  return index;
}
