// Integer polynomials over launch constants and index variables: the normal form of a subscript.
#ifndef AWG_FRONTEND_CHECK_RACEPOLY_H
#define AWG_FRONTEND_CHECK_RACEPOLY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>

namespace awg::race {

/// A symbol of a polynomial: an index variable or something that is constant throughout a launch.
using Atom = unsigned;
using Atoms = llvm::SmallVector<Atom, 3>;

/// A literal factor times a product of atoms, which are sorted and may repeat.
struct Term {
  int64_t factor;
  Atoms atoms;
};

/// A sum of terms, sorted by their atoms, no two alike and none zero. Equal polynomials are equal term by term.
class Poly {
public:
  Poly() = default;
  static Poly literal(int64_t value);
  static Poly atom(Atom atom);

  llvm::ArrayRef<Term> terms() const { return list; }
  bool operator==(const Poly &other) const;
  /// The value, if no atom occurs.
  std::optional<int64_t> asLiteral() const;
  /// Adds a term; false if a factor leaves 64 bits or the sum grows past what a subscript sensibly has.
  bool add(const Term &term);

  /// None where `add` would fail.
  static std::optional<Poly> sum(const Poly &left, const Poly &right);
  static std::optional<Poly> difference(const Poly &left, const Poly &right);
  static std::optional<Poly> product(const Poly &left, const Poly &right);

private:
  static constexpr size_t maxTerms = 32;
  llvm::SmallVector<Term, 4> list;
};

} // namespace awg::race

#endif // AWG_FRONTEND_CHECK_RACEPOLY_H
