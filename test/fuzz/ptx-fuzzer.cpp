// libFuzzer's target for the emulator's parser and translator: a text goes through cuModuleLoadData, which takes or refuses it.
#include "emulator/api/Functions.h"

#include <cstdlib>
#include <string>

using namespace awg::cuda;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static const bool isReady = [] {
    setenv("AWG_EMU_QUIET", "1", 1);
    setenv("AWG_EMU_MEMORY", "16M", 1);
    Context context = nullptr;
    return cuInit(0) == Result::Success && cuDevicePrimaryCtxRetain(&context, 0) == Result::Success &&
           cuCtxSetCurrent(context) == Result::Success;
  }();
  if (!isReady)
    abort();
  // The header is given, so that mutations are of what comes after it.
  std::string text = ".version 8.0\n.target sm_90\n.address_size 64\n";
  text.append(reinterpret_cast<const char *>(data), size);
  Module module = nullptr;
  if (cuModuleLoadData(&module, text.c_str()) == Result::Success)
    cuModuleUnload(module);
  return 0;
}
