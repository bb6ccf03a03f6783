// Functions of C, and those that C calls: what they may take and give, and their names.
#include "frontend/Check/Checker.h"

using namespace awg;

static bool isNumber(const Type *type) { return type->isNumeric() || type->isBool() || type->isDuration(); }

/// C has a type for it: a number, a string, an array of numbers.
static bool isForeign(const Type *type) {
  auto *array = dyn_cast<ArrayType>(type);
  return type->isError() || type->isStr() || isNumber(array ? array->element() : type);
}

/// A word that C or C++ keeps for itself.
bool awg::isWordOfC(StringRef name) {
  static constexpr StringRef words[] = {
#define AWG_C_WORD(WORD) #WORD,
#include "frontend/Check/CWords.def"
  };
  return llvm::is_contained(words, name);
}

/// A C function that the runtime needs to be what it is.
static bool isNameOfRuntime(StringRef name) {
  static constexpr StringRef names[] = {
#define AWG_RUNTIME_NAME(NAME) #NAME,
#include "frontend/Check/RuntimeNames.def"
  };
  return name.starts_with("__") || llvm::is_contained(names, name);
}

void Checker::checkForeign(FnDecl *function) {
  bool isExtern = function->flavour == FnDecl::Extern;
  if ((!isExtern && !function->isExport) || (function->isExport && !function->typeParams.empty()))
    return;
  checkForeignName(function);
  if (function->flavour == FnDecl::Kernel) {
    diags.error(DiagKind::TypeMismatch, function->loc, "a kernel cannot be called from C")
        .help("export an `async fn` that awaits it");
    return;
  }
  if (isExtern && !function->typeParams.empty())
    diags.error(DiagKind::TypeMismatch, function->loc, "a function of C has no type parameters");
  for (VarDecl *param : function->params) {
    bool isArray = param->type->isArray();
    if (!isForeign(param->type))
      diags.error(DiagKind::TypeMismatch, param->loc, "C has no type for `" + param->name + "`, which is " +
                                                          described(param->type))
          .help("numbers, bools, durations, strings and arrays of numbers go between C and Awg");
    else if (param->mode == PassMode::Move || (param->mode == PassMode::Mut && !isArray))
      diags.error(DiagKind::TypeMismatch, param->loc,
                  param->mode == PassMode::Move ? "nothing can be given away between C and Awg"
                                                : "only arrays are lent for writing between C and Awg");
  }
  if (function->returnType->isUnit())
    return;
  if (!isForeign(function->returnType) || (isExtern && function->returnType->isArray()))
    diags.error(DiagKind::TypeMismatch, function->returnExpr->range,
                isExtern ? "a function of C gives a number or a string here, not `" + function->returnType->str() + "`"
                         : "C has no type for what this function gives: `" + function->returnType->str() + "`")
        .help(isExtern ? "have it write into an array that it is lent with `mut`"
                       : "numbers, bools, durations, strings and arrays of numbers go between C and Awg");
}

/// Two declarations of one C function say the same.
static bool isAlike(const FnDecl *a, const FnDecl *b) {
  auto isSame = [](const VarDecl *mine, const VarDecl *other) {
    return mine->type == other->type && mine->mode == other->mode;
  };
  return a->flavour == FnDecl::Extern && b->flavour == FnDecl::Extern && a->returnType == b->returnType &&
         a->params.size() == b->params.size() && std::equal(a->params.begin(), a->params.end(), b->params.begin(), isSame);
}

void Checker::checkForeignName(FnDecl *function) {
  StringRef name = function->name;
  bool isRuntimes = name.starts_with("awg") && !info(function).scope->module->isStandard;
  StringRef why = isWordOfC(name)                               ? "it is a word of C"
                  : name == "main"                              ? "a program has one `main`"
                  : isRuntimes                                  ? "names that begin with `awg` are the runtime's"
                  : function->isExport && isNameOfRuntime(name) ? "the runtime calls a function of that name"
                                                                : "";
  if (!why.empty()) {
    diags.error(DiagKind::DuplicateName, function->loc, "`" + name + "` cannot be the name of a C function: " + why);
    return;
  }
  auto [entry, isNew] = foreignNames.insert({name, function});
  if (!isNew && !isAlike(entry->second, function))
    diags.error(DiagKind::DuplicateName, function->loc, "there are two C functions `" + name + "`")
        .note(entry->second->loc, "the first one is here");
}
