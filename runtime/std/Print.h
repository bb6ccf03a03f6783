// Writing to the standard streams.
#ifndef AWG_RUNTIME_STD_PRINT_H
#define AWG_RUNTIME_STD_PRINT_H

#include "awg/awgrt.h"

namespace awg::rt {

/// Writes all bytes to `descriptor` (1 or 2), undivided by other tasks' lines. A stream that is closed or full loses
/// them: a program's answer does not depend on who reads it.
void writeStream(int descriptor, const char *bytes, size_t size);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_PRINT_H
