// Streams, events, graphs, pools, peers: what they do, and what the checks find in how they are used.
#include "Emulator.h"

#include <atomic>

using namespace emutest;
using namespace awg::cuda;

namespace {
const char *const kernels = R"(
.visible .entry fill(.param .u64 a, .param .u32 v, .param .u32 n) { .reg .pred %p; .reg .b32 %i, %n, %v, %x; .reg .b64 %a;
  ld.param.u64 %a, [a]; ld.param.u32 %v, [v]; ld.param.u32 %n, [n]; mov.u32 %i, %ctaid.x; mov.u32 %x, %ntid.x; mul.lo.u32 %i, %i, %x;
  mov.u32 %x, %tid.x; add.u32 %i, %i, %x; setp.ge.u32 %p, %i, %n; @%p ret; mad.wide.u32 %a, %i, 4, %a; st.global.u32 [%a], %v; ret; }
.visible .entry increment(.param .u64 a, .param .u32 n) { .reg .pred %p; .reg .b32 %i, %n, %x; .reg .b64 %a;
  ld.param.u64 %a, [a]; ld.param.u32 %n, [n]; mov.u32 %i, %ctaid.x; mov.u32 %x, %ntid.x; mul.lo.u32 %i, %i, %x; mov.u32 %x, %tid.x; add.u32 %i, %i, %x;
  setp.ge.u32 %p, %i, %n; @%p ret; mad.wide.u32 %a, %i, 4, %a; ld.global.u32 %x, [%a]; add.u32 %x, %x, 1; st.global.u32 [%a], %x; ret; }
)";

class Streams : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(program.result, Result::Success) << program.log;
    ASSERT_EQ(cuStreamCreate(&s, streamNonBlocking), Result::Success);
    ASSERT_EQ(cuStreamCreate(&t, streamNonBlocking), Result::Success);
    ASSERT_EQ(cuEventCreate(&event, 0), Result::Success);
    ASSERT_EQ(cuMemAlloc_v2(&a, bytes), Result::Success);
    ASSERT_EQ(cuMemsetD32_v2(a, 0, n), Result::Success);
    ASSERT_EQ(cuCtxSynchronize(), Result::Success);
    ASSERT_EQ(cuMemHostAlloc(reinterpret_cast<void **>(&pinned), bytes, 0), Result::Success);
  }
  void TearDown() override {
    if (isBroken) {
      program.handle = nullptr;
      EXPECT_EQ(cuDevicePrimaryCtxReset_v2(0), Result::Success);
      EXPECT_EQ(cuEventDestroy_v2(event), Result::Success);
      EXPECT_EQ(cuMemFreeHost(pinned), Result::Success);
      return;
    }
    EXPECT_EQ(cuCtxSynchronize(), Result::Success) << awgemu_last_report();
    cuStreamDestroy_v2(s), cuStreamDestroy_v2(t), cuEventDestroy_v2(event), cuMemFree_v2(a), cuMemFreeHost(pinned);
  }
  Result fill(Stream stream, unsigned value) {
    void *args[] = {&a, &value, &n};
    return cuLaunchKernel(program.function("fill"), 4, 1, 1, 64, 1, 1, 0, stream, args, nullptr);
  }
  Result increment(Stream stream) {
    void *args[] = {&a, &n};
    return cuLaunchKernel(program.function("increment"), 4, 1, 1, 64, 1, 1, 0, stream, args, nullptr);
  }
  Result copyOut(Stream stream) { return cuMemcpyDtoHAsync_v2(pinned, a, bytes, stream); }
  void expectRace() {
    isBroken = true;
    EXPECT_EQ(cuCtxSynchronize(), Result::LaunchFailed);
    EXPECT_NE(std::string(awgemu_last_report()).find("a race between streams"), std::string::npos)
        << awgemu_last_report();
  }
  void expectValues(unsigned value) {
    for (unsigned i = 0; i < n; ++i)
      ASSERT_EQ(pinned[i], value) << i;
  }

  static constexpr size_t bytes = 1024;
  unsigned n = 256;
  Program program{module(kernels)};
  Stream s = nullptr, t = nullptr;
  Event event = nullptr;
  Address a = 0;
  unsigned *pinned = nullptr;
  bool isBroken = false;
};

TEST_F(Streams, OrderWithinAStream) {
  fill(s, 7), increment(s), increment(s), copyOut(s);
  ASSERT_EQ(cuStreamSynchronize(s), Result::Success) << awgemu_last_report();
  expectValues(9);
}

TEST_F(Streams, AnEventOrdersStreams) {
  fill(s, 1), cuEventRecord(event, s), cuStreamWaitEvent(t, event, 0), increment(t), copyOut(t);
  ASSERT_EQ(cuStreamSynchronize(t), Result::Success) << awgemu_last_report();
  expectValues(2);
}

TEST_F(Streams, TheHostOrdersStreams) {
  fill(s, 1), cuStreamSynchronize(s), increment(t), cuEventRecord(event, t), cuEventSynchronize(event), copyOut(s),
      cuStreamSynchronize(s);
  expectValues(2);
}

TEST_F(Streams, TheLegacyStreamWaitsForBlockingOnes) {
  Stream b;
  ASSERT_EQ(cuStreamCreate(&b, 0), Result::Success);
  fill(b, 1), increment(nullptr), copyOut(b);
  ASSERT_EQ(cuStreamSynchronize(b), Result::Success) << awgemu_last_report();
  expectValues(2);
  cuStreamDestroy_v2(b);
}

TEST_F(Streams, PageableCopiesAreStaged) {
  std::vector<unsigned> host(n, 5);
  cuMemcpyHtoDAsync_v2(a, host.data(), bytes, s);
  std::fill(host.begin(), host.end(), 6);
  increment(s);
  ASSERT_EQ(cuMemcpyDtoHAsync_v2(host.data(), a, bytes, s), Result::Success) << awgemu_last_report();
  EXPECT_EQ(host, std::vector<unsigned>(n, 6));
}

TEST_F(Streams, CallbacksComeInOrderAndKnowOfErrors) {
  static std::atomic<int> calls, failed;
  calls = failed = 0;
  fill(s, 3), copyOut(s);
  ASSERT_EQ(
      cuLaunchHostFunc(s, [](void *p) { calls += static_cast<unsigned *>(p)[10] == 3; }, pinned), Result::Success);
  ASSERT_EQ(cuStreamAddCallback(
                s,
                [](Stream, Result r, void *) {
                  failed += r != Result::Success;
                  ++calls;
                },
                nullptr, 0),
            Result::Success);
  cuStreamSynchronize(s);
  EXPECT_EQ(calls, 2);
  // The launch must not fail before the callback stands behind it.
  static std::atomic<bool> mayGo;
  mayGo = false;
  cuLaunchHostFunc(s, [](void *) { mayGo.wait(false); }, nullptr);
  Address wrong = 64;
  void *args[] = {&wrong, &n};
  cuLaunchKernel(program.function("increment"), 1, 1, 1, 1, 1, 1, 0, s, args, nullptr);
  cuStreamAddCallback(
      s,
      [](Stream, Result r, void *) {
        failed += r == Result::IllegalAddress;
        failed.notify_all();
      },
      nullptr, 0);
  mayGo = true;
  mayGo.notify_all();
  failed.wait(0); // a context that has failed is waited for no longer
  EXPECT_EQ(cuStreamSynchronize(s), Result::IllegalAddress);
  EXPECT_EQ(failed, 1);
  isBroken = true;
}

TEST_F(Streams, EventsTellTheTime) {
  Event end;
  float milliseconds = -1;
  ASSERT_EQ(cuEventCreate(&end, 0), Result::Success);
  cuEventRecord(event, s), fill(s, 1), cuEventRecord(end, s), cuEventSynchronize(end);
  EXPECT_EQ(cuEventElapsedTime(&milliseconds, event, end), Result::Success);
  EXPECT_GE(milliseconds, 0);
  cuEventDestroy_v2(end);
}

//--- What races

TEST_F(Streams, KernelsOfTwoStreamsRace) { fill(s, 1), increment(t), expectRace(); }
TEST_F(Streams, ACopyRacesWithAKernel) { fill(s, 1), copyOut(t), expectRace(); }
TEST_F(Streams, AMemsetRacesWithAKernel) { cuMemsetD32Async(a, 0, n, s), increment(t), expectRace(); }
TEST_F(Streams, TheEventWasRecordedTooEarly) {
  cuEventRecord(event, s), fill(s, 1), cuStreamWaitEvent(t, event, 0), increment(t), expectRace();
}
TEST_F(Streams, TheWaitIsInTheWrongStream) {
  fill(s, 1), cuEventRecord(event, s), cuStreamWaitEvent(s, event, 0), increment(t), expectRace();
}
TEST_F(Streams, TheLegacyStreamDoesNotWaitForNonBlockingOnes) { fill(s, 1), increment(nullptr), expectRace(); }
TEST_F(Streams, TwoCopiesIntoOnePlaceRace) { cuMemsetD32Async(a, 1, n, s), cuMemsetD32Async(a, 2, n, t), expectRace(); }

/// Whichever comes first.
TEST_F(Streams, AFreeRacesWithAKernel) {
  cuMemFree_v2(a);
  ASSERT_EQ(cuMemAllocAsync(&a, bytes, s), Result::Success);
  cuMemsetD32Async(a, 0, n, s), increment(s), cuMemFreeAsync(a, t);
  isBroken = true;
  Result result = cuCtxSynchronize();
  EXPECT_TRUE(result == Result::LaunchFailed || result == Result::IllegalAddress) << awgemu_last_report();
}
TEST_F(Streams, AnEventOrdersAFree) {
  Address p = a;
  ASSERT_EQ(cuMemAllocAsync(&a, bytes, s), Result::Success);
  cuMemsetD32Async(a, 0, n, s), increment(s), cuEventRecord(event, s), cuStreamWaitEvent(t, event, 0),
      cuMemFreeAsync(a, t);
  a = p;
  EXPECT_EQ(cuCtxSynchronize(), Result::Success) << awgemu_last_report();
}

TEST_F(Streams, WhatIsNotFreedIsReportedAtTheReset) {
  Address leaked;
  ASSERT_EQ(cuMemAlloc_v2(&leaked, 100), Result::Success);
  ASSERT_EQ(cuMemFree_v2(a), Result::Success);
  program.handle = nullptr;
  ASSERT_EQ(cuDevicePrimaryCtxReset_v2(0), Result::Success);
  EXPECT_NE(std::string(awgemu_last_report()).find("ends with 1 allocations that were not freed, 100 bytes"), std::string::npos)
      << awgemu_last_report();
  isBroken = true;
}

TEST_F(Streams, HalvesOfAnArrayDoNotRace) {
  cuMemsetD32Async(a, 1, n / 2, s), cuMemsetD32Async(a + bytes / 2, 1, n / 2, t);
  EXPECT_EQ(cuCtxSynchronize(), Result::Success) << awgemu_last_report();
}
TEST_F(Streams, ReadersDoNotRace) {
  fill(s, 1), cuStreamSynchronize(s), copyOut(s);
  unsigned *other = nullptr;
  cuMemHostAlloc(reinterpret_cast<void **>(&other), bytes, 0);
  cuMemcpyDtoHAsync_v2(other, a, bytes, t);
  EXPECT_EQ(cuCtxSynchronize(), Result::Success) << awgemu_last_report();
  cuMemFreeHost(other);
}

//--- Graphs

TEST_F(Streams, ACapturedForkJoinRunsAgainAndAgain) {
  Graph graph;
  GraphExec exec;
  Event joined;
  cuEventCreate(&joined, 0);
  ASSERT_EQ(cuStreamBeginCapture_v2(s, CaptureMode::Relaxed), Result::Success);
  fill(s, 1), cuEventRecord(event, s), cuStreamWaitEvent(t, event, 0), increment(t), cuEventRecord(joined, t),
      cuStreamWaitEvent(s, joined, 0);
  increment(s), copyOut(s);
  EXPECT_EQ(cuStreamQuery(nullptr), Result::Success);
  ASSERT_EQ(cuStreamEndCapture(s, &graph), Result::Success);
  size_t count = 0;
  cuGraphGetNodes(graph, nullptr, &count);
  EXPECT_EQ(count, 4u);
  ASSERT_EQ(cuGraphInstantiateWithFlags(&exec, graph, 0), Result::Success);
  cuGraphDestroy(graph);
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(cuGraphLaunch(exec, s), Result::Success);
  ASSERT_EQ(cuStreamSynchronize(s), Result::Success) << awgemu_last_report();
  expectValues(3);
  cuGraphExecDestroy(exec), cuEventDestroy_v2(joined);
}

TEST_F(Streams, NodesThatNothingOrdersRace) {
  Graph graph;
  GraphExec exec;
  Event joined;
  cuEventCreate(&joined, 0);
  cuStreamBeginCapture_v2(s, CaptureMode::Relaxed);
  cuEventRecord(event, s), cuStreamWaitEvent(t, event, 0), fill(s, 1), increment(t), cuEventRecord(joined, t),
      cuStreamWaitEvent(s, joined, 0);
  copyOut(s);
  ASSERT_EQ(cuStreamEndCapture(s, &graph), Result::Success);
  cuEventDestroy_v2(joined);
  cuGraphInstantiateWithFlags(&exec, graph, 0);
  cuMemsetD32Async(a, 0, n, s), cuGraphLaunch(exec, s);
  expectRace();
  cuGraphExecDestroy(exec), cuGraphDestroy(graph);
}

TEST_F(Streams, ACaptureThatIsNotJoinedFails) {
  Graph graph = nullptr;
  cuStreamBeginCapture_v2(s, CaptureMode::Relaxed);
  fill(s, 1), cuEventRecord(event, s), cuStreamWaitEvent(t, event, 0), increment(t);
  EXPECT_EQ(int(cuStreamEndCapture(s, &graph)), 904);
  EXPECT_EQ(graph, nullptr);
}

TEST_F(Streams, SynchronizingInvalidatesACapture) {
  Graph graph = nullptr;
  cuStreamBeginCapture_v2(s, CaptureMode::Relaxed);
  fill(s, 1);
  EXPECT_EQ(cuStreamSynchronize(s), Result::StreamCaptureUnsupported);
  EXPECT_EQ(cuStreamEndCapture(s, &graph), Result::StreamCaptureInvalidated);
}

//--- Memory

TEST_F(Streams, UseAfterFree) {
  Address freed;
  cuMemAlloc_v2(&freed, bytes);
  cuMemFree_v2(freed);
  void *args[] = {&freed, &n};
  cuLaunchKernel(program.function("increment"), 1, 1, 1, 1, 1, 1, 0, s, args, nullptr);
  EXPECT_EQ(cuStreamSynchronize(s), Result::IllegalAddress);
  EXPECT_NE(std::string(awgemu_last_report()).find("that has been freed"), std::string::npos) << awgemu_last_report();
  isBroken = true;
}

TEST_F(Streams, PoolMemoryIsGoneWhenTheStreamGetsToItsFree) {
  Address p;
  ASSERT_EQ(cuMemAllocAsync(&p, bytes, s), Result::Success);
  ASSERT_EQ(cuMemsetD8Async(p, 1, bytes, s), Result::Success);
  ASSERT_EQ(cuMemFreeAsync(p, s), Result::Success);
  cuStreamSynchronize(s);
  EXPECT_EQ(cuMemsetD8Async(p, 1, bytes, s), Result::InvalidValue);
}

TEST_F(Streams, DoubleFreeAndWrongFree) {
  Address p;
  cuMemAlloc_v2(&p, bytes);
  EXPECT_EQ(cuMemFree_v2(p + 16), Result::InvalidValue);
  EXPECT_EQ(cuMemFree_v2(p), Result::Success);
  EXPECT_EQ(cuMemFree_v2(p), Result::InvalidValue);
}

TEST_F(Streams, HostPointersAreNoDevicePointers) {
  std::vector<unsigned> host(n);
  Address pointer = reinterpret_cast<Address>(host.data());
  void *args[] = {&pointer, &n};
  cuLaunchKernel(program.function("increment"), 1, 1, 1, 1, 1, 1, 0, s, args, nullptr);
  EXPECT_EQ(cuStreamSynchronize(s), Result::IllegalAddress);
  isBroken = true;
}

TEST_F(Streams, PinnedMemoryIsTheDevicesToo) {
  std::fill_n(pinned, n, 4);
  Address pointer;
  ASSERT_EQ(cuMemHostGetDevicePointer_v2(&pointer, pinned, 0), Result::Success);
  void *args[] = {&pointer, &n};
  cuLaunchKernel(program.function("increment"), 4, 1, 1, 64, 1, 1, 0, s, args, nullptr);
  ASSERT_EQ(cuStreamSynchronize(s), Result::Success) << awgemu_last_report();
  expectValues(5);
}

TEST_F(Streams, PeersAreReachedOnceAllowed) {
  Context own = nullptr, other = nullptr;
  cuCtxGetCurrent(&own);
  cuDevicePrimaryCtxRetain(&other, 1);
  cuCtxSetCurrent(other);
  Address far;
  ASSERT_EQ(cuMemAlloc_v2(&far, bytes), Result::Success);
  ASSERT_EQ(cuMemsetD32_v2(far, 1, n), Result::Success);
  cuCtxSynchronize();
  cuCtxSetCurrent(own);
  ASSERT_EQ(cuCtxEnablePeerAccess(other, 0), Result::Success);
  EXPECT_EQ(cuCtxEnablePeerAccess(other, 0), Result::PeerAccessAlreadyEnabled);
  void *args[] = {&far, &n};
  cuLaunchKernel(program.function("increment"), 4, 1, 1, 64, 1, 1, 0, s, args, nullptr);
  ASSERT_EQ(cuMemcpyPeerAsync(a, own, far, other, bytes, s), Result::Success);
  copyOut(s);
  ASSERT_EQ(cuStreamSynchronize(s), Result::Success) << awgemu_last_report();
  expectValues(2);
  ASSERT_EQ(cuCtxDisablePeerAccess(other), Result::Success);
  cuLaunchKernel(program.function("increment"), 4, 1, 1, 64, 1, 1, 0, s, args, nullptr);
  EXPECT_EQ(cuStreamSynchronize(s), Result::IllegalAddress);
  EXPECT_NE(std::string(awgemu_last_report()).find("device 0 has no access to it"), std::string::npos)
      << awgemu_last_report();
  isBroken = true;
  cuCtxSetCurrent(other);
  cuMemFree_v2(far);
  cuCtxSetCurrent(own);
}

TEST_F(Streams, LaunchesAreChecked) {
  void *args[] = {&a, &n};
  Function f = program.function("increment");
  EXPECT_EQ(cuLaunchKernel(f, 1, 1, 1, 1025, 1, 1, 0, s, args, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuLaunchKernel(f, 0, 1, 1, 32, 1, 1, 0, s, args, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuLaunchKernel(f, 1, 70000, 1, 32, 1, 1, 0, s, args, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 100000, s, args, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuFuncSetAttribute(f, FunctionAttribute::MaxDynamicSharedSizeBytes, 100000), Result::Success);
  cuMemsetD32Async(a, 0, n, s);
  EXPECT_EQ(cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 100000, s, args, nullptr), Result::Success);
  int blocks = 0, grid = 0, size = 0;
  EXPECT_EQ(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 256, 0), Result::Success);
  EXPECT_EQ(blocks, 8);
  EXPECT_EQ(cuOccupancyMaxPotentialBlockSize(&grid, &size, f, nullptr, 0, 0), Result::Success);
  EXPECT_EQ(size, 1024);
}

TEST_F(Streams, EntryPointsByName) {
  void *function = nullptr;
  int status = -1;
  EXPECT_EQ(cuGetProcAddress_v2("cuMemAlloc", &function, 12000, 0, &status), Result::Success);
  EXPECT_EQ(function, reinterpret_cast<void *>(&cuMemAlloc_v2));
  EXPECT_EQ(status, 0);
  EXPECT_EQ(cuGetProcAddress_v2("cuNothing", &function, 12000, 0, &status), Result::NotFound);
}

} // namespace
