// Runs launches that follow each other as one, index by index, where nobody can tell the difference.
//
// A chain of launches is given a kernel of its own. What is computed between them - extents, checks of them - is computed before
// the first instead, by copies: if all checks hold and all extents agree, the chain's kernel is launched in place of the first, and
// the others are passed over; else everything runs as it stands.
#include "lowering/FuseLaunches.h"
#include "lowering/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_FUSELAUNCHES
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
class FuseLaunchesPass : public lowering::impl::FuseLaunchesBase<FuseLaunchesPass> {
public:
  using FuseLaunchesBase::FuseLaunchesBase;
  void runOnOperation() override;

private:
  Chain grow(Awaited first);
  void fuse(Chain &chain);
  Value guard(OpBuilder &builder, Chain &chain, IRMapping &before);
  void note(Chain &chain, const Twine &what);

  llvm::DenseSet<Operation *> fused; ///< launches
  llvm::StringMap<unsigned> names;
  std::string notes;
};
} // namespace

static StringRef nameOf(ir::KernelOp kernel) {
  auto name = kernel->getAttrOfType<StringAttr>("awg.source_name");
  return name ? name.getValue() : kernel.getSymName();
}

/// A line of `--explain-kernels` at the last launch of the chain, about it and the one before.
void FuseLaunchesPass::note(Chain &chain, const Twine &what) {
  Awaited &last = chain.launches.back();
  auto place = last.launch->getLoc()->findInstanceOf<FileLineColLoc>();
  if (!explain || !place)
    return;
  llvm::raw_string_ostream out(notes);
  out << place.getFilename().getValue() << ':' << place.getLine() << ':' << place.getColumn() << ": launch of "
      << nameOf(last.kernel) << ' ' << what << '\n';
}

/// The longest chain from a launch on.
Chain FuseLaunchesPass::grow(Awaited first) {
  Chain chain;
  chain.launches.push_back(first);
  if (!findRoots(chain))
    return chain;
  for (;;) {
    Chain longer = chain;
    Between between;
    ir::LaunchOp launch = findNext(chain.launches.back(), between);
    std::optional<Awaited> next = launch ? matchAwaited(launch) : std::nullopt;
    if (!next || fused.contains(launch))
      return chain;
    longer.between.push_back(std::move(between));
    longer.launches.push_back(*next);
    const char *why = findRoots(longer) ? whyNotFused(longer) : "an array of them may be a view";
    if (why) {
      note(longer, Twine("does not run with the one before: ") + why);
      return chain;
    }
    chain = std::move(longer);
  }
}

/// Copies what lies between the launches to before the first, and gives whether they can run as one. `before` then maps what was
/// computed between them.
Value FuseLaunchesPass::guard(OpBuilder &builder, Chain &chain, IRMapping &before) {
  Location loc = chain.launches.front().launch.getLoc();
  Value yes = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true)), all;
  auto require = [&](Value condition) { all = all ? arith::AndIOp::create(builder, loc, all, condition).getResult() : condition; };
  llvm::DenseMap<Value, Value> variables;
  for (auto [number, between] : llvm::enumerate(chain.between)) {
    Awaited &from = chain.launches[number], &to = chain.launches[number + 1];
    if (from.launch.getResult())
      before.map(from.await.getValues().front(), from.launch.getResult());
    for (Operation *op : between.operations) {
      if (auto store = dyn_cast<memref::StoreOp>(op)) {
        variables[store.getMemRef()] = before.lookupOrDefault(store.getValueToStore());
      } else if (auto load = dyn_cast<memref::LoadOp>(op); load && variables.contains(load.getMemRef())) {
        before.map(load.getResult(), variables[load.getMemRef()]);
      } else if (!isa<ir::ReleaseOp>(op)) {
        builder.clone(*op, before);
      }
    }
    for (auto [condition, sense] : between.conditions) {
      Value known = before.lookupOrDefault(condition);
      require(sense ? known : arith::XOrIOp::create(builder, loc, known, yes).getResult());
    }
    for (auto [extent, other] : llvm::zip(chain.launches.front().launch.getGrid(), to.launch.getGrid()))
      if (Value known = before.lookupOrDefault(other); known != extent)
        require(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, extent, known));
  }
  return all ? all : yes;
}

/// Branches from before a launch to `other` if `isFused`, and gives the block behind its await, whose arguments are what the await
/// gives, and then `more`.
static Block *passOver(Awaited &launch, Value isFused, Block *other, ValueRange more) {
  Block *before = launch.launch->getBlock(), *own = before->splitBlock(launch.launch);
  Block *after = own->splitBlock(launch.await->getNextNode());
  Location loc = launch.launch->getLoc();
  SmallVector<Value> given(launch.await->getResults());
  for (Value value : given)
    value.replaceAllUsesWith(after->addArgument(value.getType(), loc));
  for (Value value : more)
    after->addArgument(value.getType(), loc);
  llvm::append_range(given, more);
  OpBuilder builder = OpBuilder::atBlockEnd(own);
  cf::BranchOp::create(builder, loc, after, given);
  builder.setInsertionPointToEnd(before);
  cf::CondBranchOp::create(builder, loc, isFused, other, ValueRange(), own, ValueRange());
  return after;
}

void FuseLaunchesPass::fuse(Chain &chain) {
  std::string name = chain.launches.front().kernel.getSymName().str() + "$fused_";
  SmallVector<std::pair<unsigned, unsigned>> arguments;
  ir::KernelOp kernel = buildFusedKernel(chain, name + std::to_string(names[name]++), arguments);

  Awaited &first = chain.launches.front(), &last = chain.launches.back();
  Location loc = last.launch.getLoc();
  Type error = ir::ErrorType::get(&getContext());
  OpBuilder builder(first.launch);
  IRMapping before;
  Value isFused = guard(builder, chain, before);
  SmallVector<Value> grid(first.launch.getGrid()), passed;
  for (auto [number, argument] : arguments)
    passed.push_back(before.lookupOrDefault(chain.launches[number].launch.getArgs()[argument]));
  Value device = first.launch.getDevice(), result = first.launch.getResult();

  Value none = ir::NullOp::create(builder, loc, error);
  Block *block = builder.createBlock(first.launch->getBlock()->getParent());
  auto future = ir::LaunchOp::create(builder, loc, ir::FutureType::get(&getContext(), {}),
                                     FlatSymbolRefAttr::get(kernel.getSymNameAttr()), device, grid, passed, Value());
  auto await = ir::AwaitOp::create(builder, last.await.getLoc(), TypeRange(error), ValueRange(future));
  SmallVector<Value> values{none};
  if (result)
    values.push_back(result);
  values.push_back(await.getError());
  Block *after = passOver(first, isFused, block, none);
  cf::BranchOp::create(builder, loc, after, values);

  // What the chain's kernel came to is for the last launch to tell.
  Value ending = after->getArguments().back();
  for (Awaited &launch : llvm::drop_begin(chain.launches)) {
    Block *passed = builder.createBlock(first.launch->getBlock()->getParent());
    Block *behind = passOver(launch, isFused, passed, {});
    builder.setInsertionPointToEnd(passed);
    cf::BranchOp::create(builder, loc, behind, launch.launch == last.launch ? ending : none);
  }
}

void FuseLaunchesPass::runOnOperation() {
  fused.clear();
  names.clear();
  notes.clear();
  SmallVector<ir::LaunchOp> launches;
  getOperation().walk([&](ir::LaunchOp launch) { launches.push_back(launch); });
  SmallVector<Chain> chains; // found before any is fused, which makes others harder to see
  for (ir::LaunchOp launch : launches) {
    std::optional<Awaited> first = fused.contains(launch) ? std::nullopt : matchAwaited(launch);
    if (!first)
      continue;
    Chain chain = grow(*first);
    for (Awaited &each : chain.launches)
      fused.insert(each.launch);
    if (chain.launches.size() == 1)
      continue;
    std::string with = nameOf(chain.launches.front().kernel).str();
    note(chain, "runs with the " + Twine(chain.launches.size() - 1) + " before, from that of " + with + " on, as one kernel");
    chains.push_back(std::move(chain));
  }
  for (Chain &chain : chains)
    fuse(chain);
  if (explain && !notes.empty())
    getOperation()->setAttr("awg.explanation", StringAttr::get(&getContext(), notes));
}
