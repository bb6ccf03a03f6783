// Runs of a runtime that can be repeated: its threads become fibers of one thread, its clock is virtual, and a seed decides who
// goes on when.
//
// What a runtime does to other threads goes through Sync.h, and that is where a simulation takes over. At every lock, wait
// and interleaving point another fiber may go on; when all wait, the clock moves to the next deadline. If there is none,
// a wake-up was lost.
#ifndef AWG_RUNTIME_ASYNC_SIMULATION_H
#define AWG_RUNTIME_ASYNC_SIMULATION_H

#include <cstddef>
#include <cstdint>

namespace awg::rt {

class Condition;
class Mutex;
struct Fiber;

class Simulation {
public:
  /// Makes the calling thread a simulated one.
  Simulation();
  /// All other fibers must have ended.
  ~Simulation();
  Simulation(const Simulation &) = delete;
  Simulation &operator=(const Simulation &) = delete;

  /// From here on `seed` decides, and the clock begins anew. All other fibers must have ended.
  void begin(uint64_t seed);

  /// Nanoseconds of the virtual clock.
  int64_t now() const { return clock; }
  /// Nanoseconds since it began.
  int64_t elapsed() const { return clock - clockStart; }
  /// Lets up to `nanoseconds` pass.
  void spend(int64_t nanoseconds) { clock += int64_t(choose(uint64_t(nanoseconds) + 1)); }
  /// Lets another fiber go on, or not.
  void interleave();

  // What stands for the functions of Sync.h.
  Fiber *start(void *(*body)(void *), void *argument);
  void join(Fiber *fiber);
  void lock(Mutex &mutex);
  void unlocked(Mutex &mutex);
  /// Returns when it was woken, or at `deadline`.
  void wait(Condition &condition, Mutex &mutex, int64_t deadline);
  void wake(Condition &condition);

private:
  static constexpr int64_t clockStart = 1'000'000'000;

  uint64_t random();
  /// A number below `bound`.
  uint64_t choose(uint64_t bound) { return (unsigned __int128)(random()) * bound >> 64; }
  Fiber *newFiber();
  void goOn();
  void switchTo(Fiber *fiber);
  static void fiberMain();

  Fiber *first = nullptr; ///< all that were ever made; the main one is the last
  Fiber *main;
  Fiber *current;
  uint64_t state = 0;
  uint64_t interval = 1;  ///< one in so many interleaving points lets another go on
  int64_t clock = 0;
};

/// The simulation that the calling thread is part of, or null.
extern thread_local constinit Simulation *thisSimulation [[gnu::tls_model("initial-exec")]];

/// A point at which other threads may have done something: tells a simulation so.
inline void interleave() {
  if (thisSimulation) [[unlikely]]
    thisSimulation->interleave();
}

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_SIMULATION_H
