// `awgc run --sanitize`: a program on emulated GPUs that check what it does.
#ifndef AWG_DRIVER_SANITIZE_H
#define AWG_DRIVER_SANITIZE_H

#include "driver/Compiler.h"

namespace awg {

/// Has the program that is compiled next run on emulated GPUs, those of AWG_DEVICES or one. False, with the reason, if
/// AWG_DEVICES names others only.
bool chooseEmulatedGPUs(std::string &problem);

/// Runs the program in a child with all checks of the emulator; what they find becomes diagnostics of `compiler`. Gives
/// the program's exit code, at least 1 if something was found.
int runSanitized(Compiler &compiler, JITProgram &program, const std::vector<std::string> &arguments);

} // namespace awg

#endif // AWG_DRIVER_SANITIZE_H
