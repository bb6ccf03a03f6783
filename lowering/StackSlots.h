// A small array of 8-byte slots on the stack, for handing lists of values to the runtime.
#ifndef AWG_LOWERING_STACKSLOTS_H
#define AWG_LOWERING_STACKSLOTS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace awg::lowering {

/// The slots are allocated in the entry block of the enclosing function, so that they may be declared anywhere, loops
/// included. What is emitted while the object lives uses them; a dozen later objects of the same pool use them
/// again, so that a function's stack or frame does not grow with each of its calls.
class StackSlots {
public:
  /// `pool`: passes that emit code between an object's first and last use (of another pass) have pools of their own.
  StackSlots(mlir::OpBuilder &builder, mlir::Location loc, int64_t count, llvm::StringRef pool = "awg.slots");
  StackSlots(StackSlots &&other) : loc(other.loc), slots(std::exchange(other.slots, nullptr)) {}
  StackSlots &operator=(StackSlots &&) = delete;
  ~StackSlots();

  mlir::Value address() const { return mlir::LLVM::AllocaOp(slots).getResult(); }

  mlir::Value address(mlir::OpBuilder &builder, int32_t slot) const {
    return mlir::LLVM::GEPOp::create(builder, loc, address().getType(), builder.getI64Type(), address(),
                                     llvm::ArrayRef<mlir::LLVM::GEPArg>{slot});
  }

  /// The value's bytes go to the slot's low end; a boolean becomes a byte.
  void store(mlir::OpBuilder &builder, int32_t slot, mlir::Value value) const {
    if (value.getType().isInteger(1))
      value = mlir::LLVM::ZExtOp::create(builder, loc, builder.getI8Type(), value);
    mlir::LLVM::StoreOp::create(builder, loc, value, address(builder, slot));
  }

private:
  mlir::Location loc;
  mlir::LLVM::AllocaOp slots; ///< null once moved from
};

/// A scalar or pointer as 64 bits: integers extended by the signedness of `kind` (awgrt_kind), floats by their bits.
mlir::Value toBits(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int8_t kind);

} // namespace awg::lowering

#endif // AWG_LOWERING_STACKSLOTS_H
