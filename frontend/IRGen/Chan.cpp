// Channels: making one, sending, receiving, closing, and the loop over what comes out.
#include "frontend/IRGen/Generator.h"

using namespace awg;

RValue Generator::emitChan(const CallExpr *expr) {
  Value capacity = emitI64(expr->arguments.front().value);
  llvm::SmallVector<int8_t> kinds;
  addKinds(cast<ChanType>(expr->type)->element(), kinds);
  auto made = make<ir::ChanCreateOp>(errorType, chanType, capacity, builder.getDenseI8ArrayAttr(kinds));
  check(made.getError());
  own(made.getChan());
  return RValue(made.getChan(), /*owned=*/true);
}

/// The channel that a method is called on.
static const Expr *channelOf(const CallExpr *expr) { return cast<MemberExpr>(strip(expr->callee))->base; }

RValue Generator::emitClose(const CallExpr *expr) {
  callRuntime("awgrt_chan_close", emit(channelOf(expr)).leaves, {});
  return {};
}

/// Of an arm of a race: one that the race begins, so that only the first to end sends or receives.
Started Generator::startMethod(const CallExpr *expr, bool isArm) {
  const Expr *channel = channelOf(expr);
  const Type *element = cast<ChanType>(channel->type)->element();
  bool isSend = expr->method == ChanMethod::Send;
  Value chan = emitOperand(channel, isSend ? expr->arguments.front().value : ArrayRef<const Expr *>()).one();
  Started started;
  if (expr->method == ChanMethod::Recv) {
    auto name = builder.getStringAttr(isArm ? "awgrt_chan_recv_later" : "awgrt_chan_recv");
    started.future = make<ir::OperationOp>(futureOf(leavesOf(element)), name, chan, mlir::DenseI64ArrayAttr());
    return started;
  }
  const Expr *value = expr->arguments.front().value;
  Leaves leaves = emitOwned(value, element);
  if (!value->type->isNever())
    checkExtents(leaves, value->type, element, nullptr);
  consume(leaves);
  started.future = make<ir::SendOp>(futureOf({}), chan, leaves, isArm);
  return started;
}

void Generator::emitForAwait(const ForStmt *stmt) {
  size_t outer = mark();
  const Type *element = cast<ChanType>(stmt->iterable->type)->element();
  Leaves chan = emitOwned(stmt->iterable, stmt->iterable->type);
  Block *header = newBlock(), *inside = newBlock(), *exit = newBlock();
  branch(header);
  moveTo(header);
  TypeList results{builder.getI64Type()};
  llvm::append_range(results, leavesOf(element));
  Value next = make<ir::OperationOp>(futureOf(results), builder.getStringAttr("awgrt_chan_next"), chan,
                                     mlir::DenseI64ArrayAttr());
  Leaves values = awaitFutures(next).leaves;
  consume(values); // there are none at the end
  branchIf(compare(arith::CmpIPredicate::ne, values.front(), i64(0)), inside, exit);

  moveTo(inside);
  size_t depth = mark();
  fn->loops.push_back({depth, exit, header});
  bind(stmt->pattern, element, ArrayRef<Value>(values).drop_front());
  emit(stmt->body);
  leaveScope(depth);
  fn->loops.pop_back();
  branch(header);
  moveTo(exit);
  leaveScope(outer);
}
