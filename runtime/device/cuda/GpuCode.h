// The kernels of a program on a GPU: modules are loaded when a kernel of theirs is first launched.
#ifndef AWG_RUNTIME_DEVICE_CUDA_GPUCODE_H
#define AWG_RUNTIME_DEVICE_CUDA_GPUCODE_H

#include "awg/awgrt.h"
#include "device/cuda/DriverAPI.h"

namespace awg::rt {

class Gpu;
struct Fault;

/// A kernel's entries.
struct KernelEntries {
  cuda::Function main;
  cuda::Function combine; ///< null if it has none
  cuda::Function finish;  ///< null if it has none
  int32_t threads;        ///< of a group of `main`
};

/// Not synchronised: used under Gpu::submission, in the GPU's context.
class GpuCode {
public:
  explicit GpuCode(Gpu &gpu) : gpu(gpu) {}
  /// Unloads the modules.
  void close();
  bool isLoaded(const awgrt_kernel &kernel) const;
  /// The kernel's entries, loading its module if need be. Null, with the failure in `outError`, if that does not work.
  const KernelEntries *find(const awgrt_kernel &kernel, const awgrt_place *place, awgrt_error *&outError);

  /// The function awg_gather of `image`, which is the runtime's own.
  Fault findGather(const char *image, cuda::Function &out);

private:
  struct LoadedModule {
    const char *image;
    cuda::Module module;
    LoadedModule *next;
  };
  struct LoadedKernel {
    const awgrt_kernel *kernel;
    KernelEntries entries;
    LoadedKernel *next;
  };
  static constexpr uint32_t bucketCount = 64;
  static uint32_t bucketOf(const awgrt_kernel *kernel) {
    return uint32_t((reinterpret_cast<uintptr_t>(kernel) * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
  }
  cuda::Module load(const awgrt_kernel &kernel, const awgrt_place *place, awgrt_error *&outError);
  bool findEntry(cuda::Module module, const awgrt_kernel &kernel, const char *suffix, const awgrt_place *place,
                 cuda::Function &out, awgrt_error *&outError);
  bool findEntries(const awgrt_kernel &kernel, const awgrt_place *place, KernelEntries &out, awgrt_error *&outError);

  Gpu &gpu;
  LoadedModule *modules = nullptr;
  cuda::Function gather = nullptr;
  LoadedKernel *kernels[bucketCount] = {};
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_GPUCODE_H
