// Splits PTX text into tokens.
#ifndef AWG_EMULATOR_PTX_LEXER_H
#define AWG_EMULATOR_PTX_LEXER_H

#include <cstdint>
#include <string_view>
#include <vector>

namespace awg::emu {

/// One token. `text` points into the source; of a string it excludes the quotes.
struct Token {
  enum Kind : uint8_t {
    Word,      ///< an identifier, `%r1`, `$L__BB0_1`, or an opcode without its modifiers
    Directive, ///< `.entry`, `.f32`, `.L2::128B`; `text` includes the point
    Integer,   ///< value in `bits`
    Single,    ///< `0f3F800000`, its bits in `bits`
    Double,    ///< `0d...` or a decimal float, the bits of a double in `bits`
    String,
    Punctuation, ///< one character
    End
  };
  Kind kind;
  uint32_t line;
  std::string_view text;
  uint64_t bits = 0;

  bool is(char c) const { return kind == Punctuation && text[0] == c; }
  bool is(std::string_view word) const { return (kind == Word || kind == Directive) && text == word; }
};

/// The tokens of `source`, ended by one of kind End. Throws PtxError for a character or number that PTX does not have.
std::vector<Token> lex(std::string_view source);

} // namespace awg::emu

#endif // AWG_EMULATOR_PTX_LEXER_H
