// Host code of a kernel: loops over indices in SIMD lanes, for one level of the host's instruction set.
#ifndef AWG_LOWERING_KERNELHOST_H
#define AWG_LOWERING_KERNELHOST_H

#include "lowering/BoundsChecks.h"
#include "lowering/KernelIndex.h"

#include "llvm/ADT/StringMap.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace awg::lowering {

/// One level of the host's instruction set that kernels are compiled for.
struct HostTarget {
  llvm::StringRef suffix;   ///< of the functions' names
  std::string cpu;          ///< for LLVM, e.g. `x86-64-v4`
  unsigned vectorBits;      ///< of a vector register
  unsigned level;           ///< awgrt_host_variant::level
  llvm::raw_ostream *explanation = nullptr; ///< is told what the code does, if any
};

/// The functions of an awgrt_host_variant; `combine`, `finish` and `scan` may be null.
struct HostKernel {
  mlir::LLVM::LLVMFuncOp host, combine, finish;
  unsigned lanes = 1, rows = 0; ///< as in awgrt_host_variant
  mlir::LLVM::LLVMFuncOp scan = {}; ///< of a scan
};

/// How many 8-byte slots an argument of that type takes at a launch, see awgrt_launch.
unsigned slotCount(mlir::Type type);

/// Functions of the program that more than one kernel uses, by name.
using SharedFunctions = llvm::StringMap<mlir::Operation *>;

/// What host code of a kernel is built from.
struct HostBody {
  KernelIndex index;            ///< its control flow lifted to scf
  BoundsChecks checks;
  mlir::func::FuncOp unchecked; ///< the index function without the comparisons of `checks`; null if there are none
  llvm::DenseSet<unsigned> shared = {}; ///< of a phase: arguments that are storage, or that others of the kernel use too
};
/// The phase kernels of a block kernel, by name.
using Phases = llvm::StringMap<std::unique_ptr<HostBody>>;

/// Builds the functions, placed after the kernel.
HostKernel buildHostKernel(HostBody &body, Phases &phases, const HostTarget &target, SharedFunctions &shared);

/// Lifts cf to scf, multi-way branches to nested scf.if. The function must have one block's worth of returns.
mlir::LogicalResult liftControlFlow(mlir::func::FuncOp function);

} // namespace awg::lowering

#endif // AWG_LOWERING_KERNELHOST_H
