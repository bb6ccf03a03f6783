// The source line under a diagnostic, with its caret.
#ifndef AWG_FRONTEND_DIAG_SNIPPET_H
#define AWG_FRONTEND_DIAG_SNIPPET_H

#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace awg {

/// Prints the line of `loc` and below it a caret with `range` underlined (as far as it lies in the line).
///
/// `lineStart` is where the line begins, `bufferEnd` where the file ends. A line of more than 160 characters is cut
/// around the caret. Characters that a terminal would not show as they are appear as U+FFFD.
void printSnippet(llvm::raw_ostream &out, const char *lineStart, const char *bufferEnd, llvm::SMLoc loc,
                  llvm::SMRange range);

} // namespace awg

#endif // AWG_FRONTEND_DIAG_SNIPPET_H
