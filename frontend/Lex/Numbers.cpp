// Integers, floats and durations: their form. The parser takes their values.
#include "frontend/Lex/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"

using namespace awg;
using llvm::isDigit;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

static bool isWord(char c) { return llvm::isAlnum(c) || c == '_'; }

/// What a suffix makes of digits; nothing if there is no such suffix.
static std::optional<TokenKind> suffixKind(StringRef suffix) {
  return llvm::StringSwitch<std::optional<TokenKind>>(suffix)
      .Cases({"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"}, TokenKind::Int)
      .Cases({"f16", "bf16", "f32", "f64"}, TokenKind::Float)
      .Cases({"ns", "us", "ms", "s", "min"}, TokenKind::Duration)
      .Default(std::nullopt);
}

DiagBuilder Lexer::reportNumber(const char *start, const llvm::Twine &message) {
  return diags.error(DiagKind::BadLiteral, SMRange(SMLoc::getFromPointer(start), SMLoc::getFromPointer(at)), message);
}

/// Skips digits and underscores; gives whether there was a digit.
bool Lexer::scanDigits(bool isHex) {
  bool any = false;
  for (; at != end && (*at == '_' || (isHex ? llvm::isHexDigit(*at) : isDigit(*at))); ++at)
    any |= *at != '_';
  return any;
}

/// `.5`, which wants a zero.
Token Lexer::scanPointFirst() {
  const char *start = at++;
  if (last == TokenKind::DotDot && start[-1] == '.') { // `0...9`
    SMRange third(SMLoc::getFromPointer(start), SMLoc::getFromPointer(at));
    diags.error(DiagKind::SyntaxError, third, "a range is written 'a..b', and ends before 'b'").fix(third, "");
    return scanNumber();
  }
  while (at != end && isWord(*at))
    ++at;
  SMRange where(SMLoc::getFromPointer(start), SMLoc::getFromPointer(at));
  diags.error(DiagKind::BadLiteral, where, "a float has a digit on both sides of its point")
      .fix({where.Start, where.Start}, "0");
  return token(TokenKind::Broken, start);
}

/// `0xff`, `0b101` up to the suffix. False after an error.
bool Lexer::scanRadix(const char *start, bool isHex) {
  at += 2;
  const char *digits = at;
  if (!scanDigits(isHex)) {
    while (at != end && isWord(*at))
      ++at;
    reportNumber(start, "'" + StringRef(start, 2) + "' wants digits after it");
    return false;
  }
  if (isHex || StringRef(digits, at - digits).find_first_not_of("01_") == StringRef::npos)
    return true;
  reportNumber(start, "a binary literal has the digits 0 and 1 only");
  return false;
}

/// Decimal digits with point and exponent up to the suffix. False after an error.
bool Lexer::scanDecimal(const char *start, bool &isFloat) {
  scanDigits(false);
  if (end - at > 1 && *at == '.' && isDigit(at[1])) {
    isFloat = true;
    ++at;
    scanDigits(false);
  } else if (at != end && *at == '.' && (end - at == 1 || (at[1] != '.' && !llvm::isAlpha(at[1])))) {
    ++at;
    SMLoc after = SMLoc::getFromPointer(at);
    diags.error(DiagKind::BadLiteral, SMRange(SMLoc::getFromPointer(start), after),
                "a float has a digit on both sides of its point")
        .fix({after, after}, "0");
    return false;
  }
  if (at == end || (*at != 'e' && *at != 'E'))
    return true;
  const char *mark = at++;
  if (at != end && (*at == '+' || *at == '-'))
    ++at;
  if (scanDigits(false)) {
    isFloat = true;
    return true;
  }
  if (at != end && isWord(*at)) {
    at = mark; // not an exponent: a suffix that is unknown
    return true;
  }
  reportNumber(start, "the exponent has no digits");
  return false;
}

/// A number at a digit. After `.` digits alone, so that `t.0.1` is two members.
Token Lexer::scanNumber() {
  const char *start = at;
  if (last == TokenKind::Dot) {
    scanDigits(false);
    return token(TokenKind::Int, start);
  }
  StringRef rest(at, end - at);
  bool isHex = rest.starts_with_insensitive("0x"), isBinary = rest.starts_with_insensitive("0b");
  bool isFloat = false;
  if (!(isHex || isBinary ? scanRadix(start, isHex) : scanDecimal(start, isFloat)))
    return token(TokenKind::Broken, start);
  const char *suffixStart = at;
  while (at != end && isWord(*at))
    ++at;
  StringRef suffix(suffixStart, at - suffixStart);
  if (suffix.empty())
    return token(isFloat ? TokenKind::Float : TokenKind::Int, start);
  std::optional<TokenKind> kind = suffixKind(suffix);
  if (!kind || ((isHex || isBinary) && *kind != TokenKind::Int)) {
    reportNumber(start, "'" + suffix.take_front(40) + "' is not a suffix of a number")
        .help("there are i8 to i64, u8 to u64, f16, bf16, f32 and f64, and ns, us, ms, s and min of durations");
    return token(TokenKind::Broken, start);
  }
  if (isFloat && *kind == TokenKind::Int) {
    reportNumber(start, "a number with a point or an exponent cannot be of the integer type '" + suffix + "'");
    return token(TokenKind::Broken, start);
  }
  return token(*kind, start);
}
