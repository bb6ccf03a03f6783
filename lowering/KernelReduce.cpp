// Host code of reductions: blocks of 4096 mapped values, each reduced by the fixed tree of the language.
//
// `sum` and its like add a block's values up in 128 lanes in rising order and halve the lanes: from registers if the body is small,
// else by way of a buffer in the first-level cache; an absent lane holds the operation's neutral element, which changes no bit.
// What ends the tree is one function for all kernels of a program that reduce alike. `reduce`, `argmin` and `argmax` are in
// KernelSearch.cpp.
#include "lowering/KernelHostBuilder.h"
#include "lowering/MinMax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;
using ir::Shape;

static constexpr int64_t blockLength = 4096;
static constexpr int64_t treeLanes = 128;

/// The element that changes no bit of the other operand: -0.0 for sums, a NaN where numbers win over it.
TypedAttr awg::lowering::neutralElement(OpBuilder &builder, Shape shape, Type type) {
  if (auto floating = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = floating.getFloatSemantics();
    switch (shape) {
    case Shape::Sum:
      return builder.getFloatAttr(type, llvm::APFloat::getZero(semantics, /*Negative=*/true));
    case Shape::Product:
      return builder.getFloatAttr(type, 1.0);
    default:
      return builder.getFloatAttr(type, llvm::APFloat::getNaN(semantics));
    }
  }
  unsigned bits = type.getIntOrFloatBitWidth();
  auto integer = [&](llvm::APInt value) { return builder.getIntegerAttr(type, value); };
  switch (shape) {
  case Shape::Product:
    return integer(llvm::APInt(bits, 1));
  case Shape::Min:
    return integer(llvm::APInt::getSignedMaxValue(bits));
  case Shape::Max:
    return integer(llvm::APInt::getSignedMinValue(bits));
  case Shape::UMin:
    return integer(llvm::APInt::getMaxValue(bits));
  case Shape::All:
    return integer(llvm::APInt(bits, 1));
  default:
    return integer(llvm::APInt::getZero(bits));
  }
}

Value awg::lowering::combine(OpBuilder &builder, Location loc, Shape shape, Value left, Value right) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(left.getType()));
  switch (shape) {
  case Shape::Sum:
    return isFloat ? arith::AddFOp::create(builder, loc, left, right).getResult()
                   : arith::AddIOp::create(builder, loc, left, right).getResult();
  case Shape::Product:
    return isFloat ? arith::MulFOp::create(builder, loc, left, right).getResult()
                   : arith::MulIOp::create(builder, loc, left, right).getResult();
  case Shape::Min:
    return isFloat ? expandMinMax(builder, loc, left, right, /*isMin=*/true)
                   : arith::MinSIOp::create(builder, loc, left, right).getResult();
  case Shape::Max:
    return isFloat ? expandMinMax(builder, loc, left, right, /*isMin=*/false)
                   : arith::MaxSIOp::create(builder, loc, left, right).getResult();
  case Shape::UMin:
    return arith::MinUIOp::create(builder, loc, left, right);
  case Shape::UMax:
    return arith::MaxUIOp::create(builder, loc, left, right);
  case Shape::Any:
    return arith::OrIOp::create(builder, loc, left, right);
  case Shape::All:
    return arith::AndIOp::create(builder, loc, left, right);
  case Shape::Xor:
    return arith::XOrIOp::create(builder, loc, left, right);
  default:
    llvm_unreachable("not a reduction by a tree of lanes");
  }
}

Value HostBuilder::constant(OpBuilder &builder, int64_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
}

Value HostBuilder::total(OpBuilder &builder, const Arguments &arguments) {
  Value count = arguments.extents[0];
  for (Value extent : ArrayRef(arguments.extents).drop_front())
    count = arith::MulIOp::create(builder, loc, count, extent);
  return count;
}

HostBuilder::Sink HostBuilder::storeTo(Value flat, Value base) {
  return [this, flat, base](OpBuilder &builder, LaneEmitter &emitter, Lane value, Value position, Value mask) {
    Value offset = arith::SubIOp::create(builder, loc, position, base);
    Value subscript = arith::IndexCastOp::create(builder, loc, builder.getIndexType(), offset);
    emitter.storeLanes(builder, loc, value, flat, subscript, mask);
  };
}

static Value toIndex(OpBuilder &builder, Location loc, Value value) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
}

//===-- Trees -------------------------------------------------------------------------------------------------------===//

Value HostBuilder::neutralLanes(OpBuilder &builder, Type element, int64_t count) {
  Attribute neutral = neutralElement(builder, index.kernel.getShape(), element);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(VectorType::get({count}, element), neutral));
}

Value HostBuilder::makeBuffer(OpBuilder &builder, Type element, int64_t length) {
  Value storage =
      memref::AllocaOp::create(builder, loc, MemRefType::get({length}, element), builder.getI64IntegerAttr(64));
  return memref::CastOp::create(builder, loc, MemRefType::get({ShapedType::kDynamic}, element), storage);
}

/// The program's function that ends a tree: `T awg$tree_...(lanes: memref<?xT>, values: memref<?xT>, count: i64)` adds the values in
/// rising order to the 128 lanes and halves these: l with l + 64, then 32, ...
func::FuncOp HostBuilder::treeFunction(Type element) {
  std::string name = sharedName("tree", element);
  if (auto known = llvm::cast_if_present<func::FuncOp>(shared.lookup(name)))
    return known;
  OpBuilder builder(index.kernel->getContext());
  builder.setInsertionPointAfter(index.kernel);
  Type array = MemRefType::get({ShapedType::kDynamic}, element);
  auto function = func::FuncOp::create(
      builder, loc, name, builder.getFunctionType({array, array, builder.getI64Type()}, TypeRange(element)));
  function.setPrivate();
  setTarget(function, {builder.getStringAttr("noinline")});
  function->setAttr("llvm.linkage", LLVM::LinkageAttr::get(builder.getContext(), LLVM::Linkage::Internal));
  shared[name] = function;
  builder.setInsertionPointToStart(function.addEntryBlock());
  Value result = emitTree(builder, function.getArgument(0), function.getArgument(1), function.getArgument(2));
  func::ReturnOp::create(builder, loc, result);
  return function;
}

Value HostBuilder::emitTree(OpBuilder &builder, Value lanes, Value values, Value count) {
  Shape shape = index.kernel.getShape();
  Type element = cast<MemRefType>(values.getType()).getElementType();
  int64_t step = std::min<int64_t>(target.vectorBits / element.getIntOrFloatBitWidth(), treeLanes);
  auto row = VectorType::get({step}, element);
  auto load = [&](OpBuilder &at, Value from, Value first) {
    return vector::LoadOp::create(at, loc, row, from, toIndex(at, loc, first)).getResult();
  };
  auto join = [&](OpBuilder &at, Value first, Value other) {
    Value joined = combine(at, loc, shape, load(at, lanes, first), other);
    vector::StoreOp::create(at, loc, joined, lanes, toIndex(at, loc, first));
  };
  // All lanes at once as long as there are 128 values, in registers; then by vectors.
  unsigned groups = treeLanes / step;
  SmallVector<Value> sums;
  for (unsigned k = 0; k < groups; ++k)
    sums.push_back(load(builder, lanes, constant(builder, k * step)));
  Value whole = arith::SubIOp::create(
      builder, loc, count, arith::RemSIOp::create(builder, loc, count, constant(builder, treeLanes)));
  auto rows = scf::ForOp::create(builder, loc, constant(builder, 0), whole, constant(builder, treeLanes), sums);
  {
    OpBuilder inside = OpBuilder::atBlockEnd(rows.getBody());
    for (unsigned k = 0; k < groups; ++k) {
      Value first = arith::AddIOp::create(inside, loc, rows.getInductionVar(), constant(inside, k * step));
      sums[k] = combine(inside, loc, shape, rows.getRegionIterArg(k), load(inside, values, first));
    }
    scf::YieldOp::create(inside, loc, sums);
  }
  for (unsigned k = 0; k < groups; ++k)
    vector::StoreOp::create(builder, loc, rows.getResult(k), lanes, toIndex(builder, loc, constant(builder, k * step)));
  Value rest = arith::RemSIOp::create(builder, loc, count, constant(builder, step));
  Value full = arith::SubIOp::create(builder, loc, count, rest);
  auto vectors = scf::ForOp::create(builder, loc, whole, full, constant(builder, step));
  {
    OpBuilder inside = OpBuilder::atBlockTerminator(vectors.getBody());
    Value first = vectors.getInductionVar();
    join(inside, arith::AndIOp::create(inside, loc, first, constant(inside, treeLanes - 1)), load(inside, values, first));
  }
  Value more = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, rest, constant(builder, 0));
  {
    OpBuilder inside = scf::IfOp::create(builder, loc, more, /*withElseRegion=*/false).getThenBodyBuilder();
    Value mask = vector::CreateMaskOp::create(inside, loc, VectorType::get({step}, inside.getI1Type()),
                                              toIndex(inside, loc, rest));
    Value last = vector::MaskedLoadOp::create(inside, loc, row, values, toIndex(inside, loc, full), mask,
                                              neutralLanes(inside, element, step));
    join(inside, arith::AndIOp::create(inside, loc, full, constant(inside, treeLanes - 1)), last);
  }
  for (int64_t half = treeLanes / 2; half >= step; half /= 2) {
    auto level = scf::ForOp::create(builder, loc, constant(builder, 0), constant(builder, half), constant(builder, step));
    OpBuilder inside = OpBuilder::atBlockTerminator(level.getBody());
    Value first = level.getInductionVar();
    join(inside, first, load(inside, lanes, arith::AddIOp::create(inside, loc, first, constant(inside, half))));
  }
  Value left = load(builder, lanes, constant(builder, 0));
  for (int64_t half = step / 2; half >= 1; half /= 2) {
    auto take = [&](int64_t offset) {
      return vector::ExtractStridedSliceOp::create(builder, loc, left, ArrayRef<int64_t>{offset},
                                                   ArrayRef<int64_t>{half}, ArrayRef<int64_t>{1});
    };
    left = combine(builder, loc, shape, take(0), take(half));
  }
  return vector::ExtractOp::create(builder, loc, left, ArrayRef<int64_t>{0});
}

/// Ends the tree of `lanes`, which hold what came before the `count` values.
Value HostBuilder::reduceByTree(OpBuilder &builder, Value lanes, Value values, Value count) {
  Type element = cast<MemRefType>(values.getType()).getElementType();
  return func::CallOp::create(builder, loc, treeFunction(element), ValueRange{lanes, values, count}).getResult(0);
}

/// Makes all 128 lanes neutral.
void HostBuilder::clearLanes(OpBuilder &builder, Value lanes) {
  Type element = cast<MemRefType>(lanes.getType()).getElementType();
  int64_t step = std::min<int64_t>(target.vectorBits / element.getIntOrFloatBitWidth(), treeLanes);
  auto loop = scf::ForOp::create(builder, loc, constant(builder, 0), constant(builder, treeLanes), constant(builder, step));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  vector::StoreOp::create(inside, loc, neutralLanes(inside, element, step), lanes,
                          toIndex(inside, loc, loop.getInductionVar()));
}

unsigned awg::lowering::costOf(Operation *op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(op) ? 64 : 1;
}

/// A body is repeated for all 128 lanes if that makes up to this many operations.
static constexpr unsigned mostRepeated = 384;

/// True if the body of a one-dimensional reduction is worth repeating for 128 lanes that stay in registers.
bool HostBuilder::staysInRegisters() {
  ir::Shape shape = index.kernel.getShape();
  if (index.rank() != 1 || isArg() || shape == Shape::Reduce || width == 1 || treeLanes % width != 0)
    return false;
  unsigned count = 0;
  bool simple = true;
  unchecked.function.walk([&](Operation *op) {
    count += costOf(op);
    simple &= !isa<scf::WhileOp, memref::AllocaOp>(op);
  });
  return simple && count * (treeLanes / width) <= mostRepeated;
}

/// Reduces indices `begin` to `end` of a one-dimensional kernel, 128 at a time in registers; the last ones, or all if one of them
/// needs its checks, go through `buffer`.
Value HostBuilder::reduceInRegisters(OpBuilder &builder, Arguments &arguments, Value begin, Value end, Value lanes,
                                     Value buffer) {
  Shape shape = index.kernel.getShape();
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  unsigned groups = treeLanes / width;
  Value count = arith::SubIOp::create(builder, loc, end, begin);
  Value rest = arith::RemSIOp::create(builder, loc, count, constant(builder, treeLanes));
  if (!checks.empty()) {
    auto [low, high] = uncheckedRange(builder, arguments, {}, begin, end);
    Value safe = arith::SubIOp::create(builder, loc, high, low);
    Value all = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, safe, count);
    rest = arith::SelectOp::create(builder, loc, all, rest, count);
  }
  Value full = arith::SubIOp::create(builder, loc, end, rest);
  SmallVector<Value> neutral(groups, neutralLanes(builder, element, width));
  Ahead ahead = lookAhead(builder, arguments, {});
  auto loop = scf::ForOp::create(builder, loc, begin, full, constant(builder, treeLanes), neutral);
  {
    OpBuilder inside = OpBuilder::atBlockEnd(loop.getBody());
    emitPrefetches(inside, ahead, loop.getInductionVar(), treeLanes);
    SmallVector<Value> sums;
    for (unsigned k = 0; k < groups; ++k) {
      Value first = arith::AddIOp::create(inside, loc, loop.getInductionVar(), constant(inside, k * width));
      emitLanes(inside, unchecked, arguments, {}, first, first, nullptr,
                [&](OpBuilder &at, LaneEmitter &emitter, Lane value, Value, Value) {
                  Value lanes = emitter.storedLanes(at, loc, value, element);
                  sums.push_back(combine(at, loc, shape, loop.getRegionIterArg(k), lanes));
                });
    }
    scf::YieldOp::create(inside, loc, sums);
  }
  emitRow(builder, arguments, {}, full, end, constant(builder, 0), storeTo(buffer, full));
  for (unsigned k = 0; k < groups; ++k)
    vector::StoreOp::create(builder, loc, loop.getResult(k), lanes,
                            toIndex(builder, loc, constant(builder, int64_t(k) * width)));
  return reduceByTree(builder, lanes, buffer, rest);
}

//===-- Blocks ------------------------------------------------------------------------------------------------------===//

bool HostBuilder::isArg() const { return isArgShape(index.kernel.getShape()); }

/// Reduces `count` values, of which the first has index `base`, and stores the partial result at `partial`.
void HostBuilder::reduceBlock(OpBuilder &builder, Value lanes, Value values, Value count, Value base, Value partial) {
  if (isArg()) {
    auto [best, value] = findBest(builder, values, count, base);
    LLVM::StoreOp::create(builder, loc, best, partial);
    Value second = LLVM::GEPOp::create(builder, loc, partial.getType(), builder.getI64Type(), partial,
                                       ArrayRef<LLVM::GEPArg>{1});
    LLVM::StoreOp::create(builder, loc, value, second);
    return;
  }
  if (index.kernel.getShape() == Shape::Reduce) {
    LLVM::StoreOp::create(builder, loc, reducePairwise(builder, values, count), partial);
    return;
  }
  clearLanes(builder, lanes);
  LLVM::StoreOp::create(builder, loc, reduceByTree(builder, lanes, values, count), partial);
}

/// for block b in the range of the function: body(its first element, its count, where its partial result goes)
void HostBuilder::forBlocks(LLVM::LLVMFuncOp function, Value total, Value partials,
                            llvm::function_ref<void(OpBuilder &, Value, Value, Value)> body) {
  MLIRContext *context = index.kernel.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type partialType = isArg() ? Type(LLVM::LLVMArrayType::get(IntegerType::get(context, 64), 2))
                             : storedType(index.kernel.getResultTypes()[0]);
  OpBuilder builder = OpBuilder::atBlockTerminator(&function.getBody().front());
  auto loop = scf::ForOp::create(builder, loc, function.getArgument(1), function.getArgument(2), constant(builder, 1));
  OpBuilder inside = OpBuilder::atBlockTerminator(loop.getBody());
  Value begin = arith::MulIOp::create(inside, loc, loop.getInductionVar(), constant(inside, blockLength));
  Value end = arith::MinSIOp::create(
      inside, loc, arith::AddIOp::create(inside, loc, begin, constant(inside, blockLength)), total);
  Value partial = LLVM::GEPOp::create(inside, loc, pointer, partialType, partials,
                                      ArrayRef<LLVM::GEPArg>{loop.getInductionVar()});
  body(inside, begin, end, partial);
}

/// Reduces partial results, and stores theirs.
void HostBuilder::fillCombine(LLVM::LLVMFuncOp combine) {
  Type element = storedType(index.kernel.getResultTypes()[0]);
  Type pointer = LLVM::LLVMPointerType::get(index.kernel.getContext());
  OpBuilder builder = OpBuilder::atBlockTerminator(&combine.getBody().front());
  Value slots = combine.getArgument(0);
  Value count = loadSlot(builder, slots, 0, builder.getI64Type());
  Value input = loadSlot(builder, slots, 1, pointer);
  Value partials = loadSlot(builder, slots, 2, pointer);
  bool pairwise = index.kernel.getShape() == Shape::Reduce;
  Value values = pairwise ? makeBuffer(builder, element, blockLength) : Value();
  Value lanes = pairwise || isArg() ? Value() : makeBuffer(builder, element, treeLanes);
  forBlocks(combine, count, partials, [&](OpBuilder &inside, Value begin, Value end, Value partial) {
    if (isArg())
      return combineBest(inside, input, begin, end, partial);
    Value length = arith::SubIOp::create(inside, loc, end, begin);
    Value first = LLVM::GEPOp::create(inside, loc, pointer, element, input, ArrayRef<LLVM::GEPArg>{begin});
    Value block = flatMemRef(inside, first, length, element);
    if (pairwise) { // works in place: not in the runtime's input
      auto copy = scf::ForOp::create(inside, loc, constant(inside, 0), length, constant(inside, 1));
      OpBuilder body = OpBuilder::atBlockTerminator(copy.getBody());
      Value at = toIndex(body, loc, copy.getInductionVar());
      memref::StoreOp::create(body, loc, memref::LoadOp::create(body, loc, block, at), values, at);
      block = values;
    }
    reduceBlock(inside, lanes, block, length, begin, partial);
  });
}

HostKernel HostBuilder::buildReduce() {
  Type element = storedType(index.kernel.getResultTypes()[0]);
  Type pointer = LLVM::LLVMPointerType::get(index.kernel.getContext());
  LLVM::LLVMFuncOp host = makeFunction(ownName("host"));
  OpBuilder builder = OpBuilder::atBlockTerminator(&host.getBody().front());
  Arguments arguments = loadArguments(builder, host);
  Value partials = loadSlot(builder, host.getArgument(0), arguments.nextSlot, pointer);
  Value values = makeBuffer(builder, element, blockLength), lanes = makeBuffer(builder, element, treeLanes);
  forBlocks(host, total(builder, arguments), partials, [&](OpBuilder &inside, Value begin, Value end, Value partial) {
    if (staysInRegisters()) {
      LLVM::StoreOp::create(inside, loc, reduceInRegisters(inside, arguments, begin, end, lanes, values), partial);
      return;
    }
    emitRange(inside, arguments, begin, end, storeTo(values, begin));
    reduceBlock(inside, lanes, values, arith::SubIOp::create(inside, loc, end, begin), begin, partial);
  });
  std::string name =
      index.kernel.getShape() == Shape::Reduce ? ownName("combine") : sharedName("combine", element);
  return {host, sharedFunction(name, [&](LLVM::LLVMFuncOp combine) { fillCombine(combine); }), {}};
}
