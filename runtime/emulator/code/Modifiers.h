// Modifiers of memory operations, in groups. Who minds one asks for it before it ignores the group.
#ifndef AWG_EMULATOR_CODE_MODIFIERS_H
#define AWG_EMULATOR_CODE_MODIFIERS_H

#include <initializer_list>
#include <string_view>

namespace awg::emu {

inline constexpr std::initializer_list<std::string_view> cacheHints = {".ca",
                                                                       ".cg",
                                                                       ".cs",
                                                                       ".lu",
                                                                       ".cv",
                                                                       ".wb",
                                                                       ".wt",
                                                                       ".nc",
                                                                       ".L1::evict_normal",
                                                                       ".L1::evict_unchanged",
                                                                       ".L1::evict_first",
                                                                       ".L1::evict_last",
                                                                       ".L1::no_allocate",
                                                                       ".L2::64B",
                                                                       ".L2::128B",
                                                                       ".L2::256B",
                                                                       ".L2::evict_first",
                                                                       ".L2::evict_last",
                                                                       ".L2::evict_normal"};
inline constexpr std::initializer_list<std::string_view> scopes = {".cta", ".cluster", ".gpu", ".sys"};
inline constexpr std::initializer_list<std::string_view> orders = {".weak",    ".relaxed",  ".acquire", ".release",
                                                                   ".acq_rel", ".volatile", ".mmio"};

} // namespace awg::emu

#endif // AWG_EMULATOR_CODE_MODIFIERS_H
