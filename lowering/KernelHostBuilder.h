// The builder behind KernelHost.h: shared by the shapes of kernels.
#ifndef AWG_LOWERING_KERNELHOSTBUILDER_H
#define AWG_LOWERING_KERNELHOSTBUILDER_H

#include "lowering/KernelHost.h"
#include "lowering/Lanes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace awg::lowering {

/// How a value of that type lies in memory: bool as a byte.
mlir::Type storedType(mlir::Type type);

/// Bytes of a line of the caches.
constexpr int64_t lineBytes = 64;

/// Of a load or store of a body: the array and the subscripts; the bytes of an element in memory.
std::pair<mlir::Value, mlir::ValueRange> arrayOf(mlir::Operation *access);
int64_t bytesOf(mlir::Operation *access);

/// How many operations one counts for in a body that is measured: an integer division has no vector instruction.
unsigned costOf(mlir::Operation *op);

/// Bytes: a launch that goes through less finds some of it in a cache.
constexpr int64_t largeTraffic = int64_t(64) << 20;

class HostBuilder {
public:
  HostBuilder(HostBody &body, const HostTarget &target, SharedFunctions &shared);

  HostKernel buildEach();
  HostKernel buildBlocks(Phases &phases);
  HostKernel buildReduce();
  HostKernel buildScan();

private:
  /// Says what the code does, and why.
  void explain(llvm::raw_ostream &out);
  std::optional<int64_t> laneStep(mlir::Value value);
  std::string describeAccess(mlir::ValueRange subscripts);
  std::string describeCheck(ir::RecordOp record);
  /// A launch's arguments, read from their slots.
  struct Arguments {
    llvm::SmallVector<mlir::Value> extents;
    llvm::SmallVector<std::pair<mlir::Value, HostArray>> values; ///< scalar, or null and an array
    mlir::Value failure;
    mlir::Value group;  ///< of a phase: the row-major index of its block
    mlir::Value groups; ///< of a phase: how many blocks the launch has
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

  /// Compiles a function for the target; `more` are attributes to pass on to LLVM.
  void setTarget(mlir::Operation *function, llvm::ArrayRef<mlir::Attribute> more = {});
  /// A name for a function of this kernel, and one for what depends on the shape, the element and the target alone.
  std::string ownName(llvm::StringRef what);
  std::string sharedName(llvm::StringRef what, mlir::Type element);
  mlir::LLVM::LLVMFuncOp makeFunction(llvm::StringRef name);
  /// The program's function of that name; `fill` gives it a body if it is new.
  mlir::LLVM::LLVMFuncOp sharedFunction(const std::string &name, llvm::function_ref<void(mlir::LLVM::LLVMFuncOp)> fill);
  mlir::Value loadSlot(mlir::OpBuilder &builder, mlir::Value slots, unsigned slot, mlir::Type type);
  mlir::Value flatMemRef(mlir::OpBuilder &builder, mlir::Value pointer, mlir::Value count, mlir::Type element);
  Arguments loadArguments(mlir::OpBuilder &builder, mlir::LLVM::LLVMFuncOp function);
  void bindArguments(mlir::OpBuilder &builder, LaneEmitter &emitter, const Body &body, const Arguments &arguments,
                     mlir::ValueRange outer, mlir::Value first);
  void emitLanes(mlir::OpBuilder &builder, const Body &body, Arguments &arguments, mlir::ValueRange outer,
                 mlir::Value first, mlir::Value position, mlir::Value mask, const Sink &sink);
  void emitMasked(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer, mlir::Value begin,
                  mlir::Value end, mlir::Value positionOffset, const Sink &sink);
  /// A value of the host function for an argument of a body, or for a `memref.dim` of one.
  mlir::Value known(Arguments &arguments, mlir::ValueRange outer, mlir::Value value);
  std::pair<mlir::Value, mlir::Value> uncheckedRange(mlir::OpBuilder &builder, Arguments &arguments,
                                                     mlir::ValueRange outer, mlir::Value begin, mlir::Value end);
  void emitRow(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer, mlir::Value begin,
               mlir::Value end, mlir::Value positionOffset, const Sink &sink);
  void emitRange(mlir::OpBuilder &builder, Arguments &arguments, mlir::Value begin, mlir::Value end, const Sink &sink);
  /// A sink that stores to `flat[position - base]`.
  Sink storeTo(mlir::Value flat, mlir::Value base);
  /// The worker's scratch memory, see awgrt_scratch.
  mlir::Value scratchMemory(mlir::OpBuilder &builder);
  mlir::Value total(mlir::OpBuilder &builder, const Arguments &arguments);
  mlir::Value constant(mlir::OpBuilder &builder, int64_t value);

  // Tiles
  llvm::DenseSet<mlir::Operation *> loadsSharedByRows(const llvm::DenseSet<mlir::Value> &differing);
  void chooseLanes(mlir::func::FuncOp structured);
  void chooseTile();
  void chooseTileOfArithmetic(unsigned vectors, bool diverges, unsigned carried);
  void chooseTileOfReads();
  llvm::DenseSet<mlir::Value> differingBetween(bool rows);
  unsigned registers() const { return target.vectorBits == 512 ? 32 : 16; }
  void emitTile(mlir::OpBuilder &builder, Arguments &arguments, const Tile &tile, mlir::ValueRange outer, mlir::Value first,
                const Replay *replay);
  mlir::Value emitRowOfTiles(mlir::OpBuilder &builder, Arguments &arguments, const Tile &tile, mlir::ValueRange outer,
                             mlir::Value begin, mlir::Value end);
  void emitRowsOfTiles(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange prefix, mlir::Value firstRow,
                       mlir::Value lastRow, mlir::Value end);
  Replay makeReplay(mlir::OpBuilder &builder, Arguments &arguments);
  void emitTiles(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange prefix, mlir::Value firstRow,
                 mlir::Value lastRow, mlir::Value columns);
  void emitColumn(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange prefix, mlir::Value firstRow,
                  mlir::Value lastRow, mlir::Value first);
  void emitReplayedColumn(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange prefix, mlir::Value firstRow,
                          mlir::Value lastRow, mlir::Value first);
  void emitAllTiles(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange prefix);
  mlir::Value emitRowsOrTiles(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer, mlir::Value at,
                              mlir::Value rowEnd, mlir::Value end);

  // Streams
  void findShared(Phases &phases);
  void chooseStreams(const llvm::DenseSet<unsigned> &shared);
  bool mayStream(mlir::memref::StoreOp store, const llvm::DenseSet<unsigned> &shared);
  bool isBoundByMemory();
  bool isContiguous(mlir::ValueRange subscripts);
  mlir::Value addressAtZero(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer, mlir::Value memref,
                            mlir::ValueRange subscripts, llvm::DenseMap<mlir::Value, mlir::Value> &emitted);
  bool goesPastCaches(mlir::memref::StoreOp store);
  bool hasStreams() const { return !lines.streamed.empty(); }
  int64_t streamedBytes();
  mlir::Value isLarge(mlir::OpBuilder &builder, const Arguments &arguments);
  std::pair<mlir::Value, mlir::Value> startOfStreams(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer,
                                                     mlir::Value low, mlir::Value high);
  std::pair<mlir::Value, mlir::Value> emitRowOfStreams(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer,
                                                       mlir::Value low, mlir::Value high);

  // Prefetches
  /// What a row is to ask for ahead of time.
  struct Ahead {
    mlir::Value large; ///< whether it is to; null if there is nothing to ask for
    llvm::SmallVector<std::pair<mlir::Value, int64_t>> accesses; ///< address at innermost index zero, bytes of an element
  };
  bool isForWholeRows(mlir::Operation *op);
  void choosePrefetches();
  bool isFetchedAhead(mlir::Operation *access);
  Ahead lookAhead(mlir::OpBuilder &builder, Arguments &arguments, mlir::ValueRange outer);
  void emitPrefetches(mlir::OpBuilder &builder, const Ahead &ahead, mlir::Value first, int64_t indices);

  // Counts
  struct Counted {
    unsigned number; ///< among Arguments::values
    mlir::arith::AtomicRMWKind kind;
  };
  std::optional<Counted> findCounted();
  void emitCounted(mlir::OpBuilder &builder, Arguments &arguments, const Counted &counted, mlir::Value begin,
                   mlir::Value end);
  void mergeTable(mlir::OpBuilder &builder, const HostArray &table, const HostArray &array, mlir::Value elements,
                  mlir::arith::AtomicRMWKind kind);

  // Blocks
  mlir::Value makeStorage(mlir::MemRefType type, Arguments &arguments);
  void emitGroupOperation(mlir::OpBuilder &builder, mlir::Operation &op, LaneEmitter &group, Phases &phases,
                          Arguments &arguments, llvm::DenseMap<mlir::Value, mlir::Value> &storages);
  mlir::Value emitPhase(mlir::OpBuilder &builder, ir::PhaseOp op, LaneEmitter &group, HostBody &phase,
                        const Arguments &arguments);
  void emitAll(mlir::OpBuilder &builder, Arguments &arguments);

  // Reduce
  void fillCombine(mlir::LLVM::LLVMFuncOp combine);
  void forBlocks(mlir::LLVM::LLVMFuncOp function, mlir::Value total, mlir::Value partials,
                 llvm::function_ref<void(mlir::OpBuilder &, mlir::Value, mlir::Value, mlir::Value)> body);
  void reduceBlock(mlir::OpBuilder &builder, mlir::Value lanes, mlir::Value values, mlir::Value count, mlir::Value base,
                   mlir::Value partial);
  bool staysInRegisters();
  mlir::Value reduceInRegisters(mlir::OpBuilder &builder, Arguments &arguments, mlir::Value begin, mlir::Value end,
                                mlir::Value lanes, mlir::Value buffer);
  mlir::Value makeBuffer(mlir::OpBuilder &builder, mlir::Type element, int64_t length);
  mlir::Value neutralLanes(mlir::OpBuilder &builder, mlir::Type element, int64_t count);
  void clearLanes(mlir::OpBuilder &builder, mlir::Value lanes);
  mlir::func::FuncOp treeFunction(mlir::Type element);
  mlir::Value emitTree(mlir::OpBuilder &builder, mlir::Value lanes, mlir::Value values, mlir::Value count);
  mlir::Value reduceByTree(mlir::OpBuilder &builder, mlir::Value lanes, mlir::Value values, mlir::Value count);
  mlir::Value reducePairwise(mlir::OpBuilder &builder, mlir::Value values, mlir::Value count);
  std::pair<mlir::Value, mlir::Value> findBest(mlir::OpBuilder &builder, mlir::Value values, mlir::Value count,
                                               mlir::Value base);
  void combineBest(mlir::OpBuilder &builder, mlir::Value input, mlir::Value begin, mlir::Value end, mlir::Value partial);
  bool isArg() const;

  // Scan
  struct ScanFunctions {
    mlir::func::FuncOp group, totals, write;
  };
  /// A block that a scan is at: the elements from `first` on.
  struct ScanBlock {
    mlir::Value number, first, count;
    mlir::Value values, runs;   ///< where its values and the totals of its runs are to be
    mlir::Value output, info;   ///< of the launch: the output, awgrt_scan *
    bool isKept = false;        ///< its values stand in the output
  };
  std::string scanName(llvm::StringRef what);
  mlir::func::FuncOp innerFunction(const std::string &name, mlir::TypeRange inputs,
                                   llvm::function_ref<void(mlir::OpBuilder &, mlir::ValueRange)> fill);
  ScanFunctions scanFunctions();
  bool isDear();
  mlir::LLVM::LLVMFuncOp
  scanBlocks(llvm::StringRef what, llvm::function_ref<void(mlir::OpBuilder &, Arguments &, ScanBlock)> body);
  void evaluateGroups(mlir::OpBuilder &builder, Arguments &arguments, const ScanBlock &block,
                      llvm::function_ref<void(mlir::OpBuilder &, mlir::Value, mlir::Value, mlir::Value)> scan);

  KernelIndex &index;
  BoundsChecks &checks;
  Body checked, unchecked; ///< the same if there are no checks to leave out
  const HostTarget &target;
  SharedFunctions &shared;
  mlir::Location loc;
  unsigned width;
  std::string scalarReason; ///< why that is 1
  Tile tile; ///< one vector if there is nothing to gain
  Tile lines; ///< of one row: a line of what is streamed, if anything is
  llvm::SmallVector<mlir::Operation *> fetched; ///< accesses that are asked for ahead of time, in launches that wait for memory
  bool fences = false; ///< of a block kernel: a phase has streams
};

} // namespace awg::lowering

#endif // AWG_LOWERING_KERNELHOSTBUILDER_H
