// Initialisation, devices and contexts.
#include "emulator/api/Driver.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
thread_local std::vector<ContextImpl *> contextStack; // under the current one

Driver *driverFor(int device, Result &error) {
  Driver *driver = Driver::get();
  error = !driver                                            ? Result::NotInitialized
          : device < 0 || device >= driver->settings.devices ? Result::InvalidDevice
                                                             : Result::Success;
  return error == Result::Success ? driver : nullptr;
}

/// Whether `context` is one, or null if that `mayBeNull`.
bool isContext(Driver &driver, Context context, bool mayBeNull = false) {
  return context ? driver.handles.isLive(HandleKind::Context, context) : mayBeNull;
}

/// What the emulated device is like: by attribute's number, as a device of its chip would answer.
int attribute(int number, const Settings &s, int threads) {
  bool isHopper = s.chip >= 90;
  switch (number) {
  case 1:
  case 2:
  case 3:
    return 1024; // threads a block, x, y
  case 4:
    return 64; // z
  case 5:
    return INT_MAX; // grid x
  case 6:
  case 7:
    return 65535; // y, z
  case 8:
    return 48 * 1024; // shared memory a block
  case 9:
    return 64 * 1024; // constant memory
  case 10:
    return 32; // warp
  case 11:
    return INT_MAX; // pitch
  case 12:
  case 82:
    return 65536; // registers
  case 13:
    return 1000000; // clock in kHz
  case 14:
    return 512; // texture alignment
  case 15:
  case 31:
    return 1; // overlap, concurrent kernels
  case 16:
    return threads; // multiprocessors
  case 20:
    return 0; // compute mode
  case 36:
    return 1000000; // memory clock
  case 37:
    return 256; // bus
  case 38:
    return 4 << 20; // L2
  case 39:
    return 2048; // threads a multiprocessor
  case 40:
    return 2; // copy engines
  case 19:
  case 41:
  case 83:
  case 89:
  case 95:
  case 115:
    return 1; // can map host memory, unified addresses, managed, cooperative, pools
  case 75:
    return s.chip / 10;
  case 76:
    return s.chip % 10;
  case 78:
    return 1; // stream priorities
  case 81:
    return (isHopper ? 228 : 164) * 1024; // shared memory a multiprocessor
  case 97:
    return (isHopper ? 227 : 163) * 1024; // a block, opted in
  case 91:
    return 1; // host pointers are device pointers of registered memory
  case 106:
    return 32; // blocks a multiprocessor
  case 111:
    return 1024; // shared memory reserved a block
  default:
    return 0;
  }
}
} // namespace

AWG_EMU_API Result awg::cuda::cuInit(unsigned flags) { return flags ? Result::InvalidValue : Driver::initialise(); }

AWG_EMU_API Result awg::cuda::cuDriverGetVersion(int *outVersion) {
  if (!outVersion)
    return Result::InvalidValue;
  *outVersion = 12080;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetCount(int *outCount) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!outCount)
    return Result::InvalidValue;
  *outCount = driver->settings.devices;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceGet(awg::cuda::Device *outDevice, int ordinal) {
  Result error;
  if (!driverFor(ordinal, error))
    return error;
  if (!outDevice)
    return Result::InvalidValue;
  *outDevice = ordinal;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetName(char *outName, int size, awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver)
    return error;
  if (!outName || size < 1)
    return Result::InvalidValue;
  std::snprintf(outName, size, "Awg PTX emulator (sm_%d)", driver->settings.chip);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetUuid_v2(unsigned char *outUuid, awg::cuda::Device device) {
  Result error;
  if (!driverFor(device, error))
    return error;
  std::memset(outUuid, 0, 16);
  std::memcpy(outUuid, "awgemu", 6);
  outUuid[15] = device;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetUuid(unsigned char *outUuid, awg::cuda::Device device) {
  return cuDeviceGetUuid_v2(outUuid, device);
}

AWG_EMU_API Result awg::cuda::cuDeviceComputeCapability(int *outMajor, int *outMinor, awg::cuda::Device device) {
  Result result = cuDeviceGetAttribute(outMajor, DeviceAttribute::ComputeCapabilityMajor, device);
  return result == Result::Success ? cuDeviceGetAttribute(outMinor, DeviceAttribute::ComputeCapabilityMinor, device) : result;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetPCIBusId(char *outId, int size, awg::cuda::Device device) {
  Result error;
  if (!driverFor(device, error))
    return error;
  std::snprintf(outId, size, "0000:%02x:00.0", device + 1);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceTotalMem_v2(size_t *outBytes, awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (driver)
    *outBytes = driver->memory.capacity();
  return error;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetAttribute(int *outValue, DeviceAttribute number, awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver)
    return error;
  if (!outValue || int(number) < 1 || int(number) > 150)
    return Result::InvalidValue;
  *outValue = int(number) == 33 ? device + 1 : attribute(int(number), driver->settings, driver->settings.threads);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceCanAccessPeer(int *outCan, awg::cuda::Device device, awg::cuda::Device peer) {
  Result error;
  if (driverFor(device, error) && driverFor(peer, error))
    *outCan = device != peer;
  return error;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetP2PAttribute(int *outValue, int number, awg::cuda::Device device,
                                                      awg::cuda::Device peer) {
  Result error;
  if (driverFor(device, error) && driverFor(peer, error))
    *outValue = device != peer && number >= 2;
  return error;
}

//--- Contexts

AWG_EMU_API Result awg::cuda::cuDevicePrimaryCtxRetain(Context *outContext, awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver || !outContext)
    return driver ? Result::InvalidValue : error;
  std::lock_guard lock(driver->mutex);
  ContextImpl &context = driver->devices[device]->primary;
  ++context.retained;
  *outContext = &context;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDevicePrimaryCtxRelease_v2(awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver)
    return error;
  ContextImpl &context = driver->devices[device]->primary;
  {
    std::lock_guard lock(driver->mutex);
    if (!context.retained)
      return Result::InvalidContext;
    if (--context.retained)
      return Result::Success;
  }
  return cuDevicePrimaryCtxReset_v2(device);
}

AWG_EMU_API Result awg::cuda::cuDevicePrimaryCtxReset_v2(awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver)
    return error;
  reportLeaks(*driver, device);
  driver->reset(driver->devices[device]->primary);
  driver->memory.reset(device);
  driver->devices[device]->pool.used = 0;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDevicePrimaryCtxGetState(awg::cuda::Device device, unsigned *outFlags, int *outActive) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver)
    return error;
  std::lock_guard lock(driver->mutex);
  *outFlags = 0;
  *outActive = driver->devices[device]->primary.retained > 0;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDevicePrimaryCtxSetFlags_v2(awg::cuda::Device device, unsigned) {
  Result error;
  driverFor(device, error);
  return error;
}

AWG_EMU_API Result awg::cuda::cuCtxCreate_v2(Context *outContext, unsigned, awg::cuda::Device device) {
  Result error;
  Driver *driver = driverFor(device, error);
  if (!driver || !outContext)
    return driver ? Result::InvalidValue : error;
  auto context = std::make_unique<ContextImpl>();
  context->device = device;
  *outContext = context.get();
  driver->handles.add(HandleKind::Context, context.get());
  {
    std::lock_guard lock(driver->mutex);
    driver->contexts.push_back(std::move(context));
  }
  return cuCtxPushCurrent_v2(*outContext);
}

AWG_EMU_API Result awg::cuda::cuCtxCreate_v4(Context *outContext, void *parameters, unsigned flags, awg::cuda::Device device) {
  return parameters ? Result::InvalidValue : cuCtxCreate_v2(outContext, flags, device);
}

AWG_EMU_API Result awg::cuda::cuCtxDestroy_v2(Context context) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!isContext(*driver, context) || context->isPrimary || !driver->handles.remove(context))
    return Result::InvalidContext;
  driver->reset(*context);
  std::erase(contextStack, context);
  if (threadContext() == context)
    setCurrentContext(nullptr);
  std::lock_guard lock(driver->mutex);
  std::erase_if(driver->contexts, [&](auto &c) { return c.get() == context; });
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxSetCurrent(Context context) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!isContext(*driver, context, true))
    return Result::InvalidContext;
  setCurrentContext(context);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxGetCurrent(Context *outContext) {
  if (!Driver::get())
    return Result::NotInitialized;
  if (!outContext)
    return Result::InvalidValue;
  *outContext = threadContext();
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxPushCurrent_v2(Context context) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!isContext(*driver, context))
    return Result::InvalidContext;
  contextStack.push_back(threadContext());
  setCurrentContext(context);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxPopCurrent_v2(Context *outContext) {
  if (!Driver::get())
    return Result::NotInitialized;
  ContextImpl *context = threadContext();
  if (!context)
    return Result::InvalidContext;
  if (outContext)
    *outContext = context;
  setCurrentContext(contextStack.empty() ? nullptr : contextStack.back());
  if (!contextStack.empty())
    contextStack.pop_back();
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxGetDevice(awg::cuda::Device *outDevice) {
  AWG_EMU_ENTER();
  if (!outDevice)
    return Result::InvalidValue;
  *outDevice = context->device;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxGetApiVersion(Context context, unsigned *outVersion) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!isContext(*driver, context, true))
    return Result::InvalidContext;
  if (!outVersion)
    return Result::InvalidValue;
  *outVersion = 12080;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxSynchronize() {
  AWG_EMU_ENTER();
  return driver.synchronize(*context);
}

AWG_EMU_API Result awg::cuda::cuCtxGetStreamPriorityRange(int *outLeast, int *outGreatest) {
  if (outLeast)
    *outLeast = 0;
  if (outGreatest)
    *outGreatest = -5;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxEnablePeerAccess(Context peer, unsigned flags) {
  AWG_EMU_ENTER();
  if (!isContext(driver, peer))
    return Result::InvalidContext;
  if (flags || peer->device == context->device)
    return Result::InvalidDevice;
  if (driver.memory.isPeerAllowed(context->device, peer->device))
    return Result::PeerAccessAlreadyEnabled;
  driver.memory.allowPeer(context->device, peer->device, true);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuCtxDisablePeerAccess(Context peer) {
  AWG_EMU_ENTER();
  if (!isContext(driver, peer))
    return Result::InvalidContext;
  if (!driver.memory.isPeerAllowed(context->device, peer->device))
    return Result::PeerAccessNotEnabled;
  driver.synchronize(*context);
  driver.memory.allowPeer(context->device, peer->device, false);
  return Result::Success;
}
