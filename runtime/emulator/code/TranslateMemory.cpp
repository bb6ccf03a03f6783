// Translates loads, stores, atomics, fences and asynchronous copies.
#include "emulator/code/Translator.h"

#include "emulator/ops/Address.h"

using namespace awg::emu;

namespace {
constexpr std::initializer_list<std::string_view> cacheHints = {".ca",
                                                                ".cg",
                                                                ".cs",
                                                                ".lu",
                                                                ".cv",
                                                                ".wb",
                                                                ".wt",
                                                                ".nc",
                                                                ".L1::evict_normal",
                                                                ".L1::evict_unchanged",
                                                                ".L1::evict_first",
                                                                ".L1::evict_last",
                                                                ".L1::no_allocate",
                                                                ".L2::64B",
                                                                ".L2::128B",
                                                                ".L2::256B",
                                                                ".L2::evict_first",
                                                                ".L2::evict_last",
                                                                ".L2::evict_normal"};
constexpr std::initializer_list<std::string_view> scopes = {".cta", ".cluster", ".gpu", ".sys"};
constexpr std::initializer_list<std::string_view> orders = {".weak",    ".relaxed",  ".acquire", ".release",
                                                            ".acq_rel", ".volatile", ".mmio"};
} // namespace

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
  std::copy(out, out + lanes, op.vector);
  address(op, operand(1), space);
  loads.push_back(code.ops.size() - 1);
}

void Translator::st() {
  bool isRelease = inst->has(".release"), isStrong = isRelease || inst->has(".volatile") || inst->has(".relaxed");
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
  op.isRelease = isRelease;
  std::copy(in, in + lanes, op.vector);
  address(op, operand(0), space);
}

/// `atom.global.add.u32 d, [a], b` and, without a result, `red`.
void Translator::atom() {
  bool isReduction = inst->opcode == "red";
  take(".async");
  bool isRelease = inst->has(".release") || inst->has(".acq_rel");
  ignore(orders), ignore(scopes), ignore(cacheHints);
  take(".noftz");
  Space space = takeSpace();
  std::string_view name = takeOf({".add", ".min", ".max", ".and", ".or", ".xor", ".exch", ".cas", ".inc", ".dec"});
  Type type = takeType();
  finishModifiers();
  if (name.empty())
    unsupported();
  size_t first = isReduction ? 0 : 1;
  bool isSwap = name == ".cas";
  count(first + (isSwap ? 3 : 2));
  int32_t b = input(operand(first + 1), type), c = isSwap ? input(operand(first + 2), type) : noSlot;
  int32_t d = isReduction || operand(0).kind == Operand::Discard ? noSlot : output(operand(0), type);
  Op &op = emit(atomicHandler(name.substr(1), type));
  op.size = sizeOf(type);
  op.dst = d;
  op.src[1] = b, op.src[2] = c;
  op.isStrong = true;
  op.isRelease = isRelease;
  op.isOfSwap = isSwap;
  op.readsToo = name != ".exch";
  address(op, operand(first), space);
  if (isSwap)
    swaps.push_back(op);
}

void Translator::fence() {
  left.clear();
  emit(controlHandler("fence"));
}

/// Hints, and what waits for nothing here.
void Translator::nothing() {
  left.clear();
  emit(controlHandler("nop"));
}

/// `cp.async.ca.shared.global [d], [s], size, source size;`, `cp.async.commit_group;`, `cp.async.wait_group n;`,
/// `cp.async.wait_all;`, `cp.async.mbarrier.arrive.noinc.shared.b64 [b];`.
void Translator::cpAsync() {
  if (!take(".async") || take(".bulk"))
    unsupported();
  if (take(".commit_group")) {
    finishModifiers();
    emit(asyncHandler("commit"));
    return;
  }
  if (take(".wait_all") || take(".wait_group")) {
    finishModifiers();
    Op &op = emit(asyncHandler("wait"));
    op.flag = inst->has(".wait_all");
    op.imm = op.flag ? 0 : operand(0).bits;
    return;
  }
  if (take(".mbarrier")) {
    bool keepsCount = take(".noinc");
    take(".arrive");
    Space space = takeSpace();
    takeType();
    finishModifiers();
    count(1);
    Op &op = emit(asyncHandler("arriveOnCopies"));
    op.size = 8;
    op.flag = keepsCount;
    address(op, operand(0), space);
    return;
  }
  ignore(cacheHints);
  Space to = takeSpace(), from = takeSpace();
  finishModifiers();
  count(3, 4);
  if (to != Space::Shared || from != Space::Global || operand(2).kind != Operand::Integer)
    unsupported();
  uint64_t size = operand(2).bits;
  if (size != 4 && size != 8 && size != 16)
    fail("'cp.async' copies 4, 8 or 16 bytes");
  int32_t given = inst->operands.size() == 4 ? input(operand(3), Type::B32) : noSlot;
  Op where;
  address(where, operand(0), to);
  Op &op = emit(asyncHandler("copy"));
  op.size = size;
  address(op, operand(1), from);
  // The destination: its base in src[1], what is added to it in src[2] as a constant.
  op.src[1] = where.src[0];
  op.flag = where.variant == Base64;
  op.src[3] = given;
  op.vector[0] = static_cast<int32_t>(where.imm);
  if (where.variant == FrameBase || op.variant == FrameBase)
    unsupported();
}

/// `mbarrier.init inval arrive arrive_drop test_wait try_wait expect_tx complete_tx pending_count`.
void Translator::mbarrier() {
  std::string name = "mbarrier";
  std::string_view what = takeOf({".init", ".inval", ".arrive_drop", ".arrive", ".test_wait", ".try_wait", ".expect_tx",
                                  ".complete_tx", ".pending_count"});
  if (what.empty())
    unsupported();
  bool expects = (what == ".arrive" || what == ".arrive_drop") && take(".expect_tx");
  bool byParity = take(".parity"), noComplete = take(".noComplete");
  ignore(orders), ignore(scopes);
  Space space = takeSpace();
  takeType();
  finishModifiers();
  if (expects && noComplete)
    unsupported();
  size_t n = inst->operands.size();
  if (what == ".pending_count") {
    count(2);
    int32_t a = input(operand(1), Type::B64), d = output(operand(0), Type::B32);
    Op &op = emit(asyncHandler("mbarrier.pending_count"));
    op.dst = d;
    op.src[0] = a;
    return;
  }
  bool hasResult = n && operand(0).kind != Operand::Address;
  size_t first = hasResult ? 1 : 0;
  bool isWait = what == ".test_wait" || what == ".try_wait";
  int32_t value = noSlot;
  if (n > first + 1)
    value = input(operand(first + 1), isWait && !byParity ? Type::B64 : Type::B32);
  if ((what == ".init" || isWait || expects) && value == noSlot)
    fail("'" + std::string(text()) + "' has too few operands");
  int32_t result = noSlot;
  if (hasResult && isWait)
    result = outputPredicate(operand(0).reg);
  else if (hasResult && operand(0).kind != Operand::Discard)
    result = output(operand(0), Type::B64);
  Op &op = emit(asyncHandler(name + std::string(what)));
  op.size = 8;
  op.dst = result;
  op.src[1] = value;
  op.flag = isWait ? byParity : expects;
  address(op, operand(first), space);
}
