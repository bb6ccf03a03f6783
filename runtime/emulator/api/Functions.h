// The functions of the CUDA driver that the emulator has: those that the runtime calls, and more.
#ifndef AWG_EMULATOR_API_FUNCTIONS_H
#define AWG_EMULATOR_API_FUNCTIONS_H

#include "device/cuda/DriverAPI.h"

#define AWG_EMU_API extern "C" __attribute__((visibility("default")))

namespace awg::cuda {

/// CUDA_MEMCPY2D. Of each side `kind` says which of the pointers is meant: CUmemorytype.
struct Copy2D {
  enum Kind : int { Host = 1, Device = 2, Array = 3, Unified = 4 };
  struct Side {
    size_t x, y; ///< bytes, rows
    Kind kind;
    void *host;
    Address device;
    void *array;
    size_t pitch; ///< bytes from row to row
  };
  Side from, to;
  size_t width, height; ///< bytes, rows
};
static_assert(sizeof(Copy2D) == 128);

/// CUlaunchAttribute.
struct LaunchAttribute {
  enum Id : int { Cooperative = 2, ClusterDimension = 4 };
  Id id;
  int value[17]; ///< from [1] on
};

/// CUlaunchConfig.
struct LaunchConfig {
  unsigned grid[3], block[3], dynamicSharedBytes;
  Stream stream;
  const LaunchAttribute *attributes;
  unsigned count;
};
static_assert(sizeof(LaunchAttribute) == 72 && sizeof(LaunchConfig) == 56);

/// CUlinkState.
using Link = struct LinkImpl *;

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
