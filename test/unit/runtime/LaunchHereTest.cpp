// Launches that the awaiting worker carries out on the spot, once they are known to be short, and those that it must
// not.
#include "Kernel.h"

#include "async/Ticks.h"

using namespace awg::test;

namespace {

constexpr int64_t n = 1000;

/// One launch after the other in one task: what each gave at once, or by its task.
struct Launches {
  awgrt_task *self;
  TestKernel &kernel;
  awgrt_array *result = nullptr;
  int64_t extent = n;
  int64_t device = AWGRT_ANY_DEVICE;
  uint64_t results[AWGRT_LAUNCH_RESULTS] = {};

  awgrt_task *start(std::vector<uint64_t> slots) {
    slots.resize(size_t(kernel.kernel.slot_count));
    return awgrt_launch_here(self, &here, &kernel.kernel, device, &extent, slots.data(), result, results);
  }
};

Spawned repeatLaunch(awgrt_task *, TestKernel *kernel, std::vector<uint64_t> slots, int64_t extent, int64_t rounds,
                     awgrt_array *result, std::vector<std::string> *outMessages) {
  awgrt_task *self = co_await Self{};
  Launches launches{self, *kernel, result, extent};
  for (int64_t k = 0; k < rounds; ++k) {
    awgrt_task *task = launches.start(slots);
    if (!task) {
      outMessages->push_back("here");
      resultsOf(self)[0] = launches.results[0];
      continue;
    }
    awgrt_error *error = co_await Await{self, &task, 1};
    if (!error)
      resultsOf(self)[0] = resultsOf(task)[0];
    awgrt_task_free(task);
    outMessages->push_back(error ? message(error) : "task");
  }
  co_return nullptr;
}

/// What `rounds` launches one after the other came to: `here`, `task` or the failure's message.
std::vector<std::string> repeat(TestKernel &kernel, std::vector<uint64_t> slots, int64_t extent, int64_t rounds,
                                uint64_t *out = nullptr, awgrt_array *result = nullptr, int32_t workers = 1) {
  TestRuntime runtime(workers);
  std::vector<std::string> messages;
  std::string failed = message(runtime.run(
      [&](awgrt_task *root) { return repeatLaunch(root, &kernel, slots, extent, rounds, result, &messages).task; },
      out));
  EXPECT_EQ(failed, "");
  return messages;
}

void increment(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *y = pointer<float>(slots[1]);
  EXPECT_EQ(slots[0], slots[4]); // the extent, and the array's own
  for (int64_t i = begin; i < end; ++i)
    y[i] += 1;
}
const std::vector<uint8_t> oneArray = {0, 2, 0, 0, 0, 0};

// The first is measured, the others are carried out at once: every index once a launch. A first one that the system holds up seems
// long, here and below.
TEST(LaunchHere, OnceItIsKnownToBeShort) {
  TestKernel kernel(AWGRT_EACH, 1, oneArray, increment);
  EXPECT_TRUE(happens([&] {
    Array y(AWGRT_F32, {n});
    uint64_t given = 0;
    std::vector<std::string> ways = repeat(kernel, {0, y.slot()}, n, 3, &given, y.array);
    EXPECT_EQ(given, y.slot()); // the launch's result
    for (int64_t i = 0; i < n; ++i)
      EXPECT_EQ(y.as<float>()[i], 3);
    EXPECT_EQ(ways[0], "task");
    return ways == std::vector<std::string>{"task", "here", "here"};
  }));
}

// Over nothing there is nothing to call.
TEST(LaunchHere, NoIndices) {
  TestKernel kernel(AWGRT_EACH, 1, oneArray, increment);
  Array y(AWGRT_F32, {0});
  EXPECT_EQ(repeat(kernel, {0, y.slot()}, 0, 2), (std::vector<std::string>{"task", "task"}));
}

void count(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  for (int64_t b = begin; b < end; ++b)
    pointer<int64_t>(slots[1])[b] = std::min<int64_t>(4096, int64_t(slots[0]) - 4096 * b);
}
void add(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *in = pointer<int64_t>(slots[1]), *out = pointer<int64_t>(slots[2]);
  for (int64_t b = begin; b < end; ++b)
    for (int64_t i = b * 4096; i < std::min<int64_t>(int64_t(slots[0]), (b + 1) * 4096); ++i)
      out[b] = (i % 4096 ? out[b] : 0) + in[i];
}

// A reduction of one block is; its result stands in the slots. A larger one has phases.
TEST(LaunchHere, Reductions) {
  TestKernel kernel(AWGRT_REDUCE, 1, {0, 0}, count, add, nullptr, 8);
  uint64_t total = 0;
  EXPECT_TRUE(happens([&] {
    std::vector<std::string> ways = repeat(kernel, {}, 4096, 2, &total);
    EXPECT_EQ(total, 4096u);
    EXPECT_EQ(ways[0], "task");
    return ways[1] == "here";
  }));
  EXPECT_EQ(repeat(kernel, {}, 4097, 2, &total), (std::vector<std::string>{"task", "task"}));
  EXPECT_EQ(total, 4097u);
}

void findNothing(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  for (int64_t b = begin; b < end; ++b)
    pointer<int64_t>(slots[1])[2 * b] = -1;
}

TEST(LaunchHere, ArgminOfNothing) {
  TestKernel kernel(AWGRT_REDUCE, 1, {0, 0}, findNothing, nullptr, nullptr, 16);
  EXPECT_EQ(repeat(kernel, {}, 100, 2), (std::vector<std::string>{"empty reduction", "empty reduction"}));
}

void failFromThird(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *failure) {
  auto &launches = *pointer<int64_t>(slots[1]);
  launches += begin == 0;
  for (int64_t i = begin; launches >= 3 && i < end; ++i)
    if (i >= 7) {
      uint64_t index = uint64_t(i);
      awgrt_kernel_fail(failure, i, 0, 0, &index, 1);
    }
}

// A failure ends the launch with the message of its lowest index, and the next one may succeed.
TEST(LaunchHere, Failure) {
  TestKernel kernel(AWGRT_EACH, 1, {0, 0}, failFromThird);
  uint8_t kinds[] = {AWGRT_I64};
  awgrt_site site = {here, "index {} fails", kinds, 1};
  kernel.kernel.sites = &site;
  kernel.kernel.site_count = 1;
  EXPECT_TRUE(happens([&] {
    int64_t launches = 0;
    std::vector<std::string> ways = repeat(kernel, {0, reinterpret_cast<uintptr_t>(&launches)}, n, 4);
    EXPECT_EQ(ways[0], "task");
    EXPECT_EQ(ways[2], "index 7 fails");
    EXPECT_EQ(ways[3], "index 7 fails");
    return ways[1] == "here";
  }));
}

/// What the workers of a launch of medium length leave.
struct Shares {
  std::atomic<int32_t> times[n]; ///< an index was run
  std::atomic<int32_t> begun;    ///< calls of the kernel
  std::atomic<bool> isShared;    ///< two calls were under way at once
};

/// Takes some 20 ticks an index: too long for one worker to be left alone with it, too short for a task.
void linger(int64_t indices) {
  uint64_t start = awg::rt::ticks();
  while (awg::rt::ticks() - start < uint64_t(indices) * 20)
    ;
}

void runShare(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *failure) {
  auto &shares = *pointer<Shares>(slots[1]);
  if (shares.begun.fetch_add(1) == 1)
    shares.isShared = true;
  for (int64_t i = begin; i < end; ++i)
    ++shares.times[i];
  linger(end - begin);
  for (int64_t i = begin; slots[2] && i < end; ++i)
    if (i >= 7) {
      uint64_t index = uint64_t(i);
      awgrt_kernel_fail(failure, i, 0, 0, &index, 1);
    }
  shares.begun.fetch_sub(1);
}

// Workers that are awake take part, and every index is run once a launch. How soon one comes is up to the system.
TEST(LaunchHere, WithTheHelpOfOthers) {
  TestKernel kernel(AWGRT_EACH, 1, {0, 0, 0}, runShare);
  auto shares = std::make_unique<Shares>();
  int32_t launches = 0;
  for (int32_t round = 0; round < 200 && !shares->isShared; ++round, launches += 1000)
    repeat(kernel, {0, reinterpret_cast<uintptr_t>(shares.get()), 0}, n, 1000, nullptr, nullptr, /*workers=*/2);
  EXPECT_TRUE(shares->isShared);
  for (int64_t i = 0; i < n; ++i)
    EXPECT_EQ(shares->times[i], launches);
}

// The lowest index is told of, whoever came upon one.
TEST(LaunchHere, FailuresOfSeveralWorkers) {
  TestKernel kernel(AWGRT_EACH, 1, {0, 0, 0}, runShare);
  uint8_t kinds[] = {AWGRT_I64};
  awgrt_site site = {here, "index {} fails", kinds, 1};
  kernel.kernel.sites = &site;
  kernel.kernel.site_count = 1;
  auto shares = std::make_unique<Shares>();
  EXPECT_EQ(repeat(kernel, {0, reinterpret_cast<uintptr_t>(shares.get()), 1}, n, 2000, nullptr, nullptr, /*workers=*/2),
            std::vector<std::string>(2000, "index 7 fails"));
}

// A view with gaps is worked on as a copy.
TEST(LaunchHere, GapsTakeTheLongWay) {
  TestKernel kernel(AWGRT_EACH, 1, oneArray, [](const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
    for (int64_t i = begin; i < end; ++i)
      pointer<float>(slots[1])[i] += 1;
  });
  Array table(AWGRT_F32, {8, 3});
  int64_t begins[] = {0, 1}, lengths[] = {8, -1};
  awgrt_array *column = awgrt_array_view(table.array, begins, lengths);
  EXPECT_EQ(repeat(kernel, {0, reinterpret_cast<uintptr_t>(column)}, 8, 3),
            (std::vector<std::string>{"task", "task", "task"}));
  awgrt_array_release(column);
  for (int64_t i = 0; i < 24; ++i)
    EXPECT_EQ(table.as<float>()[i], i % 3 == 1 ? 3 : 0);
}

Spawned launchCancelled(awgrt_task *, TestKernel *kernel, uint64_t slot, int32_t *outTasks) {
  awgrt_task *self = co_await Self{};
  Launches launches{self, *kernel};
  for (int round = 0; round < 3; ++round) {
    if (round == 2)
      awgrt_cancel(&self, 1);
    awgrt_task *task = launches.start({0, slot});
    if (!task)
      continue;
    ++*outTasks;
    awgrt_error *error = co_await Await{self, &task, 1};
    awgrt_task_free(task);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

// In a task that was cancelled nothing is carried out.
TEST(LaunchHere, Cancelled) {
  TestKernel kernel(AWGRT_EACH, 1, oneArray, increment);
  EXPECT_TRUE(happens([&] {
    Array y(AWGRT_F32, {n});
    int32_t tasks = 0;
    TestRuntime runtime(1);
    awgrt_error *error =
        runtime.run([&](awgrt_task *root) { return launchCancelled(root, &kernel, y.slot(), &tasks).task; });
    EXPECT_TRUE(error && awgrt_error_is_cancellation(error));
    awgrt_error_release(error);
    EXPECT_EQ(y.as<float>()[0], 2);
    return tasks == 2; // the first and the cancelled one
  }));
}

} // namespace
