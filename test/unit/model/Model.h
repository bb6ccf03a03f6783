// A model checker for the runtime: explores all interleavings of a few threads, store buffers included. See README.md.
#ifndef AWG_TEST_UNIT_MODEL_MODEL_H
#define AWG_TEST_UNIT_MODEL_MODEL_H

#include <cstddef>
#include <cstdint>
#include <new>
#include <set>
#include <string>
#include <vector>

namespace awg::model {

/// What some threads do together. It is made anew for each run, in memory that the checker watches; whatever its
/// threads share beyond what they synchronise is reported as a race. A run may be broken off anywhere: no destructor
/// runs then.
class Scenario {
public:
  virtual ~Scenario() = default;
  /// What thread `number` does.
  virtual void run(int number) = 0;
  /// Looks at the outcome once all threads have ended.
  virtual void end() {}
};

/// An atomic access in the code under test.
struct Site {
  const void *pc;
  bool isStore;
  bool isUpdate; ///< reads and writes at once
  int order;     ///< as in the C ABI: 0 relaxed, 2 acquire, 3 release, 4 both, 5 sequentially consistent
};

struct Options {
  int threads = 3;
  /// Stands for a mistake: the access at this site is treated as a relaxed one.
  const void *relaxed = nullptr;
  /// Whether only one is explored of several orders that make no difference, and each state once. Without, there is
  /// little that comes to its end: for tests of the checker.
  bool reduces = true;
};

struct Result {
  std::string failure;     ///< what went wrong and the interleaving that led there; empty if nothing did
  bool isComplete = false; ///< all interleavings were explored
  std::set<uint64_t> ends; ///< hashes of the memory that runs have left
  int64_t runs = 0;
  int64_t states = 0;
  std::vector<Site> sites; ///< accesses to what several threads share
};

using Factory = Scenario *(*)();

/// Explores all interleavings of the threads of the scenarios that `make` gives.
Result explore(Factory make, const Options &options);

/// Ends the run as a failure unless `condition` holds. For scenarios.
void require(bool condition, const char *what);

/// From here on, in this run, it is no failure if the other threads wait for ever. For scenarios that do not stop them.
void letOthersWait();

/// Memory that the checker watches, as from malloc.
void *newScenario(size_t size);

/// States that differ in these bytes alone are the same. For scenarios, before their threads begin.
void ignore(const void *bytes, size_t size);
template <typename T> void ignore(const T &object) { ignore(&object, sizeof object); }

/// Explores a scenario class.
template <typename S> Result explore(const Options &options = {}) {
  return explore([]() -> Scenario * { return new (newScenario(sizeof(S))) S; }, options);
}

/// The `file:line` of a site and the text of that line.
std::string describe(const void *pc);

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_MODEL_H
