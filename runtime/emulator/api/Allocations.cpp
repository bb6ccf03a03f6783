// Memory of devices and of the host, pools, and what pointers are.
#include "emulator/api/Driver.h"

#include "emulator/exec/Report.h"
#include "emulator/memory/RaceChecker.h"

#include <cstdlib>
#include <cstring>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
Result allocate(Driver &driver, int device, Address *out, size_t bytes, MemoryKind kind) {
  if (!out || !bytes)
    return Result::InvalidValue;
  if (Result wished = driver.faults.next(FaultPoint::Allocation, device); wished != Result::Success)
    return wished;
  *out = driver.memory.allocate(device, bytes, kind);
  return *out ? Result::Success : Result::OutOfMemory;
}

/// Whatever the device was given before may use what is freed: it is waited for, as the driver does.
Result release(Driver &driver, uint64_t address, std::initializer_list<MemoryKind> kinds) {
  for (int device = 0; device < driver.settings.devices; ++device)
    driver.drain(device);
  for (MemoryKind kind : kinds)
    if (driver.memory.release(address, kind))
      return Result::Success;
  report({"bad-free", "a free of " + hex(address) + ", where no allocation of its kind begins: " +
                          driver.memory.explain(0, address, 1)});
  return Result::InvalidValue;
}

uint64_t host(const void *pointer) { return reinterpret_cast<uint64_t>(pointer); }

void grow(MemoryPoolImpl &pool, int64_t bytes) {
  pool.used += bytes;
  pool.usedHigh = std::max(pool.usedHigh, pool.used);
  pool.reserved = std::max(pool.reserved, pool.used);
  pool.reservedHigh = std::max(pool.reservedHigh, pool.reserved);
}
} // namespace

AWG_EMU_API Result awg::cuda::cuMemGetInfo_v2(size_t *outFree, size_t *outTotal) {
  AWG_EMU_ENTER();
  if (!outFree || !outTotal)
    return Result::InvalidValue;
  *outTotal = driver.memory.capacity();
  *outFree = *outTotal - driver.memory.used(context->device);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuMemAlloc_v2(Address *outAddress, size_t bytes) {
  AWG_EMU_ENTER();
  return allocate(driver, context->device, outAddress, bytes, MemoryKind::Device);
}

AWG_EMU_API Result awg::cuda::cuMemAllocPitch_v2(Address *outAddress, size_t *outPitch, size_t width, size_t height,
                                                 unsigned elementBytes) {
  if (!outPitch || (elementBytes != 4 && elementBytes != 8 && elementBytes != 16))
    return Result::InvalidValue;
  *outPitch = (width + 511) / 512 * 512;
  return cuMemAlloc_v2(outAddress, *outPitch * height);
}

AWG_EMU_API Result awg::cuda::cuMemAllocManaged(Address *outAddress, size_t bytes, unsigned flags) {
  AWG_EMU_ENTER();
  if (flags != 1 && flags != 2)
    return Result::InvalidValue;
  return allocate(driver, context->device, outAddress, bytes, MemoryKind::Managed);
}

AWG_EMU_API Result awg::cuda::cuMemFree_v2(Address address) {
  AWG_EMU_ENTER();
  if (!address)
    return Result::Success;
  return release(driver, address, {MemoryKind::Device, MemoryKind::Managed, MemoryKind::Pool});
}

//--- The host's

AWG_EMU_API Result awg::cuda::cuMemHostAlloc(void **outMemory, size_t bytes, unsigned) {
  AWG_EMU_ENTER();
  if (!outMemory || !bytes)
    return Result::InvalidValue;
  if (Result wished = driver.faults.next(FaultPoint::Allocation, context->device); wished != Result::Success)
    return wished;
  *outMemory = std::aligned_alloc(4096, (bytes + 4095) & ~size_t{4095});
  if (!*outMemory)
    return Result::OutOfMemory;
  driver.memory.addHost(host(*outMemory), bytes, MemoryKind::HostPinned);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuMemAllocHost_v2(void **outMemory, size_t bytes) {
  return cuMemHostAlloc(outMemory, bytes, 0);
}

AWG_EMU_API Result awg::cuda::cuMemFreeHost(void *memory) {
  AWG_EMU_ENTER();
  if (!memory)
    return Result::Success;
  Result result = release(driver, host(memory), {MemoryKind::HostPinned});
  if (result == Result::Success)
    std::free(memory);
  return result;
}

AWG_EMU_API Result awg::cuda::cuMemHostRegister_v2(void *memory, size_t bytes, unsigned) {
  AWG_EMU_ENTER();
  if (!memory || !bytes)
    return Result::InvalidValue;
  return driver.memory.addHost(host(memory), bytes, MemoryKind::HostRegistered) ? Result::Success
                                                                                : hostMemoryAlreadyRegistered;
}

AWG_EMU_API Result awg::cuda::cuMemHostUnregister(void *memory) {
  AWG_EMU_ENTER();
  Result result = release(driver, host(memory), {MemoryKind::HostRegistered});
  return result == Result::Success ? result : hostMemoryNotRegistered;
}

AWG_EMU_API Result awg::cuda::cuMemHostGetDevicePointer_v2(Address *outAddress, void *memory, unsigned) {
  AWG_EMU_ENTER();
  Allocation a;
  if (!outAddress || !driver.memory.find(host(memory), a) || a.device >= 0)
    return Result::InvalidValue;
  *outAddress = host(memory);
  return Result::Success;
}

//--- What pointers are

AWG_EMU_API Result awg::cuda::cuMemGetAddressRange_v2(Address *outBase, size_t *outBytes, Address address) {
  AWG_EMU_ENTER();
  Allocation a;
  if (!driver.memory.find(address, a))
    return Result::NotFound;
  if (outBase)
    *outBase = a.begin;
  if (outBytes)
    *outBytes = a.size;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuPointerGetAttribute(void *outValue, int attribute, Address address) {
  AWG_EMU_ENTER();
  Allocation a;
  if (!outValue || !driver.memory.find(address, a))
    return Result::InvalidValue;
  switch (attribute) {
  case 1: // CONTEXT
    *static_cast<Context *>(outValue) = a.device < 0 ? context : &driver.devices[a.device]->primary;
    return Result::Success;
  case 2: // MEMORY_TYPE: host 1, device 2
    *static_cast<unsigned *>(outValue) = a.device < 0 ? 1 : 2;
    return Result::Success;
  case 3: // DEVICE_POINTER
  case 4: // HOST_POINTER
    if (attribute == 4 && a.device >= 0 && a.kind != MemoryKind::Managed)
      return Result::InvalidValue;
    *static_cast<uint64_t *>(outValue) = address;
    return Result::Success;
  case 8: // IS_MANAGED
    *static_cast<unsigned *>(outValue) = a.kind == MemoryKind::Managed;
    return Result::Success;
  case 9: // DEVICE_ORDINAL
    *static_cast<int *>(outValue) = a.device < 0 ? context->device : a.device;
    return Result::Success;
  case 11: // RANGE_START_ADDR
    *static_cast<uint64_t *>(outValue) = a.begin;
    return Result::Success;
  case 12: // RANGE_SIZE
    *static_cast<size_t *>(outValue) = a.size;
    return Result::Success;
  default:
    return Result::NotSupported;
  }
}

//--- Pools: an allocation is there at once, and gone when the stream gets to its free

AWG_EMU_API Result awg::cuda::cuMemAllocFromPoolAsync(Address *outAddress, size_t bytes, MemoryPool pool,
                                                      Stream handle) {
  AWG_EMU_ENTER();
  if (!pool)
    return Result::InvalidValue;
  AWG_EMU_STREAM(stream, handle);
  if (stream->capture)
    return Result::StreamCaptureUnsupported;
  Result result = allocate(driver, pool->device, outAddress, bytes, MemoryKind::Pool);
  if (result == Result::OutOfMemory) { // what the streams are about to free counts
    driver.drain(pool->device);
    result = allocate(driver, pool->device, outAddress, bytes, MemoryKind::Pool);
  }
  std::lock_guard lock(driver.mutex);
  if (result == Result::Success)
    grow(*pool, bytes);
  return result;
}

AWG_EMU_API Result awg::cuda::cuMemAllocAsync(Address *outAddress, size_t bytes, Stream stream) {
  AWG_EMU_ENTER();
  return cuMemAllocFromPoolAsync(outAddress, bytes, &driver.devices[context->device]->pool, stream);
}

AWG_EMU_API Result awg::cuda::cuMemFreeAsync(Address address, Stream handle) {
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  if (stream->capture)
    return Result::StreamCaptureUnsupported;
  Allocation a;
  if (!driver.memory.find(address, a) || a.begin != address || a.kind == MemoryKind::Variable || a.device < 0)
    return Result::InvalidValue;
  Work work;
  work.runsAfterErrors = true;
  work.run = [&driver, a](const Turn &turn) {
    std::string problem;
    if (driver.settings.check && turn.before == Result::Success)
      problem = useByCopy(driver.shadow, driver.order, turn.number, "a free of", a.begin, a.size, true);
    if (!problem.empty()) {
      report({nameOf(FaultKind::StreamRace), problem});
      return Result::LaunchFailed;
    }
    if (!driver.memory.release(a.begin, a.kind))
      return Result::InvalidValue;
    std::lock_guard lock(driver.mutex);
    if (a.kind == MemoryKind::Pool)
      grow(driver.devices[a.device]->pool, -int64_t(a.size));
    return Result::Success;
  };
  return driver.submit(*stream, std::move(work));
}

AWG_EMU_API Result awg::cuda::cuDeviceGetDefaultMemPool(MemoryPool *outPool, Device device) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (device < 0 || device >= driver->settings.devices)
    return Result::InvalidDevice;
  *outPool = &driver->devices[device]->pool;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuDeviceGetMemPool(MemoryPool *outPool, Device device) {
  return cuDeviceGetDefaultMemPool(outPool, device);
}

AWG_EMU_API Result awg::cuda::cuDeviceSetMemPool(Device device, MemoryPool pool) {
  return pool && pool->device == device ? Result::Success : Result::InvalidValue;
}

AWG_EMU_API Result awg::cuda::cuMemPoolGetAttribute(MemoryPool pool, MemoryPoolAttribute attribute, void *outValue) {
  Driver *driver = Driver::get();
  if (!driver || !pool || !outValue)
    return Result::InvalidValue;
  std::lock_guard lock(driver->mutex);
  auto *number = static_cast<uint64_t *>(outValue);
  switch (attribute) {
  case MemoryPoolAttribute::ReleaseThreshold:
    *number = pool->releaseThreshold;
    break;
  case MemoryPoolAttribute::ReservedMemCurrent:
    *number = pool->reserved;
    break;
  case MemoryPoolAttribute::ReservedMemHigh:
    *number = pool->reservedHigh;
    break;
  case MemoryPoolAttribute::UsedMemCurrent:
    *number = pool->used;
    break;
  case MemoryPoolAttribute::UsedMemHigh:
    *number = pool->usedHigh;
    break;
  default:
    if (int(attribute) < 1 || int(attribute) > 3)
      return Result::InvalidValue;
    *static_cast<int *>(outValue) = pool->reuse[int(attribute)];
  }
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuMemPoolSetAttribute(MemoryPool pool, MemoryPoolAttribute attribute, void *value) {
  Driver *driver = Driver::get();
  if (!driver || !pool || !value)
    return Result::InvalidValue;
  std::lock_guard lock(driver->mutex);
  switch (attribute) {
  case MemoryPoolAttribute::ReleaseThreshold:
    pool->releaseThreshold = *static_cast<uint64_t *>(value);
    break;
  case MemoryPoolAttribute::ReservedMemHigh:
    pool->reservedHigh = pool->reserved;
    break;
  case MemoryPoolAttribute::UsedMemHigh:
    pool->usedHigh = pool->used;
    break;
  default:
    if (int(attribute) < 1 || int(attribute) > 3)
      return Result::InvalidValue;
    pool->reuse[int(attribute)] = *static_cast<int *>(value);
  }
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuMemPoolSetAccess(MemoryPool pool, const MemoryAccess *accesses, size_t count) {
  Driver *driver = Driver::get();
  if (!driver || !pool || (count && !accesses))
    return Result::InvalidValue;
  for (size_t i = 0; i < count; ++i) {
    if (accesses[i].device < 0 || accesses[i].device >= driver->settings.devices)
      return Result::InvalidDevice;
    if (accesses[i].device != pool->device)
      driver->memory.allowPool(accesses[i].device, pool->device, accesses[i].flags == MemoryAccess::ReadWrite);
  }
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuMemPoolTrimTo(MemoryPool pool, size_t bytesToKeep) {
  Driver *driver = Driver::get();
  if (!driver || !pool)
    return Result::InvalidValue;
  std::lock_guard lock(driver->mutex);
  pool->reserved = std::max(pool->used, std::min<uint64_t>(pool->reserved, bytesToKeep));
  return Result::Success;
}
