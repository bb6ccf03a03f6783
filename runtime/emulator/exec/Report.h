// Pieces of messages about launches.
#ifndef AWG_EMULATOR_EXEC_REPORT_H
#define AWG_EMULATOR_EXEC_REPORT_H

#include "emulator/code/Code.h"

#include <string>

namespace awg::emu {

/// `(1, 2, 3)`.
std::string tuple(uint64_t x, uint64_t y, uint64_t z);

/// `0x7f00`.
std::string hex(uint64_t value);

/// `file.awg:3 (PTX line 12: ld.global.b32 %r1, [%rd1];)`, as much of it as is known.
std::string placeOf(const PtxModule &module, const Code &code, uint32_t instruction);

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_REPORT_H
