// The values of literals, and strings with their holes.
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace awg;

/// Beyond so many digits no type holds the value (a float's largest has 309 before its point).
static constexpr size_t mostDigits = 1000;

//===-- Numbers -----------------------------------------------------------------------------------------------------===//

static std::string withoutUnderscores(StringRef text) {
  std::string digits;
  digits.reserve(text.size());
  for (char c : text)
    if (c != '_')
      digits += c;
  return digits;
}

Expr *Parser::parseInt() {
  Token token = advance();
  StringRef text = token.text();
  unsigned radix = text.starts_with_insensitive("0x") ? 16 : text.starts_with_insensitive("0b") ? 2 : 10;
  StringRef body = text.drop_front(radix == 10 ? 0 : 2);
  StringRef digits = body.take_while([&](char c) { return c == '_' || (radix == 16 ? llvm::isHexDigit(c) : llvm::isDigit(c)); });
  StringRef suffix = body.drop_front(digits.size());
  std::string plain = withoutUnderscores(digits);
  StringRef significant = StringRef(plain).ltrim('0');
  if (significant.size() > mostDigits) {
    refuse(DiagKind::BadLiteral, token.range, "the literal fits no type: it has " + llvm::Twine(significant.size()) + " digits");
    return errorExpr(token.range.Start);
  }
  if (significant.empty())
    significant = "0";
  unsigned bits = std::max<size_t>(64, significant.size() * 4 + 4);
  llvm::APInt value(bits, significant, radix);
  return context.make<IntExpr>(token.range, value.trunc(std::max(64u, value.getActiveBits())), suffix);
}

Expr *Parser::parseFloat() {
  Token token = advance();
  StringRef text = token.text();
  size_t suffixAt = text.find_first_of("fb");
  StringRef suffix = suffixAt == StringRef::npos ? StringRef() : text.drop_front(suffixAt);
  std::string digits = withoutUnderscores(text.take_front(text.size() - suffix.size()));
  size_t exponent = StringRef(digits).find_first_of("eE");
  bool isLong = digits.size() > mostDigits;
  if (isLong || (exponent != StringRef::npos && digits.size() - exponent > 8)) {
    refuse(DiagKind::BadLiteral, token.range, isLong ? "the literal has too many digits" : "the exponent is too large");
    return errorExpr(token.range.Start);
  }
  return context.make<FloatExpr>(token.range, context.string(digits), suffix);
}

namespace {
struct Unit {
  StringRef name;
  int64_t nanoseconds;
};
} // namespace

/// Nanoseconds of `digits` (with at most one point) units; nothing if it is no whole number of them or overflows.
static std::optional<int64_t> nanoseconds(StringRef digits, int64_t unit) {
  auto [whole, fraction] = digits.split('.');
  fraction = fraction.rtrim('0');
  __int128 total = 0;
  for (char c : whole.ltrim('0')) {
    total = total * 10 + (c - '0');
    if (total > INT64_MAX)
      return std::nullopt;
  }
  total *= unit;
  int64_t place = unit;
  for (char c : fraction) {
    if (place % 10)
      return std::nullopt;
    place /= 10;
    total += place * (c - '0');
  }
  if (total > INT64_MAX)
    return std::nullopt;
  return int64_t(total);
}

Expr *Parser::parseDuration() {
  static constexpr Unit units[] = {
      {"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}, {"min", 60'000'000'000}};
  Token token = advance();
  StringRef number = token.text().take_while([](char c) { return llvm::isDigit(c) || c == '_' || c == '.'; });
  StringRef suffix = token.text().drop_front(number.size());
  for (const Unit &unit : units)
    if (unit.name == suffix)
      if (auto value = nanoseconds(withoutUnderscores(number), unit.nanoseconds))
        return context.make<DurationExpr>(token.range, *value);
  refuse(DiagKind::BadLiteral, token.range, "the duration is no whole number of nanoseconds below 2^63");
  return errorExpr(token.range.Start);
}

//===-- Strings -----------------------------------------------------------------------------------------------------===//

/// The character of a `\u{...}` behind the `u`, appended to `out`; gives the length passed, 0 if it is malformed.
static size_t unescapeUnicode(StringRef text, std::string &out) {
  size_t close = text.find('}');
  unsigned code;
  if (!text.starts_with("{") || close == StringRef::npos || close > 7 || text.slice(1, close).getAsInteger(16, code))
    return 0;
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    return 0;
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
  char *end = buffer;
  llvm::ConvertCodePointToUTF8(code, end);
  out.append(buffer, end);
  return close + 1;
}

/// The text of a piece with its escapes resolved; `start` is where it stands in the source.
StringRef Parser::unescape(SMLoc start, StringRef text) {
  if (text.find_first_of("\\}\r") == StringRef::npos)
    return text;
  std::string out;
  auto report = [&](size_t offset, size_t length, const llvm::Twine &message) {
    SMLoc begin = SMLoc::getFromPointer(start.getPointer() + offset);
    return refuse(DiagKind::BadLiteral, {begin, SMLoc::getFromPointer(begin.getPointer() + length)}, message);
  };
  for (size_t index = 0; index < text.size(); ++index) {
    if (text[index] == '}')
      report(index, 1, "a '}' in a string is written '\\}'");
    if (text[index] != '\\') {
      out += text[index];
      continue;
    }
    char escape = ++index < text.size() ? text[index] : '\0';
    switch (escape) {
    case 'n':
      out += '\n';
      break;
    case 't':
      out += '\t';
      break;
    case '\\':
    case '"':
    case '{':
    case '}':
      out += escape;
      break;
    case 'u':
      if (size_t length = unescapeUnicode(text.drop_front(index + 1), out)) {
        index += length;
      } else {
        report(index - 1, 2, "a character is written '\\u{1F600}', with one to six hexadecimal digits of its code point");
        size_t close = text.drop_front(index + 1).starts_with("{") ? text.find('}', index) : StringRef::npos;
        index = close == StringRef::npos ? index : close;
      }
      break;
    default:
      report(index - 1, 2, "unknown escape").help("the escapes are \\n \\t \\\\ \\\" \\{ \\} \\u{1F600}");
      break;
    }
  }
  return context.string(out);
}

/// The format at the end of a hole, if there is one; the checker, which knows the type, judges it.
StringRef Parser::parseFormat() {
  if (panic || !at(K::HoleFormat))
    return "";
  return advance().text().drop_front();
}

Expr *Parser::parseString() {
  SMLoc start = here();
  Brackets brackets(*this);
  llvm::SmallVector<StrPiece> pieces;
  for (;;) {
    Token token = advance();
    bool isLast = token.is(K::String) || token.is(K::StringTail);
    SMLoc textStart = SMLoc::getFromPointer(token.range.Start.getPointer() + 1);
    StrPiece piece{unescape(textStart, token.text().drop_front().drop_back()), nullptr, ""};
    if (!isLast) {
      if (at(K::StringMiddle) || at(K::StringTail) || at(K::HoleFormat)) {
        SMLoc brace = SMLoc::getFromPointer(token.range.End.getPointer() - 1);
        refuse(DiagKind::SyntaxError, {brace, brace}, "the hole is empty: a '{' in a string is written '\\{'");
        piece.hole = errorExpr(here());
      } else {
        piece.hole = parseExpr();
      }
      piece.format = parseFormat();
    }
    pieces.push_back(piece);
    if (isLast)
      return context.make<StrExpr>(since(start), context.list(ArrayRef<StrPiece>(pieces)));
    if (!panic && !at(K::StringMiddle) && !at(K::StringTail))
      expected("'}' after the value");
    if (panic)
      return errorExpr(start);
  }
}
