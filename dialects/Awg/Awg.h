// The awg dialect's types and operations.
#ifndef AWG_DIALECTS_AWG_AWG_H
#define AWG_DIALECTS_AWG_AWG_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Awg/AwgDialect.h.inc"
#include "dialects/Awg/AwgEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Awg/AwgTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/Awg/AwgOps.h.inc"

#endif // AWG_DIALECTS_AWG_AWG_H
