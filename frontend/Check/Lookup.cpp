// Scopes, items and builtins by name, nearest spellings.
#include "frontend/Check/Lookup.h"
#include "frontend/Diag/Nearest.h"

using namespace awg;

CheckerState::FnInfo &CheckerState::info(const FnDecl *function) {
  std::unique_ptr<FnInfo> &slot = infos[function];
  if (!slot)
    slot = std::make_unique<FnInfo>();
  return *slot;
}

void CheckerState::popTo(size_t depth) {
  while (declared.size() > depth) {
    auto [var, before] = declared.pop_back_val();
    if (before)
      visible[var->name] = before;
    else
      visible.erase(var->name);
  }
}

void CheckerState::declare(VarDecl *var, const Type *type) {
  var->type = type;
  var->owner = body->owner;
  if (var->name == "_")
    return;
  VarDecl *&slot = visible[var->name];
  declared.push_back({var, slot});
  slot = var;
}

void Lookup::refuseDuplicates(ArrayRef<VarDecl *> vars, StringRef what) {
  llvm::SmallDenseMap<StringRef, VarDecl *, 8> first;
  for (VarDecl *var : vars) {
    auto [entry, isNew] = first.insert({var->name, var});
    if (!isNew && var->name != "_")
      diags.error(DiagKind::DuplicateName, var->loc, "`" + var->name + "` stands twice among the " + what)
          .note(entry->second->loc, "the first one is here");
  }
}

FnDecl *Lookup::findItem(StringRef name) const { return module->items.lookup(name); }

const Builtin *Lookup::findVisibleBuiltin(StringRef name) const {
  const Builtin *builtin = findBuiltin(name);
  return builtin && builtin->isPrivate() && !module->isStd ? nullptr : builtin;
}

/// Functions of the library that this version does not have.
static bool isLater(StringRef name) {
  return name == "team" || name == "shard" || name == "checkpoint" || name == "restore";
}

void Lookup::reportLater(SMRange range, const Twine &construct) {
  diags.error(DiagKind::NotYet, range, construct + " is a part of the language that this version does not compile");
}

void Lookup::reportUnknown(StringRef name, SMRange range) {
  if (isLater(name))
    return reportLater(range, "`" + name + "`");
  DiagBuilder report = diags.error(DiagKind::UnknownName, range, "nothing here is called `" + name + "`");
  if (diags.errorCount() > DiagEngine::limit)
    return;

  for (auto &[typeName, decl] : module->types)
    if (auto *enumeration = dyn_cast<EnumDecl>(decl))
      for (const VarDecl *entry : enumeration->cases)
        if (entry->name == name) {
          std::string full = (enumeration->name + "." + name).str();
          report.help("did you mean `" + full + "`?").fixValue(range, full);
          return;
        }
  if (suggestExported(report, name, range))
    return;
  if (llvm::is_contained({"null", "NULL", "nullptr", "nil", "none", "None", "undefined"}, name)) {
    report.help("every value is one of its type: there is none for nothing");
    return;
  }
  Nearest nearest(name);
  for (auto &[candidate, var] : visible)
    nearest.consider(candidate);
  for (auto &import : module->imports)
    nearest.consider(import.getKey());
  for (auto &constant : module->constants)
    nearest.consider(constant.getKey());
  for (auto &item : module->items)
    nearest.consider(item.getKey());
  for (const Builtin &builtin : builtins())
    if (!builtin.isPrivate() || module->isStd)
      nearest.consider(builtin.name);
  if (!nearest.found().empty())
    report.help("did you mean `" + nearest.found() + "`?").fixValue(range, nearest.found());
}

bool Lookup::refuseNoValue(StringRef name, SMRange range, bool isCalled) {
  const Decl *type = module->types.lookup(name);
  const Type *scalar = types.named(name);
  bool isModule = module->imports.contains(name);
  if (!type && !scalar && !isModule)
    return false;
  StringRef noun = isModule ? "module" : "type";
  DiagBuilder report =
      isCalled ? diags.error(DiagKind::TypeMismatch, range, "only a function can be called, and `" + name + "` is a " + noun)
               : diags.error(DiagKind::TypeMismatch, range, "`" + name + "` is a " + noun + ", not a value");
  if (isModule)
    report.help("what it offers is written `" + name + ".NAME`");
  else if (llvm::isa_and_nonnull<EnumDecl>(type))
    report.help("its values are its cases: `" + name + ".Case`");
  else if (type)
    report.help("a value is written `" + name + " { field: value }`");
  else if (scalar->isNumeric())
    report.help("a number is converted with `x as " + name + "`");
  else if (scalar->isStr())
    report.help("a string with a hole prints a value: `\"{x}\"`");
  return true;
}
