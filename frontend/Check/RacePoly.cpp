// Arithmetic on the polynomials of subscripts.
#include "frontend/Check/RacePoly.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace awg::race {

Poly Poly::literal(int64_t value) {
  Poly poly;
  if (value != 0)
    poly.list.push_back({value, {}});
  return poly;
}

Poly Poly::atom(Atom atom) {
  Poly poly;
  poly.list.push_back({1, {atom}});
  return poly;
}

bool Poly::operator==(const Poly &other) const {
  return llvm::equal(list, other.list, [](const Term &left, const Term &right) {
    return left.factor == right.factor && left.atoms == right.atoms;
  });
}

std::optional<int64_t> Poly::asLiteral() const {
  if (list.empty())
    return 0;
  if (list.size() == 1 && list[0].atoms.empty())
    return list[0].factor;
  return std::nullopt;
}

bool Poly::add(const Term &term) {
  auto place = llvm::lower_bound(list, term, [](const Term &left, const Term &right) {
    return std::lexicographical_compare(left.atoms.begin(), left.atoms.end(), right.atoms.begin(), right.atoms.end());
  });
  if (place == list.end() || place->atoms != term.atoms) {
    if (term.factor != 0)
      list.insert(place, term);
    return list.size() <= maxTerms;
  }
  if (llvm::AddOverflow(place->factor, term.factor, place->factor))
    return false;
  if (place->factor == 0)
    list.erase(place);
  return true;
}

std::optional<Poly> Poly::sum(const Poly &left, const Poly &right) {
  Poly result = left;
  for (const Term &term : right.list)
    if (!result.add(term))
      return std::nullopt;
  return result;
}

std::optional<Poly> Poly::difference(const Poly &left, const Poly &right) {
  std::optional<Poly> negated = product(right, literal(-1));
  return negated ? sum(left, *negated) : std::nullopt;
}

std::optional<Poly> Poly::product(const Poly &left, const Poly &right) {
  Poly result;
  for (const Term &first : left.list)
    for (const Term &second : right.list) {
      Term term{0, first.atoms};
      if (llvm::MulOverflow(first.factor, second.factor, term.factor))
        return std::nullopt;
      term.atoms.append(second.atoms);
      llvm::sort(term.atoms);
      if (term.atoms.size() > maxTerms || !result.add(term))
        return std::nullopt;
    }
  return result;
}

} // namespace awg::race
