// scan(f) of tuples and vecs, and by functions that may reject: a kernel computes the values, and they are joined on the host.
#include "frontend/IRGen/Generator.h"

using namespace awg;
using arith::CmpIPredicate;

static constexpr int64_t runLength = 16;
/// 16^16 > 2^63.
static constexpr int64_t levels = 16;

Value Generator::joinedLane(const EachExpr *each, Value left, Value right) {
  const Type *lane = each->body->type->lane();
  bool isFloat = lane->isFloat();
  switch (each->scanOp) {
  case ScanOp::Add:
    return isFloat ? floatArithmetic(BinaryOp::Add, left, right) : Value(make<arith::AddIOp>(left, right));
  case ScanOp::Mul:
    return isFloat ? floatArithmetic(BinaryOp::Mul, left, right) : Value(make<arith::MulIOp>(left, right));
  case ScanOp::BitAnd:
  case ScanOp::And:
    return make<arith::AndIOp>(left, right);
  case ScanOp::BitOr:
  case ScanOp::Or:
    return make<arith::OrIOp>(left, right);
  case ScanOp::BitXor:
    return make<arith::XOrIOp>(left, right);
  case ScanOp::Min:
  case ScanOp::Max:
    return minMax(each->scanOp == ScanOp::Min, left, right, lane);
  case ScanOp::Function:
    break;
  }
  llvm_unreachable("an operator of scans");
}

Leaves Generator::joined(const EachExpr *each, mlir::ValueRange left, mlir::ValueRange right) {
  Leaves both(left);
  if (each->reducer) {
    both.append(right.begin(), right.end());
    return callPlain(combinerOf(each), both);
  }
  for (auto [mine, other] : llvm::zip(both, right))
    mine = joinedLane(each, mine, other);
  return both;
}

/// Each level counts its elements, and keeps the run so far and the prefix of the run: what the scan of the level above
/// gave for the total of the run before. A run that is full goes up as an element of the level above.
void Generator::scanOnHost(const EachExpr *each, ArrayRef<Value> extents, ArrayRef<Value> members) {
  TypeList types = leavesOf(each->body->type);
  Value counts = newBuffer(levels, builder.getI64Type());
  Leaves runs, prefixes;
  for (mlir::Type type : types) {
    runs.push_back(newBuffer(levels, type));
    prefixes.push_back(newBuffer(levels, type));
  }
  countedLoop(i64(0), i64(levels), true, [&](Value level) { storeElement(i64(0), elementAt(counts, level)); });
  auto held = [&](const Leaves &buffers, Value level) {
    Leaves values;
    for (Value buffer : buffers)
      values.push_back(loadElement(elementAt(buffer, level)));
    return values;
  };
  auto keep = [&](ArrayRef<Value> buffers, mlir::ValueRange values, ArrayRef<Value> place) {
    for (auto [buffer, value] : llvm::zip(buffers, values))
      storeElement(value, elementAt(buffer, place));
  };
  /// Left and right joined if `isJoined`, else right.
  auto joinIf = [&](Value isJoined, llvm::function_ref<Leaves()> left, mlir::ValueRange right) {
    Block *join = newBlock(), *after = newBlock(types);
    make<cf::CondBranchOp>(isJoined, join, mlir::ValueRange(), after, right);
    moveTo(join);
    branch(after, joined(each, left(), right));
    moveTo(after);
    return Leaves(after->args_begin(), after->args_end());
  };

  overIndices(each, extents, 0, [&] {
    llvm::SmallVector<Value> indices;
    for (const VarDecl *index : each->indices)
      indices.push_back(variable(index).leaves.front());
    Leaves value{i64(0)};
    for (Value member : members)
      value.push_back(loadElement(elementAt(member, indices)));
    TypeList state{builder.getI64Type()};
    llvm::append_range(state, types);
    Block *header = newBlock(state), *lowest = newBlock(), *higher = newBlock(), *up = newBlock(), *next = newBlock(),
          *done = newBlock();
    branch(header, value);
    moveTo(header);
    Value level = header->getArgument(0);
    Value count = loadElement(elementAt(counts, level));
    storeElement(make<arith::AddIOp>(count, i64(1)), elementAt(counts, level));
    Value place = make<arith::AndIOp>(count, i64(runLength - 1));
    Leaves run = joinIf(
        compare(CmpIPredicate::ne, place, i64(0)), [&] { return held(runs, level); },
        header->getArguments().drop_front());
    keep(runs, run, level);
    Leaves scanned =
        joinIf(compare(CmpIPredicate::sge, count, i64(runLength)), [&] { return held(prefixes, level); }, run);
    branchIf(compare(CmpIPredicate::eq, level, i64(0)), lowest, higher);
    moveTo(lowest);
    keep(members, scanned, indices);
    branch(next);
    moveTo(higher);
    keep(prefixes, scanned, Value(make<arith::SubIOp>(level, i64(1))));
    branch(next);
    moveTo(next);
    branchIf(compare(CmpIPredicate::eq, place, i64(runLength - 1)), up, done);
    moveTo(up);
    Leaves above{make<arith::AddIOp>(level, i64(1))};
    above.append(run.begin(), run.end());
    branch(header, above);
    moveTo(done);
  });
}
