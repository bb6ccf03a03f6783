// The project's passes. Pipelines that run them are in Pipelines.h.
#ifndef AWG_LOWERING_PASSES
#define AWG_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

def ExpandMinMax : Pass<"awg-expand-min-max"> {
  let summary = "Replace arith.minnumf and arith.maxnumf by comparisons and selects";
  let description = [{
    The language defines min and max where targets differ: a number wins over a NaN, and -0.0 is below +0.0.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def ExpandHalf : Pass<"awg-expand-half"> {
  let summary = "Replace arithmetic of f16 and bf16 that targets do not round once";
  let description = [{
    Each operation on f16 and bf16 rounds once, on every device. On the host bf16 is computed in f32 and rounded; fused
    multiply-adds, and conversions from f64 and integers, are rounded to odd on the way. On GPUs what their instructions
    round once is left to them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def ReuseReciprocals : Pass<"awg-reuse-reciprocals"> {
  let summary = "Divide vectors in loops by what does not change there without the divider";
  let description = [{
    A division of vectors of f32 or f64 by a scalar in all lanes, from outside the loop, becomes a product with its reciprocal and a
    correction by two fused multiply-adds, which gives the quotient to the last bit. Where a lane's quotient or the reciprocal may
    overflow or underflow, the division is done as it was; divisions side by side ask that once.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def FuseLaunches : Pass<"awg-fuse-launches", "::mlir::ModuleOp"> {
  let summary = "Run launches that follow each other as one where nobody can tell the difference";
  let description = [{
    Launches of `each` kernels that are awaited where they stand, with nothing between them but what can be computed before the
    first, become one launch of a kernel that does for each index what theirs do, if they have an array in common and an index
    uses only its own element of those that one of them writes. All but the last cannot fail. Extents are compared when the
    program runs; where they differ, the launches stay what they were.
  }];
  let options = [
    Option<"explain", "explain", "bool", "false", "say what was fused, and what not, in the module's attribute `awg.explanation`">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect"];
}

def LowerKernels : Pass<"awg-lower-kernels", "::mlir::ModuleOp"> {
  let summary = "Give every kernel its host code, its GPU code and its descriptor, and lower launches";
  let description = [{
    A kernel's body becomes a function of one index. From it are made host functions that run a range of indices in SIMD
    lanes, once for each level in `host-targets`, and a kernel of the `gpu.module @awg$gpu`. A descriptor
    (`awgrt_kernel`) names them; `awg.launch` becomes a call of `awgrt_launch`.
  }];
  let options = [
    ListOption<"hostTargets", "host-targets", "std::string",
               "levels of the host's instruction set, best first: v3, v4 or native">,
    Option<"gpu", "gpu", "bool", "true", "make GPU code">,
    Option<"explain", "explain", "bool", "false",
           "say what the host code does in the module's attribute `awg.explanation` (for the best level)">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::ub::UBDialect", "::mlir::vector::VectorDialect"
  ];
}

def DirectCalls : Pass<"awg-direct-calls", "::mlir::ModuleOp"> {
  let summary = "Run tasks as calls where nobody can tell the difference";
  let description = [{
    A task `f` that never waits gets a function `f$direct` (attribute `awg.direct`), and `awg.run @f` becomes a call of it.
    With `inline`, a small task that may wait is put in place of its `awg.run`; the locations of its operations then say
    what called what, `callsite("f"("x.awg":2:3) at "x.awg":8:5)`. Tasks that nobody starts any more are erased.
  }];
  let options = [Option<"inlines", "inline", "bool", "true", "put small tasks in place">];
  let dependentDialects = ["::mlir::cf::ControlFlowDialect", "::mlir::func::FuncDialect"];
}

def ExplainAwaits : Pass<"awg-explain-awaits", "::mlir::ModuleOp"> {
  let summary = "Say by what mechanism each await is done, and why";
  let description = [{
    Runs behind awg-direct-calls, and leaves what it finds in the module's attribute `awg.explanation`, a line each.
  }];
}

def AwgToAsync : Pass<"awg-to-async", "::mlir::ModuleOp"> {
  let summary = "Lower tasks and futures to the async dialect, the rest of awg to calls of the runtime";
  let description = [{
    `awg.task` becomes `async.func`, `awg.async` and `awg.run` become `async.call`, awaits become `async.await`. Seven
    functions stand for what the async dialect cannot say and are resolved by awg-lower-async: `@awg.self()` gives the
    running task (in a function with `awg.direct`, that of its caller), `@awg.joined(self, error, place)` and
    `@awg.join_one(self, task, place)` pass on how a call or a task ended, `@awg.reject(error)` before `async.return` ends it with a failure, `@awg.suspend_until(tasks, count)` waits
    for several, `@awg.suspend_sleep(place, nanoseconds)` for a time, and `@awg.suspend_race(tasks, count)` for the first of several.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::async::AsyncDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect"
  ];
}

def ForeignTasks : Pass<"awg-foreign-tasks", "::mlir::ModuleOp"> {
  let summary = "Define the C functions that run exported tasks";
  let description = [{
    An `async.func` with the attribute `awg.foreign` (a name) is what `@awg$run_NAME`, a declared function, runs: it blocks
    until the task has ended, and gives its failure (null for none) before its results.
  }];
  let dependentDialects = [
    "::mlir::async::AsyncDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"
  ];
}

def VerifyAwgLowered : Pass<"awg-verify-lowered", "::mlir::ModuleOp"> {
  let summary = "Fail if an operation or type of the awg dialect is left";
}

def LowerAsync : Pass<"awg-lower-async", "::mlir::ModuleOp"> {
  let summary = "Lower the async dialect to LLVM coroutines and the project's runtime";
  let description = [{
    An `async.func` becomes a switched-resume coroutine whose promise is the task (awgrt_task), with its results behind the
    header. Needs control flow in CFG form.
  }];
  let dependentDialects = ["::mlir::cf::ControlFlowDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect"];
}

def GPUToPTX : Pass<"awg-gpu-to-ptx", "::mlir::ModuleOp"> {
  let summary = "Compile the gpu.module to PTX and put the text into the program";
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_80\"", "the least GPU that the PTX is for">,
    Option<"optLevel", "opt-level", "unsigned", "2", "0 to 3">,
    Option<"lines", "lines", "bool", "false", "say in the PTX what source line an instruction comes from">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect"];
}

def LowerToLLVM : Pass<"awg-lower-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Convert everything that is left to the LLVM dialect";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // AWG_LOWERING_PASSES
