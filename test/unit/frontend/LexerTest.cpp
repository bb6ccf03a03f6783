// Tokens, literals and what cannot stand in a program.
#include "Text.h"

#include <gtest/gtest.h>

using namespace awg;
using namespace awg::test;

namespace {

TEST(Lexer, ReadsTheLongestOperator) {
  EXPECT_EQ(tokensOf("a>>=b..c"), "1:1 Identifier 'a'\n1:2 ShrEq '>>='\n1:5 Identifier 'b'\n1:6 DotDot '..'\n"
                                  "1:8 Identifier 'c'\n");
}

TEST(Lexer, TellsMembersFromFloats) {
  EXPECT_EQ(tokensOf("t.0.1 1.5 2e-3f64 1..2"),
            "1:1 Identifier 't'\n1:2 Dot '.'\n1:3 Int '0'\n1:4 Dot '.'\n1:5 Int '1'\n1:7 Float '1.5'\n"
            "1:11 Float '2e-3f64'\n1:19 Int '1'\n1:20 DotDot '..'\n1:22 Int '2'\n");
}

TEST(Lexer, NestsStringsInHoles) {
  EXPECT_EQ(tokensOf(R"("a{f("b{x}"):>8}c")"),
            "1:1 StringHead '\"a{'\n1:4 Identifier 'f'\n1:5 LParen '('\n1:6 StringHead '\"b{'\n1:9 Identifier 'x'\n"
            "1:10 StringTail '}\"'\n1:12 RParen ')'\n1:13 HoleFormat ':>8'\n1:16 StringTail '}c\"'\n");
}

TEST(Lexer, EndsAFormatOutsideBracketsOnly) {
  EXPECT_EQ(tokensOf(R"("{a[b:c]}")"), "1:1 StringHead '\"{'\n1:3 Identifier 'a'\n1:4 LBracket '['\n1:5 Identifier 'b'\n"
                                       "1:6 Colon ':'\n1:7 Identifier 'c'\n1:8 RBracket ']'\n1:9 StringTail '}\"'\n");
}

TEST(Lexer, TakesNoHoleForAnEscape) { EXPECT_EQ(tokensOf(R"("\{\u{41}\"")"), "1:1 String '\"\\{\\u{41}\\\"\"'\n"); }

TEST(Lexer, EndsAnUnterminatedStringWithItsLine) {
  EXPECT_EQ(tokensOf("\"a{b\nc"), "1:1 Broken '\"a{b'\n2:1 Identifier 'c'\n"
                                  "1:1: error: the string has no closing '\"' on its line [unterminated-string]\n");
}

TEST(Lexer, CountsColumnsInCodePointsWithoutTheByteOrderMark) {
  EXPECT_EQ(tokensOf("\xEF\xBB\xBF\"\xC3\xA9\xF0\x9F\x98\x80\" x"), "1:1 String '\"\xC3\xA9\xF0\x9F\x98\x80\"'\n1:6 Identifier 'x'\n");
}

TEST(Lexer, RefusesMalformedNumbers) {
  for (const char *text : {"1.", ".5", "0x", "0b12", "1e", "10xyz", "1.5i32", "0x1f16x", "5.;"}) {
    std::string tokens = tokensOf(text);
    EXPECT_NE(tokens.find("[bad-literal]"), std::string::npos) << text << "\n" << tokens;
  }
}

TEST(Lexer, RefusesBadCharactersOnceARun) {
  EXPECT_EQ(errorsIn("let x = $$$;"), "2:9: error: '$' cannot stand here [bad-character]\n");
  EXPECT_EQ(errorsIn("let x = \xC3\xA9\xC3\xA9;"), "2:9: error: '\xC3\xA9' cannot stand here [bad-character]\n");
  EXPECT_EQ(errorsIn("let x = \xFF;"), "2:9: error: byte 0xFF is not UTF-8: save the file as UTF-8 [bad-character]\n");
  EXPECT_EQ(errorsIn(llvm::StringRef("let x = \0;", 10)), "2:9: error: a NUL byte cannot stand in a program [bad-character]\n");
}

TEST(Lexer, RefusesCommentsOfOtherLanguages) {
  EXPECT_EQ(errorsIn("/* a\nb */ let x = 1;"), "2:1: error: '/*' does not begin a comment [syntax-error]\n");
  EXPECT_EQ(errorsIn("f(); # a\ng();"), "2:6: error: '#' cannot stand here [bad-character]\n");
}

TEST(Lexer, KeepsCommentsForTheFormatter) {
  Text source("// a\nx");
  std::vector<Token> tokens = lex(source.text(), source.diags, Lexer::Comments::Keep);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0].kind, TokenKind::Comment);
  EXPECT_EQ(tokens[0].text(), "// a");
}

} // namespace
