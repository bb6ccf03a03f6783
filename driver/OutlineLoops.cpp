// Gives the loops of a function that has very many of them functions of their own.
#include "driver/OutlineLoops.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/CodeExtractor.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

/// How many loops may stand beside each other.
static constexpr size_t mostLoops = 64;

/// Those of the loops, and of the loops in them, that stand beside too many others.
static void collect(ArrayRef<Loop *> loops, SmallVectorImpl<Loop *> &outlined) {
  if (loops.size() > mostLoops)
    return outlined.append(loops.begin(), loops.end());
  for (Loop *loop : loops)
    collect(loop->getSubLoops(), outlined);
}

/// Has the loop use copies of what it takes from outside: to extract a loop is to look at all users of that, in other loops too.
static void isolate(Loop &loop) {
  BasicBlock *preheader =
      InsertPreheaderForLoop(&loop, /*DT=*/nullptr, /*LI=*/nullptr, /*MSSAU=*/nullptr, /*PreserveLCSSA=*/false);
  if (!preheader)
    return;
  DenseMap<Value *, Value *> copies;
  for (BasicBlock *block : loop.blocks())
    for (Instruction &instruction : *block)
      for (Use &operand : instruction.operands()) {
        auto *defined = dyn_cast<Instruction>(operand);
        bool isOutside = defined ? !loop.contains(defined) : isa<Argument>(operand);
        Type *type = operand->getType();
        if (!isOutside || isa<AllocaInst>(operand) || !CastInst::castIsValid(Instruction::BitCast, type, type))
          continue; // the life of a variable is told of itself, not of a copy
        Value *&copy = copies[operand];
        if (!copy)
          copy = new BitCastInst(operand, type, "", preheader->getTerminator()->getIterator());
        operand.set(copy);
      }
}

/// Adds the functions made to `functions`, for the loops in those loops. Returns whether the function has loops.
static bool outlineLoops(Function &function, const LoopInfo &loops, SmallVectorImpl<Function *> &functions) {
  SmallVector<Loop *> outlined;
  collect(loops.getTopLevelLoops(), outlined);
  if (!outlined.empty()) {
    CodeExtractorAnalysisCache cache(function);
    for (Loop *loop : outlined) {
      isolate(*loop);
      CodeExtractor extractor(loop->getBlocks(), /*DT=*/nullptr, /*AggregateArgs=*/false, /*BFI=*/nullptr, /*BPI=*/nullptr,
                              /*AC=*/nullptr, /*AllowVarArgs=*/false, /*AllowAlloca=*/false, /*AllocationBlock=*/nullptr,
                              /*Suffix=*/"loop");
      if (Function *made = extractor.extractCodeRegion(cache)) {
        made->addFnAttr(Attribute::NoInline);
        functions.push_back(made);
      }
    }
  }
  return !loops.empty();
}

/// Has no more than `mostLoops` calls in a function inlined that bring loops with them.
static void keepCalls(SetVector<Function *> &withLoops) {
  MapVector<Function *, SmallVector<CallBase *>> calls;
  for (size_t k = 0; k < withLoops.size(); ++k)
    for (User *user : withLoops[k]->users())
      if (auto *call = dyn_cast<CallBase>(user); call && call->getCalledOperand() == withLoops[k]) {
        calls[call->getFunction()].push_back(call);
        withLoops.insert(call->getFunction());
      }
  for (auto &[caller, callsOfCaller] : calls)
    if (callsOfCaller.size() > mostLoops)
      for (CallBase *call : callsOfCaller)
        call->setIsNoInline();
}

PreservedAnalyses awg::OutlineLoopsPass::run(Module &module, ModuleAnalysisManager &modules) {
  FunctionAnalysisManager &analyses = modules.getResult<FunctionAnalysisManagerModuleProxy>(module).getManager();
  SmallVector<Function *> functions;
  for (Function &function : module)
    if (!function.isDeclaration())
      functions.push_back(&function);
  size_t before = functions.size();
  SetVector<Function *> withLoops;
  for (size_t k = 0; k < functions.size(); ++k)
    if (outlineLoops(*functions[k], analyses.getResult<LoopAnalysis>(*functions[k]), functions))
      withLoops.insert(functions[k]);
  keepCalls(withLoops);
  return functions.size() == before ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
