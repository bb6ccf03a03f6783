// What all parts of the interface need: its version, its types, and how it is declared.
#ifndef AWG_RT_BASE_H
#define AWG_RT_BASE_H

#include <stddef.h>
#include <stdint.h>

// The runtime is built with hidden symbols, apart from this interface: a process that runs compiled code in memory
// finds these by name.
#ifdef __cplusplus
#define AWGRT_BEGIN _Pragma("GCC visibility push(default)") extern "C" {
#define AWGRT_END                                                                                                      \
  }                                                                                                                    \
  _Pragma("GCC visibility pop")
#else
#define AWGRT_BEGIN _Pragma("GCC visibility push(default)")
#define AWGRT_END _Pragma("GCC visibility pop")
#endif

/// Raised whenever compiled code and runtime of two versions would not fit together.
#define AWGRT_ABI_VERSION 4

typedef struct awgrt_runtime awgrt_runtime;
typedef struct awgrt_task awgrt_task;
typedef struct awgrt_error awgrt_error;
typedef struct awgrt_str awgrt_str;
typedef struct awgrt_array awgrt_array;
typedef struct awgrt_chan awgrt_chan;

#endif // AWG_RT_BASE_H
