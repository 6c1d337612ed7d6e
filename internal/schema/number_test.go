package schema

import (
	"strings"
	"testing"

	"fluent-bit-confluence/internal/event"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		literal string
		want    any
	}{
		{"0", int64(0)},
		{"-0", int64(0)},
		{"1637628276398", int64(1637628276398)},
		{"9223372036854775807", int64(9223372036854775807)},
		{"-9223372036854775808", int64(-9223372036854775808)},
		{"9223372036854775808", uint64(9223372036854775808)},
		{"18446744073709551615", uint64(18446744073709551615)},
		{"18446744073709551616", "18446744073709551616"},
		{"-9223372036854775809", "-9223372036854775809"},
		{"1.5", 1.5},
		{"-1.50", -1.5},
		{"0.1", 0.1},
		{"1e3", 1000.0},
		{"1E+3", 1000.0},
		{"0.0", 0.0},
		{"0e12345", 0.0},
		{"0e999999999999", "0e999999999999"},
		{"5e-324", 5e-324},
		{"4e-324", "4e-324"}, // nearest float is 5e-324
		{"1e400", "1e400"},
		{"1e-400", "1e-400"},
		{"0.12345678901234567890", "0.12345678901234567890"},
		{"9007199254740993.0", "9007199254740993.0"}, // 2^53+1
		{"1e99999999999999999999", "1e99999999999999999999"},
	} {
		t.Run(c.literal, func(t *testing.T) {
			t.Parallel()
			raw := []byte(`{"n":` + c.literal + `}`)
			e := newEncoder(t, site)
			if _, got := decodeEvent(t, e.Append(nil, own, parsed(raw), event.Meta{Read: read})); got.get("n") != c.want {
				t.Errorf("msgpack: got %T %v, want %T %v", got.get("n"), got.get("n"), c.want, c.want)
			}
			if line := e.AppendJSON(nil, own, parsed(raw), event.Meta{Read: read}); !strings.HasPrefix(string(line), `{"n":`+c.literal+`,`) {
				t.Errorf("JSON: %s", line)
			}
		})
	}
}
