// Translates arithmetic, logic, shifts and fields.
#include "emulator/code/Translator.h"

using namespace awg::emu;

namespace {
bool isHalf(Type type) {
  return type == Type::F16 || type == Type::F16x2 || type == Type::BF16 || type == Type::BF16x2;
}
bool isWideFloat(Type type) { return type == Type::F32 || type == Type::F64 || type == Type::F32x2; }

constexpr uint32_t defaultControl = 0x1f80, flushControl = 0x8040;

size_t operandsOf(std::string_view opcode) {
  return opcode == "fma" || opcode == "mad" || opcode == "mad24" ? 3
         : opcode == "abs" || opcode == "neg" || opcode == "not" ? 1
                                                                 : 2;
}
} // namespace

/// The bits of MXCSR for `.rn .rz .rm .rp`; `required`: PTX wants one.
uint32_t Translator::rounding(bool required) {
  std::string_view mode = takeOf({".rn", ".rz", ".rm", ".rp"});
  if (mode.empty() && required)
    fail("'" + std::string(text()) + "' needs a rounding, such as .rn");
  return mode == ".rm" ? 0x2000 : mode == ".rp" ? 0x4000 : mode == ".rz" ? 0x6000 : 0;
}

/// `add sub mul mad fma div rem abs neg mul24 mad24` by type.
void Translator::arithmetic() {
  std::string name(inst->opcode);
  size_t operands = operandsOf(name);
  Type type = takeType();
  if (isHalf(type))
    return halfArithmetic(name == "mad" ? "fma" : name, type, operands);
  if (isWideFloat(type))
    return floatArithmetic(name == "mad" ? "fma" : name, type, operands);
  if (take(".cc"))
    return left.insert(left.begin(), {".cc", nameOf(type)}), carried();
  integerArithmetic(name, type, operands);
}

void Translator::integerArithmetic(const std::string &opcode, Type type, size_t operands) {
  std::string name = opcode;
  bool isProduct = name.starts_with("mul") || name.starts_with("mad");
  if (isProduct) {
    std::string_view part = takeOf({".lo", ".hi", ".wide"});
    if (part.empty())
      fail("'" + std::string(text()) + "' needs .lo, .hi or .wide");
    name += part;
  }
  if (take(".sat"))
    name += ".sat";
  if (!name.ends_with(".wide")) {
    emitPlain(integerHandler(name, type), type, operands);
    return;
  }
  finishModifiers();
  count(operands + 1);
  Type wide = sizeOf(type) == 2 ? Type::B32 : Type::B64;
  int32_t a = input(operand(1), type), b = input(operand(2), type);
  int32_t c = operands == 3 ? input(operand(3), wide) : noSlot;
  int32_t d = output(operand(0), wide);
  Op &op = emit(integerHandler(name, type));
  op.dst = d;
  op.src[0] = a, op.src[1] = b, op.src[2] = c;
}

void Translator::floatArithmetic(const std::string &name, Type type, size_t operands) {
  bool isSign = name == "abs" || name == "neg";
  bool isApproximate = take(".approx") || take(".full");
  uint32_t control = isSign || isApproximate ? 0 : rounding(name == "fma" && inst->opcode == "fma");
  bool flush = take(".ftz"), saturate = take(".sat");
  if (isSign && flush) {
    Op &op = emitPlain(floatHandler(name + ".ftz", type), type, operands);
    op.inner = op.run;
    op.run = controlledHandler();
    op.control = defaultControl | flushControl;
    return;
  }
  Op &op = emitPlain(floatHandler(name, type), type, operands);
  op.count = type == Type::F32x2 ? 2 : 1;
  if (!control && !flush && !saturate)
    return;
  op.inner = op.run;
  op.run = controlledHandler();
  op.control = defaultControl | control | (flush ? flushControl : 0);
  op.flag = saturate;
}

void Translator::halfArithmetic(const std::string &name, Type type, size_t operands) {
  take(".rn");
  take(".approx");
  bool flush = take(".ftz"), saturate = take(".sat"), relu = take(".relu");
  Op &op = emitPlain(halfHandler(name, type), type, operands);
  op.flag = saturate;
  op.control = flush | relu << 1;
}

/// `add.cc addc addc.cc sub.cc subc subc.cc mad.lo.cc madc.lo.cc ...`
void Translator::carried() {
  std::string opcode(inst->opcode);
  bool reads = opcode.ends_with("c");
  std::string name = reads ? opcode.substr(0, opcode.size() - 1) : opcode;
  Type type = takeType();
  bool writes = take(".cc");
  size_t operands = 2;
  if (name == "mad") {
    name += takeOf({".lo", ".hi"});
    operands = 3;
  }
  Op &op = emitPlain(integerHandler(name + ".carry", type), type, operands);
  op.flag = reads;
  op.variant = writes;
}

/// `rcp sqrt rsqrt sin cos lg2 ex2 tanh`.
void Translator::approximate() {
  std::string name(inst->opcode);
  Type type = takeType();
  if (isHalf(type))
    return halfArithmetic(name, type, 1);
  bool isApproximate = take(".approx");
  bool isExact = name == "rcp" || name == "sqrt";
  if (!isExact && !isApproximate)
    fail("'" + name + "' needs .approx");
  if (isApproximate && type == Type::F64 && (name == "rcp" || (name == "rsqrt" && inst->has(".ftz")))) {
    take(".ftz");
    emitPlain(floatHandler(name + ".gross", type), type, 1);
    return;
  }
  uint32_t control = isExact && !isApproximate ? rounding(true) : 0;
  bool flush = take(".ftz");
  Op &op = emitPlain(floatHandler(name, type), type, 1);
  if (!control && !flush)
    return;
  op.inner = op.run;
  op.run = controlledHandler();
  op.control = defaultControl | control | (flush ? flushControl : 0);
}

void Translator::divide() {
  Type type = takeType();
  if (isWideFloat(type) && !inst->has(".approx") && !inst->has(".full") && !inst->has(".rn") && !inst->has(".rz") &&
      !inst->has(".rm") && !inst->has(".rp"))
    fail("'" + std::string(text()) + "' needs a rounding, such as .rn");
  if (isWideFloat(type))
    return floatArithmetic("div", type, 2);
  integerArithmetic("div", type, 2);
}

/// `min max`.
void Translator::extremes() {
  std::string name(inst->opcode);
  Type type = takeType();
  if (!isFloat(type))
    return integerArithmetic(take(".relu") ? name + ".relu" : name, type, 2);
  bool flush = take(".ftz"), keepsNaN = take(".NaN"), isXor = take(".xorsign");
  if (isXor && !take(".abs"))
    fail("'.xorsign' goes with '.abs'");
  if (isHalf(type)) {
    if (isXor)
      unsupported();
    Op &op = emitPlain(halfHandler(name + (keepsNaN ? ".NaN" : ""), type), type, 2);
    op.control = flush;
    return;
  }
  if (flush && !isXor)
    name += ".ftz";
  name += keepsNaN ? ".NaN" : "";
  name += isXor ? ".xorsign.abs" : "";
  Op &op = emitPlain(floatHandler(name, type), type, 2);
  if (!flush)
    return;
  op.inner = op.run;
  op.run = controlledHandler();
  op.control = defaultControl | flushControl;
}

/// `and or xor not cnot`, of predicates too.
void Translator::logic() {
  Type type = takeType();
  bool isUnary = inst->opcode == "not" || inst->opcode == "cnot";
  if (type != Type::Pred) {
    emitPlain(isBits(type) ? integerHandler(inst->opcode, type) : nullptr, type, isUnary ? 1 : 2);
    return;
  }
  finishModifiers();
  count(isUnary ? 2 : 3);
  int32_t a = inputPredicate(operand(1)), b = isUnary ? noSlot : inputPredicate(operand(2));
  if (operand(1).negated || (!isUnary && operand(2).negated))
    unsupported();
  int32_t d = outputPredicate(operand(0).reg);
  Op &op = emit(predicateHandler(inst->opcode));
  op.dst = d;
  op.src[0] = a, op.src[1] = b;
}

/// `shl shr`, whose count has 32 bits, and `shf`.
void Translator::shift() {
  std::string name(inst->opcode);
  if (name == "shf") {
    name += takeOf({".l", ".r"});
    name += takeOf({".wrap", ".clamp"});
    Type type = takeType();
    emitPlain(bitHandler(name, type), type, 3);
    return;
  }
  Type type = takeType();
  finishModifiers();
  count(3);
  int32_t a = input(operand(1), type), b = input(operand(2), Type::B32), d = output(operand(0), type);
  Op &op = emit(bitHandler(name, type));
  op.dst = d;
  op.src[0] = a, op.src[1] = b;
}

/// `popc clz bfind brev`: all but brev give 32 bits.
void Translator::countBits() {
  std::string name(inst->opcode);
  Type type = takeType();
  if (take(".shiftamt"))
    name += ".shiftamt";
  finishModifiers();
  count(2);
  int32_t a = input(operand(1), type), d = output(operand(0), name == "brev" ? type : Type::B32);
  Op &op = emit(bitHandler(name, type));
  op.dst = d;
  op.src[0] = a;
}

/// `bfe bfi`: positions and lengths have 32 bits.
void Translator::field() {
  Type type = takeType();
  finishModifiers();
  bool isInsert = inst->opcode == "bfi";
  count(isInsert ? 5 : 4);
  int32_t in[4];
  for (int i = 0; i < (isInsert ? 4 : 3); ++i)
    in[i] = input(operand(i + 1), i < (isInsert ? 2 : 1) ? type : Type::B32);
  int32_t d = output(operand(0), type);
  Op &op = emit(bitHandler(inst->opcode, type));
  op.dst = d;
  std::copy(in, in + (isInsert ? 4 : 3), op.src);
}

/// `bmsk szext`.
void Translator::mask() {
  std::string name = std::string(inst->opcode) + std::string(takeOf({".clamp", ".wrap"}));
  Type type = takeType();
  emitPlain(bitHandler(name, type), type, 2);
}

void Translator::permute() {
  std::string name = "prmt" + std::string(takeOf({".f4e", ".b4e", ".rc8", ".ecl", ".ecr", ".rc16"}));
  Type type = takeType();
  emitPlain(bitHandler(name, type), type, 3);
}

void Translator::lop3() {
  Type type = takeType();
  finishModifiers();
  count(5);
  int32_t a = input(operand(1), type), b = input(operand(2), type), c = input(operand(3), type);
  if (operand(4).kind != Operand::Integer)
    fail("the table of 'lop3' is a number");
  int32_t d = output(operand(0), type);
  Op &op = emit(bitHandler("lop3", type));
  op.dst = d;
  op.src[0] = a, op.src[1] = b, op.src[2] = c;
  op.imm = operand(4).bits & 255;
}

/// `dp4a.u32.s32 d, a, b, c`, `dp2a.lo...`.
void Translator::dot() {
  std::string name(inst->opcode);
  name += takeOf({".lo", ".hi"});
  Type a = takeType(), b = takeType();
  Op &op = emitPlain(bitHandler(name, Type::B32), Type::B32, 3);
  op.imm = (isSigned(a) ? 1 : 0) | (isSigned(b) ? 2 : 0);
}

/// `vabsdiff4.u32.u32.u32.add d, a, b, c`: bytes or, of vabsdiff2, halves; all of them.
void Translator::vabsdiff() {
  Type d = takeType(), a = takeType(), b = takeType();
  bool isSum = take(".add");
  if (sizeOf(d) != 4 || sizeOf(a) != 4 || sizeOf(b) != 4)
    unsupported();
  Op &op = emitPlain(bitHandler(inst->opcode, Type::B32), Type::B32, 3);
  op.imm = (isSigned(a) ? 1 : 0) | (isSigned(b) ? 2 : 0);
  op.flag = isSum;
}

/// `fns.b32 d, mask, base, offset`.
void Translator::fns() {
  Type type = takeType();
  emitPlain(bitHandler("fns", type), type, 3);
}

void Translator::sad() {
  Type type = takeType();
  emitPlain(integerHandler("sad", type), type, 3);
}
