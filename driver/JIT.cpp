// Runs compiled programs in this process.
#include "driver/CodeGen.h"

#include "awg/awgrt.h"

#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace awg;

struct JITProgram::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::map<std::string, bool> exports;

  void *find(llvm::StringRef symbol) {
    llvm::Expected<llvm::orc::ExecutorAddr> address = jit->lookup(symbol);
    if (address)
      return address->toPtr<void *>();
    llvm::consumeError(address.takeError());
    return nullptr;
  }
};

JITProgram::JITProgram(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
JITProgram::JITProgram(JITProgram &&) = default;
JITProgram::~JITProgram() = default;

/// Runs a program from one of its entries, with those arguments.
static int runEntry(void *entry, const std::vector<std::string> &arguments) {
  std::vector<char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(const_cast<char *>(argument.c_str()));
  pointers.push_back(nullptr);
  return awgrt_main(arguments.size(), pointers.data(), reinterpret_cast<awgrt_entry>(entry));
}

bool JITProgram::prepare() { return impl->find("awg$entry"); }

int JITProgram::run(const std::vector<std::string> &arguments) {
  void *entry = impl->find("awg$entry");
  if (!entry) {
    llvm::errs() << "error: the program has no main function\n";
    return 1;
  }
  return runEntry(entry, arguments);
}

int JITProgram::runTest(size_t position) {
  return runEntry(impl->find("awg_test$" + std::to_string(position) + "$entry"), {"test"});
}

void *JITProgram::lookup(llvm::StringRef function) {
  std::string symbol = ("awg_" + function).str();
  return impl->exports.count(symbol) ? impl->find(symbol) : nullptr;
}

bool JITProgram::mayReject(llvm::StringRef function) const {
  auto found = impl->exports.find(("awg_" + function).str());
  return found != impl->exports.end() && found->second;
}

/// Has a program find the functions of `libNAME.so` or `libNAME.a` in one of the folders, or where the system looks.
static llvm::Error addLibrary(llvm::orc::LLJIT &jit, llvm::StringRef name, llvm::ArrayRef<std::string> folders) {
  llvm::orc::JITDylib &program = jit.getMainJITDylib();
  char prefix = jit.getDataLayout().getGlobalPrefix();
  auto load = [&](const std::string &path) -> llvm::Error {
    auto generator = llvm::orc::DynamicLibrarySearchGenerator::Load(path.c_str(), prefix);
    if (!generator)
      return generator.takeError();
    program.addGenerator(std::move(*generator));
    return llvm::Error::success();
  };
  std::string shared = ("lib" + name + ".so").str(), archive = ("lib" + name + ".a").str();
  for (const std::string &folder : folders) {
    if (std::string path = folder + "/" + shared; llvm::sys::fs::exists(path))
      return load(path);
    if (std::string path = folder + "/" + archive; llvm::sys::fs::exists(path)) {
      auto generator = llvm::orc::StaticLibraryDefinitionGenerator::Load(jit.getObjLinkingLayer(), path.c_str());
      if (!generator)
        return generator.takeError();
      program.addGenerator(std::move(*generator));
      return llvm::Error::success();
    }
  }
  if (name == "c" || name == "m") // this process has them; what the linker reads under these names is no library
    return llvm::Error::success();
  return load(shared);
}

std::unique_ptr<JITProgram> awg::makeJITProgram(llvm::Module &module, const CodeGenOptions &options, JITLinks links,
                                                std::string &fault) {
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream out(object);
  if (!generateCode(module, Emit::Object, options, out, fault))
    return nullptr;
  auto refuse = [&](llvm::Error error) {
    fault = llvm::toString(std::move(error));
    return nullptr;
  };
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return refuse(jit.takeError());
  // The runtime's functions and libc's are this process's own.
  auto process =
      llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess((*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return refuse(process.takeError());
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  for (const std::string &library : links.libraries)
    if (llvm::Error error = addLibrary(**jit, library, links.libraryPaths))
      return refuse(std::move(error));
  if (llvm::Error error = (*jit)->addObjectFile(std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(object))))
    return refuse(std::move(error));
  auto impl = std::make_unique<JITProgram::Impl>();
  impl->jit = std::move(*jit);
  impl->exports = std::move(links.exports);
  for (const std::string &name : links.foreign)
    if (!impl->find(name)) {
      fault = "no C function '" + name + "' was found: '-l LIBRARY' and '-L FOLDER' name what it is in";
      return nullptr;
    }
  return std::unique_ptr<JITProgram>(new JITProgram(std::move(impl)));
}
