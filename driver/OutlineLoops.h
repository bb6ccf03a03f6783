// Gives the loops of a function that has very many of them functions of their own.
#ifndef AWG_DRIVER_OUTLINELOOPS_H
#define AWG_DRIVER_OUTLINELOOPS_H

#include "llvm/IR/PassManager.h"

namespace awg {

/// Moves loops into functions of their own where very many stand beside each other, in a function or in a loop around them, and
/// has LLVM inline no others there. For each loop that LLVM changes it numbers all dominators of the function again and looks
/// at all that is known of the values that other loops use too: a time quadratic in the number of loops.
struct OutlineLoopsPass : llvm::PassInfoMixin<OutlineLoopsPass> {
  llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &analyses);
};

} // namespace awg

#endif // AWG_DRIVER_OUTLINELOOPS_H
