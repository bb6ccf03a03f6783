// What the driver's handles point to.
#ifndef AWG_EMULATOR_API_OBJECTS_H
#define AWG_EMULATOR_API_OBJECTS_H

#include "device/cuda/DriverAPI.h"
#include "emulator/code/Code.h"
#include "emulator/memory/Memory.h"
#include "emulator/memory/Order.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace awg::emu {

using cuda::Address;
using cuda::Result;

/// Errors of the driver that the runtime has no name for.
constexpr Result sharedObjectNotFound{302};
constexpr Result invalidSource{300};
constexpr Result captureUnmerged{903};
constexpr Result captureUnjoined{904};
constexpr Result captureIsolation{905};
constexpr Result capturedEvent{907};
constexpr Result hostMemoryAlreadyRegistered{712};
constexpr Result hostMemoryNotRegistered{713};
constexpr Result cooperativeLaunchTooLarge{720};

/// What an event waits for: that the work before it in its stream has ended. Guarded by the driver's mutex.
struct Completion {
  bool isDone = false;
  std::chrono::steady_clock::time_point time;
  Clock clock; ///< what comes before it, if that is checked
};

/// What a piece of work is told when its turn has come.
struct Turn {
  Result before;   ///< the context's error so far
  uint32_t number; ///< in the order of work, if that is checked
};

/// One thing that a stream does, on the device's thread. `run` gives its error.
struct Work {
  std::function<Result(const Turn &turn)> run;
  const void *function = nullptr;        ///< that it launches
  bool runsAfterErrors = false;          ///< events and callbacks do, kernels and copies do not
  std::shared_ptr<Completion> waitsFor;  ///< it starts no earlier
  std::shared_ptr<Completion> completes; ///< done when it has ended
  uint64_t ticket = 0;                   ///< counts what the device was given
  uint32_t number = 0;                   ///< see Turn
};

/// Work captured, with what comes before it.
struct GraphNode {
  Work work;
  std::vector<size_t> after;
};

} // namespace awg::emu

namespace awg::cuda {

struct ContextImpl {
  int device = 0;
  bool isPrimary = false;
  unsigned retained = 0;          ///< of the primary context
  Result error = Result::Success; ///< sticky; guarded by the driver's mutex
  std::vector<std::unique_ptr<StreamImpl>> streams;
  std::vector<std::unique_ptr<ModuleImpl>> modules;
  std::map<int, size_t> limits; ///< that were set
  StreamImpl *legacy = nullptr; ///< the stream that no handle, or 1, means
};

struct GraphImpl {
  std::vector<awg::emu::GraphNode> nodes;
};

struct GraphExecImpl {
  std::shared_ptr<const std::vector<awg::emu::GraphNode>> nodes;
  uint32_t firstStream = 0; ///< numbers of streams, one a node, that the order of work knows the nodes by
};

/// A capture; streams that joined it share it, and events keep it.
struct Capture {
  std::unique_ptr<GraphImpl> graph; ///< null once it has ended
  StreamImpl *origin = nullptr;
  bool isInvalid = false;
};

struct StreamImpl {
  ContextImpl *context = nullptr;
  unsigned flags = 0;
  int priority = 0;
  bool isLegacy = false;
  uint64_t number = 0;
  // Guarded by the driver's mutex.
  std::deque<awg::emu::Work> queue; ///< the first one may be running
  bool isRunning = false;
  std::shared_ptr<Capture> capture;
  std::vector<size_t> frontier; ///< the nodes captured last
  awg::emu::Clock clock;        ///< what has come before the end of the queue
};

struct EventImpl {
  unsigned flags = 0;
  int device = 0;
  std::shared_ptr<awg::emu::Completion> completion; ///< of the last record; null: never recorded
  std::shared_ptr<Capture> capture;                 ///< if that was captured
  std::vector<size_t> frontier;
};

struct FunctionImpl {
  ModuleImpl *module = nullptr;
  const awg::emu::Code *code = nullptr;
  int mostDynamicShared = 0;
};

struct ModuleImpl {
  ContextImpl *context = nullptr;
  std::unique_ptr<awg::emu::Program> program;
  std::vector<uint64_t> allocations;
  std::map<std::string, FunctionImpl, std::less<>> functions;
};

struct MemoryPoolImpl {
  int device = 0;
  uint64_t releaseThreshold = 0;
  uint64_t used = 0, usedHigh = 0, reserved = 0, reservedHigh = 0;
  int reuse[4] = {0, 1, 1, 1};
};

} // namespace awg::cuda

#endif // AWG_EMULATOR_API_OBJECTS_H
