// Whatever is left of the awg dialect is a fault, types too.
// RUN: %awg-opt --awg-verify-lowered %s -verify-diagnostics -split-input-file

func.func @operation() {
  // expected-error@+1 {{of the awg dialect}}
  %0 = awg.null : !awg.error
  return
}

// -----

// expected-error@+1 {{of the awg dialect}}
func.func private @type(!awg.str)

// -----

func.func @lowered(%a: i64) -> i64 {
  return %a : i64
}
