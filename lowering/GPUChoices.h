// Choices between two computations in GPU code.
#ifndef AWG_LOWERING_GPUCHOICES_H
#define AWG_LOWERING_GPUCHOICES_H

#include "llvm/IR/Function.h"

namespace awg::lowering {

/// Makes a choice between two long computations a branch.
void branchForChoices(llvm::Function &function);

} // namespace awg::lowering

#endif // AWG_LOWERING_GPUCHOICES_H
