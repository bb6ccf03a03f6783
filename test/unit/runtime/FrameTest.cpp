// Memory for frames: distinct, aligned, and used again, whichever thread frees it.
#include "awg/awgrt.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AWG_TEST_FRAMES_FROM_MALLOC 1
#endif
#endif

std::vector<void *> allocateMany(size_t count, size_t size) {
  std::vector<void *> frames;
  for (size_t k = 0; k < count; ++k) {
    frames.push_back(awgrt_frame_alloc(size));
    memset(frames.back(), int(k % 251), size);
  }
  return frames;
}

void checkAndFree(const std::vector<void *> &frames, size_t size) {
  for (size_t k = 0; k < frames.size(); ++k) {
    auto *bytes = static_cast<unsigned char *>(frames[k]);
    ASSERT_EQ(bytes[0], k % 251);
    ASSERT_EQ(bytes[size - 1], k % 251);
    awgrt_frame_free(frames[k]);
  }
}

TEST(Frames, SizesAndAlignment) {
  for (size_t size : {1, 32, 33, 104, 112, 113, 511, 512, 513, 1000, 1024, 1025, 4095, 4096, 4097, 100'000}) {
    SCOPED_TRACE(size);
    std::vector<void *> frames = allocateMany(200, size);
    for (void *frame : frames)
      EXPECT_EQ(reinterpret_cast<uintptr_t>(frame) % (size >= AWGRT_ALIGNED_FRAME ? 64 : 16), 0u);
    EXPECT_EQ(std::set<void *>(frames.begin(), frames.end()).size(), frames.size());
    checkAndFree(frames, size);
  }
}

// Another thread frees what this one allocates, over and over: it comes back.
TEST(Frames, FreedByAnotherThread) {
  std::set<void *> seen;
  constexpr size_t count = 20'000, rounds = 10;
  for (size_t size : {32, 112, 1024}) {
    seen.clear();
    for (size_t round = 0; round < rounds; ++round) {
      std::vector<void *> frames = allocateMany(count, size);
      seen.insert(frames.begin(), frames.end());
      std::thread other([&] { checkAndFree(frames, size); });
      other.join();
    }
#ifndef AWG_TEST_FRAMES_FROM_MALLOC
    EXPECT_LE(seen.size(), count + 1000) << "of " << size << " bytes";
#endif
  }
}

} // namespace
