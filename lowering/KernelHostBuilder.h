// The builder behind KernelHost.h: shared by the shapes of kernels.
#ifndef AWG_LOWERING_KERNELHOSTBUILDER_H
#define AWG_LOWERING_KERNELHOSTBUILDER_H

#include "lowering/KernelHost.h"
#include "lowering/Lanes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace awg::lowering {

/// How a value of that type lies in memory: bool as a byte.
mlir::Type storedType(mlir::Type type);

class HostBuilder {
public:
  /// `unchecked` is the structured body without the comparisons of `checks`, or null.
  HostBuilder(KernelIndex &index, mlir::func::FuncOp structured, BoundsChecks &checks,
              mlir::func::FuncOp unchecked, const HostTarget &target);

  HostKernel buildEach();
  HostKernel buildReduce();
  HostKernel buildScan();

private:
  /// A launch's arguments, read from their slots.
  struct Arguments {
    llvm::SmallVector<mlir::Value> extents;
    llvm::SmallVector<std::pair<mlir::Value, HostArray>> values; ///< scalar, or null and an array
    mlir::Value failure;
    mlir::Block *entry; ///< of the host function: private storage is declared there
    unsigned nextSlot;
  };
  /// A form of the body, and which of its values differ between lanes.
  struct Body {
    mlir::func::FuncOp function;
    llvm::DenseSet<mlir::Value> varying;
  };
  /// Takes the yielded values of `width` indices, of which the first stands at `position` (i64).
  using Sink = std::function<void(mlir::OpBuilder &, LaneEmitter &, Lane value, mlir::Value position, mlir::Value mask)>;

  mlir::LLVM::LLVMFuncOp makeFunction(llvm::StringRef name);
  mlir::Value loadSlot(mlir::OpBuilder &builder, mlir::Value slots, unsigned slot, mlir::Type type);
  mlir::Value flatMemRef(mlir::OpBuilder &builder, mlir::Value pointer, mlir::Value count, mlir::Type element);
  Arguments loadArguments(mlir::OpBuilder &builder, mlir::LLVM::LLVMFuncOp function);
  void emitLanes(mlir::OpBuilder &builder, const Body &body, Arguments &arguments, mlir::ValueRange outer,
                 mlir::Value first, mlir::Value position, mlir::Value mask, const Sink &sink);
  void emitMasked(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer, mlir::Value begin,
                  mlir::Value end, mlir::Value positionOffset, const Sink &sink);
  std::pair<mlir::Value, mlir::Value> uncheckedRange(mlir::OpBuilder &builder, Arguments &arguments,
                                                     mlir::ValueRange outer, mlir::Value begin, mlir::Value end);
  void emitRow(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer, mlir::Value begin,
               mlir::Value end, mlir::Value positionOffset, const Sink &sink);
  void emitRange(mlir::OpBuilder &builder, Arguments &arguments, mlir::Value begin, mlir::Value end, const Sink &sink);
  /// A sink that stores to `flat[position - base]`.
  Sink storeTo(mlir::Value flat, mlir::Value base);
  mlir::Value total(mlir::OpBuilder &builder, const Arguments &arguments);
  mlir::Value constant(mlir::OpBuilder &builder, int64_t value);

  // Reduce
  void reduceBlock(mlir::OpBuilder &builder, mlir::Value values, mlir::Value count, mlir::Value base,
                   mlir::Value partial);
  bool staysInRegisters();
  mlir::Value reduceInRegisters(mlir::OpBuilder &builder, Arguments &arguments, mlir::Value begin, mlir::Value end,
                                mlir::Value buffer);
  mlir::Value neutralLanes(mlir::OpBuilder &builder, mlir::Type element, int64_t count);
  mlir::Value loadLanes(mlir::OpBuilder &builder, mlir::Value values, mlir::Value from, mlir::Value count);
  mlir::Value halveLanes(mlir::OpBuilder &builder, mlir::Value lanes);
  mlir::Value addRows(mlir::OpBuilder &builder, mlir::Value lanes, mlir::Value values, mlir::Value count);
  mlir::Value reduceByTree(mlir::OpBuilder &builder, mlir::Value values, mlir::Value count);
  mlir::Value reducePairwise(mlir::OpBuilder &builder, mlir::Value values, mlir::Value count);
  std::pair<mlir::Value, mlir::Value> findBest(mlir::OpBuilder &builder, mlir::Value values, mlir::Value count,
                                               mlir::Value base);
  void combineBest(mlir::OpBuilder &builder, mlir::Value input, mlir::Value begin, mlir::Value end, mlir::Value partial);
  bool isArg() const;

  // Scan
  void scanRuns(mlir::OpBuilder &builder, mlir::Value input, mlir::Value output, mlir::Value totals, mlir::Value count,
                mlir::Value firstRun, mlir::Value lastRun);

  KernelIndex &index;
  BoundsChecks &checks;
  Body checked, unchecked; ///< the same if there are no checks to leave out
  const HostTarget &target;
  mlir::Location loc;
  unsigned width;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_KERNELHOSTBUILDER_H
