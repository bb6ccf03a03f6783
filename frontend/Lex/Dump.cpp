// The tokens of a file as text, for `--emit=tokens`.
#include "frontend/Lex/Dump.h"
#include "frontend/Diag/Locator.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace awg;

void awg::dumpTokens(llvm::raw_ostream &out, const llvm::SourceMgr &sources, unsigned bufferId, DiagEngine &diags) {
  Lexer lexer(sources.getMemoryBuffer(bufferId)->getBuffer(), diags);
  Locator locator(sources);
  for (Token token = lexer.next(); token.kind != TokenKind::End; token = lexer.next()) {
    Place place = locator.locate(token.range.Start);
    out << place.line << ':' << place.column << ' ' << name(token.kind) << " '" << token.text() << "'\n";
  }
}
