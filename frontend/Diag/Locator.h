// Turns places in the source into files, lines and columns for printing.
#ifndef AWG_FRONTEND_DIAG_LOCATOR_H
#define AWG_FRONTEND_DIAG_LOCATOR_H

#include "llvm/Support/SourceMgr.h"

namespace awg {

/// A place as it is printed. Lines and columns count from 1; a column is a Unicode code point, a tab is one column
/// and a byte order mark at the beginning of a file is none.
struct Place {
  llvm::StringRef file;
  unsigned line = 0;
  unsigned column = 0;
  const char *lineStart = nullptr; ///< after a byte order mark
};

/// Finds lines and columns. Asked in rising order it walks each file once.
class Locator {
public:
  explicit Locator(const llvm::SourceMgr &sources) : sources(sources) {}
  /// `loc` must be valid and lie in a buffer of the SourceMgr.
  Place locate(llvm::SMLoc loc);

private:
  const llvm::SourceMgr &sources;
  unsigned bufferId = 0;
  const char *position = nullptr; ///< what `place` was found for
  Place place;
};

} // namespace awg

#endif // AWG_FRONTEND_DIAG_LOCATOR_H
