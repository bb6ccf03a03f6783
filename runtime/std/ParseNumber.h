// Numbers as texts, read exactly.
#ifndef AWG_RUNTIME_STD_PARSENUMBER_H
#define AWG_RUNTIME_STD_PARSENUMBER_H

#include "std/Text.h"

namespace awg::rt {

/// Reads a value of `kind`, a bool, integer or float, from a whole text; spaces around it do not count. Integers are
/// decimal; floats are rounded to nearest, ties to even, and may be `nan`, `inf` or `infinity`. `outBits` gets the value
/// in the low bits. False if the text is none, or an integer that does not fit.
bool parseNumber(int32_t kind, const Text &text, uint64_t &outBits);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_PARSENUMBER_H
