// The deque with its owner and two thieves: each task is taken exactly once, whatever the interleaving.
#include "ModelTest.h"

#include "async/Deque.h"

using namespace awg;
using namespace awg::model;

namespace {

/// Tasks are only names here.
awgrt_task *taskNumber(int number) { return reinterpret_cast<awgrt_task *>(uintptr_t(number) * 64); }

/// The owner is thread 0; the others steal. Each notes what it took in memory of its own.
class Stealing : public Scenario {
public:
  explicit Stealing(int64_t capacity) : deque(capacity) {}

  void end() override {
    int times[5] = {};
    for (Taken &taken : takenBy)
      for (int i = 0; i < taken.count; ++i)
        ++times[reinterpret_cast<uintptr_t>(taken.tasks[i]) / 64];
    for (awgrt_task *task; (task = deque.pop());)
      ++times[reinterpret_cast<uintptr_t>(task) / 64];
    for (int number = 1; number <= pushed; ++number)
      require(times[number] == 1, times[number] ? "a task was taken twice" : "a task was lost");
  }

protected:
  void push() { deque.push(taskNumber(++pushed)); }
  void take(int thread, awgrt_task *task) {
    if (task)
      takenBy[thread].tasks[takenBy[thread].count++] = task;
  }

  rt::Deque deque;
  int pushed = 0;

private:
  struct alignas(64) Taken {
    awgrt_task *tasks[4];
    int count = 0;
  };
  Taken takenBy[3];
};

class PushAndPop : public Stealing {
public:
  PushAndPop() : Stealing(4) {}
  void run(int number) override {
    if (number > 0)
      return take(number, deque.steal());
    push();
    push();
    take(0, deque.pop());
    take(0, deque.pop());
  }
};

TEST(ModelDeque, PushAndPop) { expectNoFailure<PushAndPop>(); }

/// The ring is full at the third push, while thieves look at the old one.
class Growth : public Stealing {
public:
  Growth() : Stealing(2) {}
  void run(int number) override {
    if (number > 0)
      return take(number, deque.steal());
    push();
    push();
    push();
    take(0, deque.pop());
  }
};

TEST(ModelDeque, Growth) { expectNoFailure<Growth>(); }

class PopIf : public Stealing {
public:
  PopIf() : Stealing(4) {}
  void run(int number) override {
    if (number > 0)
      return take(number, deque.steal());
    push();
    push();
    if (deque.popIf(taskNumber(2)))
      take(0, taskNumber(2));
    if (deque.popIf(taskNumber(1)))
      take(0, taskNumber(1));
  }
};

TEST(ModelDeque, PopIf) { expectNoFailure<PopIf>(); }

//===-- The checker finds mistakes ------------------------------------------------------------------------------------===//

/// Explores with the first access whose line holds `text` relaxed.
template <typename S> std::string failureWithRelaxed(const char *text) {
  for (const Site &site : explore<S>().sites)
    if (describe(site.pc).find(text) != std::string::npos) {
      Options options;
      options.relaxed = site.pc;
      return explore<S>(options).failure;
    }
  return "there is no such access";
}

// Without its fence, pop reads `top` before thieves can see that it took the last task.
TEST(ModelDeque, PopWithoutFence) {
  std::string failure = failureWithRelaxed<PushAndPop>("bottom.store(end, std::memory_order_seq_cst)");
  EXPECT_NE(failure.find("a task was taken twice"), std::string::npos) << failure;
  EXPECT_NE(failure.find("store (buffered)"), std::string::npos) << failure;
  EXPECT_NE(failure.find("Deque.h"), std::string::npos) << failure;
}

/// A deque whose thieves take without asking whether they were the first.
class CarelessThieves : public PushAndPop {
public:
  void run(int number) override {
    if (number == 0)
      return PushAndPop::run(0);
    if (int64_t start = top.load(); start < 2) {
      top.store(start + 1);
      take(number, taskNumber(int(start) + 1));
    }
  }

private:
  std::atomic<int64_t> top{0};
};

TEST(ModelDeque, StealWithoutExchange) {
  EXPECT_NE(explore<CarelessThieves>().failure.find("a task was taken twice"), std::string::npos);
}

} // namespace
