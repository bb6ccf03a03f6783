// Opening the driver library.
#include "device/cuda/Driver.h"

#include "std/Text.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace awg::rt {

using cuda::Result;

namespace {

constexpr const char *cudaLibrary = "libcuda.so.1";
constexpr const char *emulatorLibrary = "libawgemu.so";

/// The emulator's path beside the running program: in its folder, or in ../lib.
bool findBeside(const char *folder, char (&path)[4352]) {
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0)
    return false;
  program[length] = 0;
  *strrchr(program, '/') = 0;
  snprintf(path, sizeof path, "%s/%s/%s", program, folder, emulatorLibrary);
  return access(path, R_OK) == 0;
}

} // namespace

bool Driver::open(const char *library, Text &problem) {
  handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    problem.add(library).add(" not found");
    return false;
  }
  const char *missing = nullptr;
#define AWG_CUDA(SYMBOL, PARAMETERS)                                                                                   \
  functions.SYMBOL = reinterpret_cast<decltype(functions.SYMBOL)>(dlsym(handle, #SYMBOL));                             \
  if (!functions.SYMBOL)                                                                                               \
    missing = #SYMBOL;
#include "device/cuda/DriverFunctions.def"
  if (!missing)
    return start(library, problem);
  problem.add(library).add(" is too old: it has no ").add(missing);
  return false;
}

bool Driver::start(const char *library, Text &problem) {
  Result result = functions.cuInit(0);
  if (result == Result::Success)
    return true;
  problem.add(library).add(" does not start: ");
  describe(problem, result);
  return false;
}

bool Driver::openCuda(Text &problem) {
  Text reason;
  if (open(cudaLibrary, reason))
    return true;
  problem.add("this machine has no CUDA driver (").add(reason.data(), reason.size()).add(')');
  return false;
}

bool Driver::openEmulator(int32_t devices, Text &problem) {
  char number[16], path[4352];
  snprintf(number, sizeof number, "%d", devices);
  setenv("AWG_EMU_DEVICES", number, /*overwrite=*/1);
  const char *library = getenv("AWG_EMU_LIBRARY");
  if (library && *library)
    return open(library, problem);
  if (findBeside(".", path) || findBeside("../lib", path))
    return open(path, problem);
  Text reason;
  if (open(emulatorLibrary, reason))
    return true;
#ifdef AWG_EMU_BUILT
  const char *const places[] = {AWG_EMU_BUILT, AWG_EMU_INSTALLED};
  for (const char *known : places)
    if (!handle && access(known, R_OK) == 0)
      return open(known, problem);
#endif
  problem.add(reason.data(), reason.size());
  if (!handle)
    problem.add(" (AWG_EMU_LIBRARY may say where it is)");
  return false;
}

void Driver::describe(Text &text, Result result) const {
  const char *name = nullptr, *meaning = nullptr;
  functions.cuGetErrorString(result, &meaning);
  functions.cuGetErrorName(result, &name);
  if (meaning)
    text.add(meaning).add(" (");
  if (name)
    text.add(name);
  else
    text.add("error ").addSigned(int64_t(result));
  if (meaning)
    text.add(')');
}

bool isSticky(Result result) {
  switch (result) {
  case Result::Deinitialized:
  case Result::InvalidContext:
  case Result::ECCUncorrectable:
  case Result::NVLinkUncorrectable:
  case Result::Contained:
  case Result::IllegalAddress:
  case Result::LaunchTimeout:
  case Result::ContextIsDestroyed:
  case Result::Assert:
  case Result::HardwareStackError:
  case Result::IllegalInstruction:
  case Result::MisalignedAddress:
  case Result::InvalidAddressSpace:
  case Result::InvalidPC:
  case Result::LaunchFailed:
  case Result::ExternalDevice:
  case Result::Unknown:
    return true;
  default:
    return false;
  }
}

} // namespace awg::rt
