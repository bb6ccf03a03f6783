// Pieces of messages about launches.
#include "emulator/exec/Report.h"

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

std::string awg::emu::placeOf(const PtxModule &module, const Code &code, uint32_t instruction) {
  const Place &place = code.places[instruction];
  std::string ptx = "PTX line " + std::to_string(place.line) + ": " + lineOf(module.text, place.line);
  auto file = module.files.find(place.source.file);
  if (file == module.files.end() || !place.source.line)
    return ptx;
  return file->second + ":" + std::to_string(place.source.line) + " (" + ptx + ")";
}
