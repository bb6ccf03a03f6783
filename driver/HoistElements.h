// Looks the elements of arrays up once a loop, not once an access.
#ifndef AWG_DRIVER_HOISTELEMENTS_H
#define AWG_DRIVER_HOISTELEMENTS_H

#include "llvm/IR/PassManager.h"

namespace awg {

/// Takes lookups of elements (awgrt_array_data and its like) out of loops that start nothing and wait for nothing, with the loads of the array's variable,
/// extents and strides that they need. An access in such a loop is safe before it too, whether it is reached or not: whatever is
/// used in a loop and declared outside has its value, and nobody else writes it, as long as nothing is awaited.
///
/// Functions are visited callees first; the attribute `awg-quiet` is left on those that start and wait for nothing themselves.
struct HoistElementsPass : llvm::PassInfoMixin<HoistElementsPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace awg

#endif // AWG_DRIVER_HOISTELEMENTS_H
