// The one-to-one maps from indices to elements.
#include "frontend/Check/RaceSubscript.h"

#include "llvm/ADT/Twine.h"

namespace awg::race {

/// Subscripts are taken modulo 2^64, so a map is one-to-one only if all its subscripts lie within a range of that size.
/// Sorted by size, each coefficient times its variable's extent bounds what the smaller ones add up to: the range is below
/// the largest coefficient times its extent. Extents of different index variables multiply to the number of indices at most,
/// of which the runtime launches no more than 2^44 (runtime/device/Launch.cpp). So a literal factor may be 2^20 beside them,
/// and 2^31 alone where the variable's own extent is a literal below 2^31. A variable times its own extent, `i * n`, counts
/// that twice: such launches have one index variable and no more than 2^31 indices. An extent of a phase that
/// is no literal has no limit but time: with a factor up to 2^8, 2^56 steps of one launch come before it wraps around. Offsets are
/// the same for all indices and may wrap. A check of bounds does not help: an `if` around the write may pass over the indices in between, which would fail it.
static constexpr int64_t maxFactor = int64_t(1) << 31;
static constexpr int64_t maxOpenFactor = int64_t(1) << 20;
static constexpr int64_t maxPhaseFactor = int64_t(1) << 8;

/// The polynomial by index variables, if no product of two of them occurs.
std::optional<Subscripts::Linear> Subscripts::split(const Poly &poly) const {
  Linear linear;
  linear.coefficients.resize(space.indices.size());
  for (const Term &term : poly.terms()) {
    // Atoms are sorted, and the index variables are the first of all.
    unsigned indices = llvm::count_if(term.atoms, [&](Atom atom) { return atom < space.indices.size(); });
    if (indices > 1)
      return std::nullopt;
    if (indices == 0) {
      linear.rest.add(term);
      continue;
    }
    Term factor{term.factor, Atoms(term.atoms.begin() + 1, term.atoms.end())};
    linear.coefficients[term.atoms[0]].add(factor);
  }
  return linear;
}

/// The polynomial as a literal times a product of the header's extents, or none.
std::optional<Coefficient> Subscripts::coefficient(const Poly &poly) const {
  if (poly.terms().empty())
    return std::nullopt;
  for (unsigned subset = 0; subset != 1u << extents.size(); ++subset) {
    Poly product = Poly::literal(1);
    Coefficient found;
    bool isUsable = true;
    for (unsigned index = 0; index != extents.size() && isUsable; ++index) {
      if (!(subset >> index & 1))
        continue;
      std::optional<Poly> next = Poly::product(product, extents[index]);
      isUsable = next && !extents[index].asLiteral();
      if (isUsable)
        product = *next;
      found.extents.push_back(extentNumbers[index]);
    }
    if (!isUsable || poly.terms()[0].factor % product.terms()[0].factor != 0)
      continue;
    found.factor = poly.terms()[0].factor / product.terms()[0].factor;
    std::optional<Poly> scaled = Poly::product(product, Poly::literal(found.factor));
    if (!scaled || !(*scaled == poly) || found.factor <= -maxFactor || found.factor >= maxFactor)
      continue;
    llvm::sort(found.extents);
    return found;
  }
  return std::nullopt;
}

/// Whether no product of the index variable and its coefficient wraps around.
bool Subscripts::staysInRange(const Coefficient &coefficient, unsigned index) const {
  std::optional<int64_t> literal = extents[index].asLiteral();
  int64_t factor = std::abs(coefficient.factor);
  if (isSquare(coefficient, index))
    return space.indices.size() == 1 && factor == 1;
  for (unsigned phase = groupIndices; phase < extents.size(); ++phase)
    if (!extents[phase].asLiteral() && (phase == index || llvm::is_contained(coefficient.extents, extentNumbers[phase])))
      return factor <= maxPhaseFactor;
  if (coefficient.extents.empty())
    return factor <= (literal && *literal < maxFactor ? maxFactor : maxOpenFactor);
  // The indices of a phase come on top of the launch's.
  int64_t repeated = literal && index >= groupIndices ? std::max<int64_t>(*literal, 1) : 1;
  return factor <= maxOpenFactor / repeated;
}

/// Whether the extents in the coefficient, with the variable's own, are more than those of different variables.
bool Subscripts::isSquare(const Coefficient &coefficient, unsigned index) const {
  if (extents[index].asLiteral())
    return false;
  llvm::SmallVector<unsigned, 6> open, used(coefficient.extents.begin(), coefficient.extents.end());
  used.push_back(extentNumbers[index]);
  for (auto [extent, number] : llvm::zip(extents, extentNumbers))
    if (!extent.asLiteral())
      open.push_back(number);
  llvm::sort(open);
  llvm::sort(used);
  return !std::includes(open.begin(), open.end(), used.begin(), used.end());
}

/// `larger` is, in size, no less than `smaller` times the extent of the index variable. Every extent is at least 1 where
/// the body runs at all.
bool Subscripts::isAtLeast(const Coefficient &larger, const Coefficient &smaller, unsigned index) const {
  Coefficient bound = smaller;
  if (std::optional<int64_t> literal = extents[index].asLiteral()) {
    if (*literal <= 0 || *literal >= maxFactor)
      return *literal <= 0;
    bound.factor *= *literal;
  } else {
    bound.extents.push_back(extentNumbers[index]);
    llvm::sort(bound.extents);
  }
  return std::abs(larger.factor) >= std::abs(bound.factor) &&
         std::includes(larger.extents.begin(), larger.extents.end(), bound.extents.begin(), bound.extents.end());
}

/// Some order of these index variables has each coefficient at least the one before times that variable's extent.
bool Subscripts::isOneToOne(llvm::ArrayRef<Coefficient> coefficients, llvm::ArrayRef<unsigned> indices) const {
  llvm::SmallVector<unsigned, 6> order(indices);
  do {
    bool fits = true;
    for (size_t next = 1; next < order.size() && fits; ++next)
      fits = isAtLeast(coefficients[order[next]], coefficients[order[next - 1]], order[next - 1]);
    if (fits)
      return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

/// The map by which each index variable stands in the subscript at its position, if that is one.
std::optional<Map> Subscripts::mapOf(Linears subscripts, llvm::ArrayRef<unsigned> positions) {
  Map map;
  map.positions.assign(positions.begin(), positions.end());
  for (auto [index, position] : llvm::enumerate(positions)) {
    std::optional<Coefficient> known = coefficient(subscripts[position]->coefficients[index]);
    if (!known || !staysInRange(*known, index))
      return std::nullopt;
    hasSquares |= isSquare(*known, index);
    map.coefficients.push_back(*known);
  }
  for (auto [position, linear] : llvm::enumerate(subscripts)) {
    llvm::SmallVector<unsigned, 6> inside;
    for (unsigned index = 0; index != positions.size(); ++index)
      if (positions[index] == position)
        inside.push_back(index);
      else if (linear && llvm::is_contained(positions, position) && !linear->coefficients[index].terms().empty())
        return std::nullopt;
    if (inside.empty())
      continue;
    if (!isOneToOne(map.coefficients, inside))
      return std::nullopt;
    map.offsets.push_back(linear->rest);
  }
  return map;
}

/// Tries all ways to find each index variable in a subscript; `positions` are those of the first ones.
void Subscripts::addMaps(Linears subscripts, llvm::SmallVectorImpl<unsigned> &positions,
                         llvm::SmallVectorImpl<Map> &found) {
  size_t index = positions.size();
  if (index == space.indices.size()) {
    if (std::optional<Map> map = mapOf(subscripts, positions))
      found.push_back(*map);
    return;
  }
  for (auto [position, linear] : llvm::enumerate(subscripts)) {
    if (!linear || linear->coefficients[index].terms().empty())
      continue;
    positions.push_back(position);
    addMaps(subscripts, positions, found);
    positions.pop_back();
  }
}

std::string Subscripts::reason(Linears subscripts) const {
  for (auto [number, index] : llvm::enumerate(space.indices)) {
    bool occurs = llvm::any_of(subscripts, [&, number = number](const std::optional<Linear> &linear) {
      return !linear || !linear->coefficients[number].terms().empty();
    });
    if (!occurs)
      return ("every `" + index->name + "` has the same subscripts").str();
  }
  if (llvm::any_of(subscripts, [](const std::optional<Linear> &linear) { return !linear; }))
    return "the subscripts are not affine in the index variables";
  if (space.indices.size() == 1)
    return "the factor of `" + space.indices[0]->name.str() + "` is not a literal up to 2^20 or an extent of the `each`";
  return "the strides of the index variables do not keep their elements apart";
}

llvm::SmallVector<Map, 1> Subscripts::maps(llvm::ArrayRef<Sum> subscripts, Value &why) {
  llvm::SmallVector<std::optional<Linear>, 3> linears;
  std::optional<Value> failure;
  for (const Sum &subscript : subscripts) {
    Value found = value(subscript);
    linears.push_back(found.poly ? split(*found.poly) : std::nullopt);
    if (!found.poly && !failure)
      failure = found;
  }
  llvm::SmallVector<Map, 1> found;
  llvm::SmallVector<unsigned, 6> positions;
  addMaps(linears, positions, found);
  if (found.empty())
    why = failure ? *failure : Value{std::nullopt, reason(linears), nullptr};
  return found;
}

//===-- Families --------------------------------------------------------------------------------------------------===//

Family::Family(const Map &first) : first(first) {
  bool isJoint = first.offsets.size() == 1;
  isUniform = true;
  stride = 1;
  shiftOf[0] = 0;
  if (!isJoint)
    return;
  const Coefficient *smallest = nullptr;
  for (const Coefficient &coefficient : first.coefficients)
    if (coefficient.extents.empty() && (!smallest || std::abs(coefficient.factor) < std::abs(smallest->factor)))
      smallest = &coefficient;
  // A stride with extents in it is never the smallest where a literal one stands beside it: the order asks for that.
  stride = smallest ? std::optional<int64_t>(std::abs(smallest->factor)) : std::nullopt;
  for (const Coefficient &coefficient : first.coefficients)
    isUniform &= stride && coefficient.factor % *stride == 0;
}

bool Family::add(const Map &map) {
  if (map.positions != first.positions || map.coefficients != first.coefficients)
    return false;
  int64_t shift = 0;
  for (auto [mine, other] : llvm::zip(first.offsets, map.offsets)) {
    std::optional<Poly> difference = Poly::difference(other, mine);
    std::optional<int64_t> literal = difference ? difference->asLiteral() : std::nullopt;
    if (!literal || (*literal != 0 && first.offsets.size() > 1))
      return false;
    shift = *literal;
  }
  if (!stride)
    return shift == 0;
  if (shift <= -maxFactor || shift >= maxFactor)
    return false;
  if (!isUniform && std::max(greatest, shift) - std::min(least, shift) >= *stride)
    return false;
  int64_t residue = (shift % *stride + *stride) % *stride;
  auto [entry, isNew] = shiftOf.try_emplace(residue, shift);
  if (entry->second != shift)
    return false;
  least = std::min(least, shift);
  greatest = std::max(greatest, shift);
  return true;
}

} // namespace awg::race
