// What the runtime itself costs around a launch on a GPU, over the stand-in driver of its tests. Prints a line `NAME MICROSECONDS` a round.
//
//   residency  looking up, noting and letting go of an argument that is where it is needed, a buffer
//   resume     from the end of a kernel, on the driver's thread, until the task that awaits it goes on
#include "peers/timing.h"

#include "Kernels.h"

#include "async/Runtime.h"
#include "memory/Residency.h"

using namespace awg::test;
using namespace awg::rt;

namespace {

int64_t kernelEnd = 0;

/// kernel bump, which notes when it ends.
void stampedBump(const uint64_t *a, int64_t groups, int64_t threads) {
  bump(a, groups, threads);
  kernelEnd = monotonicNow();
}
const FakeEntry stampedImage[] = {{"bump", stampedBump, 7}, {nullptr, nullptr, 0}};

Spawned resumes(awgrt_task *, const GpuKernel *kernel, awgrt_array *array, int64_t count, int64_t *outTotal) {
  awgrt_task *self = co_await Self{};
  for (int64_t k = 0; k < count; ++k) {
    awgrt_task *launch = start(self, *kernel, 0, {array});
    awgrt_error *error = co_await Await{self, &launch, 1};
    *outTotal += monotonicNow() - kernelEnd;
    awgrt_task_free(launch);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

void measureResume(TestRuntime &runtime) {
  constexpr int64_t count = 2000;
  GpuKernel kernel = bumpKernel();
  kernel.kernel.ptx = reinterpret_cast<const char *>(stampedImage);
  Array array({16});
  for (int round = 0; round < 9; ++round) {
    int64_t total = 0;
    runtime.run([&](awgrt_task *root) { return resumes(root, &kernel, array.array, count, &total).task; });
    std::printf("resume %.4f\n", double(total) / count / 1e3);
  }
}

void measureResidency(TestRuntime &runtime) {
  constexpr int32_t buffers = 8, count = 100'000;
  Gpu &gpu = runtime.get()->gpus[0];
  std::vector<Array *> arrays;
  std::vector<GpuArgument> arguments;
  for (int32_t k = 0; k < buffers; ++k) {
    arrays.push_back(new Array({1000}));
    arguments.push_back({});
    arguments[size_t(k)].array = arrays[size_t(k)]->array;
    arguments[size_t(k)].span = spanOf(*arrays[size_t(k)]->array);
    arguments[size_t(k)].isWritten = k % 2;
  }
  {
    Guard guard(gpu.submission);
    Current current(gpu);
    Use use = {0, 0, 0};
    report("residency", 9, [&] {
      for (int32_t k = 0; k < count; ++k) {
        ++use.number;
        for (GpuArgument &argument : arguments) {
          bringToGpu(gpu, use, argument);
          noteUse(gpu, use, argument);
        }
      }
    }, count * buffers);
    gpu.streams[0].completed.store(use.number);
  }
  for (Array *array : arrays)
    delete array;
}

} // namespace

int main() {
  resetDriver();
  TestRuntime runtime("emu:1");
  measureResidency(runtime);
  measureResume(runtime);
}
