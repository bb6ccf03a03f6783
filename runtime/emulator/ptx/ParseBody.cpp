// Parses the bodies of functions: scopes, labels, instructions and their operands.
#include "emulator/ptx/Parser.h"

#include <bit>
#include <charconv>

using namespace awg::emu;

/// Of a function.
static constexpr size_t mostRegisters = size_t(1) << 18;

void Parser::body(Function &f) {
  current = &f;
  source = {};
  callerOf.clear();
  scopes.clear();
  scopes.emplace_back();
  for (auto &v : f.params)
    scopes.back().variables[v->name] = v.get();
  for (auto &v : f.results)
    scopes.back().variables[v->name] = v.get();
  block();
  scopes.clear();
  current = nullptr;
}

/// Nested blocks are loops here, not recursion: their depth is the text's to choose.
void Parser::block() {
  size_t outermost = scopes.size();
  expect('{');
  scopes.emplace_back();
  while (scopes.size() > outermost) {
    if (accept('}'))
      scopes.pop_back();
    else if (accept('{'))
      scopes.emplace_back();
    else
      statement();
  }
}

void Parser::statement() {
  if (accept(';'))
    return;
  if (peek().kind == Token::Directive)
    return bodyDirective();
  if (peek().kind == Token::Word && peek(1).is(':'))
    return label();
  instruction();
}

void Parser::bodyDirective() {
  if (accept(".loc"))
    return location();
  if (accept(".pragma")) {
    take();
    return expect(';');
  }
  if (accept(".reg"))
    return registers();
  if (accept(".file"))
    return file();
  isExtern = isVisible = isWeak = false;
  linkage();
  Space space = parseSpace(peek().text);
  if (space == Space::Generic)
    unexpected("an instruction or a declaration");
  take();
  do {
    auto v = declarator(space);
    if (accept('='))
      initialiser(*v);
    scopes.back().variables[v->name] = v.get();
    current->locals.push_back(std::move(v));
  } while (accept(','));
  expect(';');
}

/// `.reg .b32 %r<8>, %x;`
void Parser::registers() {
  Type type = parseType(peek().text);
  if (type == Type::None)
    unexpected("a register's type");
  take();
  do {
    std::string_view name = word("a register's name");
    if (!accept('<')) {
      addRegister(name, type);
      continue;
    }
    uint64_t count = integer("a number of registers");
    expect('>');
    if (count > mostRegisters - current->registers.size()) // before they take the time to be made
      fail("too many registers");
    for (uint64_t i = 0; i < count; ++i) {
      // Names of a range stand nowhere in the text; the module keeps them.
      static thread_local std::string buffer;
      buffer.assign(name).append(std::to_string(i));
      addRegister(*module.names.insert(buffer).first, type);
    }
  } while (accept(','));
  expect(';');
}

void Parser::addRegister(std::string_view name, Type type) {
  if (current->registers.size() >= mostRegisters)
    fail("too many registers");
  scopes.back().registers[name] = current->registers.size();
  current->registers.push_back({name, type});
}

/// `.loc 1 12 3`, maybe with where it was inlined.
void Parser::location() {
  auto place = [&] {
    SourceLine at;
    at.file = fileOf(module.units.size(), integer("a file's number"));
    at.line = integer("a line");
    at.column = integer("a column");
    return at;
  };
  SourceLine found = place();
  while (accept(',')) {
    if (accept("function_name")) {
      word("a label");
      if (accept('+'))
        integer("an offset");
    } else if (accept("inlined_at")) {
      found.caller = callerAt(place());
    } else {
      unexpected("'function_name' or 'inlined_at'");
    }
  }
  if (!found.line) // what the compiler made: it belongs to what was before
    return;
  callerOf[{found.file, found.line, found.column}] = found.caller;
  source = found;
}

/// A place that something was inlined into, which may have been inlined itself.
uint32_t Parser::callerAt(const SourceLine &place) {
  auto known = callerOf.find({place.file, place.line, place.column});
  SourceLine caller = place;
  caller.caller = known == callerOf.end() ? 0 : known->second;
  const SourceLine &last = module.callers.back();
  bool isLast = last.file == caller.file && last.line == caller.line && last.column == caller.column && last.caller == caller.caller;
  if (!isLast)
    module.callers.push_back(caller);
  return module.callers.size() - 1;
}

/// A label, of code or of a list of targets or a prototype.
void Parser::label() {
  std::string_view name = take().text;
  expect(':');
  if (accept(".branchtargets") || accept(".calltargets")) {
    std::vector<std::string_view> &targets = current->branchTargets[name];
    do
      targets.push_back(word("a label"));
    while (accept(','));
    return expect(';');
  }
  if (accept(".callprototype")) {
    auto f = std::make_unique<Function>();
    if (peek().is('('))
      f->results = parameters();
    f->name = word("'_'");
    if (peek().is('('))
      f->params = parameters();
    functionDirectives(*f);
    current->prototypes[name] = std::move(f);
    return expect(';');
  }
  if (!current->labels.try_emplace(name, current->body.size()).second)
    fail("the label '" + std::string(name) + "' is defined twice");
}

int Parser::guardRegister() {
  int reg = -1;
  std::string_view name = word("a predicate");
  if (!findRegister(name, reg) || current->registers[reg].type != Type::Pred)
    fail("'" + std::string(name) + "' is not a predicate");
  return reg;
}

void Parser::instruction() {
  Instruction inst;
  inst.source = source;
  if (accept('@')) {
    inst.guardNegated = accept('!');
    inst.guard = guardRegister();
  }
  inst.line = peek().line;
  inst.opcode = word("an instruction");
  while (peek().kind == Token::Directive)
    inst.modifiers.push_back(take().text);
  if (inst.opcode == "call") {
    call(inst);
  } else if (!peek().is(';')) {
    do
      inst.operands.push_back(operand());
    while (accept(','));
  }
  expect(';');
  // A cache policy is a hint: it is dropped, with the modifier that announces it.
  if (std::erase(inst.modifiers, ".L2::cache_hint") && !inst.operands.empty())
    inst.operands.pop_back();
  current->body.push_back(std::move(inst));
}

/// `call (result), target, (arguments), targets;` with all but the target left out at will.
void Parser::call(Instruction &inst) {
  Operand results, arguments;
  results.kind = arguments.kind = Operand::Vector;
  if (peek().is('(')) {
    results = callList();
    expect(',');
  }
  Operand target = operand();
  Operand targets;
  if (accept(',')) {
    if (peek().is('(')) {
      arguments = callList();
      if (accept(','))
        targets = operand();
    } else {
      targets = operand();
    }
  }
  inst.operands = {std::move(results), std::move(target), std::move(arguments), std::move(targets)};
}

Operand Parser::callList() {
  Operand list;
  list.kind = Operand::Vector;
  expect('(');
  while (!accept(')')) {
    list.parts.push_back(operand());
    if (!peek().is(')'))
      expect(',');
  }
  return list;
}

Operand Parser::operand() {
  Nesting nesting(*this);
  const Token &token = peek();
  Operand o;
  if (token.is('['))
    return address();
  if (token.is('{'))
    return vector();
  if (accept('!')) {
    o = operand();
    o.negated = true;
    return o;
  }
  if (token.kind == Token::Word)
    return named();
  bool negative = token.is('-') && (peek(1).kind == Token::Single || peek(1).kind == Token::Double);
  pos += negative;
  if (peek().kind == Token::Single || peek().kind == Token::Double) {
    const Token &number = take();
    o.kind = number.kind == Token::Single ? Operand::Single : Operand::Double;
    o.bits = number.bits ^ (uint64_t{negative} << (number.kind == Token::Single ? 31 : 63));
    return o;
  }
  if (token.kind != Token::Integer && !token.is('-') && !token.is('~') && !token.is('(') && !token.is('+'))
    unexpected("an operand");
  o.kind = Operand::Integer;
  o.bits = constant();
  return o;
}

bool Parser::findRegister(std::string_view name, int &reg) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (auto found = scope->registers.find(name); found != scope->registers.end())
      return reg = found->second, true;
  return false;
}

const Variable *Parser::findVariable(std::string_view name) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (auto found = scope->variables.find(name); found != scope->variables.end())
      return found->second;
  auto found = module.variableOf.find(name);
  return found == module.variableOf.end() ? nullptr : found->second;
}

/// Shared memory that the driver keeps for cooperative groups: here one more variable, of kernels that ask for it.
const Variable *Parser::reservedShared() {
  constexpr std::string_view name = "%reserved_smem";
  auto [slot, isNew] = module.variableOf.try_emplace(name, nullptr);
  if (isNew) {
    auto v = std::make_unique<Variable>();
    v->name = name;
    v->space = Space::Shared;
    v->type = Type::B8;
    v->align = 128;
    v->size = 288; // as cooperative groups expect
    v->isVisible = true;
    slot->second = v.get();
    module.variables.push_back(std::move(v));
  }
  return slot->second;
}

/// An operand that starts with a name: `%r1`, `%p|%q`, `%tid.x`, `variable+8`, `function`, `label`, `_`.
Operand Parser::named() {
  Operand o;
  o.name = take().text;
  if (findRegister(o.name, o.reg)) {
    o.kind = Operand::Reg;
  } else if (o.name == "_") {
    o.kind = Operand::Discard;
  } else if (o.name == "WARP_SZ") {
    o.kind = Operand::Integer;
    o.bits = 32;
  } else if (o.name[0] == '%') {
    o.kind = Operand::Special;
    if (peek().kind == Token::Directive) // `%tid.x`, as one name of the text
      o.name = std::string_view(o.name.data(), o.name.size() + take().text.size());
    if (o.name == "%reserved_smem_offset_1") {
      o.kind = Operand::Variable;
      o.variable = reservedShared();
    }
  } else if ((o.variable = findVariable(o.name))) {
    o.kind = Operand::Variable;
    if (peek().is('+') || peek().is('-'))
      o.offset = constant();
  } else if (auto f = module.functionOf.find(o.name); f != module.functionOf.end()) {
    o.kind = Operand::Callee;
    o.function = f->second;
  } else {
    o.kind = Operand::Label;
  }
  if (accept('|')) {
    std::string_view name = word("a register");
    if (name != "_" && !findRegister(name, o.second))
      fail("unknown register '" + std::string(name) + "'");
  }
  return o;
}

Operand Parser::vector() {
  Operand o;
  o.kind = Operand::Vector;
  expect('{');
  while (!accept('}')) {
    o.parts.push_back(operand());
    if (!peek().is('}'))
      expect(',');
  }
  return o;
}

/// `[%rd1+8]`, `[variable+8]`, `[4096]`.
Operand Parser::address() {
  Operand o;
  expect('[');
  o.kind = Operand::Address;
  if (peek().kind == Token::Word && !peek().is("WARP_SZ")) {
    o.name = take().text;
    if (!findRegister(o.name, o.reg) && !(o.variable = findVariable(o.name)))
      throw PtxError(peek().line, "unknown name '" + std::string(o.name) + "'");
    if (peek().is('+') || peek().is('-'))
      o.offset = constant();
  } else {
    o.offset = constant();
  }
  if (!accept(']'))
    unexpected("']'; addresses are a register or a variable with an offset");
  return o;
}
