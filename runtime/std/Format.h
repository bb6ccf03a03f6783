// Filling in the holes of a format.
#ifndef AWG_RUNTIME_STD_FORMAT_H
#define AWG_RUNTIME_STD_FORMAT_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

/// Adds `format` with `args` filled in, by the rules of awgrt_site.
void formatTo(Text &out, const char *format, const uint8_t *kinds, uint32_t count, const uint64_t *args);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_FORMAT_H
