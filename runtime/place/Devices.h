// Which devices a runtime has: what AWG_DEVICES asks for, and what the machine can give.
#ifndef AWG_RUNTIME_PLACE_DEVICES_H
#define AWG_RUNTIME_PLACE_DEVICES_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

struct DeviceChoice {
  int32_t cpuThreads = 0;
};

/// Reads a value of AWG_DEVICES: a list of `cpu`, `cpu:N` (N threads), `gpu`, `gpu:K` (the K-th), `emu:N` (N emulated
/// GPUs), separated by commas. Null or "" is `cpu`. False, with the reason in `problem`, if it is malformed or the
/// machine does not have it.
bool chooseDevices(const char *devices, DeviceChoice &outChoice, Text &problem);

/// Adds the name of the device of that number: `cpu`, `gpu`, `gpu(1)`.
void addDevice(Text &text, int64_t device);

/// The number of processors that this process may use: its affinity mask, cut by its control group's quota.
int32_t usableCpus();

} // namespace awg::rt

#endif // AWG_RUNTIME_PLACE_DEVICES_H
