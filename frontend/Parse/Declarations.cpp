// The program's own types: `struct` and `enum`, and the literals of structs.
#include "frontend/Parse/ParserImpl.h"

using namespace awg;

bool Parser::atFieldName(size_t ahead) {
  StringRef text = tok(ahead).text();
  bool isWord = !text.empty() && llvm::isAlpha(text.front());
  return at(K::Identifier, ahead) || (isWord && at(K::Colon, ahead + 1));
}

/// Passes the `}` of a list; after an error in it all up to there.
void Parser::closeBraces() {
  if (take(K::RBrace) || isTooDeep)
    return;
  for (unsigned level = 1; !at(K::End) && !atItemMargin();) {
    K kind = advance().kind;
    level += kind == K::LBrace;
    level -= kind == K::RBrace;
    if (level)
      continue;
    panic = false;
    return;
  }
}

/// A list in braces with commas between its elements, which `element` reads.
void Parser::parseBraced(const llvm::Twine &what, llvm::function_ref<void()> element) {
  SMLoc open = here();
  if (!expect(K::LBrace, " before the " + what))
    return;
  while (!atListEnd(K::RBrace)) {
    element();
    if (!take(K::Comma))
      break;
  }
  if (!panic && at(K::Semi))
    expected("',' or '}'").help("commas stand between the " + what);
  else if (!panic && !at(K::RBrace))
    expected("',' or '}'").note(open, "the " + what + " begin here");
  closeBraces();
}

/// `struct Point { x: f32, y: f32 }`.
Decl *Parser::parseStruct(const Modifiers &modifiers, StringRef doc) {
  advance();
  if (!at(K::Identifier)) {
    expected("the struct's name");
    return nullptr;
  }
  Token name = advance();
  auto *decl = context.make<StructDecl>(name.text(), name.range.Start);
  decl->doc = docText(doc);
  decl->isPub = modifiers.isPub;
  if (at(K::Lt)) {
    refuse(DiagKind::SyntaxError, tok().range, "a struct has no type parameters")
        .help("functions and kernels have: 'fn push<T>(...)'");
    (void)parseTypeParams();
  }
  if (at(K::LParen)) {
    syntaxError("a struct's fields have names: 'struct " + name.text().take_front(40) + " { x: f32 }'");
    return nullptr;
  }
  llvm::SmallVector<VarDecl *> fields;
  parseBraced("fields", [&] {
    StringRef text = tokens.doc();
    if (!at(K::Colon, 1) && (at(K::Pub) || at(K::Let) || at(K::Mut) || at(K::Move))) {
      syntaxError("a field is written 'name: type'");
      return;
    }
    if (!atFieldName()) {
      expected("a field, 'name: type'");
      return;
    }
    VarDecl *field = parseTypedName(here(), VarDecl::Field);
    if (!field)
      return;
    field->doc = docText(text);
    fields.push_back(field);
  });
  decl->fields = context.list(ArrayRef<VarDecl *>(fields));
  return decl;
}

/// `enum Weight { Light, Heavy }`.
Decl *Parser::parseEnum(const Modifiers &modifiers, StringRef doc) {
  advance();
  if (!at(K::Identifier)) {
    expected("the enum's name");
    return nullptr;
  }
  Token name = advance();
  auto *decl = context.make<EnumDecl>(name.text(), name.range.Start);
  decl->doc = docText(doc);
  decl->isPub = modifiers.isPub;
  llvm::SmallVector<VarDecl *> cases;
  parseBraced("cases", [&] {
    StringRef text = tokens.doc();
    if (!at(K::Identifier)) {
      expected("the name of a case");
      return;
    }
    Token word = advance();
    if (at(K::LParen) || at(K::LBrace) || at(K::Eq)) {
      syntaxError("the cases of an enum are plain names");
      return;
    }
    auto *entry = context.make<VarDecl>(word.text(), word.range.Start, VarDecl::Case);
    entry->doc = docText(text);
    entry->constant = cases.size();
    cases.push_back(entry);
  });
  decl->cases = context.list(ArrayRef<VarDecl *>(cases));
  return decl;
}

/// `const limit: i64 = 16;`.
Decl *Parser::parseConst(const Modifiers &modifiers, StringRef doc) {
  advance();
  Token name = advance();
  auto *decl = context.make<VarDecl>(name.text(), name.range.Start, VarDecl::Const);
  decl->doc = docText(doc);
  decl->isPub = modifiers.isPub;
  if (take(K::Colon))
    decl->typeExpr = parseType();
  if (!expect(K::Eq, " and the value of the constant"))
    return nullptr;
  decl->init = parseExpr();
  endStatement("the value");
  return decl;
}

//===-- Literals ----------------------------------------------------------------------------------------------------===//

/// At a `{` behind a name: whether it is that of a struct's literal. `ahead` is its distance.
bool Parser::atStructBody(size_t ahead) {
  if (!structLiterals || !at(K::LBrace, ahead))
    return false;
  if (at(K::RBrace, ahead + 1))
    return true;
  return atFieldName(ahead + 1) &&
         (at(K::Colon, ahead + 2) || at(K::Comma, ahead + 2) || at(K::RBrace, ahead + 2));
}

/// `Point { x: 1.0, y }`, `shapes.Point { }`; the name has been read as the type.
Expr *Parser::parseStructLiteral(TypeExpr *type) {
  Nest nest(*this);
  llvm::SmallVector<FieldName> fields;
  llvm::SmallVector<Expr *> values;
  Brackets brackets(*this);
  parseBraced("fields", [&] {
    if (!atFieldName()) {
      expected("the name of a field");
      return;
    }
    Token name = advance();
    fields.push_back({name.text(), name.range.Start});
    if (take(K::Colon)) {
      values.push_back(parseExpr());
      return;
    }
    diags.noteShorthand(name.range);
    values.push_back(context.make<NameExpr>(name.range, name.text()));
  });
  return context.make<StructExpr>(since(type->range.Start), type, context.mutableList(ArrayRef<FieldName>(fields)),
                                  context.list(ArrayRef<Expr *>(values)));
}
