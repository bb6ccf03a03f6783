// Operands: where their values lie.
#include "emulator/code/Translator.h"

#include "emulator/ops/Address.h"
#include "emulator/ops/HalfFloat.h"

using namespace awg::emu;

const Operand &Translator::operand(size_t index) const {
  if (index >= inst->operands.size())
    fail("'" + std::string(text()) + "' has too few operands");
  return inst->operands[index];
}

void Translator::count(size_t least, size_t most) const {
  if (inst->operands.size() < least || inst->operands.size() > most)
    fail("'" + std::string(text()) + "' has " + std::to_string(inst->operands.size()) + " operands, not " +
         std::to_string(least));
}

uint32_t Translator::sizeOfRegister(const Operand &o) const {
  Type type = f.registers[o.reg].type;
  return type == Type::Pred ? 0 : std::max(2u, sizeOf(type));
}

/// A constant in all lanes; of size 0 it is a predicate.
int32_t Translator::constant(uint64_t bits, uint32_t size) {
  if (!size) {
    bits = bits ? 0xffffffff : 0;
    size = 4;
  }
  if (size < 8)
    bits &= (uint64_t{1} << (8 * size)) - 1;
  auto [found, isNew] = constants.try_emplace({bits, size}, 0);
  if (isNew) {
    constantList.push_back({bits, size});
    found->second = -int32_t(constantList.size() * 256);
  }
  return found->second;
}

uint64_t Translator::immediate(const Operand &o, Type type) const {
  uint32_t size = sizeOf(type);
  if (o.kind == Operand::Integer) {
    if (type == Type::F32 || type == Type::F64)
      fail("an integer stands where a float is expected");
    return o.bits;
  }
  double value = o.kind == Operand::Single ? std::bit_cast<float>(uint32_t(o.bits)) : std::bit_cast<double>(o.bits);
  if (o.kind == Operand::Single && size == 4)
    return o.bits;
  if (size == 8)
    return o.kind == Operand::Double ? o.bits : std::bit_cast<uint64_t>(value);
  if (size == 4)
    return std::bit_cast<uint32_t>(float(value));
  if (type == Type::F16)
    return toF16(toOdd(value));
  if (type == Type::BF16)
    return toBF16(toOdd(value));
  fail("a float stands where an integer is expected");
}

int32_t Translator::temporary(uint32_t size) {
  int32_t slot = registerBytes;
  code.registers.push_back({registerBytes, size});
  registerBytes += std::max(64u, 32 * size);
  return slot;
}

bool Translator::isFrameVariable(const Variable &v) const {
  if (v.space == Space::Local)
    return true;
  if (v.space != Space::Param)
    return false;
  if (!f.isEntry)
    return true;
  for (auto &param : f.params)
    if (param.get() == &v)
      return false;
  return true;
}

/// The address of a variable that is the same for all threads.
uint64_t Translator::fixedAddress(const Variable &v) const {
  if (v.space == Space::Param)
    return paramWindow + v.address;
  return v.address;
}

int32_t Translator::variableAddress(const Operand &o, uint32_t size) {
  if (size != 4 && size != 8)
    fail("the address of '" + std::string(o.name) + "' does not fit");
  if (!isFrameVariable(*o.variable))
    return constant(fixedAddress(*o.variable) + o.offset, size);
  int32_t slot = temporary(size);
  Op &op = emit(frameAddressHandler(size));
  op.guard = noSlot;
  op.dst = slot;
  op.imm = o.variable->address + o.offset;
  return slot;
}

/// A source of exactly the type's size.
int32_t Translator::input(const Operand &o, Type type) {
  uint32_t registerSize = 0;
  int32_t slot = inputWide(o, type, registerSize);
  uint32_t wanted = std::max(2u, sizeOf(type));
  if (registerSize != wanted)
    fail("the operand '" + std::string(o.name) + "' of '" + std::string(text()) + "' has " +
         std::to_string(8 * registerSize) + " bits, not " + std::to_string(8 * wanted));
  return slot;
}

/// A source that may be wider than the type; immediates are of the type's size.
int32_t Translator::inputWide(const Operand &o, Type type, uint32_t &registerSize) {
  registerSize = std::max(2u, sizeOf(type));
  switch (o.kind) {
  case Operand::Reg:
    if (o.negated || f.registers[o.reg].type == Type::Pred)
      fail("a predicate stands where a value of " + std::string(nameOf(type)) + " is expected");
    registerSize = sizeOfRegister(o);
    return slots[o.reg];
  case Operand::Integer:
  case Operand::Single:
  case Operand::Double:
    if (registerSize > 8)
      fail("an immediate value of 128 bits is not supported");
    return constant(immediate(o, type), registerSize);
  case Operand::Variable:
    return variableAddress(o, registerSize);
  case Operand::Callee: {
    auto callee = program.codeOf.find(o.function);
    if (callee == program.codeOf.end())
      fail("the function '" + std::string(o.name) + "' is declared but not defined");
    for (size_t i = 0; i < program.functions.size(); ++i)
      if (program.functions[i].get() == callee->second)
        return constant(codeWindow + i, 8);
    break;
  }
  case Operand::Special: {
    int index = specialIndex(o.name);
    if (index < 0)
      fail("unknown register '" + std::string(o.name) + "'");
    int32_t slot = temporary(registerSize);
    Op &op = emit(specialHandler(registerSize));
    op.guard = noSlot;
    op.dst = slot;
    op.imm = index;
    return slot;
  }
  default:
    break;
  }
  fail(o.name.empty() ? "'" + std::string(text()) + "' has an operand of the wrong kind"
                      : "unknown name '" + std::string(o.name) + "'");
}

/// A predicate; `negated` is for the caller to see to.
int32_t Translator::inputPredicate(const Operand &o) {
  if (o.kind == Operand::Integer)
    return constant(o.bits, 0);
  if (o.kind != Operand::Reg || f.registers[o.reg].type != Type::Pred)
    fail("'" + std::string(text()) + "' needs a predicate where '" + std::string(o.name) + "' stands");
  return slots[o.reg];
}

int32_t Translator::output(const Operand &o, Type type) {
  if (o.kind == Operand::Discard)
    return temporary(std::max(2u, sizeOf(type)));
  if (o.kind != Operand::Reg || f.registers[o.reg].type == Type::Pred)
    fail("the result of '" + std::string(text()) + "' goes into a register");
  if (sizeOfRegister(o) != std::max(2u, sizeOf(type)))
    fail("the result of '" + std::string(text()) + "' has " + std::to_string(8 * sizeOf(type)) + " bits, '" +
         std::string(o.name) + "' has " + std::to_string(8 * sizeOfRegister(o)));
  return slots[o.reg];
}

int32_t Translator::outputPredicate(int reg) {
  if (reg < 0 || f.registers[reg].type != Type::Pred)
    fail("'" + std::string(text()) + "' writes a predicate");
  return slots[reg];
}

Op &Translator::emit(Handler handler) {
  if (!handler)
    unsupported();
  Op op;
  op.run = handler;
  op.instruction = code.places.size() - 1;
  if (inst->guard >= 0) {
    op.guard = slots[inst->guard];
    op.guardNegated = inst->guardNegated;
  }
  code.ops.push_back(op);
  return code.ops.back();
}

/// An operation of one type throughout: a result and `operands` sources.
Op &Translator::emitPlain(Handler handler, Type type, size_t operands) {
  finishModifiers();
  if (!handler)
    unsupported();
  count(operands + 1);
  int32_t in[4] = {noSlot, noSlot, noSlot, noSlot};
  for (size_t i = 0; i < operands; ++i)
    in[i] = input(operand(i + 1), type);
  int32_t out = output(operand(0), type);
  Op &op = emit(handler);
  std::copy(in, in + 4, op.src);
  op.dst = out;
  op.size = sizeOf(type);
  return op;
}

/// Fills in an address operand, and the space it is in after all.
void Translator::address(Op &op, const Operand &o, Space space) {
  if (o.kind != Operand::Address)
    fail("'" + std::string(text()) + "' needs an address in brackets");
  op.space = space;
  op.imm = o.offset;
  op.cacheSlot = cacheSlots++ % 64;
  if (o.reg >= 0) {
    uint32_t size = sizeOfRegister(o);
    if (size != 4 && size != 8)
      fail("an address has 32 or 64 bits");
    op.src[0] = slots[o.reg];
    op.variant = size == 4 ? Base32 : Base64;
    if (space == Space::Param && !f.isEntry)
      op.space = Space::Local;
    return;
  }
  op.variant = NoBase;
  if (!o.variable)
    return;
  const Variable &v = *o.variable;
  bool isOfFrame = isFrameVariable(v);
  if (isOfFrame) {
    op.space = Space::Local;
    op.variant = FrameBase;
    op.imm += v.address;
  } else {
    op.space = v.space == Space::Param ? Space::Param : space == Space::Generic ? v.space : space;
    op.imm += v.space == Space::Param ? v.address : fixedAddress(v);
  }
}
