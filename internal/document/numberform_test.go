package document

import (
	"testing"
)

// TestNumberForm: all spellings in a group are one number, and no two groups have the same form.
func TestNumberForm(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, group := range [][]string{
		{"0", "-0", "0.0", "0e7", "-0.00E-5"},
		{"1", "1.0", "10e-1", "0.1e1", "1e0", "1E+0"},
		{"-1", "-1.0"},
		{"100", "1e2", "0.1e3"},
		{"1637628276398", "1637628276398.000", "1.637628276398e12"},
		{"1637628276399"},
		{"1.5", "15e-1", "1.50", "0.00015e4"},
		{"99999999999999999999", "9.9999999999999999999e19"},
		{"100000000000000000000", "1e20"},
		{"100000000000000000001"},
		{"1e999999999"},
		{"1e9999999999"},
	} {
		for i, literal := range group {
			form := string(appendNumber(nil, []byte(literal)))
			if first := string(appendNumber(nil, []byte(group[0]))); form != first {
				t.Errorf("%s is %s, but %s is %s", literal, form, group[0], first)
			}
			if other, ok := seen[form]; ok && i == 0 {
				t.Errorf("%s and %s are both %s", literal, other, form)
			}
			seen[form] = group[0]
		}
	}
}

// TestNumberFormPinned: the form is part of every fingerprint, so it must not change.
func TestNumberFormPinned(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		"-0.0":                  "0",
		"1637628276398":         "1637628276398",
		"-1.50":                 "-15e-1",
		"1e3":                   "1000",
		"10000000000000000000":  "10000000000000000000",
		"100000000000000000000": "1e20",
		"123456789012345678901": "123456789012345678901e0",
	} {
		if got := string(appendNumber(nil, []byte(literal))); got != want {
			t.Errorf("%s is %s, want %s", literal, got, want)
		}
	}
}
