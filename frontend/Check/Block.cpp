// Block kernels: the storage of a group of threads, and what its statements and inner `each`es may use.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"

using namespace awg;

/// What a block's `shared` storage may take, and its `local` storage for all its threads: what every GPU has, and what a
/// worker's stack holds with ease.
static constexpr int64_t mostShared = 48 << 10, mostLocal = 4 << 20;
/// On a GPU a variable of `shared` storage takes a multiple of this (lowering/GPUToPTX.cpp).
static constexpr int64_t sharedUnit = 16;
/// The largest group of threads on a GPU.
static constexpr int64_t mostThreads = 1024;

/// Lanes of a reduction's tree.
static constexpr int64_t treeLanes = 128;

/// Of a type parameter the least: each instance is looked at again.
static int64_t bytesOfLeaf(const Type *type) {
  if (type->isBool() || type->kind() == TypeKind::Param)
    return 1;
  return type->isInt() || type->isFloat() ? type->width() / 8 : type->isEnum() ? 4 : 8;
}

/// The bytes of so many elements: each of their leaves has an array of its own, of whole units.
static int64_t bytesOf(const Type *element, int64_t count, int64_t unit) {
  int64_t bytes = 0;
  SmallVector<const Type *> parts{element};
  while (!parts.empty()) {
    const Type *part = parts.pop_back_val();
    if (part->isComposite())
      parts.append(part->members().begin(), part->members().end());
    else
      bytes += llvm::alignTo(count * bytesOfLeaf(part), unit);
  }
  return bytes;
}

/// The bytes of an array of constant extents; none if they are beyond counting.
static std::optional<int64_t> bytesOf(const ArrayType *array, int64_t unit) {
  int64_t count = 1;
  for (const Extent &extent : array->extents())
    if (llvm::MulOverflow(count, extent.value, count))
      return std::nullopt;
  return count <= mostLocal ? std::optional(bytesOf(array->element(), count, unit)) : std::nullopt;
}

void Checker::checkStorage(StorageStmt *stmt) {
  VarDecl *var = stmt->var;
  bool isShared = var->role == VarDecl::Shared;
  std::string word = isShared ? "shared" : "local";
  const Type *type = resolveType(var->typeExpr, TypePlace::Storage);
  declare(var, type);
  if (!inGroup()) {
    diags.error(DiagKind::SyntaxError, stmt->range, "`" + word + "` storage stands only in an `each block`, outside its "
                                                                 "inner `each`es");
    return;
  }
  if (type->isError())
    return;
  auto *array = dyn_cast<ArrayType>(type);
  if (!array || flow::isMovable(array->element()) || !isPlainData(type) || array->element()->isUnit()) {
    diags.error(DiagKind::TypeMismatch, var->typeExpr->range,
                "`" + word + "` storage is an array of plain values, and this is " + described(type))
        .help(isShared ? "a value of the group is a `let`" : "one value for each thread is an array of one: `f32[1]`");
    return;
  }
  if (llvm::any_of(array->extents(), [](const Extent &extent) { return extent.kind != Extent::Constant; })) {
    diags.error(DiagKind::TypeMismatch, var->typeExpr->range, "the extents of `" + word + "` storage are constants");
    return;
  }
  std::optional<int64_t> bytes = bytesOf(array, isShared ? sharedUnit : 1);
  if (isShared && bytes)
    body->sharedBytes += *bytes;
  if (!bytes || (isShared && body->sharedBytes > mostShared) || *bytes > mostLocal)
    diags.error(DiagKind::TypeMismatch, var->typeExpr->range,
                isShared ? "the `shared` storage of a block takes more than its 48 KiB" : "this takes more than 4 MiB");
}

void Checker::refusePerThread(const VarDecl *var, bool isWritten, SMRange range) {
  diags
      .error(isWritten ? DiagKind::RacyWrite : DiagKind::RacyRead, range,
             "each thread has a `" + var->name + "` of its own, so a statement of the group cannot use it")
      .note(var->loc, "`" + var->name + "` is declared here")
      .help("use it inside an `each`; what the group shall see goes into `shared` storage");
}

void Checker::shareThreads(EachExpr *phase, const Body &inner) {
  SmallVector<int64_t> threads;
  for (Expr *extent : phase->extents)
    if (std::optional<int64_t> value = fold(extent))
      threads.push_back(std::max<int64_t>(*value, 0));
  bool areConstant = threads.size() == phase->extents.size();
  for (auto &[var, mode] : inner.captures) {
    if (var->role != VarDecl::PerThread || var->type->isError())
      continue;
    SMRange range{phase->extents.front()->range.Start, phase->extents.back()->range.End};
    if (!areConstant) {
      diags.error(DiagKind::TypeMismatch, range, "an `each` that uses the `local` storage `" + var->name +
                                                     "` has constant extents")
          .note(var->loc, "`" + var->name + "` is declared here");
      continue;
    }
    if (var->threads.empty()) {
      var->threads = context.list(ArrayRef<int64_t>(threads));
      std::optional<int64_t> bytes = bytesOf(cast<ArrayType>(var->type), 1);
      for (int64_t extent : threads)
        bytes = bytes && *bytes <= mostLocal && extent <= mostLocal ? std::optional(*bytes * extent) : std::nullopt;
      if (!bytes || *bytes > mostLocal)
        diags.error(DiagKind::TypeMismatch, var->typeExpr->range,
                    "`" + var->name + "` takes more than 4 MiB for the indices of a block");
    } else if (var->threads != ArrayRef<int64_t>(threads)) {
      diags
          .error(DiagKind::ExtentMismatch, range,
                 "`" + var->name + "` belongs to the indices of an `each` of other extents")
          .note(var->loc, "`" + var->name + "` is declared here")
          .help("`local` storage is kept from one inner `each` to the next of the same extents");
    }
  }
}

/// A reduction of the group needs storage for its lanes, once a type, and for values that lie with threads.
void Checker::reserveReduction(EachExpr *each, const Body &inner) {
  if (each->op == EachOp::Map || each->type->isError() || each->body->type->isNever())
    return;
  const Type *element = each->body->type;
  int64_t bytes = 0;
  if (element->isNumeric() || element->isBool())
    bytes = body->reducedTypes.insert(element).second ? bytesOf(element, treeLanes, sharedUnit) : 0;
  for (auto &[var, mode] : inner.captures)
    if (var->role == VarDecl::PerThread && !var->threads.empty()) {
      bytes += bytesOf(element, std::min(llvm::product_of(var->threads), mostLocal), sharedUnit);
      break;
    }
  body->sharedBytes += bytes;
  if (bytes > 0 && body->sharedBytes > mostShared)
    diags.error(DiagKind::TypeMismatch, each->range,
                "this reduction takes " + Twine(bytes) + " bytes of `shared` storage, more than is left of the block's 48 KiB");
}

void Checker::checkThreads(FnDecl *kernel) {
  if (!kernel->threads)
    return;
  checkInteger(kernel->threads, "the number of threads");
  std::optional<int64_t> count = fold(kernel->threads);
  if (!kernel->threads->type->isError() && (!count || *count < 1 || *count > mostThreads))
    diags.error(DiagKind::TypeMismatch, kernel->threads->range, "a group has 1 to 1024 threads, a constant number");
  else if (cast<EachExpr>(kernel->each)->op != EachOp::Map)
    diags.error(DiagKind::SyntaxError, kernel->threads->range, "the group size of a reduction is not to be chosen");
  kernel->threadCount = count.value_or(0);
}
