// The awg dialect: what a checked program says that upstream dialects cannot.
#ifndef AWG_DIALECTS_AWG_DIALECT
#define AWG_DIALECTS_AWG_DIALECT

include "mlir/IR/OpBase.td"

def Awg_Dialect : Dialect {
  let name = "awg";
  let cppNamespace = "::awg::ir";
  let summary = "Checked Awg programs: tasks, futures, arrays, rejections and kernels.";
  let description = [{
    A module of this dialect is a checked program. Scalars, control flow (`cf`), arithmetic (`arith`, `math`), plain
    functions (`func`), variables (`memref.alloca` of rank 0) and array elements (`memref.load`, `memref.store`) are
    upstream's; the dialect adds what takes time (`awg.task`, `awg.async`, `awg.await`, ...), what is owned
    (`!awg.array`, `!awg.str`), what fails (`!awg.error`) and what is data parallel (`awg.kernel`, `awg.launch`).

    A value of a tuple type is its leaves, several SSA values. Whatever may reject gives an `!awg.error` first, null for
    none, and the program branches on it: all control flow is visible.
  }];
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

#endif // AWG_DIALECTS_AWG_DIALECT
