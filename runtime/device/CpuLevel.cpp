// The processor's level, asked once, as the process starts.
#include "device/CpuLevel.h"

#include <algorithm>
#include <cstring>

namespace awg::rt {

namespace {

uint32_t detectLevel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
              __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
  return avx2 ? (avx512 ? 2 : 1) : 0;
#else
  return 0;
#endif
}

const uint32_t machineLevel = detectLevel();
uint32_t level = machineLevel;

} // namespace

uint32_t cpuLevel() { return level; }

bool limitCpuLevel(const char *name) {
  bool isBest = strcmp(name, "v4") == 0;
  if (!isBest && strcmp(name, "v3") != 0)
    return false;
  level = std::min(machineLevel, isBest ? 2u : 1u);
  return true;
}

const char *cpuLevelName(uint32_t level) {
  static const char *const names[] = {"x86-64", "x86-64-v3 (AVX2, FMA)", "x86-64-v4 (AVX-512)"};
  return names[level < 2 ? level : 2];
}

const awgrt_host_variant *chooseVariant(const awgrt_kernel &kernel) {
  for (int32_t i = 0; i < kernel.variant_count; ++i)
    if (kernel.host[i].level <= cpuLevel())
      return &kernel.host[i];
  return nullptr;
}

} // namespace awg::rt
