// Which instructions this machine's processor has.
#ifndef AWG_RUNTIME_DEVICE_CPULEVEL_H
#define AWG_RUNTIME_DEVICE_CPULEVEL_H

#include "awg/awgrt.h"

namespace awg::rt {

/// 0: x86-64 or another, 1: x86-64-v3, 2: x86-64-v4; as in awgrt_host_variant.
uint32_t cpuLevel();

/// Has launches from here on do without what is above `v3` or `v4`. False if `name` is neither. Before anything runs.
bool limitCpuLevel(const char *name);

/// What a level is called, e.g. `x86-64-v3 (AVX2, FMA)`.
const char *cpuLevelName(uint32_t level);

/// The best of the kernel's variants that this machine can run, or null.
const awgrt_host_variant *chooseVariant(const awgrt_kernel &kernel);

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CPULEVEL_H
