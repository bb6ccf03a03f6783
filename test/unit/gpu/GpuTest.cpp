// Launches on GPUs: what they compute, what is copied for them, and how they end.
#include "Kernels.h"

#include <chrono>
#include <thread>

using namespace awg::test;

namespace {

class Gpu : public testing::TestWithParam<const char *> {
protected:
  Gpu() : driver(resetDriver()) {}
  ~Gpu() override {
    EXPECT_EQ(driver.liveAllocations, 0);
    EXPECT_EQ(driver.forbiddenCalls, 0);
  }
  awgrt_stats stats(TestRuntime &runtime) {
    awgrt_stats stats;
    awgrt_runtime_stats(runtime.get(), &stats);
    return stats;
  }
  FakeControl &driver;
  GpuKernel twice = twiceKernel(), bump = bumpKernel(), sum = sumKernel(), scan = scanKernel();
};

} // namespace

// A sum of three levels.
TEST(GpuShapes, LongSum) {
  resetDriver();
  TestRuntime runtime("emu:1");
  Array x({4096 * 4096 + 1});
  x.fillRising();
  uint64_t total = 0;
  EXPECT_EQ(launch(runtime, sumKernel(), 0, {x.array}, nullptr, &total), "");
  EXPECT_EQ(total, uint64_t(4096 * 4096 + 1) * (4096 * 4096 / 2));
}

INSTANTIATE_TEST_SUITE_P(Devices, Gpu, testing::Values("emu:1", "cpu:1,emu:1", "emu:2"));

// A launch computes; what it reads is copied once, what nobody has touched is not, and what it wrote comes back once.
TEST_P(Gpu, CopiesOnceWhereNeeded) {
  TestRuntime runtime(GetParam());
  Array x({1000}), y({1000}), z({1000});
  x.fillRising();
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, y.array}), "");
  EXPECT_EQ(stats(runtime).uploads, 1); // x: a launch that cannot fail has no record
  EXPECT_EQ(stats(runtime).downloads, 0);
  EXPECT_EQ(launch(runtime, twice, 0, {y.array, z.array}), "");
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, y.array}), "");
  EXPECT_EQ(stats(runtime).uploaded, 8000);
  for (int64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(y.read()[i], 2 * i);
    ASSERT_EQ(z.read()[i], 4 * i);
  }
  EXPECT_EQ(stats(runtime).downloads, 2);
  EXPECT_EQ(stats(runtime).gpu_launches, 3);
}

// Zeros are set there, not copied there.
TEST_P(Gpu, SetsZeros) {
  TestRuntime runtime(GetParam());
  Array y({500});
  EXPECT_EQ(launch(runtime, bump, AWGRT_ANY_GPU, {y.array}), "");
  EXPECT_LE(stats(runtime).uploaded, 128);
  for (int64_t i = 0; i < 500; ++i)
    ASSERT_EQ(y.read()[i], 1);
}

// What the host writes in between is seen by the next launch.
TEST_P(Gpu, HostWritesInBetween) {
  TestRuntime runtime(GetParam());
  Array y({10});
  for (int64_t round = 0; round < 5; ++round) {
    EXPECT_EQ(launch(runtime, bump, 0, {y.array}), "");
    y.write()[3] += 10;
  }
  EXPECT_EQ(y.read()[3], 55);
  EXPECT_EQ(y.read()[4], 5);
}

// Sums and scans of every number of levels.
TEST_P(Gpu, SumsAndScans) {
  TestRuntime runtime(GetParam());
  for (int64_t n : {1, 16, 17, 255, 257, 4096, 4097, 100'000}) {
    Array x({n});
    x.fillRising();
    uint64_t total = 0;
    EXPECT_EQ(launch(runtime, sum, 0, {x.array}, nullptr, &total), "");
    EXPECT_EQ(int64_t(total), n * (n - 1) / 2);
    awgrt_array *sums = nullptr;
    ASSERT_EQ(awgrt_array_create_uninit(&here, AWGRT_I64, 1, &n, &sums), nullptr);
    uint64_t given = 0;
    EXPECT_EQ(launch(runtime, scan, 0, {x.array}, sums, &given), "");
    ASSERT_EQ(given, reinterpret_cast<uintptr_t>(sums));
    Array result(sums);
    for (int64_t i = 0; i < n; ++i)
      ASSERT_EQ(result.read()[i], i * (i + 1) / 2);
  }
}

// The lowest failing index rejects its launch alone.
TEST_P(Gpu, LowestFailure) {
  TestRuntime runtime(GetParam());
  Array y({100});
  y.write()[70] = y.write()[20] = -1;
  EXPECT_EQ(launch(runtime, bump, 0, {y.array}), "index 20 is bad");
  y.write()[20] = y.write()[70] = 5;
  for (int64_t round = 0; round < 300; ++round) // every record serves again
    ASSERT_EQ(launch(runtime, bump, 0, {y.array}), "");
  EXPECT_EQ(y.read()[20], 305);
}

// Elements with gaps between them are packed on the way.
TEST_P(Gpu, StridedViews) {
  TestRuntime runtime(GetParam());
  Array x({10, 4}), y({10, 3});
  for (int64_t i = 0; i < 40; ++i)
    x.write()[i] = i;
  int64_t beginX[] = {0, 2}, beginY[] = {0, 1}, column[] = {10, -1};
  awgrt_array *from = awgrt_array_view(x.array, beginX, column), *to = awgrt_array_view(y.array, beginY, column);
  EXPECT_EQ(launch(runtime, twice, 0, {from, to}), "");
  awgrt_array_release(from);
  awgrt_array_release(to);
  for (int64_t i = 0; i < 30; ++i)
    ASSERT_EQ(y.read()[i], i % 3 == 1 ? 2 * (i / 3 * 4 + 2) : 0);
}

static Spawned halves(awgrt_task *, const GpuKernel *bump, std::vector<awgrt_array *> parts, int64_t gpus) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> launches;
  for (size_t k = 0; k < parts.size(); ++k)
    launches.push_back(start(self, *bump, int64_t(k) % gpus, {parts[k]}));
  awgrt_error *error = co_await Await{self, launches.data(), int64_t(launches.size())};
  for (awgrt_task *launch : launches)
    awgrt_task_free(launch);
  co_return error;
}

// Tasks write parts of one array, on different devices and on the host, and only the parts are copied.
TEST_P(Gpu, PartsOfOneArray) {
  TestRuntime runtime(GetParam());
  int64_t gpus = strstr(GetParam(), "emu:2") ? 2 : 1;
  Array y({1000});
  y.fillRising();
  std::vector<awgrt_array *> parts;
  for (int64_t k = 0; k < 4; ++k)
    parts.push_back(y.part(100 + 200 * k, 150));
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return halves(root, &bump, parts, gpus).task; })), "");
    if (round % 3 == 0)
      y.write()[0] += 1;
    if (round % 5 == 0)
      static_cast<int64_t *>(awgrt_array_data(parts[1], 1))[0] += 0;
  }
  for (awgrt_array *part : parts)
    awgrt_array_release(part);
  for (int64_t i = 0; i < 1000; ++i) {
    bool isInPart = i >= 100 && i < 900 && (i - 100) % 200 < 150;
    ASSERT_EQ(y.read()[i], i + (isInPart ? 20 : 0) + (i == 0 ? 7 : 0)) << i;
  }
}

// Elements go from GPU to GPU without the host.
TEST(TwoGpus, PeerCopies) {
  FakeControl &driver = resetDriver();
  {
    TestRuntime runtime("emu:2");
    GpuKernel bump = bumpKernel();
    Array y({100'000});
    for (int64_t round = 0; round < 50; ++round)
      ASSERT_EQ(launch(runtime, bump, round % 2, {y.array}), "");
    awgrt_stats stats;
    awgrt_runtime_stats(runtime.get(), &stats);
    EXPECT_EQ(stats.peer_copies, 49);
    EXPECT_LE(stats.uploaded, 50 * 128);
    for (int64_t i = 0; i < 100'000; i += 777)
      ASSERT_EQ(y.read()[i], 50);
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) {
      return awaitOne(root, &bump, 2, {y.array}, nullptr).task;
    })),
              "no such device: gpu(2); the GPUs of this program are gpu(0) to gpu(1)");
  }
  EXPECT_EQ(driver.liveAllocations, 0);
}

static Spawned many(awgrt_task *, const GpuKernel *kernel, std::vector<awgrt_array *> arrays) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> launches;
  for (awgrt_array *array : arrays)
    launches.push_back(start(self, *kernel, AWGRT_ANY_DEVICE, {array}));
  awgrt_error *error = co_await Await{self, launches.data(), int64_t(launches.size())};
  for (awgrt_task *launch : launches)
    awgrt_task_free(launch);
  co_return error;
}

// More launches than there are records, on streams that were made once, spread over the GPUs.
TEST(TwoGpus, ManyLaunches) {
  FakeControl &driver = resetDriver();
  TestRuntime runtime("emu:2");
  GpuKernel bump = bumpKernel();
  std::vector<Array *> arrays;
  std::vector<awgrt_array *> handles;
  for (int64_t k = 0; k < 1000; ++k) {
    arrays.push_back(new Array({64}));
    handles.push_back(arrays.back()->array);
  }
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return many(root, &bump, handles).task; })), "");
  EXPECT_LE(driver.streamsCreated, 12);
  for (Array *array : arrays) {
    EXPECT_EQ(array->read()[63], 2);
    delete array;
  }
}

static Spawned chain(awgrt_task *, const GpuKernel *twice, std::vector<awgrt_array *> arrays, FakeControl *driver) {
  awgrt_task *self = co_await Self{};
  for (size_t k = 0; k + 1 < arrays.size(); ++k) {
    awgrt_task *launch = start(self, *twice, 0, {arrays[k], arrays[k + 1]});
    awgrt_error *error = co_await Await{self, &launch, 1};
    awgrt_task_free(launch);
    if (error)
      co_return error;
  }
  resultsOf(self)[0] = uint64_t(driver->executed);
  awgrt_now();
  EXPECT_EQ(driver->executed, int64_t(arrays.size()) - 1);
  co_return nullptr;
}

// A chain of launches that cannot fail is queued without a round trip to the host; who looks at the clock waits for it. A host that the
// system holds up queues it more slowly than it is carried out.
TEST(GpuLife, ChainsStayOnTheGpu) {
  FakeControl &driver = resetDriver();
  TestRuntime runtime("emu:1");
  GpuKernel twice = twiceKernel();
  Array x({64}), warm({64});
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, warm.array}), ""); // loads the code
  x.fillRising();
  EXPECT_TRUE(happens([&] {
    std::vector<Array *> steps;
    std::vector<awgrt_array *> handles{x.array};
    for (int k = 0; k < 6; ++k) {
      steps.push_back(new Array({64}));
      handles.push_back(steps.back()->array);
    }
    while (driver.executed == 0)
      std::this_thread::yield();
    driver.executed = 0;
    driver.slowness = 100;
    uint64_t executed = 99;
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return chain(root, &twice, handles, &driver).task; }, &executed)),
              "");
    EXPECT_EQ(steps[5]->read()[63], 64 * 63);
    for (Array *step : steps)
      delete step;
    return executed < 6;
  }));
}

/// Launches one after the other; if they are held, each until the driver is asked to tell its end.
static Spawned oneByOne(awgrt_task *, const GpuKernel *kernel, awgrt_array *array, int64_t count, FakeControl *driver,
                        bool areHeld) {
  awgrt_task *self = co_await Self{};
  for (int64_t k = 0; k < count; ++k) {
    if (areHeld)
      driver->heldFor = driver->callbacks + 1;
    awgrt_task *launch = start(self, *kernel, 0, {array});
    awgrt_error *error = co_await Await{self, &launch, 1};
    awgrt_task_free(launch);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

// A worker that has nothing else to do asks for the end of a launch, so that the driver need not tell; what takes longer it tells.
TEST(GpuLife, WorkersAsk) {
  FakeControl &driver = resetDriver();
  TestRuntime runtime("emu:1");
  GpuKernel bump = bumpKernel();
  Array y({64});
  EXPECT_EQ(launch(runtime, bump, 0, {y.array}), "");
  int64_t before = driver.callbacks, calls = driver.calls;
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return oneByOne(root, &bump, y.array, 2000, &driver, false).task; })), "");
  EXPECT_LT(driver.callbacks - before, 2000);
  EXPECT_GT(driver.calls - calls, 2000 * 3); // launch, copy of the record, questions
  before = driver.callbacks;
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return oneByOne(root, &bump, y.array, 20, &driver, true).task; })),
            "");
  EXPECT_EQ(driver.callbacks - before, 20);
  EXPECT_EQ(y.read()[63], 2021);
}

static Spawned batches(awgrt_task *, const GpuKernel *twice, std::vector<awgrt_array *> arrays, awgrt_array *out,
                       FakeControl *driver) {
  awgrt_task *self = co_await Self{};
  for (awgrt_array *array : arrays) {
    while (driver->executed + driver->running < driver->launches) // those before are to have begun
      std::this_thread::yield();
    awgrt_task *launch = start(self, *twice, 0, {array, out});
    awgrt_error *error = co_await Await{self, &launch, 1};
    awgrt_task_free(launch);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

// What a launch needs from the host is copied while those before it, in the same stream, are carried out; once. The driver holds the first
// kernel until something is, which it may not be yet where the system holds up a launch itself.
TEST(GpuLife, CopiesBesideKernels) {
  FakeControl &driver = resetDriver();
  TestRuntime runtime("emu:1");
  GpuKernel twice = twiceKernel();
  constexpr int64_t n = 50'000;
  Array out({n});
  std::vector<Array *> arrays;
  std::vector<awgrt_array *> handles;
  for (int64_t k = 0; k < 4; ++k) {
    arrays.push_back(new Array({n}));
    arrays.back()->fillRising();
    arrays.back()->write()[7] = k;
    handles.push_back(arrays.back()->array);
  }
  EXPECT_EQ(launch(runtime, twice, 0, {handles[3], out.array}), ""); // loads the code
  while (driver.executed == 0)
    std::this_thread::yield();
  driver.slowness = 50;
  driver.heldForCopies = 1;
  int64_t rounds = 0;
  for (; rounds < 5 && driver.besideKernels == 0; ++rounds) {
    for (int64_t k = 0; k < 4; ++k)
      arrays[size_t(k)]->write()[7] = k;
    EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return batches(root, &twice, handles, out.array, &driver).task; })), "");
    EXPECT_EQ(out.read()[n - 1], 2 * (n - 1));
    EXPECT_EQ(out.read()[7], 2 * 3);
  }
  EXPECT_GE(driver.besideKernels, 1);
  awgrt_stats stats;
  awgrt_runtime_stats(runtime.get(), &stats);
  EXPECT_EQ(stats.uploads, 1 + 4 * rounds);
  EXPECT_EQ(stats.uploaded, (1 + 4 * rounds) * n * 8);
  // The host changes what a kernel may be reading: the next copy comes after that kernel.
  arrays[0]->write()[7] = 90;
  handles = {handles[0], handles[1], handles[0]};
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return batches(root, &twice, handles, out.array, &driver).task; })), "");
  arrays[0]->write()[7] = 91;
  EXPECT_EQ(out.read()[7], 180);
  for (Array *array : arrays)
    delete array;
}

// What was awaited already may be released while the GPU is still at it, and a device that is lost meanwhile rejects what
// comes next.
TEST(GpuLife, DetachedLaunchIsLost) {
  FakeControl &driver = resetDriver();
  TestRuntime runtime("emu:1");
  GpuKernel twice = twiceKernel();
  Array x({64}), y({64});
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, y.array}), "");
  driver.slowness = 20;
  driver.crashAtLaunch = int32_t(driver.launches) + 1;
  std::string text = launch(runtime, twice, 0, {x.array, y.array}); // mostly detached
  for (int k = 0; k < 60'000 && text.empty(); ++k) {
    text = launch(runtime, twice, 0, {y.array, x.array});
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(text, "device lost: gpu(0): an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)");
}

namespace {

/// The same on the host, and what a kernel of both kinds has.
void hostTwice(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  for (int64_t i = begin; i < end; ++i)
    at<int64_t>(slots[6])[i] = 2 * at<int64_t>(slots[1])[i];
}
const awgrt_host_variant hostCode = [] {
  awgrt_host_variant variant = {};
  variant.host = hostTwice;
  return variant;
}();

} // namespace

// A launch on the host gets what a GPU has, without a worker that waits; one that does not fit on the GPU moves to the host.
TEST(GpuLife, BetweenHostAndGpu) {
  FakeControl &driver = resetDriver();
  driver.capacity = 400'000;
  TestRuntime runtime("cpu:1,emu:1");
  GpuKernel twice = twiceKernel();
  twice.kernel.variant_count = 1;
  twice.kernel.host = &hostCode;
  Array x({4000}), y({4000}), z({4000});
  x.fillRising();
  EXPECT_EQ(launch(runtime, twice, 0, {x.array, y.array}), "");
  EXPECT_EQ(launch(runtime, twice, AWGRT_CPU, {y.array, z.array}), "");
  EXPECT_EQ(z.read()[3999], 4 * 3999);
  constexpr int64_t most = 1 << 20;
  Array large({most}), result({most});
  large.fillRising();
  EXPECT_EQ(launch(runtime, twice, AWGRT_ANY_DEVICE, {large.array, result.array}), "");
  EXPECT_EQ(result.read()[most - 1], 2 * (most - 1));
  EXPECT_NE(launch(runtime, twice, 0, {large.array, result.array}).find("out of memory: gpu(0)"), std::string::npos);
}

// Arrays outlive the runtime that worked on them.
TEST(GpuLife, ArraysOutliveTheRuntime) {
  resetDriver();
  GpuKernel bump = bumpKernel();
  Array y({100});
  for (int round = 0; round < 3; ++round) {
    TestRuntime runtime("emu:1");
    EXPECT_EQ(launch(runtime, bump, 0, {y.array}), "");
  }
  EXPECT_EQ(y.read()[99], 3);
}

// Without a driver the program says what it looked for, and what runs anyway runs.
TEST(GpuLife, NoDriver) {
  resetDriver();
  setenv("AWG_EMU_LIBRARY", "/nonexistent/libawgemu.so", 1);
  awgrt_runtime *runtime = nullptr;
  std::string text = message(awgrt_runtime_create("emu:1", &runtime));
  EXPECT_NE(text.find("/nonexistent/libawgemu.so not found"), std::string::npos) << text;
}

// Workers that have just woken the host, and look for work, see the GPUs that a runtime closes.
TEST(GpuRuntimes, EndWhileWorkersLookForWork) {
  resetDriver();
  Array x({100}), y({100});
  x.fillRising();
  GpuKernel twice = twiceKernel();
  for (int round = 0; round < 50; ++round) {
    TestRuntime runtime("cpu:4,emu:2");
    ASSERT_EQ(launch(runtime, twice, round % 2, {x.array, y.array}), "");
  }
}
