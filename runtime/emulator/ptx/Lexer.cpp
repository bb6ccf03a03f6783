// Splits PTX text into tokens: one pass, a function a kind of token.
#include "emulator/ptx/Lexer.h"

#include "emulator/ptx/Error.h"

#include <bit>
#include <charconv>
#include <string>

using namespace awg::emu;

namespace {
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool isStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '%'; }
bool isFollow(char c) { return isStart(c) || isDigit(c); }

class Lexer {
public:
  explicit Lexer(std::string_view source) : source(source) {}

  std::vector<Token> run() {
    tokens.reserve(source.size() / 5 + 1);
    while (skipBlanks())
      next();
    tokens.push_back({Token::End, line, {}});
    return std::move(tokens);
  }

private:
  char at(size_t offset) const { return pos + offset < source.size() ? source[pos + offset] : '\0'; }

  void push(Token::Kind kind, size_t length, uint64_t bits = 0) {
    tokens.push_back({kind, line, source.substr(pos, length), bits});
    pos += length;
  }

  /// Skips blanks and comments; false at the end. A NUL ends the text, as the driver's interface has it.
  bool skipBlanks() {
    while (char c = at(0)) {
      if (c == '\n') {
        ++line, ++pos;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
        ++pos;
      } else if (c == '/' && at(1) == '/') {
        pos = std::min(source.find('\n', pos), source.size());
      } else if (c == '/' && at(1) == '*') {
        size_t end = source.find("*/", pos + 2);
        if (end == source.npos)
          throw PtxError(line, "a comment has no end");
        for (; pos < end + 2; ++pos)
          line += source[pos] == '\n';
      } else {
        return true;
      }
    }
    return false;
  }

  void next() {
    char c = at(0);
    if (isDigit(c))
      return number();
    if (isStart(c))
      return word();
    if (c == '.' && isFollow(at(1)))
      return directive();
    if (c == '"')
      return string();
    static constexpr std::string_view punctuation = "{}()[]<>,;:@!|+-*/=&~^?.";
    if (punctuation.find(c) == punctuation.npos)
      throw PtxError(line, std::string("unexpected character '") + c + "'");
    push(Token::Punctuation, 1);
  }

  void word() {
    size_t length = 1;
    while (isFollow(at(length)))
      ++length;
    push(Token::Word, length);
  }

  void directive() {
    size_t length = 1;
    while (isFollow(at(length)) || (at(length) == ':' && at(length + 1) == ':')) {
      length += at(length) == ':' ? 2 : 1;
    }
    push(Token::Directive, length);
  }

  void string() {
    size_t end = source.find('"', pos + 1);
    if (end == source.npos)
      throw PtxError(line, "a string has no end");
    tokens.push_back({Token::String, line, source.substr(pos + 1, end - pos - 1)});
    pos = end + 1;
  }

  void number() {
    char kind = at(1);
    if (at(0) == '0' && (kind == 'f' || kind == 'F'))
      return digits(Token::Single, 2, 16, 8);
    if (at(0) == '0' && (kind == 'd' || kind == 'D'))
      return digits(Token::Double, 2, 16, 16);
    if (at(0) == '0' && (kind == 'x' || kind == 'X'))
      return digits(Token::Integer, 2, 16, 0);
    if (at(0) == '0' && (kind == 'b' || kind == 'B'))
      return digits(Token::Integer, 2, 2, 0);
    size_t length = 0;
    while (isDigit(at(length)))
      ++length;
    if ((at(length) == '.' && isDigit(at(length + 1))) || at(length) == 'e' || at(length) == 'E')
      return decimal();
    digits(Token::Integer, 0, at(0) == '0' ? 8 : 10, 0);
  }

  /// A number in `base` after `prefix` characters; of exactly `count` digits, if that is not 0.
  void digits(Token::Kind kind, size_t prefix, int base, size_t count) {
    size_t length = prefix;
    while (isHex(at(length)) && (!count || length < prefix + count))
      ++length;
    uint64_t bits = 0;
    const char *begin = source.data() + pos;
    auto [end, error] = std::from_chars(begin + prefix, begin + length, bits, base);
    if (error != std::errc() || end != begin + length || (count && length != prefix + count))
      throw PtxError(line, "'" + std::string(source.substr(pos, length)) + "' is not a number of PTX");
    push(kind, length, bits);
    if (kind == Token::Integer && at(0) == 'U')
      ++pos;
  }

  void decimal() {
    double value = 0;
    const char *begin = source.data() + pos;
    auto [end, error] = std::from_chars(begin, source.data() + source.size(), value);
    if (error != std::errc())
      throw PtxError(line, "a decimal number does not fit a double");
    push(Token::Double, end - begin, std::bit_cast<uint64_t>(value));
  }

  std::string_view source;
  size_t pos = 0;
  uint32_t line = 1;
  std::vector<Token> tokens;
};
} // namespace

std::vector<Token> awg::emu::lex(std::string_view source) { return Lexer(source).run(); }
