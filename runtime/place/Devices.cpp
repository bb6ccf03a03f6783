// Reading AWG_DEVICES.
#include "place/Devices.h"

#include "async/Error.h"
#include "async/Sync.h"
#include "std/Text.h"

#include <cstring>
#include <dlfcn.h>

namespace awg::rt {

namespace {

constexpr int32_t maxThreads = 4096;
constexpr const char *useCpu = "; use AWG_DEVICES=cpu";

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

bool addCpu(const Entry &entry, DeviceChoice &choice, Text &problem) {
  if (choice.cpuThreads > 0) {
    problem.add("cpu stands there twice");
    return false;
  }
  if (entry.number == 0 || entry.number > maxThreads) {
    problem.add("cpu:N takes 1 to ").addSigned(maxThreads).add(" threads");
    return false;
  }
  choice.cpuThreads = entry.number < 0 ? usableCpus() : entry.number;
  return true;
}

bool refuseGpu(Text &problem) {
  if (void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {
    dlclose(driver);
    problem.add("this version of Awg cannot use the GPUs of this machine").add(useCpu);
  } else {
    problem.add("this machine has no CUDA driver (libcuda.so.1 not found)").add(useCpu);
  }
  return false;
}

bool refuseEmulator(Text &problem) {
  problem.add("this version of Awg has no GPU emulator").add(useCpu);
  return false;
}

bool addEntry(const char *text, size_t size, DeviceChoice &choice, Text &problem) {
  Entry entry;
  if (!readEntry(text, size, entry))
    return refuseMalformed(text, size, problem);
  if (entry.is("cpu"))
    return addCpu(entry, choice, problem);
  if (entry.is("gpu"))
    return refuseGpu(problem);
  if (entry.is("emu") && entry.number > 0)
    return refuseEmulator(problem);
  return refuseMalformed(text, size, problem);
}

} // namespace

bool chooseDevices(const char *devices, DeviceChoice &outChoice, Text &problem) {
  if (!devices || !*devices)
    devices = "cpu";
  problem.add("AWG_DEVICES=").add(devices).add(": ");
  for (const char *at = devices;; ++at) {
    size_t size = strcspn(at, ",");
    if (!addEntry(at, size, outChoice, problem))
      return false;
    at += size;
    if (!*at)
      return true;
  }
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
  int64_t count = gpus_only ? 0 : 1;
  awgrt_array *devices = nullptr;
  if (awgrt_error *error = awgrt_array_create(nullptr, AWGRT_DEVICE, 1, &count, &devices)) {
    awgrt_error_release(error);
    awg::rt::fatal("out of memory");
  }
  if (count > 0)
    *static_cast<int64_t *>(awgrt_array_data(devices, 1)) = AWGRT_CPU;
  return devices;
}
