// Converts what is left of the host's program to the LLVM dialect.
#include "lowering/Passes.h"

#include "mlir/Conversion/ConvertToLLVM/ToLLVMPass.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_LOWERTOLLVM
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
struct LowerToLLVMPass : lowering::impl::LowerToLLVMBase<LowerToLLVMPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    LowerToLLVMBase::getDependentDialects(registry);
    passes().getDependentDialects(registry);
  }

  void runOnOperation() override {
    OpPassManager pipeline = passes();
    if (failed(runPipeline(pipeline, getOperation())))
      return signalPassFailure();
    exposeAddresses();
    // Everything is private to the program but its entry and what it exports.
    getOperation().walk([](LLVM::LLVMFuncOp function) {
      if (!function.isExternal() && SymbolTable::getSymbolVisibility(function) == SymbolTable::Visibility::Private)
        function.setLinkage(LLVM::Linkage::Internal);
    });
  }

private:
  /// Takes what a descriptor was made of directly. An address that goes into a task by way of a struct would hide from the
  /// coroutine passes that the variable must live in the frame.
  void exposeAddresses() {
    getOperation().walk([](LLVM::ExtractValueOp op) {
      SmallVector<OpFoldResult> folded;
      if (failed(op->fold(folded)) || folded.empty() || !isa<Value>(folded.front()))
        return;
      op.replaceAllUsesWith(cast<Value>(folded.front()));
      op.erase();
    });
  }

  static OpPassManager passes() {
    OpPassManager passes(ModuleOp::getOperationName());
    passes.addPass(createSCFToControlFlowPass());
    passes.addPass(createConvertVectorToLLVMPass());
    passes.addPass(createConvertToLLVMPass());
    passes.addPass(createReconcileUnrealizedCastsPass());
    return passes;
  }
};
} // namespace
