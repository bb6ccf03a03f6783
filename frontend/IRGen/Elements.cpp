// Arrays and views that are at hand: their elements, extents and parts.
#include "frontend/IRGen/Elements.h"

#include "mlir/IR/Matchers.h"

#include <functional>

using namespace awg;
using arith::CmpIPredicate;

/// Of an array of units only the extents are known; its elements are bytes that take no part.
Leaves Elements::newArray(const Type *type, ArrayRef<Value> extents, bool isUninit) {
  auto *array = cast<ArrayType>(type);
  llvm::SmallVector<int8_t> kinds;
  addKinds(array->element(), kinds);
  if (kinds.empty())
    kinds.push_back(kindOf(array->element()));
  Leaves leaves;
  for (auto [leaf, kind] : llvm::zip(leavesOf(type), kinds))
    leaves.push_back(newArrayOf(llvm::cast<ir::ArrayType>(leaf).getElementType(), kind, extents, isUninit));
  return leaves;
}

Value Elements::newArrayOf(mlir::Type stored, int8_t kind, ArrayRef<Value> extents, bool isUninit) {
  // Owned elements start as nulls, so that the array can be freed when an element rejects.
  bool isRaw = isUninit && !isOwned(stored);
  auto create = make<ir::ArrayCreateOp>(errorType, ir::ArrayType::get(&context, stored, extents.size()), extents,
                                        builder.getI8IntegerAttr(kind),
                                        isRaw ? builder.getUnitAttr() : mlir::UnitAttr());
  check(create.getError());
  own(create.getArray());
  return create.getArray();
}

PlaceRef Elements::elementsAt(ArrayRef<Value> arrays, ArrayRef<Value> subscripts) {
  return {Leaves(arrays), true, elementAt(arrays.front(), subscripts).subscripts, false, nullptr};
}

void Elements::overElements(ArrayRef<Value> extents, llvm::function_ref<void(ArrayRef<Value>)> body) {
  llvm::SmallVector<Value> position;
  std::function<void()> descend = [&] {
    if (position.size() == extents.size())
      return body(position);
    countedLoop(i64(0), extents[position.size()], true, [&](Value at) {
      position.push_back(at);
      descend();
      position.pop_back();
    });
  };
  descend();
}

void Elements::checkExtent(Value array, unsigned dimension, Value wanted, StringRef name) {
  requireExtent(dim(array, dimension), wanted, name);
}

void Elements::requireExtent(Value extent, Value wanted, StringRef name) {
  Format format;
  format.addText("extents differ: ");
  format.addText(name);
  format.text += name.empty() ? "{} and {}" : " is {} and {}";
  require(compare(CmpIPredicate::eq, extent, wanted), format.text, {wanted, extent}, {4, 4});
}

Value Elements::plus(Value offset, Value position) {
  return matchPattern(offset, mlir::m_Zero()) ? position : Value(make<arith::AddIOp>(offset, position));
}

/// One unsigned comparison: a negative subscript is a large one.
void Elements::requireIndex(Value index, Value extent, const Type *type) {
  bool isHuge = type->width() == 64 && !type->isSigned();
  require(compare(CmpIPredicate::ult, index, extent), "index {} is out of range 0..{}", {index, extent},
          {int8_t(isHuge ? 8 : 4), 4});
}

ViewShape Elements::shapeOfView(const ViewRef &view) {
  return ViewShape(llvm::map_range(view.dims, [](const ViewDim &dim) { return bool(dim.extent); }));
}

/// The arrays, then of each dimension its offset and, unless it is dropped, its extent.
Leaves Elements::valuesOf(const ViewRef &view) {
  Leaves values = view.arrays;
  for (const ViewDim &dim : view.dims) {
    values.push_back(dim.offset);
    if (dim.extent)
      values.push_back(dim.extent);
  }
  return values;
}

ViewRef Elements::viewFrom(mlir::ValueRange &values, unsigned arrays, ArrayRef<bool> shape) {
  ViewRef view;
  view.arrays = Leaves(values.take_front(arrays));
  values = values.drop_front(arrays);
  for (bool isKept : shape) {
    view.dims.push_back({values[0], isKept ? values[1] : Value()});
    values = values.drop_front(isKept ? 2 : 1);
  }
  return view;
}

/// The place of an element of a view at i64 subscripts that are in range.
PlaceRef Elements::elementOf(const ViewRef &view, ArrayRef<Value> subscripts) {
  llvm::SmallVector<Value> positions;
  for (const ViewDim &dim : view.dims) {
    positions.push_back(dim.offset);
    if (dim.extent) {
      positions.back() = plus(dim.offset, subscripts.front());
      subscripts = subscripts.drop_front();
    }
  }
  return elementsAt(view.arrays, positions);
}

Value Elements::extentOf(const ViewRef &view, unsigned dimension) {
  for (const ViewDim &dim : view.dims)
    if (dim.extent && dimension-- == 0)
      return dim.extent;
  llvm_unreachable("a dimension of a view");
}
