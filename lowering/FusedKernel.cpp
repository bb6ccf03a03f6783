// The kernel that runs a chain's kernels one after the other for each index.
#include "lowering/FuseLaunches.h"

#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace {
/// An array of the fused kernel, and what its kernels do with it so far.
struct Fused {
  Value root;             ///< null for a scalar
  BlockArgument argument; ///< of the new kernel
  Value known;            ///< what the index's element holds, if that is known; only of arrays that are written
  memref::StoreOp last;   ///< the store that always ran last, if nothing has read the element since
};

class FusedKernelBuilder {
public:
  FusedKernelBuilder(Chain &chain, StringRef name, SmallVectorImpl<std::pair<unsigned, unsigned>> &outArguments)
      : chain(chain), rank(chain.launches.front().kernel.getRank()), arguments(outArguments) {
    create(name);
  }
  ir::KernelOp build();

private:
  void create(StringRef name);
  ArrayAttr joinSizes();
  unsigned parameterFor(unsigned number, unsigned argument) const;
  SmallVector<Block *> append(unsigned number);

  Chain &chain;
  const unsigned rank;
  SmallVectorImpl<std::pair<unsigned, unsigned>> &arguments;
  SmallVector<Fused> parameters; ///< behind the index variables and extents
  ir::KernelOp kernel;
  Block *end = nullptr; ///< where the next kernel's operations go on
};
} // namespace

/// The new kernel with its parameters: arrays once, whoever uses them.
void FusedKernelBuilder::create(StringRef name) {
  ir::KernelOp first = chain.launches.front().kernel;
  SmallVector<Type> types(first.getArgumentTypes().take_front(2 * rank));
  SmallVector<int64_t> written;
  for (auto [number, launch] : llvm::enumerate(chain.launches))
    for (auto [k, root] : llvm::enumerate(launch.roots)) {
      Type type = launch.kernel.getArgumentTypes()[2 * rank + k];
      auto *known = root ? llvm::find_if(parameters, [&](const Fused &array) { return array.root == root; })
                         : parameters.end();
      size_t position = known - parameters.begin();
      if (known == parameters.end()) {
        parameters.push_back({root, {}, {}, {}});
        arguments.push_back({unsigned(number), unsigned(k)});
        types.push_back(type);
      }
      if (llvm::is_contained(launch.kernel.getWritten(), int64_t(2 * rank + k)) &&
          !llvm::is_contained(written, int64_t(2 * rank + position)))
        written.push_back(2 * rank + position);
    }
  OpBuilder builder(first->getContext());
  builder.setInsertionPointAfter(first);
  auto type = builder.getFunctionType(types, {});
  ir::KernelOp last = chain.launches.back().kernel;
  kernel = ir::KernelOp::create(builder, last.getLoc(), name, ir::Shape::Each, rank, type, written);
  kernel->setAttr("sym_visibility", builder.getStringAttr("private"));
  if (Attribute source = last->getAttr("awg.source_name")) // only the last can fail
    kernel->setAttr("awg.source_name", source);
  kernel.setFast(first.getFast());
  kernel.setSizesAttr(joinSizes());
  SmallVector<Location> places(types.size(), last.getLoc());
  end = builder.createBlock(&kernel.getBody(), {}, types, places);
  for (auto [k, parameter] : llvm::enumerate(parameters))
    parameter.argument = end->getArgument(2 * rank + k);
}

/// The new kernel's parameter for an argument of a launch of the chain.
unsigned FusedKernelBuilder::parameterFor(unsigned number, unsigned argument) const {
  Value root = chain.launches[number].roots[argument];
  for (auto [k, parameter] : llvm::enumerate(parameters))
    if (root ? parameter.root == root : arguments[k] == std::pair(number, argument))
      return k;
  llvm_unreachable("an argument without a parameter");
}

/// What the kernels' `sizes` say of the fused one's. A name stands for what it is in one kernel: it is taken for that of the launch's
/// or an array's extent, where an earlier kernel has named or counted that.
ArrayAttr FusedKernelBuilder::joinSizes() {
  Builder builder(kernel.getContext());
  SmallVector<SmallVector<Attribute>> joined(parameters.size() + 1); // first those of the launch
  for (auto [number, launch] : llvm::enumerate(chain.launches)) {
    ArrayAttr sizes = launch.kernel.getSizesAttr();
    llvm::SmallDenseMap<Attribute, Attribute> names;
    size_t position = 0;
    auto join = [&](SmallVector<Attribute> &known, size_t count) {
      known.resize(count, builder.getUnitAttr());
      for (Attribute &size : known) {
        Attribute own = sizes ? sizes[position++] : builder.getUnitAttr();
        if (auto name = dyn_cast<StringAttr>(own)) {
          Attribute &meant = names[name];
          if (!meant)
            meant = isa<UnitAttr>(size) ? builder.getStringAttr(Twine(number) + ":" + name.getValue()) : size;
          own = meant;
        }
        if (isa<UnitAttr>(size))
          size = own;
      }
    };
    join(joined.front(), rank);
    for (unsigned k = 0; k < launch.roots.size(); ++k) {
      auto array = dyn_cast<MemRefType>(launch.kernel.getArgumentTypes()[2 * rank + k]);
      join(joined[1 + parameterFor(number, k)], array ? array.getRank() : 1);
    }
  }
  SmallVector<Attribute> all;
  for (ArrayRef<Attribute> sizes : joined)
    llvm::append_range(all, sizes);
  return builder.getArrayAttr(all);
}

/// Appends the operations of one kernel, and gives what its blocks have become.
SmallVector<Block *> FusedKernelBuilder::append(unsigned number) {
  Awaited &launch = chain.launches[number];
  IRMapping mapping;
  Region &body = launch.kernel.getBody();
  for (unsigned k = 0; k < 2 * rank; ++k)
    mapping.map(body.getArgument(k), kernel.getBody().getArgument(k));
  for (unsigned k = 0; k < launch.roots.size(); ++k)
    mapping.map(body.getArgument(2 * rank + k), parameters[parameterFor(number, k)].argument);
  body.cloneInto(&kernel.getBody(), mapping);
  SmallVector<Block *> blocks;
  for (Block &block : body)
    blocks.push_back(mapping.lookup(&block));
  OpBuilder builder = OpBuilder::atBlockEnd(end);
  cf::BranchOp::create(builder, launch.kernel.getLoc(), blocks.front());
  if (number + 1 == chain.launches.size())
    return blocks;
  // The others cannot fail: wherever they end, the next begins.
  end = builder.createBlock(&kernel.getBody());
  for (Block *block : blocks)
    if (auto yield = dyn_cast<ir::YieldOp>(block->getTerminator())) {
      builder.setInsertionPoint(yield);
      cf::BranchOp::create(builder, yield.getLoc(), end);
      yield.erase();
    }
  return blocks;
}

/// Of an array that indices use only at their own elements: takes what an index's element is known to hold in place of reading
/// it, and takes out a store that nothing reads before the next. `blocks` are one kernel's, the first of which always runs;
/// `mayFail`: not to its end.
static void forward(Fused &array, ArrayRef<Block *> blocks, bool mayFail) {
  auto replace = [&](memref::LoadOp load) {
    load.getResult().replaceAllUsesWith(array.known);
    load.erase();
  };
  for (Operation &op : llvm::make_early_inc_range(*blocks.front())) {
    auto load = dyn_cast<memref::LoadOp>(op);
    auto store = dyn_cast<memref::StoreOp>(op);
    if (load && load.getMemRef() == array.argument && array.known) {
      replace(load);
    } else if (load && load.getMemRef() == array.argument) {
      array.known = load.getResult();
    } else if (store && store.getMemRef() == array.argument) {
      if (array.last && !mayFail)
        array.last.erase();
      array.known = store.getValueToStore();
      array.last = store;
    }
  }
  SmallVector<memref::LoadOp> loads;
  bool isStored = false;
  for (Block *block : blocks.drop_front())
    for (Operation &op : *block) {
      if (auto load = dyn_cast<memref::LoadOp>(op); load && load.getMemRef() == array.argument)
        loads.push_back(load);
      auto store = dyn_cast<memref::StoreOp>(op);
      isStored |= store && store.getMemRef() == array.argument;
    }
  if (isStored) { // sometimes
    array.known = {};
    array.last = {};
  } else if (array.known) {
    llvm::for_each(loads, replace);
  }
}

ir::KernelOp FusedKernelBuilder::build() {
  for (auto [number, launch] : llvm::enumerate(chain.launches)) {
    SmallVector<Block *> blocks = append(number);
    bool fails = mayFail(launch.kernel);
    llvm::SmallDenseSet<unsigned> done; // a launch may be lent an array twice for reading
    for (unsigned k = 0; k < launch.roots.size(); ++k)
      if (launch.roots[k]) {
        unsigned position = parameterFor(number, k);
        if (done.insert(position).second && llvm::is_contained(kernel.getWritten(), int64_t(2 * rank + position)) &&
            usesOwnElement(launch.kernel, launch.kernel.getBody().getArgument(2 * rank + k)))
          forward(parameters[position], blocks, fails);
      }
  }
  return kernel;
}

ir::KernelOp awg::lowering::buildFusedKernel(Chain &chain, StringRef name,
                                             SmallVectorImpl<std::pair<unsigned, unsigned>> &outArguments) {
  return FusedKernelBuilder(chain, name, outArguments).build();
}
