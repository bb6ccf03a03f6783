// Conditions on a byte in GPU code.
#ifndef AWG_LOWERING_GPUBYTES_H
#define AWG_LOWERING_GPUBYTES_H

#include "llvm/IR/Function.h"

namespace awg::lowering {

/// Decides the branches whose condition comes out alike for all values of a byte with which they are reached.
void decideByBytes(llvm::Function &function);

} // namespace awg::lowering

#endif // AWG_LOWERING_GPUBYTES_H
