// What compiled code reads of a task's header by itself.
#ifndef AWG_LOWERING_TASKWORDS_H
#define AWG_LOWERING_TASKWORDS_H

#include "lowering/RuntimeCalls.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace awg::lowering {

/// An i1: whether the task has ended.
mlir::Value isTaskDone(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value task);

/// Gives `awg.joined(self, error, place)` or `awg.join_one(self, task, place)` its body: the runtime's `slowFunction` has nothing to
/// do unless something failed or `self` was cancelled.
void defineJoin(mlir::func::FuncOp function, RuntimeCalls &runtime, llvm::StringRef slowFunction);

} // namespace awg::lowering

#endif // AWG_LOWERING_TASKWORDS_H
