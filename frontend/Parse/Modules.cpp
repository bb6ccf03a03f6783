// Finds and parses what a program imports, breadth first, and refuses circles.
#include "frontend/Parse/Modules.h"
#include "frontend/Diag/Nearest.h"
#include "frontend/Parse/Parser.h"
#include "frontend/Source/Source.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

#include <map>

using namespace awg;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

class Loader {
public:
  Loader(llvm::SourceMgr &sources, ASTContext &context, DiagEngine &diags,
         llvm::function_ref<StringRef(StringRef)> findStandard)
      : sources(sources), context(context), diags(diags), textOfStandard(findStandard) {}

  llvm::SmallVector<Module *, 2> load(unsigned bufferId);

private:
  StringRef fileOf(const Module &module) const {
    return sources.getMemoryBuffer(module.bufferId)->getBufferIdentifier();
  }
  Module *add(unsigned bufferId);
  Module *find(ImportDecl &import, StringRef importing);
  void findStandard(ImportDecl &import);
  /// Offers the name of a file in `folder` that is much the same, but for the one that imports.
  void reportUnknown(const ImportDecl &import, StringRef importing, StringRef folder, StringRef why);
  void refuseCircles(Module *first);
  void reportCircle(ArrayRef<std::pair<Module *, size_t>> open, const Module *again);

  llvm::SourceMgr &sources;
  ASTContext &context;
  DiagEngine &diags;
  llvm::SmallVector<Module *, 2> modules;
  llvm::function_ref<StringRef(StringRef)> textOfStandard;
  std::map<fs::UniqueID, Module *> byFile;
  llvm::StringMap<Module *> standard;
};

} // namespace

Module *Loader::add(unsigned bufferId) {
  Module *module = parse(sources, bufferId, context, diags);
  modules.push_back(module);
  fs::UniqueID id;
  if (!fs::getUniqueID(fileOf(*module), id))
    byFile.insert({id, module});
  return module;
}

void Loader::reportUnknown(const ImportDecl &import, StringRef importing, StringRef folder, StringRef why) {
  DiagBuilder report = diags.error(DiagKind::UnknownImport, import.pathRange,
                                   "cannot import '" + import.path + "': " + why);
  StringRef wanted = path::filename(import.path);
  if (wanted.empty())
    return;
  Nearest nearest(wanted);
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end; !error && entry != end;
       entry.increment(error))
    if (path::extension(entry->path()) == ".awg" && !fs::equivalent(entry->path(), importing))
      names.push_back(path::filename(entry->path()).str());
  for (const std::string &name : names)
    nearest.consider(name);
  if (nearest.found().empty() || nearest.found() == wanted)
    return;
  llvm::SmallString<128> full(path::parent_path(import.path));
  path::append(full, nearest.found());
  report.help("did you mean '" + full + "'?").fix(import.pathRange, ("\"" + full + "\"").str());
}

/// The module that an import names, parsed if it is new; null after a report.
Module *Loader::find(ImportDecl &import, StringRef importing) {
  llvm::SmallString<128> file(import.path);
  if (!path::is_absolute(import.path)) {
    file = path::parent_path(importing);
    path::append(file, import.path);
  }
  path::remove_dots(file);
  fs::UniqueID id;
  bool isThere = !import.path.empty() && !fs::getUniqueID(file, id);
  if (auto known = isThere ? byFile.find(id) : byFile.end(); known != byFile.end())
    return known->second;
  std::string why = import.path.empty() ? "it names no file" : "";
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  if (why.empty())
    buffer = readSource(file, why);
  if (buffer)
    return add(loadBuffer(sources, std::move(buffer), diags));
  reportUnknown(import, importing, path::parent_path(file), why);
  return nullptr;
}

/// Of a module that has items of its own an import is like that of a file.
void Loader::findStandard(ImportDecl &import) {
  StringRef text = textOfStandard(import.path);
  if (text.empty())
    return;
  Module *&known = standard[import.path];
  if (!known) {
    std::string name = import.path.str() + ".awg";
    name[name.find('.')] = '/';
    known = parse(sources, loadBuffer(sources, llvm::MemoryBuffer::getMemBuffer(text, name), diags), context, diags);
    known->isStandard = true;
    modules.push_back(known);
  }
  import.isFile = true;
  import.module = known;
}

llvm::SmallVector<Module *, 2> Loader::load(unsigned bufferId) {
  add(bufferId);
  for (size_t next = 0; next < modules.size() && !diags.isFull(); ++next) {
    std::string importing = fileOf(*modules[next]).str();
    for (ImportDecl *import : modules[next]->imports)
      if (import->isFile)
        import->module = find(*import, importing);
      else
        findStandard(*import);
  }
  refuseCircles(modules.front());
  return std::move(modules);
}

/// `open` is the way from the first module, each with the number of its imports that were followed.
void Loader::reportCircle(ArrayRef<std::pair<Module *, size_t>> open, const Module *again) {
  auto lastImport = [](const std::pair<Module *, size_t> &entry) { return entry.first->imports[entry.second - 1]; };
  const ImportDecl *closing = lastImport(open.back());
  DiagBuilder report = diags.error(DiagKind::ImportCycle, closing->pathRange,
                                   "'" + fileOf(*again) + "' is imported by what it imports itself");
  bool isInside = false;
  for (const auto &entry : open.drop_back()) {
    isInside |= entry.first == again;
    if (isInside)
      report.note(lastImport(entry)->pathRange.Start, "'" + fileOf(*entry.first) + "' imports the next file here");
  }
  report.help("put what both need into a third file");
}

void Loader::refuseCircles(Module *first) {
  enum State { Open = 1, Done };
  llvm::DenseMap<const Module *, State> states;
  llvm::SmallVector<std::pair<Module *, size_t>> open{{first, 0}};
  states[first] = Open;
  while (!open.empty()) {
    auto &[module, followed] = open.back();
    if (followed == module->imports.size()) {
      states[module] = Done;
      open.pop_back();
      continue;
    }
    Module *next = module->imports[followed++]->module;
    if (!next)
      continue;
    auto [state, isNew] = states.insert({next, Open});
    if (isNew)
      open.push_back({next, 0});
    else if (state->second == Open)
      reportCircle(open, next);
  }
}

llvm::SmallVector<Module *, 2> awg::parseModules(llvm::SourceMgr &sources, unsigned bufferId, ASTContext &context,
                                                 DiagEngine &diags,
                                                 llvm::function_ref<StringRef(StringRef)> findStandard) {
  return Loader(sources, context, diags, findStandard).load(bufferId);
}
