// Distances between names.
#include "frontend/Diag/Nearest.h"

#include <algorithm>

using namespace awg;
using llvm::StringRef;

Nearest::Nearest(StringRef name)
    : name(name), best(unsigned(std::min((name.size() + 2) / 3, name.size() - 1) + 1)) {} // beyond what is near

void Nearest::consider(StringRef candidate) {
  unsigned distance = name.edit_distance(candidate, /*AllowReplacements=*/true, best);
  if (distance < best || (distance == best && candidate < nearest && !nearest.empty())) {
    best = distance;
    nearest = candidate;
  }
}
