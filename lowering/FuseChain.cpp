// Which launches can run as one: what lies between them, what memory they use, and how.
#include "lowering/FuseLaunches.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

/// A kernel of more operations and arrays is not made: its values would not stay in registers.
static constexpr size_t mostOperations = 192, mostArguments = 24;

//===-- From one launch to the next ---------------------------------------------------------------------------------===//

std::optional<Awaited> awg::lowering::matchAwaited(ir::LaunchOp launch) {
  auto await = dyn_cast_if_present<ir::AwaitOp>(launch->getNextNode());
  if (!await || !launch.getFuture().hasOneUse() || await.getFutures().size() != 1 ||
      await.getFutures().front() != launch.getFuture())
    return std::nullopt;
  auto isNull = dyn_cast<ir::IsNullOp>(await->getNextNode());
  auto branch = isNull ? dyn_cast<cf::CondBranchOp>(isNull->getNextNode()) : cf::CondBranchOp();
  if (!branch || isNull.getOperand() != await.getError() || branch.getCondition() != isNull.getResult() ||
      !branch.getTrueDestOperands().empty() || !llvm::all_of(await.getError().getUsers(), [&](Operation *user) {
        return user == isNull || user == branch;
      }))
    return std::nullopt;
  auto kernel = SymbolTable::lookupNearestSymbolFrom<ir::KernelOp>(launch, launch.getKernelAttr());
  return Awaited{launch, await, kernel, branch.getTrueDest(), {}};
}

/// A variable of one array or scalar.
static bool isVariable(Value memory) { return cast<MemRefType>(memory.getType()).getRank() == 0; }

/// Whether an operation between two launches may as well come before the first, or after the last.
static bool isPassed(Operation &op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return isVariable(load.getMemRef());
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return isVariable(store.getMemRef());
  return isa<ir::ReleaseOp>(op) || (op.getNumRegions() == 0 && isPure(&op));
}

static ir::LaunchOp follow(Block *block, Between &between, unsigned depth) {
  constexpr unsigned mostBranches = 16;
  if (depth == mostBranches || !block->getSinglePredecessor() || block->getNumArguments() > 0)
    return {};
  for (Operation &op : block->without_terminator()) {
    if (auto launch = dyn_cast<ir::LaunchOp>(op))
      return launch;
    if (!isPassed(op))
      return {};
    between.operations.push_back(&op);
  }
  Operation *end = block->getTerminator();
  if (auto branch = dyn_cast<cf::BranchOp>(end))
    return follow(branch.getDest(), between, depth + 1);
  auto branch = dyn_cast<cf::CondBranchOp>(end);
  if (!branch)
    return {};
  for (bool sense : {true, false}) {
    Between tried = between;
    tried.conditions.push_back({branch.getCondition(), sense});
    if (ir::LaunchOp launch = follow(sense ? branch.getTrueDest() : branch.getFalseDest(), tried, depth + 1)) {
      between = std::move(tried);
      return launch;
    }
  }
  return {};
}

ir::LaunchOp awg::lowering::findNext(Awaited &from, Between &outBetween) { return follow(from.done, outBetween, 0); }

//===-- What memory arrays are --------------------------------------------------------------------------------------===//

/// Whether the variable only ever holds arrays of its own, not views of others. (What a parameter holds, the caller lends: if it is
/// written, nobody else has it.)
static bool ownsWhatItHolds(Value variable) {
  if (isa<BlockArgument>(variable))
    return true;
  return llvm::all_of(variable.getUsers(), [&](Operation *user) {
    auto store = dyn_cast<memref::StoreOp>(user);
    if (!store)
      return true;
    Operation *from = store.getValueToStore().getDefiningOp();
    return from && !isa<ir::ArrayViewOp, memref::LoadOp, arith::SelectOp>(from);
  });
}

/// Whether nothing changes the variable from `load` up to `at`, in blocks that are only reached from each other.
static bool holdsSince(Value variable, Operation *load, Operation *at) {
  for (Block *block = at->getBlock(); block; block = block->getSinglePredecessor()) {
    for (Operation *op = block == at->getBlock() ? at->getPrevNode() : &block->back(); op; op = op->getPrevNode()) {
      if (op == load)
        return true;
      if (!isa<memref::LoadOp>(op) && llvm::is_contained(op->getOperands(), variable))
        return false;
    }
    if (block == load->getBlock())
      return false;
  }
  return false;
}

/// The array that a launch gives back, by the handle that it was given.
static Value givenBack(Chain &chain, Value value) {
  auto await = value.getDefiningOp<ir::AwaitOp>();
  for (Awaited &launch : chain.launches)
    if (await && launch.await == await)
      return launch.launch.getResult();
  return {};
}

/// Whether a variable is loaded between the launches of the chain, and what it was given there before.
static std::pair<bool, Value> givenBetween(Chain &chain, memref::LoadOp load) {
  Value given;
  for (const Between &between : chain.between)
    for (Operation *op : between.operations) {
      if (op == load)
        return {true, given};
      if (auto store = dyn_cast<memref::StoreOp>(op); store && store.getMemRef() == load.getMemRef())
        given = store.getValueToStore();
    }
  return {false, {}};
}

/// What stands for an array's memory: the variable that holds it, a parameter, or what it was created as. Two that differ do not
/// overlap if one of them is written. Null if nothing is known.
static Value rootOf(Chain &chain, Value array) {
  Awaited &first = chain.launches.front(), &last = chain.launches.back();
  if (Value created = givenBack(chain, array))
    return created;
  if (isa<BlockArgument>(array))
    return cast<BlockArgument>(array).getOwner()->isEntryBlock() ? array : Value();
  auto load = array.getDefiningOp<memref::LoadOp>();
  if (!load)
    return last.launch.getResult() == array ? array : Value();
  Value variable = load.getMemRef();
  if (!isVariable(variable))
    return {};
  auto [isBetween, given] = givenBetween(chain, load);
  if (given)
    return givenBack(chain, given);
  bool isKept = isBetween || holdsSince(variable, load, first.launch);
  return isKept && ownsWhatItHolds(variable) ? variable : Value();
}

bool awg::lowering::findRoots(Chain &chain) {
  Awaited &last = chain.launches.back();
  for (Value argument : last.launch.getArgs()) {
    bool isArray = isa<ir::ArrayType>(argument.getType());
    last.roots.push_back(isArray ? rootOf(chain, argument) : Value());
    if (isArray && !last.roots.back())
      return false;
  }
  return true;
}

//===-- What kernels do ---------------------------------------------------------------------------------------------===//

bool awg::lowering::mayFail(ir::KernelOp kernel) {
  bool fails = false;
  kernel.walk([&](Operation *op) {
    fails |= isa<ir::ErrorOp, ir::ErrorFromStrOp>(op);
    fails |= isa<func::CallOp>(op) && llvm::any_of(op->getResultTypes(), llvm::IsaPred<ir::ErrorType>);
  });
  return fails;
}

/// Whether blocks are reached again: one of them is entered from itself, or from one behind it.
static bool hasLoop(Region &region) {
  llvm::SmallPtrSet<Block *, 8> done, open;
  auto visit = [&](auto &self, Block *block) -> bool {
    if (open.contains(block))
      return true;
    if (!done.insert(block).second)
      return false;
    open.insert(block);
    bool found = llvm::any_of(block->getSuccessors(), [&](Block *next) { return self(self, next); });
    open.erase(block);
    return found;
  };
  return visit(visit, &region.front());
}

bool awg::lowering::usesOwnElement(ir::KernelOp kernel, BlockArgument array) {
  auto isOwn = [&](ValueRange subscripts) {
    if (subscripts.size() != kernel.getRank())
      return false;
    return llvm::all_of(llvm::enumerate(subscripts), [&](auto subscript) {
      auto cast = subscript.value().template getDefiningOp<arith::IndexCastOp>();
      return cast && cast.getIn() == kernel.getBody().getArgument(subscript.index());
    });
  };
  return llvm::all_of(array.getUsers(), [&](Operation *user) {
    if (auto load = dyn_cast<memref::LoadOp>(user))
      return isOwn(load.getIndices());
    if (auto store = dyn_cast<memref::StoreOp>(user))
      return isOwn(store.getIndices());
    return isa<memref::DimOp>(user);
  });
}

/// The parameter of the kernel that an argument of its launch is for.
static BlockArgument parameterOf(Awaited &launch, unsigned argument) {
  return launch.kernel.getBody().getArgument(2 * launch.kernel.getRank() + argument);
}

static bool writes(Awaited &launch, unsigned argument) {
  return llvm::is_contained(launch.kernel.getWritten(), int64_t(parameterOf(launch, argument).getArgNumber()));
}

/// Why two launches cannot run as one because of an array that both use; `outShared`: there is such an array.
static const char *whyApart(Awaited &early, Awaited &late, bool &outShared) {
  for (auto [i, root] : llvm::enumerate(early.roots))
    for (auto [k, other] : llvm::enumerate(late.roots)) {
      if (!root || root != other)
        continue;
      outShared = true;
      if ((writes(early, i) || writes(late, k)) && (!usesOwnElement(early.kernel, parameterOf(early, i)) ||
                                                   !usesOwnElement(late.kernel, parameterOf(late, k))))
        return "an index uses elements that others write";
    }
  return nullptr;
}

/// Why a kernel is not fused with any other.
static const char *whyAlone(ir::KernelOp kernel) {
  if (kernel.getShape() != ir::Shape::Each)
    return "one of them is a reduction or a scan";
  if (kernel.getBlock() || kernel.getPhase())
    return "one of them runs blocks";
  bool hasAtomics = false;
  kernel.walk([&](memref::AtomicRMWOp) { hasAtomics = true; });
  if (hasAtomics)
    return "one of them updates atomically";
  return hasLoop(kernel.getBody()) ? "one of them has a loop" : nullptr;
}

static bool sameDevice(ir::LaunchOp one, ir::LaunchOp other) {
  Value a = one.getDevice(), b = other.getDevice();
  llvm::APInt x, y;
  return a == b || (a && b && matchPattern(a, m_ConstantInt(&x)) && matchPattern(b, m_ConstantInt(&y)) && x == y);
}

const char *awg::lowering::whyNotFused(Chain &chain) {
  Awaited &last = chain.launches.back();
  MutableArrayRef<Awaited> earlier = MutableArrayRef(chain.launches).drop_back();
  for (Awaited &launch : chain.launches)
    if (const char *why = whyAlone(launch.kernel))
      return why;
  if (last.launch.getResult())
    return "memory for its result is allocated between them";
  if (!sameDevice(earlier.front().launch, last.launch))
    return "they are for different devices";
  if (earlier.front().kernel.getRank() != last.kernel.getRank())
    return "they have different numbers of index variables";
  if (earlier.front().kernel.getFast() != last.kernel.getFast())
    return "only one of them is `@fast`";
  if (mayFail(earlier.back().kernel))
    return "the one before may fail";
  bool isShared = false;
  for (Awaited &launch : earlier)
    if (const char *why = whyApart(launch, last, isShared))
      return why;
  if (!isShared)
    return "they have no array in common";
  size_t operations = 0, arguments = 0;
  for (Awaited &launch : chain.launches) {
    launch.kernel->walk([&](Operation *) { ++operations; });
    arguments += launch.launch.getArgs().size();
  }
  return operations > mostOperations || arguments > mostArguments ? "together they would be too large" : nullptr;
}
