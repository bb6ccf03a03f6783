// Words, punctuation, comments and what cannot stand in a program.
#include "frontend/Lex/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/ConvertUTF.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

using namespace awg;
using llvm::isAlnum;
using llvm::isAlpha;
using llvm::isDigit;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

static bool isWordStart(char c) { return isAlpha(c) || c == '_'; }
static bool isWord(char c) { return isAlnum(c) || c == '_'; }

static SMRange range(const char *start, const char *end) {
  return {SMLoc::getFromPointer(start), SMLoc::getFromPointer(end)};
}

Lexer::Lexer(StringRef text, DiagEngine &diags, Comments comments)
    : diags(diags), comments(comments), at(text.begin()), end(text.end()) {
  if (text.starts_with("\xEF\xBB\xBF"))
    at += 3;
}

Token Lexer::token(TokenKind kind, const char *start) { return {kind, range(start, at)}; }

void Lexer::note(const Token &token) {
  bool isMember = last == TokenKind::Dot && isWordStart(*token.range.Start.getPointer());
  last = isMember ? TokenKind::Identifier : token.kind;
}

Token Lexer::next() {
  if (taken == pending.size()) {
    pending.clear();
    taken = 0;
    Token scanned = scan();
    if (scanned.kind != TokenKind::String) {
      note(scanned);
      return scanned;
    }
    scanString();
  }
  Token result = pending[taken++];
  last = result.kind;
  return result;
}

/// Whether a `.` here continues an expression.
bool Lexer::afterOperand() const {
  switch (last) {
  case TokenKind::Identifier:
  case TokenKind::Underscore:
  case TokenKind::Int:
  case TokenKind::RParen:
  case TokenKind::RBracket:
  case TokenKind::RBrace:
  case TokenKind::String:
  case TokenKind::StringTail:
  case TokenKind::Broken:
    return true;
  default:
    return false;
  }
}

//===-- Space and comments ----------------------------------------------------------------------------------------===//

void Lexer::skipToNewline() {
  const void *newline = std::memchr(at, '\n', end - at);
  at = newline ? static_cast<const char *>(newline) : end;
}

void Lexer::skipSpace() {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
    ++at;
}

/// `/* ... */`: reported, then skipped as the comment that it was meant to be.
void Lexer::skipBlockComment() {
  const char *start = at;
  size_t close = blockCommentsEnd ? StringRef(at, end - at).find("*/", 2) : StringRef::npos;
  if (close == StringRef::npos) {
    blockCommentsEnd = false;
    skipToNewline();
  } else {
    at += close + 2;
  }
  diags.error(DiagKind::SyntaxError, range(start, start + 2), "'/*' does not begin a comment")
      .help("comments begin with '//' and end with their line");
}

//===-- Bad characters --------------------------------------------------------------------------------------------===//

/// Reports a run of characters that no token begins with.
Token Lexer::scanBadCharacters() {
  const char *start = at;
  auto isBad = [](signed char c) {
    return c < ' ' ? c != '\n' && c != '\t' && c != '\r' : StringRef("$?\\`\x7F").contains(c);
  };
  char first = *at;
  while (at != end && isBad(*at))
    ++at;
  SMRange where = range(start, at);
  if (static_cast<unsigned char>(first) >= 0x80) {
    unsigned length = std::min<size_t>(llvm::getNumBytesForUTF8(llvm::UTF8(first)), at - start);
    diags.error(DiagKind::BadCharacter, where, "'" + StringRef(start, length) + "' cannot stand here")
        .help("names are made of the letters A to Z and a to z, digits and '_'; other characters belong into strings");
  } else if (first < ' ' || first == 0x7F) {
    diags.error(DiagKind::BadCharacter, where,
                first ? "byte 0x" + llvm::utohexstr(first) + " cannot stand in a program"
                      : std::string("a NUL byte cannot stand in a program"));
  } else {
    auto error = diags.error(DiagKind::BadCharacter, where, "'" + llvm::Twine(first) + "' cannot stand here");
    if (first == '?')
      error.help("a choice is written 'if c { a } else { b }'; a failure passes through 'await' by itself");
  }
  return token(TokenKind::Broken, start);
}

/// `#` up to the end of the line. Where a statement may begin it was meant as a comment and is none of the tokens.
bool Lexer::skipHash() {
  SMLoc start = SMLoc::getFromPointer(at);
  skipToNewline();
  diags.error(DiagKind::BadCharacter, start, "'#' cannot stand here").help("comments begin with '//'");
  return last == TokenKind::Semi || last == TokenKind::LBrace || last == TokenKind::RBrace || last == TokenKind::Comma ||
         last == TokenKind::End;
}

/// `'text'`: taken for a string in other quotes.
Token Lexer::scanQuoted(char quote) {
  const char *start = at;
  const char *close = start + 1;
  while (close != end && *close != quote && *close != '\n')
    ++close;
  bool closed = close != end && *close == quote;
  at = closed ? close + 1 : start + 1;
  auto error = diags.error(DiagKind::BadCharacter, range(start, at), "strings stand in double quotes");
  StringRef inner(start + 1, closed ? close - start - 1 : 0);
  if (closed && inner.find_first_of("\"{}\\") == StringRef::npos)
    error.fix(range(start, at), "\"" + inner + "\"");
  return token(TokenKind::Broken, start);
}

//===-- Words -----------------------------------------------------------------------------------------------------===//

TokenKind awg::wordKind(StringRef word) {
  static const llvm::StringMap<TokenKind> keywords = {
#define AWG_KEYWORD(ID, TEXT) {TEXT, TokenKind::ID},
#include "frontend/Lex/Tokens.def"
  };
  if (word == "_")
    return TokenKind::Underscore;
  if (word.size() > 8)
    return TokenKind::Identifier;
  auto found = keywords.find(word);
  return found == keywords.end() ? TokenKind::Identifier : found->second;
}

Token Lexer::scanWord(const char *start) {
  while (at != end && isWord(*at))
    ++at;
  return token(wordKind(StringRef(start, at - start)), start);
}

//===-- Punctuation -----------------------------------------------------------------------------------------------===//

namespace {

struct Punctuation {
  std::string_view text;
  TokenKind kind;
};

/// The punctuation by first character, longer ones first.
struct PunctuationTable {
  std::array<Punctuation, 45> entries{{
#define AWG_PUNCT(ID, TEXT) {TEXT, TokenKind::ID},
#include "frontend/Lex/Tokens.def"
  }};
  std::array<uint8_t, 129> first{}; ///< of `entries` for each character; where there is none, that of the next

  constexpr PunctuationTable() {
    std::sort(entries.begin(), entries.end(), [](const Punctuation &a, const Punctuation &b) {
      return a.text[0] != b.text[0] ? a.text[0] < b.text[0] : a.text.size() > b.text.size();
    });
    for (size_t c = 0, entry = 0; c != first.size(); ++c) {
      while (entry != entries.size() && size_t(entries[entry].text[0]) < c)
        ++entry;
      first[c] = entry;
    }
  }
};

} // namespace

Token Lexer::scanPunctuation() {
  static constexpr PunctuationTable table;
  const char *start = at;
  unsigned char c = *at;
  if (c >= 128)
    return {};
  std::string_view rest(at, end - at);
  for (unsigned entry = table.first[c]; entry != table.first[c + 1]; ++entry) {
    const Punctuation &candidate = table.entries[entry];
    if (candidate.text.size() > 1 && !rest.starts_with(candidate.text))
      continue;
    at += candidate.text.size();
    return token(candidate.kind, start);
  }
  return {};
}

//===-- Any token -------------------------------------------------------------------------------------------------===//

/// The next token; at a string's quote a String token that has not been read yet.
Token Lexer::scan() {
  for (;;) {
    skipSpace();
    if (at == end || diags.isFull())
      return at = end, token(TokenKind::End, end);
    const char *start = at;
    StringRef rest(at, end - at);
    if (isWordStart(*at))
      return scanWord(start);
    if (isDigit(*at))
      return scanNumber();
    if (*at == '.' && rest.size() > 1 && isDigit(rest[1]) && !afterOperand())
      return scanPointFirst();
    if (*at == '"')
      return token(TokenKind::String, start);
    if (*at == '\'')
      return scanQuoted('\'');
    if (rest.starts_with("//")) {
      skipToNewline();
      if (rest.starts_with("///") && !rest.starts_with("////"))
        return token(TokenKind::DocComment, start);
      if (comments == Comments::Keep)
        return token(TokenKind::Comment, start);
      continue;
    }
    if (rest.starts_with("/*")) {
      skipBlockComment();
      continue;
    }
    if (*at == '#') {
      if (skipHash())
        continue;
      return token(TokenKind::Broken, start);
    }
    if (Token found = scanPunctuation(); found.kind != TokenKind::End)
      return found;
    return scanBadCharacters();
  }
}

std::vector<Token> awg::lex(StringRef text, DiagEngine &diags, Lexer::Comments comments) {
  Lexer lexer(text, diags, comments);
  std::vector<Token> tokens;
  do
    tokens.push_back(lexer.next());
  while (tokens.back().kind != TokenKind::End);
  return tokens;
}
