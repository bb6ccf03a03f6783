// The spelling that a misspelt name was probably meant to be.
#ifndef AWG_FRONTEND_DIAG_NEAREST_H
#define AWG_FRONTEND_DIAG_NEAREST_H

#include "llvm/ADT/StringRef.h"

namespace awg {

/// Finds the candidate nearest to a name, if one is near: a third of its letters may differ. Of several the first in the
/// alphabet.
class Nearest {
public:
  explicit Nearest(llvm::StringRef name);
  void consider(llvm::StringRef candidate);
  /// Empty if none is near.
  llvm::StringRef found() const { return nearest; }

private:
  llvm::StringRef name;
  unsigned best;
  llvm::StringRef nearest;
};

} // namespace awg

#endif // AWG_FRONTEND_DIAG_NEAREST_H
