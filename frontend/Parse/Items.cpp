// Functions, kernels and their heads.
#include "frontend/Diag/Nearest.h"
#include "frontend/Parse/ParserImpl.h"

#include "llvm/ADT/StringSwitch.h"

using namespace awg;

/// The text of documentation lines without their slashes.
StringRef Parser::docText(StringRef raw) {
  std::string text;
  while (!raw.empty()) {
    StringRef line;
    std::tie(line, raw) = raw.split('\n');
    line = line.trim();
    if (!line.consume_front("///"))
      continue;
    line.consume_front(" ");
    if (!text.empty())
      text += '\n';
    text += line;
  }
  return context.string(text);
}

Module *Parser::parseModule(unsigned bufferId) {
  llvm::SmallVector<FnDecl *> functions;
  llvm::SmallVector<Decl *> types;
  llvm::SmallVector<VarDecl *> constants;
  llvm::SmallVector<ImportDecl *> imports;
  while (!at(K::End)) {
    size_t before = tokens.passed();
    beginPart();
    Decl *item = parseItem();
    if (auto *function = llvm::dyn_cast_or_null<FnDecl>(item))
      functions.push_back(function);
    else if (auto *constant = llvm::dyn_cast_or_null<VarDecl>(item))
      constants.push_back(constant);
    else if (auto *import = llvm::dyn_cast_or_null<ImportDecl>(item))
      imports.push_back(import);
    else if (item)
      types.push_back(item);
    if (!panic)
      continue;
    if (tokens.passed() == before)
      advance();
    syncItem();
  }
  return context.make<Module>(Module{bufferId, context.list(ArrayRef<FnDecl *>(functions)),
                                     context.list(ArrayRef<Decl *>(types)),
                                     context.list(ArrayRef<VarDecl *>(constants)),
                                     context.list(ArrayRef<ImportDecl *>(imports))});
}

/// One item; null if it is none that this version has.
Decl *Parser::parseItem() {
  Modifiers modifiers;
  modifiers.start = here();
  StringRef doc = tokens.doc();
  if (take(K::Semi))
    return nullptr;
  if (!parseModifiers(modifiers))
    return nullptr;
  refuseModifiers(modifiers);
  if (at(K::Fn) || at(K::Kernel) || (at(K::Async) && at(K::Fn, 1)))
    return parseFunction(modifiers, doc);
  if (at(K::Extern))
    return parseExtern(modifiers, doc);
  if (atTest())
    return parseTest(modifiers, doc);
  if (at(K::Struct))
    return parseStruct(modifiers, doc);
  if (at(K::Enum))
    return parseEnum(modifiers, doc);
  if (atWord("const") && at(K::Identifier, 1))
    return parseConst(modifiers, doc);
  if (at(K::Import))
    return parseImport(modifiers);
  reportUnknownItem();
  return nullptr;
}

/// Refuses what stands before an item that it says nothing about.
void Parser::refuseModifiers(const Modifiers &modifiers) {
  if (at(K::Extern)) {
    if (modifiers.isExport || modifiers.isFast || modifiers.threads)
      refuse(DiagKind::SyntaxError, {modifiers.start, here()}, "before 'extern' only 'pub' may stand");
    return;
  }
  bool isFunction = at(K::Fn) || at(K::Kernel) || (at(K::Async) && at(K::Fn, 1));
  if (modifiers.isExport && !isFunction && !atTest())
    refuse(DiagKind::SyntaxError, {modifiers.start, here()}, "'export' stands before 'fn' or 'async fn'");
  if (modifiers.isFast && !at(K::Kernel))
    refuse(DiagKind::SyntaxError, modifiers.fast.range, "'@fast' stands before a kernel");
  if (modifiers.threads && !at(K::Kernel))
    refuse(DiagKind::SyntaxError, modifiers.threadsRange, "'@threads' stands before a kernel");
}

bool Parser::parseModifiers(Modifiers &modifiers) {
  while (!panic) {
    if (at(K::At))
      parseAttribute(modifiers);
    else if (take(K::Pub))
      modifiers.isPub = true;
    else if (take(K::Export))
      modifiers.isExport = true;
    else
      return true;
  }
  return false;
}

void Parser::parseAttribute(Modifiers &modifiers) {
  SMLoc start = advance().range.Start;
  if (!at(K::Identifier)) {
    expected("the name of an attribute after '@'");
    return;
  }
  Token name = advance();
  SMRange range = since(start);
  if (name.text() == "fast") {
    modifiers.isFast = true;
    modifiers.fast = {K::At, range};
    return;
  }
  if (name.text() == "threads") {
    expect(K::LParen, " and the number of threads after '@threads'");
    modifiers.threads = panic ? nullptr : parseExpr();
    expect(K::RParen, " after the number of threads");
    modifiers.threadsRange = range;
    return;
  }
  if (name.text() == "warps")
    notYet(range, "'@" + name.text() + "'");
  else
    refuse(DiagKind::SyntaxError, range, "there is no attribute '@" + name.text().take_front(40) + "'")
        .help("a kernel takes '@fast' and '@threads(256)'");
  if (at(K::LParen))
    skipBalanced();
}

static FnDecl::Flavour flavourOf(TokenKind kind) {
  switch (kind) {
  case TokenKind::Async:
    return FnDecl::Async;
  case TokenKind::Kernel:
    return FnDecl::Kernel;
  default:
    return FnDecl::Plain;
  }
}

FnDecl *Parser::parseFunction(const Modifiers &modifiers, StringRef doc) {
  FnDecl::Flavour flavour = flavourOf(tok().kind);
  if (advance().is(K::Async))
    advance();
  if (!at(K::Identifier)) {
    expected(flavour == FnDecl::Kernel ? "the kernel's name" : "the function's name");
    return nullptr;
  }
  Token name = advance();
  auto *function = context.make<FnDecl>(name.text(), name.range.Start, flavour);
  function->doc = docText(doc);
  function->isPub = modifiers.isPub;
  function->isExport = modifiers.isExport;
  function->isFast = modifiers.isFast;
  function->threads = modifiers.threads;
  parseHead(function);
  if (flavour == FnDecl::Kernel) {
    if (panic || !(at(K::Each) || atReduction())) {
      expected("'each' after the head of the kernel");
      return nullptr;
    }
    function->each = at(K::Each) ? parseEach(EachOp::Map, here()) : parseReduction();
    if (auto *each = llvm::dyn_cast<EachExpr>(function->each); each && each->isValue)
      take(K::Semi);
  } else {
    skipToBlock();
    if (!panic && take(K::FatArrow)) {
      refuse(DiagKind::SyntaxError, since(function->loc), "the body of a function stands in braces");
      parseExpr();
      take(K::Semi);
      return nullptr;
    }
    function->body = parseBlock(" before the body of '" + name.text().take_front(40) + "'");
  }
  function->range = since(modifiers.start);
  return flavour == FnDecl::Kernel && !llvm::isa<EachExpr>(function->each) ? nullptr : function;
}

/// What stands between a function's name and its body.
void Parser::parseHead(FnDecl *function) {
  if (at(K::Lt))
    function->typeParams = parseTypeParams();
  function->params = parseParameters();
  if (take(K::Arrow)) {
    function->returnExpr = parseType();
  } else if (!panic && at(K::Colon)) {
    refuse(DiagKind::SyntaxError, tok().range, "the type of the result stands after '->'").fix(tok().range, " ->");
    advance();
    function->returnExpr = parseType();
  }
}

/// `extern fn name(...) -> T;`
FnDecl *Parser::parseExtern(const Modifiers &modifiers, StringRef doc) {
  advance();
  if (!at(K::Fn)) {
    expected("'fn' after 'extern'").help("a function of C is neither 'async' nor a kernel");
    return nullptr;
  }
  advance();
  if (!at(K::Identifier)) {
    expected("the function's name");
    return nullptr;
  }
  Token name = advance();
  auto *function = context.make<FnDecl>(name.text(), name.range.Start, FnDecl::Extern);
  function->doc = docText(doc);
  function->isPub = modifiers.isPub;
  parseHead(function);
  function->range = since(modifiers.start);
  if (!panic && at(K::LBrace))
    expected("';'").help("the body of an 'extern' function is elsewhere: it is linked with '-l'");
  else
    endStatement("the declaration");
  return panic ? nullptr : function;
}

/// `<T: num, U>`.
ArrayRef<TypeParam> Parser::parseTypeParams() {
  llvm::SmallVector<TypeParam> params;
  takeOpenAngle();
  while (!panic && !at(K::Gt)) {
    if (!at(K::Identifier)) {
      expected("the name of a type parameter");
      break;
    }
    Token name = advance();
    TypeParam param{name.text(), name.range.Start, TypeParam::Any};
    if (take(K::Colon)) {
      auto bound = llvm::StringSwitch<std::optional<TypeParam::Bound>>(tok().text())
                       .Case("num", TypeParam::Num)
                       .Case("float", TypeParam::Float)
                       .Case("int", TypeParam::Int)
                       .Default(std::nullopt);
      if (!bound)
        expected("a bound").help("the bounds are 'num', 'float' and 'int'");
      else
        advance();
      param.bound = bound.value_or(TypeParam::Any);
    }
    params.push_back(param);
    if (!take(K::Comma))
      break;
  }
  if (!panic && params.empty())
    expected("the name of a type parameter");
  noteAngle();
  expect(K::Gt, " after the type parameters");
  return context.list(ArrayRef<TypeParam>(params));
}

ArrayRef<VarDecl *> Parser::parseParameters() {
  llvm::SmallVector<VarDecl *> params;
  SMLoc open = here();
  if (!expect(K::LParen, " before the parameters"))
    return {};
  while (!atListEnd(K::RParen)) {
    if (VarDecl *param = parseParameter())
      params.push_back(param);
    if (!take(K::Comma))
      break;
  }
  if (!panic && !at(K::RParen))
    expected("',' or ')' after the parameter").note(open, "the parameters begin here");
  take(K::RParen);
  return context.list(ArrayRef<VarDecl *>(params));
}

VarDecl *Parser::parseParameter() {
  PassMode mode = PassMode::Read;
  SMLoc start = here();
  if (take(K::Mut))
    mode = PassMode::Mut;
  else if (take(K::Move))
    mode = PassMode::Move;
  if (!at(K::Identifier)) {
    if (at(K::Underscore))
      expected("the name of a parameter").help("every parameter has a name");
    else
      expected("a parameter, 'name: type'");
    return nullptr;
  }
  VarDecl *param = parseTypedName(start, VarDecl::Param);
  if (!param)
    return nullptr;
  param->mode = mode;
  param->isMut = mode == PassMode::Mut;
  return param;
}

/// `name: type` of a parameter or a field that begins at `start`.
VarDecl *Parser::parseTypedName(SMLoc start, VarDecl::Role role) {
  Token name = advance();
  StringRef noun = role == VarDecl::Field ? "field" : "parameter";
  if (at(K::Identifier) || at(K::LBracket)) {
    syntaxErrorAt(since(start), "a " + noun + " is written 'name: type'");
    return nullptr;
  }
  if (!take(K::Colon)) {
    expected("':' and the type of '" + name.text().take_front(40) + "'");
    return nullptr;
  }
  if (at(K::Mut) || at(K::Move)) {
    if (role == VarDecl::Field)
      syntaxError("a field has no '" + tok().text() + "'").help("what its struct's variable may do, its fields may");
    else
      syntaxError("'" + tok().text() + "' stands before the name of the parameter");
    return nullptr;
  }
  auto *var = context.make<VarDecl>(name.text(), name.range.Start, role);
  var->typeExpr = parseType();
  return var;
}

/// Something outside all functions that is no item.
void Parser::reportUnknownItem() {
  if (at(K::RBrace)) {
    syntaxError("this '}' closes nothing");
    return;
  }
  StringRef hint = llvm::StringSwitch<StringRef>(tok().text())
                       .Cases({"def", "func", "fun", "function", "void", "proc"}, "a function begins with 'fn'")
                       .Cases({"use", "using", "include", "from", "require", "mod", "module", "package"},
                              "a module is brought in by 'import name;'")
                       .Cases({"class", "type", "typedef", "trait", "interface", "union"},
                              "a type of one's own is a 'struct' or an 'enum'")
                       .Case("impl", "functions stand on their own, and take the value: 'fn area(s: Shape)'")
                       .Cases({"__global__", "__device__"}, "a kernel is written 'kernel name(...) each i in n { ... }'")
                       .Default("");
  auto error = at(K::Async) ? expected("'fn' after 'async'")
                            : expected("'fn', 'async fn', 'kernel', 'struct' or 'enum'");
  Nearest nearest(tok().text());
  for (StringRef word : {"async", "const", "enum", "export", "extern", "fn", "import", "kernel", "pub", "struct", "test"})
    nearest.consider(word);
  bool isMisspelt = at(K::Identifier) && at(K::Identifier, 1) && !nearest.found().empty();
  if (!hint.empty())
    error.help(hint);
  else if (isMisspelt)
    error.help("did you mean '" + nearest.found() + "'?").fix(tok().range, nearest.found());
  else if (startsStatement() || at(K::Identifier))
    error.help("statements stand in functions; a program begins in 'fn main()' or 'async fn main()'");
}
