// Shortest and fixed decimal forms of f16, bf16, f32 and f64.
#include "std/Float.h"

#include "std/Text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace awg::rt {

namespace {

/// value = digits[0].digits[1..] * 10^exponent
struct Decimal {
  char digits[24];
  int32_t count;
  int32_t exponent;
};

/// What sets the 16-bit formats apart.
struct NarrowFormat {
  int32_t fractionBits;
  int32_t leastExponent;
};
constexpr NarrowFormat halfFormat = {10, -14}, brainFormat = {7, -126};

double halfValue(uint16_t bits) {
  int32_t exponent = bits >> 10 & 31;
  double fraction = bits & 1023;
  double value = exponent == 31  ? (fraction != 0 ? double(NAN) : double(INFINITY))
                 : exponent == 0 ? std::ldexp(fraction, -24)
                                 : std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

/// `value` > 0 rounded to the nearest value of the format, ties to even; what overflows stays out of its range.
double roundTo(double value, const NarrowFormat &format) {
  int exponent;
  std::frexp(value, &exponent);
  int32_t quantum = std::max(exponent - 1, format.leastExponent) - format.fractionBits;
  constexpr double shift = 0x1.8p52; // adding it rounds to an integer
  return std::ldexp((std::ldexp(value, -quantum) + shift) - shift, quantum);
}

/// Reads the output of to_chars in scientific form.
Decimal readScientific(const char *text, const char *end) {
  Decimal decimal = {};
  for (; text != end && *text != 'e'; ++text)
    if (*text != '.')
      decimal.digits[decimal.count++] = *text;
  ++text;
  if (*text == '+')
    ++text;
  std::from_chars(text, end, decimal.exponent);
  return decimal;
}

template <typename T> Decimal shortest(T value) {
  char text[64];
  auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  return readScientific(text, end);
}

void setDigits(Decimal &decimal, uint64_t digits, int32_t lastExponent) {
  while (digits % 10 == 0) {
    digits /= 10;
    ++lastExponent;
  }
  decimal.count = int32_t(std::to_chars(decimal.digits, decimal.digits + sizeof decimal.digits, digits).ptr -
                          decimal.digits);
  decimal.exponent = lastExponent + decimal.count - 1;
}

/// The value of digits * 10^exponent, rounded once.
double decimalValue(uint64_t digits, int32_t exponent) {
  char text[40];
  char *end = std::to_chars(text, text + 20, digits).ptr;
  *end++ = 'e';
  end = std::to_chars(end, text + sizeof text - 1, exponent).ptr;
  *end = 0;
  return strtod(text, nullptr);
}

/// The shortest digits that round to `value` > 0 in the format, and of those the closest.
Decimal shortestNarrow(double value, const NarrowFormat &format) {
  for (int32_t count = 1;; ++count) {
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, count - 1).ptr;
    Decimal decimal = readScientific(text, end);
    uint64_t nearest = 0;
    std::from_chars(decimal.digits, decimal.digits + decimal.count, nearest);
    int32_t lastExponent = decimal.exponent - (count - 1);
    // Below a power of two values are closer together, so a neighbour may read back where the nearest does not.
    uint64_t best = 0;
    double bestDistance = INFINITY;
    for (uint64_t digits : {nearest, nearest - 1, nearest + 1}) { // of two equally close ones the even one
      double candidate = digits ? decimalValue(digits, lastExponent) : 0;
      if (candidate <= 0 || roundTo(candidate, format) != value || std::fabs(candidate - value) >= bestDistance)
        continue;
      best = digits;
      bestDistance = std::fabs(candidate - value);
    }
    if (best) {
      setDigits(decimal, best, lastExponent);
      return decimal;
    }
  }
}

Decimal shortestDigits(int32_t kind, uint64_t bits, double magnitude) {
  switch (kind) {
  case AWGRT_F16:
    return shortestNarrow(magnitude, halfFormat);
  case AWGRT_BF16:
    return shortestNarrow(magnitude, brainFormat);
  case AWGRT_F32:
    return shortest(std::fabs(std::bit_cast<float>(uint32_t(bits))));
  default:
    return shortest(magnitude);
  }
}

void addPlain(Text &out, const Decimal &decimal) {
  int32_t whole = decimal.exponent + 1; // digits before the point
  if (whole <= 0) {
    out.add("0.").addRepeated('0', size_t(-whole)).add(decimal.digits, size_t(decimal.count));
  } else if (whole >= decimal.count) {
    out.add(decimal.digits, size_t(decimal.count)).addRepeated('0', size_t(whole - decimal.count)).add(".0");
  } else {
    out.add(decimal.digits, size_t(whole)).add('.');
    out.add(decimal.digits + whole, size_t(decimal.count - whole));
  }
}

} // namespace

double floatValue(int32_t kind, uint64_t bits) {
  switch (kind) {
  case AWGRT_F16:
    return halfValue(uint16_t(bits));
  case AWGRT_BF16:
    return double(std::bit_cast<float>(uint32_t(bits) << 16));
  case AWGRT_F32:
    return double(std::bit_cast<float>(uint32_t(bits)));
  default:
    return std::bit_cast<double>(bits);
  }
}

void addScientific(Text &out, bool negative, const char *digits, int32_t count, int32_t exponent) {
  if (negative)
    out.add('-');
  out.add(digits[0]);
  if (count > 1)
    out.add('.').add(digits + 1, size_t(count - 1));
  out.add('e').add(exponent < 0 ? '-' : '+');
  uint32_t magnitude = exponent < 0 ? uint32_t(-exponent) : uint32_t(exponent);
  if (magnitude < 10)
    out.add('0');
  out.addUnsigned(magnitude);
}

void addFloat(Text &out, int32_t kind, uint64_t bits, int32_t precision, bool exponent) {
  double value = floatValue(kind, bits);
  if (value != value) {
    out.add("nan");
    return;
  }
  if (std::signbit(value))
    out.add('-');
  double magnitude = std::fabs(value);
  if (magnitude == INFINITY) {
    out.add("inf");
    return;
  }
  if (precision >= 0) {
    char text[1600];
    auto form = exponent ? std::chars_format::scientific : std::chars_format::fixed;
    out.add(text, size_t(std::to_chars(text, text + sizeof text, magnitude, form, precision).ptr - text));
    return;
  }
  Decimal decimal = {{'0'}, 1, 0};
  if (magnitude != 0)
    decimal = shortestDigits(kind, bits, magnitude);
  if (exponent || decimal.exponent < -4 || decimal.exponent >= 16)
    addScientific(out, /*negative=*/false, decimal.digits, decimal.count, decimal.exponent);
  else
    addPlain(out, decimal);
}

} // namespace awg::rt
