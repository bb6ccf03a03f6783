// Strings: immutable, reference counted.
#include "std/Str.h"

#include "async/Sync.h"
#include "std/Format.h"
#include "std/Text.h"

#include <cstdlib>
#include <cstring>

namespace awg::rt {

namespace {

awgrt_str *allocateStr(size_t size) {
  auto *text = static_cast<awgrt_str *>(allocate(sizeof(awgrt_str) + size + 1));
  text->references = 1;
  text->length = int64_t(size);
  text->bytes[size] = 0;
  return text;
}

/// The length of the UTF-8 sequence at `at`, or 0 if it is none.
size_t sequenceLength(const unsigned char *at, size_t left) {
  unsigned char lead = at[0];
  if (lead < 0x80)
    return 1;
  if (lead < 0xc2 || lead > 0xf4)
    return 0;
  size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < length)
    return 0;
  unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < low || at[1] > high)
    return 0;
  for (size_t i = 2; i < length; ++i)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  return length;
}

} // namespace

awgrt_str *createStr(const char *bytes, size_t size) {
  awgrt_str *text = allocateStr(size);
  if (size)
    memcpy(text->bytes, bytes, size);
  return text;
}

size_t utf8Prefix(const char *bytes, size_t size) {
  auto *text = reinterpret_cast<const unsigned char *>(bytes);
  size_t at = 0;
  while (at < size) {
    size_t length = sequenceLength(text + at, size - at);
    if (length == 0)
      break;
    at += length;
  }
  return at;
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_str *awgrt_str_retain(awgrt_str *text) {
  if (__atomic_load_n(&text->references, __ATOMIC_RELAXED) >= 0)
    __atomic_fetch_add(&text->references, 1, __ATOMIC_RELAXED);
  return text;
}

void awgrt_str_release(awgrt_str *text) {
  if (!text || __atomic_load_n(&text->references, __ATOMIC_RELAXED) < 0)
    return;
  if (__atomic_fetch_sub(&text->references, 1, __ATOMIC_ACQ_REL) == 1)
    free(text);
}

awgrt_str *awgrt_str_format(const char *format, const uint8_t *kinds, uint32_t count, const uint64_t *args) {
  Text text;
  formatTo(text, format, kinds, count, args);
  return text.toStr();
}

awgrt_str *awgrt_str_concat(const awgrt_str *left, const awgrt_str *right) {
  size_t leftSize = left ? size_t(left->length) : 0, rightSize = right ? size_t(right->length) : 0;
  awgrt_str *text = allocateStr(leftSize + rightSize);
  if (leftSize)
    memcpy(text->bytes, left->bytes, leftSize);
  if (rightSize)
    memcpy(text->bytes + leftSize, right->bytes, rightSize);
  return text;
}

int32_t awgrt_str_compare(const awgrt_str *left, const awgrt_str *right) {
  int64_t leftSize = left ? left->length : 0, rightSize = right ? right->length : 0;
  int64_t common = leftSize < rightSize ? leftSize : rightSize;
  int order = common ? memcmp(left->bytes, right->bytes, size_t(common)) : 0;
  if (order != 0)
    return order;
  return leftSize < rightSize ? -1 : leftSize > rightSize;
}
