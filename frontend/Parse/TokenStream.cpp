// The parser's view of the tokens: the current one, those ahead, and the documentation before each.
#include "frontend/Parse/TokenStream.h"

using namespace awg;
using llvm::StringRef;

void TokenStream::read() {
  if (head > 1024) {
    window.erase(window.begin(), window.begin() + head);
    head = 0;
  }
  const char *docStart = nullptr, *docEnd = nullptr;
  Token token = lexer.next();
  for (; token.is(TokenKind::DocComment); token = lexer.next()) {
    if (!docStart)
      docStart = token.range.Start.getPointer();
    docEnd = token.range.End.getPointer();
  }
  const char *start = token.range.Start.getPointer();
  bool startsLine = !lastEnd || StringRef(lastEnd, start - lastEnd).contains('\n');
  lastEnd = token.range.End.getPointer();
  window.push_back({token, docStart ? StringRef(docStart, docEnd - docStart) : StringRef(), startsLine});
}

Token TokenStream::advance() {
  Token token = peek();
  if (token.is(TokenKind::End))
    return token;
  previous = token;
  ++head;
  ++passedCount;
  return token;
}

void TokenStream::splitFirst(TokenKind rest) {
  Token &token = window[head].token;
  const char *second = token.range.Start.getPointer() + 1;
  previous = {token.kind, {token.range.Start, llvm::SMLoc::getFromPointer(second)}};
  token = {rest, {llvm::SMLoc::getFromPointer(second), token.range.End}};
  window[head].startsLine = false;
}

void TokenStream::stop() {
  window.resize(head);
  Token end{TokenKind::End, {previous.range.End, previous.range.End}};
  window.push_back({end, {}, true});
}
