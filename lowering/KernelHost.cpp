// Host code of a kernel: argument slots, and loops over row-major ranges of indices in SIMD lanes.
#include "lowering/KernelHostBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

unsigned awg::lowering::slotCount(Type type) {
  auto array = dyn_cast<MemRefType>(type);
  return array ? 3 + 2 * array.getRank() : 1;
}

Type awg::lowering::storedType(Type type) {
  return type.isInteger(1) ? IntegerType::get(type.getContext(), 8) : type;
}

//===-- Functions and slots -----------------------------------------------------------------------------------------===//

void HostBuilder::setTarget(Operation *function, ArrayRef<Attribute> more) {
  Builder builder(function->getContext());
  auto pair = [&](StringRef key, const Twine &value) {
    return builder.getArrayAttr({builder.getStringAttr(key), builder.getStringAttr(value)});
  };
  SmallVector<Attribute> attributes{pair("target-cpu", target.cpu),
                                    pair("prefer-vector-width", Twine(target.vectorBits))};
  llvm::append_range(attributes, more);
  function->setAttr("passthrough", builder.getArrayAttr(attributes));
}

std::string HostBuilder::ownName(StringRef what) {
  return (index.kernel.getSymName() + "$" + what + target.suffix).str();
}

std::string HostBuilder::sharedName(StringRef what, Type element) {
  std::string name;
  llvm::raw_string_ostream(name) << "awg$" << what << '_' << ir::stringifyShape(index.kernel.getShape()) << '_' << element
                                 << target.suffix;
  return name;
}

LLVM::LLVMFuncOp HostBuilder::makeFunction(StringRef name) {
  OpBuilder builder(index.kernel->getContext());
  builder.setInsertionPointAfter(index.kernel);
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  // Its address is taken by the kernel's descriptor, so that it is a function of the LLVM dialect from the start.
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()), {pointer, i64, i64, pointer});
  auto function = LLVM::LLVMFuncOp::create(builder, loc, name, type, LLVM::Linkage::Internal);
  setTarget(function);
  OpBuilder body = OpBuilder::atBlockEnd(function.addEntryBlock(builder));
  LLVM::ReturnOp::create(body, loc, ValueRange());
  return function;
}

LLVM::LLVMFuncOp HostBuilder::sharedFunction(const std::string &name, llvm::function_ref<void(LLVM::LLVMFuncOp)> fill) {
  Operation *&known = shared[name];
  if (!known) {
    LLVM::LLVMFuncOp function = makeFunction(name);
    known = function;
    fill(function);
  }
  return cast<LLVM::LLVMFuncOp>(known);
}

Value HostBuilder::loadSlot(OpBuilder &builder, Value slots, unsigned slot, Type type) {
  Type pointer = slots.getType();
  Value address = LLVM::GEPOp::create(builder, loc, pointer, builder.getI64Type(), slots,
                                      ArrayRef<LLVM::GEPArg>{int32_t(slot)});
  Value value = LLVM::LoadOp::create(builder, loc, storedType(type), address);
  return type.isInteger(1) ? arith::TruncIOp::create(builder, loc, type, value).getResult() : value;
}

Value HostBuilder::flatMemRef(OpBuilder &builder, Value pointer, Value count, Type element) {
  MLIRContext *context = builder.getContext();
  Type i64 = builder.getI64Type();
  Type list = LLVM::LLVMArrayType::get(i64, 1);
  Type pointerType = pointer.getType();
  Type type = LLVM::LLVMStructType::getLiteral(context, {pointerType, pointerType, i64, list, list});
  Value zero = LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(0));
  Value one = LLVM::ConstantOp::create(builder, loc, i64, builder.getI64IntegerAttr(1));
  Value descriptor = LLVM::PoisonOp::create(builder, loc, type);
  auto set = [&](Value value, ArrayRef<int64_t> position) {
    descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, position);
  };
  set(pointer, {0});
  set(pointer, {1});
  set(zero, {2});
  set(count, {3, 0});
  set(one, {4, 0});
  auto memref = MemRefType::get({ShapedType::kDynamic}, storedType(element));
  return UnrealizedConversionCastOp::create(builder, loc, memref, descriptor).getResult(0);
}

HostBuilder::Arguments HostBuilder::loadArguments(OpBuilder &builder, LLVM::LLVMFuncOp function) {
  Arguments arguments;
  Value slots = function.getArgument(0);
  unsigned slot = 0;
  for (unsigned k = 0; k < index.rank(); ++k)
    arguments.extents.push_back(loadSlot(builder, slots, slot++, builder.getI64Type()));
  for (Type type : index.argumentTypes()) {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref) {
      arguments.values.push_back({loadSlot(builder, slots, slot, type), {}});
    } else {
      Value pointer = loadSlot(builder, slots, slot, LLVM::LLVMPointerType::get(builder.getContext()));
      HostArray array;
      Value count = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), builder.getI64IntegerAttr(1));
      for (int64_t k = 0; k < memref.getRank(); ++k) {
        Value extent = loadSlot(builder, slots, slot + 3 + k, builder.getI64Type());
        array.extents.push_back(arith::IndexCastOp::create(builder, loc, builder.getIndexType(), extent));
        count = arith::MulIOp::create(builder, loc, count, extent);
      }
      array.flat = flatMemRef(builder, pointer, count, memref.getElementType());
      arguments.values.push_back({nullptr, std::move(array)});
    }
    slot += slotCount(type);
  }
  arguments.nextSlot = slot;
  arguments.failure = function.getArgument(3);
  arguments.entry = &function.getBody().front();
  return arguments;
}

Value HostBuilder::scratchMemory(OpBuilder &builder) {
  constexpr llvm::StringLiteral name = "awgrt_scratch";
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto module = index.kernel->getParentOfType<ModuleOp>();
  if (!module.lookupSymbol(name)) {
    OpBuilder top(module.getBodyRegion());
    func::FuncOp::create(top, module.getLoc(), name, top.getFunctionType({}, pointer)).setPrivate();
  }
  return func::CallOp::create(builder, loc, name, pointer, ValueRange()).getResult(0);
}

//===-- Lanes -------------------------------------------------------------------------------------------------------===//

/// Lanes are chosen by the widest type that a varying computation or access has, index arithmetic aside.
static unsigned widestType(func::FuncOp structured, const llvm::DenseSet<Value> &varying) {
  unsigned widest = 8;
  bool any = false;
  auto consider = [&](Type type) {
    if (!type.isIntOrFloat() || type.isInteger(1))
      return;
    any = true;
    widest = std::max(widest, type.getIntOrFloatBitWidth());
  };
  structured.walk([&](Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      return consider(load.getResult().getType());
    if (auto store = dyn_cast<memref::StoreOp>(op))
      return consider(store.getValueToStore().getType());
    for (Value result : op->getResults())
      if (isa<FloatType>(result.getType()) && varying.contains(result))
        consider(result.getType());
  });
  for (Type type : structured.getResultTypes())
    consider(type);
  return any ? widest : 32;
}

/// A reduction without memory in its loops keeps two vectors in flight, to hide the latency of arithmetic. (For others see
/// chooseTile.)
static bool isLatencyBound(func::FuncOp structured) {
  bool hasLoop = false, hasMemory = false;
  structured.walk([&](scf::WhileOp loop) {
    hasLoop = true;
    loop.walk([&](Operation *op) { hasMemory |= isa<memref::LoadOp, memref::StoreOp, memref::AtomicRMWOp>(op); });
  });
  return hasLoop && !hasMemory;
}

HostBuilder::HostBuilder(HostBody &body, const HostTarget &target, SharedFunctions &shared)
    : index(body.index), checks(body.checks), target(target), shared(shared), loc(index.kernel.getLoc()) {
  auto describe = [&](func::FuncOp body) { return Body{body, findVarying(body, ValueRange(body.getArgument(index.rank() - 1)))}; };
  func::FuncOp structured = index.function;
  checked = describe(structured);
  unchecked = body.unchecked ? describe(body.unchecked) : checked;
  if (canVectorize(structured, checked.varying, scalarReason))
    chooseLanes(structured);
  else
    width = 1;
  chooseStreams(body.shared);
  choosePrefetches();
  if (target.explanation)
    explain(*target.explanation);
}

void HostBuilder::chooseLanes(func::FuncOp structured) {
  width = std::max(1u, target.vectorBits / widestType(structured, checked.varying));
  if (index.kernel.getShape() != ir::Shape::Each && isLatencyBound(structured))
    width *= 2;
  chooseTile();
}

/// Gives the body's arguments their values for the indices from `first` on; `outer` are the other index variables.
void HostBuilder::bindArguments(OpBuilder &builder, LaneEmitter &emitter, const Body &body, const Arguments &arguments,
                                ValueRange outer, Value first) {
  func::FuncOp function = body.function;
  unsigned rank = index.rank();
  for (unsigned k = 0; k + 1 < rank; ++k)
    emitter.mapScalar(function.getArgument(k), outer[k]);
  emitter.mapLane(builder, function.getArgument(rank - 1), first);
  for (unsigned k = 0; k < rank; ++k)
    emitter.mapScalar(function.getArgument(rank + k), arguments.extents[k]);
  for (auto [k, value] : llvm::enumerate(arguments.values)) {
    Value arg = function.getArgument(2 * rank + k);
    if (value.first)
      emitter.mapScalar(arg, value.first);
    else
      emitter.mapArray(arg, value.second);
  }
  if (index.isPhase())
    emitter.mapScalar(function.getArguments().drop_back().back(), arguments.group);
  emitter.mapScalar(function.getArguments().back(), arguments.failure);
}

/// Emits the body for `width` indices from `first` on.
void HostBuilder::emitLanes(OpBuilder &builder, const Body &body, Arguments &arguments, ValueRange outer, Value first,
                            Value position, Value mask, const Sink &sink) {
  OpBuilder entry = OpBuilder::atBlockBegin(arguments.entry);
  LaneEmitter emitter(body.function, body.varying, width, entry);
  bindArguments(builder, emitter, body, arguments, outer, first);
  SmallVector<Lane> values = emitter.emit(builder, mask);
  if (sink)
    sink(builder, emitter, values[0], position, mask);
}

Value HostBuilder::known(Arguments &arguments, ValueRange outer, Value value) {
  unsigned rank = index.rank();
  auto dim = value.getDefiningOp<memref::DimOp>();
  unsigned number = cast<BlockArgument>(dim ? dim.getSource() : value).getArgNumber();
  if (dim)
    return arguments.values[number - 2 * rank].second.extents[*dim.getConstantIndex()];
  if (number < rank)
    return outer[number];
  return number < 2 * rank ? arguments.extents[number - rank] : arguments.values[number - 2 * rank].first;
}

/// Where in `begin` to `end` the body needs no bounds checks.
std::pair<Value, Value> HostBuilder::uncheckedRange(OpBuilder &builder, Arguments &arguments, ValueRange outer,
                                                    Value begin, Value end) {
  return checks.range(builder, begin, end, [&](Value value) { return known(arguments, outer, value); });
}

/// The body with all its checks for `begin` to `end`, each vector under a mask.
void HostBuilder::emitMasked(OpBuilder &builder, Arguments &arguments, ValueRange outer, Value begin, Value end,
                             Value positionOffset, const Sink &sink) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, constant(builder, width));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  Value first = loop.getInductionVar(), mask;
  if (width > 1) {
    Value rest = arith::SubIOp::create(inside, loc, end, first);
    Value count = arith::IndexCastOp::create(inside, loc, inside.getIndexType(), rest);
    mask = vector::CreateMaskOp::create(inside, loc, VectorType::get({width}, inside.getI1Type()), count);
  }
  emitLanes(inside, checked, arguments, outer, first, arith::AddIOp::create(inside, loc, first, positionOffset), mask,
            sink);
}

/// Indices `begin` to `end` of the innermost variable: full vectors where no check is needed, the others under masks.
void HostBuilder::emitRow(OpBuilder &builder, Arguments &arguments, ValueRange outer, Value begin, Value end,
                          Value positionOffset, const Sink &sink) {
  Value low = begin, high = end;
  if (!checks.empty())
    std::tie(low, high) = uncheckedRange(builder, arguments, outer, begin, end);
  Value single = low;
  if (hasStreams())
    std::tie(low, single) = emitRowOfStreams(builder, arguments, outer, low, high);
  else if (tile.rows == 1 && tile.columns > 1 && !sink)
    single = emitRowOfTiles(builder, arguments, tile, outer, low, high);
  Value step = constant(builder, width);
  Value count = arith::SubIOp::create(builder, loc, high, single);
  Value full = arith::SubIOp::create(builder, loc, high, arith::RemSIOp::create(builder, loc, count, step));
  auto loop = scf::ForOp::create(builder, loc, single, full, step);
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  Value first = loop.getInductionVar();
  emitLanes(inside, unchecked, arguments, outer, first, arith::AddIOp::create(inside, loc, first, positionOffset),
            nullptr, sink);
  if (checks.empty() && !hasStreams()) {
    if (width > 1)
      emitMasked(builder, arguments, outer, full, end, positionOffset, sink);
    return;
  }
  // What lies before and what lies behind.
  auto sides = scf::ForOp::create(builder, loc, constant(builder, 0), constant(builder, 2), constant(builder, 1));
  OpBuilder side = OpBuilder::atBlockTerminator(sides.getBody());
  Value isFront = arith::CmpIOp::create(side, loc, arith::CmpIPredicate::eq, sides.getInductionVar(), constant(side, 0));
  emitMasked(side, arguments, outer, arith::SelectOp::create(side, loc, isFront, begin, full),
             arith::SelectOp::create(side, loc, isFront, low, end), positionOffset, sink);
}

void HostBuilder::emitRange(OpBuilder &builder, Arguments &arguments, Value begin, Value end, const Sink &sink) {
  auto zero = [&](OpBuilder &at) { return arith::ConstantOp::create(at, loc, at.getI64IntegerAttr(0)).getResult(); };
  unsigned rank = index.rank();
  if (rank == 1)
    return emitRow(builder, arguments, {}, begin, end, zero(builder), sink);
  // Row by row: from `at` to the end of its row or of the range; many rows at once where there are tiles of them.
  Value rowLength = arguments.extents[rank - 1];
  scf::WhileOp::create(
      builder, loc, TypeRange{builder.getI64Type()}, ValueRange{begin},
      [&](OpBuilder &inside, Location, ValueRange args) {
        Value more = arith::CmpIOp::create(inside, loc, arith::CmpIPredicate::slt, args[0], end);
        scf::ConditionOp::create(inside, loc, more, args);
      },
      [&](OpBuilder &inside, Location, ValueRange args) {
        Value at = args[0];
        Value row = arith::DivSIOp::create(inside, loc, at, rowLength);
        Value rowStart = arith::MulIOp::create(inside, loc, row, rowLength);
        Value column = arith::SubIOp::create(inside, loc, at, rowStart);
        Value rowEnd = arith::AddIOp::create(inside, loc, rowStart, rowLength);
        Value stop = arith::MinSIOp::create(inside, loc, rowEnd, end);
        Value columnEnd = arith::SubIOp::create(inside, loc, stop, rowStart);
        SmallVector<Value> outer{row};
        if (rank == 3) {
          Value middle = arguments.extents[1];
          outer = {arith::DivSIOp::create(inside, loc, row, middle), arith::RemSIOp::create(inside, loc, row, middle)};
        }
        if (tile.rows > 1 && !sink)
          stop = emitRowsOrTiles(inside, arguments, outer, at, stop, end);
        else
          emitRow(inside, arguments, outer, column, columnEnd, rowStart, sink);
        scf::YieldOp::create(inside, loc, stop);
      });
}

//===-- Shapes ------------------------------------------------------------------------------------------------------===//

HostKernel HostBuilder::buildEach() {
  LLVM::LLVMFuncOp function = makeFunction(ownName("host"));
  OpBuilder builder = OpBuilder::atBlockTerminator(&function.getBody().front());
  Arguments arguments = loadArguments(builder, function);
  if (std::optional<Counted> counted = findCounted())
    emitCounted(builder, arguments, *counted, function.getArgument(1), function.getArgument(2));
  else
    emitRange(builder, arguments, function.getArgument(1), function.getArgument(2), {});
  if (hasStreams()) {
    // What was written past the caches is to be seen before the end of the launch is.
    auto large = scf::IfOp::create(builder, loc, isLarge(builder, arguments), /*withElseRegion=*/false);
    OpBuilder inside = large.getThenBodyBuilder();
    LLVM::FenceOp::create(inside, loc, LLVM::AtomicOrdering::seq_cst);
  }
  return {function, {}, {}, width * tile.columns, tile.rows > 1 ? tile.rows : 0};
}

HostKernel awg::lowering::buildHostKernel(HostBody &body, Phases &phases, const HostTarget &target,
                                          SharedFunctions &shared) {
  HostBuilder builder(body, target, shared);
  if (body.index.kernel.getBlock())
    return builder.buildBlocks(phases);
  switch (body.index.kernel.getShape()) {
  case ir::Shape::Each:
    return builder.buildEach();
  case ir::Shape::Scan:
    return builder.buildScan();
  default:
    return builder.buildReduce();
  }
}
