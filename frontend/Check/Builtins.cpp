// The table of builtin functions and its index by name.
#include "frontend/Check/Builtins.h"

#include "llvm/ADT/StringMap.h"

using namespace awg;

static const Builtin table[] = {
#define AWG_BUILTIN(ID, NAME, SIGNATURE, PROPERTIES)                                                                   \
  {BuiltinId::ID, NAME, BuiltinSignature::SIGNATURE, unsigned(PROPERTIES)},
#include "frontend/Check/Builtins.def"
};

llvm::ArrayRef<Builtin> awg::builtins() { return table; }

const Builtin *awg::findBuiltin(llvm::StringRef name) {
  static const llvm::StringMap<const Builtin *> index = [] {
    llvm::StringMap<const Builtin *> result;
    for (const Builtin &builtin : table)
      result[builtin.name] = &builtin;
    return result;
  }();
  return index.lookup(name);
}
