// Streams and the threads that carry out what is in them.
//
// Every device has a thread. It takes the first piece of work of a stream that may go on, picked at random (but the
// same every time, by seed), so that what is not ordered by the program is not ordered by accident either.
#include "emulator/api/Driver.h"

#include <algorithm>
#include <cstdlib>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
std::mutex startMutex;
Driver *theDriver = nullptr; // lives until the process ends: other threads may still call when destructors run
thread_local ContextImpl *theContext = nullptr;
thread_local bool onDeviceThread = false;
} // namespace

Driver *Driver::get() {
  std::lock_guard lock(startMutex);
  return theDriver;
}

Result Driver::initialise() {
  std::lock_guard lock(startMutex);
  if (theDriver)
    return Result::Success;
  if (!isProcessorFit())
    return Result::NotSupported;
  Settings settings = Settings::read();
  if (settings.devices < 1)
    return Result::NoDevice;
  theDriver = new Driver(settings);
  if (settings.check)
    std::atexit([] {
      for (int device = 0; device < theDriver->settings.devices; ++device)
        reportLeaks(*theDriver, device);
    });
  return Result::Success;
}

Driver::Driver(const Settings &settings)
    : settings(settings), faults(std::getenv("AWG_EMU_FAULTS")), memory(settings.devices, settings.memory) {
  if (settings.check)
    memory.watch(&shadow);
  for (int i = 0; i < settings.devices; ++i) {
    auto device = std::make_unique<Device>();
    device->ordinal = i;
    device->primary.device = i;
    device->primary.isPrimary = true;
    device->pool.device = i;
    device->random.seed(settings.seed + i);
    handles.add(HandleKind::Context, &device->primary);
    devices.push_back(std::move(device));
  }
  for (auto &device : devices)
    device->thread = std::thread([this, &device = *device] { deviceLoop(device); });
}

Driver::~Driver() {
  {
    std::lock_guard lock(mutex);
    isEnding = true;
    changed.notify_all();
  }
  for (auto &device : devices)
    device->thread.join();
}

void Driver::forStreams(int device, const std::function<void(StreamImpl &)> &f) const {
  for (auto &stream : devices[device]->primary.streams)
    f(*stream);
  for (auto &context : contexts)
    if (context->device == device)
      for (auto &stream : context->streams)
        f(*stream);
}

/// The legacy stream waits for all blocking streams of its context and they for it, by the order in which work was
/// given.
bool Driver::isReady(const StreamImpl &stream) const {
  if (stream.queue.empty() || stream.isRunning)
    return false;
  const Work &work = stream.queue.front();
  if (work.waitsFor && !work.waitsFor->isDone)
    return false;
  if (stream.flags & streamNonBlocking)
    return true;
  auto isBefore = [&](const StreamImpl &other) {
    return !other.queue.empty() && other.queue.front().ticket < work.ticket;
  };
  if (!stream.isLegacy)
    return !stream.context->legacy || !isBefore(*stream.context->legacy);
  for (auto &other : stream.context->streams)
    if (!other->isLegacy && !(other->flags & streamNonBlocking) && isBefore(*other))
      return false;
  return true;
}

StreamImpl *Driver::next(Device &device) {
  std::vector<StreamImpl *> ready;
  forStreams(device.ordinal, [&](StreamImpl &stream) {
    if (isReady(stream))
      ready.push_back(&stream);
  });
  return ready.empty() ? nullptr : ready[device.random() % ready.size()];
}

void Driver::deviceLoop(Device &device) {
  onDeviceThread = true;
  std::unique_lock lock(mutex);
  while (!isEnding) {
    StreamImpl *stream = next(device);
    if (!stream) {
      changed.wait(lock);
      continue;
    }
    stream->isRunning = true;
    Work &work = stream->queue.front();
    if (faults.isLost(device.ordinal))
      fail(*stream->context, Result::ECCUncorrectable);
    Result before = stream->context->error;
    if (work.run && (before == Result::Success || work.runsAfterErrors)) {
      lock.unlock();
      auto start = std::chrono::steady_clock::now();
      Result result = work.run({before, work.number});
      if (faults.slowness() > 1)
        std::this_thread::sleep_for((std::chrono::steady_clock::now() - start) * (faults.slowness() - 1));
      lock.lock();
      if (result != Result::Success)
        fail(*stream->context, result);
    }
    if (work.completes) {
      work.completes->time = std::chrono::steady_clock::now();
      work.completes->isDone = true;
    }
    stream->queue.pop_front();
    stream->isRunning = false;
    changed.notify_all();
  }
}

Result Driver::fail(ContextImpl &context, Result error) {
  if (context.error == Result::Success)
    context.error = error;
  return context.error;
}

Result Driver::submit(StreamImpl &stream, Work work) {
  std::lock_guard lock(mutex);
  if (stream.capture) {
    if (stream.capture->isInvalid)
      return Result::StreamCaptureInvalidated;
    auto &nodes = stream.capture->graph->nodes;
    if (work.completes || work.waitsFor)
      return Result::StreamCaptureUnsupported;
    nodes.push_back({std::move(work), stream.frontier});
    stream.frontier = {nodes.size() - 1};
    return Result::Success;
  }
  if (settings.check) {
    updateClock(stream);
    if (work.waitsFor)
      learn(stream.clock, work.waitsFor->clock);
    if (work.run && !work.number)
      work.number = order.add(stream.number, stream.clock);
    if (work.completes)
      work.completes->clock = stream.clock;
  }
  work.ticket = ++devices[stream.context->device]->tickets;
  stream.queue.push_back(std::move(work));
  changed.notify_all();
  return Result::Success;
}

Result Driver::synchronize(StreamImpl &stream) {
  std::unique_lock lock(mutex);
  if (stream.capture) {
    stream.capture->isInvalid = true;
    return Result::StreamCaptureUnsupported;
  }
  uint64_t last = devices[stream.context->device]->tickets;
  Clock clock = stream.clock;
  changed.wait(lock, [&] { return stream.queue.empty() || stream.queue.front().ticket > last; });
  learn(hostClock, clock);
  return stream.context->error;
}

Result Driver::synchronize(ContextImpl &context) {
  std::unique_lock lock(mutex);
  uint64_t last = devices[context.device]->tickets;
  Clock clock;
  for (auto &stream : context.streams)
    learn(clock, stream->clock);
  changed.wait(lock, [&] {
    return std::all_of(context.streams.begin(), context.streams.end(),
                       [&](auto &stream) { return stream->queue.empty() || stream->queue.front().ticket > last; });
  });
  learn(hostClock, clock);
  return context.error;
}

/// By the rule that the legacy stream waits for the blocking ones and they for it.
void Driver::updateClock(StreamImpl &stream) {
  learn(stream.clock, hostClock);
  if (stream.flags & streamNonBlocking)
    return;
  if (!stream.isLegacy && stream.context->legacy)
    return learn(stream.clock, stream.context->legacy->clock);
  for (auto &other : stream.context->streams)
    if (stream.isLegacy && !(other->flags & streamNonBlocking))
      learn(stream.clock, other->clock);
}

void Driver::learnOf(const Turn &turn) {
  if (!turn.number)
    return;
  std::lock_guard lock(mutex);
  learn(hostClock, order.clockOf(turn.number));
}

uint32_t Driver::reserveStreams(uint32_t count) {
  uint32_t first = streamCount + 1;
  streamCount += count;
  return first;
}

void Driver::drain(int device) {
  std::unique_lock lock(mutex);
  uint64_t last = devices[device]->tickets;
  Clock clock;
  forStreams(device, [&](StreamImpl &stream) { learn(clock, stream.clock); });
  changed.wait(lock, [&] {
    bool isDone = true;
    forStreams(device,
               [&](StreamImpl &stream) { isDone &= stream.queue.empty() || stream.queue.front().ticket > last; });
    return isDone;
  });
  learn(hostClock, clock);
}

void Handles::add(HandleKind kind, const void *handle) {
  std::lock_guard lock(mutex);
  live[handle] = kind;
}

bool Handles::remove(const void *handle) {
  std::lock_guard lock(mutex);
  return live.erase(handle);
}

bool Handles::isLive(HandleKind kind, const void *handle) const {
  constexpr const char *names[] = {"a context",  "a stream", "an event",          "a module",
                                   "a function", "a graph",  "an executable graph", "a link"};
  if (!handle)
    return false;
  std::string text = std::string("a use of ") + names[int(kind)] + " that has been destroyed, or never was";
  {
    std::shared_lock lock(mutex);
    auto found = live.find(handle);
    if (found != live.end() && found->second == kind)
      return true;
    if (found != live.end())
      text = std::string("a use of ") + names[int(found->second)] + " as " + names[int(kind)];
  }
  report({"bad-handle", text});
  return false;
}

StreamImpl *Driver::newStream(ContextImpl &context, unsigned flags, int priority) {
  std::lock_guard lock(mutex);
  auto stream = std::make_unique<StreamImpl>();
  stream->context = &context;
  stream->flags = flags;
  stream->priority = priority;
  stream->number = ++streamCount;
  handles.add(HandleKind::Stream, stream.get());
  context.streams.push_back(std::move(stream));
  return context.streams.back().get();
}

void Driver::release(const ModuleImpl &module) {
  for (uint64_t address : module.allocations)
    memory.release(address, MemoryKind::Variable);
  handles.remove(&module);
  for (auto &[name, function] : module.functions)
    handles.remove(&function);
}

void Driver::reset(ContextImpl &context) {
  synchronize(context);
  std::lock_guard lock(mutex);
  for (auto &module : context.modules)
    release(*module);
  for (auto &stream : context.streams)
    handles.remove(stream.get());
  context.modules.clear();
  context.streams.clear();
  context.legacy = nullptr;
  context.error = Result::Success;
}

//--- The calling thread's context

bool awg::emu::isDeviceThread() { return onDeviceThread; }

void awg::emu::setCurrentContext(ContextImpl *context) { theContext = context; }

ContextImpl *awg::emu::threadContext() { return theContext; }

ContextImpl *awg::emu::currentContext(Result &error) {
  Driver *driver = Driver::get();
  if (!driver) {
    error = Result::NotInitialized;
    return nullptr;
  }
  if (onDeviceThread) {
    error = Result::NotPermitted;
    return nullptr;
  }
  ApiCall *call = ApiCall::get();
  if (!theContext) {
    if (driver->settings.check && call)
      report({"no-context", std::string("a call of ") + call->function + " by a thread that has no current context"});
    error = Result::InvalidContext;
    return nullptr;
  }
  if (!driver->handles.isLive(HandleKind::Context, theContext)) {
    error = Result::ContextIsDestroyed;
    return nullptr;
  }
  {
    std::lock_guard lock(driver->mutex);
    error = theContext->error;
    for (auto &stream : theContext->streams)
      if (error != Result::Success) // nothing is carried out there any more
        learn(driver->hostClock, stream->clock);
  }
  if (call && !call->isCounted && error == Result::Success) {
    call->isCounted = true;
    error = driver->faults.next(FaultPoint::Call, theContext->device);
  }
  return theContext;
}

StreamImpl *awg::emu::streamOf(Stream handle, ContextImpl &context) {
  auto value = reinterpret_cast<uintptr_t>(handle);
  Driver &driver = *Driver::get();
  if (value > 2)
    return driver.handles.isLive(HandleKind::Stream, handle) ? handle : nullptr;
  {
    std::lock_guard lock(driver.mutex);
    if (context.legacy)
      return context.legacy;
  }
  StreamImpl *stream = driver.newStream(context, 0, 0);
  std::lock_guard lock(driver.mutex);
  stream->isLegacy = true;
  return context.legacy = stream;
}
