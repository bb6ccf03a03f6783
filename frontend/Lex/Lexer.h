// Text to tokens.
#ifndef AWG_FRONTEND_LEX_LEXER_H
#define AWG_FRONTEND_LEX_LEXER_H

#include "frontend/Diag/Diag.h"
#include "frontend/Lex/Token.h"

#include "llvm/ADT/SmallVector.h"

#include <vector>

namespace awg {

/// The keyword that a word is, or Identifier.
TokenKind wordKind(llvm::StringRef word);

/// Reads one token after the other from a text that ends with a NUL behind its last byte (as MemoryBuffers do).
///
/// What is malformed is reported once and becomes a Broken token, which for a string reaches to the end of its line. Keeps no more of the file in memory than the string that it is in.
class Lexer {
public:
  enum class Comments { Skip, Keep };

  Lexer(llvm::StringRef text, DiagEngine &diags, Comments comments = Comments::Skip);

  /// The next token; End for ever after the last.
  Token next();

private:
  /// A string that has begun, within the hole of the one before it.
  struct OpenString {
    const char *quote;
    const char *piece = quote;  ///< the `"` or `}` before its text
    const char *hole = nullptr; ///< the `{` of the hole that it is in
    unsigned brackets = 0;      ///< open in the hole
  };

  // Lexer.cpp
  Token scan();
  Token scanPunctuation();
  Token scanWord(const char *start);
  void skipSpace();
  void skipToNewline();
  Token scanBadCharacters();
  bool skipHash();
  void skipBlockComment();
  Token scanQuoted(char quote);
  Token token(TokenKind kind, const char *start);
  /// Remembers a token as the one before.
  void note(const Token &token);
  bool afterOperand() const;

  // Numbers.cpp
  Token scanNumber();
  Token scanPointFirst();
  bool scanDigits(bool isHex);
  bool scanRadix(const char *start, bool isHex);
  bool scanDecimal(const char *start, bool &isFloat);
  DiagBuilder reportNumber(const char *start, const llvm::Twine &message);

  // Strings.cpp
  void scanString();
  void skipEscape();
  bool scanText(llvm::SmallVectorImpl<OpenString> &open);
  bool scanHole(llvm::SmallVectorImpl<OpenString> &open);
  void reportBroken(llvm::ArrayRef<OpenString> open);

  DiagEngine &diags;
  Comments comments;
  const char *at, *end;
  const char *lineEnd = nullptr; ///< of the last string
  bool blockCommentsEnd = true;  ///< there may be a `*/` ahead
  TokenKind last = TokenKind::End; ///< the kind before, to tell `t.0` from `.5`; of a member always Identifier
  llvm::SmallVector<Token, 0> pending; ///< the tokens of a string
  size_t taken = 0;                    ///< of `pending`
};

/// All tokens of a text, End included.
std::vector<Token> lex(llvm::StringRef text, DiagEngine &diags, Lexer::Comments comments = Lexer::Comments::Skip);

} // namespace awg

#endif // AWG_FRONTEND_LEX_LEXER_H
