// What is loaded as a module: PTX text, and what is wrong with it.
#ifndef AWG_EMULATOR_API_IMAGES_H
#define AWG_EMULATOR_API_IMAGES_H

#include "device/cuda/DriverAPI.h"
#include "emulator/ptx/Error.h"
#include "emulator/ptx/Syntax.h"

#include <optional>
#include <string>

namespace awg::emu {

/// Where the caller wants to read what is wrong.
struct Logs {
  char *error = nullptr, *info = nullptr;
  size_t errorSize = 0, infoSize = 0;

  Logs(unsigned count, const cuda::JITOption *options, void *const *values);
  void writeError(const std::string &text) const;
};

/// Says that a text is not taken, and why: "ptx, line 3: error: ...".
cuda::Result refuse(const Logs &logs, std::string_view text, const PtxError &error);

/// Whether a module is for a device of that chip: if not, says so.
bool isForChip(const Logs &logs, const PtxModule &module, int chip);

/// Whether the text that an image begins with is machine code: then that is said.
bool isMachineCode(const Logs &logs, std::string_view image);

/// 90 of sm_90a.
int chipOf(std::string_view target);

/// Throws PtxError for a variable that is declared and nowhere defined.
void requireDefinitions(const PtxModule &module);

/// What is in a file, or nothing if it cannot be read.
std::optional<std::string> contentsOf(const char *path);

constexpr cuda::Result fileNotFound{301};

} // namespace awg::emu

#endif // AWG_EMULATOR_API_IMAGES_H
