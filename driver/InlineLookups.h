// Looks at the state of an array in place, before the runtime is asked for its elements.
#ifndef AWG_DRIVER_INLINELOOKUPS_H
#define AWG_DRIVER_INLINELOOKUPS_H

#include "llvm/IR/PassManager.h"

namespace awg {

/// Has the runtime asked for the elements of an array (awgrt_array_data and its like) only if the array's buffer says that they
/// are not where they are needed: otherwise that costs two loads and a branch. After HoistElementsPass, which looks for the calls.
struct InlineLookupsPass : llvm::PassInfoMixin<InlineLookupsPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace awg

#endif // AWG_DRIVER_INLINELOOKUPS_H
