// Looks the elements of arrays up once a loop, not once an access.
#include "driver/HoistElements.h"
#include "driver/SplitCoroutines.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/LoopIterator.h"
#include "llvm/Analysis/MemoryLocation.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"

using namespace llvm;

namespace {

constexpr StringRef quietAttribute = "awg-quiet";

/// Loops that write to more places than this beside elements are left as they are.
constexpr size_t mostWriters = 32;

/// Functions of the runtime after which elements are where they were.
bool isQuietInRuntime(StringRef name) {
  static const StringSet<> names = {
      "awgrt_array_bring",  "awgrt_array_create",   "awgrt_array_create_uninit", "awgrt_array_data",    "awgrt_array_fill",
      "awgrt_array_find",   "awgrt_array_lost",     "awgrt_array_reach",         "awgrt_array_release", "awgrt_array_view",
      "awgrt_bytes",        "awgrt_error_create",   "awgrt_error_from_str",      "awgrt_error_message", "awgrt_print",
      "awgrt_error_release", "awgrt_eprint",        "awgrt_now",                 "awgrt_str_compare",   "awgrt_str_concat",
      "awgrt_str_format",   "awgrt_str_from_c",     "awgrt_str_release",         "awgrt_str_retain"};
  return names.contains(name);
}

bool isQuiet(const CallBase &call) {
  if (auto *intrinsic = dyn_cast<IntrinsicInst>(&call))
    return !intrinsic->getCalledFunction()->getName().starts_with("llvm.coro.");
  const Function *callee = call.getCalledFunction();
  return callee && (callee->hasFnAttribute(quietAttribute) || callee->doesNotAccessMemory() ||
                    (callee->isDeclaration() && isQuietInRuntime(callee->getName())));
}

bool looksUpElements(const Value *value) {
  auto *call = dyn_cast<CallInst>(value);
  StringRef name = call && call->getCalledFunction() ? call->getCalledFunction()->getName() : "";
  return name == "awgrt_array_data" || name == "awgrt_array_find" || name == "awgrt_array_bring";
}

/// Whether `pointer` points to an element, and so to no variable.
bool pointsToElement(const Value *pointer) { return looksUpElements(getUnderlyingObject(pointer, /*MaxLookup=*/0)); }

class Hoister {
public:
  Hoister(Function &function, LoopInfo &loops, AAResults &aliases)
      : layout(function.getDataLayout()), loops(loops), aliases(aliases) {
    for (Instruction &instruction : instructions(function)) {
      auto *call = dyn_cast<CallBase>(&instruction);
      if (!call)
        continue;
      if (!isQuiet(*call))
        noisy.insert(call->getParent());
      if (looksUpElements(call))
        arrays.insert(call->getArgOperand(0));
    }
  }

  bool hasArrays() const { return !arrays.empty(); }
  bool isNoisy() const { return !noisy.empty(); }

  void run() {
    for (Loop *loop : loops.getLoopsInPreorder())
      if (loop->getLoopPreheader() && none_of(loop->blocks(), [&](BasicBlock *block) { return noisy.contains(block); }))
        hoistFrom(*loop);
  }

private:
  void hoistFrom(Loop &loop);
  void hoistData(Loop &loop, CallInst &call);
  void hoistField(Loop &loop, LoadInst &load);
  /// Whether `value` is, or could be made, one that the loop does not change.
  bool makeInvariant(Loop &loop, Value *value);
  bool makeInvariant(Loop &loop, LoadInst &load);
  /// Whether the loop may write what the load reads: a variable, not an element.
  bool isWritten(const LoadInst &load);
  bool writes(Instruction &writer, const MemoryLocation &variable);
  void moveOut(Loop &loop, Instruction &instruction);
  /// Moves the load out, or has the one of the same place used that was moved before.
  void share(Loop &loop, LoadInst &load);

  using Place = std::pair<const Value *, int64_t>;
  Place placeOf(const Value *pointer) const {
    APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
    const Value *base = pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
    return {base, offset.getSExtValue()};
  }

  const DataLayout &layout;
  LoopInfo &loops;
  AAResults &aliases;
  SmallPtrSet<BasicBlock *, 16> noisy;
  SmallPtrSet<const Value *, 16> arrays;
  // Of the loop at hand:
  SmallVector<Instruction *, 8> writers; ///< to other places than elements
  DenseMap<std::pair<Place, Type *>, LoadInst *> loaded;
  DenseMap<std::pair<const Value *, const Value *>, CallInst *> data; ///< by array and function
  SmallPtrSet<const Value *, 8> lookedUp;                            ///< arrays
};

void Hoister::hoistFrom(Loop &loop) {
  writers.clear();
  loaded.clear();
  data.clear();
  lookedUp.clear();
  SmallVector<Instruction *> calls, fields;
  LoopBlocksRPO blocks(&loop);
  blocks.perform(&loops);
  for (BasicBlock *block : blocks)
    for (Instruction &instruction : *block) {
      if (looksUpElements(&instruction))
        calls.push_back(&instruction);
      else if (auto *load = dyn_cast<LoadInst>(&instruction))
        fields.push_back(load);
      else if (auto *store = dyn_cast<StoreInst>(&instruction)) {
        if (!pointsToElement(store->getPointerOperand()))
          writers.push_back(store);
      } else if (instruction.mayWriteToMemory())
        writers.push_back(&instruction);
    }
  for (Instruction *call : calls)
    hoistData(loop, *cast<CallInst>(call));
  for (Instruction *load : fields)
    hoistField(loop, *cast<LoadInst>(load));
}

void Hoister::hoistData(Loop &loop, CallInst &call) {
  if (!makeInvariant(loop, call.getArgOperand(0)))
    return;
  lookedUp.insert(call.getArgOperand(0));
  CallInst *&first = data[{call.getArgOperand(0), call.getCalledOperand()}];
  if (!first) {
    first = &call;
    moveOut(loop, call);
    return;
  }
  // What is written may be read too.
  if (!cast<Constant>(call.getArgOperand(1))->isNullValue())
    first->setArgOperand(1, call.getArgOperand(1));
  call.replaceAllUsesWith(first);
  call.eraseFromParent();
}

/// An extent or a stride: they never change.
void Hoister::hoistField(Loop &loop, LoadInst &load) {
  if (!loop.contains(&load)) // moved as part of another
    return;
  auto baseOf = [&] { return placeOf(load.getPointerOperand()).first; };
  // The variable may have been loaded apart from where its elements were looked up.
  if (auto *variable = dyn_cast<LoadInst>(baseOf()); variable && loop.contains(variable)) {
    auto known = loaded.find({placeOf(variable->getPointerOperand()), variable->getType()});
    if (known == loaded.end() || !lookedUp.contains(known->second))
      return;
    const_cast<LoadInst *>(variable)->replaceAllUsesWith(known->second);
  }
  if (!load.isSimple() || !lookedUp.contains(baseOf()) || !makeInvariant(loop, load.getPointerOperand()))
    return;
  share(loop, load);
}

bool Hoister::makeInvariant(Loop &loop, Value *value) {
  if (loop.isLoopInvariant(value))
    return true;
  auto *instruction = cast<Instruction>(value);
  if (auto *load = dyn_cast<LoadInst>(instruction))
    return makeInvariant(loop, *load);
  if (!isa<GetElementPtrInst>(instruction) || !all_of(instruction->operands(), [&](Use &operand) {
        return makeInvariant(loop, operand.get());
      }))
    return false;
  moveOut(loop, *instruction);
  return true;
}

bool Hoister::makeInvariant(Loop &loop, LoadInst &load) {
  const Value *base = placeOf(load.getPointerOperand()).first;
  bool isVariable = isa<AllocaInst>(base) || isa<Argument>(base);
  if (!load.isSimple() || !isVariable || arrays.contains(base) || isWritten(load) ||
      !makeInvariant(loop, load.getPointerOperand()))
    return false;
  share(loop, load);
  return true;
}

bool Hoister::isWritten(const LoadInst &load) {
  if (writers.size() > mostWriters)
    return true;
  MemoryLocation variable = MemoryLocation::get(&load);
  return any_of(writers, [&](Instruction *writer) { return writes(*writer, variable); });
}

bool Hoister::writes(Instruction &writer, const MemoryLocation &variable) {
  auto *call = dyn_cast<CallBase>(&writer);
  const Function *callee = call ? call->getCalledFunction() : nullptr;
  if (!callee || callee->isIntrinsic() || !isQuietInRuntime(callee->getName()))
    return isModSet(aliases.getModRefInfo(&writer, variable));
  // The runtime writes to variables that it is given alone.
  return any_of(call->args(), [&](const Use &argument) {
    return argument->getType()->isPointerTy() &&
           !aliases.isNoAlias(MemoryLocation::getBeforeOrAfter(argument.get()), MemoryLocation::getBeforeOrAfter(variable.Ptr));
  });
}

void Hoister::moveOut(Loop &loop, Instruction &instruction) {
  instruction.moveBefore(loop.getLoopPreheader()->getTerminator()->getIterator());
  instruction.setDebugLoc({});
}

void Hoister::share(Loop &loop, LoadInst &load) {
  auto [known, isNew] = loaded.try_emplace({placeOf(load.getPointerOperand()), load.getType()}, &load);
  if (isNew)
    moveOut(loop, load);
  else
    load.replaceAllUsesWith(known->second);
}

/// Says that no element lies in the frame of a task: loops keep the task's variables in registers.
void separateFromFrame(Function &function) {
  if (!function.hasFnAttribute(awg::frameAttribute))
    return;
  const Argument *frame = function.getArg(0);
  MDBuilder metadata(function.getContext());
  MDNode *domain = metadata.createAnonymousAliasScopeDomain("awg");
  MDNode *elements = MDNode::get(function.getContext(), metadata.createAnonymousAliasScope(domain, "elements"));
  for (Instruction &instruction : instructions(function)) {
    const Value *pointer = getLoadStorePointerOperand(&instruction);
    if (!pointer)
      continue;
    const Value *object = getUnderlyingObject(pointer, /*MaxLookup=*/0);
    unsigned kind = object == frame           ? LLVMContext::MD_noalias
                    : looksUpElements(object) ? LLVMContext::MD_alias_scope
                                              : 0;
    if (kind)
      instruction.setMetadata(kind, MDNode::concatenate(instruction.getMetadata(kind), elements));
  }
}

} // namespace

PreservedAnalyses awg::HoistElementsPass::run(Function &function, FunctionAnalysisManager &analyses) {
  LoopInfo &loops = analyses.getResult<LoopAnalysis>(function);
  DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
  Hoister hoister(function, loops, analyses.getResult<AAManager>(function));
  if (!hoister.isNoisy())
    function.addFnAttr(quietAttribute);
  if (loops.empty() || !hoister.hasArrays())
    return PreservedAnalyses::all();
  for (Loop *loop : loops)
    simplifyLoop(loop, &dominators, &loops, nullptr, nullptr, nullptr, /*PreserveLCSSA=*/false);
  hoister.run();
  separateFromFrame(function);
  analyses.invalidate(function, PreservedAnalyses::none());
  FunctionPassManager passes;
  passes.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(createFunctionToLoopPassAdaptor(LICMPass(LICMOptions()), /*UseMemorySSA=*/true));
  passes.run(function, analyses);
  return PreservedAnalyses::none();
}
