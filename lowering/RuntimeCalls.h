// Calls of the runtime's functions.
#ifndef AWG_LOWERING_RUNTIMECALLS_H
#define AWG_LOWERING_RUNTIMECALLS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringSet.h"

namespace awg::lowering {

/// Declares functions of the runtime in a module when they are first called.
class RuntimeCalls {
public:
  explicit RuntimeCalls(mlir::ModuleOp module) : module(module) {
    for (auto function : module.getOps<mlir::func::FuncOp>())
      declared.insert(function.getSymName());
  }

  /// A null result type: void.
  mlir::Value call(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name, mlir::Type result,
                   mlir::ValueRange operands) {
    llvm::SmallVector<mlir::Type, 1> results;
    if (result)
      results.push_back(result);
    if (declared.insert(name).second) {
      auto top = mlir::OpBuilder::atBlockBegin(module.getBody());
      auto type = top.getFunctionType(operands.getTypes(), results);
      mlir::func::FuncOp::create(top, module.getLoc(), name, type).setPrivate();
    }
    auto op = mlir::func::CallOp::create(builder, loc, name, results, operands);
    return result ? op.getResult(0) : mlir::Value();
  }

private:
  mlir::ModuleOp module;
  llvm::StringSet<> declared;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_RUNTIMECALLS_H
