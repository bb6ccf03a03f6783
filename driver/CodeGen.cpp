// Optimises LLVM IR and writes machine code.
#include "driver/CodeGen.h"
#include "driver/HoistElements.h"
#include "driver/InlineLookups.h"
#include "driver/LongFunctions.h"
#include "driver/OutlineLoops.h"
#include "driver/SplitCoroutines.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Scalar/DCE.h"

using namespace awg;

/// A target machine for the host's instruction set with strict floating point; null with a fault if LLVM lacks it.
static std::unique_ptr<llvm::TargetMachine> makeTargetMachine(const CodeGenOptions &options, std::string &fault) {
  static const bool initialised = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialised;
  llvm::Triple triple(llvm::sys::getProcessTriple());
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, fault);
  if (!target)
    return nullptr;
  std::string cpu = options.cpu, features;
  if (cpu.empty()) {
    cpu = llvm::sys::getHostCPUName().str();
    for (auto &feature : llvm::sys::getHostCPUFeatures())
      features += (feature.second ? "+" : "-") + feature.first().str() + ",";
  }
  features += "-avx512bf16,-avxneconvert,-avx10.2"; // their instructions for bf16 take subnormal values for zero
  llvm::TargetOptions targetOptions;
  // Only what the program says is fused is fused.
  targetOptions.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  targetOptions.FunctionSections = targetOptions.DataSections = true;
  auto level = static_cast<llvm::CodeGenOptLevel>(std::min(options.optLevel, 3u));
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, cpu, features, targetOptions, llvm::Reloc::PIC_, std::nullopt, level));
}

/// Runs LLVM's pipeline of that level, coroutine lowering included.
static void optimise(llvm::Module &module, llvm::TargetMachine &machine, unsigned optLevel) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  if (optLevel > 0)
    splitCoroutines(module, functions, modules);
  builder.registerScalarOptimizerLateEPCallback(
      [](llvm::FunctionPassManager &passes, llvm::OptimizationLevel) { passes.addPass(HoistElementsPass()); });
  builder.registerVectorizerStartEPCallback(
      [](llvm::FunctionPassManager &passes, llvm::OptimizationLevel) { passes.addPass(InlineLookupsPass()); });
  builder.registerPipelineStartEPCallback([](llvm::ModulePassManager &passes, llvm::OptimizationLevel level) {
    if (level == llvm::OptimizationLevel::O0)
      return;
    llvm::FunctionPassManager perFunction;
    perFunction.addPass(llvm::DCEPass()); // a descriptor that nobody uses holds its variable in memory
    perFunction.addPass(LongFunctionStartPass());
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(perFunction)));
  });
  builder.registerPipelineEarlySimplificationEPCallback(
      [](llvm::ModulePassManager &passes, llvm::OptimizationLevel level, llvm::ThinOrFullLTOPhase) {
        if (level != llvm::OptimizationLevel::O0)
          passes.addPass(OutlineLoopsPass());
      });
  builder.registerOptimizerLastEPCallback(
      [](llvm::ModulePassManager &passes, llvm::OptimizationLevel level, llvm::ThinOrFullLTOPhase) {
        if (level != llvm::OptimizationLevel::O0)
          passes.addPass(llvm::createModuleToFunctionPassAdaptor(LongFunctionEndPass()));
      });
  const llvm::OptimizationLevel levels[] = {llvm::OptimizationLevel::O0, llvm::OptimizationLevel::O1,
                                            llvm::OptimizationLevel::O2, llvm::OptimizationLevel::O3};
  llvm::OptimizationLevel level = levels[std::min(optLevel, 3u)];
  llvm::ModulePassManager passes = optLevel == 0 ? builder.buildO0DefaultPipeline(level)
                                                 : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}

bool awg::generateCode(llvm::Module &module, Emit emit, const CodeGenOptions &options, llvm::raw_pwrite_stream &out,
                       std::string &fault) {
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(options, fault);
  if (!machine)
    return false;
  optimise(module, *machine, options.optLevel);
  if (emit == Emit::LLVMIR) {
    module.print(out, nullptr);
    return true;
  }
  llvm::legacy::PassManager passes;
  auto kind = emit == Emit::Assembly ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
  if (machine->addPassesToEmitFile(passes, out, nullptr, kind)) {
    fault = "this LLVM cannot write such a file for " + machine->getTargetTriple().str();
    return false;
  }
  LongFunctionGate gate(module);
  passes.run(module);
  return true;
}
