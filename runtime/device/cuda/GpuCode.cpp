// Loading modules and finding kernels in them.
#include "device/cuda/GpuCode.h"

#include "async/Error.h"
#include "device/cuda/Gpu.h"
#include "place/Devices.h"
#include "std/Text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace awg::rt {

using cuda::JITOption;
using cuda::Result;

namespace {

/// Threads of a group where the program does not care.
constexpr int32_t usualThreads = 256;
constexpr size_t logBytes = 8192;

awgrt_error *cannotLoad(const Gpu &gpu, const awgrt_kernel &kernel, const awgrt_place *place, Result result,
                        const char *log) {
  Text message;
  message.add("device error: ");
  addDevice(message, gpu.number);
  message.add(" cannot load kernel ").add(kernel.name).add(": ");
  gpu.driver.describe(message, result);
  size_t length = strlen(log);
  while (length > 0 && (log[length - 1] == '\n' || log[length - 1] == ' '))
    --length;
  if (length)
    message.add('\n').add(log, length);
  return createError(place, message);
}

} // namespace

void GpuCode::close() {
  for (LoadedKernel *&bucket : kernels)
    while (LoadedKernel *kernel = bucket) {
      bucket = kernel->next;
      free(kernel);
    }
  while (LoadedModule *loaded = modules) {
    modules = loaded->next;
    gpu.driver->cuModuleUnload(loaded->module);
    free(loaded);
  }
}

cuda::Module GpuCode::load(const awgrt_kernel &kernel, const awgrt_place *place, awgrt_error *&outError) {
  for (LoadedModule *loaded = modules; loaded; loaded = loaded->next)
    if (loaded->image == kernel.ptx)
      return loaded->module;
  char log[logBytes];
  log[0] = 0;
  JITOption options[] = {JITOption::ErrorLogBuffer, JITOption::ErrorLogBufferSizeBytes};
  void *values[] = {log, reinterpret_cast<void *>(logBytes)};
  cuda::Module module = nullptr;
  Result result = gpu.driver->cuModuleLoadDataEx(&module, kernel.ptx, 2, options, values);
  if (result != Result::Success) {
    log[logBytes - 1] = 0;
    gpu.note(result);
    outError = gpu.isLost() ? gpu.failure(place, {result, "cuModuleLoadDataEx"})
                            : cannotLoad(gpu, kernel, place, result, log);
    return nullptr;
  }
  auto *loaded = static_cast<LoadedModule *>(allocate(sizeof(LoadedModule)));
  *loaded = {kernel.ptx, module, modules};
  modules = loaded;
  return module;
}

bool GpuCode::findEntry(cuda::Module module, const awgrt_kernel &kernel, const char *suffix, const awgrt_place *place,
                        cuda::Function &out, awgrt_error *&outError) {
  Text name;
  name.add(kernel.name).add(suffix).add('\0');
  Result result = gpu.driver->cuModuleGetFunction(&out, module, name.data());
  if (result == Result::Success)
    return true;
  gpu.note(result);
  outError = gpu.isLost() ? gpu.failure(place, {result, "cuModuleGetFunction"})
                          : cannotLoad(gpu, kernel, place, result, "");
  return false;
}

bool GpuCode::findEntries(const awgrt_kernel &kernel, const awgrt_place *place, KernelEntries &out,
                          awgrt_error *&outError) {
  cuda::Module module = load(kernel, place, outError);
  if (!module || !findEntry(module, kernel, "", place, out.main, outError))
    return false;
  if (kernel.shape != AWGRT_EACH && !findEntry(module, kernel, "$combine", place, out.combine, outError))
    return false;
  if (kernel.shape == AWGRT_SCAN && !findEntry(module, kernel, "$finish", place, out.finish, outError))
    return false;
  out.threads = kernel.group_threads;
  if (out.threads > 0)
    return true;
  int most = usualThreads;
  Result result = gpu.driver->cuFuncGetAttribute(&most, cuda::FunctionAttribute::MaxThreadsPerBlock, out.main);
  if (result != Result::Success) {
    gpu.note(result);
    outError = gpu.failure(place, {result, "cuFuncGetAttribute"});
    return false;
  }
  out.threads = std::min(most, usualThreads);
  return true;
}

Fault GpuCode::findGather(const char *image, cuda::Function &out) {
  if (!gather) {
    cuda::Module module = nullptr;
    if (Result result = gpu.driver->cuModuleLoadDataEx(&module, image, 0, nullptr, nullptr); result != Result::Success)
      return {result, "cuModuleLoadDataEx"};
    auto *loaded = static_cast<LoadedModule *>(allocate(sizeof(LoadedModule)));
    *loaded = {image, module, modules};
    modules = loaded;
    if (Result result = gpu.driver->cuModuleGetFunction(&gather, module, "awg_gather"); result != Result::Success) {
      gather = nullptr;
      return {result, "cuModuleGetFunction"};
    }
  }
  out = gather;
  return {};
}

bool GpuCode::isLoaded(const awgrt_kernel &kernel) const {
  for (LoadedKernel *known = kernels[bucketOf(&kernel)]; known; known = known->next)
    if (known->kernel == &kernel)
      return true;
  return false;
}

const KernelEntries *GpuCode::find(const awgrt_kernel &kernel, const awgrt_place *place, awgrt_error *&outError) {
  LoadedKernel *&bucket = kernels[bucketOf(&kernel)];
  for (LoadedKernel *known = bucket; known; known = known->next)
    if (known->kernel == &kernel)
      return &known->entries;
  KernelEntries entries = {};
  if (!findEntries(kernel, place, entries, outError))
    return nullptr;
  auto *loaded = static_cast<LoadedKernel *>(allocate(sizeof(LoadedKernel)));
  *loaded = {&kernel, entries, bucket};
  bucket = loaded;
  return &loaded->entries;
}

} // namespace awg::rt
