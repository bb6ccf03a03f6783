// Segments against a byte-by-byte model; the placement rule.
#include "memory/Segments.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

using namespace awg::rt;

// Random changes give what a map from byte to places gives, and neighbours are merged.
TEST(Segments, ActLikeAMapOfBytes) {
  std::mt19937 random(20240917);
  constexpr int64_t bytes = 60;
  for (int round = 0; round < 200; ++round) {
    Segments segments;
    segments.reset(bytes, onHost);
    std::vector<Places> model(bytes, onHost);
    for (int step = 0; step < 20; ++step) {
      auto begin = int64_t(random() % bytes), end = begin + int64_t(random() % (bytes - begin + 1));
      Places place = onGpu(int32_t(random() % 3));
      bool isSet = random() % 2;
      isSet ? segments.set({begin, end}, place) : segments.add({begin, end}, place);
      for (int64_t i = begin; i < end; ++i)
        model[size_t(i)] = isSet ? place : model[size_t(i)] | place;
      Places common = ~Places(0), any = 0;
      int64_t first = -1;
      for (int64_t i = begin; i < end; ++i) {
        common &= model[size_t(i)];
        any |= model[size_t(i)];
        if (first < 0 && !(model[size_t(i)] & onHost))
          first = i;
      }
      ASSERT_EQ(segments.common({begin, end}), common);
      ASSERT_EQ(segments.any({begin, end}), any);
      Segment missing = segments.firstWithout({begin, end}, onHost);
      ASSERT_EQ(missing.span.isEmpty() ? -1 : missing.span.begin, first);
    }
    for (int64_t i = 0; i < segments.count(); ++i) {
      for (int64_t b = segments[i].span.begin; b < segments[i].span.end; ++b)
        ASSERT_EQ(segments[i].places, model[size_t(b)]);
      if (i > 0) {
        ASSERT_NE(segments[i].places, segments[i - 1].places);
        ASSERT_EQ(segments[i].span.begin, segments[i - 1].span.end);
      }
    }
  }
}

// Empty arrays are valid everywhere, and removing a place leaves the others.
TEST(Segments, EmptyAndRemoved) {
  Segments segments;
  segments.reset(0, onHost);
  EXPECT_TRUE(segments.everywhere() & onGpu(5));
  segments.reset(10, onHost);
  segments.add({2, 6}, onGpu(1));
  EXPECT_EQ(segments.count(), 3);
  segments.remove(onGpu(1));
  EXPECT_EQ(segments.count(), 1);
  EXPECT_EQ(segments.everywhere(), onHost);
}
