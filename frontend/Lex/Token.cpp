// The names of the kinds of tokens.
#include "frontend/Lex/Token.h"

using namespace awg;

llvm::StringRef awg::name(TokenKind kind) {
  static constexpr llvm::StringRef names[] = {
#define AWG_TOKEN(ID, TEXT) #ID,
#include "frontend/Lex/Tokens.def"
  };
  return names[unsigned(kind)];
}

llvm::StringRef awg::describe(TokenKind kind) {
  static constexpr llvm::StringRef names[] = {
#define AWG_TOKEN(ID, TEXT) TEXT,
#define AWG_PUNCT(ID, TEXT) "'" TEXT "'",
#define AWG_KEYWORD(ID, TEXT) "'" TEXT "'",
#include "frontend/Lex/Tokens.def"
  };
  return names[unsigned(kind)];
}
