// A growing text.
#include "std/Text.h"

#include "async/Sync.h"
#include "std/Str.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace awg::rt {

Text::~Text() {
  if (bytes != inlineBytes)
    free(bytes);
}

void Text::reserve(size_t size) {
  if (size <= capacity)
    return;
  size_t grown = capacity * 2 > size ? capacity * 2 : size;
  bool wasInline = bytes == inlineBytes;
  auto *memory = static_cast<char *>(realloc(wasInline ? nullptr : bytes, grown));
  if (!memory)
    fatal("out of memory");
  if (wasInline)
    memcpy(memory, inlineBytes, length);
  bytes = memory;
  capacity = grown;
}

Text &Text::add(const char *added, size_t size) {
  reserve(length + size);
  if (size)
    memcpy(bytes + length, added, size);
  length += size;
  return *this;
}

Text &Text::add(const char *cstring) { return add(cstring, strlen(cstring)); }

Text &Text::add(const awgrt_str *text) { return text ? add(text->bytes, size_t(text->length)) : *this; }

Text &Text::addUnsigned(uint64_t value) {
  char digits[24];
  return add(digits, size_t(std::to_chars(digits, digits + sizeof digits, value).ptr - digits));
}

Text &Text::addSigned(int64_t value) {
  char digits[24];
  return add(digits, size_t(std::to_chars(digits, digits + sizeof digits, value).ptr - digits));
}

Text &Text::addQuoted(const char *cstring) {
  add('"');
  for (; *cstring; ++cstring) {
    if (*cstring == '"' || *cstring == '\\')
      add('\\');
    if (uint8_t(*cstring) >= ' ')
      add(*cstring);
  }
  return add('"');
}

Text &Text::addRepeated(char byte, size_t count) {
  reserve(length + count);
  memset(bytes + length, byte, count);
  length += count;
  return *this;
}

void Text::insert(size_t at, char byte, size_t count) {
  reserve(length + count);
  memmove(bytes + at + count, bytes + at, length - at);
  memset(bytes + at, byte, count);
  length += count;
}

awgrt_str *Text::toStr() const { return createStr(bytes, length); }

} // namespace awg::rt
