// Mends a text as its diagnostics say.
#ifndef AWG_FRONTEND_DIAG_FIX_H
#define AWG_FRONTEND_DIAG_FIX_H

#include "frontend/Diag/Diag.h"

namespace awg {

/// `text`, in which the diagnostics stand, with their fixes applied; the same text if there are none. The fixes of one
/// diagnostic belong together. Of diagnostics whose fixes touch each other the first is served: what is left of the
/// others shows when the result is compiled. Fixes in other texts are left out.
std::string applyFixes(llvm::StringRef text, llvm::ArrayRef<const Diagnostic *> diagnostics);

} // namespace awg

#endif // AWG_FRONTEND_DIAG_FIX_H
