// Pieces of messages about launches.
#ifndef AWG_EMULATOR_EXEC_REPORT_H
#define AWG_EMULATOR_EXEC_REPORT_H

#include "emulator/code/Code.h"
#include "emulator/exec/Finding.h"

#include <string>

namespace awg::emu {

/// `(1, 2, 3)`.
std::string tuple(uint64_t x, uint64_t y, uint64_t z);

/// `0x7f00`.
std::string hex(uint64_t value);

/// Where an instruction of `code` is.
SourcePlace placeOf(const PtxModule &module, const Code &code, uint32_t instruction);

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_REPORT_H
