// A stand-in for the CUDA driver: see FakeDriver.h. As asynchronous as the real one, so that wrong order shows.
#include "FakeObjects.h"

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

using namespace awg::cuda;
using awg::test::FakeControl;
using awg::test::FakeEntry;
using awg::test::gather;

extern "C" __attribute__((visibility("default"))) FakeControl fakeDriver;
FakeControl fakeDriver;

namespace {

ContextImpl contexts[16];
std::mutex mutex; // of what follows
std::map<Address, size_t> allocations;
thread_local std::vector<Context> current;
thread_local bool isInCallback = false;

/// Whether a call needs a current context.
bool needsContext(std::string_view call) {
  return call.starts_with("cuStream") || call.starts_with("cuEvent") || call.starts_with("cuLaunch") ||
         (call.starts_with("cuMem") && !call.starts_with("cuMemPool"));
}

template <typename T, typename Value> Result give(T *out, Value value) {
  *out = value;
  return Result::Success;
}

/// Counts a call, and says what it is to return if that is not success.
Result enter(const char *call) {
  std::lock_guard guard(mutex);
  ++fakeDriver.calls;
  fakeDriver.forbiddenCalls += isInCallback || (current.empty() && needsContext(call));
  if (fakeDriver.failingCall && strcmp(fakeDriver.failingCall, call) == 0 && --fakeDriver.failAt == 0)
    return Result(fakeDriver.failWith);
  return Result::Success;
}

#define ENTER                                                                                                          \
  if (Result failure = enter(__func__); failure != Result::Success)                                                    \
    return failure;

/// The same for a call that needs a device in order.
#define ENTER_ON(CONTEXT)                                                                                              \
  ENTER                                                                                                                \
  if (Result lost = (CONTEXT)->error; lost != Result::Success)                                                         \
    return lost;

/// Adds what does nothing on a device that is lost.
Result enqueue(Stream stream, std::function<void()> operation) {
  if (stream->capture) {
    stream->capture->push_back(std::move(operation));
    return Result::Success;
  }
  stream->add([stream, operation = std::move(operation)] {
    if (stream->context->error == Result::Success)
      operation();
  });
  return Result::Success;
}

Result allocateMemory(Address *out, size_t bytes) {
  std::lock_guard guard(mutex);
  if (fakeDriver.liveBytes + int64_t(bytes) > fakeDriver.capacity)
    return Result::OutOfMemory;
  void *memory = aligned_alloc(256, (bytes + 255) / 256 * 256);
  memset(memory, 0xCD, bytes);
  *out = reinterpret_cast<Address>(memory);
  allocations[*out] = bytes;
  fakeDriver.liveBytes += int64_t(bytes);
  ++fakeDriver.liveAllocations;
  return Result::Success;
}

void freeMemory(Address address) {
  std::lock_guard guard(mutex);
  auto known = allocations.find(address);
  if (known == allocations.end())
    abort(); // freed twice
  fakeDriver.liveBytes -= int64_t(known->second);
  --fakeDriver.liveAllocations;
  free(reinterpret_cast<void *>(address));
  allocations.erase(known);
}

/// A kernel begins (1) or ends (-1).
void addRunning(int change) {
  std::lock_guard guard(mutex);
  fakeDriver.running += change;
  fakeDriver.executed += change < 0;
}

void *memoryAt(Address address) { return reinterpret_cast<void *>(address); }

int deviceCount() { return getenv("AWG_EMU_DEVICES") ? atoi(getenv("AWG_EMU_DEVICES")) : 1; }

} // namespace

#pragma GCC visibility push(default)
extern "C" {

Result cuGetErrorName(Result error, const char **out) {
  *out = error == Result::IllegalAddress ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_OTHER";
  return Result::Success;
}
Result cuGetErrorString(Result error, const char **out) {
  *out = error == Result::IllegalAddress ? "an illegal memory access was encountered" : "some other error";
  return Result::Success;
}
Result cuInit(unsigned) { ENTER return Result::Success; }
Result cuDriverGetVersion(int *out) {
  ENTER
  return give(out, 12000);
}
Result cuDeviceGetCount(int *out) {
  ENTER
  return give(out, deviceCount());
}
Result cuDeviceGet(Device *out, int ordinal) {
  ENTER
  return give(out, ordinal);
}
Result cuDeviceGetName(char *out, int size, Device) {
  ENTER
  strncpy(out, "Fake GPU", size_t(size));
  return Result::Success;
}
Result cuDeviceTotalMem_v2(size_t *out, Device) {
  ENTER
  *out = size_t(fakeDriver.capacity);
  return Result::Success;
}
Result cuDeviceGetAttribute(int *out, DeviceAttribute attribute, Device) {
  ENTER
  *out = attribute == DeviceAttribute::MemoryPoolsSupported ? fakeDriver.hasPools : 8;
  return Result::Success;
}
Result cuDeviceCanAccessPeer(int *out, Device, Device) {
  ENTER
  return give(out, 1);
}
Result cuDevicePrimaryCtxRetain(Context *out, Device device) {
  ENTER
  contexts[device].number = device;
  contexts[device].error = Result::Success;
  return give(out, &contexts[device]);
}
Result cuDevicePrimaryCtxRelease_v2(Device) { ENTER return Result::Success; }
Result cuCtxSetCurrent(Context) { ENTER return Result::Success; }
Result cuCtxGetCurrent(Context *out) {
  ENTER
  *out = current.empty() ? nullptr : current.back();
  return Result::Success;
}
Result cuCtxPushCurrent_v2(Context context) {
  current.push_back(context);
  return Result::Success;
}
Result cuCtxPopCurrent_v2(Context *out) {
  *out = current.back();
  current.pop_back();
  return Result::Success;
}
Result cuCtxSynchronize() { ENTER return Result::Success; }
Result cuCtxEnablePeerAccess(Context, unsigned) { ENTER return Result::Success; }

Result cuModuleLoadDataEx(Module *out, const void *image, unsigned count, JITOption *options, void **values) {
  Result failure = enter(__func__);
  for (unsigned k = 0; k < count && failure != Result::Success; ++k)
    if (options[k] == JITOption::ErrorLogBuffer)
      strcpy(static_cast<char *>(values[k]), "line 7: the fake says no\n");
  if (failure != Result::Success)
    return failure;
  *out = new ModuleImpl;
  if (strncmp(static_cast<const char *>(image), ".version", 8) == 0) {
    (*out)->functions["awg_gather"] = {{"awg_gather", gather, 0}};
    return Result::Success;
  }
  for (auto *entry = static_cast<const FakeEntry *>(image); entry->name; ++entry)
    (*out)->functions[entry->name] = {*entry};
  return Result::Success;
}
Result cuModuleUnload(Module module) {
  ENTER
  delete module;
  return Result::Success;
}
Result cuModuleGetFunction(Function *out, Module module, const char *name) {
  ENTER
  auto found = module->functions.find(name);
  if (found == module->functions.end())
    return Result::NotFound;
  *out = &found->second;
  return Result::Success;
}
Result cuModuleGetGlobal_v2(Address *, size_t *, Module, const char *) { return Result::NotFound; }
Result cuFuncGetAttribute(int *out, FunctionAttribute, Function) {
  ENTER
  return give(out, 1024);
}
Result cuFuncSetAttribute(Function, FunctionAttribute, int) { return Result::NotSupported; }
Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int *, Function, int, size_t) { return Result::NotSupported; }
Result cuOccupancyMaxPotentialBlockSize(int *, int *, Function, BlockSizeToSharedBytes, size_t, int) {
  return Result::NotSupported;
}
Result cuLaunchKernel(Function function, unsigned gridX, unsigned, unsigned, unsigned blockX, unsigned, unsigned, unsigned,
                      Stream stream, void **parameters, void **) {
  ENTER_ON(stream->context)
  std::vector<uint64_t> arguments = awg::test::argumentsOf(function->entry, parameters);
  bool crashes = ++fakeDriver.launches == fakeDriver.crashAtLaunch;
  auto kernel = function->entry.kernel;
  return enqueue(stream, [=] {
    addRunning(1);
    for (auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
         (fakeDriver.callbacks < fakeDriver.heldFor || fakeDriver.besideKernels < fakeDriver.heldForCopies) &&
         std::chrono::steady_clock::now() < end;)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    std::this_thread::sleep_for(std::chrono::milliseconds(fakeDriver.slowness.load()));
    if (crashes)
      stream->context->error = Result::IllegalAddress;
    else
      kernel(arguments.data(), gridX, blockX);
    addRunning(-1);
  });
}

Result cuStreamCreate(Stream *out, unsigned) {
  ENTER
  ++fakeDriver.streamsCreated;
  *out = new StreamImpl(current.back());
  return Result::Success;
}
Result cuStreamDestroy_v2(Stream stream) {
  ENTER
  delete stream;
  return Result::Success;
}
Result cuStreamQuery(Stream stream) {
  ENTER
  return stream->isIdle() ? stream->context->error.load() : Result::NotReady;
}
Result cuStreamSynchronize(Stream stream) {
  ENTER
  stream->synchronize();
  return stream->context->error;
}
Result cuStreamWaitEvent(Stream stream, Event event, unsigned) {
  ENTER_ON(stream->context)
  std::lock_guard guard(event->mutex);
  stream->add([event, until = event->recorded] {
    std::unique_lock lock(event->mutex);
    event->changed.wait(lock, [&] { return event->done >= until; });
  });
  return Result::Success;
}
Result cuStreamAddCallback(Stream stream, StreamCallback function, void *argument, unsigned) {
  ENTER_ON(stream->context)
  ++fakeDriver.callbacks;
  stream->add([=] {
    isInCallback = true;
    function(stream, stream->context->error, argument);
    isInCallback = false;
  });
  return Result::Success;
}
Result cuLaunchHostFunc(Stream stream, HostFunction function, void *argument) {
  ENTER_ON(stream->context)
  return enqueue(stream, [=] { function(argument); });
}
Result cuEventCreate(Event *out, unsigned) {
  ENTER
  *out = new EventImpl;
  return Result::Success;
}
Result cuEventDestroy_v2(Event event) {
  ENTER
  delete event;
  return Result::Success;
}
Result cuEventRecord(Event event, Stream stream) {
  ENTER_ON(stream->context)
  std::lock_guard guard(event->mutex);
  stream->add([event, number = ++event->recorded] {
    std::lock_guard own(event->mutex);
    event->done = number;
    event->changed.notify_all();
  });
  return Result::Success;
}
Result cuEventQuery(Event) { return Result::NotSupported; }
Result cuEventSynchronize(Event event) {
  ENTER
  std::unique_lock lock(event->mutex);
  event->changed.wait(lock, [&] { return event->done >= event->recorded; });
  return Result::Success;
}
Result cuEventElapsedTime(float *, Event, Event) { return Result::NotSupported; }

Result cuMemGetInfo_v2(size_t *outFree, size_t *outTotal) {
  ENTER
  *outTotal = size_t(fakeDriver.capacity);
  *outFree = size_t(fakeDriver.capacity - fakeDriver.liveBytes);
  return Result::Success;
}
Result cuMemAlloc_v2(Address *out, size_t bytes) {
  ENTER
  return allocateMemory(out, bytes);
}
Result cuMemFree_v2(Address address) {
  ENTER
  freeMemory(address);
  return Result::Success;
}
Result cuMemAllocAsync(Address *out, size_t bytes, Stream stream) {
  ENTER_ON(stream->context)
  return allocateMemory(out, bytes);
}
Result cuMemFreeAsync(Address address, Stream stream) {
  ENTER
  stream->add([=] { freeMemory(address); });
  return Result::Success;
}
Result cuDeviceGetDefaultMemPool(MemoryPool *out, Device device) {
  ENTER
  *out = reinterpret_cast<MemoryPool>(&contexts[device]);
  return Result::Success;
}
Result cuMemPoolGetAttribute(MemoryPool, MemoryPoolAttribute, void *) { return Result::NotSupported; }
Result cuMemPoolSetAttribute(MemoryPool, MemoryPoolAttribute, void *) { ENTER return Result::Success; }
Result cuMemPoolSetAccess(MemoryPool, const MemoryAccess *, size_t) { ENTER return Result::Success; }
Result cuMemPoolTrimTo(MemoryPool, size_t) { ENTER return Result::Success; }
Result cuMemHostAlloc(void **out, size_t bytes, unsigned) {
  ENTER
  *out = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return Result::Success;
}
Result cuMemFreeHost(void *memory) {
  ENTER
  free(memory);
  return Result::Success;
}
Result cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, Stream stream) {
  ENTER_ON(stream->context)
  return enqueue(stream, [=] {
    memcpy(memoryAt(to), from, bytes);
    std::lock_guard guard(mutex);
    fakeDriver.besideKernels += fakeDriver.running > 0;
  });
}
Result cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, Stream stream) {
  ENTER_ON(stream->context)
  return enqueue(stream, [=] { memcpy(to, memoryAt(from), bytes); });
}
Result cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, Stream stream) {
  ENTER_ON(stream->context)
  return enqueue(stream, [=] { memcpy(memoryAt(to), memoryAt(from), bytes); });
}
Result cuMemcpyPeerAsync(Address to, Context, Address from, Context, size_t bytes, Stream stream) {
  ENTER_ON(stream->context)
  return enqueue(stream, [=] { memcpy(memoryAt(to), memoryAt(from), bytes); });
}
Result cuMemsetD8Async(Address to, unsigned char value, size_t count, Stream stream) {
  ENTER_ON(stream->context)
  return enqueue(stream, [=] { memset(memoryAt(to), value, count); });
}
Result cuMemsetD16Async(Address, unsigned short, size_t, Stream) { return Result::NotSupported; }
Result cuMemsetD32Async(Address, unsigned, size_t, Stream) { return Result::NotSupported; }
Result cuStreamBeginCapture_v2(Stream stream, CaptureMode) {
  ENTER_ON(stream->context)
  stream->capture = new std::vector<std::function<void()>>;
  return Result::Success;
}
Result cuStreamEndCapture(Stream stream, Graph *out) {
  ENTER_ON(stream->context)
  *out = new GraphImpl{std::move(*stream->capture)};
  delete stream->capture;
  stream->capture = nullptr;
  return Result::Success;
}
Result cuStreamIsCapturing(Stream, CaptureStatus *) { return Result::NotSupported; }
Result cuGraphInstantiateWithFlags(GraphExec *out, Graph graph, unsigned long long) {
  ENTER
  *out = new GraphExecImpl{graph->operations};
  return Result::Success;
}
Result cuGraphLaunch(GraphExec exec, Stream stream) {
  ENTER_ON(stream->context)
  for (auto &operation : exec->operations)
    enqueue(stream, operation);
  return Result::Success;
}
Result cuGraphExecDestroy(GraphExec exec) {
  ENTER
  delete exec;
  return Result::Success;
}
Result cuGraphDestroy(Graph graph) {
  ENTER
  delete graph;
  return Result::Success;
}

} // extern "C"
