// Emits a structured kernel body for a vector of neighbouring indices: SPMD to SIMD.
#ifndef AWG_LOWERING_LANES_H
#define AWG_LOWERING_LANES_H

#include "dialects/Awg/Awg.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace awg::lowering {

/// An array argument inside host code: its elements in row-major order and its extents (index type).
struct HostArray {
  mlir::Value flat; ///< memref<?xT>; bool is stored as i8
  llvm::SmallVector<mlir::Value> extents;
  unsigned ways = 0;   ///< 0: other workers may write it too; else the worker's own, so many times
  mlir::Value waySize; ///< elements from one time to the next (index), if several
};

/// A value for all lanes: `scalar` if it is the same in each; else `vector`, and for something uniform plus or minus the lane's
/// number also `scalar`, the first lane's.
struct Lane {
  mlir::Value scalar;
  mlir::Value vector;
  bool falls = false; ///< by one from lane to lane, where it would rise
  bool isUniform() const { return !vector; }
  bool isEven() const { return vector && scalar; }
  bool isLinear() const { return isEven() && !falls; }
};

/// Which values of a structured function differ between lanes, given that the arguments `lanes` do. A value differs if it is
/// computed from one that does, or if lanes take different ways to it. Inside a loop that lanes leave one by one it is asked of
/// those still in it. After Coutinho et al., "Divergence analysis", 2011, restricted to structured control flow, where it is exact.
llvm::DenseSet<mlir::Value> findVarying(mlir::func::FuncOp function, mlir::ValueRange lanes);

/// True if the lanes of the function can be emitted as vectors; else `why` says what stands against it.
bool canVectorize(mlir::func::FuncOp function, const llvm::DenseSet<mlir::Value> &varying, std::string &why);

/// Several vectors of indices that are emitted together: `rows` values of the last but one index variable by `columns` vectors
/// of the last one. What they agree on is computed once, and loops that all of them go round equally often are one loop, so
/// that a value stays in its register for all of them.
struct Tile {
  unsigned rows = 1, columns = 1;
  llvm::DenseSet<mlir::Value> differing;   ///< values that differ between the vectors of a tile, or within one
  llvm::DenseSet<mlir::Operation *> replayed; ///< loads in loops that give the same for each row
  llvm::DenseSet<mlir::Operation *> streamed; ///< stores past the caches, of whole lines
  unsigned copies() const { return rows * columns; }
};

/// What casts to a wider integer made a value of, and these, the last first.
mlir::Value beforeWidening(mlir::Value value, llvm::SmallVectorImpl<mlir::Operation *> &casts);

/// True if updates of that kind give the same in any order (float ones as far as anybody may rely on it).
bool isOrderFree(mlir::arith::AtomicRMWKind kind);

/// Where the values of Tile::replayed loads lie in the order in which they are needed: the first tile of a column leaves them
/// there, those below it find them side by side whatever the array's layout.
struct Replay {
  mlir::Value memory;   ///< !llvm.ptr
  mlir::Value position; ///< memref<i64>: bytes so far
  mlir::Value last;     ///< i64: values beyond this position are left out
  bool records;         ///< or replays
};

/// Emits a structured function of an index (see KernelIndex) for `width` neighbouring indices at a time, or for a tile of such
/// vectors, each a copy of the function's values.
class LaneEmitter {
public:
  /// `entry` is where private storage is declared, in the host function being built. Width 1 emits plain scalars.
  LaneEmitter(mlir::func::FuncOp index, const llvm::DenseSet<mlir::Value> &varying, unsigned width,
              mlir::OpBuilder entry, const Tile *tile = nullptr, const Replay *replay = nullptr)
      : index(index), varying(varying), width(width), entry(entry), tile(tile), replay(replay),
        copies(tile ? tile->copies() : 1), copy(copies.data()), together(copies.size() > 1) {}
  LaneEmitter(const LaneEmitter &) = delete;

  /// The copy, row by row, that mapScalar and mapLane are for; at first the first.
  void select(unsigned number) { copy = &copies[number]; }
  void mapScalar(mlir::Value arg, mlir::Value value) { copy->lanes[arg] = {value, nullptr}; }
  void mapArray(mlir::Value arg, HostArray array) { arrays[arg] = std::move(array); }
  /// Takes over the operations of a group of threads: storage and phases.
  void onGroup(std::function<void(mlir::OpBuilder &, mlir::Operation &)> emit) { emitGroup = std::move(emit); }
  mlir::Value scalar(mlir::Value value) { return lookup(value).scalar; }
  const HostArray &array(mlir::Value value) { return arrays[value]; }

  /// The innermost index: `first` and the ones after it.
  void mapLane(mlir::OpBuilder &builder, mlir::Value arg, mlir::Value first);

  /// Emits the body at the builder; lanes outside `mask` (null: none) do nothing. Gives what the function returns, of the
  /// first copy.
  llvm::SmallVector<Lane> emit(mlir::OpBuilder &builder, mlir::Value mask);

  /// Stores `value` to `flat[position]` and the neighbours after it; past the caches if that `isAligned` to the vector.
  void storeLanes(mlir::OpBuilder &builder, mlir::Location loc, Lane value, mlir::Value flat, mlir::Value position,
                  mlir::Value mask, bool isAligned = false);

  /// The lanes in the opposite order.
  mlir::Value reversed(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector);

  /// `value` as a vector in the form in which memory of element type `stored` holds it.
  mlir::Value storedLanes(mlir::OpBuilder &builder, mlir::Location loc, Lane value, mlir::Type stored);

private:
  /// The values of one vector of indices.
  struct Copy {
    llvm::DenseMap<mlir::Value, Lane> lanes;
    llvm::DenseMap<mlir::Value, mlir::Value> privates;
    mlir::Value mask; ///< of the lanes that are on, where the copies go together; null: all
  };

  mlir::Type vectorOf(mlir::Type element) const { return mlir::VectorType::get({width}, element); }
  bool isVarying(mlir::Value value) const { return width > 1 && varying.contains(value); }
  mlir::Value vector(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);
  mlir::Value vector(mlir::OpBuilder &builder, mlir::Location loc, Lane lane);
  Lane lookup(mlir::Value value) { return copy->lanes.lookup(value); }
  mlir::Value any(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value mask);
  mlir::Value both(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value mask, mlir::Value other);

  void emitBlock(mlir::OpBuilder &builder, mlir::Block &block, mlir::Value mask);
  void emitOp(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitElementwise(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  bool emitNarrowComparison(mlir::OpBuilder &builder, mlir::Operation &op);
  void emitIf(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitDivergentIf(mlir::OpBuilder &builder, mlir::scf::IfOp branch, mlir::Value mask);
  void emitWhile(mlir::OpBuilder &builder, mlir::scf::WhileOp loop, mlir::Value mask);
  void emitUniformWhile(mlir::OpBuilder &builder, mlir::scf::WhileOp loop, mlir::Value mask);
  void emitDivergentWhile(mlir::OpBuilder &builder, mlir::scf::WhileOp loop, mlir::Value mask);
  void emitRecord(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitLoad(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitStore(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitAtomic(mlir::OpBuilder &builder, mlir::Operation &op, mlir::Value mask);
  void emitOwnUpdate(mlir::OpBuilder &builder, mlir::memref::AtomicRMWOp update, const HostArray &array, Lane position,
                     Lane value, mlir::Value mask);
  /// The element that a contiguous access starts at, whether its lanes rise or fall.
  mlir::Value lowest(mlir::OpBuilder &builder, mlir::Location loc, Lane position);
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

  // Tiles
  bool differs(mlir::Value value) const { return tile->differing.contains(value); }
  void emitTogether(mlir::OpBuilder &builder, mlir::Operation &op);
  void emitOnce(mlir::OpBuilder &builder, mlir::Operation &op);
  void emitIfTogether(mlir::OpBuilder &builder, mlir::scf::IfOp branch);
  bool goesTogether(mlir::scf::WhileOp loop);
  void emitReplayed(mlir::OpBuilder &builder, mlir::Operation &op);
  /// The copies that are being emitted.
  llvm::MutableArrayRef<Copy> group() { return {together ? copies.data() : copy, together ? copies.size() : 1}; }
  /// How many values stand for one of `shape`: one if the copies agree on it, else one a copy.
  size_t placesOf(mlir::Value shape) { return together && differs(shape) ? copies.size() : 1; }
  llvm::SmallVector<mlir::Type> typesTogether(mlir::ValueRange shape);
  llvm::SmallVector<mlir::Value> valuesTogether(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange values,
                                                mlir::ValueRange shape);
  void bindTogether(mlir::ValueRange targets, mlir::ValueRange shape, mlir::ValueRange values);

  mlir::func::FuncOp index;
  const llvm::DenseSet<mlir::Value> &varying;
  unsigned width;
  mlir::OpBuilder entry;
  const Tile *tile;
  const Replay *replay;
  std::vector<Copy> copies;
  Copy *copy;    ///< the one that is being emitted
  bool together; ///< all of them are
  std::function<void(mlir::OpBuilder &, mlir::Operation &)> emitGroup;
  llvm::DenseMap<mlir::Value, HostArray> arrays;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_LANES_H
