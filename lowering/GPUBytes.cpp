// Decides branches on a byte by trying all its values.
//
// A byte's tests and what is made of it often decide its checks: (b | 32) - 97 is below 26 where b is a letter, of one
// case or the other. No range says so, but there are 256 cases. Which of them reach a block follows from the branches
// on the byte alone that lead there.
#include "lowering/GPUBytes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

#include <bitset>

using namespace llvm;

using Cases = std::bitset<256>;

/// Deeper expressions are not looked into.
static constexpr unsigned mostDepth = 6;

static bool isComputed(Value *value) {
  return isa<BinaryOperator, CastInst, ICmpInst, SelectInst>(value) && value->getType()->isIntegerTy();
}

/// True if `value` is computed from constants and one byte; finds that.
static bool dependsOnOne(Value *value, Value *&byte, unsigned depth = 0) {
  if (isa<ConstantInt>(value))
    return true;
  if (isComputed(value))
    return depth < mostDepth && all_of(cast<Instruction>(value)->operands(),
                                       [&](Value *operand) { return dependsOnOne(operand, byte, depth + 1); });
  if (!value->getType()->isIntegerTy(8) || (byte && byte != value))
    return false;
  byte = value;
  return true;
}

/// What is computed from `byte` alone where that is `number`.
static Constant *valueWhere(Value *value, Value *byte, unsigned number, const DataLayout &layout) {
  if (value == byte)
    return ConstantInt::get(byte->getType(), number);
  if (auto *constant = dyn_cast<Constant>(value))
    return constant;
  auto *instruction = cast<Instruction>(value);
  SmallVector<Constant *> operands;
  for (Value *operand : instruction->operands())
    operands.push_back(valueWhere(operand, byte, number, layout));
  if (auto *comparison = dyn_cast<CmpInst>(instruction))
    return ConstantFoldCompareInstOperands(comparison->getPredicate(), operands[0], operands[1], layout);
  return ConstantFoldInstOperands(instruction, operands, layout);
}

namespace {
/// The branches on one byte, and the cases in which each is taken either way.
class ByteBranches {
public:
  ByteBranches(Instruction *byte, ArrayRef<BranchInst *> branches) : byte(byte) {
    const DataLayout &layout = byte->getDataLayout();
    for (BranchInst *branch : branches)
      for (unsigned number = 0; number < 256; ++number)
        if (valueWhere(branch->getCondition(), byte, number, layout)->isOneValue())
          yes[branch].set(number);
    reach();
    forget();
  }

  /// The cases that reach a branch, and of those the ones in which its condition holds.
  std::pair<Cases, Cases> at(BranchInst *branch) {
    Cases cases = reached.lookup(branch->getParent());
    return {cases, cases & yes[branch]};
  }

private:
  /// Follows the byte from where it is through the branches on it, and through blocks of one successor.
  void reach() {
    SmallVector<BasicBlock *> pending{byte->getParent()};
    reached[byte->getParent()].set();
    while (!pending.empty()) {
      BasicBlock *block = pending.pop_back_val();
      auto *branch = dyn_cast<BranchInst>(block->getTerminator());
      if (!branch || (branch->isConditional() && !yes.contains(branch)))
        continue;
      Cases cases = reached[block];
      for (unsigned k = 0; k < branch->getNumSuccessors(); ++k) {
        BasicBlock *next = branch->getSuccessor(k);
        Cases taken = branch->isUnconditional() ? cases : cases & (k == 0 ? yes[branch] : ~yes[branch]);
        Cases sum = reached[next] | taken;
        if (sum != reached[next] || !followed.contains({block, next}))
          pending.push_back(next);
        reached[next] = sum;
        followed.insert({block, next});
      }
    }
  }

  /// Of a block that is entered from elsewhere, too, nothing is known, nor of those behind it.
  void forget() {
    SmallVector<BasicBlock *> pending;
    for (auto [block, cases] : reached) {
      auto isElsewhere = [&](BasicBlock *from) { return !followed.contains({from, block}); };
      if (block != byte->getParent() && any_of(predecessors(block), isElsewhere))
        pending.push_back(block);
    }
    while (!pending.empty()) {
      BasicBlock *block = pending.pop_back_val();
      if (reached.erase(block))
        for (BasicBlock *next : successors(block))
          if (next != byte->getParent() && followed.contains({block, next}))
            pending.push_back(next);
    }
  }

  Instruction *byte;
  DenseMap<BranchInst *, Cases> yes;
  DenseMap<BasicBlock *, Cases> reached;
  DenseSet<std::pair<BasicBlock *, BasicBlock *>> followed;
};
} // namespace

void awg::lowering::decideByBytes(Function &function) {
  MapVector<Instruction *, SmallVector<BranchInst *>> branches;
  for (BasicBlock &block : function) {
    auto *branch = dyn_cast<BranchInst>(block.getTerminator());
    Value *byte = nullptr;
    if (branch && branch->isConditional() && dependsOnOne(branch->getCondition(), byte) && isa_and_nonnull<Instruction>(byte))
      branches[cast<Instruction>(byte)].push_back(branch);
  }
  for (auto &[byte, mine] : branches) {
    if (mine.size() < 2)
      continue;
    ByteBranches cases(byte, mine);
    for (BranchInst *branch : mine) {
      auto [reached, yes] = cases.at(branch);
      if (reached.any() && (yes.none() || yes == reached))
        branch->setCondition(ConstantInt::getBool(branch->getContext(), yes.any()));
    }
  }
}
