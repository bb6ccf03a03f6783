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
  /// The initialisers of the immutable ones that a `let` names.
  llvm::DenseMap<const VarDecl *, const Expr *> lets;
  /// The variables of loops and inner `each`es.
  llvm::DenseSet<const VarDecl *> loopVars;
  /// Variables from outside that the body writes, arrays and scalars.
  llvm::DenseSet<const VarDecl *> written;
};

/// A subscript's polynomial, or why it has none.
struct Value {
  std::optional<Poly> poly;
  std::string why;               ///< e.g. "`k` is the variable of a loop inside"
  const VarDecl *loopVar = nullptr; ///< the loop variable that `why` names
};

/// The factor of an index variable: a literal times some of the header's extents.
struct Coefficient {
  int64_t factor = 0;
  llvm::SmallVector<unsigned, 2> extents; ///< sorted, numbered so that equal extents have equal numbers
  bool operator==(const Coefficient &other) const = default;
};

/// A one-to-one map from the indices to elements, or to slices of elements that no other index touches.
struct Map {
  /// The subscript in which each index variable stands.
  llvm::SmallVector<unsigned, 3> positions;
  llvm::SmallVector<Coefficient, 3> coefficients;
  /// The rest of each subscript in `positions`; one if all variables stand in the same.
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
  Subscripts(const EachExpr &each, const Names &names);

  Value value(const Expr *expr);
  /// The maps that an access with these subscripts follows; empty with a reason in `why` if none is one-to-one.
  llvm::SmallVector<Map, 1> maps(llvm::ArrayRef<Expr *> subscripts, Value &why);

private:
  /// The parts of a polynomial: a coefficient for each index variable, and the rest.
  struct Linear {
    llvm::SmallVector<Poly, 3> coefficients;
    Poly rest;
  };

  Value evaluate(const Expr *expr, unsigned depth);
  Value evaluateName(const NameExpr &name, unsigned depth);
  Value evaluateBinary(const BinaryExpr &expr, unsigned depth);
  Value evaluateCall(const CallExpr &call, unsigned depth);
  Value opaque(const Expr *expr);
  /// A text that is the same for expressions of the same value, if the value is constant throughout a launch.
  std::optional<std::string> launchKey(const Expr *expr, unsigned depth);
  std::optional<std::string> callKey(const CallExpr &call, unsigned depth);
  bool isLaunchConstant(const VarDecl *var) const;
  Atom atomOf(llvm::StringRef key);
  Value extentOf(const Expr *array, uint64_t dimension);
  static std::string placeKey(const Expr *place);

  std::optional<Linear> split(const Poly &poly) const;
  std::optional<Coefficient> coefficient(const Poly &poly) const;
  bool isOneToOne(llvm::ArrayRef<Coefficient> coefficients) const;
  bool isAtLeast(const Coefficient &larger, const Coefficient &smaller, unsigned index) const;
  void addSeparate(llvm::ArrayRef<std::optional<Linear>> subscripts, llvm::SmallVectorImpl<Map> &found) const;
  void addJoint(llvm::ArrayRef<std::optional<Linear>> subscripts, llvm::SmallVectorImpl<Map> &found) const;
  std::string reason(llvm::ArrayRef<std::optional<Linear>> subscripts) const;
  void numberExtents();

  const EachExpr &each;
  const Names &names;
  llvm::StringMap<Atom> atoms;
  llvm::DenseMap<const VarDecl *, Value> letValues;
  llvm::SmallVector<std::optional<Poly>, 3> extents; ///< of the header
  llvm::SmallVector<unsigned, 3> extentNumbers;
};

} // namespace awg::race

#endif // AWG_FRONTEND_CHECK_RACESUBSCRIPT_H
