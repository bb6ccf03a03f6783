// Operations of the awg dialect. The examples in the descriptions are run by test/Dialect/examples.mlir.
#ifndef AWG_DIALECTS_AWG_OPS
#define AWG_DIALECTS_AWG_OPS

include "dialects/Awg/AwgTypes.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Awg_Op<string mnemonic, list<Trait> traits = []> : Op<Awg_Dialect, mnemonic, traits>;

//===-- Nulls and ownership ---------------------------------------------------------------------------------------===//

def Awg_NullOp : Awg_Op<"null", [Pure, ConstantLike]> {
  let summary = "no array, no string, no error, no future";
  let description = [{
    Example: `%none = awg.null : !awg.error`
  }];
  let results = (outs Awg_Nullable:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Awg_IsNullOp : Awg_Op<"is_null", [Pure]> {
  let summary = "whether a value is null";
  let description = [{
    Example: `%ok = awg.is_null %error : !awg.error`
  }];
  let arguments = (ins Awg_Nullable:$value);
  let results = (outs I1:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasFolder = 1;
}

def Awg_RetainOp : Awg_Op<"retain"> {
  let summary = "one more owner of a string or a channel";
  let description = [{
    Example: `awg.retain %text : !awg.str`
  }];
  let arguments = (ins Awg_Shared:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Awg_ReleaseOp : Awg_Op<"release"> {
  let summary = "one owner less; null is allowed";
  let description = [{
    Example: `awg.release %array : !awg.array<f32, 1>`
  }];
  let arguments = (ins Awg_Owned:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

//===-- Rejections --------------------------------------------------------------------------------------------------===//

def Awg_ErrorOp : Awg_Op<"error", [MemoryEffects<[MemWrite, MemRead]>]> {
  let summary = "a new rejection that arose here";
  let description = [{
    `format` is text with a hole `{}` or `{:FORMAT}` for each argument; `kinds` (of `awgrt_kind`) say how an argument
    prints. The place is the operation's location. In a kernel it records the failure for the current index; at most four
    arguments, scalars, are allowed there.

    Example: `%e = awg.error "index {} is out of range 0..{}"(%i, %n) kinds [4, 4] : i64, i64`
  }];
  let arguments = (ins StrAttr:$format, Variadic<AnyType>:$args, DenseI8ArrayAttr:$kinds);
  let results = (outs Awg_ErrorType:$error);
  let assemblyFormat = "$format `(` $args `)` `kinds` $kinds attr-dict (`:` type($args)^)?";
  let hasVerifier = 1;
}

def Awg_ErrorFromStrOp : Awg_Op<"error_from_str"> {
  let summary = "a new rejection with a computed message (borrowed)";
  let description = [{
    Example: `%e = awg.error_from_str %text`
  }];
  let arguments = (ins Awg_StrType:$message);
  let results = (outs Awg_ErrorType:$error);
  let assemblyFormat = "$message attr-dict";
}

def Awg_IsCancellationOp : Awg_Op<"is_cancellation", [Pure]> {
  let summary = "whether a rejection is a cancellation, which `catch` passes on; false for null";
  let description = [{
    Example: `%c = awg.is_cancellation %error`
  }];
  let arguments = (ins Awg_ErrorType:$error);
  let results = (outs I1:$result);
  let assemblyFormat = "$error attr-dict";
}

//===-- Strings -----------------------------------------------------------------------------------------------------===//

def Awg_StrOp : Awg_Op<"str", [Pure]> {
  let summary = "a string literal: static, releasing it does nothing";
  let description = [{
    Example: `%s = awg.str "two\0Alines"`
  }];
  let arguments = (ins StrAttr:$value);
  let results = (outs Awg_StrType:$result);
  let assemblyFormat = "$value attr-dict";
}

def Awg_FormatOp : Awg_Op<"format"> {
  let summary = "a new string: text with holes filled in (see awg.error)";
  let description = [{
    Example: `%s = awg.format "{} cups, {:.3}"(%n, %x) kinds [4, 11] : i64, f32`
  }];
  let arguments = (ins StrAttr:$format, Variadic<AnyType>:$args, DenseI8ArrayAttr:$kinds);
  let results = (outs Awg_StrType:$result);
  let assemblyFormat = "$format `(` $args `)` `kinds` $kinds attr-dict (`:` type($args)^)?";
  let hasVerifier = 1;
}

//===-- Arrays ------------------------------------------------------------------------------------------------------===//

def Awg_ArrayCreateOp : Awg_Op<"array_create"> {
  let summary = "a new array of zeros; with `uninit` its elements are not set";
  let description = [{
    Rejects if there is no memory for it. `kind` is the `awgrt_kind` of the elements.

    Example: `%e, %a = awg.array_create(%h, %w) kind 11 : !awg.array<f32, 2>`
  }];
  let arguments = (ins Variadic<I64>:$extents, I8Attr:$kind, UnitAttr:$uninit);
  let results = (outs Awg_ErrorType:$error, Awg_ArrayType:$array);
  let assemblyFormat = "`(` $extents `)` `kind` $kind (`uninit` $uninit^)? attr-dict `:` type($array)";
  let hasVerifier = 1;
}

def Awg_ArrayCopyOp : Awg_Op<"array_copy", [AllTypesMatch<["source", "array"]>]> {
  let summary = "a new array with the same elements";
  let description = [{
    Example: `%e, %b = awg.array_copy %a : !awg.array<f32, 2>`
  }];
  let arguments = (ins Awg_ArrayType:$source);
  let results = (outs Awg_ErrorType:$error, Awg_ArrayType:$array);
  let assemblyFormat = "$source attr-dict `:` type($array)";
}

def Awg_ArrayViewOp : Awg_Op<"array_view", [AttrSizedOperandSegments]> {
  let summary = "a view of a part of an array, an owned record of borrowed elements";
  let description = [{
    Of dimension d it has the indices from `begins[d]` on, as many as its length says; a dimension in `dropped` has no length:
    the one index stands for it. All are in range. It must be released before its owner is.

    Example: `%v = awg.array_view %a from(%r, %c) of(%n) dropped [0] : !awg.array<f32, 2> -> !awg.array<f32, 1>`
  }];
  let arguments = (ins Awg_ArrayType:$array, Variadic<I64>:$begins, Variadic<I64>:$lengths,
                       DenseI64ArrayAttr:$dropped);
  let results = (outs Awg_ArrayType:$view);
  let assemblyFormat = [{
    $array `from` `(` $begins `)` `of` `(` $lengths `)` `dropped` $dropped attr-dict `:` type($array) `->` type($view)
  }];
  let hasVerifier = 1;
}

def Awg_ArrayReshapeOp : Awg_Op<"array_reshape"> {
  let summary = "a new array of other extents with the same elements";
  let description = [{
    Rejects if it would have more or fewer.

    Example: `%e, %b = awg.array_reshape %a(%h, %w) : !awg.array<f32, 1> -> !awg.array<f32, 2>`
  }];
  let arguments = (ins Awg_ArrayType:$source, Variadic<I64>:$extents);
  let results = (outs Awg_ErrorType:$error, Awg_ArrayType:$array);
  let assemblyFormat = "$source `(` $extents `)` attr-dict `:` type($source) `->` type($array)";
  let hasVerifier = 1;
}

def Awg_ArrayReplaceOp : Awg_Op<"array_replace", [AllTypesMatch<["old", "value", "array"]>]> {
  let summary = "what stands for an array, perhaps a view, that is assigned a new one";
  let description = [{
    Uses both up: gives the new one, or the view with the new one's elements. Rejects if a view has other extents, and leaves
    both then.

    Example: `%e, %c = awg.array_replace %a, %b : !awg.array<f32, 1>`
  }];
  let arguments = (ins Awg_ArrayType:$old, Awg_ArrayType:$value);
  let results = (outs Awg_ErrorType:$error, Awg_ArrayType:$array);
  let assemblyFormat = "$old `,` $value attr-dict `:` type($array)";
}

def Awg_BytesOp : Awg_Op<"bytes"> {
  let summary = "a string's bytes as a new array";
  let description = [{
    Example: `%e, %b = awg.bytes %text : !awg.array<i8, 1>`
  }];
  let arguments = (ins Awg_StrType:$text);
  let results = (outs Awg_ErrorType:$error, Awg_ArrayType:$array);
  let assemblyFormat = "$text attr-dict `:` type($array)";
}

def Awg_ArrayFillOp : Awg_Op<"array_fill"> {
  let summary = "sets every element";
  let description = [{
    Example: `awg.array_fill %a, %x : !awg.array<f32, 2>, f32`
  }];
  let arguments = (ins Awg_ArrayType:$array, AnyType:$value);
  let assemblyFormat = "$array `,` $value attr-dict `:` type($array) `,` type($value)";
}

def Awg_ArrayDimOp : Awg_Op<"array_dim", [Pure]> {
  let summary = "an extent";
  let description = [{
    Example: `%n = awg.array_dim %a[0] : !awg.array<f32, 2>`
  }];
  let arguments = (ins Awg_ArrayType:$array, I64Attr:$dim);
  let results = (outs I64:$extent);
  let assemblyFormat = "$array `[` $dim `]` attr-dict `:` type($array)";
  let hasVerifier = 1;
}

def Awg_ArrayReachOp : Awg_Op<"array_reach"> {
  let summary = "has the elements on the host, for reading or, with `write`, for writing too";
  let description = [{
    Waits for a GPU that computes them. Rejects if they were lost with one.

    Example: `%e = awg.array_reach %a write : !awg.array<f32, 2>`
  }];
  let arguments = (ins Awg_ArrayType:$array, UnitAttr:$write);
  let results = (outs Awg_ErrorType:$error);
  let assemblyFormat = "$array (`write` $write^)? attr-dict `:` type($array)";
}

def Awg_ArrayLostOp : Awg_Op<"array_lost"> {
  let summary = "the failure that says why an array's elements were lost";
  let description = [{
    After an `awg.array_data` that has said so.

    Example: `%e = awg.array_lost %a : !awg.array<f32, 2>`
  }];
  let arguments = (ins Awg_ArrayType:$array);
  let results = (outs Awg_ErrorType:$error);
  let assemblyFormat = "$array attr-dict `:` type($array)";
}

def Awg_ArrayDataOp : Awg_Op<"array_data"> {
  let summary = "the elements on the host, for reading or, with `write`, for writing too";
  let description = [{
    The `memref` is valid until the array is next lent to a task. It has the identity layout, for an array that is no view, or
    strides. The elements are brought to the host first. If they were lost with a GPU, `lost` says so, and the `memref` must not be
    used; without `lost` the process ends. `reached`: an `awg.array_reach` before it has rejected what was lost.

    Example: `%m, %lost = awg.array_data %a write : !awg.array<f32, 2> -> memref<?x?xf32>, i1`
  }];
  let arguments = (ins Awg_ArrayType:$array, UnitAttr:$write, UnitAttr:$reached);
  let results = (outs AnyMemRef:$data, Optional<I1>:$lost);
  let assemblyFormat =
      "$array (`write` $write^)? (`reached` $reached^)? attr-dict `:` type($array) `->` type($data) (`,` type($lost)^)?";
  let hasVerifier = 1;
}

def Awg_ElementSlotOp : Awg_Op<"element_slot"> {
  let summary = "an element as a variable, for what is lent it for writing";
  let description = [{
    Valid as long as `data` is.

    Example: `%s = awg.element_slot %m[%i, %i] : memref<?x?xi64> -> memref<i64>`
  }];
  let arguments = (ins AnyMemRef:$data, Variadic<Index>:$subscripts);
  let results = (outs AnyMemRef:$slot);
  let assemblyFormat = "$data `[` $subscripts `]` attr-dict `:` type($data) `->` type($slot)";
  let hasVerifier = 1;
}

//===-- Tasks -------------------------------------------------------------------------------------------------------===//

def Awg_TaskOp : Awg_Op<"task", [FunctionOpInterface, IsolatedFromAbove, AutomaticAllocationScope]> {
  let summary = "an `async fn` or the body of an `async` block";
  let description = [{
    The body may await. It ends with `awg.task_return`. `source_name` stands in traces.

    Example:
    ```mlir
    awg.task @double(%n: i64) -> i64 attributes {source_name = "double"} {
      %none = awg.null : !awg.error
      %r = arith.addi %n, %n : i64
      awg.task_return %none, %r : i64
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<StrAttr>:$sym_visibility, OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs, StrAttr:$source_name);
  let regions = (region AnyRegion:$body);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type,
                                 "::llvm::StringRef":$sourceName)>];
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def Awg_TaskReturnOp : Awg_Op<"task_return", [Pure, HasParent<"TaskOp">, ReturnLike, Terminator]> {
  let summary = "ends a task: rejects if the error is not null, else with the values";
  let description = [{
    Example: `awg.task_return %error, %r : i64`
  }];
  let arguments = (ins Awg_ErrorType:$error, Variadic<AnyType>:$values);
  let assemblyFormat = "$error (`,` $values^ `:` type($values))? attr-dict";
  let hasVerifier = 1;
}

def Awg_AsyncOp : Awg_Op<"async", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "starts a task as a child of this one";
  let description = [{
    Example: `%f = awg.async @double(%n) : (i64) -> !awg.future<i64>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$args);
  let results = (outs Awg_FutureType:$future);
  let assemblyFormat = "$callee `(` $args `)` attr-dict `:` functional-type($args, $future)";
}

def Awg_RunOp : Awg_Op<"run", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a task here and waits for its end: `await f(x)`";
  let description = [{
    Example: `%e, %r = awg.run @double(%n) : (i64) -> (!awg.error, i64)`
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$args);
  let results = (outs Awg_ErrorType:$error, Variadic<AnyType>:$values);
  let assemblyFormat = "$callee `(` $args `)` attr-dict `:` functional-type($args, results)";
}

def Awg_JoinedOp : Awg_Op<"joined"> {
  let summary = "how a task ended that was carried out as a call";
  let description = [{
    Gives the error with the place noted on it or, when this task was cancelled, a cancellation.

    Example: `%e = awg.joined %error`
  }];
  let arguments = (ins Awg_ErrorType:$callee_error);
  let results = (outs Awg_ErrorType:$error);
  let assemblyFormat = "$callee_error attr-dict";
}

def Awg_OperationOp : Awg_Op<"operation"> {
  let summary = "starts an operation of the runtime: `awgrt_sleep`, `awgrt_read_npy`, ...";
  let description = [{
    The function is called with this task and the place, then the arguments; it gives the operation's task. Arguments are
    scalars, strings and arrays (lent until the future is used up) and, with `extents`, constant extents of which -1 stands for any.

    Example: `%f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>`
  }];
  let arguments = (ins StrAttr:$function, Variadic<AnyType>:$args, OptionalAttr<DenseI64ArrayAttr>:$extents);
  let results = (outs Awg_FutureType:$future);
  let assemblyFormat = "$function `(` $args `)` (`extents` $extents^)? attr-dict `:` functional-type($args, $future)";
}

def Awg_AwaitOp : Awg_Op<"await"> {
  let summary = "waits for futures and uses them up";
  let description = [{
    The values are the leaves of all futures in order; they are undefined if the error is not null. The first rejection of
    several cancels the others. Of no futures at all the error says whether the task itself was cancelled.

    Example: `%e, %v = awg.await %f : (!awg.future<i64>) -> (!awg.error, i64)`
  }];
  let arguments = (ins Variadic<Awg_FutureType>:$futures);
  let results = (outs Awg_ErrorType:$error, Variadic<AnyType>:$values);
  let assemblyFormat = "$futures attr-dict `:` functional-type($futures, results)";
  let hasVerifier = 1;
}

def Awg_AwaitAllOp : Awg_Op<"await_all"> {
  let summary = "waits for all futures of an array; they remain to be used up one by one, without waiting";
  let description = [{
    Example: `%e = awg.await_all %fs : !awg.array<!awg.future<i64>, 1>`
  }];
  let arguments = (ins Awg_ArrayType:$futures);
  let results = (outs Awg_ErrorType:$error);
  let assemblyFormat = "$futures attr-dict `:` type($futures)";
}

def Awg_RaceOp : Awg_Op<"race"> {
  let summary = "waits for the first of several futures to end; cancels the others and waits for them too";
  let description = [{
    Gives the position of the first. All of them remain to be used up, without waiting.

    Example: `%k = awg.race %f, %g : !awg.future<i64>, !awg.future<>`
  }];
  let arguments = (ins Variadic<Awg_FutureType>:$futures);
  let results = (outs I64:$winner);
  let assemblyFormat = "$futures attr-dict `:` type($futures)";
}

def Awg_CancelOp : Awg_Op<"cancel"> {
  let summary = "asks a future to stop, waits for its end and uses it up";
  let description = [{
    Its own values, if it ended well all the same, are given so that they can be released. The error says only whether there
    are values; it need not be released.

    `cause` is the rejection because of which it is cancelled, if there is one: a rejection of its own is reported with it.

    Example: `%e, %v = awg.cancel %f : (!awg.future<i64>) -> (!awg.error, i64)`
    or `%e = awg.cancel %f because %r : (!awg.future<>) -> !awg.error`
  }];
  let arguments = (ins Awg_FutureType:$future, Optional<Awg_ErrorType>:$cause);
  let results = (outs Awg_ErrorType:$error, Variadic<AnyType>:$values);
  let assemblyFormat = "$future (`because` $cause^)? attr-dict `:` functional-type($future, results)";
  let hasVerifier = 1;
}

//===-- Channels ----------------------------------------------------------------------------------------------------===//

def Awg_ChanCreateOp : Awg_Op<"chan_create"> {
  let summary = "a new channel";
  let description = [{
    `kinds` (of `awgrt_kind`) say what the leaves of a value are. Rejects if the capacity is negative.

    Example: `%e, %c = awg.chan_create(%n) kinds [4]`
  }];
  let arguments = (ins I64:$capacity, DenseI8ArrayAttr:$kinds);
  let results = (outs Awg_ErrorType:$error, Awg_ChanType:$chan);
  let assemblyFormat = "`(` $capacity `)` `kinds` $kinds attr-dict";
}

def Awg_SendOp : Awg_Op<"send"> {
  let summary = "starts to send a value, given as its leaves, which the operation takes over";
  let description = [{
    Receiving is `awg.operation "awgrt_chan_recv"(%c)`. `in_race` says that the race it is an arm of begins it, and that it sends only
    if it is the first to end, as `awg.operation "awgrt_chan_recv_later"(%c)` receives.

    Example: `%f = awg.send %c(%v) : (i64) -> !awg.future<>`
  }];
  let arguments = (ins Awg_ChanType:$chan, Variadic<AnyType>:$values, UnitAttr:$in_race);
  let results = (outs Awg_FutureType:$future);
  let assemblyFormat = "$chan `(` $values `)` (`in_race` $in_race^)? attr-dict `:` functional-type($values, $future)";
}

//===-- Kernels -----------------------------------------------------------------------------------------------------===//

def Awg_Each : I32EnumAttrCase<"Each", 0, "each">;
def Awg_Sum : I32EnumAttrCase<"Sum", 1, "sum">;
def Awg_Product : I32EnumAttrCase<"Product", 2, "product">;
def Awg_Min : I32EnumAttrCase<"Min", 3, "min">;
def Awg_Max : I32EnumAttrCase<"Max", 4, "max">;
def Awg_UMin : I32EnumAttrCase<"UMin", 5, "umin">;
def Awg_UMax : I32EnumAttrCase<"UMax", 6, "umax">;
def Awg_Any : I32EnumAttrCase<"Any", 7, "any">;
def Awg_All : I32EnumAttrCase<"All", 8, "all">;
def Awg_ArgMin : I32EnumAttrCase<"ArgMin", 9, "argmin">;
def Awg_ArgMax : I32EnumAttrCase<"ArgMax", 10, "argmax">;
def Awg_UArgMin : I32EnumAttrCase<"UArgMin", 11, "uargmin">;
def Awg_UArgMax : I32EnumAttrCase<"UArgMax", 12, "uargmax">;
def Awg_Scan : I32EnumAttrCase<"Scan", 13, "scan">;
def Awg_Reduce : I32EnumAttrCase<"Reduce", 14, "reduce">;
def Awg_Xor : I32EnumAttrCase<"Xor", 15, "xor">;

def Awg_Shape : I32EnumAttr<"Shape", "what a kernel does with what its indices yield",
    [Awg_Each, Awg_Sum, Awg_Product, Awg_Min, Awg_Max, Awg_UMin, Awg_UMax, Awg_Any, Awg_All, Awg_ArgMin, Awg_ArgMax,
     Awg_UArgMin, Awg_UArgMax, Awg_Scan, Awg_Reduce, Awg_Xor]> {
  let cppNamespace = "::awg::ir";
}

def Awg_KernelOp : Awg_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove, AutomaticAllocationScope]> {
  let summary = "the body of an `each`: what one index does";
  let description = [{
    The first `rank` arguments are the index variables (i64), the next `rank` the launch's extents (i64); then come what the
    body uses from outside: scalars, and arrays as `memref`s of identity layout. `written` lists the arguments that are
    written. An index ends with `awg.yield`; one that yields an error stops alone, having recorded it. `shape` says what
    becomes of the yielded value: `each` yields none. `sum` adds the values up by the fixed tree, and so on; `reduce`
    applies the function `combiner`. `u...` shapes compare integers as unsigned. A `scan` has a `combiner`, or joins its elements
    as the reduction `joins` does (`sum` if there is none; `any`, `all` and `xor` go bit by bit).

    `sizes` says which extents are the same at every launch: an entry for each of the launch's extents, then for each extent of
    an array and for each other argument. Entries of equal names are equal numbers, an integer is the number itself, and `unit`
    says nothing.

    With `block` the body is what a group of threads does: an index is a group's, and the body runs once for it. It declares
    storage with `awg.storage`, and runs `phase` kernels over the group's threads with `awg.phase`. `threads` is the size of
    the groups that the program asks for.

    Example:
    ```mlir
    awg.kernel @square_sum sum rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) -> f32 written [] {
      %k = arith.index_cast %i : i64 to index
      %v = memref.load %x[%k] : memref<?xf32>
      %r = arith.mulf %v, %v : f32
      %none = awg.null : !awg.error
      awg.yield %none, %r : f32
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<StrAttr>:$sym_visibility, OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs, Awg_Shape:$shape,
                       I64Attr:$rank, DenseI64ArrayAttr:$written, OptionalAttr<FlatSymbolRefAttr>:$combiner,
                       OptionalAttr<Awg_Shape>:$joins,
                       OptionalAttr<ArrayAttr>:$sizes,
                       UnitAttr:$fast, UnitAttr:$block, UnitAttr:$phase, OptionalAttr<I64Attr>:$threads);
  let regions = (region AnyRegion:$body);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::awg::ir::Shape":$shape, "int64_t":$rank,
                                 "::mlir::FunctionType":$type, "::llvm::ArrayRef<int64_t>":$written)>];
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
  let hasVerifier = 1;
}

def Awg_YieldOp : Awg_Op<"yield", [Pure, HasParent<"KernelOp">, ReturnLike, Terminator]> {
  let summary = "ends an index of a kernel";
  let description = [{
    Example: `awg.yield %error, %value : f32`
  }];
  let arguments = (ins Awg_ErrorType:$error, Variadic<AnyType>:$values);
  let assemblyFormat = "$error (`,` $values^ `:` type($values))? attr-dict";
  let hasVerifier = 1;
}

def Awg_RecordOp : Awg_Op<"record"> {
  let summary = "records the failure of an index, inside lowered kernels";
  let description = [{
    What `awg.error` becomes once its kernel is a function of an index: `failure` points to the launch's record,
    `index` is the row-major launch index, `inner` that within a phase of a block kernel, else 0; the lowest pair stays.

    Example: `awg.record %failure, %index, %inner "index {} is bad"(%i) kinds [4] : !llvm.ptr, i64`
  }];
  let arguments = (ins AnyType:$failure, I64:$index, I64:$inner, StrAttr:$format, Variadic<AnyType>:$args,
                       DenseI8ArrayAttr:$kinds);
  let assemblyFormat = [{
    $failure `,` $index `,` $inner $format `(` $args `)` `kinds` $kinds attr-dict `:` type($failure) (`,` type($args)^)?
  }];
}

def Awg_StorageOp : Awg_Op<"storage"> {
  let summary = "storage of a group of threads in a block kernel; what it holds is not set";
  let description = [{
    One for the group, or, with `local`, one for each index of the phases that use it: their row-major index is the last
    subscript.

    Example: `%acc = awg.storage local : memref<8x8x256xf32>`
  }];
  let arguments = (ins UnitAttr:$local);
  let results = (outs AnyStaticShapeMemRef:$result);
  let assemblyFormat = "(`local` $local^)? attr-dict `:` type($result)";
}

def Awg_ClearOp : Awg_Op<"clear"> {
  let summary = "sets every element of a storage to zero";
  let description = [{
    Example: `awg.clear %t : memref<258xf32>`
  }];
  let arguments = (ins AnyStaticShapeMemRef:$storage);
  let assemblyFormat = "$storage attr-dict `:` type($storage)";
}

def Awg_PhaseOp : Awg_Op<"phase", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a phase kernel over the threads of a group, and ends with the group in step";
  let description = [{
    `args` are the phase kernel's arguments after its index variables and extents. Once failures are recorded the error is a
    truth value, as all others are.

    Example: `%e = awg.phase @average grid(%c256) args(%t) : (memref<258xf32>) -> !awg.error`
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<I64>:$grid, Variadic<AnyType>:$args);
  let results = (outs AnyTypeOf<[Awg_ErrorType, I1]>:$error);
  let assemblyFormat = "$kernel `grid` `(` $grid `)` `args` `(` $args `)` attr-dict `:` functional-type($args, $error)";
}

def Awg_LaunchOp : Awg_Op<"launch", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "starts a kernel over a grid of indices";
  let description = [{
    `args` are the kernel's arguments after its index variables and extents, arrays as handles. `result` is an array
    that the launch fills and that becomes the future's value (for `scan` it is required). A reduction's future holds its value;
    `argmin` and `argmax` give the row-major index. `on` is the number of the device that it is for (awgrt.h); without one the
    runtime chooses.

    Example: `%f = awg.launch @square_sum grid(%n) args(%x) : (!awg.array<f32, 1>) -> !awg.future<f32>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Optional<I64>:$device, Variadic<I64>:$grid, Variadic<AnyType>:$args,
                       Optional<Awg_ArrayType>:$result);
  let results = (outs Awg_FutureType:$future);
  let assemblyFormat = [{
    $kernel (`on` $device^)? `grid` `(` $grid `)` `args` `(` $args `)` (`result` `(` $result^ `:` type($result) `)`)? attr-dict `:`
    functional-type($args, $future)
  }];
  let hasVerifier = 1;
}

#endif // AWG_DIALECTS_AWG_OPS
