// Where futures come from.
#include "dialects/Awg/Futures.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

SmallVector<Operation *> awg::ir::sourcesOf(Value future) {
  SmallVector<Operation *> sources;
  auto add = [&](Value value) {
    if (Operation *source = value.getDefiningOp())
      sources.push_back(source);
  };
  auto load = future.getDefiningOp<memref::LoadOp>();
  if (!load)
    add(future);
  else
    for (Operation *user : load.getMemRef().getUsers())
      if (auto store = dyn_cast<memref::StoreOp>(user); store && store.getMemRef() == load.getMemRef())
        add(store.getValueToStore());
  return sources;
}
