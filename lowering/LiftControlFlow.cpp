// Lifts a function's control flow graph to structured control flow, as lanes need it.
#include "lowering/KernelHost.h"

#include "mlir/Conversion/ControlFlowToSCF/ControlFlowToSCF.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Dominance.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// A switch as a chain of ifs: lanes know two-way branches alone.
static void expandSwitch(scf::IndexSwitchOp op) {
  Location loc = op.getLoc();
  OpBuilder builder(op);
  std::function<SmallVector<Value>(OpBuilder &, size_t)> emit = [&](OpBuilder &at, size_t k) -> SmallVector<Value> {
    auto splice = [&](Region &region, OpBuilder &into) {
      Block &block = region.front();
      SmallVector<Value> values(block.getTerminator()->getOperands());
      block.getTerminator()->erase();
      into.getInsertionBlock()->getOperations().splice(into.getInsertionPoint(), block.getOperations());
      return values;
    };
    if (k == op.getCases().size())
      return splice(op.getDefaultRegion(), at);
    Value number = arith::ConstantIndexOp::create(at, loc, op.getCases()[k]);
    Value hit = arith::CmpIOp::create(at, loc, arith::CmpIPredicate::eq, op.getArg(), number);
    auto branch = scf::IfOp::create(at, loc, op.getResultTypes(), hit, /*withElseRegion=*/true);
    auto fill = [&](Block *block, auto produce) {
      if (!block->empty())
        block->getTerminator()->erase();
      OpBuilder inside = OpBuilder::atBlockEnd(block);
      SmallVector<Value> values = produce(inside);
      scf::YieldOp::create(inside, loc, values);
    };
    fill(branch.thenBlock(), [&](OpBuilder &inside) { return splice(op.getCaseRegions()[k], inside); });
    fill(branch.elseBlock(), [&](OpBuilder &inside) { return emit(inside, k + 1); });
    return SmallVector<Value>(branch.getResults());
  };
  SmallVector<Value> results = emit(builder, 0);
  op->replaceAllUsesWith(results);
  op.erase();
}

LogicalResult awg::lowering::liftControlFlow(func::FuncOp function) {
  ControlFlowToSCFTransformation transformation;
  DominanceInfo dominance(function);
  if (failed(transformCFGToSCF(function.getBody(), transformation, dominance)))
    return failure();
  SmallVector<scf::IndexSwitchOp> switches;
  function.walk([&](scf::IndexSwitchOp op) { switches.push_back(op); });
  for (scf::IndexSwitchOp op : switches)
    expandSwitch(op);
  return success();
}
