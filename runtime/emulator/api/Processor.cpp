// Asks the processor for x86-64-v3; compiled without it.
#include "emulator/api/Settings.h"

bool awg::emu::isProcessorFit() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("f16c");
}
