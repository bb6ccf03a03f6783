// The named pipelines: what awgc runs and awg-opt offers.
#ifndef AWG_LOWERING_PIPELINES_H
#define AWG_LOWERING_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace awg::lowering {

/// What pipelines are built from.
struct PipelineOptions : mlir::PassPipelineOptions<PipelineOptions> {
  ListOption<std::string> hostTargets{*this, "host-targets",
                                      llvm::cl::desc("levels of the host's instruction set: v3, v4 or native")};
  Option<bool> gpu{*this, "gpu", llvm::cl::desc("make GPU code"), llvm::cl::init(true)};
  Option<bool> explain{*this, "explain", llvm::cl::desc("say what kernels' host code does"), llvm::cl::init(false)};
  Option<bool> explainAwaits{*this, "explain-awaits", llvm::cl::desc("say how awaits are done"), llvm::cl::init(false)};
  Option<std::string> chip{*this, "chip", llvm::cl::desc("the least GPU that the PTX is for"),
                           llvm::cl::init("sm_80")};
  Option<unsigned> optLevel{*this, "opt-level", llvm::cl::desc("0 to 3"), llvm::cl::init(2)};
  Option<bool> debugInfo{*this, "debug-info", llvm::cl::desc("make line tables"),
                         llvm::cl::init(false)};
};

/// Whether kernels can be compiled for this GPU (`sm_80`): sm_70 and later, as far as LLVM knows them.
bool isKnownChip(llvm::StringRef chip);

/// awg -> async + gpu + upstream dialects, verified (`awg-to-async-pipeline`).
void buildAwgToAsync(mlir::OpPassManager &passes, const PipelineOptions &options);
/// That -> LLVM dialect, GPU code as PTX inside (`awg-async-to-llvm-pipeline`).
void buildAsyncToLLVM(mlir::OpPassManager &passes, const PipelineOptions &options);

/// Registers passes and pipelines by name, for awg-opt.
void registerAll();
/// Adds the dialects, conversions and translations that the pipelines need.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace awg::lowering

#endif // AWG_LOWERING_PIPELINES_H
