// Translates loads, stores, atomics and fences.
#include "emulator/code/Modifiers.h"
#include "emulator/code/Translator.h"

#include "emulator/ops/Address.h"

#include <array>

using namespace awg::emu;

Translator::Transfer Translator::takeTransfer(const Operand &registers, const char *verb, const char *preposition) {
  Transfer transfer;
  transfer.lanes = take(".v2") ? 2 : take(".v4") ? 4 : take(".v8") ? 8 : 1;
  transfer.space = takeSpace();
  transfer.type = takeType();
  finishModifiers();
  if (transfer.type == Type::Pred || sizeOf(transfer.type) * transfer.lanes > 32)
    unsupported();
  bool isVector = transfer.lanes > 1;
  if ((registers.kind == Operand::Vector) != isVector || (isVector && registers.parts.size() != transfer.lanes))
    fail("'" + std::string(text()) + "' " + verb + " " + std::to_string(transfer.lanes) + " elements " + preposition +
         " as many registers");
  return transfer;
}

/// `ld.global.nc.v4.f32 {a, b, c, d}, [address]`. All accesses are strong enough for any order and scope.
void Translator::ld() {
  bool isWatched = inst->has(".volatile") || inst->has(".relaxed") || inst->has(".acquire");
  bool isCached = inst->has(".nc"), isOfBlock = inst->has(".cta");
  ignore(orders), ignore(scopes), ignore(cacheHints);
  take(".unified");
  count(2);
  const Operand &to = operand(0);
  auto [lanes, space, type] = takeTransfer(to, "loads", "into");
  int32_t out[8];
  uint32_t registerSize = 0;
  for (uint32_t i = 0; i < lanes; ++i) {
    const Operand &part = lanes > 1 ? to.parts[i] : to;
    out[i] = noSlot;
    if (part.kind == Operand::Discard)
      continue;
    if (part.kind != Operand::Reg || f.registers[part.reg].type == Type::Pred)
      fail("'" + std::string(text()) + "' loads into registers");
    if (registerSize && registerSize != sizeOfRegister(part))
      fail("the registers of '" + std::string(text()) + "' differ in size");
    registerSize = sizeOfRegister(part);
    out[i] = slots[part.reg];
  }
  Op &op = emit(loadHandler(type, registerSize ? registerSize : std::max(2u, sizeOf(type))));
  op.size = sizeOf(type);
  op.count = lanes;
  op.flag = op.isStrong = isWatched;
  op.isOfBlock = isOfBlock;
  op.isCached = isCached;
  std::copy(out, out + lanes, op.vector);
  address(op, operand(1), space);
  code.loads.push_back(code.ops.size() - 1);
}

void Translator::st() {
  bool isRelease = inst->has(".release"), isStrong = isRelease || inst->has(".volatile") || inst->has(".relaxed");
  bool isOfBlock = inst->has(".cta");
  ignore(orders), ignore(scopes), ignore(cacheHints);
  count(2);
  const Operand &from = operand(1);
  auto [lanes, space, type] = takeTransfer(from, "stores", "from");
  int32_t in[8];
  uint32_t registerSize = 0;
  for (uint32_t i = 0; i < lanes; ++i) {
    uint32_t size = 0;
    in[i] = inputWide(lanes > 1 ? from.parts[i] : from, type, size);
    if (i && size != registerSize)
      fail("the operands of '" + std::string(text()) + "' differ in size");
    registerSize = size;
  }
  Op &op = emit(storeHandler(sizeOf(type), registerSize));
  op.size = sizeOf(type);
  op.count = lanes;
  op.isStrong = isStrong;
  op.isOfBlock = isOfBlock;
  op.isRelease = isRelease;
  std::copy(in, in + lanes, op.vector);
  address(op, operand(0), space);
}

/// `atom.global.add.u32 d, [a], b` and, without a result, `red`. Of a vector each element is atomic alone.
void Translator::atom() {
  bool isReduction = inst->opcode == "red";
  take(".async");
  bool isRelease = inst->has(".release") || inst->has(".acq_rel"), isOfBlock = inst->has(".cta");
  ignore(orders), ignore(scopes), ignore(cacheHints);
  take(".noftz");
  size_t lanes = take(".v2") ? 2 : take(".v4") ? 4 : take(".v8") ? 8 : 1;
  Space space = takeSpace();
  std::string_view name = takeOf({".add", ".min", ".max", ".and", ".or", ".xor", ".exch", ".cas", ".inc", ".dec"});
  Type type = takeType();
  finishModifiers();
  bool isSwap = name == ".cas", isVector = lanes > 1;
  if (name.empty() || (isVector && !isFloat(type)))
    unsupported();
  size_t first = isReduction ? 0 : 1;
  count(first + (isSwap ? 3 : 2));
  auto part = [&](size_t index, size_t k) -> const Operand & {
    const Operand &o = operand(index);
    if ((o.kind == Operand::Vector) != isVector || (isVector && o.parts.size() != lanes))
      fail("'" + std::string(text()) + "' takes " + std::to_string(lanes) + " elements in as many registers");
    return isVector ? o.parts[k] : o;
  };
  // A result may be an operand of the elements that follow: they all come first.
  std::array<int32_t, 8> results;
  for (size_t k = 0; k < lanes; ++k) {
    int32_t b = input(part(first + 1, k), type), c = isSwap ? input(operand(first + 2), type) : noSlot;
    int32_t d = noSlot;
    if (!isReduction && part(0, k).kind != Operand::Discard)
      d = isVector ? temporary(sizeOf(type)) : output(operand(0), type);
    results[k] = d;
    Op &op = emit(atomicHandler(name.substr(1), type));
    op.size = sizeOf(type);
    op.dst = d;
    op.src[1] = b, op.src[2] = c;
    op.isStrong = true;
    op.isOfBlock = isOfBlock;
    op.isRelease = isRelease;
    op.isOfSwap = isSwap;
    op.readsToo = name != ".exch";
    address(op, operand(first), space);
    op.imm += k * sizeOf(type);
    if (isSwap) {
      swaps.push_back(op);
      code.swapSizes |= op.size;
    }
  }
  for (size_t k = 0; k < lanes && isVector; ++k) {
    if (results[k] == noSlot)
      continue;
    int32_t d = output(part(0, k), type);
    Op &op = emit(moveHandler(sizeOf(type)));
    op.dst = d;
    op.src[0] = results[k];
  }
}

void Translator::fence() {
  bool isOfBlock = take(".cta");
  left.clear();
  emit(controlHandler("fence")).isOfBlock = isOfBlock;
}

/// A policy is what hints have for an operand, and they are dropped: any will do.
void Translator::createPolicy() {
  left.clear();
  int32_t none = constant(0, 8), d = output(operand(0), Type::B64);
  Op &op = emit(moveHandler(8));
  op.dst = d;
  op.src[0] = none;
}

/// Hints, and what waits for nothing here.
void Translator::nothing() {
  left.clear();
  emit(controlHandler("nop"));
}
