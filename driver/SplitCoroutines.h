// Splits coroutines ahead of LLVM's own pipeline.
#ifndef AWG_DRIVER_SPLITCOROUTINES_H
#define AWG_DRIVER_SPLITCOROUTINES_H

#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/IR/Module.h"

namespace awg {

/// Functions with this attribute are the parts of split coroutines: their first argument points to the frame.
constexpr llvm::StringLiteral frameAttribute = "awg-frame";

/// Simplifies the module's coroutines and splits them, in time linear in their lengths. The managers know LLVM's
/// analyses.
void splitCoroutines(llvm::Module &module, llvm::FunctionAnalysisManager &functions,
                     llvm::ModuleAnalysisManager &modules);

} // namespace awg

#endif // AWG_DRIVER_SPLITCOROUTINES_H
