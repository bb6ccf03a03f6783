// GPU code of a kernel: an entry of gpu.module @awg$gpu.
#ifndef AWG_LOWERING_KERNELGPU_H
#define AWG_LOWERING_KERNELGPU_H

#include "lowering/KernelIndex.h"

namespace awg::lowering {

/// The module that holds all kernels for the GPU.
inline constexpr llvm::StringLiteral gpuModuleName = "awg$gpu";
/// The globals that hold the compiled image and its size.
inline constexpr llvm::StringLiteral gpuImageName = "awg$gpu_image";
inline constexpr llvm::StringLiteral gpuImageSizeName = "awg$gpu_image_size";

/// Adds the kernel's entries to the module of GPU code, which it creates if need be: NAME, and for reductions and scans
/// NAME$combine and NAME$finish. Their parameters are a launch's slots (see awgrt_launch) in order, each with its own type, and
/// last the address of the failure record. An `each` runs one thread an index, in one-dimensional groups; a reduction
/// one group of 128 threads a block of 4096; a scan one thread a run. A block kernel runs one group a block, of as many threads
/// as the entry asks for; `phases` are its phase kernels.
void buildGPUKernel(KernelIndex &index, llvm::MutableArrayRef<KernelIndex> phases);

/// The threads of a group that the kernel's GPU code asks for, or 0 if it runs with any number.
int32_t groupThreadsOf(ir::KernelOp kernel);

} // namespace awg::lowering

#endif // AWG_LOWERING_KERNELGPU_H
