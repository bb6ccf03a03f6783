// The kinds of elements: their sizes and names.
#ifndef AWG_RUNTIME_MEMORY_ELEMENTS_H
#define AWG_RUNTIME_MEMORY_ELEMENTS_H

#include "awg/awgrt.h"

namespace awg::rt {

/// Bytes of an array's element of `kind`; 8 for pointers.
constexpr size_t elementSize(int32_t kind) {
  switch (kind) {
  case AWGRT_BOOL:
  case AWGRT_I8:
  case AWGRT_U8:
    return 1;
  case AWGRT_I16:
  case AWGRT_U16:
  case AWGRT_F16:
  case AWGRT_BF16:
    return 2;
  case AWGRT_I32:
  case AWGRT_U32:
  case AWGRT_F32:
    return 4;
  default:
    return 8;
  }
}

/// What a program calls the kind.
constexpr const char *kindName(int32_t kind) {
  constexpr const char *names[] = {"bool", "i8",  "i16",  "i32", "i64", "u8",  "u16",      "u32",   "u64",
                                   "f16",  "bf16", "f32", "f64", "str", "str", "duration", "array", "future"};
  return kind >= 0 && kind <= AWGRT_TASK ? names[kind] : "?";
}

/// The number of elements of an array.
inline int64_t elementCount(const awgrt_array &array) {
  int64_t count = 1;
  for (int32_t d = 0; d < array.rank; ++d)
    count *= array.extents[d];
  return count;
}

/// The bytes of an array's elements one after the other.
inline int64_t bytesOf(const awgrt_array &array) { return elementCount(array) * int64_t(elementSize(array.kind)); }

/// The bytes of `kind`[extents] in `outBytes`; false if they cannot be counted or an extent is negative.
inline bool countBytes(int32_t kind, int32_t rank, const int64_t *extents, int64_t &outBytes) {
  int64_t bytes = int64_t(elementSize(kind));
  bool empty = false, tooMany = false;
  for (int32_t d = 0; d < rank; ++d) {
    if (extents[d] < 0)
      return false;
    empty |= extents[d] == 0;
    tooMany |= __builtin_mul_overflow(bytes, extents[d], &bytes);
  }
  outBytes = empty ? 0 : bytes;
  return empty || !tooMany;
}

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_ELEMENTS_H
