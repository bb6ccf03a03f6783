// The parser's view of the tokens: the current one, those ahead, and the documentation before each.
#ifndef AWG_FRONTEND_PARSE_TOKENSTREAM_H
#define AWG_FRONTEND_PARSE_TOKENSTREAM_H

#include "frontend/Lex/Lexer.h"

namespace awg {

/// Reads tokens as they are asked for and forgets them when they are passed.
class TokenStream {
public:
  TokenStream(llvm::StringRef text, DiagEngine &diags) : lexer(text, diags) {}

  /// The token `count` ahead; the current one is 0.
  Token peek(size_t count = 0) {
    while (head + count >= window.size())
      read();
    return window[head + count].token;
  }
  /// The text from the first to the last `///` line before the current token, or nothing.
  llvm::StringRef doc() {
    peek();
    return window[head].doc;
  }
  /// The current token begins its line.
  bool startsLine() {
    peek();
    return window[head].startsLine;
  }
  /// Where the token before the current one ended.
  llvm::SMLoc previousEnd() const { return previous.range.End; }
  TokenKind previousKind() const { return previous.kind; }
  /// Tokens passed so far.
  size_t passed() const { return passedCount; }

  /// Passes the current token and gives it. The end of the file is never passed.
  Token advance();
  /// Cuts the first character off the current token and makes it one of the kind `rest`: `>>` to `>`.
  void splitFirst(TokenKind rest);
  /// From now on there is nothing but the end of the file.
  void stop();

private:
  struct Entry {
    Token token;
    llvm::StringRef doc;
    bool startsLine;
  };
  void read();

  Lexer lexer;
  llvm::SmallVector<Entry, 0> window;
  size_t head = 0; ///< the current token's place in the window
  Token previous;
  const char *lastEnd = nullptr; ///< of the last token read
  size_t passedCount = 0;
};

} // namespace awg

#endif // AWG_FRONTEND_PARSE_TOKENSTREAM_H
