// Scopes, items and builtins by name, nearest spellings.
#include "frontend/Check/Lookup.h"
#include "frontend/Diag/Nearest.h"

#include "llvm/ADT/StringSwitch.h"

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

bool Lookup::explainForeign(DiagBuilder &report, StringRef name) {
  if (llvm::StringSwitch<bool>(name).Cases({"null", "nil", "none", "None", "NULL", "nullptr", "undefined"}, true).Default(false))
    report.help("there is no null: every variable has a value from the beginning");
  else if (name == "const")
    report.help("`const` gives one name a value, `const name = ...;`; a pattern stands behind `let`");
  else
    return false;
  return true;
}

/// A member of what stands there is asked for.
static bool isBeforeDot(SMRange range) {
  const char *behind = range.End.getPointer();
  return behind[0] == '.' && behind[1] != '.';
}

void Lookup::reportUnknown(StringRef name, SMRange range, bool isCalled) {
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
  if (explainForeign(report, name) || suggestExported(report, name, range))
    return;
  bool isBase = isBeforeDot(range);
  if (isBase && isStdModule(name)) {
    report.help("`import std." + name + ";` at the beginning of the file makes it known");
    return;
  }
  Nearest nearest(name);
  auto considerKeys = [&](auto &map) {
    for (auto &entry : map)
      nearest.consider(entry.getKey());
  };
  if (isCalled) {
    considerKeys(module->items);
    for (const Builtin &builtin : builtins())
      if (!builtin.isPrivate() || module->isStd)
        nearest.consider(builtin.name);
  } else {
    for (auto &[candidate, var] : visible)
      nearest.consider(candidate);
    considerKeys(module->constants);
  }
  if (isBase) {
    considerKeys(module->imports);
    for (auto &[typeName, decl] : module->types)
      if (isa<EnumDecl>(decl))
        nearest.consider(typeName);
  }
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
