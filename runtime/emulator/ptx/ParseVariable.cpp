// Parses variables and parameters, with their initial values.
#include "emulator/ptx/Parser.h"

#include <algorithm>
#include <bit>
#include <cstring>

using namespace awg::emu;

/// The part of a declaration after its space: `.align 4 .b8 name[16]`.
std::unique_ptr<Variable> Parser::declarator(Space space) {
  auto v = std::make_unique<Variable>();
  v->space = space;
  v->isExtern = isExtern;
  v->isVisible = isVisible;
  v->isWeak = isWeak;
  v->line = peek().line;
  v->type = Type::None;
  uint32_t align = 0, lanes = 1;
  while (peek().kind == Token::Directive) {
    if (accept(".align")) {
      align = integer("an alignment");
      if (!std::has_single_bit(align))
        fail("an alignment is a power of two");
    } else if (accept(".ptr")) {
      // What a pointer parameter points to is of no interest; its own alignment is its type's.
      while (peek().kind == Token::Directive)
        if (take().text == ".align")
          integer("an alignment");
    } else if (accept(".v2")) {
      lanes = 2;
    } else if (accept(".v4")) {
      lanes = 4;
    } else if (accept(".attribute")) {
      while (!accept(')'))
        take().kind == Token::End ? unexpected("')'") : void();
    } else if (Type type = parseType(peek().text); type != Type::None) {
      v->type = type;
      take();
    } else {
      unexpected("a type");
    }
  }
  if (v->type == Type::None || v->type == Type::Pred)
    unexpected("a type");
  v->name = word("a name");
  v->size = uint64_t{sizeOf(v->type)} * lanes;
  v->align = align ? align : v->size;
  while (accept('[')) {
    uint64_t extent = peek().is(']') ? 0 : constant();
    constexpr uint64_t most = uint64_t{1} << 40;
    if (extent > most || v->size > most / std::max<uint64_t>(extent, 1))
      fail("a variable is too large");
    v->size *= extent;
    expect(']');
  }
  return v;
}

std::vector<std::unique_ptr<Variable>> Parser::parameters() {
  std::vector<std::unique_ptr<Variable>> list;
  expect('(');
  while (!accept(')')) {
    if (!accept(".param"))
      unexpected("'.param'");
    list.push_back(declarator(Space::Param));
    if (!peek().is(')'))
      expect(',');
  }
  uint64_t offset = 0;
  for (auto &v : list) {
    offset = (offset + v->align - 1) & ~uint64_t{v->align - 1};
    v->address = offset;
    offset += v->size;
  }
  return list;
}

void Parser::moduleVariable() {
  Space space = parseSpace(take().text);
  do {
    auto v = declarator(space);
    if (accept('='))
      initialiser(*v);
    auto [slot, isNew] = module.variableOf.try_emplace(v->name, v.get());
    if (!isNew && !v->isVisible && !v->isExtern && !isOfThisUnit(slot->second->line)) {
      hiddenVariables.push_back(slot->second);
      slot->second = v.get();
      isNew = true;
    }
    if (isNew) {
      module.variables.push_back(std::move(v));
      continue;
    }
    Variable &before = *slot->second;
    if (!v->isExtern && !before.isExtern && !v->isWeak && !before.isWeak)
      throw PtxError(v->line, "the variable '" + std::string(v->name) + "' is defined twice");
    if (v->isExtern || (v->isWeak && !before.isExtern))
      continue;
    before = std::move(*v); // uses point to the declaration, which becomes the definition
  } while (accept(','));
  expect(';');
}

void Parser::initialiser(Variable &v) {
  if (v.space != Space::Global && v.space != Space::Const)
    fail("a variable of this space has no initial value");
  uint64_t offset = 0;
  initialValue(v, offset);
  if (!v.size)
    v.size = offset;
}

void Parser::initialValue(Variable &v, uint64_t &offset) {
  Nesting nesting(*this);
  if (accept('{')) {
    while (!accept('}')) {
      initialValue(v, offset);
      if (!peek().is('}'))
        expect(',');
    }
    return;
  }
  uint32_t size = sizeOf(v.type);
  const Token &token = peek();
  if (v.size && offset + size > v.size)
    fail("the variable '" + std::string(v.name) + "' has more initial values than elements");
  bool isMask = token.kind == Token::Integer && peek(1).is('(');
  if (token.kind == Token::Word || isMask) {
    initialSymbol(v, offset);
  } else if (token.kind == Token::Single || token.kind == Token::Double ||
             (token.is('-') && peek(1).kind >= Token::Single)) {
    bool negative = accept('-');
    const Token &number = take();
    bool isDouble = v.type == Type::F64 || v.type == Type::B64;
    double value = number.kind == Token::Single ? std::bit_cast<float>(static_cast<uint32_t>(number.bits))
                                                : std::bit_cast<double>(number.bits);
    value = negative ? -value : value;
    put(v, offset, isDouble ? std::bit_cast<uint64_t>(value) : std::bit_cast<uint32_t>(static_cast<float>(value)),
        size);
  } else {
    put(v, offset, constant(), size);
  }
  offset += size;
}

void Parser::put(Variable &v, uint64_t offset, uint64_t bits, uint32_t size) {
  v.init.resize(std::max<uint64_t>(v.init.size(), offset + size));
  std::memcpy(v.init.data() + offset, &bits, std::min<uint32_t>(size, 8));
}

/// `name`, `name+8`, `generic(name)+8`, `0xFF00(name)`.
void Parser::initialSymbol(Variable &v, uint64_t offset) {
  uint32_t shift = 0;
  if (peek().kind == Token::Integer)
    shift = std::countr_zero(take().bits) & 63;
  bool isWrapped = shift || peek().is('(') || peek(1).is('(');
  if (isWrapped) {
    if (peek().kind == Token::Word)
      take();
    expect('(');
    if (peek(1).is('(')) // 0xFF(generic(name))
      take(), take();
  }
  std::string_view name = word("a symbol");
  int64_t addend = 0;
  auto addends = [&] {
    while (peek().is('+') || peek().is('-'))
      addend += accept('-') ? -constantFactor() : (expect('+'), constantFactor());
  };
  addends();
  while (isWrapped && accept(')'))
    ;
  addends();
  auto variable = module.variableOf.find(name);
  auto function = module.functionOf.find(name);
  if (variable == module.variableOf.end() && function == module.functionOf.end())
    fail("unknown symbol '" + std::string(name) + "'");
  uint32_t size = std::min<uint32_t>(sizeOf(v.type), 8);
  put(v, offset, 0, size);
  v.relocations.push_back({offset, size, variable != module.variableOf.end() ? variable->second : nullptr,
                           function != module.functionOf.end() ? function->second : nullptr, addend, shift});
}

/// An integer constant: sums and products of integers. The address space of constants is too small to overflow by
/// sense.
int64_t Parser::constant() {
  auto product = [&] {
    int64_t value = constantFactor();
    while (accept('*'))
      value = static_cast<uint64_t>(value) * constantFactor();
    return value;
  };
  uint64_t value = product();
  while (peek().is('+') || peek().is('-'))
    value += accept('-') ? -static_cast<uint64_t>(product()) : (expect('+'), product());
  return value;
}

int64_t Parser::constantFactor() {
  Nesting nesting(*this);
  if (accept('-'))
    return -static_cast<uint64_t>(constantFactor());
  if (accept('~'))
    return ~constantFactor();
  if (accept('+'))
    return constantFactor();
  if (accept('(')) {
    int64_t value = constant();
    expect(')');
    return value;
  }
  if (accept("WARP_SZ"))
    return 32;
  return integer("a number");
}
