// Operations of reductions, and the language's own min and max: a number wins over a NaN, and -0.0 is below +0.0.
#ifndef AWG_LOWERING_MINMAX_H
#define AWG_LOWERING_MINMAX_H

#include "dialects/Awg/Awg.h"

namespace awg::lowering {

/// min or max of two floats or float vectors in operations that give the same bits everywhere.
mlir::Value expandMinMax(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value left, mlir::Value right, bool isMin);

/// The element of a reduction that changes no bit of the other operand.
mlir::TypedAttr neutralElement(mlir::OpBuilder &builder, ir::Shape shape, mlir::Type type);

/// One step of a reduction by lanes (not arg or reduce shapes), on scalars or vectors.
mlir::Value combine(mlir::OpBuilder &builder, mlir::Location loc, ir::Shape shape, mlir::Value left, mlir::Value right);

/// The reduction whose step joins two values of the kernel; of one with a combiner that is its shape.
ir::Shape joinedBy(ir::KernelOp kernel);

/// argmin or argmax.
bool isArgShape(ir::Shape shape);

/// Whether a candidate of argmin or argmax replaces the best so far; false for a NaN candidate.
mlir::Value isBetter(mlir::OpBuilder &builder, mlir::Location loc, ir::Shape shape, mlir::Value candidate,
                     mlir::Value best);

} // namespace awg::lowering

#endif // AWG_LOWERING_MINMAX_H
