// Graphs: captured from streams, launched as one piece of work, whose nodes run in any order that their edges allow.
#include "emulator/api/Driver.h"

#include <algorithm>
#include <set>

using namespace awg::emu;
using namespace awg::cuda;

/// What follows AWG_EMU_ENTER where `HANDLE` is needed: null is an invalid value, what is not live an invalid handle.
#define AWG_EMU_HANDLE(KIND, HANDLE)                                                                                   \
  if (!driver.handles.isLive(HandleKind::KIND, HANDLE))                                                                \
  return HANDLE ? Result::InvalidHandle : Result::InvalidValue

namespace {
/// Executes the nodes, those that may go in an order that `random` picks.
Result execute(const std::vector<GraphNode> &nodes, const std::vector<uint32_t> &numbers, Result before,
               std::minstd_rand random) {
  std::vector<bool> isDone(nodes.size());
  for (size_t done = 0; done < nodes.size(); ++done) {
    std::vector<size_t> ready;
    for (size_t i = 0; i < nodes.size(); ++i) {
      bool mayGo =
          !isDone[i] && std::all_of(nodes[i].after.begin(), nodes[i].after.end(), [&](size_t k) { return isDone[k]; });
      if (mayGo)
        ready.push_back(i);
    }
    size_t chosen = ready[random() % ready.size()];
    isDone[chosen] = true;
    const Work &work = nodes[chosen].work;
    if (work.run)
      if (Result result = work.run({before, numbers.empty() ? 0 : numbers[chosen]}); result != Result::Success)
        return result;
  }
  return Result::Success;
}

/// Also in a context that has failed: who gives back what they have must be able to.
template <class T> Result destroy(HandleKind kind, T *handle) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!driver->handles.isLive(kind, handle) || !driver->handles.remove(handle))
    return handle ? Result::InvalidHandle : Result::InvalidValue;
  delete handle;
  return Result::Success;
}

/// Enters the nodes of a launch into the order of work: each after the nodes before it and what came before in the
/// stream.
std::vector<uint32_t> orderNodes(Driver &driver, const GraphExecImpl &exec, StreamImpl &stream) {
  std::lock_guard lock(driver.mutex);
  driver.updateClock(stream);
  const auto &nodes = *exec.nodes; // captured in an order that their edges follow
  std::vector<Clock> clocks(nodes.size(), stream.clock);
  std::vector<uint32_t> numbers;
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (size_t before : nodes[i].after)
      learn(clocks[i], clocks[before]);
    numbers.push_back(driver.order.add(exec.firstStream + i, clocks[i]));
  }
  for (const Clock &clock : clocks)
    learn(stream.clock, clock);
  return numbers;
}

/// All nodes that come before those of `frontier`, themselves included.
std::set<size_t> ancestors(const GraphImpl &graph, const std::vector<size_t> &frontier) {
  std::set<size_t> found;
  std::vector<size_t> todo = frontier;
  while (!todo.empty()) {
    size_t node = todo.back();
    todo.pop_back();
    if (found.insert(node).second)
      todo.insert(todo.end(), graph.nodes[node].after.begin(), graph.nodes[node].after.end());
  }
  return found;
}
} // namespace

AWG_EMU_API Result awg::cuda::cuStreamBeginCapture_v2(Stream handle, CaptureMode) {
  AWG_EMU_ENTER();
  if (reinterpret_cast<uintptr_t>(handle) <= 1)
    return Result::StreamCaptureImplicit; // the legacy stream cannot be captured
  AWG_EMU_STREAM(stream, handle);
  std::lock_guard lock(driver.mutex);
  if (stream->capture)
    return Result::IllegalState;
  stream->capture = std::make_shared<Capture>();
  stream->capture->graph = std::make_unique<GraphImpl>();
  stream->capture->origin = stream;
  stream->frontier.clear();
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuStreamEndCapture(Stream handle, Graph *outGraph) {
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  std::lock_guard lock(driver.mutex);
  if (!outGraph || !stream->capture)
    return !outGraph ? Result::InvalidValue : Result::IllegalState;
  if (stream->capture->origin != stream)
    return Result::StreamCaptureUnmatched;
  std::shared_ptr<Capture> capture = stream->capture;
  // What other streams captured must come before the origin's last node, or it would be lost.
  std::set<size_t> joined = ancestors(*capture->graph, stream->frontier);
  for (auto &device : driver.devices) {
    auto release = [&](ContextImpl &owner) {
      for (auto &other : owner.streams) {
        if (other->capture != capture)
          continue;
        other->capture = nullptr;
        other->frontier.clear();
      }
    };
    release(device->primary);
    for (auto &owner : driver.contexts)
      release(*owner);
  }
  Result result = capture->isInvalid                              ? Result::StreamCaptureInvalidated
                  : joined.size() != capture->graph->nodes.size() ? captureUnjoined
                                                                  : Result::Success;
  std::unique_ptr<GraphImpl> graph = std::move(capture->graph);
  *outGraph = nullptr;
  if (result == Result::Success)
    driver.handles.add(HandleKind::Graph, *outGraph = graph.release());
  return result;
}

AWG_EMU_API Result awg::cuda::cuStreamIsCapturing(Stream handle, CaptureStatus *outStatus) {
  AWG_EMU_ENTER();
  if (!outStatus)
    return Result::InvalidValue;
  AWG_EMU_STREAM(stream, handle);
  std::lock_guard lock(driver.mutex);
  *outStatus = !stream->capture             ? CaptureStatus::None
               : stream->capture->isInvalid ? CaptureStatus::Invalidated
                                            : CaptureStatus::Active;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuThreadExchangeStreamCaptureMode(CaptureMode *mode) {
  return mode ? Result::Success : Result::InvalidValue;
}

AWG_EMU_API Result awg::cuda::cuGraphCreate(Graph *outGraph, unsigned flags) {
  AWG_EMU_ENTER();
  if (!outGraph || flags)
    return Result::InvalidValue;
  *outGraph = new GraphImpl;
  driver.handles.add(HandleKind::Graph, *outGraph);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuGraphGetNodes(Graph graph, void **outNodes, size_t *count) {
  AWG_EMU_ENTER();
  if (!count)
    return Result::InvalidValue;
  AWG_EMU_HANDLE(Graph, graph);
  for (size_t i = 0; outNodes && i < *count; ++i)
    outNodes[i] = i < graph->nodes.size() ? &graph->nodes[i] : nullptr;
  *count = graph->nodes.size();
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuGraphInstantiateWithFlags(GraphExec *outExec, Graph graph, unsigned long long) {
  AWG_EMU_ENTER();
  if (!outExec)
    return Result::InvalidValue;
  AWG_EMU_HANDLE(Graph, graph);
  std::lock_guard lock(driver.mutex);
  uint32_t firstStream = driver.reserveStreams(graph->nodes.size());
  *outExec = new GraphExecImpl{std::make_shared<const std::vector<GraphNode>>(graph->nodes), firstStream};
  driver.handles.add(HandleKind::GraphExec, *outExec);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuGraphUpload(GraphExec exec, Stream handle) {
  AWG_EMU_ENTER();
  AWG_EMU_HANDLE(GraphExec, exec);
  AWG_EMU_STREAM(stream, handle);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuGraphLaunch(GraphExec exec, Stream handle) {
  AWG_EMU_ENTER();
  AWG_EMU_HANDLE(GraphExec, exec);
  AWG_EMU_STREAM(stream, handle);
  for (const GraphNode &node : *exec->nodes)
    if (node.work.function && !driver.handles.isLive(HandleKind::Function, node.work.function))
      return Result::InvalidHandle; // its module has been unloaded
  uint64_t seed = driver.settings.seed + stream->number;
  std::vector<uint32_t> numbers;
  if (driver.settings.check)
    numbers = orderNodes(driver, *exec, *stream);
  Work work;
  work.run = [nodes = exec->nodes, numbers = std::move(numbers), seed](const Turn &turn) {
    return execute(*nodes, numbers, turn.before, std::minstd_rand(seed));
  };
  return driver.submit(*stream, std::move(work));
}

AWG_EMU_API Result awg::cuda::cuGraphExecDestroy(GraphExec exec) {
  return destroy(HandleKind::GraphExec, exec); // launches under way have its nodes
}

AWG_EMU_API Result awg::cuda::cuGraphDestroy(Graph graph) {
  return destroy(HandleKind::Graph, graph);
}
