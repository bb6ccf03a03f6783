// What a context is told of its kernels: limits, caches.
#include "emulator/api/Driver.h"

using namespace awg::emu;
using namespace awg::cuda;

namespace {
/// CUlimit: the first ones, and what they are from the beginning.
constexpr int heapLimit = 2; ///< CU_LIMIT_MALLOC_HEAP_SIZE: the only one that changes anything
constexpr size_t limits[] = {1024, 1 << 20, 0, 2, 2048, 64, 0};
} // namespace

AWG_EMU_API Result awg::cuda::cuCtxGetLimit(size_t *outValue, int limit) {
  AWG_EMU_ENTER();
  if (!outValue)
    return Result::InvalidValue;
  if (limit < 0 || limit >= int(std::size(limits)))
    return Result::NotSupported;
  auto set = context->limits.find(limit);
  *outValue = limit == heapLimit            ? driver.memory.heapLimit(context->device)
              : set != context->limits.end() ? set->second
                                             : limits[limit];
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxSetLimit(int limit, size_t value) {
  AWG_EMU_ENTER();
  if (limit < 0 || limit >= int(std::size(limits)))
    return Result::NotSupported;
  if (limit == heapLimit)
    driver.memory.setHeapLimit(context->device, value);
  else
    context->limits[limit] = value;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxGetFlags(unsigned *outFlags) {
  AWG_EMU_ENTER();
  if (!outFlags)
    return Result::InvalidValue;
  *outFlags = 0;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxGetCacheConfig(int *outConfig) {
  AWG_EMU_ENTER();
  if (!outConfig)
    return Result::InvalidValue;
  *outConfig = 0;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxSetCacheConfig(int) {
  AWG_EMU_ENTER();
  return Result::Success;
}
