// The tokens of a file as text, for `--emit=tokens`.
#ifndef AWG_FRONTEND_LEX_DUMP_H
#define AWG_FRONTEND_LEX_DUMP_H

#include "frontend/Lex/Lexer.h"

namespace awg {

/// Writes one token a line: `line:col kind 'text'`, without the end of the file.
void dumpTokens(llvm::raw_ostream &out, const llvm::SourceMgr &sources, unsigned bufferId, DiagEngine &diags);

} // namespace awg

#endif // AWG_FRONTEND_LEX_DUMP_H
