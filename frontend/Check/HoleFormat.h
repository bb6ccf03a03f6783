// The format after a string hole's colon: `[<|>][width][.precision][x|e]`.
#ifndef AWG_FRONTEND_CHECK_HOLEFORMAT_H
#define AWG_FRONTEND_CHECK_HOLEFORMAT_H

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace awg {

/// A hole's format, taken apart.
struct HoleFormat {
  enum Align { Default, Left, Right } align = Default;
  unsigned width = 0;                ///< 0: none
  std::optional<unsigned> precision; ///< digits after the point
  enum Style { Plain, Hex, Exponent } style = Plain;
};

/// Reads a format; nothing if it is malformed. The empty text is the default format.
std::optional<HoleFormat> parseHoleFormat(llvm::StringRef text);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_HOLEFORMAT_H
