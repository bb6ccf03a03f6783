// Which devices a runtime has: what AWG_DEVICES asks for, and what the machine can give.
#ifndef AWG_RUNTIME_PLACE_DEVICES_H
#define AWG_RUNTIME_PLACE_DEVICES_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

/// Where GPUs come from.
enum class GpuSource { None, Cuda, Emulator };

struct DeviceChoice {
  int32_t cpuThreads = 0;   ///< workers, whether launches may run on them or not
  bool usesCpu = false;     ///< launches that are not pinned may run on the host
  GpuSource source = GpuSource::None;
  bool isRequired = false;  ///< the program does not start without those GPUs
  int32_t emulated = 0;     ///< GPUs of the emulator
  int32_t gpuCount = 0;     ///< entries of `gpus`; 0: all
  int32_t gpus[63] = {};    ///< CUDA's numbers
};

/// Reads a value of AWG_DEVICES: a list of `cpu`, `cpu:N` (N threads), `gpu` (all), `gpu:K` (the K-th), `emu:N` (N emulated
/// GPUs), separated by commas. Null or "" is `cpu` and the GPUs that there are. False, with the reason in `problem`, if it is
/// malformed.
bool chooseDevices(const char *devices, DeviceChoice &outChoice, Text &problem);

/// Adds the name of the device of that number: `cpu`, `gpu`, `gpu(1)`.
void addDevice(Text &text, int64_t device);

/// The number of processors that the calling thread may use: its affinity mask, cut by the process's control group's quota. `root`: of
/// the file system in which that is looked up.
int32_t usableCpus(const char *root = "");

} // namespace awg::rt

#endif // AWG_RUNTIME_PLACE_DEVICES_H
