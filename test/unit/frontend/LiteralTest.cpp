// The values of literals.
#include "Text.h"

#include <gtest/gtest.h>

using namespace awg;
using namespace awg::test;

namespace {

/// The line of the tree for the value of `let x = literal;`.
std::string valueOf(llvm::StringRef literal) {
  std::string tree = treeOf(("fn f() { let x = " + literal + "; }").str());
  size_t name = tree.find("Name x\n");
  return name == std::string::npos ? tree : llvm::StringRef(tree).drop_front(name + 7).trim().str();
}

TEST(Literal, Integers) {
  EXPECT_EQ(valueOf("1_000"), "Int 1000");
  EXPECT_EQ(valueOf("0xfF_u8"), "Int 255u8");
  EXPECT_EQ(valueOf("0b101i16"), "Int 5i16");
  EXPECT_EQ(valueOf("18446744073709551616"), "Int 18446744073709551616");
  EXPECT_EQ(valueOf("000"), "Int 0");
}

TEST(Literal, Floats) {
  EXPECT_EQ(valueOf("1_0.5"), "Float 10.5");
  EXPECT_EQ(valueOf("2e-3bf16"), "Float 2e-3bf16");
  EXPECT_EQ(valueOf("1f32"), "Float 1f32");
}

TEST(Literal, Durations) {
  EXPECT_EQ(valueOf("30ms"), "Duration 30000000ns");
  EXPECT_EQ(valueOf("1min"), "Duration 60000000000ns");
  EXPECT_EQ(valueOf("1.5us"), "Duration 1500ns");
  EXPECT_EQ(valueOf("9223372036854775807ns"), "Duration 9223372036854775807ns");
  for (llvm::StringRef text : {"9223372036854775808ns", "9999999999999min", "0.1ns"})
    EXPECT_NE(valueOf(text).find("[bad-literal]"), std::string::npos) << text.str();
}

TEST(Literal, StringsWithEscapes) {
  EXPECT_EQ(valueOf(R"("a\n\{\u{e9}")"), "Str\n        \"a\\0A{\\C3\\A9\"");
  for (const char *text : {R"("\q")", R"("\u{110000}")", R"("\u{d800}")", R"("\u41")", R"("}")"})
    EXPECT_NE(valueOf(text).find("[bad-literal]"), std::string::npos) << text;
  EXPECT_NE(valueOf(R"("{}")").find("[syntax-error]"), std::string::npos);
}

TEST(Literal, AMillionDigitsAreRefusedAtOnce) {
  std::string digits(1'000'000, '7');
  for (const std::string &text : {digits, "0x" + digits, "0." + digits, "1e" + digits, digits + "s"})
    EXPECT_NE(valueOf(text).find("[bad-literal]"), std::string::npos);
}

} // namespace
