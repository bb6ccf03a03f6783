// How diagnostics are printed.
#include "Text.h"

#include "llvm/Support/JSON.h"

#include <gtest/gtest.h>

#include <set>

using namespace awg;
using namespace awg::test;

namespace {

llvm::SMRange rangeOf(Text &source, size_t begin, size_t end) {
  const char *text = source.text().data();
  return {llvm::SMLoc::getFromPointer(text + begin), llvm::SMLoc::getFromPointer(text + end)};
}

std::string print(Text &source) {
  std::string all;
  llvm::raw_string_ostream out(all);
  source.diags.print(out);
  return all;
}

TEST(Diag, PrintsPlaceLineCaretNotesAndFixes) {
  Text source("let a = b;\nlet c = d;\n");
  llvm::SMRange d = rangeOf(source, 15, 16);
  source.diags.error(DiagKind::UnknownName, d, "nothing is called 'd'")
      .note(rangeOf(source, 4, 5).Start, "there is 'a'")
      .help("declare it")
      .fix(d, "a")
      .fix({d.Start, d.Start}, "x");
  EXPECT_EQ(print(source), "t.awg:2:5: error: nothing is called 'd' [unknown-name]\n"
                           "let c = d;\n"
                           "    ^\n"
                           "t.awg:1:5: note: there is 'a'\n"
                           "let a = b;\n"
                           "    ^\n"
                           "note: declare it\n"
                           "fix: replace 'c' with 'a'\n"
                           "fix: insert 'x'\n"
                           "1 error\n");
}

TEST(Diag, UnderlinesAndKeepsTabs) {
  Text source("\tabc + def");
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 1, 10), "no");
  EXPECT_EQ(print(source), "t.awg:1:2: error: no [type-mismatch]\n\tabc + def\n\t^~~~~~~~~\n1 error\n");
}

TEST(Diag, WidensUnderWideCharacters) {
  Text source("\"\xE6\xBC\xA2\" x");
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 6, 7), "no");
  EXPECT_EQ(print(source), "t.awg:1:5: error: no [type-mismatch]\n\"\xE6\xBC\xA2\" x\n     ^\n1 error\n");
}

TEST(Diag, CutsLongLinesAroundTheCaret) {
  std::string line(100'000, 'x');
  Text source(line);
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 50'000, 50'001), "no");
  std::string all = print(source);
  EXPECT_LT(all.size(), 400u);
  EXPECT_NE(all.find("\n...xxx"), std::string::npos);
  EXPECT_NE(all.find("xxx...\n"), std::string::npos);
}

TEST(Diag, ShowsNoControlCharacters) {
  Text source("a \x1B[31m b");
  std::string all = print(source);
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 0, 1), "no");
  EXPECT_EQ(print(source).find('\x1B'), std::string::npos);
}

TEST(Diag, SortsByPlaceAndDropsASecondAtOnePlace) {
  Text source("ab");
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 1, 2), "second");
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 0, 1), "first");
  source.diags.error(DiagKind::TypeMismatch, rangeOf(source, 1, 2), "dropped");
  EXPECT_EQ(source.errors(), "1:1: error: first [type-mismatch]\n1:2: error: second [type-mismatch]\n");
  EXPECT_EQ(source.diags.errorCount(), 2u);
}

TEST(Diag, StopsAtTheLimit) {
  std::string text;
  for (int count = 0; count != 500; ++count)
    text += "let = ;\n";
  std::string all = printed("fn f() {\n" + text + "}");
  EXPECT_NE(all.find("\ntoo many errors: stopped after 100\n"), std::string::npos);
  EXPECT_EQ(llvm::StringRef(all).count(": error: "), 100u);
}

TEST(Diag, WritesJSON) {
  Text source("a\nb \"\n");
  source.diags.error(DiagKind::NotMut, rangeOf(source, 2, 3), "say \"b\"").help("h").fix(rangeOf(source, 2, 3), "c");
  std::string all;
  llvm::raw_string_ostream out(all);
  source.diags.printJSON(out);
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(all);
  ASSERT_TRUE(bool(value));
  llvm::json::Object &object = *value->getAsObject();
  EXPECT_EQ(*object.getString("file"), "t.awg");
  EXPECT_EQ(*object.getInteger("line"), 2);
  EXPECT_EQ(*object.getInteger("column"), 1);
  EXPECT_EQ(*object.getString("kind"), "not-mut");
  EXPECT_EQ(*object.getString("message"), "say \"b\"");
  EXPECT_EQ(object.getArray("notes")->size(), 1u);
  EXPECT_EQ(*object.getArray("fixes")->front().getAsObject()->getString("text"), "c");
}

TEST(Diag, RefusesWhatCannotBeRead) {
  for (const char *path : {"/", "/nowhere/a.awg", "/dev/zero"}) {
    llvm::SourceMgr sources;
    DiagEngine diags(sources);
    EXPECT_FALSE(loadFile(sources, path, diags));
    ASSERT_EQ(diags.errorCount(), 1u);
    EXPECT_EQ(diags.diagnostics()[0]->kind, DiagKind::CannotRead);
  }
}

TEST(Diag, NamesKindsOnce) {
  std::set<llvm::StringRef> names;
  unsigned count = 0;
#define AWG_DIAG(ID, NAME, SUMMARY)                                                                                              \
  names.insert(name(DiagKind::ID));                                                                                              \
  EXPECT_FALSE(summary(DiagKind::ID).empty());                                                                                   \
  ++count;
#include "frontend/Diag/Kinds.def"
  EXPECT_EQ(names.size(), count);
}

} // namespace
