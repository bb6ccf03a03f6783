// Compiles the gpu.module to PTX and stores the text in the program.
#include "lowering/GPUChecks.h"
#include "lowering/GPUChoices.h"
#include "lowering/KernelGPU.h"
#include "lowering/Passes.h"
#include "lowering/Pipelines.h"

#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVM/ModuleToObject.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_GPUTOPTX
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
constexpr llvm::StringLiteral targetTriple = "nvptx64-nvidia-cuda";

void initialiseTarget() {
  static const bool initialised = [] {
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)initialised;
}

/// The generation of a chip, 80 for `sm_80`; 0 if it is not written so.
unsigned generation(StringRef chip) {
  unsigned number = 0;
  return chip.consume_front("sm_") && !chip.consumeInteger(10, number) ? number : 0;
}

/// LLVM's own serialisation, ending at PTX text. The version of PTX is one that drivers of CUDA 12 read; chips that are newer than that
/// bring their own.
class PTXWriter : public LLVM::ModuleToObject {
public:
  PTXWriter(Operation &module, StringRef chip, unsigned optLevel)
      : ModuleToObject(module, targetTriple, chip, generation(chip) <= 90 ? "+ptx80" : "", optLevel) {}

  /// The text. What the target aligns to 8 bytes has to be known as that from the start: by LLVM's default an i64 is at
  /// multiples of 4, and would be loaded in halves.
  std::optional<SmallVector<char, 0>> write() {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return std::nullopt;
    std::string layout = (*machine)->createDataLayout().getStringRepresentation();
    getOperation().setAttr(LLVM::LLVMDialect::getDataLayoutAttrName(),
                           StringAttr::get(getOperation().getContext(), layout));
    return run();
  }

protected:
  /// LLVM takes a variable without alignment to have the preferred one, 16 bytes for arrays, and reads vectors accordingly; the
  /// writer of PTX would print that of the element.
  void handleModulePreLink(llvm::Module &llvmModule) override {
    for (llvm::GlobalVariable &variable : llvmModule.globals())
      if (!variable.getAlign() && !variable.isDeclaration())
        variable.setAlignment(llvmModule.getDataLayout().getPreferredAlign(&variable));
    prepareKernels(llvmModule);
  }

  /// Before anything is simplified: only with the places of the index at hand does an element's place fold to the index itself, and only
  /// while conditions are on places as the program has them do they show what checks cannot fail.
  static void prepareKernels(llvm::Module &llvmModule) {
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    llvm::AlwaysInlinerPass().run(llvmModule, modules);
    for (llvm::Function &function : llvmModule)
      if (function.getCallingConv() == llvm::CallingConv::PTX_Kernel)
        leaveOutChecks(function, functions);
  }

  FailureOr<SmallVector<char, 0>> moduleToObject(llvm::Module &llvmModule) override {
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return failure();
    if (optLevel > 0)
      llvm::for_each(llvmModule, branchForChoices);
    // Only what the program says is fused is fused.
    (*machine)->Options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
    FailureOr<SmallString<0>> text =
        translateModuleToISA(llvmModule, **machine, [&] { return getOperation().emitError(); });
    if (failed(text))
      return failure();
    return SmallVector<char, 0>(text->begin(), text->end());
  }
};

/// Upstream's conversion would call libdevice for these; they are instructions of the chip.
void useInstructions(gpu::GPUModuleOp module) {
  module.walk([](Operation *op) {
    StringRef intrinsic = llvm::TypeSwitch<Operation *, StringRef>(op)
                              .Case<math::SqrtOp>([](auto) { return "llvm.sqrt"; })
                              .Case<math::AbsFOp>([](auto) { return "llvm.fabs"; })
                              .Case<math::FloorOp>([](auto) { return "llvm.floor"; })
                              .Case<math::CeilOp>([](auto) { return "llvm.ceil"; })
                              .Default([](auto) { return ""; });
    if (intrinsic.empty())
      return;
    OpBuilder builder(op);
    auto call = LLVM::CallIntrinsicOp::create(builder, op->getLoc(), op->getResult(0).getType(),
                                              builder.getStringAttr(intrinsic), op->getOperands());
    op->getResult(0).replaceAllUsesWith(call.getResult(0));
    op->erase();
  });
}

/// Leaves kernels visible alone. The C wrappers that upstream's conversion adds are for host code.
void hideFunctions(gpu::GPUModuleOp module) {
  for (auto function : llvm::make_early_inc_range(module.getOps<LLVM::LLVMFuncOp>())) {
    if (function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()) || function.isExternal())
      continue;
    if (function.getSymName().starts_with("_mlir_ciface_"))
      function.erase();
    else
      function.setLinkage(LLVM::Linkage::Internal);
  }
}

/// What a kernel only reads overlaps with nothing that it writes: it may be read through the read-only cache. (Upstream's conversion
/// passes `readonly` on, but not this.)
void separateReadOnly(gpu::GPUModuleOp module) {
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    for (unsigned k = 0; k < function.getNumArguments(); ++k)
      if (function.getArgAttr(k, LLVM::LLVMDialect::getReadonlyAttrName()))
        function.setArgAttr(k, LLVM::LLVMDialect::getNoAliasAttrName(), UnitAttr::get(module.getContext()));
}

/// Gives each variable of a group's memory whole units of 16 bytes: what is updated by 8 or 16 bits at a time lies in words
/// that are there as a whole, and what variables take together is what they take one by one, which the checker limits
/// (frontend/Check/Block.cpp).
void fillUnits(gpu::GPUModuleOp module) {
  constexpr int64_t unit = 16;
  DataLayout layout = DataLayout::closest(module);
  for (auto variable : module.getOps<LLVM::GlobalOp>()) {
    if (variable.getAddrSpace() != unsigned(NVVM::NVVMMemorySpace::Shared))
      continue;
    int64_t bytes = llvm::alignTo(layout.getTypeSize(variable.getGlobalType()), unit);
    variable.setGlobalType(LLVM::LLVMArrayType::get(IntegerType::get(module.getContext(), 8), bytes));
    variable.setAlignment(unit);
  }
}

/// The functions of a gpu.module, for as long as this lives in a module of their own: what passes of upstream work on.
class AsModule {
public:
  explicit AsModule(gpu::GPUModuleOp gpu) : gpu(gpu) {
    OpBuilder builder(gpu);
    module = ModuleOp::create(builder, gpu.getLoc());
    move(*gpu.getBody(), *module.getBody());
  }
  ~AsModule() {
    move(*module.getBody(), *gpu.getBody());
    module.erase();
  }
  ModuleOp operator*() { return module; }

private:
  static void move(Block &from, Block &to) { to.getOperations().splice(to.end(), from.getOperations()); }
  gpu::GPUModuleOp gpu;
  ModuleOp module;
};

struct GPUToPTXPass : lowering::impl::GPUToPTXBase<GPUToPTXPass> {
  using GPUToPTXBase::GPUToPTXBase;

  void runOnOperation() override {
    if (!isKnownChip(chip)) {
      getOperation().emitError() << "'" << chip << "' is no known chip";
      return signalPassFailure();
    }
    auto module = getOperation().lookupSymbol<gpu::GPUModuleOp>(gpuModuleName);
    if (!module)
      return;
    useInstructions(module);
    OpPassManager passes(gpu::GPUModuleOp::getOperationName());
    passes.addPass(createSCFToControlFlowPass());
    passes.addPass(createConvertMathToLLVMPass());
    passes.addPass(createConvertGpuOpsToNVVMOps());
    passes.addPass(createReconcileUnrealizedCastsPass());
    if (failed(runPipeline(passes, module)))
      return signalPassFailure();
    hideFunctions(module);
    separateReadOnly(module);
    fillUnits(module);
    if (lines && failed(addLines(module)))
      return signalPassFailure();
    initialiseTarget();
    std::optional<SmallVector<char, 0>> text = PTXWriter(*module, chip, optLevel).write();
    if (!text)
      return signalPassFailure();
    std::string image(text->begin(), text->end());
    image += '\0';
    Builder builder(&getContext());
    define(module, gpuImageName, LLVM::LLVMArrayType::get(builder.getI8Type(), image.size()),
           builder.getStringAttr(image));
    define(module, gpuImageSizeName, builder.getI64Type(), builder.getI64IntegerAttr(image.size()));
    module.erase();
  }

private:
  /// `.loc` alone: the debug sections would forbid what ptxas optimises.
  LogicalResult addLines(gpu::GPUModuleOp module) {
    AsModule functions(module);
    LLVM::DIScopeForLLVMFuncOpPassOptions options;
    options.emissionKind = LLVM::DIEmissionKind::DebugDirectivesOnly;
    OpPassManager passes(ModuleOp::getOperationName());
    passes.addPass(LLVM::createDIScopeForLLVMFuncOpPass(options));
    return runPipeline(passes, *functions);
  }

  /// Defines a constant of the program, which awg-lower-kernels has declared.
  void define(gpu::GPUModuleOp module, StringRef name, Type type, Attribute value) {
    if (Operation *declaration = getOperation().lookupSymbol(name))
      declaration->erase();
    OpBuilder builder(module);
    LLVM::GlobalOp::create(builder, module.getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Internal, name, value);
  }
};
} // namespace

bool awg::lowering::isKnownChip(StringRef chip) {
  initialiseTarget();
  std::string fault;
  llvm::Triple triple(targetTriple);
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, fault);
  std::unique_ptr<llvm::MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
  return generation(chip) >= 70 && info->isCPUStringValid(chip);
}
