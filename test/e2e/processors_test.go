package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// Processors of the input run before the ring, behind which Fluent Bit counts. Whatever they do
// with the records, the input goes on and hands over nothing twice.
func TestProcessors(t *testing.T) {
	t.Parallel()
	began := time.Now()
	none := func(simulate.Record) bool { return true }
	every := func(n int64) func(simulate.Record) bool {
		return func(r simulate.Record) bool { return r.Time.UnixMilli()%n != 0 }
	}
	for name, test := range map[string]struct {
		lua  string // the result for record r
		left func(simulate.Record) bool
	}{
		"drop a half":            {"if r.creationDate % 2 == 0 then return -1, t, r end return 0, t, r", every(2)},
		"drop a tenth":           {"if r.creationDate % 10 == 0 then return -1, t, r end return 0, t, r", every(10)},
		"drop one in a thousand": {"if r.creationDate % 1000 == 0 then return -1, t, r end return 0, t, r", every(1000)},
		"drop all that there is at the start": {fmt.Sprintf("if r.creationDate < %d then return -1, t, r end return 0, t, r", began.UnixMilli()),
			func(r simulate.Record) bool { return r.Time.UnixMilli() >= began.UnixMilli() }},
		"duplicate": {"return 2, t, {r, r}", none},
		"change":    {"r.more = 'more' return 2, t, r", none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, simulate.Options{Seed: 91, Records: 6000})
			receiver := newReceiver(t)
			f := newInstance(t, rig.Config{
				Inputs:     []rig.Keys{s.input().With(rig.Keys{"start_from": "48h", "db": filepath.Join(t.TempDir(), "state.db")})},
				Outputs:    []rig.Keys{receiver.Output()},
				Processors: []rig.Keys{{"name": "lua", "call": "f", "code": "function f(tag, t, r) " + test.lua + " end"}},
				Filters:    []rig.Keys{rig.Stamp(0)},
			})
			f.start()
			rigtest.Await(t, "the first run", func() bool { return strings.Contains(f.Log(), "caught up:") })
			s.Add(simulate.Record{})
			c := awaitThose(t, receiver, s, test.left)
			f.stop()
			copies := make(map[string]int)
			for _, e := range receiver.Events() {
				copies[e.ID]++
			}
			for id, n := range copies {
				if want := map[bool]int{true: 2, false: 1}[name == "duplicate"]; n != want {
					t.Fatalf("%s came %d times, want %d: %s", id, n, want, c)
				}
			}
			if complains(f.Log()) {
				t.Error("says that something is wrong")
			}
		})
	}
}
