// Fixes, applied from the end of the text to its start.
#include "frontend/Diag/Fix.h"

#include "llvm/ADT/STLExtras.h"

using namespace awg;
using llvm::StringRef;

static const char *startOf(const FixIt &fix) { return fix.range.Start.getPointer(); }
static const char *endOf(const FixIt &fix) { return fix.range.End.getPointer(); }

static bool isSame(const FixIt &a, const FixIt &b) {
  return startOf(a) == startOf(b) && endOf(a) == endOf(b) && a.text == b.text;
}

/// Two replacements that share text, or two insertions at one place: which would come first?
static bool areAtOdds(const FixIt &a, const FixIt &b) {
  if (isSame(a, b))
    return false;
  return startOf(a) == startOf(b) || (startOf(a) < endOf(b) && startOf(b) < endOf(a));
}

std::string awg::applyFixes(StringRef text, llvm::ArrayRef<const Diagnostic *> diagnostics) {
  llvm::SmallVector<const FixIt *> chosen;
  for (const Diagnostic *diagnostic : diagnostics) {
    bool isFitting = llvm::all_of(diagnostic->fixes, [&](const FixIt &fix) {
      return startOf(fix) >= text.begin() && endOf(fix) <= text.end() &&
             llvm::none_of(chosen, [&](const FixIt *other) { return areAtOdds(fix, *other); });
    });
    if (isFitting)
      for (const FixIt &fix : diagnostic->fixes)
        if (llvm::none_of(chosen, [&](const FixIt *other) { return isSame(fix, *other); }))
          chosen.push_back(&fix);
  }
  llvm::sort(chosen, [](const FixIt *a, const FixIt *b) { return startOf(*a) > startOf(*b); });
  std::string result = text.str();
  for (const FixIt *fix : chosen)
    result.replace(startOf(*fix) - text.begin(), endOf(*fix) - startOf(*fix), fix->text);
  return result;
}
