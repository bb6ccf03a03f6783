// Strings and their holes. `"a{f("b")}c"` nests; a stack of open strings takes the place of recursion.
#include "frontend/Lex/Lexer.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

#include <cstring>

using namespace awg;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

static constexpr size_t deepest = 64; ///< strings within holes of strings

/// Reads a string with all its holes into `pending`, or one Broken token if it does not end on its line.
void Lexer::scanString() {
  if (!lineEnd || lineEnd < at) {
    const void *newline = std::memchr(at, '\n', end - at);
    lineEnd = newline ? static_cast<const char *>(newline) : end;
  }
  // For the time being the text ends with the line.
  llvm::scope_exit restore([this, whole = end] { end = whole; });
  end = lineEnd;

  const char *start = at;
  llvm::SmallVector<OpenString, 4> open;
  open.push_back({at++});
  while (!open.empty()) {
    bool goesOn = open.back().hole ? scanHole(open) : scanText(open);
    if (goesOn)
      continue;
    reportBroken(open);
    at = end;
    pending.assign(1, token(TokenKind::Broken, start));
    return;
  }
}

/// Skips an escape; the parser judges it. The braces of `\u{1F600}` are no hole.
void Lexer::skipEscape() {
  at += end - at > 1 ? 2 : 1;
  if (at[-1] != 'u' || at == end || *at != '{')
    return;
  while (at != end && (*at == '{' || llvm::isHexDigit(*at)))
    ++at;
  if (at != end && *at == '}')
    ++at;
}

/// Reads text of the innermost string up to a hole or its closing quote. False at the end of the line.
bool Lexer::scanText(llvm::SmallVectorImpl<OpenString> &open) {
  OpenString &string = open.back();
  bool isFirst = string.piece == string.quote;
  while (at != end) {
    if (*at == '\\') {
      skipEscape();
      continue;
    }
    char c = *at++;
    if (c != '"' && c != '{')
      continue;
    bool closes = c == '"';
    last = closes ? (isFirst ? TokenKind::String : TokenKind::StringTail)
                  : (isFirst ? TokenKind::StringHead : TokenKind::StringMiddle);
    pending.push_back(token(last, string.piece));
    if (closes)
      open.pop_back();
    else
      string.hole = at - 1;
    return true;
  }
  return false;
}

/// Reads tokens of the innermost hole up to its `}`, or to a string within it. False at the end of the line.
bool Lexer::scanHole(llvm::SmallVectorImpl<OpenString> &open) {
  for (;;) {
    OpenString &string = open.back();
    Token found = scan();
    switch (found.kind) {
    case TokenKind::End:
      return false;
    case TokenKind::String:
      if (open.size() == deepest)
        return false;
      open.push_back({at, at});
      ++at;
      return true;
    case TokenKind::LParen:
    case TokenKind::LBracket:
    case TokenKind::LBrace:
      ++string.brackets;
      break;
    case TokenKind::RBrace:
      if (string.brackets == 0) {
        string.hole = nullptr;
        string.piece = at - 1;
        return true;
      }
      [[fallthrough]];
    case TokenKind::RParen:
    case TokenKind::RBracket:
      string.brackets -= string.brackets != 0;
      break;
    case TokenKind::Colon:
      if (string.brackets == 0) {
        while (at != end && *at != '}' && *at != '"')
          ++at;
        found = token(TokenKind::HoleFormat, found.range.Start.getPointer());
      }
      break;
    default:
      break;
    }
    pending.push_back(found);
    note(found);
  }
}

void Lexer::reportBroken(llvm::ArrayRef<OpenString> open) {
  const OpenString &outer = open.front();
  if (open.size() == deepest) {
    diags.error(DiagKind::SyntaxError, SMLoc::getFromPointer(outer.quote),
                "strings are nested too deeply (more than " + llvm::Twine(deepest) + " levels)");
    return;
  }
  auto error = diags.error(DiagKind::UnterminatedString, SMLoc::getFromPointer(outer.quote),
                           "the string has no closing '\"' on its line");
  if (outer.hole)
    error.note(SMLoc::getFromPointer(outer.hole), "this '{' begins a value that has no '}'; a brace itself is '\\{'");
}
