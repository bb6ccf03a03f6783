// Making strings.
#ifndef AWG_RUNTIME_STD_STR_H
#define AWG_RUNTIME_STD_STR_H

#include "awg/awgrt.h"

namespace awg::rt {

/// A new string of `size` bytes.
awgrt_str *createStr(const char *bytes, size_t size);

/// How many of the bytes, from the first on, are UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
size_t utf8Prefix(const char *bytes, size_t size);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_STR_H
