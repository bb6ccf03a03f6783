// Looks at the state of an array in place, before the runtime is asked for its elements.
#include "driver/InlineLookups.h"

#include "awg/awgrt.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace {

enum class Lookup { None, Elements, Failure };

Lookup lookupOf(const Instruction &instruction) {
  auto *call = dyn_cast<CallInst>(&instruction);
  if (!call || !call->getCalledFunction())
    return Lookup::None;
  return StringSwitch<Lookup>(call->getCalledFunction()->getName())
      .Cases({"awgrt_array_data", "awgrt_array_find", "awgrt_array_bring"}, Lookup::Elements)
      .Case("awgrt_array_reach", Lookup::Failure)
      .Default(Lookup::None);
}

/// Whether the host may do with the elements what it wants to, by the buffer's first word.
Value *needsRuntime(IRBuilder<> &builder, Value *array, Value *write) {
  Value *field = builder.CreateConstGEP1_64(builder.getInt8Ty(), array, offsetof(awgrt_array, buffer));
  Value *buffer = builder.CreateLoad(builder.getPtrTy(), field);
  LoadInst *state = builder.CreateAlignedLoad(builder.getInt32Ty(), buffer, Align(4));
  state->setAtomic(AtomicOrdering::Acquire);
  Value *allowed = builder.CreateZExt(builder.CreateICmpEQ(write, builder.getInt32(0)), builder.getInt32Ty());
  return builder.CreateICmpUGT(state, allowed);
}

/// Moves the call behind a condition; `otherwise` stands for what it gives if that does not hold.
PHINode *guard(CallInst &call, Value *condition, Value *otherwise) {
  MDNode *weights = MDBuilder(call.getContext()).createUnlikelyBranchWeights();
  BasicBlock *before = call.getParent();
  Instruction *end = SplitBlockAndInsertIfThen(condition, call.getIterator(), /*Unreachable=*/false, weights);
  PHINode *result = PHINode::Create(call.getType(), 2, "", call.getParent()->begin());
  call.replaceAllUsesWith(result);
  call.moveBefore(end->getIterator());
  result->addIncoming(&call, end->getParent());
  result->addIncoming(otherwise, before);
  return result;
}

/// Compares what the call gives with null where it is called: the other case is known.
void compareApart(CallInst &call, PHINode &result) {
  for (User *user : make_early_inc_range(result.users())) {
    CmpPredicate predicate;
    if (!PatternMatch::match(user, PatternMatch::m_ICmp(predicate, PatternMatch::m_Specific(&result), PatternMatch::m_Zero())) ||
        !ICmpInst::isEquality(predicate))
      continue;
    Value *otherwise = result.getIncomingValue(1);
    auto *known = ConstantInt::getBool(call.getContext(), isa<ConstantPointerNull>(otherwise) == (predicate == ICmpInst::ICMP_EQ));
    auto *compared = new ICmpInst(std::next(call.getIterator()), predicate, &call, Constant::getNullValue(call.getType()));
    PHINode *outcome = PHINode::Create(compared->getType(), 2, "", result.getIterator());
    for (auto [block, value] : zip(result.blocks(), result.incoming_values()))
      outcome->addIncoming(value == &call ? static_cast<Value *>(compared) : known, block);
    user->replaceAllUsesWith(outcome);
    cast<Instruction>(user)->eraseFromParent();
  }
}

void inlineLookup(CallInst &call) {
  IRBuilder<> builder(&call);
  if (lookupOf(call) == Lookup::Elements) {
    Value *condition = needsRuntime(builder, call.getArgOperand(0), call.getArgOperand(1));
    Value *data = builder.CreateLoad(builder.getPtrTy(), call.getArgOperand(0));
    compareApart(call, *guard(call, condition, data));
    return;
  }
  Value *array = call.getArgOperand(1), *none = Constant::getNullValue(call.getType());
  compareApart(call, *guard(call, builder.CreateIsNotNull(array), none));
  builder.SetInsertPoint(&call);
  compareApart(call, *guard(call, needsRuntime(builder, array, call.getArgOperand(2)), none));
}

} // namespace

PreservedAnalyses awg::InlineLookupsPass::run(Function &function, FunctionAnalysisManager &) {
  SmallVector<CallInst *> calls;
  for (Instruction &instruction : instructions(function))
    if (lookupOf(instruction) != Lookup::None)
      calls.push_back(cast<CallInst>(&instruction));
  for (CallInst *call : calls)
    inlineLookup(*call);
  return calls.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
