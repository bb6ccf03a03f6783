// The first step of a kernel's lowering: one function of an index, shared by the host's lanes and the GPU's threads.
#ifndef AWG_LOWERING_KERNELINDEX_H
#define AWG_LOWERING_KERNELINDEX_H

#include "dialects/Awg/Awg.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace awg::lowering {

/// A static text with holes and its place: an entry of a kernel's table of failures.
struct FailureSite {
  mlir::Location loc;
  mlir::StringAttr format;
  mlir::DenseI8ArrayAttr kinds;
};

/// A kernel as a function of one index.
struct KernelIndex {
  ir::KernelOp kernel;
  /// `(indices..., extents..., arguments..., !llvm.ptr failure) -> yielded values`; control flow is cf, calls are inlined,
  /// failures are awg.record operations whose `site` attribute indexes `sites`. Of a phase kernel the row-major index of its
  /// block (i64) comes before the failure, and the first result (i1) says that the index failed.
  mlir::func::FuncOp function;
  llvm::SmallVector<FailureSite> sites;

  unsigned rank() { return kernel.getRank(); }
  bool isPhase() { return kernel.getPhase(); }
  bool mayFail() const { return !sites.empty(); }
  /// The kernel's arguments after indices and extents.
  llvm::ArrayRef<mlir::Type> argumentTypes() { return kernel.getArgumentTypes().drop_front(2 * rank()); }
};

/// Makes the function of an index, placed after the kernel. Emits an error if a called function is recursive.
mlir::FailureOr<KernelIndex> makeKernelIndex(ir::KernelOp kernel);

/// Replaces `call` by the body of `callee`; a multi-block body is spliced in between the halves of the call's block.
void inlineCall(mlir::func::CallOp call, mlir::func::FuncOp callee);

/// Inlines all func.calls of functions with a body under `root`, repeatedly. Emits an error for recursion.
mlir::LogicalResult inlineCalls(mlir::Operation *root);

} // namespace awg::lowering

#endif // AWG_LOWERING_KERNELINDEX_H
