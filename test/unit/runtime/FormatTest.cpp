// Printing: floats, integers, durations, strings and arrays, plain and in formats.
#include "Operation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace awg::test;

namespace {

std::string format(const char *text, awgrt_kind kind, uint64_t value) {
  auto byte = uint8_t(kind);
  return take(awgrt_str_format(text, &byte, 1, &value));
}

template <typename T> uint64_t bits(T value) {
  uint64_t result = 0;
  memcpy(&result, &value, sizeof value);
  return result;
}

std::string f64(double value, const char *text = "{}") { return format(text, AWGRT_F64, bits(value)); }
std::string f32(float value, const char *text = "{}") { return format(text, AWGRT_F32, bits(value)); }
std::string duration(int64_t value, const char *text = "{}") { return format(text, AWGRT_DURATION, uint64_t(value)); }

TEST(Format, Doubles) {
  EXPECT_EQ(f64(2), "2.0");
  EXPECT_EQ(f64(0), "0.0");
  EXPECT_EQ(f64(-0.0), "-0.0");
  EXPECT_EQ(f64(0.1), "0.1");
  EXPECT_EQ(f64(-1.5), "-1.5");
  EXPECT_EQ(f64(100), "100.0");
  EXPECT_EQ(f64(123456.789), "123456.789");
  EXPECT_EQ(f64(1e20), "1e+20");
  EXPECT_EQ(f64(1.5e300), "1.5e+300");
  EXPECT_EQ(f64(1e15), "1000000000000000.0");
  EXPECT_EQ(f64(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(f64(1e16), "1e+16");
  EXPECT_EQ(f64(1e-4), "0.0001");
  EXPECT_EQ(f64(9.9e-5), "9.9e-05");
  EXPECT_EQ(f64(5e-324), "5e-324");
  EXPECT_EQ(f64(NAN), "nan");
  EXPECT_EQ(f64(-NAN), "nan");
  EXPECT_EQ(f64(INFINITY), "inf");
  EXPECT_EQ(f64(-INFINITY), "-inf");
}

TEST(Format, Floats) {
  EXPECT_EQ(f32(0.1f), "0.1");
  EXPECT_EQ(f32(16777216.0f), "16777216.0");
  EXPECT_EQ(f32(3.4028235e38f), "3.4028235e+38");
  EXPECT_EQ(f32(1e-4f), "0.0001");
  EXPECT_EQ(f32(1e-45f), "1e-45");
}

TEST(Format, NarrowFloats) {
  struct Row {
    awgrt_kind kind;
    uint16_t bits;
    const char *text;
  };
  for (Row row : {Row{AWGRT_F16, 0x3c00, "1.0"}, Row{AWGRT_F16, 0x2e66, "0.1"}, Row{AWGRT_F16, 0x7bff, "65500.0"},
                  Row{AWGRT_F16, 0x0001, "6e-08"}, Row{AWGRT_F16, 0x3555, "0.3333"}, Row{AWGRT_F16, 0x8000, "-0.0"},
                  Row{AWGRT_F16, 0x7c00, "inf"}, Row{AWGRT_F16, 0xfe00, "nan"}, Row{AWGRT_F16, 0x0400, "6.104e-05"},
                  Row{AWGRT_BF16, 0x3f80, "1.0"}, Row{AWGRT_BF16, 0x3dcd, "0.1"}, Row{AWGRT_BF16, 0x7f7f, "3.39e+38"},
                  Row{AWGRT_BF16, 0x4049, "3.14"}, Row{AWGRT_BF16, 0xff80, "-inf"}, Row{AWGRT_BF16, 0x0001, "9e-41"}})
    EXPECT_EQ(format("{}", row.kind, row.bits), row.text);
}

double halfValue(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  double fraction = bits & 1023;
  return exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24);
}

// Every f16 is printed so that it, and no neighbour, is the nearest value.
TEST(Format, EveryHalfReadsBack) {
  for (uint16_t b = 1; b < 0x7bff; ++b) {
    double read = std::stod(format("{}", AWGRT_F16, b));
    double toSelf = std::fabs(read - halfValue(b));
    ASSERT_LE(toSelf, std::fabs(read - halfValue(uint16_t(b - 1)))) << b;
    ASSERT_LE(toSelf, std::fabs(read - halfValue(uint16_t(b + 1)))) << b;
  }
}

TEST(Format, FloatFormats) {
  EXPECT_EQ(f64(3.14159, "{:.3}"), "3.142");
  EXPECT_EQ(f64(3.14159, "{:>10.3}|"), "     3.142|");
  EXPECT_EQ(f64(3.14159, "{:<10.3}|"), "3.142     |");
  EXPECT_EQ(f64(3.14159, "{:10.3}|"), "     3.142|");
  EXPECT_EQ(f64(2.5, "{:.0}"), "2");
  EXPECT_EQ(f64(1234.5, "{:e}"), "1.2345e+03");
  EXPECT_EQ(f64(1234.5, "{:.1e}"), "1.2e+03");
  EXPECT_EQ(f64(0, "{:e}"), "0e+00");
  EXPECT_EQ(f64(-INFINITY, "{:8.2}"), "    -inf");
  EXPECT_EQ(f64(1e22, "{:.1}"), "10000000000000000000000.0");
  EXPECT_EQ(f32(0.1f, "{:.10}"), "0.1000000015");
}

TEST(Format, Integers) {
  EXPECT_EQ(format("{}", AWGRT_I64, uint64_t(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(format("{}", AWGRT_U64, UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(format("{:x}", AWGRT_I8, uint64_t(-1)), "ff");
  EXPECT_EQ(format("{:x}", AWGRT_I64, uint64_t(-1)), "ffffffffffffffff");
  EXPECT_EQ(format("{:6x}", AWGRT_U32, 255), "    ff");
  EXPECT_EQ(format("{:5}|", AWGRT_I32, 42), "   42|");
  EXPECT_EQ(format("{:<5}|", AWGRT_I32, 42), "42   |");
  EXPECT_EQ(format("{:e}", AWGRT_I64, 1200), "1.2e+03");
  EXPECT_EQ(format("{:e}", AWGRT_I64, uint64_t(-7)), "-7e+00");
  EXPECT_EQ(format("{:.1e}", AWGRT_I64, 1260), "1.3e+03");
  EXPECT_EQ(format("{}", AWGRT_BOOL, 1), "true");
  EXPECT_EQ(format("{:6}|", AWGRT_BOOL, 0), "false |");
}

TEST(Format, Durations) {
  EXPECT_EQ(duration(0), "0ns");
  EXPECT_EQ(duration(999), "999ns");
  EXPECT_EQ(duration(1500), "1.5us");
  EXPECT_EQ(duration(12'300'000), "12.3ms");
  EXPECT_EQ(duration(1'000'000'001), "1.000000001s");
  EXPECT_EQ(duration(90'000'000'000), "1.5min");
  EXPECT_EQ(duration(100'000'000'000), "100s");
  EXPECT_EQ(duration(60'000'000'003), "1.00000000005min");
  EXPECT_EQ(duration(-30'000'000), "-30ms");
  EXPECT_EQ(duration(INT64_MIN), "-9223372036.854775808s");
  EXPECT_EQ(duration(12'345'678, "{:.1}"), "12.3ms");
  EXPECT_EQ(duration(100'000'000'000, "{:.2}"), "1.67min");
  EXPECT_EQ(duration(5, "{:6}"), "   5ns");
}

TEST(Format, Strings) {
  awgrt_str *text = str("a\"b\\\n\t\x01{ä}");
  auto value = uint64_t(reinterpret_cast<uintptr_t>(text));
  EXPECT_EQ(format("{}", AWGRT_STR, value), "a\"b\\\n\t\x01{ä}");
  EXPECT_EQ(format("{}", AWGRT_QUOTED_STR, value), "\"a\\\"b\\\\\\n\\t\\u{1}{ä}\"");
  EXPECT_EQ(format("{:12}|", AWGRT_STR, value), "a\"b\\\n\t\x01{ä}  |");
  EXPECT_EQ(format("{:>12}|", AWGRT_STR, value), "  a\"b\\\n\t\x01{ä}|");
  EXPECT_EQ(format("{:.3}|", AWGRT_STR, value), "a\"b|");
  EXPECT_EQ(format("{{{}}}", AWGRT_CSTR, reinterpret_cast<uintptr_t>("x")), "{x}");
  awgrt_str_release(text);
}

TEST(Format, Arrays) {
  int64_t extents[] = {2, 2};
  awgrt_array *array = nullptr;
  ASSERT_EQ(awgrt_array_create(&here, AWGRT_I16, 2, extents, &array), nullptr);
  for (int i = 0; i < 4; ++i)
    static_cast<int16_t *>(array->data)[i] = int16_t(i == 3 ? -4 : i + 1);
  auto value = uint64_t(reinterpret_cast<uintptr_t>(array));
  EXPECT_EQ(format("{}", AWGRT_ARRAY, value), "[[1, 2], [3, -4]]");
  EXPECT_EQ(format("{:3}", AWGRT_ARRAY, value), "[[  1,   2], [  3,  -4]]");
  awgrt_array_release(array);

  int64_t none[] = {2, 0};
  ASSERT_EQ(awgrt_array_create(&here, AWGRT_F32, 2, none, &array), nullptr);
  EXPECT_EQ(format("{}", AWGRT_ARRAY, reinterpret_cast<uintptr_t>(array)), "[[], []]");
  awgrt_array_release(array);

  int64_t two = 2;
  ASSERT_EQ(awgrt_array_create(&here, AWGRT_STR, 1, &two, &array), nullptr);
  static_cast<awgrt_str **>(array->data)[1] = str("x");
  EXPECT_EQ(format("{}", AWGRT_ARRAY, reinterpret_cast<uintptr_t>(array)), "[\"\", \"x\"]");
  awgrt_array_release(array);
}

// What the compiler never emits does no harm either.
TEST(Format, MalformedFormats) {
  for (const char *text : {"{", "{:", "{:99999999999999}", "}", "{} {}", "{:.99999999999}", "{:zz}"})
    format(text, AWGRT_F64, bits(1.0));
}

TEST(Strings, ConcatAndCompare) {
  awgrt_str *a = str("ab"), *b = str("b"), *both = awgrt_str_concat(a, b);
  EXPECT_LT(awgrt_str_compare(a, b), 0);
  EXPECT_GT(awgrt_str_compare(both, a), 0);
  EXPECT_EQ(awgrt_str_compare(a, a), 0);
  awgrt_str_release(a);
  awgrt_str_release(b);
  EXPECT_EQ(take(both), "abb");
}

} // namespace
