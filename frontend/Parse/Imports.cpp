// `import`: a file or a module of the standard library, and the name by which it is called here.
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace awg;

ImportDecl *Parser::parseImport(const Modifiers &modifiers) {
  SMLoc start = advance().range.Start;
  if (modifiers.start != start)
    refuse(DiagKind::SyntaxError, {modifiers.start, start}, "nothing stands before 'import'");
  ImportDecl *import = at(K::String) ? parseFileImport() : parseStdImport();
  if (import)
    endStatement("the import");
  return panic ? nullptr : import;
}

/// `as shapes`, if it stands here; false after a report.
bool Parser::parseImportName(StringRef &name, SMLoc &loc) {
  if (!take(K::As))
    return true;
  if (!at(K::Identifier)) {
    expected("the name of the module here after 'as'");
    return false;
  }
  Token word = advance();
  name = word.text();
  loc = word.range.Start;
  return true;
}

static bool isName(StringRef text) {
  return !text.empty() && !llvm::isDigit(text.front()) && wordKind(text) == TokenKind::Identifier &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// `"shapes.awg" as shapes`; without `as` the file's own name.
ImportDecl *Parser::parseFileImport() {
  auto *text = llvm::cast<StrExpr>(parseString());
  StringRef path = text->pieces.front().text, name;
  SMLoc loc = text->range.Start;
  if (!parseImportName(name, loc))
    return nullptr;
  if (name.empty())
    name = llvm::sys::path::stem(path);
  if (!isName(name)) {
    syntaxErrorAt(text->range, "'" + name.take_front(40) + "' cannot be the name of a module")
        .help("name it: 'import \"FILE\" as NAME;'");
    return nullptr;
  }
  return context.make<ImportDecl>(name, loc, path, text->range, /*isFile=*/true);
}

/// `std.npy`, also with `as`.
ImportDecl *Parser::parseStdImport() {
  if (!at(K::Identifier)) {
    expected("'std.NAME' or a file in quotes after 'import'");
    return nullptr;
  }
  Token name = advance();
  std::string path = name.text().str();
  SMLoc start = name.range.Start;
  while (take(K::Dot)) {
    if (!at(K::Identifier)) {
      expected("a name after '.'");
      return nullptr;
    }
    name = advance();
    path += "." + name.text().str();
  }
  SMRange range = since(start);
  StringRef called = name.text();
  SMLoc loc = name.range.Start;
  if (!parseImportName(called, loc))
    return nullptr;
  return context.make<ImportDecl>(called, loc, context.string(path), range, /*isFile=*/false);
}
