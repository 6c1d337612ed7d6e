package document

import (
	"bytes"
	"strconv"

	"fluent-bit-confluence/internal/scan"
)

// asInt, asUint and asFloat read a JSON number, where that loses nothing.

// AsInt and asUint hold for a number without a fraction or an exponent.
func AsInt(literal []byte) (int64, bool) {
	if len(literal) <= 18 && scan.Digits(literal, 0) == len(literal) {
		var n int64
		for _, c := range literal {
			n = 10*n + int64(c-'0')
		}
		return n, true
	}
	if isFloat(literal) {
		return 0, false // and an error of strconv is not worth its memory
	}
	n, err := strconv.ParseInt(string(literal), 10, 64)
	return n, err == nil
}

// AsUint is a number that is a whole one, not negative, and fits.
func AsUint(literal []byte) (uint64, bool) {
	if isFloat(literal) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(literal), 10, 64)
	return n, err == nil
}

// isFloat tells whether a number has a fraction or an exponent.
func isFloat(literal []byte) bool { return bytes.ContainsAny(literal, ".eE") }

// AsFloat holds for a number with a fraction or an exponent that is the same decimal when the float
// is written with as many digits as it takes to tell it from its neighbours. Integers are not its
// business: those of more than 64 bits would lose digits on the way through Fluent Bit, which
// prints 16.
func AsFloat(literal []byte) (float64, bool) {
	if !isFloat(literal) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(literal), 64)
	if err != nil {
		return 0, false
	}
	var is, want [64]byte
	shortest := appendNumber(is[:0], strconv.AppendFloat(want[:0], f, 'e', -1, 64))
	return f, bytes.Equal(shortest, appendNumber(want[:0], literal))
}

// appendNumber appends a form that all JSON spellings of the same number share, without rounding:
// an integer of up to 20 digits plain, any other number as its digits, "e" and the exponent, so
// 1.50 and 15e-1 are 15e-1. Exponents beyond nine digits are left as they are spelt.
func appendNumber(dst, literal []byte) []byte {
	const plain = 20
	if len(literal) <= plain && scan.Digits(literal, 0) == len(literal) {
		return append(dst, literal...)
	}
	mantissa, exponent := literal, 0
	if i := bytes.IndexAny(literal, "eE"); i >= 0 {
		n, err := strconv.ParseInt(string(literal[i+1:]), 10, 31)
		if err != nil {
			return append(dst, literal...)
		}
		mantissa, exponent = literal[:i], int(n)
	}
	mantissa, negative := bytes.CutPrefix(mantissa, []byte("-"))
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	exponent -= len(fraction)

	start := len(dst)
	if negative {
		dst = append(dst, '-')
	}
	digits := len(dst)
	dst = append(append(dst, whole...), fraction...)
	for len(dst) > digits && dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
		exponent++
	}
	leading := len(dst[digits:]) - len(bytes.TrimLeft(dst[digits:], "0"))
	dst = append(dst[:digits], dst[digits+leading:]...)
	switch n := len(dst) - digits; {
	case n == 0:
		return append(dst[:start], '0')
	case exponent >= 0 && n+exponent <= plain:
		for range exponent {
			dst = append(dst, '0')
		}
		return dst
	}
	return strconv.AppendInt(append(dst, 'e'), int64(exponent), 10)
}
