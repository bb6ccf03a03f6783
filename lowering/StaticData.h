// Static data of a compiled program: texts, places, tables of failures, kernels' descriptors.
#ifndef AWG_LOWERING_STATICDATA_H
#define AWG_LOWERING_STATICDATA_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace awg::lowering {

/// Creates `llvm.mlir.global` constants in a module, each once. Layouts are those of awgrt.h.
class StaticData {
public:
  explicit StaticData(mlir::ModuleOp module);

  /// A field of a constant struct: an integer of 64 or 32 bits, or the address of a global or function (null symbol: null).
  struct Field {
    enum Kind { I64, I32, Address } kind;
    int64_t value = 0;
    mlir::StringAttr symbol = {};
  };
  static Field i64(int64_t value) { return {Field::I64, value}; }
  static Field i32(int64_t value) { return {Field::I32, value}; }
  static Field address(mlir::StringAttr symbol) { return {Field::Address, 0, symbol}; }

  /// A NUL-terminated text.
  mlir::StringAttr cString(llvm::StringRef text);
  /// Bytes, without a closing NUL.
  mlir::StringAttr bytes(llvm::StringRef data);
  /// An awgrt_str literal.
  mlir::StringAttr str(llvm::StringRef text);
  /// The awgrt_place of a location inside `function`; `name` is that of the task that is started there.
  llvm::SmallVector<Field> placeFields(mlir::Location loc, llvm::StringRef function, llvm::StringRef name = "");
  mlir::StringAttr place(mlir::Location loc, llvm::StringRef function, llvm::StringRef name = "");
  /// The fields of an awgrt_site.
  llvm::SmallVector<Field> siteFields(mlir::Location loc, llvm::StringRef function, llvm::StringRef format,
                                      llvm::ArrayRef<int8_t> kinds);
  /// A constant struct of these fields.
  mlir::StringAttr record(llvm::StringRef prefix, llvm::ArrayRef<Field> fields);

  /// The address of a global or function at the builder.
  static mlir::Value addressOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::StringAttr symbol);

private:
  mlir::StringAttr create(llvm::StringRef prefix, mlir::Type type, mlir::Attribute value,
                          llvm::ArrayRef<Field> fields, unsigned alignment);
  mlir::ModuleOp module;
  mlir::OpBuilder builder;
  llvm::StringMap<mlir::StringAttr> known; ///< by prefix and content
  unsigned counter = 0;
};

} // namespace awg::lowering

#endif // AWG_LOWERING_STATICDATA_H
