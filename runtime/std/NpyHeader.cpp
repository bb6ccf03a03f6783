// Reading and writing the header of a NumPy file. What is read may be anything at all.
#include "std/NpyHeader.h"

#include "memory/Elements.h"
#include "std/Text.h"

#include <cstring>

namespace awg::rt {

namespace {

constexpr char magic[] = "\x93NUMPY";
constexpr size_t magicSize = 6;

/// A dtype without its byte order. NumPy itself has no bfloat16; ml_dtypes stores it as two bytes without a type.
struct Dtype {
  const char *name;
  int32_t kind;
};
constexpr Dtype dtypes[] = {
    {"b1", AWGRT_BOOL}, {"i1", AWGRT_I8},  {"i2", AWGRT_I16}, {"i4", AWGRT_I32}, {"i8", AWGRT_I64},
    {"u1", AWGRT_U8},   {"u2", AWGRT_U16}, {"u4", AWGRT_U32}, {"u8", AWGRT_U64}, {"f2", AWGRT_F16},
    {"V2", AWGRT_BF16}, {"f4", AWGRT_F32}, {"f8", AWGRT_F64},
};

/// Reads the literals of a Python dictionary as NumPy writes them.
class Reader {
public:
  Reader(const char *text, size_t size) : at(text), end(text + size) {}

  void skipSpace() {
    while (at != end && (*at == ' ' || *at == '\n' || *at == '\t'))
      ++at;
  }
  bool take(char c) {
    skipSpace();
    if (at == end || *at != c)
      return false;
    ++at;
    return true;
  }
  bool takeWord(const char *word) {
    skipSpace();
    size_t size = strlen(word);
    if (size_t(end - at) < size || memcmp(at, word, size) != 0)
      return false;
    at += size;
    return true;
  }
  /// A text in either kind of quotes, without escapes.
  bool takeString(const char *&outText, size_t &outSize) {
    skipSpace();
    if (at == end || (*at != '\'' && *at != '"'))
      return false;
    auto *close = static_cast<const char *>(memchr(at + 1, *at, size_t(end - at - 1)));
    if (!close || memchr(at, '\\', size_t(close - at)))
      return false;
    outText = at + 1;
    outSize = size_t(close - outText);
    at = close + 1;
    return true;
  }
  /// An integer from 0 to INT64_MAX, with Python 2's `L` allowed.
  bool takeInteger(int64_t &outValue) {
    skipSpace();
    if (at == end || *at < '0' || *at > '9')
      return false;
    outValue = 0;
    for (; at != end && *at >= '0' && *at <= '9'; ++at)
      if (__builtin_mul_overflow(outValue, 10, &outValue) || __builtin_add_overflow(outValue, *at - '0', &outValue))
        return false;
    if (at != end && *at == 'L')
      ++at;
    return true;
  }
  bool atEnd() {
    skipSpace();
    return at == end;
  }

private:
  const char *at;
  const char *end;
};

bool readDescr(Reader &reader, NpyHeader &header) {
  const char *text;
  size_t size;
  if (!reader.takeString(text, size))
    return false;
  size_t kept = size < sizeof header.descr - 1 ? size : sizeof header.descr - 1;
  for (size_t i = 0; i < kept; ++i)
    header.descr[i] = text[i] >= ' ' && text[i] < 127 ? text[i] : '?';
  if (size != kept || size < 2)
    return true;
  bool order = strchr("<>|=", text[0]) != nullptr;
  const char *name = header.descr + (order ? 1 : 0);
  for (const Dtype &dtype : dtypes)
    if (strcmp(dtype.name, name) == 0)
      header.kind = dtype.kind;
  header.bigEndian = text[0] == '>' && header.kind >= 0 && elementSize(header.kind) > 1;
  return true;
}

bool readOrder(Reader &reader, NpyHeader &header) {
  header.fortranOrder = reader.takeWord("True");
  return header.fortranOrder || reader.takeWord("False");
}

bool readShape(Reader &reader, NpyHeader &header) {
  if (!reader.take('('))
    return false;
  while (!reader.take(')')) {
    int64_t extent;
    if (!reader.takeInteger(extent))
      return false;
    if (header.rank < AWGRT_MAX_RANK)
      header.extents[header.rank] = extent;
    ++header.rank;
    if (reader.take(','))
      continue;
    // (3) is no tuple in Python.
    return header.rank > 1 && reader.take(')');
  }
  return true;
}

struct Entry {
  const char *key;
  bool (*read)(Reader &reader, NpyHeader &header);
};
constexpr Entry entries[] = {{"descr", readDescr}, {"fortran_order", readOrder}, {"shape", readShape}};

/// Reads one `'key': value` that was not there yet.
bool readEntry(Reader &reader, NpyHeader &header, uint32_t &seen) {
  const char *key;
  size_t size;
  if (!reader.takeString(key, size) || !reader.take(':'))
    return false;
  for (uint32_t i = 0; i < 3; ++i) {
    if (strlen(entries[i].key) != size || memcmp(entries[i].key, key, size) != 0)
      continue;
    bool again = seen >> i & 1;
    seen |= 1u << i;
    return !again && entries[i].read(reader, header);
  }
  return false;
}

bool readEntries(Reader &reader, NpyHeader &header) {
  uint32_t seen = 0;
  if (!reader.take('{'))
    return false;
  while (!reader.take('}')) {
    if (!readEntry(reader, header, seen))
      return false;
    if (reader.take(','))
      continue;
    if (!reader.take('}'))
      return false;
    break;
  }
  return seen == 7 && reader.atEnd();
}

} // namespace

bool readNpyPrefix(const unsigned char *bytes, size_t size, int32_t &outLengthBytes, Text &problem) {
  size_t compared = size < magicSize ? size : magicSize;
  if (size == 0 || memcmp(bytes, magic, compared) != 0) {
    problem.add("it is no NumPy file");
    return false;
  }
  if (size < npyPrefixSize) {
    problem.add("its header is cut off after ").addUnsigned(size).add(" bytes");
    return false;
  }
  unsigned major = bytes[6], minor = bytes[7];
  if (major < 1 || major > 3 || minor != 0) {
    problem.add("its format is ").addUnsigned(major).add('.').addUnsigned(minor).add(", and 1.0 to 3.0 are known");
    return false;
  }
  outLengthBytes = major == 1 ? 2 : 4;
  return true;
}

bool readNpyDictionary(const char *text, size_t size, NpyHeader &header, Text &problem) {
  Reader reader(text, size);
  if (readEntries(reader, header))
    return true;
  problem.add("its header is malformed");
  return false;
}

bool addNpyHeader(Text &out, const awgrt_array &array) {
  const Dtype *dtype = nullptr;
  for (const Dtype &candidate : dtypes)
    if (candidate.kind == array.kind)
      dtype = &candidate;
  if (!dtype)
    return false;
  char order = elementSize(array.kind) == 1 ? '|' : '<';
  out.add(magic, magicSize).add("\x01\x00\x00\x00", 4);
  out.add("{'descr': '").add(order).add(dtype->name).add("', 'fortran_order': False, 'shape': (");
  for (int32_t d = 0; d < array.rank; ++d)
    out.add(d ? ", " : "").addSigned(array.extents[d]);
  out.add(array.rank == 1 ? ",), }" : "), }");
  size_t total = (out.size() + 1 + 63) / 64 * 64;
  out.addRepeated(' ', total - 1 - out.size()).add('\n');
  out.data()[8] = char((total - 10) & 0xff);
  out.data()[9] = char((total - 10) >> 8);
  return true;
}

} // namespace awg::rt
