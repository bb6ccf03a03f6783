// The decimal digits of floats.
#ifndef AWG_RUNTIME_STD_FLOAT_H
#define AWG_RUNTIME_STD_FLOAT_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

/// Adds a float of `kind` (AWGRT_F16, BF16, F32 or F64), given by its bits. `precision` < 0: the shortest digits that
/// read back as the same value of that kind; else so many digits after the point. `exponent`: always as d.ddde+XX;
/// otherwise only outside of 1e-4 <= |x| < 1e16, and never if a precision is given.
void addFloat(Text &out, int32_t kind, uint64_t bits, int32_t precision, bool exponent);

/// Adds `negative`digits[0].digits[1..]e`exponent`.
void addScientific(Text &out, bool negative, const char *digits, int32_t count, int32_t exponent);

/// The value of a float of `kind` given by its bits.
double floatValue(int32_t kind, uint64_t bits);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_FLOAT_H
