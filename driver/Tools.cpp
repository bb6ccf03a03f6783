// Formatting and fixing files.
#include "driver/Tools.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

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

static int cannotWrite(llvm::StringRef path, const std::error_code &error) {
  llvm::errs() << "error: cannot write " << path << ": " << error.message() << '\n';
  return 1;
}

/// Writes to an open file and closes it.
static std::error_code writeAndClose(int descriptor, llvm::StringRef content) {
  llvm::raw_fd_ostream out(descriptor, /*shouldClose=*/true);
  out << content;
  out.close();
  std::error_code error = out.error();
  out.clear_error(); // which would end the process
  return error;
}

/// Writes to a file beside the one that is wanted, which it then replaces: nothing is lost where there is no room.
static std::error_code replaceFile(const fs::file_status &before, llvm::StringRef path, llvm::StringRef content) {
  llvm::SmallString<128> real, beside;
  if (std::error_code error = fs::real_path(path, real))
    real = path; // there is none yet
  int descriptor = 0;
  if (fs::createUniqueFile(real + ".%%%%%%", descriptor, beside, fs::OF_None, fs::all_read | fs::all_write)) {
    // The folder takes no file: what is there already may still be written.
    if (std::error_code error = fs::openFileForWrite(path, descriptor))
      return error;
    return writeAndClose(descriptor, content);
  }
  llvm::sys::RemoveFileOnSignal(beside);
  std::error_code error = writeAndClose(descriptor, content);
  if (!error && fs::exists(before))
    error = fs::setPermissions(beside, before.permissions());
  if (!error)
    error = fs::rename(beside, real);
  if (error)
    fs::remove(beside);
  llvm::sys::DontRemoveFileOnSignal(beside);
  return error;
}

int awg::writeFile(llvm::StringRef path, llvm::StringRef content) {
  if (path == "-") {
    llvm::outs() << content; // what goes wrong there is reported at the end
    return 0;
  }
  fs::file_status before;
  std::error_code error = fs::status(path, before);
  if (fs::exists(before) && !fs::is_regular_file(before)) { // a device, a pipe
    int descriptor = 0;
    error = fs::openFileForWrite(path, descriptor, fs::CD_OpenExisting);
    if (!error)
      error = writeAndClose(descriptor, content);
  } else {
    error = replaceFile(before, path, content);
  }
  return error ? cannotWrite(path, error) : 0;
}

int awg::finishOutput(int code) {
  llvm::raw_fd_ostream &out = llvm::outs();
  out.flush();
  if (!out.has_error())
    return code;
  std::error_code error = out.error();
  out.clear_error();
  cannotWrite("standard output", error);
  return code ? code : 1;
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
