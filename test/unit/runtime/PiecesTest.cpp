// How launches are cut into pieces, and what workers have while they run one.
#include "Kernel.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace awg::test;

namespace {

class LaunchPieces : public LaunchTest {};
INSTANTIATE_TEST_SUITE_P(Workers, LaunchPieces, testing::Values(1, 2, 7));

std::mutex pieceMutex;
std::vector<std::pair<int64_t, int64_t>> pieces;
void notePiece(const uint64_t *, int64_t begin, int64_t end, awgrt_failure *) {
  std::lock_guard guard(pieceMutex);
  pieces.push_back({begin, end});
  for (volatile int64_t spin = 0; spin < (end - begin) * 4;)
    spin = spin + 1;
}

// Pieces end where vectors do, so that a launch has one masked vector at most, and together they are the launch: in a first
// launch, whose cost is found out, and in those after it, which are shared out at once.
TEST_P(LaunchPieces, Pieces) {
  constexpr int64_t total = 3'000'001;
  TestKernel kernel(AWGRT_EACH, 1, {0}, notePiece);
  for (int32_t lanes : {1, 16, 48}) {
    kernel.variant.lanes = lanes;
    for (int round = 0; round < 3; ++round) {
      pieces.clear();
      EXPECT_EQ(message(launch(kernel, {total}, {})), "");
      std::sort(pieces.begin(), pieces.end());
      int64_t at = 0;
      for (auto [begin, end] : pieces) {
        EXPECT_EQ(begin, at);
        EXPECT_TRUE(end % lanes == 0 || end == total) << end;
        at = end;
      }
      EXPECT_EQ(at, total);
      EXPECT_GT(pieces.size(), 1u);
    }
  }
}

// Pieces of a kernel that works in tiles are whole tiles of rows.
TEST_P(LaunchPieces, PiecesOfTiles) {
  TestKernel kernel(AWGRT_EACH, 2, {0, 0}, notePiece);
  kernel.variant.lanes = 16;
  kernel.variant.rows = 4;
  constexpr int64_t rows = 1003, columns = 1000;
  for (int round = 0; round < 3; ++round) {
    pieces.clear();
    EXPECT_EQ(message(launch(kernel, {rows, columns}, {})), "");
    std::sort(pieces.begin(), pieces.end());
    int64_t at = 0;
    for (auto [begin, end] : pieces) {
      EXPECT_EQ(begin, at);
      EXPECT_TRUE(end % (4 * columns) == 0 || end == rows * columns) << end;
      at = end;
    }
    EXPECT_EQ(at, rows * columns);
  }
}

std::mutex scratchMutex;
std::map<std::thread::id, void *> scratches;
void useScratch(const uint64_t *, int64_t begin, int64_t end, awgrt_failure *) {
  auto *memory = static_cast<uint64_t *>(awgrt_scratch());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
  for (int64_t k = 0; k < AWGRT_SCRATCH_BYTES / 8; k += 512)
    memory[k] = uint64_t(begin);
  for (volatile int64_t spin = 0; spin < (end - begin) * 100;)
    spin = spin + 1;
  for (int64_t k = 0; k < AWGRT_SCRATCH_BYTES / 8; k += 512) // nobody else wrote to it
    EXPECT_EQ(memory[k], uint64_t(begin));
  std::lock_guard guard(scratchMutex);
  void *&known = scratches[std::this_thread::get_id()];
  EXPECT_TRUE(!known || known == memory);
  known = memory;
}

// Each worker has scratch memory of its own, the same at every call.
TEST_P(LaunchPieces, Scratch) {
  TestKernel kernel(AWGRT_EACH, 1, {0}, useScratch);
  scratches.clear();
  for (int round = 0; round < 3; ++round)
    EXPECT_EQ(message(launch(kernel, {100'000}, {})), "");
  std::set<void *> different;
  for (auto [thread, memory] : scratches)
    different.insert(memory);
  EXPECT_EQ(different.size(), scratches.size());
  EXPECT_LE(scratches.size(), size_t(GetParam()));
}

Spawned launchInRow(awgrt_task *, const awgrt_kernel *kernel, std::vector<uint64_t> slots, int64_t n, int64_t rounds) {
  awgrt_task *self = co_await Self{};
  slots.resize(12);
  for (int64_t round = 0; round < rounds; ++round) {
    uint64_t results[AWGRT_LAUNCH_RESULTS];
    awgrt_task *task = awgrt_launch_here(self, &here, kernel, AWGRT_ANY_DEVICE, &n, slots.data(), nullptr, results);
    if (!task)
      continue;
    awgrt_error *error = co_await Await{self, &task, 1};
    awgrt_task_free(task);
    if (error)
      co_return error;
  }
  co_return nullptr;
}

void countSlowly(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *) {
  auto *counters = pointer<std::atomic<uint32_t>>(slots[7]);
  for (int64_t i = begin; i < end; ++i)
    counters[i].fetch_add(1, std::memory_order_relaxed);
}

// Launches in a row, which start here.
TEST_P(LaunchPieces, MiddleSizeInRow) {
  TestKernel kernel(AWGRT_EACH, 1, saxpyAccess, countSlowly);
  constexpr int64_t n = 2500;
  Array x(AWGRT_F32, {n}), y(AWGRT_U32, {n});
  EXPECT_EQ(message(runtime.run([&](awgrt_task *root) {
    return launchInRow(root, &kernel.kernel, {0, bitsOf(0), x.slot(), 0, 0, 0, 0, y.slot()}, n, 2000).task;
  })),
            "");
  for (int64_t i = 0; i < n; ++i)
    ASSERT_EQ(y.as<uint32_t>()[i], 2000u);
}

} // namespace
