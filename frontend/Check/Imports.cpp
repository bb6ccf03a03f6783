// Names of other modules: `shapes.area`, `npy.read_npy`.
#include "frontend/Check/Checker.h"
#include "frontend/Diag/Nearest.h"

using namespace awg;

namespace {
/// A module of the standard library: the builtins that it names.
struct StdModule {
  StringRef name;
  StringRef builtins; ///< separated by blanks
};
} // namespace

static constexpr StdModule stdModules[] = {
#define AWG_STD_MODULE(NAME, BUILTINS) {NAME, BUILTINS},
#include "frontend/Check/StdModules.def"
};

static const StdModule *findStdModule(StringRef path) {
  if (!path.consume_front("std."))
    return nullptr;
  const auto *found = llvm::find_if(stdModules, [&](const StdModule &module) { return module.name == path; });
  return found == std::end(stdModules) ? nullptr : found;
}

bool Lookup::isStdModule(StringRef name) { return findStdModule(("std." + name).str()); }

/// What a module of the standard library names.
static SmallVector<StringRef> builtinsOf(const ImportDecl &import) {
  SmallVector<StringRef> names;
  findStdModule(import.path)->builtins.split(names, ' ', -1, /*KeepEmpty=*/false);
  return names;
}

//===-- Imports ------------------------------------------------------------------------------------------------------===//

static void reportUnknownStd(const ImportDecl &import, DiagEngine &diags) {
  DiagBuilder report =
      diags.error(DiagKind::UnknownImport, import.pathRange, "there is no module `" + import.path + "`");
  StringRef wanted = import.path;
  wanted.consume_front("std.");
  Nearest nearest(wanted);
  for (const StdModule &module : stdModules)
    nearest.consider(module.name);
  if (!nearest.found().empty())
    report.help("did you mean `std." + nearest.found() + "`?").fix(import.pathRange, "std." + nearest.found());
  else
    report.help("a file is imported by its path: `import \"" + wanted + ".awg\" as " + import.name + ";`");
}

void Lookup::collectImports(ModuleScope &scope) {
  for (ImportDecl *import : scope.module->imports) {
    if (!import->isFile && !findStdModule(import->path))
      reportUnknownStd(*import, diags);
    auto [entry, isNew] = scope.imports.insert({import->name, import});
    Decl *other = isNew ? findIn(scope, import->name) : entry->second;
    if (other)
      diags.error(DiagKind::DuplicateName, import->loc, "`" + import->name + "` is declared twice")
          .note(other->loc, "the other declaration is here")
          .help("call the module something else: `import ... as NAME;`");
  }
}

ImportDecl *Lookup::namedImport(Expr *expr) {
  auto *name = dyn_cast<NameExpr>(expr);
  return name && !visible.lookup(name->name) ? module->imports.lookup(name->name) : nullptr;
}

//===-- Items --------------------------------------------------------------------------------------------------------===//

/// Other modules may use it.
static bool isOffered(const Decl *decl) {
  auto *function = dyn_cast<FnDecl>(decl);
  return decl->isPub || (function && function->isExport);
}

Decl *Lookup::findIn(const ModuleScope &scope, StringRef name) {
  if (FnDecl *function = scope.items.lookup(name))
    return function;
  if (Decl *type = scope.types.lookup(name))
    return type;
  return scope.constants.lookup(name);
}

Decl *Lookup::findExported(const ImportDecl &import, StringRef name) {
  Decl *decl = import.isFile ? findIn(*scopeOfModule.lookup(import.module), name) : nullptr;
  return decl && isOffered(decl) ? decl : nullptr;
}

Decl *Lookup::requireExported(const ImportDecl &import, StringRef name, SMRange range) {
  if (!import.isFile) {
    if (requireStd(import, name, range))
      diags.error(DiagKind::TypeMismatch, range, "`" + import.name + "." + name + "` is a function, not a value")
          .help("call it: `" + import.name + "." + name + "(...)`");
    return nullptr;
  }
  if (Decl *decl = findExported(import, name))
    return decl;
  const ModuleScope &scope = *scopeOfModule.lookup(import.module);
  if (Decl *decl = findIn(scope, name)) {
    diags.error(DiagKind::UnknownName, range, "`" + name + "` is private to `" + import.path + "`")
        .note(decl->loc, "it is declared here without `pub`");
    return nullptr;
  }
  Nearest nearest(name);
  auto consider = [&](const auto &items) {
    for (auto &entry : items)
      if (isOffered(entry.second))
        nearest.consider(entry.getKey());
  };
  consider(scope.items);
  consider(scope.types);
  consider(scope.constants);
  reportMissing(import, name, range, nearest.found());
  return nullptr;
}

void Lookup::reportMissing(const ImportDecl &import, StringRef name, SMRange range, StringRef nearest) {
  DiagBuilder report = diags.error(DiagKind::UnknownName, range, "`" + import.path + "` has no `" + name + "`");
  if (nearest.empty())
    return;
  SMLoc start = SMLoc::getFromPointer(range.End.getPointer() - name.size());
  report.help("did you mean `" + import.name + "." + nearest + "`?").fix({start, range.End}, nearest);
}

const Builtin *Lookup::requireStd(const ImportDecl &import, StringRef name, SMRange range) {
  if (!findStdModule(import.path)) // reported where it is imported
    return nullptr;
  SmallVector<StringRef> names = builtinsOf(import);
  if (llvm::is_contained(names, name)) {
    const Builtin *builtin = findBuiltin(name);
    return builtin ? builtin : findBuiltin((findStdModule(import.path)->name + "." + name).str());
  }
  Nearest nearest(name);
  for (StringRef candidate : names)
    nearest.consider(candidate);
  reportMissing(import, name, range, nearest.found());
  return nullptr;
}

Decl *Checker::findQualifiedType(TypeExpr *written) {
  auto [alias, name] = written->name.split('.');
  ImportDecl *import = module->imports.lookup(alias);
  if (!import) {
    DiagBuilder report =
        diags.error(DiagKind::UnknownName, written->range, "no module is called `" + alias + "` here");
    Nearest nearest(alias);
    for (auto &entry : module->imports)
      nearest.consider(entry.getKey());
    if (!nearest.found().empty())
      report.help("did you mean `" + nearest.found() + "." + name + "`?")
          .fix(written->range, nearest.found() + "." + name);
    return nullptr;
  }
  SMRange range(written->range.Start, SMLoc::getFromPointer(written->range.Start.getPointer() + written->name.size()));
  Decl *decl = requireExported(*import, name, range);
  if (!decl || isa<StructDecl, EnumDecl>(decl))
    return decl;
  diags.error(DiagKind::TypeMismatch, range, "`" + written->name + "` is no type")
      .note(decl->loc, "it is declared here");
  return nullptr;
}

/// The name behind the point.
static SMRange nameRange(const MemberExpr *expr) { return {expr->nameLoc, expr->range.End}; }

NameExpr *Checker::setItem(MemberExpr *expr, Decl *item) {
  expr->item = context.make<NameExpr>(expr->range, expr->name);
  expr->item->decl = item;
  expr->item->type = types.unit;
  return expr->item;
}

const Type *Checker::checkItem(MemberExpr *expr, const ImportDecl &import) {
  expr->base->type = types.unit;
  Decl *decl = requireExported(import, expr->name, nameRange(expr));
  if (!decl)
    return types.error;
  std::string name = (import.name + "." + expr->name).str();
  if (auto *constant = dyn_cast<VarDecl>(decl)) {
    const Type *type = ensureConstant(constant);
    if (!isPlainData(type))
      markHostOnly(expr->range, "uses a string");
    return setItem(expr, constant)->type = type;
  }
  StringRef noun = isa<FnDecl>(decl) ? "function" : "type";
  diags.error(DiagKind::TypeMismatch, expr->range, "`" + name + "` is a " + noun + ", not a value")
      .help(isa<FnDecl>(decl)     ? "call it: `" + name + "(...)`"
            : isa<EnumDecl>(decl) ? "its values are its cases: `" + name + ".Case`"
                                  : "a value is written `" + name + " { field: value }`");
  return types.error;
}

const Type *Checker::checkItemCall(CallExpr *expr, MemberExpr *callee, const ImportDecl &import, const Type *hint,
                                   Started started) {
  setThrough(expr->callee, callee, types.unit);
  callee->base->type = types.unit;
  if (!import.isFile) {
    if (const Builtin *builtin = requireStd(import, callee->name, nameRange(callee))) {
      setItem(callee, nullptr);
      return checkBuiltinCall(expr, *builtin, hint, started);
    }
  } else if (Decl *decl = requireExported(import, callee->name, nameRange(callee))) {
    if (auto *function = dyn_cast<FnDecl>(decl)) {
      setItem(callee, function);
      return checkFunctionCall(expr, function, hint, started);
    }
    diags.error(DiagKind::TypeMismatch, callee->range,
                "only a function can be called, and `" + import.name + "." + callee->name + "` is a " +
                    (isa<VarDecl>(decl) ? "constant" : "type"))
        .note(decl->loc, "it is declared here");
  }
  checkArgumentsAlone(expr);
  return types.error;
}

bool Lookup::suggestExported(DiagBuilder &report, StringRef name, SMRange range) {
  for (ImportDecl *import : module->module->imports)
    if (findExported(*import, name)) {
      std::string full = (import->name + "." + name).str();
      report.help("did you mean `" + full + "`?").fixValue(range, full);
      return true;
    }
  return false;
}
