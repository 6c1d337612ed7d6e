package probe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// time of the events below: 2026-11-22T18:00:00.123Z
const eventTime = "d7006b032da00754d4c0"

// emit runs one callback that returns the bytes, and returns the finished run.
func emit(t *testing.T, digits string, wantCode int) *command {
	t.Helper()
	return newCommand(t, "init records=1 emit="+digits+"\ncallback 0\n").run(t, wantCode)
}

func body(t *testing.T, value string) string {
	t.Helper()
	out := emit(t, "92"+eventTime+"81a176"+value, 0).stdout.String()
	before, record, _ := strings.Cut(strings.TrimSpace(out), `"record":{"v":`)
	if want := `{"tag":"probe.0","time":"` + time.Unix(1795370400, 123e6).UTC().Format(time.RFC3339Nano) + `",`; before != want {
		t.Errorf("line begins %s, want %s", before, want)
	}
	return strings.TrimSuffix(record, "}}")
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, msgpack, want string }{
		{"zero", "00", "0"},
		{"positive fixint", "7f", "127"},
		{"negative fixint", "e0", "-32"},
		{"minus one", "ff", "-1"},
		{"nil", "c0", "null"},
		{"false", "c2", "false"},
		{"true", "c3", "true"},
		{"uint8", "ccff", "255"},
		{"uint16", "cdffff", "65535"},
		{"uint32", "ceffffffff", "4294967295"},
		{"uint64", "cfffffffffffffffff", "18446744073709551615"},
		{"int8", "d080", "-128"},
		{"int16", "d18000", "-32768"},
		{"int32", "d280000000", "-2147483648"},
		{"int64", "d38000000000000000", "-9223372036854775808"},
		{"int64 positive", "d37fffffffffffffff", "9223372036854775807"},
		{"float32", "ca3fc00000", "1.5"},
		{"float64", "cb3fb999999999999a", "0.1"},
		{"float64 of 17 digits", "cb3fd5555555555555", "0.33333333333333331"},
		{"empty string", "a0", `""`},
		{"fixstr", "a3616263", `"abc"`},
		{"str8", "d903616263", `"abc"`},
		{"str16", "da0003616263", `"abc"`},
		{"str32", "db00000003616263", `"abc"`},
		{"escapes", "a5225c0a007f", `"\"\\\u000a\u0000` + "\x7f" + `"`},
		{"utf-8", "a9c3a9e282acf09f9880", `"é€😀"`},
		{"bin8", "c40200ff", `"00ff"`},
		{"bin16", "c5000200ff", `"00ff"`},
		{"bin32", "c60000000200ff", `"00ff"`},
		{"fixext1", "d40501", `{"ext":5,"data":"01"}`},
		{"fixext16", "d8ff" + strings.Repeat("00", 16), `{"ext":-1,"data":"` + strings.Repeat("00", 16) + `"}`},
		{"ext8", "c703050102aa", `{"ext":5,"data":"0102aa"}`},
		{"ext16", "c800010502", `{"ext":5,"data":"02"}`},
		{"ext32", "c9000000010502", `{"ext":5,"data":"02"}`},
		{"time", "d7000000000000000000", `"1970-01-01T00:00:00Z"`},
		{"empty array", "90", "[]"},
		{"fixarray", "930102c0", "[1,2,null]"},
		{"array16", "dc000101", "[1]"},
		{"array32", "dd0000000101", "[1]"},
		{"empty map", "80", "{}"},
		{"fixmap", "82a16101a1629101", `{"a":1,"b":[1]}`},
		{"map16", "de0001a16101", `{"a":1}`},
		{"map32", "df00000001a16101", `{"a":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			diff(t, "value", test.want, body(t, test.msgpack))
		})
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "init records=1 emit=metadata\ncallback 0\n").run(t, 0)
	diff(t, "stdout", `{"tag":"probe.0","time":"2026-11-22T18:00:00.000000001Z","metadata":{"m":true},"record":{"n":0}}`+"\n", c.stdout.String())
	c = emit(t, "9292"+eventTime+"8080", 0)
	if strings.Contains(c.stdout.String(), "metadata") {
		t.Errorf("empty metadata is printed: %s", &c.stdout)
	}
}

// Each buffer begins with a complete event, which must be printed, and ends with an error, which
// must be reported.
func TestMalformed(t *testing.T) {
	t.Parallel()
	const head = "92" + eventTime
	for _, test := range []struct{ name, msgpack, want string }{
		{"cut after the head", "92", "without an EventTime"},
		{"cut in the time", "92d7006b03", "ends in the middle"},
		{"cut before the body", head, "ends in the middle"},
		{"cut in the body", head + "81a161", "ends in the middle"},
		{"cut in a string", head + "81a161a3616", "ends in the middle"},
		{"cut in a length", head + "81a161db0000", "ends in the middle"},
		{"count beyond the end", head + "81a161ddffffffff", "ends in the middle"},
		{"no array", "c0", "not an array of two"},
		{"array of three", "93" + eventTime + "80c0", "not an array of two"},
		{"body is no map", head + "c0", "is no map"},
		{"metadata is no map", "9292" + eventTime + "c080", "is no map"},
		{"time is a number", "92ce6b032da080", "without an EventTime"},
		{"ext of another type", "92d7016b032da00000000080", "without an EventTime"},
		{"a second in nanoseconds", "92d7006b032da03b9aca0080", "more than 999,999,999 nanoseconds"},
		{"group marker", "92d700ffffffff0000000080", "mark of a group"},
		{"c1", head + "81a161c1", "c1"},
		{"key is no string", head + "810101", "map key"},
		{"not utf-8", head + "81a161a1ff", "not UTF-8"},
		{"surrogate", head + "81a161a3eda080", "not UTF-8"},
		{"long form of two", head + "81a161a2c0af", "not UTF-8"},
		{"long form of three", head + "81a161a3e08080", "not UTF-8"},
		{"long form of four", head + "81a161a4f0808080", "not UTF-8"},
		{"beyond U+10FFFF", head + "81a161a4f4908080", "not UTF-8"},
		{"cut rune", head + "81a161a2e282", "not UTF-8"},
		{"nan", head + "81a161cb7ff8000000000000", "not finite"},
		{"nested", head + "81a161" + strings.Repeat("91", 200) + "c0", "nested too deeply"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := emit(t, head+"80"+test.msgpack, 4)
			c.wantStderr(t, test.want)
			c.wantStderr(t, "after 1 whole events")
			if got := strings.Count(c.stdout.String(), "\n"); got != 1 || !strings.HasSuffix(c.stdout.String(), "\"record\":{}}\n") {
				t.Errorf("stdout is %q, want the one whole event", &c.stdout)
			}
		})
	}
}

// Events that another library has encoded are printed as the same JSON.
func TestAgainstAnotherEncoder(t *testing.T) {
	t.Parallel()
	value := map[string]any{
		"text": strings.Repeat("é\"\\\n", 200), "small": -5, "large": uint64(math.MaxUint64), "negative": int64(math.MinInt64), "pi": math.Pi,
		"list": []any{"a", nil, true, map[string]any{}}, "nested": map[string]any{"deep": []any{[]any{1.5}}},
	}
	encoded, err := msgpack.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	c := emit(t, "92"+eventTime+hex.EncodeToString(encoded), 0)
	var line struct{ Record map[string]any }
	decoder := json.NewDecoder(bytes.NewReader(c.stdout.Bytes()))
	decoder.UseNumber()
	if err := decoder.Decode(&line); err != nil {
		t.Fatalf("line is not JSON: %v\n%s", err, &c.stdout)
	}
	got, _ := json.Marshal(line.Record)
	var normal map[string]any
	want, _ := json.Marshal(value)
	decoder = json.NewDecoder(bytes.NewReader(want))
	decoder.UseNumber()
	if err := decoder.Decode(&normal); err != nil {
		t.Fatal(err)
	}
	want, _ = json.Marshal(normal)
	// the same number with 17 digits
	got = bytes.ReplaceAll(got, []byte("3.1415926535897931"), []byte("3.141592653589793"))
	diff(t, "record", string(want), string(got))
}
