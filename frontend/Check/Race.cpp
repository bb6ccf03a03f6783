// The race rules of `each`: what is reported, array by array.
#include "frontend/Check/Race.h"
#include "frontend/Check/FlowGraph.h"
#include "frontend/Check/FlowVisit.h"
#include "frontend/Check/RaceAccess.h"

namespace awg {

namespace race {
namespace {

static bool isInside(SMLoc loc, const EachExpr &each) {
  return each.range.Start.getPointer() <= loc.getPointer() && loc.getPointer() < each.range.End.getPointer();
}

/// The views that a body names, and the variables that they are of, which may be views too.
using Owners = llvm::DenseMap<const VarDecl *, const VarDecl *>;

static Owners ownersOfViews(const Expr *root) {
  Owners owners;
  auto visit = [&](const Stmt &stmt) {
    const auto *let = llvm::dyn_cast<LetStmt>(&stmt);
    if (!let)
      return;
    const CallExpr *split = flow::partsCall(let->init, BuiltinId::Split);
    if (const VarDecl *var = let->pattern->var; var && var->isView)
      owners[var] = flow::rootOf(let->init);
    for (const Pattern *part : split ? let->pattern->elements : ArrayRef<Pattern *>())
      owners[part->var] = flow::rootOf(split->arguments[0].value);
  };
  flow::visitTree(root, [](const Expr &) { return true; }, visit);
  return owners;
}

/// Checks one parallel `each`. Of a block kernel arrays from outside are checked over the whole kernel, by the blocks'
/// index variables and those of the inner `each`; `shared` ones are checked with each inner `each`.
class Checker {
public:
  Checker(const EachExpr &each, const Owners &owners, DiagEngine &diags)
      : each(each), owners(owners), diags(diags), found(collectAccesses(each)) {
    IndexSpace own;
    own.add(each);
    spaces.push_back(std::make_unique<Subscripts>(own, own.indices.size(), found.names, symbols));
    if (!each.isBlock)
      return;
    for (const EachExpr *phase : found.phases) {
      IndexSpace both = own;
      both.add(*phase);
      spaces.push_back(std::make_unique<Subscripts>(both, own.indices.size(), found.names, symbols));
    }
  }

  void run() {
    for (const ScalarWrite &write : found.scalars)
      if (&spaceOf(write.range) == spaces.front().get())
        reportScalar(write);
    for (const auto &[place, accesses] : found.arrays) {
      const VarDecl *var = place.first;
      if (var->role == VarDecl::PerThread) {
        refuseWhole(var, accesses);
        continue;
      }
      if (each.isPhase && !isShared(var))
        continue;
      if (llvm::any_of(accesses, [](const Access &access) { return access.kind == Access::Atomic; }))
        checkAtomic(var, accesses);
      else if (llvm::any_of(accesses, [](const Access &access) { return access.isWrite(); }))
        checkOwned(var, accesses);
    }
    each.multipliesByItself = spaces.front()->multipliesByItself();
  }

private:
  /// An access and the one-to-one maps that it follows.
  struct Mapped {
    const Access *access;
    llvm::SmallVector<Map, 1> maps;
    Value why;
  };

  /// It is `shared` storage, or a view of it.
  bool isShared(const VarDecl *var) const {
    while (const VarDecl *owner = owners.lookup(var))
      var = owner;
    return var->role == VarDecl::Shared;
  }

  static std::string source(SMRange range) {
    return std::string(range.Start.getPointer(), range.End.getPointer());
  }

  /// The index variables of an access: in a block kernel those of the inner `each` that it stands in, too.
  Subscripts &spaceOf(SMRange range) {
    if (each.isBlock)
      for (auto [number, phase] : llvm::enumerate(found.phases))
        if (isInside(range.Start, *phase))
          return *spaces[number + 1];
    return *spaces.front();
  }

  void refuseWhole(const VarDecl *var, ArrayRef<Access> accesses) {
    for (const Access &access : accesses)
      if (access.kind != Access::Read && access.kind != Access::Write)
        diags
            .error(DiagKind::TypeMismatch, access.range,
                   "`" + var->name + "` is `local` storage, which is read and written element by element")
            .note(var->loc, "`" + var->name + "` is declared here");
  }

  void reportScalar(const ScalarWrite &write) {
    diags
        .error(DiagKind::RacyWrite, write.range,
               "`" + write.var->name + "` is one variable for all indices, and each of them writes it here")
        .note(write.var->loc, "`" + write.var->name + "` is declared here")
        .help("let a reduction gather the values: `let " + write.var->name + " = await sum each ... => value;`");
  }

  //===-- Atomics -----------------------------------------------------------------------------------------------===//

  void checkAtomic(const VarDecl *var, ArrayRef<Access> accesses) {
    const Access &first = *llvm::find_if(accesses, [](const Access &access) { return access.kind == Access::Atomic; });
    for (const Access &access : accesses) {
      if (access.kind != Access::Atomic)
        reportBesideAtomic(var, access, first);
      else if (access.op != first.op)
        diags
            .error(DiagKind::RacyWrite, access.range,
                   "`" + var->name + "` takes one atomic operator in an `each`, and this is a second one")
            .note(first.range.Start, "the first one is here")
            .help("split the `each` in two, or use two arrays");
    }
  }

  void reportBesideAtomic(const VarDecl *var, const Access &access, const Access &atomic) {
    bool isRead = !access.isWrite();
    diags
        .error(isRead ? DiagKind::RacyRead : DiagKind::RacyWrite, access.range,
               "`" + var->name + "` is changed with `atomic` in this `each`, so it cannot be " +
                   (isRead ? "read" : "written in another way") + " in it")
        .note(atomic.range.Start, "the `atomic` is here")
        .help(isRead ? "read it in an `each` of its own, after this one"
                     : "make every write of it `atomic` with the same operator");
  }

  //===-- Owned elements ----------------------------------------------------------------------------------------===//

  void checkOwned(const VarDecl *var, ArrayRef<Access> accesses) {
    std::vector<Mapped> mapped;
    const Mapped *firstWrite = nullptr;
    mapped.reserve(accesses.size());
    // What group statements alone write belongs to the blocks.
    bool isOfGroups = llvm::none_of(accesses, [&](const Access &access) {
      return access.isWrite() && &spaceOf(access.range) != spaces.front().get();
    });
    for (const Access &access : accesses) {
      Mapped &entry = mapped.emplace_back();
      entry.access = &access;
      bool isWhole = access.kind == Access::ReadWhole || access.kind == Access::WriteWhole;
      if (!isWhole)
        entry.maps = (isOfGroups ? *spaces.front() : spaceOf(access.range)).maps(access.subscripts, entry.why);
      if (access.isWrite() && entry.maps.empty())
        reportUnowned(var, entry);
      else if (access.isWrite() && !firstWrite)
        firstWrite = &entry;
    }
    if (firstWrite)
      checkFamily(var, mapped, *firstWrite);
  }

  /// The accesses that do not go with `map`, those already reported aside.
  std::vector<const Mapped *> misfits(ArrayRef<Mapped> mapped, const Map &map) {
    Family family(map);
    std::vector<const Mapped *> result;
    for (const Mapped &entry : mapped) {
      bool isReported = entry.access->isWrite() && entry.maps.empty();
      if (!isReported && llvm::none_of(entry.maps, [&](const Map &other) { return family.add(other); }))
        result.push_back(&entry);
    }
    return result;
  }

  /// All accesses must follow one of the first write's maps; where they do not, the map that fits most is the measure.
  void checkFamily(const VarDecl *var, ArrayRef<Mapped> mapped, const Mapped &firstWrite) {
    std::optional<std::vector<const Mapped *>> fewest;
    for (const Map &map : firstWrite.maps)
      if (std::vector<const Mapped *> wrong = misfits(mapped, map); !fewest || wrong.size() < fewest->size())
        fewest = std::move(wrong);
    for (const Mapped *entry : *fewest)
      reportForeign(var, *entry->access, *firstWrite.access);
  }

  void reportUnowned(const VarDecl *var, const Mapped &entry) {
    const Access &access = *entry.access;
    const IndexSpace &space = spaceOf(access.range).space;
    if (access.kind == Access::WriteWhole) {
      diags
          .error(DiagKind::RacyWrite, access.range,
                 "every index would write the whole of `" + var->name + "` here")
          .note(var->loc, "`" + var->name + "` is declared here, outside the `each`")
          .help("write only the element that the index owns" + example(var, space));
      return;
    }
    DiagBuilder report =
        diags.error(DiagKind::RacyWrite, access.range,
                    "another index may write `" + source(access.range) + "` too: " + entry.why.why);
    if (const VarDecl *loop = entry.why.loopVar)
      report.help("make `" + loop->name + "` an index of the launch, `each (" + space.list() + ", " + loop->name +
                  ") in (...)`, or give it a subscript of its own beside `" + space.list() + "`");
    else
      report.help("write the element that the index owns" + example(var, space) + "; use `atomic " + source(access.range) +
                  " += ...`; or give each task a part with `chunks(mut " + var->name.str() + ", length)`");
  }

  void reportForeign(const VarDecl *var, const Access &access, const Access &write) {
    bool isRead = !access.isWrite();
    std::string what = "`" + source(access.range) + "`";
    diags
        .error(isRead ? DiagKind::RacyRead : DiagKind::RacyWrite, access.range,
               isRead ? what + " may read an element that another index writes"
                      : what + " may be an element that another index writes, by another subscript")
        .note(write.range.Start, "the indices own the elements of `" + var->name + "` by `" + source(write.range) + "`")
        .help(isRead ? "read from a copy made before the `each`, or write to another array"
                     : "write through the same subscripts everywhere, or with `atomic`, or to parts from `chunks(mut " +
                           var->name.str() + ", length)`");
  }

  /// `, such as y[i]`, if the array's rank has an obvious element for an index.
  static std::string example(const VarDecl *var, const IndexSpace &space) {
    const auto *array = llvm::dyn_cast<ArrayType>(var->type);
    if (!array)
      return "";
    unsigned rank = array->rank();
    std::string place = space.list();
    if (rank != space.indices.size()) {
      if (rank != 1 || space.indices.size() != 2)
        return "";
      place = (space.indices[0]->name + " * ").str() + source(space.extents[1]->range) + " + " +
              space.indices[1]->name.str();
    }
    return ", such as `" + var->name.str() + "[" + place + "]`";
  }

  const EachExpr &each;
  const Owners &owners;
  DiagEngine &diags;
  Accesses found;
  SymbolTable symbols;
  std::vector<std::unique_ptr<Subscripts>> spaces; ///< of the `each`, then of the inner ones of a block kernel
};

} // namespace
} // namespace race

void checkRaces(const FnDecl &function, DiagEngine &diags) {
  const Expr *root = function.body ? static_cast<const Expr *>(function.body) : function.each;
  if (!root)
    return;
  race::Owners owners = race::ownersOfViews(root);
  flow::visitExprs(root, [&](const Expr &expr) {
    const auto *each = llvm::dyn_cast<EachExpr>(&expr);
    if (each && !each->isSequential)
      race::Checker(*each, owners, diags).run();
    return true;
  });
}

} // namespace awg
