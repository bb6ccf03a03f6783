// What the checker leaves out makes no difference: small scenarios end in the same ways with it and without.
#include "ModelTest.h"

#include "async/Sync.h"

using namespace awg;
using namespace awg::model;

namespace {

/// Expects that many ways to end, whether orders and states are left out or not.
template <typename S> void expectEnds(size_t count) {
  Result reduced = explore<S>(), whole = explore<S>({.reduces = false});
  EXPECT_EQ(reduced.failure, "");
  EXPECT_EQ(whole.failure, "");
  EXPECT_TRUE(reduced.isComplete && whole.isComplete);
  EXPECT_EQ(reduced.ends.size(), count);
  EXPECT_EQ(whole.ends, reduced.ends);
  EXPECT_LT(reduced.runs, whole.runs);
  printf("             %ld runs for %ld\n", long(reduced.runs), long(whole.runs));
}

/// Each writes and looks at what the next has written. That nobody sees anything takes three stores that are late.
class Ring : public Scenario {
public:
  void run(int number) override {
    written[number].store(1, std::memory_order_relaxed);
    seen[number] = written[(number + 1) % 3].load(std::memory_order_relaxed);
  }

private:
  std::atomic<int64_t> written[3] = {};
  int64_t seen[3] = {};
};

TEST(ModelReduction, LateStores) { expectEnds<Ring>(8); }

/// Two count under a mutex, so that they need not be watched as they read; the third reads as it likes.
class Counting : public Scenario {
public:
  void run(int number) override {
    if (number == 2) {
      seen[2] = count.load();
      seen[3] = count.load();
      return;
    }
    rt::Guard guard(mutex);
    seen[number] = count.load();
    count.store(seen[number] + 1);
  }

private:
  rt::Mutex mutex;
  std::atomic<int64_t> count{0};
  int64_t seen[4] = {};
};

// Who counts first, and what the third sees: 00, 01, 02, 11, 12 or 22.
TEST(ModelReduction, ReadersOutside) { expectEnds<Counting>(12); }

/// One waits for another; the third comes before or after it.
class Waiting : public Scenario {
public:
  void run(int number) override {
    rt::Guard guard(mutex);
    if (number == 0) {
      while (!isSet)
        changed.wait(mutex);
      seen = other.load();
    } else if (number == 1) {
      isSet = true;
      changed.wake();
    } else {
      other.store(1);
    }
  }

private:
  rt::Mutex mutex;
  rt::Condition changed;
  bool isSet = false;
  std::atomic<int64_t> other{0};
  int64_t seen = 0;
};

TEST(ModelReduction, Waiting) { expectEnds<Waiting>(2); }

//===-- Mistakes
//----------------------------------------------------------------------------------------------------===//

/// What two write under a mutex is read without it, but only by who sees that both have begun: few runs tell.
class HalfGuarded : public Scenario {
public:
  void run(int number) override {
    if (number == 2) {
      if (begun.load() == 2)
        require(value.load() != 2, "the middle of a change was seen");
      return;
    }
    begun.fetch_add(1);
    rt::Guard guard(mutex);
    int64_t before = value.load();
    value.store(before + 1);
    value.store(before);
    if (before == 0 && begun.load() == 2) {
      value.store(2);
      value.store(0);
    }
  }

private:
  rt::Mutex mutex;
  std::atomic<int64_t> begun{0}, value{0};
};

TEST(ModelReduction, FindsReaderWithoutMutex) {
  EXPECT_EQ(explore<HalfGuarded>().failure.rfind("the middle of a change was seen", 0), 0u);
}

/// A waiter looks before it locks: the wake-up may be gone by then.
class LooksTooEarly : public Scenario {
public:
  void run(int number) override {
    if (number == 0) {
      bool wait = !isSet.load();
      rt::Guard guard(mutex);
      if (wait)
        changed.wait(mutex);
      return;
    }
    rt::Guard guard(mutex);
    isSet.store(true);
    changed.wake();
  }

private:
  rt::Mutex mutex;
  rt::Condition changed;
  std::atomic<bool> isSet{false};
};

TEST(ModelReduction, FindsLostWakeUp) {
  EXPECT_EQ(explore<LooksTooEarly>({.threads = 2}).failure.rfind("all threads wait", 0), 0u);
}

/// That others may wait for ever is said by one that has what it came for, not for itself.
class WaitsItself : public LooksTooEarly {
public:
  void run(int number) override {
    LooksTooEarly::run(number);
    letOthersWait();
  }
};

TEST(ModelReduction, WaitersMayStay) {
  Result result = explore<WaitsItself>({.threads = 2});
  EXPECT_EQ(result.failure, "");
  EXPECT_TRUE(result.isComplete);
}

} // namespace
