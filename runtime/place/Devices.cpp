// Reading AWG_DEVICES.
#include "place/Devices.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Sync.h"
#include "std/Text.h"

#include <cstring>
#include <dlfcn.h>
#include <iterator>

namespace awg::rt {

namespace {

constexpr int32_t maxThreads = 4096;
constexpr int32_t mostEmulated = 16;

/// One entry of the list: a name and a number, -1 if there is none.
struct Entry {
  const char *name;
  size_t nameSize;
  int32_t number;

  bool is(const char *other) const { return strlen(other) == nameSize && memcmp(other, name, nameSize) == 0; }
};

/// Reads an entry of `size` bytes; false if what follows the colon is no number below a million.
bool readEntry(const char *text, size_t size, Entry &entry) {
  auto *colon = static_cast<const char *>(memchr(text, ':', size));
  entry = {text, colon ? size_t(colon - text) : size, -1};
  if (!colon)
    return true;
  size_t digits = size - entry.nameSize - 1;
  if (digits == 0 || digits > 6)
    return false;
  entry.number = 0;
  for (size_t i = 0; i < digits; ++i) {
    char c = colon[1 + i];
    if (c < '0' || c > '9')
      return false;
    entry.number = entry.number * 10 + (c - '0');
  }
  return true;
}

bool refuseMalformed(const char *text, size_t size, Text &problem) {
  problem.add('`').add(text, size).add("` is no device; known are cpu, cpu:N, gpu, gpu:K and emu:N");
  return false;
}

bool refuseTwice(const char *name, Text &problem) {
  problem.add(name).add(" stands there twice");
  return false;
}

bool addCpu(const Entry &entry, DeviceChoice &choice, Text &problem) {
  if (choice.usesCpu)
    return refuseTwice("cpu", problem);
  if (entry.number == 0 || entry.number > maxThreads) {
    problem.add("cpu:N takes 1 to ").addSigned(maxThreads).add(" threads");
    return false;
  }
  choice.usesCpu = true;
  choice.cpuThreads = entry.number < 0 ? usableCpus() : entry.number;
  return true;
}

/// GPUs of the machine and of the emulator do not go together: one program has one driver.
bool setSource(GpuSource source, DeviceChoice &choice, Text &problem) {
  if (choice.source != GpuSource::None && choice.source != source) {
    problem.add("gpu and emu do not go together");
    return false;
  }
  choice.source = source;
  choice.isRequired = true;
  return true;
}

bool addGpu(const Entry &entry, DeviceChoice &choice, Text &problem) {
  bool hasAll = choice.source == GpuSource::Cuda && choice.gpuCount == 0;
  if (!setSource(GpuSource::Cuda, choice, problem))
    return false;
  if (hasAll || (entry.number < 0 && choice.gpuCount > 0))
    return refuseTwice("gpu", problem);
  if (entry.number < 0)
    return true;
  for (int32_t k = 0; k < choice.gpuCount; ++k)
    if (choice.gpus[k] == entry.number)
      return refuseTwice("a GPU", problem);
  if (choice.gpuCount == int32_t(std::size(choice.gpus))) {
    problem.add("these are too many GPUs");
    return false;
  }
  choice.gpus[choice.gpuCount++] = entry.number;
  return true;
}

bool addEmulator(const Entry &entry, DeviceChoice &choice, Text &problem) {
  if (choice.source == GpuSource::Emulator)
    return refuseTwice("emu", problem);
  if (entry.number > mostEmulated) {
    problem.add("emu:N takes 1 to ").addSigned(mostEmulated).add(" GPUs");
    return false;
  }
  choice.emulated = entry.number;
  return setSource(GpuSource::Emulator, choice, problem);
}

bool addEntry(const char *text, size_t size, DeviceChoice &choice, Text &problem) {
  Entry entry;
  if (!readEntry(text, size, entry))
    return refuseMalformed(text, size, problem);
  if (entry.is("cpu"))
    return addCpu(entry, choice, problem);
  if (entry.is("gpu"))
    return addGpu(entry, choice, problem);
  if (entry.is("emu") && entry.number > 0)
    return addEmulator(entry, choice, problem);
  return refuseMalformed(text, size, problem);
}

} // namespace

bool chooseDevices(const char *devices, DeviceChoice &outChoice, Text &problem) {
  if (!devices || !*devices) {
    outChoice.cpuThreads = usableCpus();
    outChoice.usesCpu = true;
    outChoice.source = GpuSource::Cuda;
    return true;
  }
  problem.add("AWG_DEVICES=").add(devices).add(": ");
  for (const char *at = devices;; ++at) {
    size_t size = strcspn(at, ",");
    if (!addEntry(at, size, outChoice, problem))
      return false;
    at += size;
    if (!*at)
      break;
  }
  if (outChoice.cpuThreads == 0)
    outChoice.cpuThreads = usableCpus();
  return true;
}

void addDevice(Text &text, int64_t device) {
  if (device == AWGRT_CPU)
    text.add("cpu");
  else if (device == AWGRT_ANY_GPU)
    text.add("gpu");
  else
    text.add("gpu(").addSigned(device).add(')');
}

} // namespace awg::rt

awgrt_array *awgrt_devices(int32_t gpus_only) {
  awg::rt::Worker *worker = awg::rt::currentWorker();
  awg::rt::Gpus *gpus = worker ? &worker->runtime->gpus : nullptr;
  int64_t gpuCount = gpus ? gpus->opened() : 0;
  bool hasCpu = !gpus_only && (!gpus || gpus->usesCpu());
  int64_t count = hasCpu + gpuCount;
  awgrt_array *devices = nullptr;
  if (awgrt_error *error = awgrt_array_create(nullptr, AWGRT_DEVICE, 1, &count, &devices)) {
    awgrt_error_release(error);
    awg::rt::fatal("out of memory");
  }
  auto *numbers = static_cast<int64_t *>(awgrt_array_data(devices, 1));
  if (hasCpu)
    *numbers++ = AWGRT_CPU;
  for (int64_t k = 0; k < gpuCount; ++k)
    *numbers++ = k;
  return devices;
}

int32_t awgrt_needs_gpu_code(const char *devices) {
  awg::rt::DeviceChoice choice;
  awg::rt::Text problem;
  if (!chooseDevices(devices, choice, problem) || choice.source == awg::rt::GpuSource::None)
    return 0;
  return choice.isRequired || dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
}

awgrt_error *awgrt_gpus_describe(const char *devices, awgrt_str **out_text) {
  awgrt_runtime *runtime = nullptr;
  if (awgrt_error *error = awgrt_runtime_create(devices, &runtime))
    return error;
  awg::rt::Text text;
  int32_t count = runtime->gpus.opened();
  for (int32_t k = 0; k < count; ++k) {
    const awg::rt::Gpu &gpu = runtime->gpus[k];
    awg::rt::addDevice(text, k);
    text.add(": ").add(gpu.name).add(", sm_").addSigned(gpu.major).addSigned(gpu.minor).add(", ");
    text.addUnsigned(gpu.memory >> 20).add(" MiB\n");
  }
  *out_text = text.toStr();
  awgrt_runtime_destroy(runtime);
  return nullptr;
}
