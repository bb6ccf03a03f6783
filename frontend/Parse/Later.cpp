// Parts of the language that this version does not compile: each is recognised, refused once, and passed over.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

void Parser::notYet(SMRange range, const llvm::Twine &construct) {
  refuse(DiagKind::NotYet, range, construct + " is a part of the language that this version does not compile");
}

/// Passes all up to and with the next block.
void Parser::skipPastBraces() {
  while (!at(K::LBrace)) {
    if (at(K::End) || at(K::Semi) || at(K::RBrace) || atItemMargin())
      return;
    if (opens())
      skipBalanced();
    else
      advance();
  }
  skipBalanced();
}
