// Keeps the time that LLVM takes linear in the length of a function.
#include "driver/LongFunctions.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

/// Functions of fewer blocks are not long.
static constexpr size_t fewestBlocks = 1024;

//===-- Releases --------------------------------------------------------------------------------------------------===//

/// Functions with more releases keep them apart.
static constexpr size_t mostReleases = 64;

static bool isRelease(const Instruction &instruction) {
  auto *call = dyn_cast<CallInst>(&instruction);
  const Function *callee = call ? call->getCalledFunction() : nullptr;
  return callee && callee->getName().starts_with("awgrt_") && callee->getName().ends_with("_release");
}

PreservedAnalyses awg::LongFunctionStartPass::run(Function &function, FunctionAnalysisManager &) {
  SmallVector<CallInst *> releases;
  for (Instruction &instruction : instructions(function))
    if (isRelease(instruction))
      releases.push_back(cast<CallInst>(&instruction));
  if (releases.size() > mostReleases)
    for (CallInst *release : releases)
      release->addFnAttr(Attribute::NoMerge);
  if (function.size() >= fewestBlocks / 4) // what it calls is still to be inlined
    function.addFnAttr("disable-tail-calls", "true");
  return PreservedAnalyses::all();
}

//===-- Blocks and values -----------------------------------------------------------------------------------------===//

/// How many values may be alive in a block, on the average.
static constexpr uint64_t mostAlive = 32;
/// Of how many values a block may take one, by where it was come from.
static constexpr unsigned mostIncoming = 64;
/// What is alive in fewer blocks stays in a register.
static constexpr unsigned shortLife = 64;

namespace {

class Lives {
public:
  Lives(Function &function, const LoopInfo &loops) : function(function), loops(loops) {
    for (BasicBlock *block : ReversePostOrderTraversal<Function *>(&function))
      position.try_emplace(block, position.size());
  }

  void shorten();

private:
  /// About how many blocks the value is alive in; 0 if it is to stay in a register.
  unsigned lengthOf(Instruction &value) const;
  /// Where a register that holds the value for this use would be filled: the use's block, or ahead of the loop around it.
  BasicBlock *placeOf(const Use &use) const;
  /// Has each use in another block use what `make` makes at the beginning of its place.
  void replace(Instruction &value, function_ref<Value *(IRBuilder<> &)> make);
  void computeAgain(GetElementPtrInst &address);
  void keepInMemory(Instruction &value);

  Function &function;
  const LoopInfo &loops;
  DenseMap<const BasicBlock *, unsigned> position; ///< in an order in which, loops aside, definitions precede uses
};

void Lives::shorten() {
  for (Instruction &instruction : make_early_inc_range(instructions(function)))
    if (auto *address = dyn_cast<GetElementPtrInst>(&instruction))
      if (address->hasAllConstantIndices() && lengthOf(*address) > shortLife)
        computeAgain(*address);
  SmallVector<Instruction *> longLived;
  uint64_t alive = 0;
  for (Instruction &instruction : instructions(function))
    if (unsigned length = lengthOf(instruction); length > shortLife) {
      longLived.push_back(&instruction);
      alive += length;
    }
  if (alive > mostAlive * function.size())
    for (Instruction *value : longLived)
      keepInMemory(*value);
}

BasicBlock *Lives::placeOf(const Use &use) const {
  auto *user = cast<Instruction>(use.getUser());
  auto *phi = dyn_cast<PHINode>(user);
  BasicBlock *block = phi ? phi->getIncomingBlock(use) : user->getParent();
  const Loop *loop = loops.getLoopFor(block);
  return loop ? loop->getOutermostLoop()->getLoopPreheader() : block;
}

unsigned Lives::lengthOf(Instruction &value) const {
  if (isa<AllocaInst>(value) || !value.getType()->isSized() || loops.getLoopFor(value.getParent()))
    return 0;
  unsigned begin = position.lookup(value.getParent()), end = begin;
  for (const Use &use : value.uses()) {
    const BasicBlock *place = placeOf(use);
    if (!place)
      return 0;
    end = std::max(end, position.lookup(place));
  }
  return end - begin;
}

void Lives::replace(Instruction &value, function_ref<Value *(IRBuilder<> &)> make) {
  DenseMap<BasicBlock *, Value *> made;
  for (Use &use : make_early_inc_range(value.uses())) {
    BasicBlock *place = placeOf(use);
    if (place == value.getParent())
      continue;
    Value *&again = made[place];
    if (!again) {
      IRBuilder<> builder(place, place->getFirstInsertionPt());
      again = make(builder);
    }
    use.set(again);
  }
}

void Lives::computeAgain(GetElementPtrInst &address) {
  replace(address, [&](IRBuilder<> &builder) { return builder.Insert(address.clone()); });
}

void Lives::keepInMemory(Instruction &value) {
  BasicBlock &entry = function.getEntryBlock();
  AllocaInst *slot = IRBuilder<>(&entry, entry.begin()).CreateAlloca(value.getType());
  replace(value, [&](IRBuilder<> &builder) { return builder.CreateLoad(value.getType(), slot); });
  IRBuilder<>(value.getParent(), *value.getInsertionPointAfterDef()).CreateStore(&value, slot);
}

} // namespace

PreservedAnalyses awg::LongFunctionEndPass::run(Function &function, FunctionAnalysisManager &analyses) {
  if (function.size() < fewestBlocks)
    return PreservedAnalyses::all();
  for (Instruction &instruction : instructions(function))
    if (auto *call = dyn_cast<CallInst>(&instruction))
      call->addFnAttr(Attribute::NoMerge);
  for (BasicBlock &block : function)
    for (PHINode &phi : make_early_inc_range(block.phis()))
      if (phi.getNumIncomingValues() > mostIncoming)
        DemotePHIToStack(&phi);
  Lives(function, analyses.getResult<LoopAnalysis>(function)).shorten();
  PreservedAnalyses preserved;
  preserved.preserveSet<CFGAnalyses>();
  return preserved;
}

//===-- LLVM's passes ---------------------------------------------------------------------------------------------===//

awg::LongFunctionGate::LongFunctionGate(Module &module)
    : context(module.getContext()), before(context.getOptPassGate()) {
  for (const Function &function : module)
    if (function.size() >= fewestBlocks)
      longFunctions.insert(("function (" + function.getName() + ")").str());
  context.setOptPassGate(*this);
}

awg::LongFunctionGate::~LongFunctionGate() { context.setOptPassGate(before); }

bool awg::LongFunctionGate::shouldRunPass(StringRef pass, StringRef function) const {
  static const StringSet<> leftOut = {"machine-cse", "machine-sink"};
  return !leftOut.contains(pass) || !longFunctions.contains(function);
}
