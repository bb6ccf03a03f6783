// Sums and products of floats inside an index whose values cannot fail: the fixed tree, lane after lane.
//
// The tree (element i to lane i mod 128 of block i div 4096, a lane adds in rising order, lanes halve, the blocks' results the
// same way) leaves open what is computed when. A whole lane at a time needs one register for it; lanes in the order of their
// reversed bits (0, 64, 32, 96, ...) come as neighbours of the halving tree, so that a binary counter of eight values joins
// them. What fails must fail in rising order, and goes by way of 128 lanes in memory instead (Tree.cpp).
#include "frontend/Check/Builtins.h"
#include "frontend/Check/FlowVisit.h"
#include "frontend/IRGen/Generator.h"

using namespace awg;
using arith::CmpIPredicate;

static constexpr int64_t treeLanes = 128;
static constexpr unsigned blockBits = 12; ///< a block is 4096 elements
static constexpr unsigned mostLevel = 2;  ///< blocks of blocks of blocks
static constexpr int64_t counterLength = 8; ///< of a level: trees of 1, 2, ... 128 lanes

//===-- What cannot fail ----------------------------------------------------------------------------------------------===//

/// True if emitting `expr` makes no check, its operands aside.
bool Generator::isSafe(const Expr &expr) {
  switch (expr.kind) {
  case ExprKind::Int:
  case ExprKind::Float:
  case ExprKind::Bool:
  case ExprKind::Name:
  case ExprKind::Paren:
  case ExprKind::Unary:
  case ExprKind::Cast:
  case ExprKind::Member:
  case ExprKind::Tuple:
  case ExprKind::Block:
  case ExprKind::If:
    return true;
  case ExprKind::Binary: {
    auto &binary = cast<BinaryExpr>(expr);
    bool divides = (binary.op == BinaryOp::Div || binary.op == BinaryOp::Rem) && expr.type->isInt();
    auto *divisor = dyn_cast<IntExpr>(strip(binary.right));
    return !divides || (divisor && !divisor->value.isZero());
  }
  case ExprKind::Call: {
    auto &call = cast<CallExpr>(expr);
    return call.builtin ? !call.builtin->mayFail() : call.function && !mayFail(call.function);
  }
  case ExprKind::Index: {
    auto &index = cast<IndexExpr>(expr);
    if (index.isView() || !isa<NameExpr>(strip(index.base)))
      return false;
    for (auto [dimension, subscript] : llvm::enumerate(index.subscripts))
      if (!isInRange(index.base, dimension, subscript))
        return false;
    return true;
  }
  default:
    return false;
  }
}

bool Generator::neverFails(const Expr *root) {
  bool isFine = true;
  flow::visitTree(
      root, [&](const Expr &expr) { return isFine &= isSafe(expr); },
      [&](const Stmt &stmt) { isFine &= isa<LetStmt>(stmt); });
  return isFine;
}

//===-- Lane after lane -----------------------------------------------------------------------------------------------===//

void Generator::whileLoop(llvm::function_ref<Value()> condition, llvm::function_ref<void()> body) {
  Block *header = newBlock(), *inside = newBlock(), *exit = newBlock();
  branch(header);
  moveTo(header);
  branchIf(condition(), inside, exit);
  moveTo(inside);
  body();
  branch(header);
  moveTo(exit);
}

/// The highest bit of a lane's number among `units` elements: half of how many lanes there are, rounded up to a power of two.
Value Generator::highestLaneBit(Value units) {
  Value bit = i32(0);
  for (int64_t half = 1; half < treeLanes; half *= 2)
    bit = make<arith::SelectOp>(compare(CmpIPredicate::sgt, units, i32(half)), i32(half), bit);
  return bit;
}

/// Puts `lane`'s value `sum` into the counter from `first` on, and moves on to the next lane. `bit` becomes zero after
/// the last one.
void Generator::joinLane(const EachExpr *each, Value counter, int64_t first, Value lane, Value sum, Value bit) {
  Value depth = newSlot(builder.getI32Type());
  store(i32(first), depth);
  auto isRight = [&] {
    return compare(CmpIPredicate::ne, make<arith::AndIOp>(load(lane), load(bit)), i32(0));
  };
  whileLoop(isRight, [&] {
    Value left = loadElement(elementAt(counter, addToSlot(depth, 1)));
    store(folded(each, left, load(sum)), sum);
    store(make<arith::XOrIOp>(load(lane), load(bit)), lane);
    store(make<arith::ShRUIOp>(load(bit), i32(1)), bit);
  });
  storeElement(load(sum), elementAt(counter, load(depth)));
  store(make<arith::OrIOp>(load(lane), load(bit)), lane);
}

/// The tree of the elements from `begin` on, at most 4096 units of 4096^`level` elements, of `count` elements in all.
/// On a GPU what is alive around the values takes registers from them: units and lanes are counted in 32 bits, and the
/// sum of a lane of blocks waits in the last place of its level's counter, which only the last lane takes.
Value Generator::sumUnits(const EachExpr *each, unsigned level, Value counter, Value begin, Value count) {
  mlir::Type type = scalarType(each->type), word = builder.getI32Type();
  Value shift = i64(blockBits * level);
  Value rest = make<arith::AddIOp>(make<arith::SubIOp>(count, begin), i64((int64_t(1) << blockBits * level) - 1));
  Value units = make<arith::MinSIOp>(make<arith::ShRSIOp>(rest, shift), i64(int64_t(1) << blockBits));
  units = make<arith::TruncIOp>(word, units);
  Value top = highestLaneBit(units);
  int64_t first = level * counterLength;
  Value sum = newSlot(type), lane = newSlot(word), unit = newSlot(word), bit = newSlot(word);
  auto waiting = [&] { return elementAt(counter, i32(first + counterLength - 1)); };
  store(i32(0), lane);
  store(i32(1), bit);
  whileLoop([&] { return compare(CmpIPredicate::ne, load(bit), i32(0)); },
            [&] {
              level ? storeElement(neutralValue(each), waiting()) : store(neutralValue(each), sum);
              store(load(lane), unit);
              whileLoop([&] { return compare(CmpIPredicate::slt, load(unit), units); },
                        [&] {
                          Value place = make<arith::ExtUIOp>(builder.getI64Type(), addToSlot(unit, treeLanes));
                          place = make<arith::AddIOp>(begin, make<arith::ShLIOp>(place, shift));
                          if (level) {
                            Value value = sumUnits(each, level - 1, counter, place, count);
                            storeElement(folded(each, loadElement(waiting()), value), waiting());
                          } else {
                            Value value = elementValue(each, place);
                            store(folded(each, load(sum), value), sum);
                          }
                        });
              if (level)
                store(loadElement(waiting()), sum);
              store(top, bit);
              joinLane(each, counter, first, lane, sum, bit);
            });
  return load(sum);
}

Value Generator::elementValue(const EachExpr *each, Value position) {
  fn->variables[each->indices.front()] = {{position}, false};
  size_t depth = mark();
  Value value = eachValue(each).one();
  leaveScope(depth);
  return value;
}

/// Null if the values may fail, or have several indices.
Value Generator::sumByLanes(const EachExpr *each, ArrayRef<Value> extents, Value empty) {
  if (extents.size() != 1)
    return {};
  indexExtents[each->indices.front()] = each->extents.front();
  if (!neverFails(each->body))
    return {};
  Value counter = newBuffer((mostLevel + 1) * counterLength, scalarType(each->type));
  Value sum = sumUnits(each, mostLevel, counter, i64(0), extents.front());
  return make<arith::SelectOp>(compare(CmpIPredicate::sgt, extents.front(), i64(0)), sum, empty);
}
