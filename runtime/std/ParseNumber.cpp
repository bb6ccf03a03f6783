// Texts to numbers.
#include "std/ParseNumber.h"

#include "memory/Elements.h"

#include <bit>
#include <cfenv>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <strings.h>

namespace awg::rt {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

const char *skipDigits(const char *at) {
  while (isDigit(*at))
    ++at;
  return at;
}

/// Whether a text, closed by a NUL, is a float of this form: `-1`, `1.5`, `.5`, `1e-3`, `nan`, `inf`.
bool isFloat(const char *at) {
  at += *at == '+' || *at == '-';
  for (const char *word : {"nan", "inf", "infinity"})
    if (strcasecmp(at, word) == 0)
      return true;
  const char *whole = skipDigits(at), *rest = whole;
  if (*rest == '.')
    rest = skipDigits(rest + 1);
  if (whole == at && rest <= whole + 1) // no digit on either side of the point
    return false;
  if (*rest != 'e' && *rest != 'E')
    return *rest == '\0';
  rest += 1 + (rest[1] == '+' || rest[1] == '-');
  return isDigit(*rest) && *skipDigits(rest) == '\0';
}

/// The value rounded to odd: exact, or the neighbour whose last bit is set. Rounded again to a format of at most half as
/// many bits it gives what one rounding would (Boldo and Melquiond 2008).
double parseToOdd(const char *text) {
  int mode = fegetround();
  fesetround(FE_TOWARDZERO);
  double low = strtod(text, nullptr);
  fesetround(text[0] == '-' ? FE_DOWNWARD : FE_UPWARD);
  double high = strtod(text, nullptr);
  fesetround(mode);
  return low == high || low != low ? low : std::bit_cast<double>(std::bit_cast<uint64_t>(low) | 1);
}

/// Rounds to a format of 16 bits of which `mantissa` are behind the point, to nearest even.
uint64_t roundTo16(double value, int mantissa) {
  int exponentBits = 15 - mantissa, bias = (1 << (exponentBits - 1)) - 1;
  uint64_t bits = std::bit_cast<uint64_t>(value), sign = bits >> 63 << 15;
  uint64_t infinity = ((uint64_t(1) << exponentBits) - 1) << mantissa;
  int exponent = int(bits >> 52 & 0x7FF) - 1023;
  uint64_t digits = bits & ((uint64_t(1) << 52) - 1);
  if (exponent == 1024)
    return sign | infinity | (digits ? uint64_t(1) << (mantissa - 1) : 0);
  if (exponent == -1023) // zero, or far below the least value
    return sign;
  int lowest = 1 - bias; // of normal numbers
  int drop = 52 - mantissa + (exponent < lowest ? lowest - exponent : 0);
  if (drop > 54)
    return sign;
  digits |= uint64_t(1) << 52;
  uint64_t kept = digits >> drop, rest = digits & ((uint64_t(1) << drop) - 1), half = uint64_t(1) << (drop - 1);
  kept += rest > half || (rest == half && (kept & 1));
  if (exponent >= lowest) // the leading digit adds one to the exponent
    kept += uint64_t(exponent + bias - 1) << mantissa;
  return sign | (kept < infinity ? kept : infinity);
}

bool parseFloat(int32_t kind, const char *text, uint64_t &outBits) {
  if (!isFloat(text))
    return false;
  switch (kind) {
  case AWGRT_F16:
    outBits = roundTo16(parseToOdd(text), 10);
    break;
  case AWGRT_BF16:
    outBits = roundTo16(parseToOdd(text), 7);
    break;
  case AWGRT_F32:
    outBits = std::bit_cast<uint32_t>(strtof(text, nullptr));
    break;
  default:
    outBits = std::bit_cast<uint64_t>(strtod(text, nullptr));
    break;
  }
  return true;
}

template <typename T> bool parseInt(const char *first, const char *last, uint64_t &outBits) {
  first += *first == '+' && first[1] != '-';
  T value;
  auto [end, error] = std::from_chars(first, last, value);
  outBits = uint64_t(value);
  return error == std::errc() && end == last;
}

bool parseBool(const char *text, uint64_t &outBits) {
  outBits = strcmp(text, "true") == 0;
  return outBits || strcmp(text, "false") == 0;
}

} // namespace

bool parseNumber(int32_t kind, const Text &text, uint64_t &outBits) {
  auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
  const char *first = text.data(), *last = first + text.size();
  while (first != last && isSpace(*first))
    ++first;
  while (first != last && isSpace(last[-1]))
    --last;
  if (first == last || memchr(first, '\0', size_t(last - first)))
    return false;
  Text closed;
  closed.add(first, size_t(last - first)).add('\0');
  first = closed.data();
  last = first + closed.size() - 1;
  switch (kind) {
  case AWGRT_BOOL:
    return parseBool(first, outBits);
  case AWGRT_I8:
    return parseInt<int8_t>(first, last, outBits);
  case AWGRT_I16:
    return parseInt<int16_t>(first, last, outBits);
  case AWGRT_I32:
    return parseInt<int32_t>(first, last, outBits);
  case AWGRT_I64:
    return parseInt<int64_t>(first, last, outBits);
  case AWGRT_U8:
    return parseInt<uint8_t>(first, last, outBits);
  case AWGRT_U16:
    return parseInt<uint16_t>(first, last, outBits);
  case AWGRT_U32:
    return parseInt<uint32_t>(first, last, outBits);
  case AWGRT_U64:
    return parseInt<uint64_t>(first, last, outBits);
  default:
    return parseFloat(kind, first, outBits);
  }
}

} // namespace awg::rt
