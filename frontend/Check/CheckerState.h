// What the checker knows while it runs: modules, functions, the body at hand, the names in scope. Private to Check.
#ifndef AWG_FRONTEND_CHECK_CHECKERSTATE_H
#define AWG_FRONTEND_CHECK_CHECKERSTATE_H

#include "frontend/Check/Builtins.h"
#include "frontend/Check/Check.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

namespace awg {

using llvm::cast;
using llvm::dyn_cast;
using llvm::isa;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using llvm::Twine;

/// A literal, or what is made of literals alone, takes the type that its context asks for: an array without elements, with
/// integers at most, or with a float.
enum class Flexible { No, Empty, Int, Float };

/// Whether a call or an `each` stands where `await` or `async` takes it up.
enum class Started { No, Yes };

class CheckerState {
protected:
  CheckerState(Program &program, ASTContext &context, const llvm::SourceMgr &sources, DiagEngine &diags)
      : program(program), context(context), types(context.types), sources(sources), diags(diags) {}

  /// A module's items by name.
  struct ModuleScope {
    Module *module;
    bool isStd;
    llvm::StringMap<FnDecl *> items;
    llvm::StringMap<Decl *> types; ///< StructDecl and EnumDecl
    llvm::StringMap<VarDecl *> constants;
    llvm::StringMap<FnDecl *> tests;
    llvm::StringMap<ImportDecl *> imports;
  };

  /// Where code runs: on the host, inside an `each`, or in a plain `fn`, which both may call.
  enum class Side { Host, Device, Either };

  /// The body being checked: of a function, an `async` block, an `async for` or an `each`.
  struct Body {
    enum Kind { Function, AsyncBlock, AsyncFor, Each } kind;
    const void *owner; ///< FnDecl, AsyncExpr, AsyncForStmt or EachExpr
    FnDecl *function;  ///< the enclosing one
    bool canAwait;
    Side side;
    /// What `return` gives; of an AsyncBlock null until the first `return`.
    const Type *returnType = nullptr;
    bool isSignature = false; ///< no body: the extents of a return type
    unsigned loops = 0;       ///< enclosing `while` and `for` of this body
    bool hasBreak = false;    ///< the innermost loop has a `break`
    bool isGroup = false;     ///< of an `each block`: it runs once for a group of threads
    int64_t sharedBytes = 0;  ///< of an `each block`: its `shared` storage
    llvm::SmallPtrSet<const Type *, 2> reducedTypes = {}; ///< of an `each block`: what its reductions combine
    Body *outer = nullptr;
    llvm::MapVector<VarDecl *, Capture::Mode> captures = {};
  };

  /// A call from one function to another, or from the inside of an `each`.
  struct Call {
    FnDecl *callee;
    SMLoc loc;
  };

  /// What a body does to the parameters that it is lent for writing, with extents left open.
  struct Exchanges {
    struct Pass {
      unsigned from; ///< a parameter that is lent on
      FnDecl *callee;
      unsigned to; ///< the callee's parameter
    };
    llvm::SmallBitVector assigned; ///< parameters that are assigned arrays
    SmallVector<Pass> passed;
  };
  /// What the checker keeps on a function besides the tree.
  struct FnInfo {
    bool hasSignature = false;
    ModuleScope *scope = nullptr;
    bool isQueued = false;
    bool isSound = false;          ///< checked without an error
    SmallVector<Call, 4> calls;    ///< of the body itself, `each` bodies included
    SMLoc hostOnlyLoc;             ///< what makes it host-only
    FnDecl *hostOnlyVia = nullptr; ///< the host-only function called there
    llvm::StringMap<const Type *> typeNames; ///< what its type parameters stand for
    SmallVector<FnDecl *, 2> instances;      ///< of a function with type parameters
    std::unique_ptr<Exchanges> exchanges;    ///< once asked for
    unsigned instanceDepth = 0;              ///< of an instance: how many called each other up to it
    SMLoc instanceCall;                      ///< of an instance: the first call
  };

  /// An `each` that nothing awaits, in a plain fn: right only if a kernel calls the function.
  struct BareEach {
    FnDecl *function;
    EachExpr *each;
  };

  /// What a size variable stands for at a call.
  struct Binding {
    Extent extent;
    SMLoc loc; ///< of the argument that bound it
  };
  using Bindings = llvm::SmallDenseMap<const VarDecl *, Binding, 4>;

  Program &program;
  ASTContext &context;
  TypeContext &types;
  const llvm::SourceMgr &sources;
  DiagEngine &diags;

  std::vector<std::unique_ptr<ModuleScope>> modules;
  ModuleScope *module = nullptr; ///< of the function being checked
  llvm::DenseMap<const Module *, ModuleScope *> scopeOfModule;
  llvm::DenseMap<const Decl *, ModuleScope *> scopeOfDecl; ///< of types and constants
  Body *body = nullptr;
  llvm::DenseMap<const FnDecl *, std::unique_ptr<FnInfo>> infos;
  SmallVector<FnDecl *> pending; ///< functions whose bodies are to be checked
  SmallVector<Call> deviceCalls; ///< calls from inside an `each`
  SmallVector<BareEach> bareEaches;
  /// Inside what has been reported as host-only: its parts are not reported again.
  bool isQuiet = false;
  /// Names of the function that are assigned to as a whole: such a variable takes arrays of any extents.
  llvm::DenseSet<StringRef> reassigned;
  llvm::DenseMap<Expr *, Flexible> flexibilities; ///< of operators and branches, so that each is looked at once

  /// What names mean at this point.
  llvm::DenseMap<StringRef, VarDecl *> visible;
  /// Declarations in the order made, each with what its name meant before.
  SmallVector<std::pair<VarDecl *, VarDecl *>> declared;

  /// Names declared while one is alive vanish with it.
  class Scope {
  public:
    explicit Scope(CheckerState &state) : state(state), depth(state.declared.size()) {}
    ~Scope() { state.popTo(depth); }
    Scope(const Scope &) = delete;

  private:
    CheckerState &state;
    size_t depth;
  };
  void popTo(size_t depth);
  /// Makes `var`, of that type, visible until its scope ends; the current body owns it.
  void declare(VarDecl *var, const Type *type);

  FnInfo &info(const FnDecl *function);
  bool onDevice() const { return body->side == Side::Device; }
  void markMayFail() { body->function->mayFail = true; }
  bool inGroup() const { return body && body->isGroup; }
};

} // namespace awg

#endif // AWG_FRONTEND_CHECK_CHECKERSTATE_H
