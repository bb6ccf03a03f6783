// Where futures come from.
#ifndef AWG_DIALECTS_AWG_FUTURES_H
#define AWG_DIALECTS_AWG_FUTURES_H

#include "dialects/Awg/Awg.h"

namespace awg::ir {

/// The operations whose result `future` may be: what defines it or, if it is loaded from a variable, whatever is stored there.
llvm::SmallVector<mlir::Operation *> sourcesOf(mlir::Value future);

} // namespace awg::ir

#endif // AWG_DIALECTS_AWG_FUTURES_H
