// What the emulator has found wrong, for people and for tools.
#ifndef AWG_EMULATOR_EXEC_FINDING_H
#define AWG_EMULATOR_EXEC_FINDING_H

#include <cstdint>
#include <string>
#include <vector>

namespace awg::emu {

/// Where an instruction is: in the source, if the module has `.loc`, and in the PTX text.
struct SourcePlace {
  std::string file; ///< empty: unknown
  uint32_t line = 0, column = 0;
  uint32_t ptxLine = 0;    ///< 0: there is no place
  std::string ptxName;     ///< of what was linked, in which that line is; else empty
  std::string instruction; ///< as written in the PTX
  std::vector<std::string> callers; ///< `file.cu:3`: that the function was inlined into, from the inside

  /// `file.awg:3 (PTX line 12: ld.global.b32 %r1, [%rd1];)`, as much of it as is known.
  std::string text() const;
};

/// Another place that a finding is about, and what happened there.
struct RelatedPlace {
  std::string message;
  SourcePlace place;
};

/// One thing that is wrong.
struct Finding {
  std::string kind;    ///< `race`, `illegal-address`, ...
  std::string message; ///< a line
  SourcePlace place = {};
  std::string kernel = {}, block = {}, thread = {}; ///< empty where it was in no kernel; `(1, 0, 0)`
  std::string function = {};                        ///< that the kernel had called
  std::vector<RelatedPlace> related = {};

  /// What is printed: some lines without an end.
  std::string text() const;
  /// One JSON object on a line: kind, message, kernel, block, thread, file, line, column, ptxLine, instruction and
  /// related, a list of the same.
  std::string json() const;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_FINDING_H
