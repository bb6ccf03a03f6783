// The builtin functions: names that every program has without an import and may redeclare.
//
// How IRGen reads a checked call (`CallExpr`):
// - `builtin` set, `function` null: the builtin itself, by `builtin->id`; the call's type says which instance.
// - `builtin` and `function` set: a mathematical function that a std module defines. `function` is `NAME_f32` or
//   `NAME_f64`. Arguments of f16 and bf16 are widened to f32, passed to `NAME_f32`, and its result is rounded once
//   (to nearest even) to the call's type. The same holds for the direct ones, Sqrt to Fma: f16 and bf16 are computed in
//   f32 and rounded.
// - `function` alone: a function of the program.
#ifndef AWG_FRONTEND_CHECK_BUILTINS_H
#define AWG_FRONTEND_CHECK_BUILTINS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace awg {

enum class BuiltinId {
#define AWG_BUILTIN(ID, NAME, SIGNATURE, PROPERTIES) ID,
#include "frontend/Check/Builtins.def"
};

/// What a builtin takes and gives. `num` is any integer or float type, `int` any integer type, `float` any float type,
/// the same one throughout a signature.
enum class BuiltinSignature {
  Print,        ///< (any value) -> ()
  Sleep,        ///< (duration) -> ()
  Now,          ///< () -> duration
  Args,         ///< () -> str[_]
  Devices,      ///< () -> device[_]
  Env,          ///< (str) -> str: the empty string if unset
  Assert,       ///< (bool), (bool, str) -> ()
  Len,          ///< (array) -> i64: the leading extent
  Dim,          ///< (array, int) -> i64
  Zeros,        ///< <T>(int...) -> T[...]
  Full,         ///< (T, int...) -> T[...]
  Chan,         ///< <T>(int) -> chan<T>
  Copy,         ///< (array) -> array
  Reshape,      ///< (array, int...) -> array: the elements in a new one of these extents
  Parts,        ///< (array, int): `chunks` of a length after `in`, and `split` at an index in `let (a, b) =`, alone
  Bytes,        ///< (str) -> u8[_]
  IntBinary,    ///< (int, int) -> int
  NumUnary,     ///< (num) -> num
  NumBinary,    ///< (num, num) -> num
  NumTernary,   ///< (num, num, num) -> num
  FloatUnary,   ///< (float) -> float
  FloatBinary,  ///< (float, float) -> float
  FloatTernary, ///< (float, float, float) -> float
  Select,       ///< (bool, T, T) -> T, T a scalar or a vec; both are evaluated. A vec of bools chooses lane by lane
  Vec,          ///< (T...) -> vec<T, N>, <vec<T, N>>(T) -> vec<T, N>
  RandomF32,    ///< (int, int) -> f32
  RandomU64,    ///< (int, int) -> u64
  ReadNpy,      ///< <T[...]>(str) -> T[...]
  WriteNpy,     ///< (str, array) -> ()
  WritePng,     ///< (str, u8[_, _] or u8[_, _, 3] or u8[_, _, 4]) -> ()
  ReadCsv,      ///< <T>(str), <T>(str, int) -> T[_, _]; <T[...]> likewise, of rank 1 or 2
  ReadText,     ///< (str) -> str
  WriteText,    ///< (str, str) -> ()
  Bits,         ///< (f32) -> u32, (f64) -> u64
  FromBitsF32,  ///< (u32) -> f32
  FromBitsF64,  ///< (u64) -> f64
};

/// What holds of a builtin, as a set of bits.
enum BuiltinProperty : unsigned {
  None = 0,
  HostOnly = 1,  ///< cannot run inside an `each`
  Operation = 2, ///< takes time: only `await` and `async` may hold the call; it may reject
  MayFail = 4,   ///< may reject though it is no operation
  InStd = 8,     ///< a std module defines it
  Private = 16,  ///< std modules alone may call it
};

/// A row of Builtins.def.
struct Builtin {
  BuiltinId id;
  llvm::StringRef name;
  BuiltinSignature signature;
  unsigned properties;

  bool isHostOnly() const { return properties & HostOnly; }
  bool isOperation() const { return properties & Operation; }
  bool mayFail() const { return properties & (MayFail | Operation); }
  bool isInStd() const { return properties & InStd; }
  bool isRandom() const {
    return signature == BuiltinSignature::RandomF32 || signature == BuiltinSignature::RandomU64;
  }
  bool isPrivate() const { return properties & Private; }
};

/// All of them, in the order of Builtins.def.
llvm::ArrayRef<Builtin> builtins();

/// The builtin of that name, or null.
const Builtin *findBuiltin(llvm::StringRef name);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_BUILTINS_H
