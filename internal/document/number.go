package document

import (
	"bytes"
	"strconv"

	"fluent-bit-confluence/internal/scan"
)

// AsInt, AsUint and AsFloat convert a JSON number if that loses nothing.

// AsInt returns a number that has no fraction and no exponent, and fits.
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

// AsUint returns a number that has no fraction and no exponent, is not negative, and fits.
func AsUint(literal []byte) (uint64, bool) {
	if isFloat(literal) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(literal), 10, 64)
	return n, err == nil
}

// isFloat reports whether a number has a fraction or an exponent.
func isFloat(literal []byte) bool { return bytes.ContainsAny(literal, ".eE") }

// AsFloat returns a number with a fraction or an exponent as a float, if the shortest decimal that
// identifies the float is the same number. It refuses integers: those of more than 64 bits would
// lose digits in Fluent Bit, which prints 16.
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

// appendNumber appends the canonical form of a number, which is the same for all its spellings,
// without rounding. An integer of up to 20 digits stays as it is. Any other number becomes its
// digits, "e" and the exponent: 1.50 and 15e-1 both become 15e-1. A number whose exponent has more
// than nine digits is not changed.
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
