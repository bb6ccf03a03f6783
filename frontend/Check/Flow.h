// The flow-sensitive checks of a function: unused futures, moved values, lent arrays.
#ifndef AWG_FRONTEND_CHECK_FLOW_H
#define AWG_FRONTEND_CHECK_FLOW_H

#include "frontend/AST/AST.h"
#include "frontend/Diag/Diag.h"

namespace awg {

/// Checks a function, kernel or test, and the `async` blocks in it, that type-checked without errors. Reports
/// `unused-future`, `use-after-move` and `use-while-lent`.
///
/// On entry to a `catch`, the futures from outside that its `try` uses or assigns count as used: they are to be joined
/// there. A future that an `async` block mentions is taken by that block, whatever the mode of its capture.
void checkFlow(const FnDecl &function, DiagEngine &diags);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_FLOW_H
