// Depth-first search over all interleavings, by replay.
//
// A run follows the path that is being explored and then goes its own way; from there on each state with a choice
// becomes a node of the path. States that were seen are not explored again, and of transitions that do not concern each
// other only one order is (sleep sets; with the table of states as in Godefroid, "Partial-order methods for the
// verification of concurrent systems", 1996, ch. 5).
#include "Trace.h"
#include "World.h"

#include <random>
#include <unordered_map>

namespace awg::model {

namespace {

/// Random runs at the start, from which is learned what threads share.
constexpr int scoutRuns = 100;

/// The transitions of `set` that do not concern `done`, and so are as good after it as before.
Transitions independentOf(Transitions done, Transitions set) {
  Transitions result = 0;
  for (Transitions left = set; left; left &= Transitions(left - 1)) {
    auto transition = Transitions(left & -left);
    if (world.areIndependent(done, transition))
      result |= transition;
  }
  return result;
}

/// Of several transitions, the running thread's step comes first, other steps next.
Transitions firstOf(Transitions set) {
  if (world.current() >= 0 && (set & stepOf(world.current())))
    return stepOf(world.current());
  return Transitions(set & -set);
}

class Scout : public Chooser {
public:
  explicit Scout(unsigned seed) : random(seed) {}

  Transitions choose() override {
    Transitions enabled = world.enabled();
    if (!enabled) {
      world.endStuck();
      return 0;
    }
    for (auto skip = random() % unsigned(__builtin_popcount(enabled)); skip > 0; --skip)
      enabled &= Transitions(enabled - 1);
    return Transitions(enabled & -enabled);
  }

private:
  std::minstd_rand random;
};

class Search : public Chooser {
public:
  int64_t states() const { return int64_t(seen.size()); }

  void beginRun() {
    depth = 0;
    asleep = 0;
  }

  /// Gives up what was explored, since it was with a wrong idea of what is shared.
  void beginAnew() {
    seen.clear();
    path.clear();
  }

  /// Moves on to the next path. False if there is none.
  bool advance() {
    while (!path.empty()) {
      Node &node = path.back();
      node.asleep |= node.taken;
      node.left &= Transitions(~node.taken);
      if (node.left) {
        node.taken = Transitions(node.left & -node.left);
        return true;
      }
      path.pop_back();
    }
    return false;
  }

  Transitions choose() override {
    Transitions enabled = world.enabled();
    if (!enabled) {
      world.endStuck();
      return 0;
    }
    Transitions taken = enabled;
    if (enabled & (enabled - 1)) {
      if (depth == path.size() && !addNode(enabled))
        return 0;
      Node &node = path[depth++];
      asleep = node.asleep;
      taken = node.taken;
    } else if (asleep & enabled) {
      return 0;
    }
    asleep = world.reduces ? independentOf(taken, asleep) : 0;
    return taken;
  }

private:
  /// A state with more than one way on.
  struct Node {
    Transitions left;   ///< to be explored, `taken` among them
    Transitions asleep; ///< explored, or no use because of what was explored before
    Transitions taken;
  };

  bool addNode(Transitions enabled) {
    if (!world.reduces) {
      path.push_back({enabled, 0, firstOf(enabled)});
      return true;
    }
    auto [entry, isNew] = seen.try_emplace(world.hash(), asleep);
    auto left = Transitions(enabled & ~asleep);
    if (!isNew) { // what was asleep before and is not now
      left = Transitions(entry->second & ~asleep & enabled);
      asleep &= entry->second;
      entry->second = asleep;
    }
    if (left)
      path.push_back({left, asleep, firstOf(left)});
    return left != 0;
  }

  std::unordered_map<uint64_t, Transitions> seen; ///< what was asleep there
  std::vector<Node> path;
  size_t depth = 0;
  Transitions asleep = 0;
};

std::string report(const Options &options) {
  std::string text = world.failure + "\n" + listSteps(world);
  if (options.relaxed)
    text += "with a relaxed access at " + describe(options.relaxed) + "\n";
  return text;
}

} // namespace

Result explore(Factory make, const Options &options) {
  Result result;
  world.forget();
  world.relaxed = options.relaxed;
  world.reduces = options.reduces;
  Search search;
  bool isOver = false;
  for (int run = 0; !isOver; ++run) {
    if (run < scoutRuns) {
      Scout scout(unsigned(run + 1));
      world.run(make, options.threads, scout);
    } else {
      search.beginRun();
      world.run(make, options.threads, search);
    }
    ++result.runs;
    if (!world.failure.empty()) {
      result.failure = report(options);
      isOver = true;
    } else if (run >= scoutRuns) {
      if (world.memory.hasLearned()) {
        search.beginAnew();
        result.ends.clear();
        continue;
      }
      if (world.ending)
        result.ends.insert(*world.ending);
      if (!search.advance())
        isOver = result.isComplete = true;
    }
  }
  result.states = search.states();
  result.sites = world.sites;
  return result;
}

void letOthersWait() { world.letOthersWait(); }

void require(bool condition, const char *what) {
  if (!condition)
    world.fail(what);
}

} // namespace awg::model
