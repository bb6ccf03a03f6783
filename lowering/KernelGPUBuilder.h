// The builder behind KernelGPU.h: shared by the shapes of kernels.
#ifndef AWG_LOWERING_KERNELGPUBUILDER_H
#define AWG_LOWERING_KERNELGPUBUILDER_H

#include "lowering/KernelGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace awg::lowering {

/// Threads of a group that reduces a block.
inline constexpr int64_t groupThreads = 128;

class GPUBuilder {
public:
  using Value = mlir::Value;
  using OpBuilder = mlir::OpBuilder;
  using Type = mlir::Type;

  explicit GPUBuilder(KernelIndex &index);
  void buildEach();
  void buildReduce();
  void buildScan();
  void buildBlocks(llvm::MutableArrayRef<KernelIndex> phases);

private:
  using Load = std::function<Value(OpBuilder &, Value position)>;

  mlir::gpu::GPUFuncOp makeEntry(llvm::StringRef suffix, llvm::ArrayRef<Type> inputs);
  /// The parameters that all entries over indices begin with: extents and arguments.
  llvm::SmallVector<Type> commonInputs();
  /// The entry's extents and arguments, with one value for what KernelOp's `sizes` says is equal; arrays as dense as they are,
  /// so that the places of their elements are found from few values, and a row-major index is a place where it can be.
  llvm::SmallVector<Value> knownArguments(OpBuilder &builder, mlir::gpu::GPUFuncOp entry);
  Value denseArray(OpBuilder &builder, Value array, llvm::ArrayRef<Value> extents);
  /// A copy of an index function in the module.
  mlir::func::FuncOp cloneIndexFunction(mlir::func::FuncOp original);
  /// Replaces a failure by a call of the recording function.
  void expandRecord(ir::RecordOp record);
  void cloneCombiner();
  /// Calls the index function for a row-major index; `arguments` are the known ones.
  Value evaluate(OpBuilder &builder, mlir::ValueRange arguments, Value failure, Value flat);
  /// The places of a row-major index: a remainder is a difference, so that what is computed back from places folds. That they are
  /// within the extents is said to LLVM, for what lowering/GPUChecks makes of it.
  llvm::SmallVector<Value> decode(OpBuilder &builder, Value flat, mlir::ValueRange extents);
  void assume(OpBuilder &builder, mlir::arith::CmpIPredicate predicate, Value left, Value right);
  Value threadInGroup(OpBuilder &builder);
  Value group(OpBuilder &builder);
  Value globalThread(OpBuilder &builder);
  Value constant(OpBuilder &builder, int64_t value);
  Value toIndex(OpBuilder &builder, Value value);
  Value total(OpBuilder &builder, mlir::ValueRange extents);
  Value less(OpBuilder &builder, Value left, Value right);
  Value address(OpBuilder &builder, Value base, Value number, Type element);

  // Reduce and scan
  void reduceGroup(mlir::gpu::GPUFuncOp entry, OpBuilder &builder, Value count, Value partials, const Load &load);
  void searchGroup(mlir::gpu::GPUFuncOp entry, OpBuilder &builder, Value count, Value partials,
                   const std::function<std::pair<Value, Value>(OpBuilder &, Value)> &load);
  Value join(OpBuilder &builder, Value left, Value right);
  /// Elements of arrays, where a bool is a byte.
  Value loadElement(OpBuilder &builder, Value base, Value place);
  void storeElement(OpBuilder &builder, Value value, Value base, Value place);
  void scanRun(OpBuilder &builder, Value count, Value output, Value totals, const Load &load);

  // Blocks
  void chooseThreads(mlir::gpu::GPUFuncOp entry);
  void placeStorage(mlir::gpu::GPUFuncOp entry);
  void expandClear(ir::ClearOp clear);
  void expandPhase(ir::PhaseOp op, KernelIndex &phase);
  mlir::func::FuncOp clonePhase(KernelIndex &phase, mlir::ValueRange arguments);
  void runOnce(mlir::Operation *op);
  void stepTogether(OpBuilder &builder);

  KernelIndex &index;
  mlir::Location loc;
  mlir::gpu::GPUModuleOp module;
  mlir::func::FuncOp function; ///< the index function, in the module; of blocks it becomes part of the entry
  Type i64, pointer, element;
  int64_t threads = 0;         ///< of blocks: those of a group
  Value thread;                ///< of blocks: the thread's number in its group
  bool readsAsGroup = false;   ///< of blocks: group statements read memory that phases may write
  llvm::DenseMap<Value, int64_t> perThread; ///< of blocks: `local` storage and for how many indices it is
};

} // namespace awg::lowering

#endif // AWG_LOWERING_KERNELGPUBUILDER_H
