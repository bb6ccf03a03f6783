// Opening and closing a GPU, its streams, memory and queue.
#include "device/cuda/Gpu.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "device/Gpus.h"
#include "device/cuda/GpuLaunch.h"
#include "memory/Residency.h"
#include "place/Devices.h"
#include "std/Text.h"

#include <utility>

namespace awg::rt {

using cuda::DeviceAttribute;
using cuda::Result;

#define AWG_TRY(CALL, ...)                                                                                             \
  if (Result result = driver->CALL(__VA_ARGS__); result != Result::Success)                                            \
    return {result, #CALL};

//===-- Opening -----------------------------------------------------------------------------------------------------===//

bool Gpu::open(int32_t ordinal, Text &problem) {
  auto fails = [&](Result result, const char *call) {
    if (result == Result::Success)
      return false;
    addDevice(problem, number);
    problem.add(" does not open: ").add(call).add(": ");
    driver.describe(problem, result);
    return true;
  };
  auto attribute = [&](DeviceAttribute which, int32_t &out) {
    return !fails(driver->cuDeviceGetAttribute(&out, which, device), "cuDeviceGetAttribute");
  };
  if (fails(driver->cuDeviceGet(&device, ordinal), "cuDeviceGet") ||
      fails(driver->cuDeviceGetName(name, int(sizeof name), device), "cuDeviceGetName") ||
      fails(driver->cuDeviceTotalMem_v2(&memory, device), "cuDeviceTotalMem") ||
      !attribute(DeviceAttribute::ComputeCapabilityMajor, major) ||
      !attribute(DeviceAttribute::ComputeCapabilityMinor, minor) ||
      fails(driver->cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain"))
    return false;
  Current current(*this);
  Fault fault = records.open(*this);
  if (fault && fails(fault.result, fault.call))
    return false;
  if (!openStreams(problem))
    return false;
  usePools();
  return true;
}

bool Gpu::openStreams(Text &problem) {
  for (GpuStream &stream : streams) {
    Result result = driver->cuStreamCreate(&stream.handle, cuda::streamNonBlocking);
    if (result == Result::Success)
      result = driver->cuEventCreate(&stream.marker, cuda::eventDisableTiming);
    if (result != Result::Success) {
      addDevice(problem, number);
      problem.add(" has no stream: ");
      driver.describe(problem, result);
      return false;
    }
    stream.chain.open(*this, stream.handle);
  }
  return true;
}

/// Memory in the pool stays there until it is trimmed, so that allocation costs little.
void Gpu::usePools() {
  int32_t supported = 0;
  if (driver->cuDeviceGetAttribute(&supported, DeviceAttribute::MemoryPoolsSupported, device) != Result::Success ||
      !supported || driver->cuDeviceGetDefaultMemPool(&pool, device) != Result::Success) {
    pool = nullptr;
    return;
  }
  uint64_t threshold = UINT64_MAX;
  driver->cuMemPoolSetAttribute(pool, cuda::MemoryPoolAttribute::ReleaseThreshold, &threshold);
}

void Gpu::reach(const Gpu &peer) {
  int can = 0;
  if (driver->cuDeviceCanAccessPeer(&can, device, peer.device) != Result::Success || !can)
    return;
  {
    Current current(*this);
    driver->cuCtxEnablePeerAccess(peer.context, 0);
  }
  if (!peer.pool)
    return;
  cuda::MemoryAccess access = {cuda::MemoryAccess::OnDevice, device, cuda::MemoryAccess::ReadWrite};
  driver->cuMemPoolSetAccess(peer.pool, &access, 1);
}

Gpu::~Gpu() {
  synchronize(); // callbacks return, and leave what is to be done to the thread
  if (started) {
    queueMutex.lock();
    stopping = true;
    wake.wake();
    queueMutex.unlock();
    joinThread(thread);
  }
  awgrt_error_release(untoldFailure); // launches may have ended until here
  if (!context)
    return;
  {
    Current current(*this);
    synchronize();
    code.close();
    uploads.close();
    downloads.close();
    records.close(*this);
    for (GpuStream &stream : streams) {
      stream.chain.close();
      if (stream.marker)
        driver->cuEventDestroy_v2(stream.marker);
      if (stream.handle)
        driver->cuStreamDestroy_v2(stream.handle);
    }
    trim();
  }
  driver->cuDevicePrimaryCtxRelease_v2(device);
}

//===-- Streams -----------------------------------------------------------------------------------------------------===//

Fault Gpu::wait(int32_t stream, const Use &use) {
  if (use.number == 0 || (use.gpu == number && use.stream == stream))
    return {};
  Gpu &other = gpus[use.gpu];
  GpuStream &awaited = other.streams[use.stream];
  if (awaited.completed.load(std::memory_order_acquire) >= use.number)
    return {};
  if (!other.isLost()) // else nothing comes to its streams any more, but what is there may still be at work
    awaited.chain.flush();
  streams[stream].chain.flush();
  // An event stands for all that is in the stream by now, which is more than enough.
  Result recorded;
  {
    Current current(other);
    recorded = driver->cuEventRecord(awaited.marker, awaited.handle);
  }
  other.note(recorded);
  if (recorded != Result::Success && !other.isLost())
    return {recorded, "cuEventRecord", 0, other.number};
  if (recorded != Result::Success) { // of what is still at work there the host sees the end
    Current current(other);
    driver->cuStreamSynchronize(awaited.handle);
    return {};
  }
  Current current(*this);
  AWG_TRY(cuStreamWaitEvent, streams[stream].handle, awaited.marker, 0)
  return {};
}

bool Gpu::turnsOutLost() {
  Current current(*this);
  note(driver->cuStreamQuery(streams[0].handle));
  return isLost();
}

Fault Gpu::confirm(const Use &use) {
  GpuStream &awaited = streams[use.stream];
  if (use.number == 0 || awaited.completed.load(std::memory_order_acquire) >= use.number)
    return {};
  awaited.chain.flush();
  Current current(*this);
  Result result = driver->cuStreamSynchronize(awaited.handle);
  note(result);
  if (result != Result::Success)
    return {result, "cuStreamSynchronize", 0, number};
  return {};
}

void Gpu::tell() {
  for (GpuStream &stream : streams)
    stream.chain.tell();
}

bool Gpu::poll() {
  bool hasEnded = false;
  for (GpuStream &stream : streams)
    hasEnded |= stream.chain.poll();
  return hasEnded;
}

int64_t Gpu::untold() const {
  int64_t count = 0;
  for (const GpuStream &stream : streams)
    count += stream.chain.untold();
  return count;
}

bool Gpu::isIdle() const {
  for (const GpuStream &stream : streams)
    if (stream.completed.load(std::memory_order_acquire) < stream.submitted)
      return false;
  return true;
}

int64_t Gpu::load() const { return pending.load(std::memory_order_relaxed) - untold(); }

void Gpu::synchronize() {
  if (!context)
    return;
  tell();
  Current current(*this);
  for (GpuStream &stream : streams)
    if (stream.handle)
      driver->cuStreamSynchronize(stream.handle);
}

//===-- Memory ------------------------------------------------------------------------------------------------------===//

Fault Gpu::allocate(int64_t bytes, int32_t stream, cuda::Address &out) {
  const char *call = pool ? "cuMemAllocAsync" : "cuMemAlloc";
  // GPUs update 8 and 16 bits at a time by swapping the word around them, which has to be there as a whole.
  size_t whole = (size_t(bytes) + 3) / 4 * 4;
  auto attempt = [&] {
    return pool ? driver->cuMemAllocAsync(&out, whole, streams[stream].handle) : driver->cuMemAlloc_v2(&out, whole);
  };
  Result result = attempt();
  for (Spill spill : {Spill::Copies, Spill::All}) {
    if (result != Result::OutOfMemory)
      break;
    gpus.makeRoom(*this, spill);
    synchronize();
    trim();
    result = attempt();
  }
  if (result != Result::Success)
    return {result, call, bytes};
  return {};
}

void Gpu::release(cuda::Address address, int32_t stream) {
  if (!address || isLost())
    return;
  Current current(*this);
  streams[stream].chain.flush();
  note(pool ? driver->cuMemFreeAsync(address, streams[stream].handle) : driver->cuMemFree_v2(address));
}

void Gpu::trim() {
  if (pool)
    driver->cuMemPoolTrimTo(pool, 0);
}

Fault Gpu::upload(int32_t stream, cuda::Address to, const void *from, int64_t bytes) {
  counts.uploads.fetch_add(1, std::memory_order_relaxed);
  counts.uploaded.fetch_add(bytes, std::memory_order_relaxed);
  streams[stream].chain.flush();
  return uploads.upload(stream, to, static_cast<const char *>(from), bytes);
}

Fault Gpu::download(void *to, cuda::Address from, int64_t bytes, const Use &use) {
  Guard guard(fetching);
  Current current(*this);
  if (Fault fault = downloads.open())
    return fault;
  if (use.number > 0) {
    GpuStream &awaited = streams[use.stream];
    awaited.chain.flush();
    AWG_TRY(cuEventRecord, awaited.marker, awaited.handle)
    AWG_TRY(cuStreamWaitEvent, downloads.handle(), awaited.marker, 0)
  }
  counts.downloads.fetch_add(1, std::memory_order_relaxed);
  counts.downloaded.fetch_add(bytes, std::memory_order_relaxed);
  bool isAtOnce = use.number <= streams[use.stream].completed.load(std::memory_order_acquire);
  int64_t start = monotonicNow();
  Fault fault = downloads.download(static_cast<char *>(to), from, bytes);
  if (fault) // what was begun may still read
    note(driver->cuStreamSynchronize(downloads.handle()));
  else if (isAtOnce)
    costs->device.noteCopy(bytes, monotonicNow() - start);
  return fault;
}

//===-- Failures ----------------------------------------------------------------------------------------------------===//

void Gpu::note(Result result) {
  if (isSticky(result))
    lose(result);
}

void Gpu::lose(Result result) {
  Result none = Result::Success;
  lost.compare_exchange_strong(none, result, std::memory_order_acq_rel);
}

awgrt_error *Gpu::failure(const awgrt_place *place, const Fault &fault) const {
  if (fault.lostGpu >= 0 && fault.lostGpu != number)
    return gpus[fault.lostGpu].failure(place, fault);
  Text message;
  if (isLost()) {
    message.add("device lost: ");
    addDevice(message, number);
    message.add(": ");
    driver.describe(message, lossReason());
    return createError(place, message);
  }
  if (fault.result == Result::OutOfMemory) {
    size_t unused = 0, total = memory;
    Current current(*this);
    driver->cuMemGetInfo_v2(&unused, &total);
    message.add("out of memory: ");
    addDevice(message, number);
    message.add(" has ").addUnsigned(unused).add(" of ").addUnsigned(total).add(" bytes free");
    if (fault.bytes > 0)
      message.add(", and ").addSigned(fault.bytes).add(" are needed");
    if (fault.bytes > int64_t(total))
      message.add(": an array has to fit as a whole");
    return createError(place, message);
  }
  message.add("device error: ");
  addDevice(message, number);
  message.add(": ").add(fault.call).add(": ");
  driver.describe(message, fault.result);
  return createError(place, message);
}

void Gpu::keepUntold(awgrt_error *error) {
  if (!error)
    return;
  Guard guard(untoldMutex);
  if (!untoldFailure)
    std::swap(untoldFailure, error);
  awgrt_error_release(error);
}

void Gpu::noteTold() {
  if (!isLost())
    return;
  Guard guard(untoldMutex);
  isLossTold = true;
}

awgrt_error *Gpu::takeUntold() {
  Guard guard(untoldMutex);
  return isLossTold ? nullptr : std::exchange(untoldFailure, nullptr);
}

//===-- The queue ---------------------------------------------------------------------------------------------------===//

void Gpu::submit(GpuLaunch &launch) {
  pending.fetch_add(1, std::memory_order_relaxed);
  // Behind others, or with much to copy, it is the thread's: a worker has better things to do.
  if (isQueueEmpty() && launch.isQuick() && submission.tryLock()) {
    bool done = launch.submitNow(/*mayWait=*/false);
    submission.unlock();
    if (done)
      return;
  }
  doLater(launch);
}

void Gpu::doLater(GpuWork &work) {
  Guard guard(queueMutex);
  if (!started) {
    if (!startThread(thread, threadMain, this, "awg-gpu"))
      fatal("cannot start a thread");
    started = true;
  }
  work.next = nullptr;
  (first ? last->next : first) = &work;
  last = &work;
  queued.fetch_add(1, std::memory_order_release);
  wake.wake();
}

void *Gpu::threadMain(void *gpu) {
  static_cast<Gpu *>(gpu)->work();
  return nullptr;
}

void Gpu::work() {
  queueMutex.lock();
  for (;;) {
    GpuWork *next = first;
    if (!next && stopping)
      break;
    if (!next) {
      wake.wait(queueMutex);
      continue;
    }
    first = next->next;
    queueMutex.unlock();
    next->run(*next);
    queued.fetch_sub(1, std::memory_order_release);
    queueMutex.lock();
  }
  queueMutex.unlock();
}

void Gpu::startTrace(TraceFile &file, int32_t lane) {
  Text text;
  addDevice(text, number);
  text.add('\0');
  trace.start(file, lane, text.data());
}

void Gpu::recordSpan(const char *what, const awgrt_place *place, int64_t begin) {
  if (!trace.get())
    return;
  Guard guard(traceMutex);
  if (trace.get()->isDue())
    trace.get()->span(what, place, begin);
}

} // namespace awg::rt
