// Pieces of messages about launches.
#include "emulator/exec/Report.h"

#include "emulator/ptx/Units.h"

#include <charconv>

using namespace awg::emu;

std::string awg::emu::tuple(uint64_t x, uint64_t y, uint64_t z) {
  return "(" + std::to_string(x) + ", " + std::to_string(y) + ", " + std::to_string(z) + ")";
}

std::string awg::emu::hex(uint64_t value) {
  char buffer[16];
  return "0x" + std::string(buffer, std::to_chars(buffer, buffer + 16, value, 16).ptr);
}

namespace {
constexpr size_t mostCallers = 16; ///< that are named

/// The `number`th line of `text` without the blanks around it, blanks within as one.
std::string lineOf(std::string_view text, uint32_t number) {
  size_t begin = 0;
  for (uint32_t i = 1; i < number && begin != text.npos; ++i)
    begin = text.find('\n', begin) + 1;
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  std::string out;
  for (char c : line) {
    bool isBlank = c == ' ' || c == '\t' || c == '\r';
    if (!isBlank || (!out.empty() && out.back() != ' '))
      out += isBlank ? ' ' : c;
  }
  return out;
}
} // namespace

SourcePlace awg::emu::placeOf(const PtxModule &module, const Code &code, uint32_t instruction) {
  const Place &at = code.places[instruction];
  SourcePlace place;
  place.ptxLine = at.line;
  if (const Unit *unit = unitAt(module.units, at.line)) {
    place.ptxLine -= unit->line;
    place.ptxName = unit->name;
  }
  place.instruction = lineOf(module.text, at.line);
  auto file = module.files.find(at.source.file);
  if (file == module.files.end() || !at.source.line)
    return place;
  place.file = file->second;
  place.line = at.source.line;
  place.column = at.source.column;
  const SourceLine *caller = &at.source;
  while (caller->caller && place.callers.size() < mostCallers) {
    caller = &module.callers[caller->caller];
    auto callersFile = module.files.find(caller->file);
    if (callersFile != module.files.end())
      place.callers.push_back(callersFile->second + ":" + std::to_string(caller->line));
  }
  return place;
}
