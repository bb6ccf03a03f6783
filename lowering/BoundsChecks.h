// Takes bounds checks, and other conditions that are linear in the innermost index, out of a kernel's loop over it.
#ifndef AWG_LOWERING_BOUNDSCHECKS_H
#define AWG_LOWERING_BOUNDSCHECKS_H

#include "lowering/EvenValues.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace awg::lowering {

/// Comparisons `0 <= first + step * i < extent` of a structured body, where `i` is the innermost index and all else is the
/// same for a whole row of indices; and `first + i` or `first - i` compared otherwise, as programs treat their borders. On the
/// range of `i` where the checks hold and the others come out as for most of a row, a copy of the body without them will do.
class BoundsChecks {
public:
  /// Looks for them in `body`, whose argument `lane` is the innermost index; for borders only if `bordered`, and if there are no
  /// loops, next to which they cost nothing.
  BoundsChecks(mlir::func::FuncOp body, mlir::Value lane, bool bordered);

  bool empty() const { return checks.empty(); }
  /// True if the comparison is one of them, a check or another.
  bool holds(mlir::Operation *comparison) const {
    return llvm::any_of(checks, [&](const Check &check) { return check.comparison == comparison; });
  }

  /// A copy of the body in which the comparisons are what they are in its range. It has the name of the body with `_unchecked` behind it.
  mlir::func::FuncOp makeUnchecked();

  /// A range within `begin` to `end` (i64) where the copy will do, the largest unless rows are split in their middle; an empty
  /// one stands at `begin`.
  std::pair<mlir::Value, mlir::Value> range(mlir::OpBuilder &builder, mlir::Value begin, mlir::Value end,
                                            EvenValues::Lookup lookup);

private:
  struct Check {
    mlir::Operation *comparison;
    int64_t step;
    bool isBorder = false;                 ///< or a bounds check
    mlir::arith::CmpIPredicate predicate{}; ///< of a border: with what grows on the left
    bool outcome = true;                   ///< in the range
  };
  struct Range;
  void addCheck(mlir::arith::CmpIOp comparison);
  void addBorder(mlir::arith::CmpIOp comparison);

  mlir::func::FuncOp body;
  EvenValues values;
  llvm::SmallVector<Check> checks;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_BOUNDSCHECKS_H
