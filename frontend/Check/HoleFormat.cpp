// Reads the format after a string hole's colon.
#include "frontend/Check/HoleFormat.h"

#include "llvm/ADT/StringExtras.h"

using namespace awg;

/// Widths and precisions beyond this are a slip of the pen.
static constexpr unsigned longest = 1000;

std::optional<HoleFormat> awg::parseHoleFormat(llvm::StringRef text) {
  HoleFormat format;
  if (text.consume_front("<"))
    format.align = HoleFormat::Left;
  else if (text.consume_front(">"))
    format.align = HoleFormat::Right;

  if (!text.empty() && llvm::isDigit(text.front()) && text.consumeInteger(10, format.width))
    return std::nullopt;
  if (text.consume_front(".")) {
    unsigned precision;
    if (text.empty() || !llvm::isDigit(text.front()) || text.consumeInteger(10, precision))
      return std::nullopt;
    format.precision = precision;
  }

  if (text.consume_front("x"))
    format.style = HoleFormat::Hex;
  else if (text.consume_front("e"))
    format.style = HoleFormat::Exponent;
  if (!text.empty() || format.width > longest || format.precision.value_or(0) > longest)
    return std::nullopt;
  return format;
}
