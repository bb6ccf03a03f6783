// `test "name" { ... }`.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

bool Parser::atTest() { return atWord("test") && (at(K::String, 1) || at(K::StringHead, 1)); }

FnDecl *Parser::parseTest(const Modifiers &modifiers, StringRef doc) {
  advance();
  Expr *name = parseString();
  auto *text = llvm::dyn_cast<StrExpr>(name);
  if (text && text->pieces.size() > 1)
    refuse(DiagKind::SyntaxError, name->range, "the name of a test is a text without holes");
  if (modifiers.isPub || modifiers.isExport)
    refuse(DiagKind::SyntaxError, {modifiers.start, name->range.Start}, "before 'test' stands no 'pub' or 'export'");
  StringRef title = text ? text->pieces.front().text : "";
  auto *function = context.make<FnDecl>(title, name->range.Start, FnDecl::Test);
  function->doc = docText(doc);
  skipToBlock();
  function->body = parseBlock(" before the body of the test");
  function->range = since(modifiers.start);
  return function;
}
