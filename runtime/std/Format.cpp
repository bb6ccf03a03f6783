// Formats: their parser, and a printer for each kind of value.
#include "std/Format.h"

#include "memory/Elements.h"
#include "place/Devices.h"
#include "std/Float.h"
#include "std/Text.h"

#include <charconv>
#include <cstring>

namespace awg::rt {

namespace {

/// What stands after a hole's colon.
struct Spec {
  char align = 0; ///< '<', '>' or 0: numbers to the right, all else to the left
  int32_t width = 0;
  int32_t precision = -1;
  bool hex = false;
  bool exponent = false;
};

constexpr int32_t maxWidth = 10'000, maxPrecision = 1'100;

int32_t readNumber(const char *&at, int32_t limit) {
  int32_t value = 0;
  for (; *at >= '0' && *at <= '9'; ++at)
    value = value < limit ? value * 10 + (*at - '0') : limit;
  return value < limit ? value : limit;
}

/// Reads up to the closing brace.
Spec readSpec(const char *&at) {
  Spec spec;
  while (*at && *at != '}') {
    if (*at >= '0' && *at <= '9') {
      spec.width = readNumber(at, maxWidth);
      continue;
    }
    char c = *at++;
    if (c == '<' || c == '>')
      spec.align = c;
    else if (c == '.')
      spec.precision = readNumber(at, maxPrecision);
    else if (c == 'x')
      spec.hex = true;
    else if (c == 'e')
      spec.exponent = true;
  }
  return spec;
}

bool isNumber(int32_t kind) { return (kind >= AWGRT_I8 && kind <= AWGRT_F64) || kind == AWGRT_DURATION; }
bool isSigned(int32_t kind) { return kind >= AWGRT_I8 && kind <= AWGRT_I64; }

/// An integer in scientific form, exactly if there is no precision.
void addIntegerExponent(Text &out, bool negative, uint64_t magnitude, const Spec &spec) {
  if (spec.precision >= 0) {
    double value = negative ? -double(magnitude) : double(magnitude);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    addFloat(out, AWGRT_F64, bits, spec.precision, /*exponent=*/true);
    return;
  }
  char digits[24];
  auto count = int32_t(std::to_chars(digits, digits + sizeof digits, magnitude).ptr - digits);
  int32_t exponent = count - 1;
  while (count > 1 && digits[count - 1] == '0')
    --count;
  addScientific(out, negative, digits, count, exponent);
}

void addInteger(Text &out, int32_t kind, uint64_t value, const Spec &spec) {
  if (spec.hex) {
    size_t bits = 8 * elementSize(kind);
    uint64_t shown = bits < 64 ? value & ((uint64_t(1) << bits) - 1) : value;
    char digits[24];
    out.add(digits, size_t(std::to_chars(digits, digits + sizeof digits, shown, 16).ptr - digits));
    return;
  }
  bool negative = isSigned(kind) && int64_t(value) < 0;
  if (spec.exponent)
    addIntegerExponent(out, negative, negative ? 0 - value : value, spec);
  else if (negative)
    out.addSigned(int64_t(value));
  else
    out.addUnsigned(value);
}

struct Unit {
  const char *name;
  uint64_t nanoseconds;
};
constexpr Unit units[] = {{"min", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};

/// The digits of remainder / unit after the point: all of them, at most 12.
void addFraction(Text &out, uint64_t remainder, uint64_t unit) {
  if (remainder == 0)
    return;
  out.add('.');
  while (remainder != 0) {
    remainder *= 10;
    out.add(char('0' + remainder / unit));
    remainder %= unit;
  }
}

/// `magnitude` / `unit` rounded to `precision` digits after the point, halves up.
void addRounded(Text &out, uint64_t magnitude, uint64_t unit, int32_t precision) {
  int32_t kept = precision < 15 ? precision : 15;
  uint64_t scale = 1;
  for (int32_t i = 0; i < kept; ++i)
    scale *= 10;
  unsigned __int128 scaled = (static_cast<unsigned __int128>(magnitude) * scale * 2 + unit) / (unit * 2);
  out.addUnsigned(uint64_t(scaled / scale));
  if (precision == 0)
    return;
  auto fraction = uint64_t(scaled % scale);
  char digits[24];
  auto count = int32_t(std::to_chars(digits, digits + sizeof digits, fraction).ptr - digits);
  out.add('.').addRepeated('0', size_t(kept - count)).add(digits, size_t(count));
  out.addRepeated('0', size_t(precision - kept));
}

/// The largest unit that is at least 1 and, without a precision, in which the decimal is finite (thirds of a minute
/// are not: those are in seconds).
void addDuration(Text &out, int64_t nanoseconds, const Spec &spec) {
  uint64_t magnitude = nanoseconds < 0 ? 0 - uint64_t(nanoseconds) : uint64_t(nanoseconds);
  if (nanoseconds < 0)
    out.add('-');
  const Unit *unit = units;
  while (unit->nanoseconds > 1 && magnitude < unit->nanoseconds)
    ++unit;
  if (spec.precision >= 0) {
    addRounded(out, magnitude, unit->nanoseconds, spec.precision);
  } else {
    if (unit == units && magnitude % 3 != 0)
      ++unit;
    out.addUnsigned(magnitude / unit->nanoseconds);
    addFraction(out, magnitude % unit->nanoseconds, unit->nanoseconds);
  }
  out.add(unit->name);
}

void addQuoted(Text &out, const awgrt_str *text) {
  out.add('"');
  int64_t length = text ? text->length : 0;
  for (int64_t i = 0; i < length; ++i) {
    char c = text->bytes[i];
    if (c == '"' || c == '\\')
      out.add('\\').add(c);
    else if (c == '\n')
      out.add("\\n");
    else if (c == '\t')
      out.add("\\t");
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char digits[4];
      out.add("\\u{").add(digits, size_t(std::to_chars(digits, digits + 4, int(c), 16).ptr - digits)).add('}');
    } else
      out.add(c);
  }
  out.add('"');
}

size_t countCharacters(const char *bytes, size_t size) {
  size_t count = 0;
  for (size_t i = 0; i < size; ++i)
    count += (bytes[i] & 0xc0) != 0x80;
  return count;
}

/// At most `precision` characters of the text, if that is set.
void addBare(Text &out, const char *bytes, size_t size, int32_t precision) {
  if (precision >= 0) {
    size_t at = 0;
    for (int32_t left = precision; at < size; ++at)
      if ((bytes[at] & 0xc0) != 0x80 && left-- == 0)
        break;
    size = at;
  }
  out.add(bytes, size);
}

void addValue(Text &out, int32_t kind, uint64_t value, const Spec &spec);

uint64_t loadElement(int32_t kind, const char *at) {
  uint64_t value = 0;
  size_t size = elementSize(kind);
  memcpy(&value, at, size);
  if (isSigned(kind) && size < 8) {
    auto shift = int32_t(64 - 8 * size);
    value = uint64_t(int64_t(value << shift) >> shift);
  }
  return value;
}

/// Prints the part of an array from dimension `dimension` on, which begins at `at`.
void addArrayPart(Text &out, const awgrt_array &array, int32_t dimension, const char *at, const Spec &spec) {
  if (dimension == array.rank) {
    int32_t kind = array.kind == AWGRT_STR ? AWGRT_QUOTED_STR : array.kind;
    addValue(out, kind, loadElement(array.kind, at), spec);
    return;
  }
  out.add('[');
  for (int64_t i = 0; i < array.extents[dimension]; ++i) {
    if (i)
      out.add(", ");
    addArrayPart(out, array, dimension + 1, at + i * array.strides[dimension] * int64_t(elementSize(array.kind)), spec);
  }
  out.add(']');
}

void addArray(Text &out, awgrt_array *array, const Spec &spec) {
  auto *at = static_cast<const char *>(awgrt_array_data(array, 0));
  addArrayPart(out, *array, 0, at, spec);
}

void addUnpadded(Text &out, int32_t kind, uint64_t value, const Spec &spec) {
  switch (kind) {
  case AWGRT_BOOL:
    out.add(value & 1 ? "true" : "false");
    return;
  case AWGRT_F16:
  case AWGRT_BF16:
  case AWGRT_F32:
  case AWGRT_F64:
    return addFloat(out, kind, value, spec.precision, spec.exponent);
  case AWGRT_STR:
  case AWGRT_TEXT:
    if (auto *text = reinterpret_cast<const awgrt_str *>(value))
      addBare(out, text->bytes, size_t(text->length), spec.precision);
    return;
  case AWGRT_QUOTED_STR:
    return addQuoted(out, reinterpret_cast<const awgrt_str *>(value));
  case AWGRT_DURATION:
    return addDuration(out, int64_t(value), spec);
  case AWGRT_DEVICE:
    return addDevice(out, int64_t(value));
  case AWGRT_ARRAY:
    return addArray(out, reinterpret_cast<awgrt_array *>(value), spec);
  case AWGRT_TASK:
    out.add("future");
    return;
  case AWGRT_CSTR:
    return addBare(out, reinterpret_cast<const char *>(value), strlen(reinterpret_cast<const char *>(value)),
                   spec.precision);
  default:
    return addInteger(out, kind, value, spec);
  }
}

/// A value in its width. An array's format is that of its elements.
void addValue(Text &out, int32_t kind, uint64_t value, const Spec &spec) {
  size_t start = out.size();
  addUnpadded(out, kind, value, spec);
  if (spec.width == 0 || kind == AWGRT_ARRAY)
    return;
  size_t characters = countCharacters(out.data() + start, out.size() - start);
  if (characters >= size_t(spec.width))
    return;
  size_t missing = size_t(spec.width) - characters;
  bool right = spec.align ? spec.align == '>' : isNumber(kind);
  out.insert(right ? start : out.size(), ' ', missing);
}

} // namespace

void formatTo(Text &out, const char *format, const uint8_t *kinds, uint32_t count, const uint64_t *args) {
  uint32_t hole = 0;
  for (const char *at = format; *at;) {
    size_t plain = strcspn(at, "{}");
    out.add(at, plain);
    at += plain;
    if (!*at)
      return;
    if (at[0] == at[1] || at[0] == '}') {
      out.add(*at);
      at += at[0] == at[1] ? 2 : 1;
      continue;
    }
    at += at[1] == ':' ? 2 : 1;
    Spec spec = readSpec(at);
    at += *at == '}';
    if (hole < count)
      addValue(out, kinds[hole], args[hole], spec);
    ++hole;
  }
}

} // namespace awg::rt
