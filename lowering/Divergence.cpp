// Divergence analysis over structured control flow, and what of it can become vectors.
#include "lowering/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace {
/// Grows the set of varying values until nothing changes; each round visits every operation once, and there are at most as
/// many rounds as loops are nested, plus one.
class Divergence {
public:
  explicit Divergence(llvm::DenseSet<Value> &varying) : varying(varying) {}

  void run(func::FuncOp function) {
    do {
      changed = false;
      visit(function.getBody());
    } while (changed);
  }

private:
  void mark(Value value) { changed |= varying.insert(value).second; }
  bool is(Value value) const { return varying.contains(value); }

  void visit(Region &region) {
    for (Operation &op : region.front())
      visit(op);
  }

  void visit(Operation &op) {
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return visitIf(branch);
    if (auto loop = dyn_cast<scf::WhileOp>(op))
      return visitWhile(loop);
    if (auto load = dyn_cast<memref::LoadOp>(op); load && load.getMemRef().getDefiningOp<memref::AllocaOp>())
      return mark(load.getResult());
    if (llvm::any_of(op.getOperands(), [&](Value value) { return is(value); }))
      for (Value result : op.getResults())
        mark(result);
  }

  void visitIf(scf::IfOp branch) {
    visit(branch.getThenRegion());
    if (branch.elseBlock())
      visit(branch.getElseRegion());
    for (auto [k, result] : llvm::enumerate(branch.getResults()))
      if (is(branch.getCondition()) || is(branch.thenYield().getOperand(k)) || is(branch.elseYield().getOperand(k)))
        mark(result);
  }

  void visitWhile(scf::WhileOp loop) {
    scf::ConditionOp condition = loop.getConditionOp();
    auto join = [&](Value to, Value from) {
      if (is(from))
        mark(to);
    };
    for (auto [arg, init] : llvm::zip(loop.getBeforeArguments(), loop.getInits()))
      join(arg, init);
    visit(loop.getBefore());
    for (auto [arg, value] : llvm::zip(loop.getAfterArguments(), condition.getArgs()))
      join(arg, value);
    visit(loop.getAfter());
    for (auto [arg, value] : llvm::zip(loop.getBeforeArguments(), loop.getYieldOp().getOperands()))
      join(arg, value);
    // Lanes that leave at different times keep what they had; those still in the loop have gone round equally often.
    bool diverges = is(condition.getCondition());
    for (auto [result, value] : llvm::zip(loop.getResults(), condition.getArgs()))
      if (diverges || is(value))
        mark(result);
  }

  llvm::DenseSet<Value> &varying;
  bool changed = false;
};
} // namespace

llvm::DenseSet<Value> awg::lowering::findVarying(func::FuncOp function, ValueRange lanes) {
  llvm::DenseSet<Value> varying(lanes.begin(), lanes.end());
  Divergence(varying).run(function);
  return varying;
}

bool awg::lowering::canVectorize(func::FuncOp function, const llvm::DenseSet<Value> &varying, std::string &why) {
  WalkResult walked = function.walk([&](Operation *op) {
    auto refuse = [&](const Twine &text) {
      why = text.str();
      return WalkResult::interrupt();
    };
    if (isa<func::FuncOp, func::ReturnOp, scf::IfOp, scf::WhileOp, scf::YieldOp, scf::ConditionOp, ir::RecordOp>(op))
      return WalkResult::advance();
    if (isa<memref::LoadOp, memref::StoreOp>(op)) {
      bool isLoad = isa<memref::LoadOp>(op);
      Value base = op->getOperand(isLoad ? 0 : 1);
      if (base.getDefiningOp<memref::AllocaOp>() &&
          llvm::any_of(op->getOperands().drop_front(isLoad ? 1 : 2), [&](Value v) { return varying.contains(v); }))
        return refuse("an index into private storage differs between lanes");
      return WalkResult::advance();
    }
    if (isa<memref::AtomicRMWOp, memref::DimOp>(op))
      return WalkResult::advance();
    if (auto alloca = dyn_cast<memref::AllocaOp>(op))
      return alloca.getType().hasStaticShape() ? WalkResult::advance() : refuse("private storage of unknown extent");
    if (op->getNumOperands() == 0 || op->hasTrait<OpTrait::Elementwise>())
      return WalkResult::advance();
    if (llvm::none_of(op->getResults(), [&](Value v) { return varying.contains(v); }) && isMemoryEffectFree(op))
      return WalkResult::advance();
    return refuse("'" + op->getName().getStringRef() + "' has no vector form");
  });
  return !walked.wasInterrupted();
}
