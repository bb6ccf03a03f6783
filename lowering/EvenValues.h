// Values of a kernel's body that grow evenly with the innermost index.
#ifndef AWG_LOWERING_EVENVALUES_H
#define AWG_LOWERING_EVENVALUES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/DenseMap.h"

namespace awg::lowering {

/// Values `first + step * i` of a structured body, where `i` is the innermost index and all else is the same for a
/// whole row of indices. They wrap around as the 64-bit numbers that they are.
class EvenValues {
public:
  /// `lane` is the argument of `body` that is the innermost index.
  EvenValues(mlir::func::FuncOp body, mlir::Value lane) : body(body), lane(lane) {}

  static constexpr int64_t mostStep = int64_t(1) << 15; ///< either way

  /// By how much the value grows with each index, if it does so evenly and can be computed outside the loop.
  std::optional<int64_t> stepOf(mlir::Value value);

  /// Gives a value of the host function for an argument of the body, or for a `memref.dim` of one.
  using Lookup = llvm::function_ref<mlir::Value(mlir::Value)>;
  /// Emits what a value that has a step is at index zero; `known` are those that have been emitted.
  mlir::Value atZero(mlir::OpBuilder &builder, mlir::Value value, Lookup lookup,
                     llvm::DenseMap<mlir::Value, mlir::Value> &known);

private:
  mlir::func::FuncOp body;
  mlir::Value lane;
  llvm::DenseMap<mlir::Value, std::optional<int64_t>> steps;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_EVENVALUES_H
