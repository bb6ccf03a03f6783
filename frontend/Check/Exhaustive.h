// Whether the patterns of a `match` cover every value.
#ifndef AWG_FRONTEND_CHECK_EXHAUSTIVE_H
#define AWG_FRONTEND_CHECK_EXHAUSTIVE_H

#include "frontend/AST/AST.h"

#include <string>
#include <vector>

namespace awg {

/// What none of the checked `patterns` fits: of an enum all cases that are missing, else one value of `type`, as a pattern
/// is written. Empty if they cover all.
std::vector<std::string> findUncovered(llvm::ArrayRef<const Pattern *> patterns, const Type *type);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_EXHAUSTIVE_H
