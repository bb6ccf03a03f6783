// Arrays and views that are at hand: their elements, extents and parts (Elements.cpp).
#ifndef AWG_FRONTEND_IRGEN_ELEMENTS_H
#define AWG_FRONTEND_IRGEN_ELEMENTS_H

#include "frontend/IRGen/Arithmetic.h"

namespace awg {

class Elements : public Arithmetic {
protected:
  using Arithmetic::Arithmetic;

  /// The elements at i64 subscripts that are known to be in range, of arrays one a leaf.
  PlaceRef elementsAt(ArrayRef<Value> arrays, ArrayRef<Value> subscripts);
  /// New arrays, owned, one for each leaf of an element.
  Leaves newArray(const Type *type, ArrayRef<Value> extents, bool isUninit);
  Value newArrayOf(mlir::Type stored, int8_t kind, ArrayRef<Value> extents, bool isUninit);
  /// Runs `body` for all subscripts below the extents.
  void overElements(ArrayRef<Value> extents, llvm::function_ref<void(ArrayRef<Value>)> body);
  void checkExtent(Value array, unsigned dimension, Value wanted, StringRef name);
  void requireExtent(Value extent, Value wanted, StringRef name);

  /// Rejects if an i64 subscript, of that type in the program, is out of range.
  void requireIndex(Value index, Value extent, const Type *type);
  /// The sum of two positions, of which the first is often 0.
  Value plus(Value offset, Value position);
  static ViewShape shapeOfView(const ViewRef &view);
  /// What a device function is passed of a view, and the view that it makes of that.
  Leaves valuesOf(const ViewRef &view);
  static ViewRef viewFrom(mlir::ValueRange &values, unsigned arrays, ArrayRef<bool> shape);
  PlaceRef elementOf(const ViewRef &view, ArrayRef<Value> subscripts);
  static Value extentOf(const ViewRef &view, unsigned dimension);
};

} // namespace awg

#endif // AWG_FRONTEND_IRGEN_ELEMENTS_H
