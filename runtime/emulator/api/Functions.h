// The functions of the CUDA driver that the emulator has: those that the runtime calls, and more.
#ifndef AWG_EMULATOR_API_FUNCTIONS_H
#define AWG_EMULATOR_API_FUNCTIONS_H

#include "device/cuda/DriverAPI.h"

#define AWG_EMU_API extern "C" __attribute__((visibility("default")))

namespace awg::cuda {

#define AWG_CUDA(SYMBOL, PARAMETERS) AWG_EMU_API Result SYMBOL PARAMETERS;
#include "device/cuda/DriverFunctions.def"
#define AWG_CUDA(SYMBOL, PARAMETERS) AWG_EMU_API Result SYMBOL PARAMETERS;
#include "emulator/api/MoreFunctions.def"

} // namespace awg::cuda

/// The report of the process's last fault: what went wrong in which thread of which kernel, and where. Empty if there
/// was none. Valid until the next fault.
AWG_EMU_API const char *awgemu_last_report();

/// Thread instructions that devices have executed so far.
AWG_EMU_API unsigned long long awgemu_instructions();

#endif // AWG_EMULATOR_API_FUNCTIONS_H
