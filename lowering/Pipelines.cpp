// Puts passes together.
#include "lowering/Pipelines.h"
#include "lowering/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace awg;

void lowering::buildAwgToAsync(OpPassManager &passes, const PipelineOptions &options) {
  if (options.optLevel > 0) {
    FuseLaunchesOptions fusion;
    fusion.explain = options.explain;
    passes.addPass(createFuseLaunches(fusion));
  }
  LowerKernelsOptions kernels;
  kernels.hostTargets.assign(options.hostTargets.begin(), options.hostTargets.end());
  kernels.gpu = options.gpu;
  kernels.explain = options.explain;
  passes.addPass(createLowerKernels(kernels));
  passes.addPass(createExpandMinMax());
  passes.addPass(createExpandHalf());
  if (options.optLevel > 0)
    passes.addPass(createReuseReciprocals());
  DirectCallsOptions calls;
  calls.inlines = options.optLevel > 0;
  passes.addPass(createDirectCalls(calls));
  if (options.explainAwaits)
    passes.addPass(createExplainAwaits());
  passes.addPass(createAwgToAsync());
  passes.addPass(createForeignTasks());
  passes.addPass(createVerifyAwgLowered());
}

void lowering::buildAsyncToLLVM(OpPassManager &passes, const PipelineOptions &options) {
  if (options.gpu) {
    GPUToPTXOptions gpu;
    gpu.chip = options.chip;
    gpu.optLevel = options.optLevel;
    gpu.lines = options.debugInfo;
    passes.addPass(createGPUToPTX(gpu));
  }
  passes.addPass(createLowerAsync());
  passes.addPass(createLowerToLLVM());
  if (options.debugInfo) {
    LLVM::DIScopeForLLVMFuncOpPassOptions lines;
    lines.emissionKind = LLVM::DIEmissionKind::LineTablesOnly;
    passes.addPass(LLVM::createDIScopeForLLVMFuncOpPass(lines));
  }
}

void lowering::registerAll() {
  registerAwgPasses();
  PassPipelineRegistration<PipelineOptions>("awg-to-async-pipeline", "awg to async, gpu and upstream dialects",
                                            buildAwgToAsync);
  PassPipelineRegistration<PipelineOptions>("awg-async-to-llvm-pipeline", "async and gpu to the LLVM dialect",
                                            buildAsyncToLLVM);
}

void lowering::registerDialects(DialectRegistry &registry) {
  registry.insert<ir::AwgDialect, arith::ArithDialect, async::AsyncDialect, cf::ControlFlowDialect, func::FuncDialect,
                  gpu::GPUDialect, LLVM::LLVMDialect, NVVM::NVVMDialect, math::MathDialect, memref::MemRefDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  arith::registerConvertArithToLLVMInterface(registry);
  cf::registerConvertControlFlowToLLVMInterface(registry);
  registerConvertFuncToLLVMInterface(registry);
  registerConvertMathToLLVMInterface(registry);
  registerConvertMemRefToLLVMInterface(registry);
  ub::registerConvertUBToLLVMInterface(registry);
  NVVM::registerConvertGpuToNVVMInterface(registry);
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
}
