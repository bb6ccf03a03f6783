// Launches in chains: what repeats is replayed as a graph, whatever comes between.
#include "Kernels.h"

#include "device/cuda/Repetition.h"

#include <optional>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

using namespace awg::test;
using awg::rt::KernelStart;
using awg::rt::Repetition;
using awg::rt::StoredStart;

namespace {

/// What is noted of a sequence of starts, a letter each.
struct Noted {
  Repetition past;
  explicit Noted(const char *letters) {
    for (; *letters; ++letters) {
      uint64_t word = uint64_t(*letters);
      KernelStart start = {nullptr, 1, 32, 1, &word};
      past.add(start, StoredStart::hashOf(start));
    }
  }
  char next(int32_t ahead = 0) { return char(past.next(ahead).get().words[0]); }
};

} // namespace

// The shortest period is found, and how long it has held.
TEST(Repetition, Period) {
  EXPECT_EQ(Noted("").past.period(), 0);
  EXPECT_EQ(Noted("ABCDE").past.period(), 0);
  Noted same("AAAA");
  EXPECT_EQ(same.past.period(), 1);
  EXPECT_EQ(same.past.repeated(), 3);
  Noted three("XYABBABBAB");
  EXPECT_EQ(three.past.period(), 3);
  EXPECT_EQ(three.next(), 'B');
  EXPECT_EQ(three.next(1), 'A');
  EXPECT_EQ(three.next(2), 'B');
  EXPECT_EQ(three.next(3), 'B');
}

// A start that breaks the period begins anew; one that repeats after too long is not seen.
TEST(Repetition, Breaks) {
  Noted broken("ABABABX");
  EXPECT_EQ(broken.past.period(), 0);
  std::string far = "Q";
  for (char letter = 'A'; letter < char('A' + Repetition::longest); ++letter)
    far += letter == 'Q' ? '!' : letter;
  EXPECT_EQ(Noted((far + "Q").c_str()).past.period(), 0);
  EXPECT_EQ(Noted((far.substr(1) + "A").c_str()).past.period(), Repetition::longest);
  Noted many("ABABAB");
  many.past.clear();
  EXPECT_EQ(many.past.period(), 0);
}

// Starts of the same kernel with other parameters, groups or threads are others.
TEST(Repetition, AreCompared) {
  uint64_t one[] = {1, 2}, other[] = {1, 3};
  KernelStart start = {nullptr, 4, 64, 2, one};
  StoredStart stored;
  stored.store(start, StoredStart::hashOf(start));
  EXPECT_TRUE(stored.equals(start, StoredStart::hashOf(start)));
  for (KernelStart changed : {KernelStart{nullptr, 4, 64, 2, other}, {nullptr, 5, 64, 2, one}, {nullptr, 4, 32, 2, one},
                              {nullptr, 4, 64, 1, one}})
    EXPECT_FALSE(stored.equals(changed, StoredStart::hashOf(start)));
}

namespace {

/// While there is one, the driver's launches of kernels move the runtime's clock, 100 ns each, and nothing else does: how fast
/// the machine is decides nothing.
struct DriverClock {
  explicit DriverClock(const FakeControl &driver) {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    start = now.tv_sec * 1'000'000'000 + now.tv_nsec - driver.launches * 100;
    mover = &driver;
  }
  ~DriverClock() { mover = nullptr; }

  static inline std::atomic<const FakeControl *> mover;
  static inline std::atomic<int64_t> start; ///< what the clock would have shown at no launches
};

/// What `rounds` of mix make of `value`.
int64_t mixed(uint64_t value, int64_t rounds) {
  for (int64_t k = 0; k < rounds; ++k)
    value = 3 * value + 1;
  return int64_t(value);
}

/// b = mix(a), a = mix(b), ...; an element is looked at every `touch` rounds, or the driver moves the clock meanwhile.
Spawned pingPong(awgrt_task *, const FakeControl *driver, const GpuKernel *mix, Array *a, Array *b, int64_t rounds,
                 int64_t touch) {
  awgrt_task *self = co_await Self{};
  std::optional<DriverClock> clock;
  if (!touch)
    clock.emplace(*driver);
  for (int64_t k = 0; k < rounds; ++k) {
    awgrt_task *launch = start(self, *mix, 0, {k % 2 ? b->array : a->array, k % 2 ? a->array : b->array});
    awgrt_error *error = co_await Await{self, &launch, 1};
    awgrt_task_free(launch);
    if (error)
      co_return error;
    if (touch && k % touch == touch - 1)
      EXPECT_EQ((k % 2 ? a : b)->read()[1], mixed(1, k + 1));
  }
  co_return nullptr;
}

} // namespace

/// In place of the C library's.
extern "C" int clock_gettime(clockid_t id, timespec *out) noexcept {
  const FakeControl *mover = DriverClock::mover;
  if (id != CLOCK_MONOTONIC || !mover)
    return int(syscall(SYS_clock_gettime, id, out));
  int64_t now = DriverClock::start + mover->launches * 100;
  *out = {now / 1'000'000'000, now % 1'000'000'000};
  return 0;
}

namespace {

struct Chains : testing::Test {
  /// Launches: enough for more than a few graphs, although each worker that goes to sleep has what was put off started,
  /// whenever that is, and so does who tells of 256 of them.
  static constexpr int64_t many = 4000;
  FakeControl &driver = resetDriver();
  GpuKernel mix = mixKernel();
  int64_t graphs = 0;

  void run(int64_t rounds, int64_t touch) {
    TestRuntime runtime("emu:1");
    Array a({64}), b({64});
    a.fillRising();
    auto start = [&](awgrt_task *root) { return pingPong(root, &driver, &mix, &a, &b, rounds, touch).task; };
    EXPECT_EQ(message(runtime.run(start)), "");
    EXPECT_EQ((rounds % 2 ? b : a).read()[3], mixed(3, rounds));
    awgrt_stats stats;
    awgrt_runtime_stats(runtime.get(), &stats);
    EXPECT_EQ(stats.gpu_launches, rounds);
    graphs = stats.graphs;
  }
  void TearDown() override { EXPECT_TRUE(driver.failWith == 719 || driver.liveAllocations == 0); }
  ~Chains() override { EXPECT_EQ(driver.forbiddenCalls, 0); }
};

} // namespace

// Two launches that take turns are replayed by the dozen, and what is left over is launched.
TEST_F(Chains, Replays) {
  run(many, 0);
  EXPECT_GT(graphs, 12);
  EXPECT_EQ(driver.executed, many);
  EXPECT_EQ(driver.launches, many + 64 - 64 * graphs); // calls of cuLaunchKernel: 64 are for the capture
}

// Few repetitions are not worth a graph.
TEST_F(Chains, ShortOnesDoNot) {
  run(20, 0);
  EXPECT_EQ(graphs, 0);
}

// Who looks at what was put off finds it computed.
TEST_F(Chains, AreLookedAt) {
  for (int64_t touch : {1, 7, 50, 64, 99})
    run(400, touch);
}

// A driver without graphs, or that fails in making them, is used without.
TEST_F(Chains, GraphsMayFail) {
  for (const char *call : {"cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags"}) {
    resetDriver();
    driver.failingCall = call;
    driver.failAt = 1;
    driver.failWith = 801;
    run(300, 0);
    EXPECT_EQ(graphs, 0) << call;
    EXPECT_LE(driver.failAt, 0) << call << " was not tried";
  }
}

// A graph that does not start takes the device with it: what it stands for has ended for the program.
TEST_F(Chains, LostWithAGraph) {
  driver.failingCall = "cuGraphLaunch";
  driver.failAt = 2;
  driver.failWith = 719;
  TestRuntime runtime("emu:1");
  Array a({64}), b({64});
  a.fillRising();
  auto start = [&](awgrt_task *root) { return pingPong(root, &driver, &mix, &a, &b, many, 0).task; };
  std::string text = message(runtime.run(start));
  EXPECT_EQ(text.find("device lost: gpu(0): "), 0u) << text;
}
