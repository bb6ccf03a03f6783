// Texts that were linked: one text, of units that begin with `.unit "NAME"`.
#ifndef AWG_EMULATOR_PTX_UNITS_H
#define AWG_EMULATOR_PTX_UNITS_H

#include "emulator/ptx/Syntax.h"

namespace awg::emu {

/// A text to link, and what it is called.
struct UnitText {
  std::string name, text;
};

/// The text of a module of all these.
std::string joinUnits(const std::vector<UnitText> &texts);

/// What a module's text was linked of; nothing if it was not.
std::vector<Unit> unitsOf(std::string_view text);

/// The unit with that line, or null.
const Unit *unitAt(const std::vector<Unit> &units, uint32_t line);

/// `line 3`, or `line 3 of NAME` in a unit.
std::string lineText(const std::vector<Unit> &units, uint32_t line);

} // namespace awg::emu

#endif // AWG_EMULATOR_PTX_UNITS_H
