// Leaves out the bounds checks of GPU code that cannot fail.
//
// A check is a comparison of a subscript with an extent. That the places of an index are within their extents, and what the conditions
// around the check say, often decides it: LLVM's ranges and linear constraints find out, given what they would not see by themselves.
// That takes the conditions as the program has them; LLVM's simplifications, which come later, take them apart: `r == 0` becomes
// `index < columns`.
#include "lowering/GPUChecks.h"
#include "lowering/GPUBytes.h"

#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Scalar/ConstraintElimination.h"
#include "llvm/Transforms/Scalar/CorrelatedValuePropagation.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace llvm::PatternMatch;

static SmallVector<AssumeInst *> assumptions(Function &kernel) {
  SmallVector<AssumeInst *> found;
  for (Instruction &instruction : instructions(kernel))
    if (auto *assumption = dyn_cast<AssumeInst>(&instruction))
      found.push_back(assumption);
  return found;
}

/// Of a place i in an extent n: i == n - 1 is i >= n - 1, as of what is unequal no side is known; n - i and n - 1 - i do not wrap.
static void explainPlace(Value *place, Value *extent) {
  auto last = m_CombineOr(m_Sub(m_Specific(extent), m_One()), m_Add(m_Specific(extent), m_AllOnes()));
  for (User *user : place->users()) {
    if (match(user, m_Sub(m_CombineOr(m_Specific(extent), last), m_Specific(place))))
      cast<BinaryOperator>(user)->setHasNoUnsignedWrap();
    auto *comparison = dyn_cast<ICmpInst>(user);
    if (!comparison || !comparison->isEquality())
      continue;
    if (match(comparison->getOperand(0), last))
      comparison->swapOperands();
    if (match(comparison->getOperand(1), last))
      comparison->setPredicate(comparison->getPredicate() == CmpInst::ICMP_EQ ? CmpInst::ICMP_UGE : CmpInst::ICMP_ULT);
  }
}

/// A number that a loop only takes down stays at or below where it began, so that the difference does not wrap. True if
/// this is one.
static bool explainFall(PHINode &number, const DominatorTree &dominators) {
  Value *start = nullptr;
  bool falls = false;
  for (auto [value, from] : zip(number.incoming_values(), number.blocks())) {
    if (match(value.get(), m_NUWSub(m_Specific(&number), m_Value())) && dominators.dominates(number.getParent(), from))
      falls = true;
    else if (start && start != value)
      return false;
    else
      start = value;
  }
  if (!falls || !start)
    return false;
  IRBuilder<> builder(number.getParent(), number.getParent()->getFirstInsertionPt());
  builder.CreateAssumption(builder.CreateICmpULE(&number, start));
  for (User *user : number.users())
    if (match(user, m_Sub(m_Specific(start), m_Specific(&number))))
      cast<BinaryOperator>(user)->setHasNoUnsignedWrap();
  return true;
}

/// They would hold on to divisions that nothing else needs.
static void dropAssumptions(Function &kernel) {
  for (AssumeInst *assumption : assumptions(kernel)) {
    Value *condition = assumption->getArgOperand(0);
    assumption->eraseFromParent();
    RecursivelyDeleteTriviallyDeadInstructions(condition);
  }
}

void awg::lowering::leaveOutChecks(Function &kernel, FunctionAnalysisManager &analyses) {
  FunctionPassManager simplify, decide;
  simplify.addPass(SROAPass(SROAOptions::PreserveCFG));
  simplify.addPass(EarlyCSEPass());
  simplify.addPass(SimplifyCFGPass());
  decide.addPass(CorrelatedValuePropagationPass());
  decide.addPass(ConstraintEliminationPass());
  simplify.run(kernel, analyses);
  for (AssumeInst *assumption : assumptions(kernel)) {
    Value *place, *extent;
    if (match(assumption->getArgOperand(0), m_SpecificICmp(CmpInst::ICMP_ULT, m_Value(place), m_Value(extent))))
      explainPlace(place, extent);
  }
  analyses.invalidate(kernel, PreservedAnalyses::none());
  decide.run(kernel, analyses);
  const DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(kernel);
  bool isAnyFalling = false;
  for (BasicBlock &block : kernel)
    for (PHINode &number : block.phis())
      isAnyFalling |= number.getType()->isIntegerTy(64) && explainFall(number, dominators);
  if (isAnyFalling) {
    analyses.invalidate(kernel, PreservedAnalyses::none());
    decide.run(kernel, analyses);
  }
  decideByBytes(kernel);
  dropAssumptions(kernel);
  analyses.invalidate(kernel, PreservedAnalyses::none());
}
