// The owner of a compilation's nodes, lists, strings and types.
#ifndef AWG_FRONTEND_AST_CONTEXT_H
#define AWG_FRONTEND_AST_CONTEXT_H

#include "frontend/AST/Type.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Allocator.h"

namespace awg {

/// Owns all nodes, lists and strings of a compilation, and its types.
class ASTContext {
public:
  ASTContext() = default;
  ASTContext(const ASTContext &) = delete;

  TypeContext types;

  /// Makes a node. Nodes with non-trivial members are kept on a list and destroyed with the context.
  template <typename T, typename... Args> T *make(Args &&...args) {
    T *node = new (allocator.Allocate<T>()) T(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_destructible_v<T>)
      destructors.push_back({node, [](void *ptr) { static_cast<T *>(ptr)->~T(); }});
    return node;
  }
  /// A copy of a list that lives as long as the context.
  template <typename T> llvm::ArrayRef<T> list(llvm::ArrayRef<T> items) {
    T *copy = allocator.Allocate<T>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), copy);
    return {copy, items.size()};
  }
  /// The same, of items that the checker fills in.
  template <typename T> llvm::MutableArrayRef<T> mutableList(llvm::ArrayRef<T> items) {
    return {const_cast<T *>(list(items).data()), items.size()};
  }
  llvm::StringRef string(llvm::StringRef text) { return text.copy(allocator); }
  ~ASTContext() {
    for (auto &[node, destroy] : destructors)
      destroy(node);
  }

private:
  llvm::BumpPtrAllocator allocator;
  llvm::SmallVector<std::pair<void *, void (*)(void *)>> destructors;
};

} // namespace awg

#endif // AWG_FRONTEND_AST_CONTEXT_H
