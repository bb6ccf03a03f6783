// What host code of scans consists of: the language's runs of 16 from left to right, three levels of them in a block.
#ifndef AWG_LOWERING_SCANEMITTER_H
#define AWG_LOWERING_SCANEMITTER_H

#include "lowering/KernelHostBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace awg::lowering {

/// A run, the runs whose totals make a run, and the same once more.
constexpr int64_t runLength = 16, groupLength = 256, blockLength = 4096;

/// Emits code over elements in memory. The functions of a block are the program's own, one each for all kernels that
/// scan alike.
class ScanEmitter {
public:
  ScanEmitter(ir::KernelOp kernel)
      : kernel(kernel), loc(kernel.getLoc()), element(storedType(kernel.getResultTypes()[0])),
        pointer(mlir::LLVM::LLVMPointerType::get(kernel.getContext())),
        i64(mlir::IntegerType::get(kernel.getContext(), 64)), run(mlir::VectorType::get({runLength}, element)),
        bytes(element.getIntOrFloatBitWidth() / 8) {}

  bool isByFunction() { return bool(kernel.getCombinerAttr()); }
  mlir::Value constant(mlir::OpBuilder &builder, int64_t value) {
    return mlir::arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
  }
  mlir::Value at(mlir::OpBuilder &builder, mlir::Value base, mlir::Value place) {
    return mlir::LLVM::GEPOp::create(builder, loc, pointer, element, base, llvm::ArrayRef<mlir::LLVM::GEPArg>{place});
  }
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value base, mlir::Value place, mlir::Type type) {
    return mlir::LLVM::LoadOp::create(builder, loc, type, at(builder, base, place), bytes);
  }
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value base, mlir::Value place) {
    return load(builder, base, place, element);
  }
  void store(mlir::OpBuilder &builder, mlir::Value value, mlir::Value base, mlir::Value place) {
    mlir::LLVM::StoreOp::create(builder, loc, value, at(builder, base, place), bytes);
  }
  mlir::Value field(mlir::OpBuilder &builder, mlir::Value info, size_t offset, mlir::Type type) {
    mlir::Value address = mlir::LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), info,
                                                    llvm::ArrayRef<mlir::LLVM::GEPArg>{int32_t(offset)});
    return mlir::LLVM::LoadOp::create(builder, loc, type, address);
  }
  mlir::Value buffer(mlir::OpBuilder &builder, int64_t length) {
    return mlir::LLVM::AllocaOp::create(builder, loc, pointer, element, constant(builder, length), /*alignment=*/64);
  }
  mlir::Value is(mlir::OpBuilder &builder, mlir::arith::CmpIPredicate predicate, mlir::Value left, mlir::Value right) {
    return mlir::arith::CmpIOp::create(builder, loc, predicate, left, right);
  }
  mlir::Value divideUp(mlir::OpBuilder &builder, mlir::Value count, int64_t by) {
    return mlir::arith::DivUIOp::create(builder, loc,
                                        mlir::arith::AddIOp::create(builder, loc, count, constant(builder, by - 1)),
                                        constant(builder, by));
  }

  mlir::Value join(mlir::OpBuilder &builder, mlir::Value left, mlir::Value right);
  mlir::Value joinIf(mlir::OpBuilder &builder, mlir::Value condition,
                     llvm::function_ref<mlir::Value(mlir::OpBuilder &)> left,
                     llvm::function_ref<mlir::Value(mlir::OpBuilder &)> right);
  void scanRuns(mlir::OpBuilder &builder, mlir::Value input, mlir::Value output, mlir::Value totals, mlir::Value count,
                mlir::Value firstRun, mlir::Value lastRun);
  void transpose(mlir::OpBuilder &builder, mlir::Value from, mlir::Value to);
  void scanLanes(mlir::OpBuilder &builder, mlir::Value values, mlir::Value totals, mlir::Value writesBack,
                 mlir::func::FuncOp transposing);
  void prefixRun(mlir::OpBuilder &builder, mlir::Value prefix, mlir::Value input, mlir::Value from, mlir::Value output,
                 mlir::Value to, mlir::Value count, bool streams = false);
  void scanGroups(mlir::OpBuilder &builder, mlir::Value groups, mlir::Value count);
  void addPrefixes(mlir::OpBuilder &builder, mlir::Value runs, mlir::Value groups, mlir::Value count,
                   mlir::Value number, mlir::Value info, mlir::Value prefixes);
  void writeBlock(mlir::OpBuilder &builder, mlir::Value values, mlir::Value prefixes, mlir::Value count,
                  mlir::Value number, mlir::Value output, mlir::Value first, mlir::Value info);

  ir::KernelOp kernel;
  mlir::Location loc;
  mlir::Type element, pointer, i64;
  mlir::VectorType run;
  unsigned bytes;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_SCANEMITTER_H
