// Parts of awg-fuse-launches: chains of launches, and the kernel that is made of a chain's.
#ifndef AWG_LOWERING_FUSELAUNCHES_H
#define AWG_LOWERING_FUSELAUNCHES_H

#include "dialects/Awg/Awg.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace awg::lowering {

/// A launch that is awaited where it stands: `awg.launch`, `awg.await`, `awg.is_null`, a branch.
struct Awaited {
  ir::LaunchOp launch;
  ir::AwaitOp await;
  ir::KernelOp kernel;
  mlir::Block *done = nullptr;   ///< where it goes on if it succeeded
  llvm::SmallVector<mlir::Value> roots; ///< for each argument that is an array: what stands for its memory; else null
};

/// What lies between two launches of a chain, all of which can be computed before the first of them.
struct Between {
  llvm::SmallVector<mlir::Operation *> operations; ///< in their order, stores of variables and releases among them
  llvm::SmallVector<std::pair<mlir::Value, bool>> conditions; ///< how branches must come out to get from one to the other
};

/// Launches one after the other that can run as one, index by index.
struct Chain {
  llvm::SmallVector<Awaited> launches;
  llvm::SmallVector<Between> between; ///< one fewer
};

/// Follows what comes after `from` to the next launch. Null if there is none that is reached without doing anything else.
ir::LaunchOp findNext(Awaited &from, Between &outBetween);

/// The launch with what belongs to it, if it is awaited where it stands.
std::optional<Awaited> matchAwaited(ir::LaunchOp launch);

/// Finds out what the arrays of `chain`'s last launch are. False if one of them may be a view.
bool findRoots(Chain &chain);

/// Why the last launch of `chain` cannot run as one with those before it: null if it can.
const char *whyNotFused(Chain &chain);

/// Whether an index of the kernel may reject.
bool mayFail(ir::KernelOp kernel);

/// Whether an index of the kernel uses only the element of `array` that is its own, at the index variables in their order.
bool usesOwnElement(ir::KernelOp kernel, mlir::BlockArgument array);

/// The kernel that does for an index what the kernels of the chain do, one after the other, and the arguments of its launch: of
/// each, the number of the launch in the chain and that of the argument there.
ir::KernelOp buildFusedKernel(Chain &chain, llvm::StringRef name,
                              llvm::SmallVectorImpl<std::pair<unsigned, unsigned>> &outArguments);

} // namespace awg::lowering

#endif // AWG_LOWERING_FUSELAUNCHES_H
