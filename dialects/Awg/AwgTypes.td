// Types of the awg dialect.
#ifndef AWG_DIALECTS_AWG_TYPES
#define AWG_DIALECTS_AWG_TYPES

include "dialects/Awg/AwgDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

class Awg_Type<string name, string typeMnemonic>
    : TypeDef<Awg_Dialect, name, [DeclareTypeInterfaceMethods<MemRefElementTypeInterface>]> {
  let mnemonic = typeMnemonic;
}

def Awg_ArrayType : Awg_Type<"Array", "array"> {
  let summary = "an owned array: element type and rank";
  let description = [{
    A handle to an array that the runtime keeps (`awgrt_array`). Its extents are values: `awg.array_dim`. Its elements
    are reached on the host through `awg.array_data` and in a kernel as a `memref`.
    Elements are scalars, `!awg.str` or `!awg.future<...>`. May be null (a variable that was moved from).

    Example: `!awg.array<f32, 2>`
  }];
  let parameters = (ins "::mlir::Type":$elementType, "unsigned":$rank);
  let assemblyFormat = "`<` $elementType `,` $rank `>`";
}

def Awg_StrType : Awg_Type<"Str", "str"> {
  let summary = "an immutable, reference-counted string; may be null";
}

def Awg_ErrorType : Awg_Type<"Error", "error"> {
  let summary = "a rejection, or null for none";
  let description = [{
    On the host an owned `awgrt_error`. In a kernel only its being null matters: the failure itself is recorded where
    `awg.error` stands.
  }];
}

def Awg_FutureType : Awg_Type<"Future", "future"> {
  let summary = "a started operation and the types of its result's leaves; may be null (used up)";
  let description = [{
    Example: `!awg.future<>`, `!awg.future<i64, f32>`
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Type">:$leaves);
  let hasCustomAssemblyFormat = 1;
}

def Awg_ChanType : Awg_Type<"Chan", "chan"> {
  let summary = "a reference-counted channel; may be null";
}

/// What a null may stand for.
def Awg_Nullable : AnyTypeOf<[Awg_ArrayType, Awg_StrType, Awg_ErrorType, Awg_FutureType, Awg_ChanType]>;
/// What awg.release frees.
def Awg_Owned : AnyTypeOf<[Awg_ArrayType, Awg_StrType, Awg_ErrorType, Awg_ChanType]>;
/// What may have several owners.
def Awg_Shared : AnyTypeOf<[Awg_StrType, Awg_ChanType]>;

#endif // AWG_DIALECTS_AWG_TYPES
