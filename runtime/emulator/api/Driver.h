// The state of the driver: devices, their threads, contexts, the memory of all.
#ifndef AWG_EMULATOR_API_DRIVER_H
#define AWG_EMULATOR_API_DRIVER_H

#include "emulator/api/Faults.h"
#include "emulator/api/Functions.h"
#include "emulator/api/Objects.h"
#include "emulator/api/Settings.h"
#include "emulator/exec/Fault.h"
#include "emulator/memory/Shadow.h"

#include <condition_variable>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

namespace awg::emu {

/// A device and the thread that carries out its work.
struct Device {
  int ordinal = 0;
  std::thread thread;
  cuda::ContextImpl primary;
  cuda::MemoryPoolImpl pool;
  uint64_t tickets = 0;
  uint64_t launches = 0;
  std::minstd_rand random; ///< which stream goes next
};

/// What a handle means.
enum class HandleKind : uint8_t { Context, Stream, Event, Module, Function, Graph, GraphExec, Link };

/// The handles that were given out and not taken back. Any thread may call.
class Handles {
public:
  void add(HandleKind kind, const void *handle);
  /// False if it was not there: another thread was first.
  bool remove(const void *handle);
  /// False for null, and for what is not live or of another kind, of which that is reported: "a use of a stream that has
  /// been destroyed".
  bool isLive(HandleKind kind, const void *handle) const;

private:
  mutable std::shared_mutex mutex;
  std::unordered_map<const void *, HandleKind> live;
};

/// One for the process, made by cuInit. `mutex` guards all streams, events and contexts.
class Driver {
public:
  /// Null before cuInit.
  static Driver *get();
  static Result initialise();

  explicit Driver(const Settings &settings);
  ~Driver();

  const Settings settings;
  Faults faults;
  Memory memory;
  Shadow shadow; ///< of `memory`, and
  Order order;   ///< of all work: kept if settings.check
  Handles handles;
  std::vector<std::unique_ptr<Device>> devices;
  std::mutex mutex;
  std::condition_variable changed; ///< work came, ended, or an event is done

  /// What the calling program knows to have ended, by having waited for it; guarded by the mutex.
  Clock hostClock;
  /// Makes the stream's clock know what comes before the next work it is given. The mutex is held.
  void updateClock(cuda::StreamImpl &stream);
  /// The program is being told that a turn has come: it knows what came before. The mutex is not held.
  void learnOf(const Turn &turn);
  /// `count` numbers of streams that are not used by any other.
  uint32_t reserveStreams(uint32_t count);
  /// Gives `work` to a stream, or to the capture it is in. The mutex is not held.
  Result submit(cuda::StreamImpl &stream, Work work);
  /// Waits until all of the stream's work so far has ended; gives the context's error.
  Result synchronize(cuda::StreamImpl &stream);
  Result synchronize(cuda::ContextImpl &context);
  bool isIdle(const cuda::StreamImpl &stream) const { return stream.queue.empty(); }
  cuda::StreamImpl *newStream(cuda::ContextImpl &context, unsigned flags, int priority);
  /// The context's error becomes `error`, unless it has one.
  static Result fail(cuda::ContextImpl &context, Result error);
  /// A module's variables and functions end.
  void release(const cuda::ModuleImpl &module);
  /// A context's streams and modules end; its error is forgotten.
  void reset(cuda::ContextImpl &context);
  /// Everything that a device was given before has ended.
  void drain(int device);
  std::vector<std::unique_ptr<cuda::ContextImpl>> contexts; ///< those of cuCtxCreate

private:
  void deviceLoop(Device &device);
  cuda::StreamImpl *next(Device &device);
  bool isReady(const cuda::StreamImpl &stream) const;
  void forStreams(int device, const std::function<void(cuda::StreamImpl &)> &f) const;

  bool isEnding = false;
  uint64_t streamCount = 0;
};

/// The calling thread's context, or null; `error` says why there is none, that it has been destroyed, or that it or this
/// call has failed.
cuda::ContextImpl *currentContext(Result &error);
void setCurrentContext(cuda::ContextImpl *context);
/// What was set, whether it is live or not.
cuda::ContextImpl *threadContext();

/// The stream that a handle means in the current context: null and 1 are the legacy one, 2 the calling thread's own. Null if
/// there is none such.
cuda::StreamImpl *streamOf(cuda::Stream handle, cuda::ContextImpl &context);

/// True on a device's thread, where the driver must not be called.
bool isDeviceThread();

/// Reports what of a device's memory was never freed, if the settings ask for checks. The mutex is not held.
void reportLeaks(Driver &driver, int device);

/// Prints a finding, keeps it for awgemu_last_report, and adds it to the file that the settings name.
void report(const Finding &finding);

} // namespace awg::emu

/// Opens a function of the API that needs a context: `context` and `driver` are there, errors have been returned.
#define AWG_EMU_ENTER()                                                                                                \
  AWG_EMU_CALL();                                                                                                      \
  Result error = Result::Success;                                                                                      \
  ContextImpl *context = currentContext(error);                                                                        \
  if (!context || error != Result::Success)                                                                            \
    return error;                                                                                                      \
  Driver &driver = *Driver::get();                                                                                     \
  (void)driver

/// What follows AWG_EMU_ENTER where a stream is needed: `NAME` is what `HANDLE` means.
#define AWG_EMU_STREAM(NAME, HANDLE)                                                                                   \
  StreamImpl *NAME = streamOf(HANDLE, *context);                                                                       \
  if (!NAME)                                                                                                           \
  return Result::InvalidHandle

#endif // AWG_EMULATOR_API_DRIVER_H
