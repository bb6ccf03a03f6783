// A token: its kind and where it stands.
#ifndef AWG_FRONTEND_LEX_TOKEN_H
#define AWG_FRONTEND_LEX_TOKEN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"

namespace awg {

enum class TokenKind : uint8_t {
#define AWG_TOKEN(ID, TEXT) ID,
#include "frontend/Lex/Tokens.def"
};

/// The identifier of the kind in Tokens.def.
llvm::StringRef name(TokenKind kind);
/// What a token of that kind is called in a message: `';'`, `name`.
llvm::StringRef describe(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::End;
  llvm::SMRange range;

  bool is(TokenKind other) const { return kind == other; }
  llvm::StringRef text() const {
    return llvm::StringRef(range.Start.getPointer(), range.End.getPointer() - range.Start.getPointer());
  }
};

} // namespace awg

#endif // AWG_FRONTEND_LEX_TOKEN_H
