// Takes bounds checks that are linear in the innermost index out of a kernel's loop over it.
#ifndef AWG_LOWERING_BOUNDSCHECKS_H
#define AWG_LOWERING_BOUNDSCHECKS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include "llvm/ADT/DenseMap.h"

namespace awg::lowering {

/// Comparisons `0 <= first + step * i < extent` of a structured body, where `i` is the innermost index and all else is the
/// same for a whole row of indices. On the range of `i` where all of them hold, a copy of the body without them will do.
class BoundsChecks {
public:
  /// Looks for them in `body`, whose argument `lane` is the innermost index.
  BoundsChecks(mlir::func::FuncOp body, mlir::Value lane);

  bool empty() const { return checks.empty(); }
  /// True if the comparison is one of them.
  bool holds(mlir::Operation *comparison) const {
    return llvm::any_of(checks, [&](const Check &check) { return check.comparison == comparison; });
  }

  /// A copy of the body in which the comparisons are true. It has the name of the body with `_unchecked` behind it.
  mlir::func::FuncOp makeUnchecked();

  /// Gives a value of the host function for an argument of the body, or for a `memref.dim` of one.
  using Lookup = llvm::function_ref<mlir::Value(mlir::Value)>;

  /// The largest range within `begin` to `end` (i64) where all comparisons hold; an empty one stands at `begin`.
  std::pair<mlir::Value, mlir::Value> range(mlir::OpBuilder &builder, mlir::Value begin, mlir::Value end,
                                            Lookup lookup);

private:
  struct Check {
    mlir::Operation *comparison;
    int64_t step;
  };
  /// By how much the value grows with each index, if it does so evenly and can be computed outside the loop.
  std::optional<int64_t> stepOf(mlir::Value value);
  mlir::Value atZero(mlir::OpBuilder &builder, mlir::Value value, Lookup lookup,
                     llvm::DenseMap<mlir::Value, mlir::Value> &known);

  mlir::func::FuncOp body;
  mlir::Value lane;
  llvm::SmallVector<Check> checks;
  llvm::DenseMap<mlir::Value, std::optional<int64_t>> steps;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_BOUNDSCHECKS_H
