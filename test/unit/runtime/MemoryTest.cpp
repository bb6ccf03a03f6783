// Arrays, frames and the work-stealing deque.
#include "Operation.h"
#include "async/Deque.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace awg::test;

namespace {

TEST(Arrays, ZeroedAndAligned) {
  for (int64_t n : {0, 1, 1000, 300'000, 5'000'000}) {
    awgrt_array *array = nullptr;
    ASSERT_EQ(awgrt_array_create(&here, AWGRT_F64, 1, &n, &array), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(array->data) % 64, 0u);
    auto *data = static_cast<double *>(awgrt_array_data(array, 1));
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; ++i)
      wrong += data[i] != 0;
    EXPECT_EQ(wrong, 0);
    awgrt_array_release(array);
  }
}

// A load is not to be taken for one of what was stored at the same index of another array.
TEST(Arrays, LargeOnesBeginAtDifferentLinesOfAPage) {
  for (int64_t bytes : {(1 << 20) + 1, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 5 << 20}) {
    std::set<uintptr_t> lines;
    for (int64_t k = 0; k < 64; ++k) {
      awgrt_array *array = nullptr;
      ASSERT_EQ(awgrt_array_create_uninit(&here, AWGRT_U8, 1, &bytes, &array), nullptr);
      memset(awgrt_array_data(array, 1), 1, size_t(bytes)); // all of it is there
      lines.insert(reinterpret_cast<uintptr_t>(array->data) % 4096);
      awgrt_array_release(array); // kept, and taken again
    }
    EXPECT_EQ(lines.size(), 64u);
    for (uintptr_t line : lines)
      EXPECT_EQ(line % 64, 0u);
  }
}

TEST(Arrays, FillAndCopy) {
  int64_t extents[] = {3, 5};
  for (int32_t kind : {AWGRT_U8, AWGRT_I16, AWGRT_U32, AWGRT_F64}) {
    awgrt_array *array = nullptr, *copy = nullptr;
    ASSERT_EQ(awgrt_array_create_uninit(&here, kind, 2, extents, &array), nullptr);
    awgrt_array_fill(array, 7);
    ASSERT_EQ(awgrt_array_copy(&here, array, &copy), nullptr);
    awgrt_array_release(array);
    EXPECT_EQ(copy->rank, 2);
    EXPECT_EQ(copy->extents[1], 5);
    EXPECT_EQ(*static_cast<uint8_t *>(copy->data), 7);
    awgrt_array_release(copy);
  }
}

TEST(Arrays, Strings) {
  int64_t n = 3;
  awgrt_array *array = nullptr, *copy = nullptr;
  ASSERT_EQ(awgrt_array_create_uninit(&here, AWGRT_STR, 1, &n, &array), nullptr);
  awgrt_str *text = str("shared");
  awgrt_array_fill(array, reinterpret_cast<uintptr_t>(text));
  EXPECT_EQ(text->references, 4);
  ASSERT_EQ(awgrt_array_copy(&here, array, &copy), nullptr);
  EXPECT_EQ(text->references, 7);
  awgrt_array_release(array);
  awgrt_array_release(copy);
  EXPECT_EQ(text->references, 1);
  ASSERT_EQ(awgrt_bytes(&here, text, &array), nullptr);
  EXPECT_EQ(array->extents[0], 6);
  EXPECT_EQ(memcmp(array->data, "shared", 6), 0);
  awgrt_array_release(array);
  awgrt_str_release(text);
}

/// What a process with little address space sees: exits with 0 if pages that are kept make room for those of another size.
[[noreturn]] void freeAndAskForMore() {
  constexpr int64_t mebibyte = int64_t(1) << 20;
  int64_t pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  bool isRead = file && fscanf(file, "%ld", &pages) == 1;
  rlim_t most = rlim_t(pages * sysconf(_SC_PAGESIZE) + 200 * mebibyte);
  rlimit limit = {most, most};
  if (!isRead || setrlimit(RLIMIT_AS, &limit) != 0)
    _exit(1);
  auto create = [](int64_t bytes) {
    awgrt_array *array = nullptr;
    awgrt_error_release(awgrt_array_create_uninit(&here, AWGRT_U8, 1, &bytes, &array));
    return array;
  };
  for (int64_t size : {100, 150, 80}) {
    awgrt_array *array = create(size * mebibyte);
    if (!array)
      _exit(2);
    awgrt_array_release(array);
  }
  _exit(create(4096 * mebibyte) ? 3 : 0);
}

// Pages that are kept for arrays of one size are given up for those of another.
TEST(Arrays, KeptPagesMakeRoom) { EXPECT_EXIT(freeAndAskForMore(), testing::ExitedWithCode(0), ""); }

TEST(Arrays, OutOfMemory) {
  struct Row {
    std::vector<int64_t> extents;
    const char *message;
  };
  for (const Row &row :
       {Row{{-1}, "out of memory: f32[-1] has a negative extent"},
        Row{{0, -3}, "out of memory: f32[0, -3] has a negative extent"},
        Row{{int64_t(1) << 62, 4}, "out of memory: f32[4611686018427387904, 4] is too large"},
        Row{{int64_t(1) << 60}, "out of memory: f32[1152921504606846976] takes 4611686018427387904 bytes"},
        Row{{int64_t(1) << 50}, "out of memory: f32[1125899906842624] takes 4503599627370496 bytes"}}) {
    awgrt_array *array = nullptr;
    EXPECT_EQ(message(awgrt_array_create(&here, AWGRT_F32, int32_t(row.extents.size()), row.extents.data(), &array)),
              row.message);
    EXPECT_EQ(array, nullptr);
  }
}

TEST(Frames, AllSizes) {
  std::vector<std::pair<unsigned char *, size_t>> frames;
  for (size_t size = 0; size < 6000; size += 37)
    for (int i = 0; i < 20; ++i) {
      auto *frame = static_cast<unsigned char *>(awgrt_frame_alloc(size));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(frame) % (size < AWGRT_ALIGNED_FRAME ? 16 : 64), 0u);
      memset(frame, int(size % 251), size);
      frames.push_back({frame, size});
    }
  for (auto [frame, size] : frames) {
    for (size_t i = 0; i < size; ++i)
      ASSERT_EQ(frame[i], size % 251);
    awgrt_frame_free(frame);
  }
}

// Frames freed by other threads come back, also from threads that have ended.
TEST(Frames, AcrossThreads) {
  for (int round = 0; round < 20; ++round) {
    std::vector<void *> frames(5000);
    std::thread([&] {
      for (void *&frame : frames)
        frame = awgrt_frame_alloc(300);
    }).join();
    for (size_t i = 0; i < frames.size(); i += 2)
      awgrt_frame_free(frames[i]);
    std::thread([&] {
      for (size_t i = 1; i < frames.size(); i += 2)
        awgrt_frame_free(frames[i]);
    }).join();
  }
}

// Every task that is pushed is taken exactly once, by the owner or by a thief.
TEST(Deques, EachTaskOnce) {
  auto deque = std::make_unique<awg::rt::Deque>();
  constexpr uintptr_t count = 300'000;
  std::vector<std::atomic<int>> taken(count + 1);
  std::atomic<bool> finished{false};
  auto took = [&](awgrt_task *task) { taken[reinterpret_cast<uintptr_t>(task)].fetch_add(1); };
  std::vector<std::thread> thieves;
  for (int i = 0; i < 3; ++i)
    thieves.emplace_back([&] {
      while (!finished.load())
        if (awgrt_task *task = deque->steal())
          took(task);
    });
  for (uintptr_t i = 1; i <= count; ++i) {
    deque->push(reinterpret_cast<awgrt_task *>(i));
    if (i % 3 == 0)
      if (awgrt_task *task = deque->pop())
        took(task);
    if (i % 7 == 0 && deque->popIf(reinterpret_cast<awgrt_task *>(i)))
      took(reinterpret_cast<awgrt_task *>(i));
  }
  while (awgrt_task *task = deque->pop())
    took(task);
  finished.store(true);
  for (std::thread &thief : thieves)
    thief.join();
  for (uintptr_t i = 1; i <= count; ++i)
    ASSERT_EQ(taken[i].load(), 1) << i;
}

} // namespace
