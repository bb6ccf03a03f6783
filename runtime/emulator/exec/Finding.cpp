// What the emulator has found wrong, as text and as JSON.
#include "emulator/exec/Finding.h"

#include <cstdio>

using namespace awg::emu;

std::string SourcePlace::text() const {
  std::string ptx =
      "PTX line " + std::to_string(ptxLine) + (ptxName.empty() ? "" : " of " + ptxName) + ": " + instruction;
  std::string text = file.empty() ? ptx : file + ":" + std::to_string(line) + " (" + ptx + ")";
  for (const std::string &caller : callers)
    text += ", inlined at " + caller;
  return text;
}

std::string Finding::text() const {
  std::string text = message;
  if (!kernel.empty())
    text += "\n  in kernel '" + kernel + "', block " + block + (thread.empty() ? "" : ", thread " + thread);
  if (place.ptxLine)
    text += "\n  at " + place.text();
  if (!function.empty())
    text += "\n  in function '" + function + "'";
  for (const RelatedPlace &other : related)
    text += "\n  " + other.message + ": " + other.place.text();
  return text;
}

namespace {
std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += char(c);
    } else if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += char(c);
    }
  }
  return out + '"';
}
std::string member(const char *name, const std::string &value) { return quoted(name) + ": " + quoted(value); }

std::string members(const SourcePlace &place) {
  return member("file", place.file) + ", \"line\": " + std::to_string(place.line) +
         ", \"column\": " + std::to_string(place.column) + ", \"ptxLine\": " + std::to_string(place.ptxLine) + ", " +
         member("instruction", place.instruction);
}
} // namespace

std::string Finding::json() const {
  std::string list;
  for (const RelatedPlace &other : related)
    list += (list.empty() ? "{" : ", {") + member("message", other.message) + ", " + members(other.place) + "}";
  return "{" + member("kind", kind) + ", " + member("message", message) + ", " + member("kernel", kernel) + ", " +
         member("block", block) + ", " + member("thread", thread) + ", " + members(place) + ", \"related\": [" + list +
         "]}";
}
