// Kernels and launches: syntax and verification.
#include "dialects/Awg/Awg.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace awg::ir;

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name, Shape shape, int64_t rank,
                     FunctionType type, ArrayRef<int64_t> written) {
  state.addAttribute(SymbolTable::getSymbolAttrName(), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getShapeAttrName(state.name), ShapeAttr::get(builder.getContext(), shape));
  state.addAttribute(getRankAttrName(state.name), builder.getI64IntegerAttr(rank));
  state.addAttribute(getWrittenAttrName(state.name), builder.getDenseI64ArrayAttr(written));
  state.addRegion();
}

// awg.kernel @name SHAPE rank N (args) -> type written [..] [combiner @f] [attributes {...}] { body }
ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  StringAttr name;
  StringRef shapeName;
  int64_t rank;
  SMLoc shapeLoc;
  if (parser.parseSymbolName(name, SymbolTable::getSymbolAttrName(), result.attributes) ||
      parser.getCurrentLocation(&shapeLoc) || parser.parseKeyword(&shapeName) || parser.parseKeyword("rank") ||
      parser.parseInteger(rank))
    return failure();
  std::optional<Shape> shape = symbolizeShape(shapeName);
  if (!shape)
    return parser.emitError(shapeLoc) << "'" << shapeName << "' is no kernel shape";
  SmallVector<OpAsmParser::Argument> args;
  SmallVector<Type> results, inputs;
  if (parser.parseArgumentList(args, OpAsmParser::Delimiter::Paren, /*allowType=*/true) ||
      parser.parseOptionalArrowTypeList(results) || parser.parseKeyword("written"))
    return failure();
  SmallVector<int64_t> written;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, [&] {
        return parser.parseInteger(written.emplace_back());
      }))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("combiner"))) {
    FlatSymbolRefAttr combiner;
    if (parser.parseAttribute(combiner, getCombinerAttrName(result.name), result.attributes))
      return failure();
  }
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  for (auto &arg : args)
    inputs.push_back(arg.type);
  result.addAttribute(getFunctionTypeAttrName(result.name), TypeAttr::get(builder.getFunctionType(inputs, results)));
  result.addAttribute(getShapeAttrName(result.name), ShapeAttr::get(builder.getContext(), *shape));
  result.addAttribute(getRankAttrName(result.name), builder.getI64IntegerAttr(rank));
  result.addAttribute(getWrittenAttrName(result.name), builder.getDenseI64ArrayAttr(written));
  return parser.parseRegion(*result.addRegion(), args);
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  printer << ' ' << stringifyShape(getShape()) << " rank " << getRank() << " (";
  llvm::interleaveComma(getArguments(), printer, [&](BlockArgument arg) { printer.printRegionArgument(arg); });
  printer << ")";
  printer.printOptionalArrowTypeList(getResultTypes());
  printer << " written [";
  llvm::interleaveComma(getWritten(), printer);
  printer << "]";
  if (auto combiner = getCombinerAttr())
    printer << " combiner " << combiner;
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {getSymNameAttrName(), getFunctionTypeAttrName(), getShapeAttrName(),
                                            getRankAttrName(), getWrittenAttrName(), getCombinerAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult KernelOp::verify() {
  int64_t rank = getRank();
  ArrayRef<Type> inputs = getArgumentTypes();
  if (rank < 1 || rank > 3)
    return emitOpError() << "has rank " << rank << ", not 1 to 3";
  if (int64_t(inputs.size()) < 2 * rank)
    return emitOpError() << "has " << inputs.size() << " arguments, too few for its indices and extents";
  for (Type input : inputs.take_front(2 * rank))
    if (!input.isInteger(64))
      return emitOpError() << "has an index or extent of type " << input;
  if (getResultTypes().size() != (getShape() == Shape::Each ? 0u : 1u))
    return emitOpError() << "of shape " << stringifyShape(getShape()) << " gives " << getResultTypes().size()
                         << " values";
  if (getShape() == Shape::Reduce ? !getCombinerAttr() : getCombinerAttr() && getShape() != Shape::Scan)
    return emitOpError() << "needs a combiner if its shape is reduce, may have one if it is scan, and has none otherwise";
  if (getJoins() && (getShape() != Shape::Scan || getCombinerAttr()))
    return emitOpError() << "is no scan without a combiner, and joins nothing";
  if (getShape() == Shape::Xor)
    return emitOpError() << "of shape xor: only a scan joins so";
  if ((getBlock() || getPhase()) && getShape() != Shape::Each)
    return emitOpError() << "of shape " << stringifyShape(getShape()) << " is neither of a block nor of a phase";
  if (std::optional<ArrayAttr> sizes = getSizes()) {
    size_t count = rank;
    for (Type input : inputs.drop_front(2 * rank))
      count += isa<MemRefType>(input) ? cast<MemRefType>(input).getRank() : 1;
    if (sizes->size() != count)
      return emitOpError() << "has " << sizes->size() << " sizes, not " << count;
    for (Attribute size : *sizes)
      if (!isa<StringAttr, IntegerAttr, UnitAttr>(size))
        return emitOpError() << "has the size " << size << ", which is no name, integer or unit";
  }
  for (int64_t index : getWritten())
    if (index < 2 * rank || index >= int64_t(inputs.size()) || !isa<MemRefType>(inputs[index]))
      return emitOpError() << "writes argument " << index << ", which is no array";
  return success();
}

LogicalResult YieldOp::verify() {
  auto kernel = cast<KernelOp>((*this)->getParentOp());
  if (getValues().getTypes() != TypeRange(kernel.getResultTypes()))
    return emitOpError() << "yields " << getValues().getTypes() << " in a kernel of " << kernel.getResultTypes();
  return success();
}

LogicalResult LaunchOp::verify() {
  auto leaves = getFuture().getType().getLeaves();
  if (getResult() && leaves != ArrayRef<Type>(getResult().getType()))
    return emitOpError() << "fills " << getResult().getType() << " and gives " << leaves;
  return success();
}

LogicalResult PhaseOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel || !kernel.getPhase())
    return emitOpError() << getKernelAttr() << " is no phase kernel";
  if (getGrid().size() != kernel.getRank())
    return emitOpError() << "has " << getGrid().size() << " extents for rank " << kernel.getRank();
  if (kernel.getArgumentTypes().drop_front(2 * kernel.getRank()) != getArgs().getTypes())
    return emitOpError() << "passes " << getArgs().getTypes() << " to a kernel of other parameters";
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError() << getKernelAttr() << " is no kernel";
  if (getGrid().size() != kernel.getRank())
    return emitOpError() << "has " << getGrid().size() << " extents for rank " << kernel.getRank();
  auto params = kernel.getArgumentTypes().drop_front(2 * kernel.getRank());
  if (params.size() != getArgs().size())
    return emitOpError() << "passes " << getArgs().size() << " arguments, not " << params.size();
  for (auto [param, arg] : llvm::zip(params, getArgs().getTypes())) {
    auto memref = dyn_cast<MemRefType>(param);
    auto array = dyn_cast<ArrayType>(arg);
    bool fits = memref ? array && array.getElementType() == memref.getElementType() &&
                             int64_t(array.getRank()) == memref.getRank()
                       : param == arg;
    if (!fits)
      return emitOpError() << "passes " << arg << " for " << param;
  }
  return success();
}
