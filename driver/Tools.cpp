// Formatting and fixing files.
#include "driver/Tools.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace awg;
namespace fs = llvm::sys::fs;

bool awg::findSources(llvm::StringRef path, std::vector<std::string> &files) {
  if (!fs::is_directory(path)) {
    files.push_back(path.str());
    return true;
  }
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(path, error, /*follow_symlinks=*/false), end; entry != end && !error;
       entry.increment(error)) {
    llvm::StringRef name = entry->path();
    if (llvm::sys::path::filename(name).starts_with("."))
      entry.no_push();
    else if (name.ends_with(".awg") && !fs::is_directory(name))
      found.push_back(name.str());
  }
  if (error)
    llvm::errs() << "error: cannot read " << path << ": " << error.message() << '\n';
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
  return !error;
}

int awg::writeFile(llvm::StringRef path, llvm::StringRef content) {
  std::error_code error;
  llvm::ToolOutputFile out(path, error, fs::OF_None);
  if (error) {
    llvm::errs() << "error: cannot write " << path << ": " << error.message() << '\n';
    return 1;
  }
  out.os() << content;
  out.keep();
  return 0;
}

static int formatFile(const std::string &path, bool checkOnly, const CompilerOptions &options, Report report) {
  Compiler compiler(options);
  std::string text;
  if (!compiler.loadFile(path) || !compiler.format(text))
    return report(compiler);
  bool isSame = compiler.text() == text;
  if (checkOnly) {
    if (!isSame)
      llvm::outs() << path << ": not in the layout of awgc fmt\n";
    return isSame ? 0 : 1;
  }
  return isSame && path != "-" ? 0 : writeFile(path, text);
}

int awg::formatFiles(llvm::ArrayRef<std::string> paths, bool checkOnly, const CompilerOptions &options, Report report) {
  std::vector<std::string> files;
  int code = 0;
  for (const std::string &path : paths)
    if (!findSources(path, files))
      code = 1;
  for (const std::string &file : files)
    code = std::max(code, formatFile(file, checkOnly, options, report));
  return code;
}

int awg::fixFile(const std::string &path, const CompilerOptions &options, Report report) {
  Compiler first(options);
  if (!first.loadFile(path))
    return report(first);
  std::string text = first.text().str();
  llvm::StringSet<> seen; // a fix may undo another
  while (seen.insert(text).second) {
    Compiler compiler(options);
    compiler.loadText(path, text);
    compiler.check();
    text = compiler.fixed();
  }
  if (text != first.text())
    if (int code = writeFile(path, text))
      return code;
  Compiler last(options);
  last.loadText(path, text);
  return last.check() ? 0 : report(last);
}
