// Splits coroutines ahead of LLVM's own pipeline, whose way of doing it is quadratic in a coroutine's length twice
// over: it computes again, behind each suspension, whatever arithmetic leads to a value that lives across it (sums of
// awaited values are chains of it), and variables that became values before meet in every block that releases them.
#include "driver/SplitCoroutines.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/Transforms/Coroutines/CoroEarly.h"
#include "llvm/Transforms/Coroutines/CoroSplit.h"
#include "llvm/Transforms/Scalar/DCE.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SCCP.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace llvm;

/// Values are kept in the frame, but for addresses: those are as quickly computed as loaded.
static bool isComputedAgain(Instruction &instruction) { return isa<GetElementPtrInst>(instruction); }

/// Variables times suspensions, beyond which variables stay in memory until the coroutine is split.
static constexpr uint64_t mostMeetings = 1 << 13;

static bool isLarge(Function &function) {
  uint64_t variables = 0, suspensions = 0;
  for (Instruction &instruction : instructions(function)) {
    variables += isa<AllocaInst>(instruction);
    auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction);
    suspensions += intrinsic && intrinsic->getIntrinsicID() == Intrinsic::coro_suspend;
  }
  return variables * suspensions > mostMeetings;
}

static void simplify(Function &function, FunctionAnalysisManager &analyses) {
  FunctionPassManager passes;
  // A descriptor of a variable that nothing needs any more would keep it in memory.
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/false));
  passes.addPass(DCEPass());
  if (!isLarge(function))
    passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/false));
  passes.addPass(SimplifyCFGPass());
  analyses.invalidate(function, passes.run(function, analyses));
}

/// A part of a coroutine starts as all of it. SimplifyCFG would drop what cannot be reached suspension by suspension.
static void dropDeadParts(Function &part, FunctionAnalysisManager &analyses) {
  analyses.invalidate(part, SCCPPass().run(part, analyses));
}

/// Cases of a switch, beyond which the way into a part of a coroutine goes over several.
static constexpr unsigned mostCases = 64;

/// Has the switch that a part begins with lead to switches of fewer cases, chosen by the upper bits of the same number: LLVM
/// looks at all cases of a switch for each block that comes after it.
static void splitSwitch(SwitchInst &all) {
  BasicBlock *other = all.getDefaultDest();
  if (all.getNumCases() <= mostCases || !other->phis().empty())
    return;
  Value *number = all.getCondition();
  LLVMContext &context = all.getContext();
  IRBuilder<> builder(&all);
  SwitchInst *top = builder.CreateSwitch(builder.CreateLShr(number, Log2_32(mostCases)), other);
  DenseMap<uint64_t, SwitchInst *> groups;
  for (auto &entry : all.cases()) {
    APInt group = entry.getCaseValue()->getValue().lshr(Log2_32(mostCases));
    SwitchInst *&part = groups[group.getZExtValue()];
    if (!part) {
      auto *block = BasicBlock::Create(context, "", all.getFunction(), all.getParent()->getNextNode());
      part = IRBuilder<>(block).CreateSwitch(number, other);
      top->addCase(ConstantInt::get(context, group), block);
    }
    part->addCase(entry.getCaseValue(), entry.getCaseSuccessor());
    for (PHINode &phi : entry.getCaseSuccessor()->phis())
      phi.setIncomingBlock(phi.getBasicBlockIndex(all.getParent()), part->getParent());
  }
  all.eraseFromParent();
  splitSwitch(*top);
}

void awg::splitCoroutines(Module &module, FunctionAnalysisManager &functions, ModuleAnalysisManager &modules) {
  bool any = false;
  SmallPtrSet<const Function *, 16> whole;
  for (Function &function : module) {
    whole.insert(&function);
    if (function.isPresplitCoroutine()) {
      simplify(function, functions);
      any = true;
    }
  }
  if (!any)
    return;
  ModulePassManager passes;
  passes.addPass(CoroEarlyPass());
  passes.addPass(createModuleToPostOrderCGSCCPassAdaptor(CoroSplitPass(isComputedAgain, /*OptimizeFrame=*/true)));
  passes.run(module, modules);
  for (Function &function : module)
    if (!function.isDeclaration() && !whole.contains(&function)) {
      function.addFnAttr(frameAttribute);
      dropDeadParts(function, functions);
      BasicBlock *block = &function.getEntryBlock();
      if (BasicBlock *next = block->getSingleSuccessor())
        block = next;
      if (auto *all = dyn_cast<SwitchInst>(block->getTerminator())) {
        splitSwitch(*all);
        functions.invalidate(function, PreservedAnalyses::none());
      }
    }
}
