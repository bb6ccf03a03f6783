// The generator as a whole: the module and what it consists of.
#include "frontend/IRGen/Generator.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace awg;

const Expr *awg::strip(const Expr *expr) {
  for (;;) {
    auto *member = dyn_cast<MemberExpr>(expr);
    if (member && member->item)
      return member->item;
    auto *paren = dyn_cast<ParenExpr>(expr);
    if (!paren)
      return expr;
    expr = paren->inner;
  }
}

void awg::loadIRGenDialects(mlir::MLIRContext &context) {
  context.loadDialect<ir::AwgDialect, arith::ArithDialect, cf::ControlFlowDialect, mlir::func::FuncDialect,
                      mlir::LLVM::LLVMDialect, mlir::math::MathDialect, memref::MemRefDialect, mlir::ub::UBDialect>();
}

/// A function may turn out to reject only when its body is made, after a caller; then all is made once more.
mlir::OwningOpRef<mlir::ModuleOp> awg::generate(const Program &program, mlir::MLIRContext &context,
                                                const llvm::SourceMgr &sources, const IRGenOptions &options) {
  loadIRGenDialects(context);
  llvm::SmallPtrSet<const FnDecl *, 8> failing;
  for (;;) {
    size_t known = failing.size();
    auto module = Generator(program, context, sources, options, failing).run();
    if (failing.size() == known)
      return module;
  }
}

Generator::Generator(const Program &program, mlir::MLIRContext &context, const llvm::SourceMgr &sources,
                     const IRGenOptions &options, llvm::SmallPtrSetImpl<const FnDecl *> &failing)
    : Elements(context, sources, options, failing), program(program) {
  choosePrefixes(sources);
}

mlir::OwningOpRef<mlir::ModuleOp> Generator::run() {
  builder.setInsertionPointToEnd(module.getBody());
  llvm::SmallVector<const FnDecl *> written;
  for (const FnDecl *decl : program.functions)
    if (!standard.contains(decl) && !decl->isGeneric() && (options.tests || decl->flavour != FnDecl::Test))
      written.push_back(decl);
  for (const FnDecl *decl : written)
    if (decl->flavour == FnDecl::Plain) // made in their order, not when they are first called
      emitted.insert(symbolOf(decl));
  for (const FnDecl *decl : written)
    emitDeclaration(decl);
  while (!waiting.empty()) {
    WaitingFunction next = std::move(waiting.front());
    waiting.pop_front();
    emitPlain(next.decl, next.isDevice, next.shapes);
  }
  return module;
}
