// What of a text's structure its layout depends on.
#ifndef AWG_FRONTEND_PARSE_LAYOUT_H
#define AWG_FRONTEND_PARSE_LAYOUT_H

#include "llvm/ADT/DenseSet.h"

namespace awg {

/// What a formatter must know of a text beyond its tokens. The parser notes it as it reads, so that a new construct is
/// formatted without a rule of its own.
struct Layout {
  llvm::DenseSet<const char *> parts;  ///< where items, statements and arms begin
  llvm::DenseSet<const char *> angles; ///< the `<` and `>` of type arguments and type parameters
};

} // namespace awg

#endif // AWG_FRONTEND_PARSE_LAYOUT_H
