// Texts that were linked.
#include "emulator/ptx/Units.h"

using namespace awg::emu;

namespace {
constexpr std::string_view opening = ".unit \"";
} // namespace

std::string awg::emu::joinUnits(const std::vector<UnitText> &texts) {
  std::string joined;
  for (const UnitText &unit : texts) {
    joined += opening;
    for (unsigned char c : unit.name)
      joined += c == '"' || c == '\\' || c < 0x20 ? '_' : char(c);
    joined += "\"\n" + unit.text;
    if (!unit.text.ends_with('\n'))
      joined += '\n';
  }
  return joined;
}

std::vector<Unit> awg::emu::unitsOf(std::string_view text) {
  std::vector<Unit> units;
  if (!text.starts_with(opening))
    return units;
  uint32_t number = 1;
  for (size_t begin = 0; begin < text.size(); ++number) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.starts_with(opening) && line.ends_with('"'))
      units.push_back({number, std::string(line.substr(opening.size(), line.size() - opening.size() - 1))});
    begin = end + 1;
  }
  return units;
}

const Unit *awg::emu::unitAt(const std::vector<Unit> &units, uint32_t line) {
  const Unit *found = nullptr;
  for (const Unit &unit : units)
    if (unit.line < line)
      found = &unit;
  return found;
}

std::string awg::emu::lineText(const std::vector<Unit> &units, uint32_t line) {
  const Unit *unit = unitAt(units, line);
  return unit ? "line " + std::to_string(line - unit->line) + " of " + unit->name : "line " + std::to_string(line);
}
