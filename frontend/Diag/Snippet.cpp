// The source line under a diagnostic, with its caret.
#include "frontend/Diag/Snippet.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"

#include <algorithm>
#include <cstring>

using namespace awg;

namespace {

constexpr size_t widest = 160;
constexpr size_t lead = 80;         ///< characters kept before the caret of a cut line
constexpr size_t bytesPerChar = 4;

/// One character as it is shown.
struct Glyph {
  const char *source;
  llvm::StringRef shown;
  unsigned columns;
};

} // namespace

static Glyph glyphAt(const char *at, const char *end) {
  constexpr llvm::StringRef replacement = "\xEF\xBF\xBD";
  if (*at == '\t')
    return {at, "\t", 1};
  unsigned length = llvm::getNumBytesForUTF8(static_cast<llvm::UTF8>(*at));
  auto *bytes = reinterpret_cast<const llvm::UTF8 *>(at);
  if (!llvm::isLegalUTF8Sequence(bytes, reinterpret_cast<const llvm::UTF8 *>(end)))
    return {at, replacement, 1};
  llvm::StringRef text(at, length);
  int columns = llvm::sys::unicode::columnWidthUTF8(text);
  if (columns < 0)
    return {at, replacement, 1};
  return {at, text, unsigned(columns)};
}

static const char *next(const char *at, const char *end) {
  ++at;
  while (at != end && (static_cast<unsigned char>(*at) & 0xC0) == 0x80)
    ++at;
  return at;
}

void awg::printSnippet(llvm::raw_ostream &out, const char *lineStart, const char *bufferEnd, llvm::SMLoc loc,
                       llvm::SMRange range) {
  const char *caret = loc.getPointer();
  // Look at no more of the line than could be shown: it may be the whole file.
  const char *begin = lineStart;
  if (size_t(caret - begin) > widest * bytesPerChar)
    begin = caret - widest * bytesPerChar;
  const char *limit = caret + std::min<size_t>(bufferEnd - caret, widest * bytesPerChar);
  const void *newline = std::memchr(caret, '\n', limit - caret);
  const char *end = newline ? static_cast<const char *>(newline) : limit;
  bool cutsEnd = !newline && limit != bufferEnd;
  if (end != caret && end[-1] == '\r')
    --end;

  llvm::SmallVector<Glyph> glyphs;
  for (const char *at = begin; at < end; at = next(at, end))
    glyphs.push_back(glyphAt(at, end));
  size_t caretIndex = std::count_if(glyphs.begin(), glyphs.end(), [&](const Glyph &g) { return g.source < caret; });
  bool cutsBegin = begin != lineStart;
  size_t first = 0;
  if ((cutsBegin || cutsEnd || glyphs.size() > widest) && caretIndex > lead) {
    first = caretIndex - lead;
    cutsBegin = true;
  }
  size_t last = std::min(glyphs.size(), first + widest);
  cutsEnd |= last != glyphs.size();

  std::string marks;
  const char *from = range.isValid() ? range.Start.getPointer() : nullptr;
  const char *to = range.isValid() ? range.End.getPointer() : nullptr;
  if (cutsBegin) {
    out << "...";
    marks += "   ";
  }
  for (size_t index = first; index != last; ++index) {
    const Glyph &glyph = glyphs[index];
    out << glyph.shown;
    bool inRange = glyph.source >= from && glyph.source < to;
    char rest = inRange ? '~' : ' ';
    char mark = index == caretIndex ? '^' : glyph.shown == "\t" && !inRange ? '\t' : rest;
    marks += std::string(std::min(glyph.columns, 1u), mark);
    marks += std::string(glyph.columns - std::min(glyph.columns, 1u), rest);
  }
  if (caretIndex == last)
    marks += '^';
  out << (cutsEnd ? "...\n" : "\n") << llvm::StringRef(marks).rtrim(" \t") << '\n';
}
