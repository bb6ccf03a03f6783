// reduce(f, init): the tree of neighbours, in a launch or a loop, and f(init, tree).
#include "frontend/IRGen/Generator.h"

using namespace awg;
using arith::CmpIPredicate;

RValue Generator::sequentialReduce(const EachExpr *each) {
  llvm::SmallVector<Value> extents = emitExtents(each);
  Leaves first = emitAs(each->init, each->type).leaves;
  return reduceTree(combinerOf(each), first, [&](llvm::function_ref<void(mlir::ValueRange)> push) {
    overIndices(each, extents, 0, [&] { push(eachValue(each).leaves); });
  });
}

//===-- The tree --------------------------------------------------------------------------------------------------------===//

/// Neighbours level by level, an odd one carried, is a binary counter: level k holds the tree of 2^k values if bit k of
/// their number is set. A new value is carried up through the set bits; in the end the levels are joined from the
/// lowest, and the first value is put on the left.
RValue Generator::reduceTree(const FnDecl *function, ArrayRef<Value> first,
                             llvm::function_ref<void(llvm::function_ref<void(mlir::ValueRange)>)> produce) {
  TypeList types(mlir::ValueRange(first).getTypes());
  Leaves levels;
  for (mlir::Type type : types)
    levels.push_back(newBuffer(64, type));
  Value count = newSlot(builder.getI64Type());
  store(i64(0), count);

  auto combine = [&](mlir::ValueRange left, mlir::ValueRange right) {
    Leaves arguments(left);
    arguments.append(right.begin(), right.end());
    return callPlain(function, arguments);
  };
  auto held = [&](Value level) {
    Leaves values;
    for (Value buffer : levels)
      values.push_back(loadElement(elementAt(buffer, level)));
    return values;
  };
  auto isHeld = [&](Value level) {
    Value bit = make<arith::AndIOp>(make<arith::ShRUIOp>(load(count), level), i64(1));
    return compare(CmpIPredicate::ne, bit, i64(0));
  };
  TypeList state{builder.getI64Type()};
  llvm::append_range(state, types);
  auto stateOf = [&](Value level, mlir::ValueRange values) {
    Leaves all{level};
    all.append(values.begin(), values.end());
    return all;
  };

  produce([&](mlir::ValueRange value) {
    Block *header = newBlock(state), *join = newBlock(), *put = newBlock();
    branch(header, stateOf(i64(0), value));
    moveTo(header);
    Value level = header->getArgument(0);
    mlir::ValueRange carried = header->getArguments().drop_front();
    branchIf(isHeld(level), join, put);
    moveTo(join);
    Leaves joined = combine(held(level), carried);
    branch(header, stateOf(make<arith::AddIOp>(level, i64(1)), joined));
    moveTo(put);
    for (auto [buffer, leaf] : llvm::zip(levels, carried))
      storeElement(leaf, elementAt(buffer, level));
    addToSlot(count, 1);
  });

  // The lowest level that is held starts; those above are joined on the left.
  Block *done = newBlock(types), *some = newBlock(), *header = newBlock(state);
  Value isEmpty = compare(CmpIPredicate::eq, load(count), i64(0));
  make<cf::CondBranchOp>(isEmpty, done, mlir::ValueRange(first), some, mlir::ValueRange());
  moveTo(some);
  Value lowest = make<mlir::math::CountTrailingZerosOp>(load(count));
  branch(header, stateOf(make<arith::AddIOp>(lowest, i64(1)), held(lowest)));
  moveTo(header);
  Value level = header->getArgument(0);
  mlir::ValueRange joined = header->getArguments().drop_front();
  Block *look = newBlock(), *join = newBlock(), *top = newBlock();
  branchIf(compare(CmpIPredicate::slt, level, i64(63)), look, top);
  moveTo(look);
  Value next = make<arith::AddIOp>(level, i64(1));
  Leaves unchanged = stateOf(next, joined);
  make<cf::CondBranchOp>(isHeld(level), join, mlir::ValueRange(), header, mlir::ValueRange(unchanged));
  moveTo(join);
  Leaves higher = combine(held(level), joined);
  branch(header, stateOf(next, higher));
  moveTo(top);
  branch(done, combine(first, joined));
  moveTo(done);
  return RValue(Leaves(done->args_begin(), done->args_end()));
}

//===-- Launches ----------------------------------------------------------------------------------------------------------===//

/// A task that launches and applies `f(init, tree)`; over no indices it gives the first value alone. Its arguments: the
/// grid, the kernel's, the first value.
Started Generator::launchReduce(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments,
                                mlir::ValueRange init) {
  Started started;
  started.task = numbered("task");
  started.arguments.append(grid.begin(), grid.end());
  started.arguments.append(arguments.begin(), arguments.end());
  started.arguments.append(init.begin(), init.end());
  started.results = leavesOf(kernel.each->type);
  launchingTask(started, [&](mlir::ValueRange values) {
    mlir::ValueRange extents = values.take_front(grid.size()), first = values.take_back(init.size());
    mlir::ValueRange passed = values.drop_front(grid.size()).drop_back(init.size());
    Block *empty = newBlock(), *full = newBlock();
    branchIf(isAnyEmpty(extents), empty, full);
    moveTo(empty);
    leave(first);
    moveTo(full);
    if (storesValues(kernel.each)) {
      leave(reduceOnHost(kernel, extents, passed, Leaves(first)).leaves);
      return;
    }
    Value tree = awaitFutures(emitLaunch(kernel.symbol, extents, passed, nullptr, started.results)).one();
    leave(callPlain(combinerOf(kernel.each), {first.front(), tree}));
  });
  return started;
}

/// Launches, and gives the values of all indices in an array a leaf.
Leaves Generator::launchValues(const KernelShape &kernel, mlir::ValueRange extents, mlir::ValueRange arguments) {
  llvm::SmallVector<int8_t> kinds;
  addKinds(kernel.each->type, kinds);
  Leaves passed(arguments), members;
  for (auto [leaf, kind] : llvm::zip(leavesOf(kernel.each->type), kinds))
    members.push_back(newArrayOf(leaf, kind, Leaves(extents), /*isUninit=*/true));
  passed.append(members);
  awaitFutures(emitLaunch(kernel.symbol, extents, passed, nullptr, {}));
  return members;
}

/// Tuples, and functions that may reject: the kernel leaves the values in an array a member, and the tree is built here.
RValue Generator::reduceOnHost(const KernelShape &kernel, mlir::ValueRange extents, mlir::ValueRange arguments,
                               ArrayRef<Value> first) {
  size_t depth = mark();
  Leaves members = launchValues(kernel, extents, arguments);
  RValue result = reduceTree(combinerOf(kernel.each), first, [&](llvm::function_ref<void(mlir::ValueRange)> push) {
    overIndices(kernel.each, Leaves(extents), 0, [&] {
      llvm::SmallVector<Value> indices;
      for (const VarDecl *index : kernel.each->indices)
        indices.push_back(variable(index).leaves.front());
      Leaves value;
      for (Value member : members)
        value.push_back(loadElement(elementAt(member, indices)));
      push(value);
    });
  });
  leaveScope(depth);
  return result;
}

/// `sum each` of vecs and its like: a task that launches and then reduces lane by lane. Its arguments: the grid, then the kernel's.
Started Generator::launchByLanes(const KernelShape &kernel, mlir::ValueRange grid, mlir::ValueRange arguments) {
  const EachExpr *each = kernel.each;
  Started started;
  started.task = numbered("task");
  started.arguments.append(grid.begin(), grid.end());
  started.arguments.append(arguments.begin(), arguments.end());
  started.results = leavesOf(each->type);
  launchingTask(started, [&](mlir::ValueRange values) {
    Leaves extents;
    for (Value extent : values.take_front(grid.size()))
      extents.push_back(make<arith::MaxSIOp>(extent, i64(0)));
    if (each->op == EachOp::Min || each->op == EachOp::Max)
      require(make<arith::XOrIOp>(isAnyEmpty(extents), truth(true)), "empty reduction", {}, {});
    size_t depth = mark();
    Leaves lanes;
    for (Value members : launchValues(kernel, extents, values.drop_front(grid.size())))
      lanes.push_back(awaitFutures(launchNamed(each->laneKernel, members).future).one());
    leaveScope(depth);
    leave(lanes);
  });
  return started;
}
