// Builds constant globals.
#include "lowering/StaticData.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace awg::lowering;

StaticData::StaticData(ModuleOp module) : module(module), builder(module.getBodyRegion()) {
  for (auto global : module.getOps<LLVM::GlobalOp>())
    counter += global.getName().starts_with("awg$data_");
}

StringAttr StaticData::create(StringRef prefix, Type type, Attribute value, ArrayRef<Field> fields,
                              unsigned alignment) {
  Location loc = builder.getUnknownLoc();
  StringAttr name = builder.getStringAttr("awg$data_" + prefix + "_" + Twine(counter++));
  builder.setInsertionPointToStart(module.getBody());
  auto global = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Private, name, value,
                                       alignment);
  if (fields.empty())
    return name;
  OpBuilder init(builder.getContext());
  init.createBlock(&global.getInitializerRegion());
  Value record = LLVM::PoisonOp::create(init, loc, type);
  for (auto [k, field] : llvm::enumerate(fields)) {
    Type fieldType = cast<LLVM::LLVMStructType>(type).getBody()[k];
    Value element;
    if (field.kind != Field::Address)
      element = LLVM::ConstantOp::create(init, loc, fieldType, init.getIntegerAttr(fieldType, field.value));
    else if (field.symbol)
      element = LLVM::AddressOfOp::create(init, loc, fieldType, field.symbol);
    else
      element = LLVM::ZeroOp::create(init, loc, fieldType);
    record = LLVM::InsertValueOp::create(init, loc, record, element, ArrayRef<int64_t>(k));
  }
  LLVM::ReturnOp::create(init, loc, record);
  return name;
}

StringAttr StaticData::bytes(StringRef data) {
  StringAttr &name = known["b" + data.str()];
  if (!name)
    name = create("bytes", LLVM::LLVMArrayType::get(builder.getI8Type(), data.size()), builder.getStringAttr(data), {},
                  1);
  return name;
}

StringAttr StaticData::cString(StringRef text) { return bytes(text.str() + '\0'); }

StringAttr StaticData::str(StringRef text) {
  StringAttr &name = known["s" + text.str()];
  if (name)
    return name;
  // {i64 references, i64 length, bytes}: as one byte array, so that the initialiser is plain data.
  std::string data(16, '\0');
  int64_t references = -1, length = text.size();
  memcpy(data.data(), &references, 8);
  memcpy(data.data() + 8, &length, 8);
  data += text;
  data += '\0';
  return name = create("str", LLVM::LLVMArrayType::get(builder.getI8Type(), data.size()), builder.getStringAttr(data),
                       {}, 8);
}

StringAttr StaticData::record(StringRef prefix, ArrayRef<Field> fields) {
  std::string key = ("r" + prefix).str();
  SmallVector<Type> types;
  for (const Field &field : fields) {
    key += llvm::formatv(";{0},{1},{2}", int(field.kind), field.value, field.symbol ? field.symbol.getValue() : "");
    types.push_back(field.kind == Field::I64   ? Type(builder.getI64Type())
                    : field.kind == Field::I32 ? Type(builder.getI32Type())
                                               : Type(LLVM::LLVMPointerType::get(builder.getContext())));
  }
  if (StringAttr name = known.lookup(key))
    return name;
  Type type = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  return known[key] = create(prefix, type, Attribute(), fields, 8);
}

/// The first place in a location, whatever it is wrapped in.
static FileLineColLoc findPlace(Location loc) {
  FileLineColLoc place;
  loc->walk([&](Location inner) {
    if (auto found = dyn_cast<FileLineColLoc>(inner)) {
      place = found;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return place;
}

SmallVector<StaticData::Field> StaticData::placeFields(Location loc, StringRef function, StringRef name) {
  StringAttr caller;
  if (auto inlined = dyn_cast<CallSiteLoc>(loc)) {
    caller = this->place(inlined.getCaller(), function);
    loc = inlined.getCallee();
    if (auto named = dyn_cast<NameLoc>(loc))
      function = named.getName();
  }
  FileLineColLoc place = findPlace(loc);
  return {address(cString(place ? place.getFilename().getValue() : "")), address(cString(function)),
          i32(place ? place.getLine() : 0), i32(place ? place.getColumn() : 0),
          address(name.empty() ? StringAttr() : cString(name)), address(caller)};
}

StringAttr StaticData::place(Location loc, StringRef function, StringRef name) {
  return record("place", placeFields(loc, function, name));
}

SmallVector<StaticData::Field> StaticData::siteFields(Location loc, StringRef function, StringRef format,
                                                      ArrayRef<int8_t> kinds) {
  SmallVector<Field> fields = placeFields(loc, function);
  fields.push_back(address(cString(format)));
  StringRef kindBytes(reinterpret_cast<const char *>(kinds.data()), kinds.size());
  fields.push_back(address(kinds.empty() ? StringAttr() : bytes(kindBytes)));
  fields.push_back(i32(kinds.size()));
  fields.push_back(i32(0)); // padding
  return fields;
}

Value StaticData::addressOf(OpBuilder &builder, Location loc, StringAttr symbol) {
  return LLVM::AddressOfOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext()), symbol);
}
