// The race rules of `each`: every element of a written array has one owner among the indices.
#ifndef AWG_FRONTEND_CHECK_RACE_H
#define AWG_FRONTEND_CHECK_RACE_H

#include "frontend/AST/AST.h"
#include "frontend/Diag/Diag.h"

namespace awg {

/// Checks every parallel `each` of a function or kernel that type-checked without errors. Reports `racy-write` and
/// `racy-read`.
void checkRaces(const FnDecl &function, DiagEngine &diags);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_RACE_H
