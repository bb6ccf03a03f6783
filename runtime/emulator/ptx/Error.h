// What is wrong with a module's text, as the JIT's log reports it.
#ifndef AWG_EMULATOR_PTX_ERROR_H
#define AWG_EMULATOR_PTX_ERROR_H

#include <cstdint>
#include <stdexcept>
#include <string>

namespace awg::emu {

/// Thrown by the parser and the translator; never leaves cuModuleLoad*. `line` counts from 1 in the PTX text.
struct PtxError : std::runtime_error {
  PtxError(uint32_t line, const std::string &message) : std::runtime_error(message), line(line) {}
  uint32_t line;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_PTX_ERROR_H
