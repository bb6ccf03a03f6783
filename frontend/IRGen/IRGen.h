// From a checked program to a module of the awg dialect.
#ifndef AWG_FRONTEND_IRGEN_IRGEN_H
#define AWG_FRONTEND_IRGEN_IRGEN_H

#include "frontend/Check/Check.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace awg {

/// How a program is to be compiled.
struct IRGenOptions {
  bool boundsChecks = true; ///< check the subscripts that are not proved to be in range
  bool tests = false;       ///< compile the tests too
};

/// Loads the dialects that `generate` makes operations of.
void loadIRGenDialects(mlir::MLIRContext &context);

/// The module of a program that `check` accepted. Names: a function, task or kernel `f` of the user's module is
/// `@awg_f`, of an imported file `m.awg` `@awg_m$$f`, of a std module `m` `@awg$m$f`; the body of the k-th `async` block, `each` or helper task within it is
/// `@awg_f$async_k`, `@awg_f$each_k`, `@awg_f$task_k`; the k-th `test` is the task `@awg_test$k` with the attribute
/// `awg.test` (its name). With a `main` there is `awg.task @awg$main_entry(!awg.array<!awg.str, 1>)`, which owns the arguments. What `export` or `pub`
/// names has the attribute `awg.export`, and so has the C function `@f` of an `export fn f`; everything else but the entry and the tests is private.
mlir::OwningOpRef<mlir::ModuleOp> generate(const Program &program, mlir::MLIRContext &context,
                                           const llvm::SourceMgr &sources, const IRGenOptions &options = {});

} // namespace awg

#endif // AWG_FRONTEND_IRGEN_IRGEN_H
