// Tasks and futures: syntax and verification.
#include "dialects/Awg/Awg.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace awg::ir;

//===-- awg.task ----------------------------------------------------------------------------------------------------===//

void TaskOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type, StringRef sourceName) {
  state.addAttribute(SymbolTable::getSymbolAttrName(), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getSourceNameAttrName(state.name), builder.getStringAttr(sourceName));
  state.addRegion();
}

ParseResult TaskOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> args, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(args, results);
  };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false,
                                                  getFunctionTypeAttrName(result.name), buildType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void TaskOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
                                           getArgAttrsAttrName(), getResAttrsAttrName());
}

LogicalResult TaskReturnOp::verify() {
  auto task = cast<TaskOp>((*this)->getParentOp());
  if (getValues().getTypes() != TypeRange(task.getResultTypes()))
    return emitOpError() << "returns " << getValues().getTypes() << " from a task of " << task.getResultTypes();
  return success();
}

//===-- Starting and waiting ------------------------------------------------------------------------------------------===//

/// A call of `callee` with these arguments and results must fit the task of that name.
static LogicalResult verifyTaskCall(Operation *op, SymbolTableCollection &symbols, FlatSymbolRefAttr callee,
                                    TypeRange args, TypeRange results) {
  auto task = symbols.lookupNearestSymbolFrom<TaskOp>(op, callee);
  if (!task)
    return op->emitOpError() << callee << " is no task";
  if (args != TypeRange(task.getArgumentTypes()))
    return op->emitOpError() << "passes " << args << " to a task that takes " << task.getArgumentTypes();
  if (results != TypeRange(task.getResultTypes()))
    return op->emitOpError() << "expects " << results << " of a task that gives " << task.getResultTypes();
  return success();
}

LogicalResult AsyncOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyTaskCall(*this, symbols, getCalleeAttr(), getArgs().getTypes(), getFuture().getType().getLeaves());
}

LogicalResult RunOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyTaskCall(*this, symbols, getCalleeAttr(), getArgs().getTypes(), getValues().getTypes());
}

/// The values of an await or cancel are the leaves of its futures.
static LogicalResult verifyLeaves(Operation *op, ValueRange futures, TypeRange values) {
  SmallVector<Type> leaves;
  for (Value future : futures)
    llvm::append_range(leaves, cast<FutureType>(future.getType()).getLeaves());
  if (values != TypeRange(leaves))
    return op->emitOpError() << "gives " << values << " for futures of " << leaves;
  return success();
}

LogicalResult AwaitOp::verify() { return verifyLeaves(*this, getFutures(), getValues().getTypes()); }

LogicalResult CancelOp::verify() { return verifyLeaves(*this, (*this)->getOperands().take_front(), getValues().getTypes()); }
