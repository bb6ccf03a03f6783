// Keeps the time that LLVM takes linear in the length of a function.
#ifndef AWG_DRIVER_LONGFUNCTIONS_H
#define AWG_DRIVER_LONGFUNCTIONS_H

#include "llvm/IR/PassManager.h"

namespace awg {

/// Has LLVM leave many releases in a function as they are. Two ways out of a function release the same values one after the other;
/// SimplifyCFG would merge them one by one and look at the whole function each time. Before everything else.
struct KeepReleasesApartPass : llvm::PassInfoMixin<KeepReleasesApartPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

/// Keeps in memory what would be alive in very many blocks: the allocator of registers, and what leads up to it, visit each block
/// that a value is alive in, and are left with far more such values than there are registers. After everything else.
struct KeepInMemoryPass : llvm::PassInfoMixin<KeepInMemoryPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace awg

#endif // AWG_DRIVER_LONGFUNCTIONS_H
