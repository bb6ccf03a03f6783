// Converts what is left of the host's program to the LLVM dialect.
#include "lowering/MinMax.h"
#include "lowering/Passes.h"

#include "mlir/Conversion/ConvertToLLVM/ToLLVMInterface.h"
#include "mlir/Conversion/ConvertToLLVM/ToLLVMPass.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace awg;
using namespace awg::lowering;

namespace awg::lowering {
#define GEN_PASS_DEF_LOWERTOLLVM
#include "lowering/Passes.h.inc"
} // namespace awg::lowering

namespace {
/// Atomic min and max of floats swap bits until nobody was in between; upstream's conversion leaves the sign of zero to
/// the target.
struct AtomicMinMax : ConvertOpToLLVMPattern<memref::AtomicRMWOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult matchAndRewrite(memref::AtomicRMWOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    bool isMin = op.getKind() == arith::AtomicRMWKind::minnumf;
    if (!isMin && op.getKind() != arith::AtomicRMWKind::maxnumf)
      return failure();
    Location loc = op.getLoc();
    Type type = op.getValue().getType(), bits = rewriter.getIntegerType(type.getIntOrFloatBitWidth());
    Value place = getStridedElementPtr(rewriter, loc, op.getMemRefType(), adaptor.getMemref(), adaptor.getIndices());
    Value first = LLVM::LoadOp::create(rewriter, loc, bits, place, type.getIntOrFloatBitWidth() / 8, /*isVolatile=*/false,
                                       /*isNonTemporal=*/false, /*isInvariant=*/false, /*isInvariantGroup=*/false,
                                       LLVM::AtomicOrdering::monotonic);
    Block *before = rewriter.getInsertionBlock(), *after = rewriter.splitBlock(before, rewriter.getInsertionPoint());
    Block *attempt = rewriter.createBlock(after, bits, loc);
    rewriter.setInsertionPointToEnd(before);
    LLVM::BrOp::create(rewriter, loc, first, attempt);
    rewriter.setInsertionPointToStart(attempt);
    Value expected = attempt->getArgument(0), old = LLVM::BitcastOp::create(rewriter, loc, type, expected);
    Value joined = expandMinMax(rewriter, loc, old, adaptor.getValue(), isMin);
    Value swapped = LLVM::AtomicCmpXchgOp::create(rewriter, loc, place, expected,
                                                  LLVM::BitcastOp::create(rewriter, loc, bits, joined),
                                                  LLVM::AtomicOrdering::acq_rel, LLVM::AtomicOrdering::monotonic);
    LLVM::CondBrOp::create(rewriter, loc, LLVM::ExtractValueOp::create(rewriter, loc, swapped, 1), after, ValueRange(), attempt,
                           LLVM::ExtractValueOp::create(rewriter, loc, swapped, 0).getResult());
    rewriter.replaceOp(op, old);
    return success();
  }
};

struct LowerToLLVMPass : lowering::impl::LowerToLLVMBase<LowerToLLVMPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    LowerToLLVMBase::getDependentDialects(registry);
    createSCFToControlFlowPass()->getDependentDialects(registry);
    createConvertVectorToLLVMPass()->getDependentDialects(registry);
    createConvertToLLVMPass()->getDependentDialects(registry);
  }

  void runOnOperation() override {
    OpPassManager flat(ModuleOp::getOperationName()), last(ModuleOp::getOperationName());
    flat.addPass(createSCFToControlFlowPass());
    last.addPass(createReconcileUnrealizedCastsPass());
    if (failed(runPipeline(flat, getOperation())) || failed(lowerVectors()) || failed(convertRest()) ||
        failed(runPipeline(last, getOperation())))
      return signalPassFailure();
    exposeAddresses();
    // Everything is private to the program but its entry and what it exports.
    getOperation().walk([](LLVM::LLVMFuncOp function) {
      if (!function.isExternal() && SymbolTable::getSymbolVisibility(function) == SymbolTable::Visibility::Private)
        function.setLinkage(LLVM::Linkage::Internal);
    });
  }

private:
  /// Takes what a descriptor was made of directly. An address that goes into a task by way of a struct would hide from
  /// the coroutine passes that the variable must live in the frame.
  void exposeAddresses() {
    getOperation().walk([](LLVM::ExtractValueOp op) {
      SmallVector<OpFoldResult> folded;
      if (failed(op->fold(folded)) || folded.empty() || !isa<Value>(folded.front()))
        return;
      op.replaceAllUsesWith(cast<Value>(folded.front()));
      op.erase();
    });
  }

  /// The pass goes over every operation again and again, which is only worth its time where there are vectors.
  LogicalResult lowerVectors() {
    for (auto function : getOperation().getOps<FunctionOpInterface>()) {
      OpPassManager passes(function->getName());
      passes.addPass(createConvertVectorToLLVMPass());
      if (hasVectors(function) && failed(runPipeline(passes, function)))
        return failure();
    }
    return success();
  }

  static bool hasVectors(Operation *function) {
    return function
        ->walk([](Operation *op) {
          return isa_and_nonnull<vector::VectorDialect>(op->getDialect()) ? WalkResult::interrupt()
                                                                          : WalkResult::advance();
        })
        .wasInterrupted();
  }

  /// As convert-to-llvm does, but with a table of symbols: without one each call looks through all functions and texts.
  LogicalResult convertRest() {
    MLIRContext &context = getContext();
    ConversionTarget target(context);
    target.addLegalDialect<LLVM::LLVMDialect>();
    LLVMTypeConverter converter(&context);
    RewritePatternSet patterns(&context);
    SymbolTableCollection symbols;
    for (StringRef name : {"arith", "cf", "math", "memref", "ub"})
      if (auto *dialect = dyn_cast_or_null<ConvertToLLVMPatternInterface>(context.getLoadedDialect(name)))
        dialect->populateConvertToLLVMConversionPatterns(target, converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns, &symbols);
    patterns.add<AtomicMinMax>(converter, /*benefit=*/2);
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};
} // namespace
