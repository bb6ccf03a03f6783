// The syntax tree as text, for `--emit=ast`.
#ifndef AWG_FRONTEND_AST_DUMP_H
#define AWG_FRONTEND_AST_DUMP_H

#include "frontend/AST/AST.h"

#include "llvm/Support/raw_ostream.h"

namespace awg {

/// Writes one node a line, indented by two spaces a level; checked expressions and variables with `[type]` behind.
void dump(llvm::raw_ostream &out, const Module &module);

} // namespace awg

#endif // AWG_FRONTEND_AST_DUMP_H
