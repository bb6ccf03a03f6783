// Writes C declarations.
#include "driver/Header.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace awg;
using llvm::raw_ostream;

/// The C type of a number.
static std::string numberType(const Type *type) {
  if (type->isBool())
    return "bool";
  if (type->isDuration())
    return "int64_t";
  if (type->isInt())
    return (type->isSigned() ? "int" : "uint") + std::to_string(type->width()) + "_t";
  if (type->width() == 16)
    return type->isBrain() ? "awg_bf16" : "_Float16";
  return type->width() == 32 ? "float" : "double";
}

/// The C type of a result.
static std::string resultType(const Type *type) {
  if (type->isUnit())
    return "void ";
  if (type->isArray())
    return "awgrt_array *";
  return type->isStr() ? "awgrt_str *" : numberType(type) + " ";
}

/// A parameter's name in C: not one of its words, nor one of those that the header makes.
static std::string nameOf(StringRef name) {
  bool isTaken = isWordOfC(name) || name.starts_with("out_") || name.contains("_dim");
  return (name + (isTaken ? "_" : "")).str();
}

static void writeParam(raw_ostream &out, const VarDecl &param) {
  std::string name = nameOf(param.name);
  auto *array = llvm::dyn_cast<ArrayType>(param.type);
  if (!array) {
    out << (param.type->isStr() ? "const char *" : numberType(param.type) + " ") << name;
    return;
  }
  out << (param.mode == PassMode::Mut ? "" : "const ") << numberType(array->element()) << " *" << name;
  for (auto [dimension, extent] : llvm::enumerate(array->extents()))
    if (extent.kind != Extent::Constant)
      out << ", int64_t " << name << "_dim" << dimension;
}

/// A type in the function's head, or that of an array's elements, is bf16.
static bool hasBrain(const FnDecl &function) {
  auto isBrain = [](const Type *type) {
    auto *array = llvm::dyn_cast<ArrayType>(type);
    return (array ? array->element() : type)->isBrain();
  };
  return isBrain(function.returnType) ||
         llvm::any_of(function.params, [&](const VarDecl *param) { return isBrain(param->type); });
}

static void writeDoc(raw_ostream &out, StringRef doc) {
  while (!doc.empty()) {
    auto [line, rest] = doc.split('\n');
    out << "/// " << line << '\n';
    doc = rest;
  }
}

/// The function's head as written.
static StringRef headOf(const FnDecl &function) {
  const char *start = function.range.Start.getPointer(), *end = function.body->range.Start.getPointer();
  return StringRef(start, end - start).rtrim();
}

static void writeFunction(raw_ostream &out, const FnDecl &function, bool mayReject) {
  writeDoc(out, function.doc);
  if (!function.doc.empty())
    out << "///\n";
  out << "/// `" << headOf(function) << "`\n";
  bool givesValue = !function.returnType->isUnit();
  if (mayReject)
    out << "/// Returns null, or why it rejected: for awgrt_error_release" << (givesValue ? "; then *out_result is not set" : "")
        << ".\n";
  if (function.returnType->isArray())
    out << "/// The result is for awgrt_array_release.\n";
  if (function.returnType->isStr())
    out << "/// The result is for awgrt_str_release.\n";
  out << (mayReject ? "awgrt_error *" : resultType(function.returnType)) << function.name << '(';
  llvm::ListSeparator comma;
  for (const VarDecl *param : function.params) {
    out << comma;
    writeParam(out, *param);
  }
  if (mayReject && givesValue)
    out << comma << resultType(function.returnType) << "*out_result";
  else if (function.params.empty())
    out << "void";
  out << ");\n\n";
}

void awg::writeHeader(raw_ostream &out, const Program &program, const llvm::SourceMgr &sources,
                      llvm::function_ref<bool(const FnDecl &)> mayReject) {
  StringRef file = llvm::sys::path::filename(sources.getMemoryBuffer(program.user->bufferId)->getBufferIdentifier());
  std::string guard = "AWG_" + llvm::sys::path::stem(file).upper() + "_H";
  for (char &c : guard)
    c = llvm::isAlnum(c) ? c : '_';
  out << "// What " << file << " exports. Made by awgc: edit that file instead.\n"
      << "//\n"
      << "// An array is passed as the address of its elements, row-major, and its extents. A function that waits for something\n"
      << "// blocks its caller, on the devices that the environment variable AWG_DEVICES names.\n"
      << "#ifndef " << guard << "\n#define " << guard << "\n\n"
      << "#include <awg/awgrt.h>\n#include <stdbool.h>\n#include <stdint.h>\n\n"
      << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  if (llvm::any_of(program.functions, [](const FnDecl *function) { return function->isExport && hasBrain(*function); }))
    out << "#if defined(__clang__) || __GNUC__ >= 13\ntypedef __bf16 awg_bf16;\n"
        << "#else // its bits, in the registers where it is passed\ntypedef struct { _Float16 bits; } awg_bf16;\n#endif\n\n";
  for (const FnDecl *function : program.functions)
    if (function->isExport)
      writeFunction(out, *function, mayReject(*function));
  out << "#ifdef __cplusplus\n}\n#endif\n\n#endif // " << guard << '\n';
}
