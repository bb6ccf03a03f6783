// Makes choices between two long computations branches, in GPU code.
//
// Functions of the library compute both sides of a choice and select one, as SIMD lanes want it. In a GPU's threads a
// branch leaves out the other side where the threads of a warp agree, and ptxas does not go through both sides at once,
// which takes registers for both.
#include "lowering/GPUChoices.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

/// A side of fewer instructions is computed in about the time that a branch takes.
static constexpr unsigned leastInstructions = 8;

using Side = SmallSetVector<Instruction *, 32>;

/// What of a select's block nothing but the select's operand needs, `most` instructions of it at most.
static Side onlyFor(SelectInst *select, Value *operand, size_t most) {
  Side side;
  SmallVector<Value *> pending{operand};
  while (!pending.empty() && side.size() < most) {
    auto *instruction = dyn_cast<Instruction>(pending.pop_back_val());
    if (!instruction || instruction->getParent() != select->getParent() || isa<PHINode>(instruction) ||
        instruction->mayReadOrWriteMemory() || instruction->mayHaveSideEffects())
      continue;
    bool isOnly = all_of(instruction->uses(), [&](Use &use) {
      return use.getUser() == select ? use.get() == operand && use.getOperandNo() != 0
                                     : side.contains(cast<Instruction>(use.getUser()));
    });
    if (isOnly && side.insert(instruction))
      append_range(pending, instruction->operands());
  }
  return side;
}

namespace {
/// Makes branches of the selects of a function.
class Choices {
public:
  explicit Choices(Function &function) {
    SmallVector<SelectInst *> selects;
    for (Instruction &instruction : instructions(function)) {
      places.try_emplace(&instruction, places.size());
      if (auto *select = dyn_cast<SelectInst>(&instruction))
        selects.push_back(select);
    }
    // From the last, so that a choice within a side follows its side.
    for (SelectInst *select : reverse(selects))
      branchFor(select);
  }

private:
  void branchFor(SelectInst *select) {
    Value *yes = select->getTrueValue(), *no = select->getFalseValue();
    if (yes == no || !select->getCondition()->getType()->isIntegerTy())
      return;
    for (Value *value : {yes, no})
      if (onlyFor(select, value, leastInstructions).size() < leastInstructions)
        return;
    Side ifTrue = onlyFor(select, yes, SIZE_MAX), ifFalse = onlyFor(select, no, SIZE_MAX);
    IRBuilder<> builder(select);
    Instruction *thenEnd, *elseEnd;
    SplitBlockAndInsertIfThenElse(builder.CreateFreeze(select->getCondition()), select->getIterator(), &thenEnd, &elseEnd);
    moveTo(thenEnd, std::move(ifTrue));
    moveTo(elseEnd, std::move(ifFalse));
    builder.SetInsertPoint(select);
    PHINode *chosen = builder.CreatePHI(select->getType(), 2);
    chosen->addIncoming(yes, thenEnd->getParent());
    chosen->addIncoming(no, elseEnd->getParent());
    chosen->takeName(select);
    select->replaceAllUsesWith(chosen);
    select->eraseFromParent();
  }

  void moveTo(Instruction *terminator, Side side) {
    SmallVector<Instruction *> instructions = side.takeVector();
    sort(instructions, [&](Instruction *left, Instruction *right) { return places.at(left) < places.at(right); });
    for (Instruction *instruction : instructions)
      instruction->moveBefore(terminator->getIterator());
  }

  DenseMap<Instruction *, size_t> places; ///< in the function as it was
};
} // namespace

void awg::lowering::branchForChoices(Function &function) { Choices choices(function); }
