// Finds or makes the slots for a list. The free ones of a function are those in front of its entry block that are
// marked with the pool's name and not as taken.
#include "lowering/StackSlots.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace awg::lowering;

static constexpr llvm::StringLiteral taken = "awg.taken";

static Block &entryOf(OpBuilder &builder) {
  Operation *parent = builder.getInsertionBlock()->getParentOp();
  auto function = dyn_cast<FunctionOpInterface>(parent);
  if (auto outer = parent->getParentOfType<FunctionOpInterface>())
    function = outer;
  return function.getFunctionBody().front();
}

static int64_t lengthOf(LLVM::AllocaOp slots) {
  return cast<LLVM::LLVMArrayType>(slots.getElemType()).getNumElements();
}

/// How often slots are used: LLVM looks at all uses of a variable at each of them.
static constexpr int64_t mostUses = 16;

/// The shortest free slots of the pool that are long enough, or null.
static LLVM::AllocaOp findFree(Block &entry, int64_t count, StringRef pool) {
  LLVM::AllocaOp best;
  for (Operation &op : entry) {
    auto slots = dyn_cast<LLVM::AllocaOp>(op);
    if (!slots && !isa<LLVM::ConstantOp>(op))
      break;
    auto uses = slots ? slots->getAttrOfType<IntegerAttr>(pool) : IntegerAttr();
    if (uses && uses.getInt() < mostUses && !slots->hasAttr(taken) && lengthOf(slots) >= count &&
        (!best || lengthOf(slots) < lengthOf(best)))
      best = slots;
  }
  return best;
}

StackSlots::StackSlots(OpBuilder &builder, Location loc, int64_t count, StringRef pool) : loc(loc) {
  count = std::max<int64_t>(count, 1);
  Block &entry = entryOf(builder);
  slots = findFree(entry, count, pool);
  if (!slots) {
    OpBuilder front = OpBuilder::atBlockBegin(&entry);
    auto one = LLVM::ConstantOp::create(front, loc, front.getI64Type(), front.getI64IntegerAttr(1));
    slots = LLVM::AllocaOp::create(front, loc, LLVM::LLVMPointerType::get(front.getContext()),
                                   LLVM::LLVMArrayType::get(front.getI64Type(), llvm::PowerOf2Ceil(count)), one);
    slots->setAttr(pool, front.getI64IntegerAttr(0));
  }
  slots->setAttr(pool, builder.getI64IntegerAttr(slots->getAttrOfType<IntegerAttr>(pool).getInt() + 1));
  slots->setAttr(taken, builder.getUnitAttr());
}

StackSlots::~StackSlots() {
  if (slots)
    slots->removeAttr(taken);
}
