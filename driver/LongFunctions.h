// Keeps the time that LLVM takes linear in the length of a function.
#ifndef AWG_DRIVER_LONGFUNCTIONS_H
#define AWG_DRIVER_LONGFUNCTIONS_H

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/OptBisect.h"
#include "llvm/IR/PassManager.h"

namespace awg {

/// Has LLVM leave many releases in a function as they are. Two ways out of a function release the same values one after the
/// other; SimplifyCFG would merge them one by one and look at the whole function each time. Nor is a long function searched for
/// calls at its end, which follows each variable to wherever a call that sees it may lead. Before everything else.
struct LongFunctionStartPass : llvm::PassInfoMixin<LongFunctionStartPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

/// In a long function, keeps in memory what would be alive in very many blocks or comes from very many: the allocator of
/// registers, and what leads up to it, visit each block that a value is alive in, and all places where a register is written
/// at each of them. Keeps calls apart too: ends of blocks that are alike are merged a hundred at a time, with a look at the
/// whole function each time. After everything else.
struct LongFunctionEndPass : llvm::PassInfoMixin<LongFunctionEndPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

/// While it lives, LLVM leaves out for the long functions of an optimised module the passes over the machine's code that look
/// at all uses of a value at each of them. What they would gain there, those before them have gained for the most part.
class LongFunctionGate : public llvm::OptPassGate {
public:
  explicit LongFunctionGate(llvm::Module &module);
  ~LongFunctionGate() override;

  bool shouldRunPass(llvm::StringRef pass, llvm::StringRef function) const override;
  bool isEnabled() const override { return !longFunctions.empty(); }

private:
  llvm::LLVMContext &context;
  llvm::OptPassGate &before;
  llvm::StringSet<> longFunctions; ///< as LLVM describes them: "function (NAME)"
};

} // namespace awg

#endif // AWG_DRIVER_LONGFUNCTIONS_H
