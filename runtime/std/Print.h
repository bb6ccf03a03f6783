// Writing to the standard streams.
#ifndef AWG_RUNTIME_STD_PRINT_H
#define AWG_RUNTIME_STD_PRINT_H

#include "awg/awgrt.h"

namespace awg::rt {

/// Writes all bytes to `descriptor` (1 or 2), undivided by other tasks' lines. A stream that is closed or full loses
/// them, and the program goes on: its answer does not depend on who reads it.
void writeStream(int descriptor, const char *bytes, size_t size);

/// The error number (errno.h) of the first line that standard output lost since the last call; 0 if it lost none, or only
/// because nobody reads it any more (a pipe). Any thread may call it.
int takeOutputError();

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_PRINT_H
