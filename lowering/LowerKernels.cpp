// Kernels: from awg.kernel to host functions, GPU code and a descriptor; launches to calls of the runtime.
#include "lowering/KernelGPU.h"
#include "lowering/KernelHost.h"
#include "lowering/MinMax.h"
#include "lowering/Passes.h"
#include "lowering/StackSlots.h"
#include "lowering/StaticData.h"

#include "awg/awgrt.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_LOWERKERNELS
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
class LowerKernelsPass : public lowering::impl::LowerKernelsBase<LowerKernelsPass> {
public:
  using LowerKernelsBase::LowerKernelsBase;

  void runOnOperation() override;

private:
  LogicalResult chooseTargets();
  FailureOr<KernelIndex> makeIndex(ir::KernelOp kernel);
  FailureOr<HostBody> makeHostBody(KernelIndex index);
  FailureOr<SmallVector<KernelIndex>> makePhases(KernelIndex &group);
  LogicalResult lowerKernel(ir::KernelOp kernel, StaticData &data);
  void describe(KernelIndex &index, ArrayRef<HostKernel> hosts, StaticData &data);
  void lowerLaunch(ir::LaunchOp launch, StaticData &data);
  void lowerRecords();
  void declareImage();

  SmallVector<HostTarget> targets;
  SharedFunctions shared;
  OpPassManager cleanUp{func::FuncOp::getOperationName()};
  OpPassManager structuredCleanUp{func::FuncOp::getOperationName()};
};
} // namespace

/// The `target` attribute of descriptors, known to the runtime's search for the best variant.
LogicalResult LowerKernelsPass::chooseTargets() {
  targets.clear();
  SmallVector<std::string> names(hostTargets.begin(), hostTargets.end());
  if (names.empty())
    names = {"v4", "v3"};
  for (StringRef name : names) {
    if (name == "v4") {
      targets.push_back({"_v4", "x86-64-v4", 512, 2});
    } else if (name == "v3") {
      targets.push_back({"_v3", "x86-64-v3", 256, 1});
    } else if (name == "native") {
      bool wide = llvm::sys::getHostCPUFeatures().lookup("avx512f");
      targets.push_back({"_native", llvm::sys::getHostCPUName().str(), wide ? 512u : 256u, 0});
    } else {
      return getOperation().emitError() << "'" << name << "' is no host target (v3, v4, native)";
    }
  }
  return success();
}

/// Bounded in the rewrites of one round: where a condition turns out to be constant, the loop that is not reached any more may
/// be left with values that depend on themselves alone, whose folding has no end. What is not reached goes after the round.
/// Blocks that are alike but for the arrays that they read are not merged, since no array may depend on a condition.
static std::unique_ptr<Pass> createKernelCanonicalizer() {
  return createCanonicalizerPass(GreedyRewriteConfig().setMaxNumRewrites(1 << 16).setRegionSimplificationLevel(
      GreedySimplifyRegionLevel::Normal));
}

void LowerKernelsPass::runOnOperation() {
  if (failed(chooseTargets()))
    return signalPassFailure();
  shared.clear();
  cleanUp.clear();
  cleanUp.addPass(createExpandMinMax());
  cleanUp.addPass(createMem2Reg());
  cleanUp.addPass(createKernelCanonicalizer());
  cleanUp.addPass(createCSEPass());
  structuredCleanUp.clear();
  structuredCleanUp.addPass(createKernelCanonicalizer());
  structuredCleanUp.addPass(createCSEPass());

  ModuleOp module = getOperation();
  auto before = module->getAttrOfType<StringAttr>("awg.explanation");
  std::string explanation = before ? before.str() : "";
  llvm::raw_string_ostream explaining(explanation);
  if (explain)
    targets.front().explanation = &explaining;
  StaticData data(module);
  SmallVector<ir::KernelOp> kernels(module.getOps<ir::KernelOp>());
  for (ir::KernelOp kernel : kernels)
    if (!kernel.getPhase() && failed(lowerKernel(kernel, data)))
      return signalPassFailure();
  SmallVector<ir::LaunchOp> launches;
  module.walk([&](ir::LaunchOp launch) { launches.push_back(launch); });
  for (ir::LaunchOp launch : launches)
    lowerLaunch(launch, data);
  for (ir::KernelOp kernel : kernels)
    kernel.erase();
  lowerRecords();
  if (explain)
    module->setAttr("awg.explanation", StringAttr::get(&getContext(), explanation));
  if (gpu && !kernels.empty())
    declareImage();
}

/// Descriptors name the GPU code that awg-gpu-to-ptx is going to compile.
void LowerKernelsPass::declareImage() {
  OpBuilder builder(getOperation().getBodyRegion());
  Location loc = getOperation().getLoc();
  LLVM::GlobalOp::create(builder, loc, LLVM::LLVMArrayType::get(builder.getI8Type(), 0), /*isConstant=*/true,
                         LLVM::Linkage::External, gpuImageName, Attribute());
  LLVM::GlobalOp::create(builder, loc, builder.getI64Type(), /*isConstant=*/true, LLVM::Linkage::External,
                         gpuImageSizeName, Attribute());
}

/// Failures recorded by host kernels become calls of the runtime. (Those of GPU code have become calls already.)
void LowerKernelsPass::lowerRecords() {
  ModuleOp module = getOperation();
  SmallVector<ir::RecordOp> records;
  module.walk([&](ir::RecordOp record) { records.push_back(record); });
  if (records.empty())
    return;
  OpBuilder builder(module.getBodyRegion());
  Type pointer = LLVM::LLVMPointerType::get(&getContext());
  Type i64 = builder.getI64Type(), i32 = builder.getI32Type();
  constexpr llvm::StringLiteral name = "awgrt_kernel_fail";
  func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType({pointer, i64, i64, i32, pointer, i32}, {}))
      .setPrivate();
  for (ir::RecordOp record : records) {
    builder.setInsertionPoint(record);
    Location loc = record.getLoc();
    StackSlots args(builder, loc, record.getArgs().size());
    for (auto [k, arg] : llvm::enumerate(record.getArgs()))
      args.store(builder, k, toBits(builder, loc, arg, record.getKinds()[k]));
    Value site = arith::ConstantOp::create(builder, loc, record->getAttrOfType<IntegerAttr>("site"));
    Value count = arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(record.getArgs().size()));
    func::CallOp::create(builder, loc, name, TypeRange(),
                         ValueRange{record.getFailure(), record.getIndex(), record.getInner(), site, args.address(),
                                    count});
    record.erase();
  }
}

FailureOr<KernelIndex> LowerKernelsPass::makeIndex(ir::KernelOp kernel) {
  FailureOr<KernelIndex> index = makeKernelIndex(kernel);
  if (failed(index) || failed(runPipeline(cleanUp, index->function)))
    return failure();
  return index;
}

/// Lifts the control flow of an index function, and takes what bounds checks it can out of a copy.
FailureOr<HostBody> LowerKernelsPass::makeHostBody(KernelIndex index) {
  func::FuncOp function = index.function;
  if (failed(liftControlFlow(function)) || failed(runPipeline(structuredCleanUp, function)))
    return failure();
  BoundsChecks checks(function, function.getArgument(index.rank() - 1), index.kernel.getShape() == ir::Shape::Each);
  bool isOnce = checks.empty() || index.kernel.getBlock();
  func::FuncOp unchecked = isOnce ? func::FuncOp() : checks.makeUnchecked();
  if (unchecked && failed(runPipeline(structuredCleanUp, unchecked)))
    return failure();
  return HostBody{std::move(index), std::move(checks), unchecked};
}

static void eraseBody(HostBody &body) {
  if (body.unchecked)
    body.unchecked.erase();
  body.index.function.erase();
}

/// The phases that a block kernel runs. Their failures get into its table.
FailureOr<SmallVector<KernelIndex>> LowerKernelsPass::makePhases(KernelIndex &group) {
  SmallVector<KernelIndex> phases;
  SmallVector<ir::PhaseOp> ops;
  group.function.walk([&](ir::PhaseOp op) { ops.push_back(op); });
  for (ir::PhaseOp op : ops) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<ir::KernelOp>(op, op.getKernelAttr());
    FailureOr<KernelIndex> phase = makeIndex(kernel);
    if (failed(phase))
      return failure();
    int32_t offset = group.sites.size();
    phase->function.walk([&](ir::RecordOp record) {
      int32_t site = record->getAttrOfType<IntegerAttr>("site").getInt();
      record->setAttr("site", Builder(&getContext()).getI32IntegerAttr(offset + site));
    });
    group.sites.append(phase->sites);
    phases.push_back(std::move(*phase));
  }
  return phases;
}

LogicalResult LowerKernelsPass::lowerKernel(ir::KernelOp kernel, StaticData &data) {
  FailureOr<KernelIndex> index = makeIndex(kernel);
  if (failed(index))
    return failure();
  FailureOr<SmallVector<KernelIndex>> phases = makePhases(*index);
  if (failed(phases))
    return failure();
  if (gpu)
    buildGPUKernel(*index, *phases);
  FailureOr<HostBody> body = makeHostBody(std::move(*index));
  if (failed(body))
    return failure();
  Phases bodies;
  for (KernelIndex &phase : *phases) {
    FailureOr<HostBody> made = makeHostBody(phase);
    if (failed(made))
      return failure();
    bodies[phase.kernel.getSymName()] = std::make_unique<HostBody>(std::move(*made));
  }
  SmallVector<HostKernel> hosts;
  for (const HostTarget &target : targets)
    hosts.push_back(buildHostKernel(*body, bodies, target, shared));
  describe(body->index, hosts, data);
  eraseBody(*body);
  for (auto &phase : bodies)
    eraseBody(*phase.second);
  return success();
}

/// awgrt_kernel_shape, and the bytes of a partial result.
static std::pair<int, int> describeShape(ir::KernelOp kernel) {
  if (kernel.getShape() == ir::Shape::Each)
    return {0, 0};
  int bytes = llvm::divideCeil(kernel.getResultTypes()[0].getIntOrFloatBitWidth(), 8);
  if (kernel.getShape() == ir::Shape::Scan)
    return {2, bytes};
  return {1, isArgShape(kernel.getShape()) ? 16 : bytes};
}

/// The bytes of a reduction's result over no indices, or null if there is none.
static StringAttr emptyResult(ir::KernelOp kernel, StaticData &data) {
  Type type = kernel.getShape() == ir::Shape::Each ? Type() : kernel.getResultTypes()[0];
  int64_t bits = 0;
  switch (kernel.getShape()) {
  case ir::Shape::Sum:
  case ir::Shape::Any:
    break;
  case ir::Shape::All:
    bits = 1;
    break;
  case ir::Shape::Product:
    bits = isa<FloatType>(type) ? llvm::APFloat(cast<FloatType>(type).getFloatSemantics(), 1).bitcastToAPInt().getZExtValue()
                                : 1;
    break;
  default:
    return {};
  }
  return data.bytes(StringRef(reinterpret_cast<const char *>(&bits), sizeof(bits)));
}

void LowerKernelsPass::describe(KernelIndex &index, ArrayRef<HostKernel> hosts, StaticData &data) {
  using Data = StaticData;
  ir::KernelOp kernel = index.kernel;
  StringRef function = "";
  if (auto name = kernel->getAttrOfType<StringAttr>("awg.source_name"))
    function = name;

  std::string access(kernel.getRank(), 0);
  auto arguments = kernel.getArgumentTypes();
  for (size_t k = 2 * kernel.getRank(); k < arguments.size(); ++k) {
    size_t first = access.size();
    access.resize(first + slotCount(arguments[k]), 0);
    if (isa<MemRefType>(arguments[k]))
      access[first] = llvm::is_contained(kernel.getWritten(), int64_t(k)) ? 2 : 1;
  }
  auto [shape, partialSize] = describeShape(kernel);
  access.resize(access.size() + shape, 0); // the shape's own slots: none, one, two

  SmallVector<Data::Field> sites, variants;
  for (const FailureSite &site : index.sites)
    llvm::append_range(sites, data.siteFields(site.loc, function, site.format.getValue(), site.kinds.asArrayRef()));
  auto symbol = [](LLVM::LLVMFuncOp fn) { return fn ? fn.getSymNameAttr() : StringAttr(); };
  for (auto [target, host] : llvm::zip(targets, hosts)) {
    variants.push_back(Data::i32(target.level));
    variants.push_back(Data::i32(host.lanes | host.rows << 16)); // two halves: little endian
    variants.push_back(Data::address(symbol(host.host)));
    variants.push_back(Data::address(symbol(host.combine)));
    variants.push_back(Data::address(symbol(host.finish)));
    variants.push_back(Data::address(symbol(host.scan)));
  }

  SmallVector<Data::Field> fields = data.placeFields(kernel.getLoc(), function);
  fields.push_back(Data::address(data.cString(kernel.getSymName())));
  fields.push_back(Data::i32(shape));
  fields.push_back(Data::i32(kernel.getRank()));
  fields.push_back(Data::i32(access.size()));
  fields.push_back(Data::i32(partialSize));
  fields.push_back(Data::address(emptyResult(kernel, data)));
  fields.push_back(Data::address(data.bytes(access)));
  fields.push_back(Data::address(sites.empty() ? StringAttr() : data.record("sites", sites)));
  fields.push_back(Data::i32(index.sites.size()));
  fields.push_back(Data::i32(targets.size()));
  fields.push_back(Data::address(data.record("variants", variants)));
  fields.push_back(Data::address(gpu ? StringAttr::get(&getContext(), gpuImageName) : StringAttr()));
  fields.push_back(Data::address(gpu ? StringAttr::get(&getContext(), gpuImageSizeName) : StringAttr()));
  fields.push_back(Data::i32(kernel.getBlock() ? 1 : 0));
  fields.push_back(Data::i32(gpu ? groupThreadsOf(kernel) : 0));
  kernel->setAttr("awg.descriptor", data.record("kernel", fields));
  kernel->setAttr("awg.checks", Builder(&getContext()).getI64IntegerAttr(index.sites.size()));
  kernel->setAttr("awg.slots", Builder(&getContext()).getI64IntegerAttr(access.size()));
}

void LowerKernelsPass::lowerLaunch(ir::LaunchOp launch, StaticData &data) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<ir::KernelOp>(launch, launch.getKernelAttr());
  Location loc = launch.getLoc();
  OpBuilder builder(launch);
  Type pointer = LLVM::LLVMPointerType::get(&getContext());
  StackSlots slots(builder, loc, kernel->getAttrOfType<IntegerAttr>("awg.slots").getInt(), "awg.launch_slots");
  StackSlots extents(builder, loc, kernel.getRank(), "awg.launch_slots");
  for (auto [k, extent] : llvm::enumerate(launch.getGrid()))
    extents.store(builder, k, extent);
  unsigned slot = kernel.getRank();
  auto handle = [&](Value array) {
    return UnrealizedConversionCastOp::create(builder, loc, pointer, array).getResult(0);
  };
  for (auto [type, arg] : llvm::zip(kernel.getArgumentTypes().drop_front(2 * kernel.getRank()), launch.getArgs())) {
    slots.store(builder, slot, isa<MemRefType>(type) ? handle(arg) : arg);
    slot += slotCount(type);
  }
  Value result = launch.getResult() ? handle(launch.getResult()) : LLVM::ZeroOp::create(builder, loc, pointer).getResult();
  Value descriptor = StaticData::addressOf(builder, loc, kernel->getAttrOfType<StringAttr>("awg.descriptor"));
  Value device = launch.getDevice();
  if (!device)
    device = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(AWGRT_ANY_DEVICE));
  auto operation = ir::OperationOp::create(
      builder, loc, launch.getFuture().getType(), builder.getStringAttr("awgrt_launch"),
      ValueRange{descriptor, device, extents.address(), slots.address(), result}, DenseI64ArrayAttr());
  operation->setAttr("awg.launch", builder.getDictionaryAttr(
                                       {builder.getNamedAttr("checks", kernel->getAttr("awg.checks")),
                                        builder.getNamedAttr("shape", builder.getStringAttr(stringifyShape(kernel.getShape())))}));
  launch.replaceAllUsesWith(operation.getFuture());
  launch.erase();
}
