// What goes wrong inside a launch.
#ifndef AWG_EMULATOR_EXEC_FAULT_H
#define AWG_EMULATOR_EXEC_FAULT_H

#include "emulator/exec/Finding.h"

#include <cstdint>
#include <string>

namespace awg::emu {

/// Why a launch ended early; each becomes one of the driver's errors.
enum class FaultKind : uint8_t {
  IllegalAddress,
  Misaligned,
  IllegalInstruction,
  InvalidPc,
  InvalidAddressSpace,
  StackOverflow,
  Trap,
  NeverWritten,
  Race,
  StreamRace,
  MissedBarrier,
  Deadlock,
  Endless,
  Assert,
  Stopped
};

/// `illegal-address`: what tools know a kind by.
const char *nameOf(FaultKind kind);

/// Thrown by handlers, caught by who runs the block.
struct Fault {
  FaultKind kind;
  std::string message;
  uint32_t lane = 0;
  Finding about = {}; ///< places; the rest is filled in by who runs the block
};

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_FAULT_H
