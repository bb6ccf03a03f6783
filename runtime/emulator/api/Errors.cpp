// Names and meanings of errors, entry points by name, and reports.
#include "emulator/api/Driver.h"

#include <cstdio>
#include <cstring>
#include <fstream>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
struct ErrorRow {
  int code;
  const char *name, *text;
};
constexpr ErrorRow errors[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {4, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {217, "CUDA_ERROR_PEER_ACCESS_UNSUPPORTED", "peer access is not supported between these two devices"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {220, "CUDA_ERROR_NVLINK_UNCORRECTABLE", "uncorrectable NVLink error detected during the execution"},
    {221, "CUDA_ERROR_JIT_COMPILER_NOT_FOUND", "PTX JIT compiler library not found"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {300, "CUDA_ERROR_INVALID_SOURCE", "device kernel image is invalid"},
    {301, "CUDA_ERROR_FILE_NOT_FOUND", "file not found"},
    {302, "CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND", "shared object symbol not found"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {401, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {704, "CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED", "peer access is already enabled"},
    {705, "CUDA_ERROR_PEER_ACCESS_NOT_ENABLED", "peer access has not been enabled"},
    {708, "CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE", "cannot set while device is active in this process"},
    {709, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {712, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"},
    {713, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"},
    {714, "CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {717, "CUDA_ERROR_INVALID_ADDRESS_SPACE", "operation not supported on global/shared address space"},
    {718, "CUDA_ERROR_INVALID_PC", "invalid program counter"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {720, "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE", "too many blocks in cooperative launch"},
    {800, "CUDA_ERROR_NOT_PERMITTED", "operation not permitted"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {902, "CUDA_ERROR_STREAM_CAPTURE_MERGE", "operation would result in a merge of separate capture sequences"},
    {903, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {905, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"},
    {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT",
     "operation would make the legacy stream depend on a capturing blocking stream"},
    {907, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {908, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD",
     "attempt to terminate a thread-local capture sequence from another thread"},
    {911, "CUDA_ERROR_EXTERNAL_DEVICE", "exception was encountered on an external device"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const ErrorRow *find(Result error) {
  for (const ErrorRow &row : errors)
    if (row.code == int(error))
      return &row;
  return nullptr;
}

std::mutex reportMutex;
std::string lastReport;

struct EntryPoint {
  const char *name;
  void *function;
};
const EntryPoint entryPoints[] = {
#define AWG_CUDA(SYMBOL, PARAMETERS) {#SYMBOL, reinterpret_cast<void *>(&SYMBOL)},
#include "device/cuda/DriverFunctions.def"
#define AWG_CUDA(SYMBOL, PARAMETERS) {#SYMBOL, reinterpret_cast<void *>(&SYMBOL)},
#include "emulator/api/MoreFunctions.def"
};
} // namespace

void awg::emu::report(const Finding &finding) {
  std::lock_guard lock(reportMutex);
  lastReport = finding.text();
  const Settings &settings = Driver::get()->settings;
  if (!settings.quiet)
    std::fprintf(stderr, "awgemu: %s\n", lastReport.c_str());
  if (settings.reportFile.empty())
    return;
  if (std::ofstream file(settings.reportFile, std::ios::app); !(file << finding.json() << std::endl))
    std::fprintf(stderr, "awgemu: cannot write to %s\n", settings.reportFile.c_str());
}

AWG_EMU_API const char *awgemu_last_report() {
  std::lock_guard lock(reportMutex);
  return lastReport.c_str();
}

void awg::emu::reportLeaks(Driver &driver, int device) {
  if (!driver.settings.check)
    return;
  {
    // A context that has failed lets nothing be freed.
    std::lock_guard lock(driver.mutex);
    if (driver.devices[device]->primary.error != Result::Success)
      return;
  }
  std::vector<Allocation> leaks = driver.memory.leaks(device);
  if (leaks.empty())
    return;
  uint64_t bytes = 0;
  for (const Allocation &a : leaks)
    bytes += a.size;
  report({"leak", "device " + std::to_string(device) + " ends with " + std::to_string(leaks.size()) +
                      " allocations that were not freed, " + std::to_string(bytes) +
                      " bytes; the first is allocation " + std::to_string(leaks[0].number) + " of " +
                      std::to_string(leaks[0].size) + " bytes"});
}

AWG_EMU_API Result awg::cuda::cuGetErrorName(Result error, const char **outName) {
  const ErrorRow *row = find(error);
  if (!outName)
    return Result::InvalidValue;
  *outName = row ? row->name : nullptr;
  return row ? Result::Success : Result::InvalidValue;
}

AWG_EMU_API Result awg::cuda::cuGetErrorString(Result error, const char **outText) {
  const ErrorRow *row = find(error);
  if (!outText)
    return Result::InvalidValue;
  *outText = row ? row->text : nullptr;
  return row ? Result::Success : Result::InvalidValue;
}

/// Names come without their version; the newest that the emulator has is meant. `outStatus`: 0 found, 1 not there.
AWG_EMU_API Result awg::cuda::cuGetProcAddress_v2(const char *symbol, void **outFunction, int version, unsigned long long,
                                                  int *outStatus) {
  if (!symbol || !outFunction)
    return Result::InvalidValue;
  *outFunction = nullptr;
  size_t length = std::strlen(symbol);
  for (const EntryPoint &entry : entryPoints) {
    bool isSame = !std::strncmp(entry.name, symbol, length);
    std::string_view rest = isSame ? entry.name + length : "";
    bool isTooNew = rest == "_v4" && version < 13000; // cuCtxCreate has other parameters since
    if (isSame && !isTooNew && (rest.empty() || (rest.size() == 3 && rest.starts_with("_v"))))
      *outFunction = entry.function;
  }
  if (outStatus)
    *outStatus = *outFunction ? 0 : 1;
  return *outFunction ? Result::Success : Result::NotFound;
}

AWG_EMU_API Result awg::cuda::cuGetProcAddress(const char *symbol, void **outFunction, int version,
                                               unsigned long long flags) {
  return cuGetProcAddress_v2(symbol, outFunction, version, flags, nullptr);
}
