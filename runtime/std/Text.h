// A growing text, from which messages and formatted strings are built.
#ifndef AWG_RUNTIME_STD_TEXT_H
#define AWG_RUNTIME_STD_TEXT_H

#include "awg/awgrt.h"

namespace awg::rt {

/// Owns its bytes; ends the process if there is no memory.
class Text {
public:
  Text() = default;
  ~Text();
  Text(const Text &) = delete;
  Text &operator=(const Text &) = delete;

  Text &add(const char *bytes, size_t size);
  Text &add(const char *cstring);
  Text &add(char byte) { return add(&byte, 1); }
  Text &add(const awgrt_str *text);
  Text &addUnsigned(uint64_t value);
  Text &addSigned(int64_t value);
  /// A JSON string. Control characters are left out.
  Text &addQuoted(const char *cstring);
  Text &addRepeated(char byte, size_t count);
  /// Inserts `count` times `byte` before position `at`.
  void insert(size_t at, char byte, size_t count);

  const char *data() const { return bytes; }
  char *data() { return bytes; }
  size_t size() const { return length; }
  void clear() { length = 0; }
  /// A new string of the same text.
  awgrt_str *toStr() const;

private:
  void reserve(size_t size);

  char inlineBytes[232];
  char *bytes = inlineBytes;
  size_t length = 0;
  size_t capacity = sizeof(inlineBytes);
};

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_TEXT_H
