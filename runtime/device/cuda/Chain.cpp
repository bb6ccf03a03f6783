// Telling of many launches at once, and replaying starts as graphs.
#include "device/cuda/Chain.h"

#include "device/cuda/Gpu.h"
#include "device/cuda/GpuLaunch.h"

#include <cstdlib>
#include <new>

namespace awg::rt {

using cuda::Result;

namespace {

/// Ends are told of after so many launches, or so many nanoseconds: a callback holds its stream up for some microseconds.
constexpr int64_t mostUntold = 256, longestUntold = 1'000'000;
/// Starts that repeat before they are captured, and starts of a graph.
constexpr int64_t leastRepeated = 24;
constexpr int32_t graphStarts = 64;
/// A program that takes longer between two starts that are put off is not held up by them, but the GPU is.
constexpr int64_t patience = 250'000;
/// Starts that are not put off after that, doubled each time.
constexpr int64_t shortestRest = 64, longestRest = int64_t(1) << 20;
/// A query that finds the launches ended shows when they did if the one before came no longer ago than this, and an eighth of their time.
constexpr int64_t closeLook = 10'000;
/// A graph that is not faster so many times in a row is given up.
constexpr int32_t mostSlow = 4;
/// Graphs that may be given up for others before each needs twice as many repeated starts.
constexpr int32_t mostMisses = 10;

/// A moving average.
void blend(int64_t &average, int64_t value) { average = average ? (7 * average + value) / 8 : value; }

} // namespace

/// The starts of the past, and the graph of those that repeat.
struct Chain::Replay {
  Repetition past;
  cuda::Stream recorder = nullptr; ///< where graphs are captured: nothing is ever carried out in it
  cuda::GraphExec graph = nullptr;
  StoredStart starts[Repetition::longest]; ///< of the graph, a period
  uint64_t hashes[Repetition::longest];
  int32_t period = 0;
  int32_t length = 0;      ///< of the graph: a multiple of the period
  int64_t since = 0;       ///< when the first start was put off
  int64_t resting = 0;     ///< starts that are not to be put off
  int64_t rest = shortestRest;
  int64_t startCost = 0;   ///< nanoseconds that the driver takes for a start, on average
  int32_t slow = 0;        ///< times in a row that the graph took no less
  bool isFirst = false;    ///< launch of the graph, which brings it to the device
  int32_t misses = 0;
  bool isPossible = true;  ///< the driver has graphs

  const StoredStart &at(int32_t position) const { return starts[position % period]; }
};

void Chain::open(Gpu &ofGpu, cuda::Stream ofStream) {
  gpu = &ofGpu;
  handle = ofStream;
}

Chain::~Chain() { free(replay); }

void Chain::close() {
  if (!replay)
    return;
  if (replay->graph)
    gpu->driver->cuGraphExecDestroy(replay->graph);
  if (replay->recorder)
    gpu->driver->cuStreamDestroy_v2(replay->recorder);
  replay->graph = nullptr;
  replay->recorder = nullptr;
}

//===-- Starts ------------------------------------------------------------------------------------------------------===//

Fault Chain::start(const KernelStart &start) {
  Guard guard(mutex);
  if (!replay)
    replay = new (allocate(sizeof(Replay), alignof(Replay))) Replay;
  if (start.count > StoredStart::mostWords || gpu->trace.get()) { // a trace shows each launch by itself
    flushLocked();
    replay->past.clear();
    return startNow(start);
  }
  uint64_t hash = StoredStart::hashOf(start);
  int64_t now = monotonicNow();
  bool isPutOff = putOff(start, hash, now);
  replay->past.add(start, hash);
  if (isPutOff)
    return position.load(std::memory_order_relaxed) == replay->length ? launchGraph() : Fault{};
  if (Fault fault = startNow(start))
    return fault;
  blend(replay->startCost, monotonicNow() - now);
  considerGraph();
  return {};
}

Fault Chain::startNow(const KernelStart &start) {
  void *parameters[StoredStart::mostWords];
  auto **all = start.count <= StoredStart::mostWords
                   ? parameters
                   : static_cast<void **>(__builtin_alloca(sizeof(void *) * size_t(start.count)));
  for (int32_t k = 0; k < start.count; ++k)
    all[k] = const_cast<uint64_t *>(start.words + k);
  Result result = gpu->driver->cuLaunchKernel(start.function, start.groups, 1, 1, start.threads, 1, 1, 0, handle, all, nullptr);
  if (result != Result::Success)
    return {result, "cuLaunchKernel"};
  return {};
}

/// Whether the start is the next of the graph, and is left to it. If it is not, all before it are started.
bool Chain::putOff(const KernelStart &start, uint64_t hash, int64_t now) {
  Replay &own = *replay;
  if (!own.graph)
    return false;
  int32_t at = position.load(std::memory_order_relaxed);
  if (at > 0 && now - own.since > patience) {
    flushLocked();
    own.resting = own.rest;
    own.rest = own.rest < longestRest ? 2 * own.rest : longestRest;
    at = 0;
  }
  if (own.resting > 0) {
    --own.resting;
    return false;
  }
  bool isNext = own.at(at).equals(start, hash) &&
                (at > 0 || (own.past.period() == own.period && own.past.repeated() >= own.period));
  if (!isNext) {
    flushLocked();
    return false;
  }
  if (at == 0)
    own.since = now;
  position.store(at + 1, std::memory_order_release);
  return true;
}

void Chain::flushAll() {
  Guard guard(mutex);
  Current current(*gpu);
  flushLocked();
}

void Chain::flushLocked() {
  int32_t count = position.load(std::memory_order_relaxed);
  Fault fault;
  for (int32_t k = 0; k < count && !fault; ++k)
    fault = startNow(replay->at(k).get());
  position.store(0, std::memory_order_release);
  if (fault)
    gpu->lose(fault.result);
}

//===-- Graphs ------------------------------------------------------------------------------------------------------===//

/// Launches the graph, as all of its starts were put off.
Fault Chain::launchGraph() {
  Replay &own = *replay;
  int64_t begin = monotonicNow();
  Result result = gpu->driver->cuGraphLaunch(own.graph, handle);
  position.store(0, std::memory_order_release);
  if (result != Result::Success) { // those before this one have ended for the program
    gpu->lose(result);
    return {result, "cuGraphLaunch"};
  }
  gpu->counts.graphs.fetch_add(1, std::memory_order_relaxed);
  own.rest = shortestRest;
  if (own.isFirst) {
    own.isFirst = false;
    return {};
  }
  bool isFaster = monotonicNow() - begin < own.startCost * own.length;
  own.slow = isFaster ? 0 : own.slow + 1;
  if (own.slow == mostSlow)
    own.isPossible = false;
  if (!own.isPossible) {
    gpu->driver->cuGraphExecDestroy(own.graph);
    own.graph = nullptr;
  }
  return {};
}

/// Captures a graph if the starts repeat and there is none of them.
void Chain::considerGraph() {
  Replay &own = *replay;
  int32_t period = own.past.period();
  int64_t needed = (3 * period > leastRepeated ? 3 * period : leastRepeated) << own.misses;
  if (!own.isPossible || period == 0 || own.past.repeated() < needed)
    return;
  for (int32_t k = 0; own.graph && own.period == period && k < period; ++k) // this graph, at another place of its period
    if (own.past.next().equals(own.starts[k].get(), own.hashes[k]))
      return;
  if (own.graph) {
    gpu->driver->cuGraphExecDestroy(own.graph);
    own.graph = nullptr;
    own.misses += own.misses < mostMisses;
  }
  own.period = period;
  own.length = period * (graphStarts / period);
  for (int32_t k = 0; k < period; ++k) {
    KernelStart next = own.past.next(k).get();
    own.hashes[k] = StoredStart::hashOf(next);
    own.starts[k].store(next, own.hashes[k]);
  }
  own.isPossible = capture();
  own.isFirst = true;
  own.slow = 0;
}

/// Records the starts in a stream of its own: others may be at work with this one.
bool Chain::capture() {
  Replay &own = *replay;
  const Driver &driver = gpu->driver;
  if (!own.recorder && driver->cuStreamCreate(&own.recorder, cuda::streamNonBlocking) != Result::Success) {
    own.recorder = nullptr;
    return false;
  }
  if (driver->cuStreamBeginCapture_v2(own.recorder, cuda::CaptureMode::Relaxed) != Result::Success)
    return false;
  cuda::Stream stream = handle;
  handle = own.recorder;
  Fault fault;
  for (int32_t k = 0; k < own.length && !fault; ++k)
    fault = startNow(own.at(k).get());
  handle = stream;
  cuda::Graph graph = nullptr;
  Result ended = driver->cuStreamEndCapture(own.recorder, &graph);
  if (ended != Result::Success || !graph)
    return false;
  if (!fault && driver->cuGraphInstantiateWithFlags(&own.graph, graph, 0) != Result::Success)
    own.graph = nullptr;
  driver->cuGraphDestroy(graph);
  return own.graph;
}

//===-- Ends --------------------------------------------------------------------------------------------------------===//

void Chain::add(GpuLaunch &launch, bool tells) {
  Guard guard(mutex);
  launch.next = nullptr;
  if (last)
    last->next = &launch;
  else
    first = &launch;
  last = &launch;
  int64_t count = untoldCount.fetch_add(1, std::memory_order_relaxed) + 1;
  atWorkAt = 0;
  if (tells || count >= mostUntold || gpu->trace.get() || monotonicNow() - toldAt > longestUntold)
    tellLocked(/*isNew=*/true);
}

void Chain::tell() {
  if (untold() == 0)
    return;
  Guard guard(mutex);
  Current current(*gpu);
  tellLocked(/*isNew=*/false);
}

/// `isEndSeen`: they are told of as the last of them ends, not some time after.
GpuLaunch *Chain::takeUntold(bool isEndSeen) {
  GpuLaunch *all = first;
  if (last)
    last->isEndSeen = isEndSeen;
  first = last = nullptr;
  untoldCount.store(0, std::memory_order_relaxed);
  toldAt = monotonicNow();
  return all;
}

bool Chain::poll() {
  if (untold() == 0 || !mutex.tryLock())
    return false;
  bool awaitsGraph = position.load(std::memory_order_relaxed) > 0 && monotonicNow() - replay->since < patience;
  if (awaitsGraph) {
    mutex.unlock();
    return false;
  }
  Result result;
  {
    Current current(*gpu);
    flushLocked();
    result = gpu->driver->cuStreamQuery(handle);
  }
  int64_t now = monotonicNow();
  // All that this chain has is in the stream.
  GpuLaunch *all = nullptr;
  if (result == Result::Success || isSticky(result))
    all = takeUntold(isCloseLook(now));
  else
    atWorkAt = now;
  mutex.unlock();
  if (all)
    GpuLaunch::ended(handle, result, all);
  return all;
}

/// Whether launches that are found to have ended did so just now.
bool Chain::isCloseLook(int64_t now) const {
  return last && atWorkAt > 0 && now - atWorkAt <= closeLook + (now - last->created) / 8;
}

/// `isNew`: the last launch was just added. Else it may have ended long ago, and the callback would come late for it.
void Chain::tellLocked(bool isNew) {
  flushLocked();
  if (!first)
    return;
  bool isAtWork = isNew || gpu->driver->cuStreamQuery(handle) == Result::NotReady;
  GpuLaunch *all = takeUntold(isAtWork);
  Result result = gpu->driver->cuStreamAddCallback(handle, GpuLaunch::ended, all, 0);
  if (result == Result::Success)
    return;
  // Without a callback they are waited for here.
  Result synchronized = gpu->driver->cuStreamSynchronize(handle);
  gpu->note(result);
  GpuLaunch::ended(handle, synchronized, all);
}

} // namespace awg::rt
