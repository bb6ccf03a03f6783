// Translates comparisons, selections, conversions and moves.
#include "emulator/code/Translator.h"

#include "emulator/ops/HalfFloat.h"

#include <bit>

using namespace awg::emu;

static bool isPair(Type type) {
  return type == Type::F16x2 || type == Type::BF16x2 || type == Type::U16x2 || type == Type::S16x2;
}

/// `.lt.and.ftz.f32`: sources are operands 1 and 2, the predicate to combine with, if any, is operand 3.
void Translator::comparison(Op &op, Type type, size_t first) {
  std::string_view combine = takeOf({".and", ".or", ".xor"});
  bool flush = take(".ftz");
  finishModifiers();
  count(combine.empty() ? first + 2 : first + 3);
  op.src[0] = input(operand(first), type);
  op.src[1] = input(operand(first + 1), type);
  if (!combine.empty()) {
    op.src[2] = inputPredicate(operand(first + 2));
    op.flag = operand(first + 2).negated;
    op.variant = combine == ".and" ? 1 : combine == ".or" ? 2 : 3;
  }
  op.control = flush ? 0x1f80 | 0x8040 : 0;
}

void Translator::setp() {
  if (left.empty())
    unsupported();
  std::string_view name = left[0].substr(1);
  left.erase(left.begin());
  Type type = takeType();
  Op shape;
  comparison(shape, type, 1);
  const Operand &to = operand(0);
  shape.dst = to.kind == Operand::Discard ? noSlot : outputPredicate(to.reg);
  shape.dst2 = to.second < 0 ? noSlot : outputPredicate(to.second);
  Op &op = emit(setpHandler(name, type));
  shape.run = op.run, shape.guard = op.guard, shape.guardNegated = op.guardNegated, shape.instruction = op.instruction;
  op = shape;
}

void Translator::set() {
  if (left.empty())
    unsupported();
  std::string_view name = left[0].substr(1);
  left.erase(left.begin());
  Type to = takeType(), type = takeType();
  if (isPair(type) ? sizeOf(to) != 4 || to == Type::F32 : isPair(to))
    unsupported();
  Op shape;
  comparison(shape, type, 1);
  shape.dst = output(operand(0), to);
  shape.size = sizeOf(to);
  shape.imm = to == Type::F32 ? 0x3f800000 : to == Type::F16 || to == Type::F16x2     ? 0x3c00
                                       : to == Type::BF16 || to == Type::BF16x2 ? 0x3f80
                                                                                : -1;
  Op &op = emit(setHandler(name, type, to));
  shape.run = op.run, shape.guard = op.guard, shape.guardNegated = op.guardNegated, shape.instruction = op.instruction;
  op = shape;
}

void Translator::selp() {
  Type type = takeType();
  finishModifiers();
  count(4);
  int32_t a = input(operand(1), type), b = input(operand(2), type), p = inputPredicate(operand(3));
  int32_t d = output(operand(0), type);
  Op &op = emit(selpHandler(sizeOf(type)));
  op.dst = d;
  op.src[0] = a, op.src[1] = b, op.src[2] = p;
  op.flag = operand(3).negated;
}

void Translator::slct() {
  bool flush = take(".ftz");
  Type type = takeType(), by = takeType();
  finishModifiers();
  count(4);
  if (by != Type::F32 && by != Type::S32)
    unsupported();
  int32_t a = input(operand(1), type), b = input(operand(2), type), c = input(operand(3), by);
  int32_t d = output(operand(0), type);
  Op &op = emit(slctHandler(sizeOf(type), by == Type::F32));
  op.dst = d;
  op.src[0] = a, op.src[1] = b, op.src[2] = c;
  op.control = flush;
}

void Translator::testp() {
  if (left.empty())
    unsupported();
  std::string_view property = left[0].substr(1);
  left.erase(left.begin());
  Type type = takeType();
  finishModifiers();
  count(2);
  int32_t a = input(operand(1), type);
  int32_t d = outputPredicate(operand(0).reg);
  Op &op = emit(testpHandler(property, type));
  op.dst = d;
  op.src[0] = a;
}

void Translator::cvt() {
  ConvertSpec spec = {};
  bool isFromTiny = left.size() && left.back() != ".f32" && left.back() != ".f16x2";
  std::string_view tiny = takeOf({".e4m3x2", ".e5m2x2"});
  (tiny.empty() || isFromTiny ? spec.to : spec.from) = takeType();
  if (tiny.empty())
    spec.from = takeType();
  std::string_view integral = takeOf({".rni", ".rzi", ".rmi", ".rpi"});
  spec.integral = integral == ".rni" ? 1 : integral == ".rzi" ? 2 : integral == ".rmi" ? 3 : integral == ".rpi" ? 4 : 0;
  std::string_view mode = takeOf({".rn", ".rz", ".rm", ".rp", ".rna"});
  uint32_t control = mode == ".rm" ? 0x2000 : mode == ".rp" ? 0x4000 : mode == ".rz" ? 0x6000 : 0;
  spec.narrow = mode == ".rz" ? TowardsZero : mode == ".rna" ? Away : mode == ".rm" ? Down : mode == ".rp" ? Up : Nearest;
  spec.flush = take(".ftz");
  spec.saturate = (take(".sat") ? 1 : 0) | (take(".relu") ? 2 : 0) | (take(".satfinite") ? 4 : 0);
  finishModifiers();
  if (!tiny.empty())
    return cvtTiny(tiny, spec);
  if (spec.to == Type::F16x2 || spec.to == Type::BF16x2)
    return cvtPair(spec);
  bool isNarrow = spec.to == Type::F16 || spec.to == Type::BF16 || spec.to == Type::TF32;
  if (spec.to == Type::None || spec.from == Type::None || spec.to == Type::Pred || spec.from == Type::Pred ||
      spec.from == Type::TF32 || (spec.to == Type::TF32 && (spec.from != Type::F32 || spec.narrow >= Down)) ||
      ((spec.saturate & 4) && !isNarrow) || spec.to == Type::F32x2 || sizeOf(spec.to) == 16 || isPair(spec.from) ||
      isPair(spec.to))
    unsupported();
  count(2);
  uint32_t fromBytes = 0;
  int32_t a = inputWide(operand(1), spec.from, fromBytes);
  if (fromBytes < sizeOf(spec.from))
    fail("the source of '" + std::string(text()) + "' is narrower than its type");
  const Operand &to = operand(0);
  if (to.kind != Operand::Reg || sizeOfRegister(to) < sizeOf(spec.to))
    fail("the result of '" + std::string(text()) + "' needs a register of at least its size");
  spec.fromBytes = fromBytes;
  spec.toBytes = sizeOfRegister(to);
  Op &op = emit(convertHandler(spec.to, spec.from, spec));
  op.dst = slots[to.reg];
  op.src[0] = a;
  op.imm = std::bit_cast<int64_t>(spec);
  if (control && !isNarrow) {
    op.inner = op.run;
    op.run = controlledHandler();
    op.control = 0x1f80 | control;
  }
}

/// `cvt.rn.satfinite.e4m3x2.f32 d, a, b`, `cvt.rn.satfinite.e4m3x2.f16x2 d, a` and `cvt.rn.f16x2.e4m3x2 d, a`.
void Translator::cvtTiny(std::string_view name, ConvertSpec spec) {
  Handler handler = convertTinyHandler(name, spec.to, spec.from);
  bool isToTiny = spec.to == Type::None, isOfTwo = spec.from == Type::F32;
  if (spec.narrow != Nearest || isToTiny != bool(spec.saturate & 4))
    unsupported();
  spec.saturate &= 2;
  count(isOfTwo ? 3 : 2);
  Type from = isToTiny ? spec.from : Type::B16, to = isToTiny ? Type::B16 : spec.to;
  int32_t a = input(operand(1), from), b = isOfTwo ? input(operand(2), from) : noSlot, d = output(operand(0), to);
  Op &op = emit(handler);
  op.dst = d;
  op.src[0] = a, op.src[1] = b;
  op.imm = std::bit_cast<int64_t>(spec);
}

void Translator::cvtPair(ConvertSpec spec) {
  if (spec.from != Type::F32)
    unsupported();
  count(3);
  int32_t a = input(operand(1), Type::F32), b = input(operand(2), Type::F32), d = output(operand(0), spec.to);
  Op &op = emit(convertPairHandler());
  op.dst = d;
  op.src[0] = a, op.src[1] = b;
  op.imm = std::bit_cast<int64_t>(spec);
}

void Translator::mov() {
  Type type = takeType();
  finishModifiers();
  count(2);
  const Operand &to = operand(0), &from = operand(1);
  if (to.kind == Operand::Vector && from.kind != Operand::Vector)
    return pack(from, to, type, false);
  if (from.kind == Operand::Vector && to.kind != Operand::Vector)
    return pack(to, from, type, true);
  if (type == Type::Pred) {
    int32_t a = inputPredicate(from);
    int32_t d = outputPredicate(to.reg);
    Op &op = emit(from.negated ? predicateHandler("not") : moveHandler(0));
    op.dst = d;
    op.src[0] = a;
    return;
  }
  int32_t a = input(from, type), d = output(to, type);
  Op &op = emit(moveHandler(std::max(2u, sizeOf(type))));
  op.dst = d;
  op.src[0] = a;
}

/// `mov.b64 d, {a, b}` and `mov.b64 {a, b}, d`.
void Translator::pack(const Operand &whole, const Operand &parts, Type type, bool isPack) {
  uint32_t n = parts.parts.size();
  if (!n || n > 8 || sizeOf(type) % n)
    unsupported();
  uint32_t each = sizeOf(type) / n;
  Type partType = each == 1 ? Type::B8 : each == 2 ? Type::B16 : each == 4 ? Type::B32 : Type::B64;
  // Registers of bytes are two bytes wide: a whole of them is none of this instruction's business.
  if (each == 1)
    unsupported();
  int32_t slotsOfParts[8], one;
  for (uint32_t i = 0; i < n; ++i) {
    const Operand &part = parts.parts[i];
    if (isPack)
      slotsOfParts[i] = input(part, partType);
    else
      slotsOfParts[i] = part.kind == Operand::Discard ? noSlot : output(part, partType);
  }
  one = isPack ? output(whole, type) : input(whole, type);
  Op &op = emit(isPack ? packHandler() : unpackHandler());
  op.size = each;
  op.count = n;
  (isPack ? op.dst : op.src[0]) = one;
  std::copy(slotsOfParts, slotsOfParts + n, op.vector);
}

/// Between a space's own addresses and generic ones: the window is added or taken off.
void Translator::cvta() {
  bool isTo = take(".to");
  Space space = takeSpace();
  Type type = takeType();
  finishModifiers();
  count(2);
  int32_t a = input(operand(1), type), d = output(operand(0), type);
  // A function's parameters are in its frame, which is local memory.
  bool isFrame = space == Space::Param && !f.isEntry;
  if (space == Space::Param && operand(1).variable)
    isFrame = isFrameVariable(*operand(1).variable);
  int64_t window = space == Space::Shared ? sharedWindow : space == Space::Local || isFrame ? localWindow : 0;
  if (!window) {
    Op &op = emit(moveHandler(sizeOf(type)));
    op.dst = d;
    op.src[0] = a;
    return;
  }
  Op &op = emit(addressShiftHandler(sizeOf(type)));
  op.dst = d;
  op.src[0] = a;
  op.imm = isTo ? -window : window;
}

/// `alloca d, size, align;`, `stacksave d;`, `stackrestore a;`.
void Translator::stack() {
  Type type = takeType();
  finishModifiers();
  bool isAllocation = inst->opcode == "alloca", isRestore = inst->opcode == "stackrestore";
  count(isAllocation ? 2 : 1, isAllocation ? 3 : 1);
  uint64_t align = 16;
  if (inst->operands.size() == 3)
    align = operand(2).bits;
  if (!std::has_single_bit(align) || align > 4096)
    fail("an alignment is a power of two");
  int32_t in = isAllocation ? input(operand(1), type) : isRestore ? input(operand(0), type) : noSlot;
  int32_t out = isRestore ? noSlot : output(operand(0), type);
  Op &op = emit(stackHandler(inst->opcode, sizeOf(type)));
  op.dst = out;
  op.src[0] = in;
  op.imm = align;
}

/// `mapa.shared::cluster.u32 d, a, rank`: the same address in the shared memory of another block of the cluster, which has one.
void Translator::mapa() {
  takeSpace();
  Type type = takeType();
  finishModifiers();
  count(3);
  int32_t a = input(operand(1), type), rank = input(operand(2), Type::B32), d = output(operand(0), type);
  Op &op = emit(mapHandler(sizeOf(type)));
  op.dst = d;
  op.src[0] = a, op.src[1] = rank;
}

/// `getctarank.shared::cluster.u32 d, a`: which block of the cluster an address is of.
void Translator::getctarank() {
  takeSpace();
  Type type = takeType();
  finishModifiers();
  count(2);
  input(operand(1), type);
  int32_t rank = constant(0, 4), d = output(operand(0), Type::B32);
  Op &op = emit(moveHandler(4));
  op.dst = d;
  op.src[0] = rank;
}

void Translator::isspacep() {
  Space space = takeSpace();
  finishModifiers();
  count(2);
  int32_t a = input(operand(1), Type::B64);
  int32_t d = outputPredicate(operand(0).reg);
  Op &op = emit(isSpaceHandler());
  op.dst = d;
  op.src[0] = a;
  op.space = space;
}
