// Bounds checks of GPU code that cannot fail.
#ifndef AWG_LOWERING_GPUCHECKS_H
#define AWG_LOWERING_GPUCHECKS_H

#include "llvm/IR/PassManager.h"

namespace awg::lowering {

/// Leaves out what a kernel checks for nothing. It assumes of its places that they are below their extents, and of those that they are not
/// negative; the assumptions are gone afterwards.
void leaveOutChecks(llvm::Function &kernel, llvm::FunctionAnalysisManager &analyses);

} // namespace awg::lowering

#endif // AWG_LOWERING_GPUCHECKS_H
