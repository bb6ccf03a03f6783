// What is loaded as a module.
#include "emulator/api/Images.h"

#include "emulator/api/Driver.h"
#include "emulator/ptx/Units.h"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>

using namespace awg::emu;
using namespace awg::cuda;

Logs::Logs(unsigned count, const JITOption *options, void *const *values) {
  for (unsigned i = 0; i < count; ++i) {
    switch (options[i]) {
    case JITOption::ErrorLogBuffer:
      error = static_cast<char *>(values[i]);
      break;
    case JITOption::ErrorLogBufferSizeBytes:
      errorSize = reinterpret_cast<uintptr_t>(values[i]);
      break;
    case JITOption::InfoLogBuffer:
      info = static_cast<char *>(values[i]);
      break;
    case JITOption::InfoLogBufferSizeBytes:
      infoSize = reinterpret_cast<uintptr_t>(values[i]);
      break;
    default:
      break;
    }
  }
  if (info && infoSize)
    *info = 0;
  writeError("");
}

void Logs::writeError(const std::string &text) const {
  if (error && errorSize)
    std::snprintf(error, errorSize, "%s", text.c_str());
}

Result awg::emu::refuse(const Logs &logs, std::string_view text, const PtxError &error) {
  std::string line = lineText(unitsOf(text), error.line);
  logs.writeError("ptx, " + line + ": error: " + error.what());
  report({"bad-module", "a module was refused: ptx, " + line + ": " + error.what()});
  return Result::InvalidPTX;
}

int awg::emu::chipOf(std::string_view target) {
  int chip = 0;
  if (target.starts_with("sm_"))
    std::from_chars(target.data() + 3, target.data() + target.size(), chip);
  return chip;
}

bool awg::emu::isForChip(const Logs &logs, const PtxModule &module, int chip) {
  if (chipOf(module.target) <= chip)
    return true;
  logs.writeError("the module is for " + std::string(module.target) + ", the device is sm_" + std::to_string(chip));
  return false;
}

bool awg::emu::isMachineCode(const Logs &logs, std::string_view image) {
  constexpr std::string_view elf = "\177ELF", fatbin = "\x50\xed\x55\xba";
  if (!image.starts_with(elf) && !image.starts_with(fatbin))
    return false;
  logs.writeError("the emulator takes PTX, not machine code");
  return true;
}

void awg::emu::requireDefinitions(const PtxModule &module) {
  for (auto &v : module.variables)
    if ((v->space == Space::Global || v->space == Space::Const) && v->isExtern && !v->init.size())
      throw PtxError(v->line, "the variable '" + std::string(v->name) + "' is declared but not defined");
}

std::optional<std::string> awg::emu::contentsOf(const char *path) {
  std::ifstream file(path ? path : "", std::ios::binary);
  if (!file)
    return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}
