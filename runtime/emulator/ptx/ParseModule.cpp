// Parses what a module consists of: its header, functions and their declarations, files, sections to skip.
#include "emulator/ptx/Parser.h"

using namespace awg::emu;

std::unique_ptr<PtxModule> awg::emu::parseModule(std::string text) {
  auto module = std::make_unique<PtxModule>();
  module->text = std::move(text);
  Parser(*module).parse();
  return module;
}

void Parser::unexpected(const char *wanted) const {
  const Token &token = peek();
  fail(std::string("expected ") + wanted + ", found " +
       (token.kind == Token::End ? "the end of the text" : "'" + std::string(token.text) + "'"));
}

bool Parser::accept(char c) {
  bool found = peek().is(c);
  pos += found;
  return found;
}

bool Parser::accept(std::string_view text) {
  bool found = peek().is(text);
  pos += found;
  return found;
}

void Parser::expect(char c) {
  const char wanted[] = {'\'', c, '\'', '\0'};
  if (!accept(c))
    unexpected(wanted);
}

std::string_view Parser::word(const char *what) {
  if (peek().kind != Token::Word)
    unexpected(what);
  return take().text;
}

uint64_t Parser::integer(const char *what) {
  if (peek().kind != Token::Integer)
    unexpected(what);
  return take().bits;
}

void Parser::parse() {
  if (!peek().is(".unit"))
    header();
  while (peek().kind != Token::End)
    if (peek().is(".unit"))
      unit();
    else
      item();
  endUnit();
}

/// `.unit "NAME"`, and a module.
void Parser::unit() {
  endUnit();
  uint32_t line = take().line;
  if (peek().kind != Token::String)
    unexpected("a unit's name");
  module.units.push_back({line, std::string(take().text)});
  header();
}

/// Of a unit's names those remain that are visible beyond it, or are to be found there.
void Parser::endUnit() {
  if (module.units.empty())
    return;
  std::erase_if(module.functionOf, [](auto &named) { return !named.second->isVisible && named.second->hasBody; });
  std::erase_if(module.variableOf, [](auto &named) { return !named.second->isVisible && !named.second->isExtern; });
  for (Function *f : hiddenFunctions)
    module.functionOf.emplace(f->name, f);
  for (Variable *v : hiddenVariables)
    module.variableOf.emplace(v->name, v);
  hiddenFunctions.clear();
  hiddenVariables.clear();
}

/// `.version 8.0`, whose number is lexed as a decimal; `.target sm_80, debug`; `.address_size 64`.
void Parser::header() {
  if (!accept(".version"))
    unexpected("'.version'");
  std::string_view version = take().text;
  module.version = 0;
  for (char c : version)
    if (c >= '0' && c <= '9')
      module.version = module.version * 10 + (c - '0');
  if (!accept(".target"))
    unexpected("'.target'");
  module.target = word("a target such as sm_80");
  while (accept(','))
    word("a target's option");
  if (accept(".address_size"))
    module.addressSize = integer("32 or 64");
  if (module.addressSize != 64)
    fail("only 64-bit addresses are supported");
}

void Parser::item() {
  isExtern = isVisible = isWeak = false;
  linkage();
  const Token &token = peek();
  if (accept(".entry"))
    return function(true);
  if (accept(".func"))
    return function(false);
  if (accept(".file"))
    return file();
  if (accept(".section"))
    return skipSection();
  if (accept(".alias"))
    return alias();
  if (accept(".pragma")) {
    while (!accept(';'))
      take().kind == Token::End ? unexpected("';'") : void();
    return;
  }
  if (token.kind == Token::Directive && parseSpace(token.text) != Space::Generic)
    return moduleVariable();
  unexpected("a directive such as '.entry'");
}

void Parser::linkage() {
  while (true) {
    if (accept(".extern"))
      isExtern = true;
    else if (accept(".weak") || accept(".common"))
      isVisible = isWeak = true;
    else if (accept(".visible"))
      isVisible = true;
    else
      return;
  }
}

void Parser::function(bool isEntry) {
  auto f = std::make_unique<Function>();
  f->isEntry = isEntry;
  f->isVisible = isVisible;
  f->isWeak = isWeak;
  f->line = peek().line;
  if (accept(".attribute")) {
    while (!accept(')'))
      take().kind == Token::End ? unexpected("')'") : void();
  }
  if (peek().is('('))
    f->results = parameters();
  f->name = word("a function's name");
  if (peek().is('('))
    f->params = parameters();
  functionDirectives(*f);
  if (accept(';')) {
    declare(std::move(f), false);
    return;
  }
  if (!peek().is('{'))
    unexpected("'{' or ';'");
  body(*declare(std::move(f), true));
}

/// What PTX allows between a function's parameters and its body.
void Parser::functionDirectives(Function &f) {
  while (peek().kind == Token::Directive) {
    if (accept(".maxntid")) {
      extents(f.maxThreads);
    } else if (accept(".reqntid")) {
      extents(f.requiredThreads);
    } else if (accept(".minnctapersm") || accept(".maxnctapersm") || accept(".maxnreg") || accept(".maxclusterrank")) {
      integer("a number");
    } else if (accept(".noreturn")) {
      continue;
    } else if (accept(".pragma")) {
      take();
      expect(';');
    } else if (peek().is(".reqnctapercluster") || peek().is(".explicitcluster")) {
      fail("clusters of blocks are not supported");
    } else {
      unexpected("'{'");
    }
  }
}

void Parser::extents(uint32_t (&to)[3]) {
  to[0] = to[1] = to[2] = 1;
  for (uint32_t &extent : to) {
    extent = integer("a number of threads");
    if (!accept(','))
      return;
  }
}

/// Enters a function, or finds the declaration that went before.
Function *Parser::declare(std::unique_ptr<Function> f, bool isDefinition) {
  auto [slot, isNew] = module.functionOf.try_emplace(f->name, f.get());
  if (!isNew && !isVisible && !isExtern && !isOfThisUnit(slot->second->line)) {
    hiddenFunctions.push_back(slot->second);
    slot->second = f.get();
    isNew = true;
  }
  if (!isNew) {
    Function *before = slot->second;
    if (isDefinition && before->hasBody && !before->isWeak && !f->isWeak)
      throw PtxError(f->line, "the function '" + std::string(f->name) + "' is defined twice");
    if (!isDefinition)
      return before;
    if (before->hasBody && f->isWeak) {
      module.spare.push_back(std::move(f));
      return module.spare.back().get();
    }
    // Calls point to the declaration, which becomes the definition.
    f->isVisible |= before->isVisible;
    f->hasBody = true;
    *before = std::move(*f);
    return before;
  }
  f->hasBody = isDefinition;
  module.functions.push_back(std::move(f));
  return slot->second;
}

/// `.file 1 "name"`, maybe followed by a time and a size.
void Parser::file() {
  uint32_t number = integer("a file's number");
  if (peek().kind != Token::String)
    unexpected("a file's name");
  module.files[fileOf(module.units.size(), number)] = take().text;
  while (accept(','))
    integer("a number");
}

/// Debug information is of no use here: `.loc` says all there is to say.
void Parser::skipSection() {
  take();
  expect('{');
  for (int depth = 1; depth;) {
    if (peek().kind == Token::End)
      unexpected("'}'");
    const Token &token = take();
    depth += token.is('{') - token.is('}');
  }
}

void Parser::alias() {
  std::string_view name = word("a function's name");
  expect(',');
  std::string_view target = word("a function's name");
  expect(';');
  auto of = module.functionOf.find(target);
  if (of == module.functionOf.end())
    fail("unknown function '" + std::string(target) + "'");
  module.functionOf[name] = of->second;
}
