// Runs the phases of a compilation.
#include "driver/Compiler.h"
#include "driver/CodeGen.h"
#include "driver/Graph.h"
#include "driver/Header.h"
#include "driver/Link.h"
#include "driver/StandardLibrary.h"

#include "dialects/Awg/Awg.h"
#include "frontend/AST/Dump.h"
#include "frontend/Check/Check.h"
#include "frontend/Diag/Fix.h"
#include "frontend/Diag/Locator.h"
#include "frontend/Format/Format.h"
#include "frontend/IRGen/IRGen.h"
#include "frontend/Lex/Dump.h"
#include "frontend/Parse/Modules.h"
#include "frontend/Parse/Parser.h"
#include "frontend/Source/Source.h"
#include "lowering/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SourceMgr.h"

using namespace awg;

struct Compiler::Impl {
  explicit Impl(CompilerOptions options) : options(std::move(options)), diags(sources) {}

  CompilerOptions options;
  llvm::SourceMgr sources;
  DiagEngine diags;
  ASTContext ast;
  Program program;
  std::optional<unsigned> buffer;
  bool isChecked = false;
  bool internalFault = false;
  std::vector<std::string> faults; ///< of tools outside, e.g. the linker
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Emit stage = Emit::AST; ///< what `module` holds
  std::map<std::string, bool> exports; ///< name, whether it may reject

  bool parse();
  bool dumpTree(llvm::raw_ostream &out);
  bool check(bool needsMain);
  bool lowerTo(Emit goal, bool needsMain);
  bool runPipeline(llvm::function_ref<void(mlir::OpPassManager &, const lowering::PipelineOptions &)> build);
  void findExports();
  std::vector<std::string> foreignNames() const;
  std::unique_ptr<llvm::Module> translate(llvm::LLVMContext &llvmContext, bool needsMain);
  CodeGenOptions codeGenOptions() const {
    return {options.optLevel, options.native ? std::string() : std::string("x86-64-v3")};
  }
  bool emitPTX(bool asCubin, llvm::raw_ostream &out);
};

Compiler::Compiler(CompilerOptions options) : impl(std::make_unique<Impl>(std::move(options))) {}
Compiler::~Compiler() = default;

bool Compiler::loadFile(llvm::StringRef path) {
  impl->buffer = awg::loadFile(impl->sources, path, impl->diags);
  return impl->buffer && !impl->diags.hasErrors();
}

bool Compiler::loadText(llvm::StringRef name, llvm::StringRef text) {
  impl->buffer = loadBuffer(impl->sources, llvm::MemoryBuffer::getMemBufferCopy(text, name), impl->diags);
  return !impl->diags.hasErrors();
}

bool Compiler::Impl::parse() {
  if (!program.user && buffer) {
    auto modules = parseModules(sources, *buffer, ast, diags, [](llvm::StringRef path) -> llvm::StringRef {
      bool isStandard = path.consume_front("std.");
      for (const StandardModule &module : importedModules())
        if (isStandard && module.name == ("std/" + path + ".awg").str())
          return module.text;
      return "";
    });
    program.user = modules.front();
    program.imported.assign(std::next(modules.begin()), modules.end());
  }
  return program.user && !diags.hasErrors();
}

/// Of the program's own file: what it imports is not looked at.
bool Compiler::Impl::dumpTree(llvm::raw_ostream &out) {
  const Module *tree = awg::parse(sources, *buffer, ast, diags);
  if (!diags.hasErrors())
    dump(out, *tree);
  return !diags.hasErrors();
}

bool Compiler::Impl::check(bool needsMain) {
  if (isChecked)
    return !diags.hasErrors();
  isChecked = true;
  if (!parse())
    return false;
  for (const StandardModule &standard : standardModules()) {
    unsigned id = loadBuffer(sources, llvm::MemoryBuffer::getMemBuffer(standard.text, standard.name), diags);
    program.standard.push_back(awg::parse(sources, id, ast, diags));
  }
  program.needsMain = needsMain;
  return awg::check(program, ast, sources, diags) && !diags.hasErrors();
}

bool Compiler::check() {
  if (!impl->parse())
    return false;
  const Module &user = *impl->program.user;
  auto isPub = [](const Decl *decl) { return decl->isPub; };
  bool isLibrary = llvm::any_of(user.types, isPub) || llvm::any_of(user.constants, isPub) ||
                   llvm::any_of(user.functions, [](const FnDecl *function) {
                     return function->isPub || function->isExport || function->flavour == FnDecl::Test;
                   });
  return impl->check(/*needsMain=*/!isLibrary);
}

llvm::StringRef Compiler::text() const {
  return impl->buffer ? impl->sources.getMemoryBuffer(*impl->buffer)->getBuffer() : "";
}

std::string Compiler::fixed() const { return applyFixes(text(), impl->diags.inOrder()); }

bool Compiler::format(std::string &out) {
  Layout layout;
  if (!impl->buffer)
    return false;
  awg::parse(impl->sources, *impl->buffer, impl->ast, impl->diags, &layout);
  if (impl->diags.hasErrors())
    return false;
  out = awg::format(text(), layout);
  return true;
}

std::vector<TestCase> Compiler::tests() {
  std::vector<TestCase> tests;
  if (!impl->parse())
    return tests;
  Locator locator(impl->sources);
  for (const FnDecl *function : impl->program.user->functions)
    if (function->flavour == FnDecl::Test)
      tests.push_back({function->name.str(), locator.locate(function->loc).line});
  return tests;
}

//===-- IR ----------------------------------------------------------------------------------------------------------===//

bool Compiler::Impl::runPipeline(
    llvm::function_ref<void(mlir::OpPassManager &, const lowering::PipelineOptions &)> build) {
  lowering::PipelineOptions pipeline;
  pipeline.debugInfo = options.debugInfo;
  pipeline.gpu = options.gpu;
  pipeline.chip = options.chip;
  pipeline.optLevel = options.optLevel;
  pipeline.explain = options.explainKernels;
  pipeline.explainAwaits = options.explainAwaits;
  if (options.native)
    pipeline.hostTargets = std::vector<std::string>{"native"};
  mlir::PassManager passes(context.get());
  passes.enableVerifier(options.verifyIR);
  build(passes, pipeline);
  if (mlir::succeeded(passes.run(*module)))
    return true;
  internalFault = true;
  return false;
}

/// Functions that a host program may call keep their names through linking.
void Compiler::Impl::findExports() {
  for (auto function : module->getOps<mlir::func::FuncOp>()) {
    if (!function->hasAttr("awg.export"))
      continue;
    function.setPublic();
    auto results = function.getResultTypes();
    bool mayReject = !results.empty() && llvm::isa<ir::ErrorType>(results[0]);
    exports[function.getSymName().str()] = mayReject;
  }
}

/// The functions of C that the program declares.
std::vector<std::string> Compiler::Impl::foreignNames() const {
  std::vector<std::string> names;
  for (const FnDecl *function : program.functions)
    if (function->flavour == FnDecl::Extern)
      names.push_back(function->name.str());
  return names;
}

bool Compiler::Impl::lowerTo(Emit goal, bool needsMain) {
  if (!check(needsMain))
    return false;
  if (!module) {
    mlir::DialectRegistry registry;
    lowering::registerDialects(registry);
    context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
    context->loadAllAvailableDialects();
    module = generate(program, *context, sources, {options.boundsChecks, options.tests});
    if (!module || mlir::failed(mlir::verify(*module))) {
      internalFault = true;
      return false;
    }
    findExports();
    stage = Emit::Awg;
  }
  if (stage == Emit::Awg && goal > Emit::Awg) {
    if (!runPipeline(lowering::buildAwgToAsync))
      return false;
    stage = Emit::Async;
  }
  if (stage == Emit::Async && goal > Emit::Async) {
    if (options.gpu && !lowering::isKnownChip(options.chip)) {
      faults.push_back("'" + options.chip + "' is no GPU that kernels can be compiled for");
      return false;
    }
    if (!runPipeline(lowering::buildAsyncToLLVM))
      return false;
    stage = Emit::LLVM;
  }
  return true;
}

std::unique_ptr<llvm::Module> Compiler::Impl::translate(llvm::LLVMContext &llvmContext, bool needsMain) {
  if (!lowerTo(Emit::LLVM, needsMain))
    return nullptr;
  auto translated = mlir::translateModuleToLLVMIR(*module, llvmContext);
  internalFault |= !translated;
  return translated;
}

//===-- Output ------------------------------------------------------------------------------------------------------===//

/// The text in the image global; a cubin is made from it by `ptxas`, which must be installed.
bool Compiler::Impl::emitPTX(bool asCubin, llvm::raw_ostream &out) {
  if (!lowerTo(Emit::LLVM, /*needsMain=*/false))
    return false;
  std::string text;
  if (auto global = module->lookupSymbol<mlir::LLVM::GlobalOp>("awg$gpu_image"))
    text = llvm::cast<mlir::StringAttr>(global.getValueOrNull()).getValue().drop_back().str();
  if (!asCubin) {
    out << text;
    return true;
  }
  std::string fault;
  std::string cubin = assemblePTX(text, options.chip, fault);
  if (fault.empty())
    out << cubin;
  else
    faults.push_back(fault);
  return fault.empty();
}

bool Compiler::emit(Emit emit, llvm::raw_pwrite_stream &out) {
  switch (emit) {
  case Emit::Tokens:
    if (!impl->buffer)
      return false;
    dumpTokens(out, impl->sources, *impl->buffer, impl->diags);
    return !impl->diags.hasErrors();
  case Emit::AST:
    return impl->buffer && impl->dumpTree(out);
  case Emit::Awg:
  case Emit::Async:
  case Emit::LLVM:
    if (!impl->lowerTo(emit, /*needsMain=*/false))
      return false;
    impl->module->print(out);
    out << '\n';
    return true;
  case Emit::Header:
    if (!impl->lowerTo(Emit::Awg, /*needsMain=*/false))
      return false;
    writeHeader(out, impl->program, impl->sources,
                [&](const FnDecl &function) { return impl->exports.at(function.name.str()); });
    return true;
  case Emit::Graph:
    if (!impl->lowerTo(Emit::Awg, /*needsMain=*/false))
      return false;
    writeGraph(out, *impl->module);
    return true;
  case Emit::PTX:
  case Emit::Cubin:
    return impl->emitPTX(emit == Emit::Cubin, out);
  default:
    break;
  }
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module = impl->translate(llvmContext, /*needsMain=*/false);
  if (!module)
    return false;
  std::string fault;
  if (!generateCode(*module, emit, impl->codeGenOptions(), out, fault)) {
    impl->faults.push_back(fault);
    return false;
  }
  return true;
}

bool Compiler::explain(llvm::raw_ostream &out) {
  if (!impl->lowerTo(Emit::Async, /*needsMain=*/false))
    return false;
  out << llvm::cast<mlir::StringAttr>((*impl->module)->getAttr("awg.explanation")).getValue();
  return true;
}

bool Compiler::emitExecutable(llvm::StringRef path) {
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module = impl->translate(llvmContext, /*needsMain=*/true);
  if (!module)
    return false;
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream out(object);
  std::string fault;
  if (!generateCode(*module, Emit::Object, impl->codeGenOptions(), out, fault) ||
      !linkExecutable(out.str(), path, impl->options, fault)) {
    impl->faults.push_back(fault);
    return false;
  }
  return true;
}

std::unique_ptr<JITProgram> Compiler::compile(bool needsMain) {
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module = impl->translate(llvmContext, needsMain);
  if (!module)
    return nullptr;
  std::string fault;
  auto program = makeJITProgram(
      *module, impl->codeGenOptions(),
      {impl->exports, impl->foreignNames(), impl->options.libraryPaths, impl->options.libraries}, fault);
  if (!program)
    impl->faults.push_back(fault);
  return program;
}

/// Where a place is in the text of the program; invalid if it is in no file of it.
static llvm::SMLoc locate(llvm::SourceMgr &sources, const FoundPlace &place) {
  for (unsigned id = 1; id <= sources.getNumBuffers(); ++id) {
    if (place.file.empty() || sources.getMemoryBuffer(id)->getBufferIdentifier() != place.file)
      continue;
    llvm::SMLoc line = sources.FindLocForLineAndColumn(id, place.line, 1);
    if (!line.isValid())
      return line;
    // Columns are code points.
    const char *at = line.getPointer();
    for (unsigned left = std::max(place.column, 1u) - 1; left && *at && *at != '\n'; --left)
      for (++at; (*at & 0xC0) == 0x80;)
        ++at;
    return llvm::SMLoc::getFromPointer(at);
  }
  return llvm::SMLoc();
}

void Compiler::add(const Found &found) {
  DiagBuilder diagnostic = impl->diags.error(DiagKind::Sanitizer, locate(impl->sources, found.at), found.at.message);
  for (const FoundPlace &note : found.notes)
    diagnostic.note(locate(impl->sources, note), note.message);
}

void Compiler::printDiagnostics(llvm::raw_ostream &out) const {
  if (impl->options.jsonDiagnostics)
    impl->diags.printJSON(out);
  else
    impl->diags.print(out);
  for (const std::string &fault : impl->faults)
    out << "error: " << fault << '\n';
}

bool Compiler::hasErrors() const { return impl->diags.hasErrors() || !impl->faults.empty(); }
bool Compiler::isInternalFault() const { return impl->internalFault; }
