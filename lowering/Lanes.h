// Emits a structured kernel body for a vector of neighbouring indices: SPMD to SIMD.
#ifndef AWG_LOWERING_LANES_H
#define AWG_LOWERING_LANES_H

#include "dialects/Awg/Awg.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace awg::lowering {

/// An array argument inside host code: its elements in row-major order and its extents (index type).
struct HostArray {
  mlir::Value flat; ///< memref<?xT>; bool is stored as i8
  llvm::SmallVector<mlir::Value> extents;
};

/// A value for all lanes: `scalar` if it is the same in each; else `vector`, and for lane numbers plus something uniform
/// also `scalar`, the first lane's.
struct Lane {
  mlir::Value scalar;
  mlir::Value vector;
  bool isUniform() const { return !vector; }
  bool isLinear() const { return vector && scalar; }
};

/// Which values of a structured function differ between lanes, given that argument `lane` does. A value differs if it is
/// computed from one that does, or if lanes take different ways to it. After Coutinho et al., "Divergence analysis", 2011,
/// restricted to structured control flow, where it is exact.
llvm::DenseSet<mlir::Value> findVarying(mlir::func::FuncOp function, mlir::Value lane);

/// True if the lanes of the function can be emitted as vectors; else `why` says what stands against it.
bool canVectorize(mlir::func::FuncOp function, const llvm::DenseSet<mlir::Value> &varying, std::string &why);

/// Emits a structured function of an index (see KernelIndex) for `width` neighbouring indices at a time.
class LaneEmitter {
public:
  /// `entry` is where private storage is declared, in the host function being built. Width 1 emits plain scalars.
  LaneEmitter(mlir::func::FuncOp index, const llvm::DenseSet<mlir::Value> &varying, unsigned width,
              mlir::OpBuilder entry)
      : index(index), varying(varying), width(width), entry(entry) {}

  void mapScalar(mlir::Value arg, mlir::Value value) { lanes[arg] = {value, nullptr}; }
  void mapArray(mlir::Value arg, HostArray array) { arrays[arg] = std::move(array); }
  /// Takes over the operations of a group of threads: storage and phases.
  void onGroup(std::function<void(mlir::OpBuilder &, mlir::Operation &)> emit) { emitGroup = std::move(emit); }
  mlir::Value scalar(mlir::Value value) { return lookup(value).scalar; }
  const HostArray &array(mlir::Value value) { return arrays[value]; }

  /// The innermost index: `first` and the ones after it.
  void mapLane(mlir::OpBuilder &builder, mlir::Value arg, mlir::Value first);

  /// Emits the body at the builder; lanes outside `mask` (null: none) do nothing. Gives what the function returns.
  llvm::SmallVector<Lane> emit(mlir::OpBuilder &builder, mlir::Value mask);

  /// Stores `value` to `flat[position]` and the neighbours after it.
  void storeLanes(mlir::OpBuilder &builder, mlir::Location loc, Lane value, mlir::Value flat, mlir::Value position,
                  mlir::Value mask);

  /// `value` as a vector in the form in which memory of element type `stored` holds it.
  mlir::Value storedLanes(mlir::OpBuilder &builder, mlir::Location loc, Lane value, mlir::Type stored);

private:
  mlir::Type vectorOf(mlir::Type element) const { return mlir::VectorType::get({width}, element); }
  bool isVarying(mlir::Value value) const { return width > 1 && varying.contains(value); }
  mlir::Value vector(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);
  mlir::Value vector(mlir::OpBuilder &builder, mlir::Location loc, Lane lane);
  Lane lookup(mlir::Value value) { return lanes.lookup(value); }
  mlir::Value any(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value mask);
  mlir::Value both(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value mask, mlir::Value other);

  void emitBlock(mlir::OpBuilder &builder, mlir::Block &block, mlir::Value mask);
  void emitOp(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitElementwise(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitIf(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitWhile(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitUniformWhile(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitRecord(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitLoad(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitStore(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitAtomic(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitPrivate(mlir::OpBuilder &builder, mlir::Operation &op);
  /// Calls `body` with the lane number for each lane in the mask, in rising order.
  void forEachLane(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value mask,
                   llvm::function_ref<void(mlir::OpBuilder &, mlir::Value)> body);
  mlir::Value extract(mlir::OpBuilder &builder, mlir::Location loc, Lane lane, mlir::Value number);
  /// The row-major position of an element.
  Lane flatten(mlir::OpBuilder &builder, mlir::Location loc, const HostArray &array, mlir::ValueRange subscripts);
  llvm::SmallVector<mlir::Value> yields(mlir::OpBuilder &builder, mlir::Operation *terminator,
                                        mlir::ValueRange shape);
  void bind(mlir::Value value, mlir::Value emitted);

  mlir::func::FuncOp index;
  const llvm::DenseSet<mlir::Value> &varying;
  unsigned width;
  mlir::OpBuilder entry;
  std::function<void(mlir::OpBuilder &, mlir::Operation &)> emitGroup;
  llvm::DenseMap<mlir::Value, Lane> lanes;
  llvm::DenseMap<mlir::Value, HostArray> arrays;
  llvm::DenseMap<mlir::Value, mlir::Value> privates;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_LANES_H
