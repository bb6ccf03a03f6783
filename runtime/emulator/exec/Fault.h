// What goes wrong inside a launch.
#ifndef AWG_EMULATOR_EXEC_FAULT_H
#define AWG_EMULATOR_EXEC_FAULT_H

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
  Check,
  Deadlock,
  Stopped
};

/// Thrown by handlers, caught by who runs the block.
struct Fault {
  FaultKind kind;
  std::string message;
  uint32_t lane = 0;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_FAULT_H
