// The CUDA driver of this machine, or the emulator in its place: found and opened at run time.
#ifndef AWG_RUNTIME_DEVICE_CUDA_DRIVER_H
#define AWG_RUNTIME_DEVICE_CUDA_DRIVER_H

#include "device/cuda/DriverAPI.h"

namespace awg::rt {

class Text;

/// A driver library. Its functions may be called by any thread. It stays open: threads of its own may outlive any use.
class Driver {
public:
  Driver() = default;
  Driver(const Driver &) = delete;
  Driver &operator=(const Driver &) = delete;

  /// Opens libcuda.so.1 and starts it. False, with the reason in `problem`, if there is none that works.
  bool openCuda(Text &problem);
  /// Opens the emulator with so many devices.
  bool openEmulator(int32_t devices, Text &problem);
  /// The functions; all are there once it is open.
  const cuda::DriverFunctions *operator->() const { return &functions; }
  /// Adds what `result` means: `an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)`.
  void describe(Text &text, cuda::Result result) const;

private:
  bool open(const char *library, Text &problem);
  bool start(const char *library, Text &problem);

  void *handle = nullptr;
  cuda::DriverFunctions functions{};
};

/// Whether the context that gave `result` is of no use any more.
bool isSticky(cuda::Result result);

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_DRIVER_H
