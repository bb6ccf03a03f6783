// One execution: threads on fibers, the memory that they share, their store buffers, and who has seen what.
#ifndef AWG_TEST_UNIT_MODEL_WORLD_H
#define AWG_TEST_UNIT_MODEL_WORLD_H

#include "Memory.h"
#include "Model.h"

#include <array>
#include <csetjmp>
#include <optional>
#include <pthread.h>
#include <ucontext.h>
#include <unordered_set>

namespace awg::model {

enum class Kind : uint8_t { Start, Load, Store, Update, Fence, Lock, Unlock, Wait, Relock, Signal, Join, End };

/// What a thread is about to do.
struct Operation {
  Kind kind = Kind::Start;
  uint8_t size = 8;
  bool writes = true;
  bool drains = false; ///< empties the store buffer first
  uintptr_t address = 0;
  uintptr_t second = 0; ///< of Wait and Relock: the condition
  const void *pc = nullptr;
  uint64_t operand = 0; ///< a hash of the values that it is given
  bool isTimed = false; ///< of Relock: it may go on without a signal, since its time has come
};

/// Where code stands that has called the checker: its own stack begins at `stack`, and its registers are those that
/// calls keep. The rest of its state is in memory.
struct Caller {
  const void *pc;
  uintptr_t stack;
  uint64_t registers[6];
};
} // namespace awg::model
/// Of the call that is under way.
extern "C" awg::model::Caller awg_model_caller;
/// Where the stack begins on which calls go on, or null: on the caller's.
extern "C" void *awg_model_stack;
namespace awg::model {

/// A store that other threads do not see yet.
struct Buffered {
  uintptr_t address;
  uint64_t value;
  uint8_t size;
  bool releases;
  Clock clock;
  const void *pc;
};

struct Thread {
  jmp_buf resume;
  bool exists = false, started = false, ended = false, signaled = false;
  void *(*body)(void *) = nullptr;
  void *argument = nullptr;
  Operation next;
  Caller caller = {};
  Clock clock;
  Buffered buffer[16];
  int buffered = 0;
  void *local = nullptr; ///< what `thisWorker` is for it
  uint64_t ticks = 0;
  uint64_t held = 0; ///< the bits of the mutexes that it holds
};

/// What was done, for the report.
struct Step {
  int8_t thread;
  bool drains; ///< a buffered store became visible
  Operation operation;
  uint64_t value;
};

/// What a mutex of the model keeps in the memory of the real one.
struct MutexState {
  int64_t owner; ///< 0: none, else the thread's number + 1
  Clock clock;
};
static_assert(sizeof(MutexState) <= sizeof(pthread_mutex_t));

/// Transitions: thread t goes on, or its oldest buffered store becomes visible.
using Transitions = uint16_t;
constexpr Transitions stepOf(int thread) { return Transitions(1u << thread); }
constexpr Transitions drainOf(int thread) { return Transitions(1u << (8 + thread)); }

/// Who decides what happens next. It gives the bit of an enabled transition, or 0 to end the run.
class Chooser {
public:
  virtual ~Chooser() = default;
  virtual Transitions choose() = 0;
};

class World {
public:
  /// Makes a scenario and runs its threads until they have ended, the chooser ends the run, or something is wrong.
  void run(Factory make, int threadCount, Chooser &chooser);

  /// Forgets what earlier runs have taught: another scenario begins.
  void forget() {
    memory.forget();
    sites.clear();
    knownSites.clear();
    recentSites.fill(nullptr);
  }

  //===-- For choosers: where the execution stands --===//
  Transitions enabled() const;
  bool areIndependent(Transitions left, Transitions right) const;
  uint64_t hash();
  int current() const { return running; }
  bool allEnded() const;
  /// There is no transition: that is a failure, unless time may pass, or the threads may wait for ever.
  void endStuck();
  /// What each thread that has not ended is about to do.
  std::vector<Step> waiting() const;

  //===-- For the hooks: what the running thread does --===//
  bool isRunning() const { return running >= 0; }
  Thread &thread() { return threads[running]; }
  /// Waits until the running thread may carry out `operation`.
  void reach(const Operation &operation);
  /// That, or at once if nobody can tell since the thread holds a mutex: see Memory::isGuarded.
  void reachGuarded(const Operation &operation, uintptr_t address);
  /// From here on the other threads may wait for ever.
  void letOthersWait() { mayWait = true; }
  uint64_t load(uintptr_t address, int size, int order, const void *pc);
  void store(uintptr_t address, int size, uint64_t value, int order, const void *pc);
  /// Reads, and writes what `update` makes of it, if it gives something. Gives the old value. `operand` hashes all that
  /// `update` is made of.
  template <typename Update>
  uint64_t update(uintptr_t address, int size, int order, const void *pc, uint64_t operand, Update update);
  void fence(const void *pc);
  void access(uintptr_t address, size_t size, bool writes, const void *pc);
  void lock(MutexState &mutex, const void *pc);
  void unlock(MutexState &mutex, const void *pc);
  /// Until it is signalled, or, if `deadline` is not `never`, until then: any time later may be then.
  void wait(uintptr_t condition, MutexState &mutex, int64_t deadline, const void *pc);
  static constexpr int64_t never = INT64_MAX;
  /// Nanoseconds of the clock, which moves when a wait times out.
  int64_t now(const void *pc);
  void signal(uintptr_t condition, const void *pc);
  int createThread(void *(*body)(void *), void *argument);
  void joinThread(int number, const void *pc);
  void endThread();
  void *allocate(size_t size, size_t alignment);
  void release(void *block, const void *pc);
  [[noreturn]] void fail(const std::string &what);

  Memory memory;
  std::string failure;
  std::vector<Step> steps;
  std::vector<Site> sites;
  const void *relaxed = nullptr;
  bool reduces = true;            ///< Options::reduces
  std::optional<uint64_t> ending; ///< a hash of the memory as the run ended, unless it was given up

private:
  std::unordered_set<const void *> knownSites;
  std::array<const void *, 1024> recentSites{}; ///< of those that are known
  void dispatch();
  void carryOut(Transitions transition);
  void switchTo(int thread);
  [[noreturn]] void leave();
  static void enter();
  bool touchSystem(uintptr_t address);
  void own(MutexState &mutex);
  void timeOut(uintptr_t condition, int64_t deadline);
  void drainOldest(int thread);
  void drainAll(int thread);
  void write(uintptr_t address, int size, uint64_t value, bool releases, const Clock &clock);
  uint64_t hashOf(int number) const;
  bool mayGoOn(int thread) const;
  /// The value that the last step has read or written, for the report.
  void note(uint64_t value) { steps.back().value = value; }
  int orderAt(const void *pc, int order, bool isStore, bool isUpdate);
  void check(uintptr_t address, size_t size, bool writes, bool atomic, const void *pc);

  Thread threads[maxThreads];
  alignas(16) char stacks[maxThreads][64 << 10]; ///< the checker's own, for calls of each thread
  ucontext_t entry;
  jmp_buf outside;
  Scenario *scenario = nullptr;
  Chooser *chooser = nullptr;
  int running = -1;
  uintptr_t clock = 0;  ///< where it stands
  int timeouts = 0;     ///< in this run
  bool mayWait = false; ///< for ever
  uint64_t locks = 0;   ///< hash of who holds which mutex
};

extern World world;

template <typename Update>
uint64_t World::update(uintptr_t address, int size, int order, const void *pc, uint64_t operand, Update change) {
  bool shared = memory.touch(running, address, size, /*writes=*/true);
  order = orderAt(pc, order, /*isStore=*/true, /*isUpdate=*/true);
  if (shared)
    reachGuarded({Kind::Update, uint8_t(size), true, true, address, 0, pc, operand}, address);
  uint64_t old = readRaw(address, size), value = old;
  bool writes = change(old, value);
  if (!shared) {
    if (writes)
      writeRaw(address, size, value);
    return old;
  }
  check(address, size, writes, /*atomic=*/true, pc);
  Thread &self = thread();
  Clock last = memory.clockOf(address);
  if (order == 2 || order >= 4)
    self.clock.join(last);
  if (writes) {
    Clock all = last; // it goes on with the releases before it
    if (order >= 3)
      all.join(self.clock);
    write(address, size, value, /*releases=*/true, all);
    if (order >= 3)
      ++self.clock.at[running];
  }
  note(writes ? value : old);
  return old;
}

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_WORLD_H
