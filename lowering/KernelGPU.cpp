// GPU code of kernels, in the gpu dialect.
#include "lowering/KernelGPUBuilder.h"
#include "lowering/StackSlots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;
using ir::Shape;

static constexpr llvm::StringLiteral recordName = "awg$record_failure";

//===-- The module and its failure records ----------------------------------------------------------------------------===//

/// The most that a failure's text has holes.
static constexpr size_t mostFailureArguments = 4;

/// Emits `void awg$record_failure(record, index, inner, site, a0, a1, a2, a3)`: keeps the lowest index, then inner one. Thread by thread under the
/// record's lock; needs independent thread scheduling (sm_70 and later).
static void emitRecordFunction(gpu::GPUModuleOp module) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  Location loc = module.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type(), i32 = builder.getI32Type();
  auto function = func::FuncOp::create(
      builder, loc, recordName, builder.getFunctionType({pointer, i64, i64, i32, i64, i64, i64, i64}, {}));
  function.setPrivate();
  function->setAttr("passthrough", builder.getArrayAttr(builder.getStringAttr("noinline")));
  Block *entry = function.addEntryBlock();
  Region &body = function.getBody();
  auto addBlock = [&] { return builder.createBlock(&body, body.end()); };
  Block *acquire = addBlock(), *held = addBlock(), *write = addBlock(), *release = addBlock(), *done = addBlock();
  Value record = function.getArgument(0);
  auto field = [&](int32_t bytes) {
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), record, ArrayRef<LLVM::GEPArg>{bytes});
  };
  auto constant = [&](Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type, builder.getIntegerAttr(type, value));
  };
  builder.setInsertionPointToEnd(entry);
  LLVM::BrOp::create(builder, loc, acquire);

  builder.setInsertionPointToEnd(acquire);
  Value exchanged = LLVM::AtomicCmpXchgOp::create(builder, loc, field(8), constant(i32, 0), constant(i32, 1),
                                                  LLVM::AtomicOrdering::acq_rel, LLVM::AtomicOrdering::monotonic);
  Value taken = LLVM::ExtractValueOp::create(builder, loc, exchanged, ArrayRef<int64_t>{1});
  LLVM::CondBrOp::create(builder, loc, taken, held, acquire);

  builder.setInsertionPointToEnd(held);
  Value known = LLVM::LoadOp::create(builder, loc, i64, field(0), 8, /*isVolatile=*/true);
  Value knownInner = LLVM::LoadOp::create(builder, loc, i64, field(48), 8, /*isVolatile=*/true);
  auto compare = [&](LLVM::ICmpPredicate predicate, unsigned argument, Value other) {
    return LLVM::ICmpOp::create(builder, loc, predicate, function.getArgument(argument), other).getResult();
  };
  Value isSame = LLVM::AndOp::create(builder, loc, compare(LLVM::ICmpPredicate::eq, 1, known),
                                     compare(LLVM::ICmpPredicate::slt, 2, knownInner));
  Value lower = LLVM::OrOp::create(builder, loc, compare(LLVM::ICmpPredicate::slt, 1, known), isSame);
  LLVM::CondBrOp::create(builder, loc, lower, write, release);

  builder.setInsertionPointToEnd(write);
  LLVM::StoreOp::create(builder, loc, function.getArgument(1), field(0), 8, /*isVolatile=*/true);
  LLVM::StoreOp::create(builder, loc, function.getArgument(2), field(48), 8, /*isVolatile=*/true);
  LLVM::StoreOp::create(builder, loc, function.getArgument(3), field(12), 4, /*isVolatile=*/true);
  for (size_t k = 0; k < mostFailureArguments; ++k)
    LLVM::StoreOp::create(builder, loc, function.getArgument(4 + k), field(16 + 8 * k), 8, /*isVolatile=*/true);
  LLVM::BrOp::create(builder, loc, release);

  builder.setInsertionPointToEnd(release);
  // The exchange alone is relaxed in PTX.
  LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::release);
  LLVM::AtomicRMWOp::create(builder, loc, LLVM::AtomicBinOp::xchg, field(8), constant(i32, 0),
                            LLVM::AtomicOrdering::acq_rel);
  LLVM::BrOp::create(builder, loc, done);
  builder.setInsertionPointToEnd(done);
  func::ReturnOp::create(builder, loc);
}

static gpu::GPUModuleOp findOrCreateModule(ir::KernelOp kernel) {
  auto program = kernel->getParentOfType<ModuleOp>();
  if (auto module = program.lookupSymbol<gpu::GPUModuleOp>(gpuModuleName))
    return module;
  OpBuilder builder = OpBuilder::atBlockEnd(program.getBody());
  auto module = gpu::GPUModuleOp::create(builder, kernel.getLoc(), gpuModuleName);
  emitRecordFunction(module);
  return module;
}

/// A scalar as 64 bits, for a failure's record.
Value awg::lowering::toBits(OpBuilder &builder, Location loc, Value value, int8_t kind) {
  Type i64 = builder.getI64Type();
  Type type = value.getType();
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::PtrToIntOp::create(builder, loc, i64, value);
  if (isa<FloatType>(type)) {
    type = builder.getIntegerType(type.getIntOrFloatBitWidth());
    value = arith::BitcastOp::create(builder, loc, type, value);
  }
  if (type == i64)
    return value;
  bool isSigned = kind >= 1 && kind <= 4; // AWGRT_I8 to AWGRT_I64
  return isSigned ? arith::ExtSIOp::create(builder, loc, i64, value).getResult()
                  : arith::ExtUIOp::create(builder, loc, i64, value).getResult();
}

GPUBuilder::GPUBuilder(KernelIndex &index)
    : index(index), loc(index.kernel.getLoc()), module(findOrCreateModule(index.kernel)) {
  MLIRContext *context = index.kernel.getContext();
  i64 = IntegerType::get(context, 64);
  pointer = LLVM::LLVMPointerType::get(context);
  if (index.kernel.getShape() != Shape::Each)
    element = index.kernel.getResultTypes()[0];
  if (!index.kernel.getBlock())
    function = cloneIndexFunction(index.function);
}

void GPUBuilder::expandRecord(ir::RecordOp record) {
  OpBuilder builder(record);
  int32_t site = record->getAttrOfType<IntegerAttr>("site").getInt();
  SmallVector<Value> operands{record.getFailure(), record.getIndex(), record.getInner(),
                              arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(site))};
  size_t count = operands.size() + mostFailureArguments;
  for (auto [arg, kind] : llvm::zip(record.getArgs(), record.getKinds()))
    operands.push_back(toBits(builder, loc, arg, kind));
  while (operands.size() < count)
    operands.push_back(constant(builder, 0));
  func::CallOp::create(builder, loc, recordName, TypeRange(), operands);
  record.erase();
}

func::FuncOp GPUBuilder::cloneIndexFunction(func::FuncOp original) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto copy = cast<func::FuncOp>(builder.clone(*original));
  copy->setAttr("passthrough", builder.getArrayAttr(builder.getStringAttr("alwaysinline")));
  SmallVector<ir::RecordOp> records;
  copy.walk([&](ir::RecordOp record) { records.push_back(record); });
  llvm::for_each(records, [&](ir::RecordOp record) { expandRecord(record); });
  // In other blocks they would grow the stack at each turn.
  SmallVector<memref::AllocaOp> variables(copy.getOps<memref::AllocaOp>());
  for (memref::AllocaOp variable : variables)
    if (variable.getDynamicSizes().empty())
      variable->moveBefore(&copy.getBody().front(), copy.getBody().front().begin());
  return copy;
}

gpu::GPUFuncOp GPUBuilder::makeEntry(StringRef suffix, ArrayRef<Type> inputs) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto entry = gpu::GPUFuncOp::create(builder, loc, (index.kernel.getSymName() + suffix).str(),
                                      builder.getFunctionType(inputs, {}));
  entry->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  OpBuilder body = OpBuilder::atBlockEnd(&entry.getBody().front());
  gpu::ReturnOp::create(body, loc);
  return entry;
}

//===-- Small pieces ------------------------------------------------------------------------------------------------===//

Value GPUBuilder::constant(OpBuilder &builder, int64_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
}

Value GPUBuilder::less(OpBuilder &builder, Value left, Value right) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, left, right);
}

Value GPUBuilder::toIndex(OpBuilder &builder, Value value) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
}

Value GPUBuilder::threadInGroup(OpBuilder &builder) {
  return arith::IndexCastOp::create(builder, loc, i64, gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
}

Value GPUBuilder::group(OpBuilder &builder) {
  return arith::IndexCastOp::create(builder, loc, i64, gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x));
}

Value GPUBuilder::globalThread(OpBuilder &builder) {
  Value size = arith::IndexCastOp::create(builder, loc, i64, gpu::BlockDimOp::create(builder, loc, gpu::Dimension::x));
  Value first = arith::MulIOp::create(builder, loc, group(builder), size);
  return arith::AddIOp::create(builder, loc, first, threadInGroup(builder));
}

Value GPUBuilder::total(OpBuilder &builder, ValueRange extents) {
  Value count = extents[0];
  for (Value extent : extents.drop_front())
    count = arith::MulIOp::create(builder, loc, count, extent);
  return count;
}

Value GPUBuilder::address(OpBuilder &builder, Value base, Value number, Type type) {
  return LLVM::GEPOp::create(builder, loc, pointer, type, base, ArrayRef<LLVM::GEPArg>{number});
}

SmallVector<Value> GPUBuilder::decode(OpBuilder &builder, Value flat, ValueRange extents) {
  SmallVector<Value> places(extents.size());
  for (size_t k = extents.size(); k-- > 1;) {
    Value above = arith::DivUIOp::create(builder, loc, flat, extents[k]);
    places[k] = arith::SubIOp::create(builder, loc, flat, arith::MulIOp::create(builder, loc, above, extents[k]));
    flat = above;
  }
  places[0] = flat;
  for (auto [place, extent] : llvm::zip(places, extents)) {
    assume(builder, arith::CmpIPredicate::ult, place, extent);
    assume(builder, arith::CmpIPredicate::sge, extent, constant(builder, 0));
  }
  return places;
}

void GPUBuilder::assume(OpBuilder &builder, arith::CmpIPredicate predicate, Value left, Value right) {
  LLVM::AssumeOp::create(builder, loc, arith::CmpIOp::create(builder, loc, predicate, left, right));
}

Value GPUBuilder::evaluate(OpBuilder &builder, ValueRange arguments, Value failure, Value flat) {
  SmallVector<Value> operands = decode(builder, flat, arguments.take_front(index.rank()));
  llvm::append_range(operands, arguments);
  operands.push_back(failure);
  auto call = func::CallOp::create(builder, loc, function, operands);
  return call.getNumResults() ? call.getResult(0) : Value();
}

//===-- Shapes ------------------------------------------------------------------------------------------------------===//

SmallVector<Type> GPUBuilder::commonInputs() {
  SmallVector<Type> inputs(index.rank(), i64);
  llvm::append_range(inputs, index.argumentTypes());
  return inputs;
}

Value GPUBuilder::denseArray(OpBuilder &builder, Value array, ArrayRef<Value> extents) {
  Type numbers = LLVM::LLVMArrayType::get(i64, extents.size());
  Type type = LLVM::LLVMStructType::getLiteral(builder.getContext(), {pointer, pointer, i64, numbers, numbers});
  Value descriptor = UnrealizedConversionCastOp::create(builder, loc, type, array).getResult(0);
  Value stride = constant(builder, 1);
  auto set = [&](Value value, int64_t field, int64_t dimension) {
    descriptor = LLVM::InsertValueOp::create(builder, loc, descriptor, value, ArrayRef<int64_t>{field, dimension});
  };
  for (size_t k = extents.size(); k-- > 0;) {
    set(extents[k], 3, k);
    set(stride, 4, k);
    stride = arith::MulIOp::create(builder, loc, stride, extents[k]);
  }
  return UnrealizedConversionCastOp::create(builder, loc, array.getType(), descriptor).getResult(0);
}

SmallVector<Value> GPUBuilder::knownArguments(OpBuilder &builder, gpu::GPUFuncOp entry) {
  llvm::SmallDenseMap<Attribute, Value> named;
  ArrayAttr sizes = index.kernel.getSizesAttr();
  size_t position = 0;
  auto known = [&](Value value) {
    Attribute size = sizes ? sizes[position++] : Attribute();
    if (auto number = dyn_cast_or_null<IntegerAttr>(size))
      return constant(builder, number.getInt());
    return isa_and_nonnull<StringAttr>(size) ? named.try_emplace(size, value).first->second : value;
  };
  SmallVector<Value> arguments;
  for (BlockArgument argument : entry.getArguments().take_front(commonInputs().size())) {
    auto array = dyn_cast<MemRefType>(argument.getType());
    if (!array) {
      arguments.push_back(known(argument));
      continue;
    }
    // Nobody writes it while the kernel runs: what is lent to be written is lent once.
    if (!llvm::is_contained(index.kernel.getWritten(), int64_t(index.rank() + argument.getArgNumber())))
      entry.setArgAttr(argument.getArgNumber(), LLVM::LLVMDialect::getReadonlyAttrName(), builder.getUnitAttr());
    SmallVector<Value> extents;
    for (int64_t k = 0; k < array.getRank(); ++k) {
      Value extent = memref::DimOp::create(builder, loc, argument, k);
      extents.push_back(known(arith::IndexCastOp::create(builder, loc, i64, extent)));
    }
    arguments.push_back(denseArray(builder, argument, extents));
  }
  return arguments;
}

void GPUBuilder::buildEach() {
  SmallVector<Type> inputs = commonInputs();
  inputs.push_back(pointer);
  gpu::GPUFuncOp entry = makeEntry("", inputs);
  if (std::optional<int64_t> asked = index.kernel.getThreads())
    entry.setKnownBlockSizeAttr(DenseI32ArrayAttr::get(entry.getContext(), {int32_t(*asked), 1, 1}));
  OpBuilder builder = OpBuilder::atBlockTerminator(&entry.getBody().front());
  SmallVector<Value> arguments = knownArguments(builder, entry);
  Value flat = globalThread(builder);
  Value inside = less(builder, flat, total(builder, ArrayRef(arguments).take_front(index.rank())));
  auto guarded = scf::IfOp::create(builder, loc, inside, /*withElseRegion=*/false);
  OpBuilder body = guarded.getThenBodyBuilder();
  evaluate(body, arguments, entry.getArguments().back(), flat);
}

void awg::lowering::buildGPUKernel(KernelIndex &index, MutableArrayRef<KernelIndex> phases) {
  GPUBuilder builder(index);
  if (index.kernel.getBlock())
    return builder.buildBlocks(phases);
  switch (index.kernel.getShape()) {
  case Shape::Each:
    return builder.buildEach();
  case Shape::Scan:
    return builder.buildScan();
  default:
    return builder.buildReduce();
  }
}

int32_t awg::lowering::groupThreadsOf(ir::KernelOp kernel) {
  auto module = kernel->getParentOfType<ModuleOp>().lookupSymbol<gpu::GPUModuleOp>(gpuModuleName);
  auto entry = module.lookupSymbol<gpu::GPUFuncOp>(kernel.getSymName());
  std::optional<ArrayRef<int32_t>> size = entry.getKnownBlockSize();
  return size ? size->front() : 0;
}
