// What is left to do for launches that were carried out: for more at once than a GPU has records, and beside a lost device.
#include "Kernels.h"

#include "async/Runtime.h"

#include <algorithm>
#include <chrono>
#include <thread>

using namespace awg::test;

namespace {

/// A launch for each array, all at once, on gpu(0). Gives the sum of their results.
Spawned many(awgrt_task *, const GpuKernel *kernel, std::vector<awgrt_array *> arrays) {
  awgrt_task *self = co_await Self{};
  std::vector<awgrt_task *> launches;
  for (awgrt_array *array : arrays)
    launches.push_back(start(self, *kernel, 0, {array}));
  awgrt_error *error = co_await Await{self, launches.data(), int64_t(launches.size())};
  for (awgrt_task *launch : launches) {
    resultsOf(self)[0] += error ? 0 : resultsOf(launch)[0];
    awgrt_task_free(launch);
  }
  co_return error;
}

/// More launches on one GPU than there are records, each of which takes a while: most of them wait for a record before the first
/// has ended.
struct ManyOnOne : testing::Test {
  FakeControl &driver = resetDriver();
  TestRuntime runtime{"emu:1"};
  std::vector<Array *> arrays;
  std::vector<awgrt_array *> views;

  /// Views of 600 arrays of 8 rows and 4 columns with `value` everywhere.
  void fill(std::vector<int64_t> begins, std::vector<int64_t> lengths, int64_t value) {
    for (int64_t k = 0; k < 600; ++k) {
      arrays.push_back(new Array({8, 4}));
      std::fill_n(arrays.back()->write(), 32, value);
      views.push_back(awgrt_array_view(arrays.back()->array, begins.data(), lengths.data()));
    }
    driver.slowness = 1;
  }
  ~ManyOnOne() override {
    for (awgrt_array *view : views)
      awgrt_array_release(view);
    for (Array *array : arrays)
      delete array;
  }
};

} // namespace

// What is left to do for a launch whose arguments the host packs does not keep its record from others.
TEST_F(ManyOnOne, StridedSums) {
  fill({0, 3}, {8, -1}, 5);
  GpuKernel sum = sumKernel();
  uint64_t total = 0;
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return many(root, &sum, views).task; }, &total)), "");
  EXPECT_EQ(total, 600u * 8 * 5);
}

// Neither does what is left to do for one that failed.
TEST_F(ManyOnOne, Failures) {
  fill({2, 0}, {-1, 4}, -1);
  GpuKernel bump = bumpKernel();
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return many(root, &bump, views).task; })), "index 0 is bad");
}

static Spawned besideALoss(awgrt_task *, const GpuKernel *bump, awgrt_array *column, awgrt_array *row, FakeControl *driver) {
  awgrt_task *self = co_await Self{};
  int64_t executed = driver->executed;
  driver->slowness = 200;
  awgrt_task *failing = start(self, *bump, 1, {column});
  while (driver->running == 0 && driver->executed == executed)
    std::this_thread::yield();
  driver->slowness = 0;
  driver->crashAtLaunch = int32_t(driver->launches) + 1;
  awgrt_task *crashing = start(self, *bump, 0, {row});
  awgrt_error_release(co_await Await{self, &crashing, 1});
  awgrt_error *error = co_await Await{self, &failing, 1};
  awgrt_task_free(crashing);
  awgrt_task_free(failing);
  co_return error;
}

// Elements between those of a packed argument are lost with another GPU while a launch that fails works on it: the failure is
// told, and nothing is put back.
TEST(GpuEnds, LossBesidePackedElements) {
  FakeControl &driver = resetDriver();
  GpuKernel bump = bumpKernel();
  TestRuntime runtime("emu:2");
  Array y({10, 4}), other({10});
  EXPECT_EQ(launch(runtime, bump, 0, {other.array}), ""); // loads the code
  EXPECT_EQ(launch(runtime, bump, 1, {other.array}), "");
  y.write()[0] = -1;
  int64_t corner[] = {0, 0}, within[] = {3, 1}, column[] = {10, -1}, row[] = {-1, 3};
  awgrt_array *gapped = awgrt_array_view(y.array, corner, column), *part = awgrt_array_view(y.array, within, row);
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) { return besideALoss(root, &bump, gapped, part, &driver).task; })),
            "index 0 is bad");
  awgrt_array_release(gapped);
  awgrt_array_release(part);
}

static Spawned writeBesideReader(awgrt_task *, const GpuKernel *mix, const GpuKernel *bump, Array *a, Array *c, Array *d,
                                 FakeControl *driver) {
  awgrt_task *self = co_await Self{};
  auto now = [](const auto &number) { return *static_cast<const volatile std::decay_t<decltype(number)> *>(&number); };
  int64_t executed = driver->executed, launches = driver->launches;
  driver->slowness = 200;
  awgrt_task *slow = start(self, *mix, 0, {c->array, d->array});
  while (now(driver->running) == 0 && now(driver->executed) == executed)
    std::this_thread::yield();
  driver->slowness = 0;
  awgrt_task *reader = start(self, *mix, 0, {a->array, d->array}); // copies from gpu(1) after the slow one
  while (now(driver->launches) < launches + 2)
    std::this_thread::yield();
  driver->failWith = 999;
  driver->failAt = 1;
  driver->failingCall = "cuEventRecord";
  awgrt_task *writer = start(self, *bump, 1, {a->array});
  awgrt_error *error = co_await Await{self, &writer, 1};
  EXPECT_EQ(now(driver->executed), executed + 3);
  driver->failingCall = nullptr;
  for (awgrt_task *other : {slow, reader})
    awgrt_error_release(co_await Await{self, &other, 1});
  for (awgrt_task *launch : {slow, reader, writer})
    awgrt_task_free(launch);
  co_return error;
}

// A GPU is lost as another one is to wait for what it reads there: its work may go on, and is waited for all the same.
TEST(GpuEnds, WritesAfterALostReader) {
  FakeControl &driver = resetDriver();
  GpuKernel mix = mixKernel(), bump = bumpKernel();
  TestRuntime runtime("emu:2");
  Array a({10}), c({10}), d({10});
  for (Array *array : {&a, &c, &d})
    array->fillRising();
  EXPECT_EQ(launch(runtime, mix, 0, {c.array, d.array}), "");
  EXPECT_EQ(launch(runtime, bump, 1, {a.array}), "");
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) {
              return writeBesideReader(root, &mix, &bump, &a, &c, &d, &driver).task;
            })),
            "");
  EXPECT_EQ(a.read()[3], 5);
}

namespace {

/// Launches on gpu(0) twice, and awaits the second launch long after it was carried out.
Spawned awaitLate(awgrt_task *, const GpuKernel *kernel, awgrt_array *array, FakeControl *driver) {
  awgrt_task *self = co_await Self{};
  for (bool isLate : {false, true}) {
    int64_t executed = driver->executed;
    awgrt_task *launch = start(self, *kernel, 0, {array});
    if (isLate) {
      while (driver->executed == executed)
        std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    awgrt_error *error = co_await Await{self, &launch, 1};
    awgrt_task_free(launch);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

} // namespace

// What a launch with a record takes is measured by its end, not by when it is awaited: the first time it is told of at once, later it is
// not measured where nobody has seen the end.
TEST(GpuEnds, AwaitedLate) {
  // 300 ms for 10 indices would be 30 ms each, of which an average of four takes a quarter.
  constexpr int64_t each = 30'000'000'000;
  // Where the system holds up a launch itself for long it is tried again.
  EXPECT_TRUE(happens([] {
    FakeControl &driver = resetDriver();
    GpuKernel bump = bumpKernel();
    TestRuntime runtime("cpu:1,emu:1"); // another worker would have the driver tell as it goes to sleep
    Array y({10});
    std::fill_n(y.write(), 10, 1);
    auto &costs = *runtime.get()->gpus[0].costs;
    auto known = [&] { return costs.kernels.find(&bump.kernel); };
    auto runLate = [&] {
      return message(runtime.run([&](awgrt_task *root) { return awaitLate(root, &bump, y.array, &driver).task; }));
    };
    EXPECT_EQ(runLate(), ""); // loads the code
    int64_t first = known(), backlog = costs.device.get().backlog;
    EXPECT_GT(first, 0);
    for (int32_t k = 0; k < 3; ++k) // the driver is to tell anyhow where the second launch comes a millisecond after the first
      EXPECT_EQ(runLate(), "");
    bool isRight = first < each / 2 && known() < first + each / 8 && costs.device.get().backlog < backlog + 300'000'000 / 8;
    driver.slowness = 20;
    int64_t before = known();
    for (int32_t k = 0; k < 100 && known() == before; ++k)
      EXPECT_EQ(launch(runtime, bump, 0, {y.array}), "");
    EXPECT_NE(known(), before);
    return isRight;
  }));
}
