// Subscripts of an `each` in normal form, and the one-to-one maps from indices to elements that they make.
#ifndef AWG_FRONTEND_CHECK_RACESUBSCRIPT_H
#define AWG_FRONTEND_CHECK_RACESUBSCRIPT_H

#include "frontend/AST/AST.h"
#include "frontend/Check/RacePoly.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace awg::race {

/// What an `each` declares and changes, as its body was walked.
struct Names {
  /// Variables declared inside, and what their subscripts may say of them.
  llvm::DenseSet<const VarDecl *> inside;
  /// The initialisers of the immutable ones that a `let` names; of one in a tuple, its part where that is written out.
  llvm::DenseMap<const VarDecl *, const Expr *> lets;
  /// The variables of loops and inner `each`es.
  llvm::DenseSet<const VarDecl *> loopVars;
  /// Variables from outside that the body writes, arrays and scalars.
  llvm::DenseSet<const VarDecl *> written;
  /// What an expression stands for: `lets` and the members of tuples that are written out are seen through.
  const Expr *meaning(const Expr *expr) const;
};

/// A subscript of an array as a sum: where views of it begin, and the subscript in the last of them. Empty: any of a range.
using Sum = llvm::SmallVector<const Expr *, 1>;

/// A subscript's polynomial, or why it has none.
struct Value {
  std::optional<Poly> poly;
  std::string why;               ///< e.g. "`k` is the variable of a loop inside"
  const VarDecl *loopVar = nullptr; ///< the loop variable that `why` names
};

/// The index variables over which accesses are compared, and their extents: those of an `each`; in a block kernel those of
/// the blocks, then those of an inner `each`.
struct IndexSpace {
  llvm::SmallVector<const VarDecl *, 6> indices;
  llvm::SmallVector<const Expr *, 6> extents;
  void add(const EachExpr &each) {
    indices.append(each.indices.begin(), each.indices.end());
    extents.append(each.extents.begin(), each.extents.end());
  }
  /// `b, i`.
  std::string list() const;
};

/// What the index spaces of one kernel have in common: the numbers of its symbols and of its extents. The first symbols
/// are the index variables, by their place in their space.
class SymbolTable {
public:
  static constexpr unsigned mostIndices = 6;
  SymbolTable();
  Atom atomOf(StringRef key) { return atoms.try_emplace(key, atoms.size()).first->second; }
  /// Equal extents have equal numbers.
  unsigned numberOf(const Poly &extent);

private:
  llvm::StringMap<Atom> atoms;
  std::vector<Poly> extents;
};

/// The factor of an index variable: a literal times some of the header's extents.
struct Coefficient {
  int64_t factor = 0;
  llvm::SmallVector<unsigned, 2> extents; ///< sorted numbers
  bool operator==(const Coefficient &other) const = default;
};

/// A one-to-one map from the indices to elements, or to slices of elements that no other index touches: each index
/// variable stands in one subscript, and each of these subscripts tells all that stand in it.
struct Map {
  /// The subscript in which each index variable stands.
  llvm::SmallVector<unsigned, 3> positions;
  llvm::SmallVector<Coefficient, 3> coefficients;
  /// The rest of each of these subscripts, in their order.
  llvm::SmallVector<Poly, 1> offsets;
};

/// Maps that one array is accessed by: the same one throughout, or ones that differ by constants that keep the elements
/// of different indices apart.
class Family {
public:
  explicit Family(const Map &first);
  /// Adds a map; false, and nothing added, if elements of different indices might meet.
  bool add(const Map &map);

private:
  Map first;
  std::optional<int64_t> stride; ///< the smallest, if it is a literal
  bool isUniform = false;        ///< every stride is a multiple of it
  int64_t least = 0, greatest = 0;
  llvm::DenseMap<int64_t, int64_t> shiftOf; ///< by residue modulo the stride
};

/// Brings subscripts into normal form and finds their maps.
class Subscripts {
public:
  Subscripts(IndexSpace space, unsigned groupIndices, const Names &names, SymbolTable &symbols);

  Value value(const Expr *expr);
  /// The maps that an access with these subscripts follows; empty with a reason in `why` if none is one-to-one.
  llvm::SmallVector<Map, 1> maps(llvm::ArrayRef<Sum> subscripts, Value &why);

  /// Whether a map that was found multiplies the index variable by its own extent.
  bool multipliesByItself() const { return hasSquares; }

  const IndexSpace space;

private:
  /// The parts of a polynomial: a coefficient for each index variable, and the rest.
  struct Linear {
    llvm::SmallVector<Poly, 3> coefficients;
    Poly rest;
  };
  using Linears = llvm::ArrayRef<std::optional<Linear>>;

  Value value(const Sum &sum);
  Value evaluate(const Expr *expr, unsigned depth);
  Value evaluateVariable(const VarDecl *var, const Expr *expr, unsigned depth);
  Value evaluateBinary(const BinaryExpr &expr, unsigned depth);
  Value evaluateCall(const CallExpr &call, unsigned depth);
  Value opaque(const Expr *expr);
  /// A text that is the same for expressions of the same value, if the value is constant throughout a launch.
  std::optional<std::string> launchKey(const Expr *expr, unsigned depth);
  std::optional<std::string> callKey(const CallExpr &call, unsigned depth);
  bool isLaunchConstant(const VarDecl *var) const;
  Atom atomOf(llvm::StringRef key) { return symbols.atomOf(key); }
  Value extentOf(const Expr *array, uint64_t dimension, unsigned depth);
  static std::string placeKey(const Expr *place);

  std::optional<Linear> split(const Poly &poly) const;
  std::optional<Coefficient> coefficient(const Poly &poly) const;
  bool staysInRange(const Coefficient &coefficient, unsigned index) const;
  bool isSquare(const Coefficient &coefficient, unsigned index) const;
  bool isOneToOne(llvm::ArrayRef<Coefficient> coefficients, llvm::ArrayRef<unsigned> indices) const;
  bool isAtLeast(const Coefficient &larger, const Coefficient &smaller, unsigned index) const;
  void addMaps(Linears subscripts, llvm::SmallVectorImpl<unsigned> &positions, llvm::SmallVectorImpl<Map> &found);
  std::optional<Map> mapOf(Linears subscripts, llvm::ArrayRef<unsigned> positions);
  std::string reason(Linears subscripts) const;

  const Names &names;
  SymbolTable &symbols;
  llvm::DenseMap<const VarDecl *, Value> letValues;
  llvm::SmallVector<Poly, 3> extents;
  llvm::SmallVector<unsigned, 3> extentNumbers;
  const unsigned groupIndices; ///< the index variables before a phase's
  bool hasSquares = false;
};

} // namespace awg::race

#endif // AWG_FRONTEND_CHECK_RACESUBSCRIPT_H
