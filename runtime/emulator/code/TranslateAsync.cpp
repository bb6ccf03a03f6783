// Translates asynchronous copies and mbarriers.
#include "emulator/code/Modifiers.h"
#include "emulator/code/Translator.h"

#include "emulator/ops/Address.h"

using namespace awg::emu;

/// `cp.async.ca.shared.global [d], [s], size, source size;`, `cp.async.commit_group;`, `cp.async.wait_group n;`,
/// `cp.async.wait_all;`, `cp.async.mbarrier.arrive.noinc.shared.b64 [b];`.
void Translator::cpAsync() {
  if (!take(".async"))
    unsupported();
  if (take(".bulk"))
    return cpAsyncBulk();
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

/// `cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [d], [s], size, [b];`, to global memory
/// `cp.async.bulk.global.shared::cta.bulk_group [d], [s], size;` with `commit_group` and `wait_group`.
void Translator::cpAsyncBulk() {
  if (take(".commit_group")) {
    finishModifiers();
    emit(asyncHandler("bulk.commit"));
    return;
  }
  if (take(".wait_group")) {
    take(".read");
    finishModifiers();
    count(1);
    emit(asyncHandler("bulk.wait")).imm = operand(0).bits;
    return;
  }
  bool tells = take(".mbarrier::complete_tx::bytes"), isGrouped = take(".bulk_group");
  ignore(cacheHints);
  Space to = takeSpace(), from = takeSpace();
  finishModifiers();
  bool loads = tells && to == Space::Shared && (from == Space::Global || from == Space::Shared);
  bool stores = isGrouped && to == Space::Global && from == Space::Shared;
  if (loads == stores)
    unsupported();
  count(tells ? 4 : 3);
  int32_t size = input(operand(2), Type::B32);
  Op destination, barrier;
  address(destination, operand(0), to);
  if (tells)
    address(barrier, operand(3), Space::Shared);
  Op &op = emit(asyncHandler("bulk"));
  address(op, operand(1), from);
  op.src[1] = destination.src[0], op.src[2] = barrier.src[0], op.src[3] = size;
  op.flag = destination.variant == Base64;
  op.isStrong = tells;
  op.vector[0] = static_cast<int32_t>(destination.imm), op.vector[1] = static_cast<int32_t>(to);
  op.vector[2] = barrier.variant == Base64, op.vector[3] = static_cast<int32_t>(barrier.imm);
  if (destination.imm != op.vector[0] || destination.variant == FrameBase || op.variant == FrameBase)
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
