// A small array of 8-byte slots on the stack, for handing lists of values to the runtime.
#ifndef AWG_LOWERING_STACKSLOTS_H
#define AWG_LOWERING_STACKSLOTS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace awg::lowering {

/// The slots are allocated in the entry block of the enclosing function, so that they may be declared anywhere, loops included.
class StackSlots {
public:
  StackSlots(mlir::OpBuilder &builder, mlir::Location loc, int64_t count) : loc(loc) {
    mlir::OpBuilder::InsertionGuard guard(builder);
    auto function = builder.getInsertionBlock()->getParentOp()->getParentOfType<mlir::FunctionOpInterface>();
    if (!function)
      function = mlir::cast<mlir::FunctionOpInterface>(builder.getInsertionBlock()->getParentOp());
    builder.setInsertionPointToStart(&function.getFunctionBody().front());
    auto pointer = mlir::LLVM::LLVMPointerType::get(builder.getContext());
    auto one = mlir::LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), builder.getI64IntegerAttr(1));
    auto type = mlir::LLVM::LLVMArrayType::get(builder.getI64Type(), std::max<int64_t>(count, 1));
    slots = mlir::LLVM::AllocaOp::create(builder, loc, pointer, type, one);
  }

  mlir::Value address() const { return slots; }

  mlir::Value address(mlir::OpBuilder &builder, int32_t slot) const {
    return mlir::LLVM::GEPOp::create(builder, loc, slots.getType(), builder.getI64Type(), slots,
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
  mlir::Value slots;
};

/// A scalar or pointer as 64 bits: integers extended by the signedness of `kind` (awgrt_kind), floats by their bits.
mlir::Value toBits(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int8_t kind);

} // namespace awg::lowering

#endif // AWG_LOWERING_STACKSLOTS_H
