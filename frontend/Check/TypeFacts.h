// What the checker asks of types and expressions by themselves (Types.cpp).
#ifndef AWG_FRONTEND_CHECK_TYPEFACTS_H
#define AWG_FRONTEND_CHECK_TYPEFACTS_H

#include "frontend/AST/AST.h"

namespace awg {

/// `e` without the parentheses around it; of `shapes.limit` what it stands for.
Expr *stripParens(Expr *expr);
/// Sets the type of `outer` and of what its parentheses hold, down to `inner`.
void setThrough(Expr *outer, Expr *inner, const Type *type);

/// It is a future or an array of futures.
bool holdsFuture(const Type *type);
/// A device can hold it: a scalar, a tuple of such, or an array of what owns no array.
bool isPlainData(const Type *type);
/// `==` has a meaning for its values: it holds no array and no future.
bool isComparable(const Type *type);
/// What a value of that type is, as a report says it: "of type `f32`".
std::string described(const Type *type);
/// The constant that `expr` is: a literal or the name of an immutable `let` of one.
std::optional<int64_t> constantOf(Expr *expr);
bool mayBeZero(Expr *divisor);
/// It is a type parameter, or made of one.
bool holdsParam(const Type *type);

} // namespace awg

#endif // AWG_FRONTEND_CHECK_TYPEFACTS_H
