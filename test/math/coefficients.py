#!/usr/bin/env python3
"""Prints the polynomial coefficients of lang/std/math.awg, computed by Sollya.

Each row is one polynomial: minimax in the rounded coefficients (Brisebarre and
Chevillard 2007, Sollya's `fpminimax`), or a weighted Remez polynomial whose
coefficients are then rounded. Needs the package `sollya`.

usage: coefficients.py [NAME...]
"""

import struct
import subprocess
import sys

LN2_HALF = "0.3470"  # a little over ln(2) / 2
PI_4 = "0.7860"      # a little over pi / 4

# name: (function, exponents, format, interval, fixed part, "relative" or "absolute")
FITS = {
    "exp_f32": ("exp(x)", range(2, 7), "SG", f"[-{LN2_HALF};{LN2_HALF}]", "1+x", "relative"),
    "exp2_f32": ("2^x", range(1, 7), "SG", "[-0.5;0.5]", "1", "relative"),
    "log_f32": ("log(1+x)", range(2, 11), "SG", "[-0.2930;0.4143]", "x", "relative"),
    "sin_f32": ("sin(x)", range(3, 10, 2), "SG", f"[1b-20;{PI_4}]", "x", "relative"),
    "cos_f32": ("cos(x)", range(4, 9, 2), "SG", f"[1b-20;{PI_4}]", "1-x^2/2", "relative"),
    "tanh_f32": ("tanh(x)", range(3, 14, 2), "SG", "[1b-20;0.55]", "x", "relative"),
    "exp_f64": ("exp(x)", range(2, 12), "D", f"[-{LN2_HALF};{LN2_HALF}]", "1+x", "relative"),
    "exp2_f64": ("2^x", range(1, 12), "D", "[-0.5;0.5]", "1", "relative"),
    "sin_f64": ("sin(x)", range(3, 14, 2), "D", f"[1b-40;{PI_4}]", "x", "relative"),
    "cos_f64": ("cos(x)", range(4, 15, 2), "D", f"[1b-40;{PI_4}]", "1-x^2/2", "relative"),
    "log2_f32": ("log2(1+x)", range(1, 11), "SG", "[-0.2930;0.4143]", "x*single(1/log(2))", "relative"),
    "erf_f32": ("erf(x)", range(1, 14, 2), "SG", "[1b-20;1]", "x", "relative"),
    "erf_tail_f32": ("-log(erfc(x))-x", range(1, 8), "SG", "[0.95;4]", "erfc(x)", "weighted"),
    "erf_f64": ("erf(x)", range(1, 28, 2), "D", "[1b-40;0.98]", "x", "relative"),
    "erf_tail_f64": ("-log(erfc(x+1))", range(0, 18), "D", "[-0.05;4.95]", "erfc(x+1)", "weighted"),
    "pow_f32": ("log2((1+x)/(1-x))", range(5, 12, 2), "SG", "[1b-20;0.201]",
                "x*2/log(2)+x^3*2/(3*log(2))", "relative"),
    "pow_f64": ("log2((1+x)/(1-x))", range(5, 22, 2), "D", "[1b-40;0.1717]",
                "x*2/log(2)+x^3*2/(3*log(2))", "relative"),
    "rsqrt_f32": ("1/sqrt(1-x)", range(1, 5), "SG", "[1b-20;0.121]", "1", "relative"),
    "tanh_f64": ("tanh(x)", range(3, 24, 2), "D", "[1b-40;0.55]", "x", "relative"),
    # ln((1+s)/(1-s)) = 2s + s z P(z), z = s^2, |s| <= sqrt(2)-1 over sqrt(2)+1
    "log_f64": ("log((1+x)/(1-x))", range(3, 16, 2), "D", "[1b-40;0.1717]", "2*x", "relative"),
}


def literal(value, single):
    """The shortest decimal that reads back as the same number."""
    if not single:
        return repr(value)
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == value:
            return text if "." in text or "e" in text else text + ".0"
    raise ValueError(value)


def script(row):
    function, exponents, form, interval, fixed_part, mode = row
    exps = ", ".join(map(str, exponents))
    out = ["prec=200!; display=hexadecimal!; roundingwarnings=off!;"]
    if mode in ("relative", "absolute"):
        out.append(f"p = fpminimax({function}, [|{exps}|], [|{form}...|], {interval}, "
                   f"floating, {mode}, {fixed_part});")
        error = f"p/({function})-1" if mode == "relative" else f"p-({function})"
    else:
        round_to = "single" if form == "SG" else "double"
        out.append(f"w = {fixed_part}; f = {function}; p = 0; left = [|{exps}|];")
        out.append(f"for i from 1 to 4 do {{ q = remez(w*(f-p), left, {interval}, w); "
                   f"k = head(left); p = p + {round_to}(coeff(q, k)) * x^k; left = tail(left); }};")
        out.append(f"for i in left do p = p + {round_to}(coeff(q, i)) * x^i;")
        error = f"w*(p-f)"
    minus = "" if mode == "weighted" else f"-({fixed_part})"
    out.append(f"print(round(log2(dirtyinfnorm({error}, {interval})), D, RN));")
    out.append(f"for i in [|{exps}|] do print(coeff(p{minus}, i));")
    return "\n".join(out)


def main():
    for name in sys.argv[1:] or FITS:
        row = FITS[name]
        done = subprocess.run(["sollya"], input=script(row), text=True, capture_output=True)
        lines = [l for l in done.stdout.split("\n") if l.strip()]
        try:
            error, *coefficients = [float.fromhex(l) for l in lines]
        except ValueError:
            print(name, "FAILED", done.stdout[-600:], done.stderr); continue
        print(f"{name}: error 2^{error:.2f} on {row[3]}")
        for exponent, value in zip(row[1], coefficients):
            print(f"  x^{exponent:<2} {literal(value, row[2] == 'SG')}")


if __name__ == "__main__":
    main()
