package handover_test

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/handover"
)

// batches is a source that notes what became of each batch.
type batches struct {
	ready   []*collect.Batch
	settled []string
}

func (b *batches) Next() *collect.Batch {
	if len(b.ready) == 0 {
		return nil
	}
	next := b.ready[0]
	b.ready = b.ready[1:]
	return next
}

func (b *batches) Settle(settled ...*collect.Batch) {
	for _, batch := range settled {
		b.settled = append(b.settled, string(batch.Events))
	}
}
func (b *batches) Refuse(batch *collect.Batch) { b.ready = slices.Insert(b.ready, 0, batch) }

func (b *batches) add(names ...string) {
	for _, n := range names {
		b.ready = append(b.ready, &collect.Batch{Events: []byte(n), Records: 1})
	}
}

// plain is a host that only takes the result of the callback, and one that counts when told to.
type plain struct {
	count  int64
	counts bool
	takes  bool
	eager  bool // counts what it takes at once
	direct bool
	says   bool // whether it is paused
	paused bool
	writes int64
	full   bool // its disk
	hidden bool // where its chunks are
	looked int  // for the room there
}

func (p *plain) Append(*collect.Batch) (ok, can bool) {
	if p.eager {
		p.count++
	}
	if p.takes && p.writes >= 0 {
		p.writes++
	}
	return p.takes, p.takes
}

func (p *plain) Direct() bool { return p.direct }

func (p *plain) Paused() (paused, known bool) { return p.paused, p.says }

func (p *plain) Room() (int64, string, bool) {
	p.looked++
	if p.full {
		return 1 << 10, "/buffer", true
	}
	return 1 << 30, "/buffer", !p.hidden
}

func (p *plain) Counts() (handover.Counts, bool) {
	return handover.Counts{Records: p.count, Writes: p.writes}, p.counts
}

// quiet is the log of tests that do not look at it.
var quiet = func() *logrus.Logger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}()

func TestSettle(t *testing.T) {
	t.Parallel()
	type step func(*handover.Instance, *plain)
	tick := func(i *handover.Instance, _ *plain) { i.Tick(); i.Cleaned() }
	pause := func(i *handover.Instance, _ *plain) { i.Pause() }
	resume := func(i *handover.Instance, _ *plain) { i.Resume() }
	stop := func(i *handover.Instance, _ *plain) { i.Stop() }
	after := func(d time.Duration) step { return func(*handover.Instance, *plain) { time.Sleep(d) } }
	counted := func(n int64) step { return func(_ *handover.Instance, p *plain) { p.count = n } }
	second, long := after(time.Second), after(11*time.Second)
	fills := func(full bool) step { return func(_ *handover.Instance, p *plain) { p.full = full } }
	takes := func(_ *handover.Instance, p *plain) { p.takes = true }
	wrote := func(n int64) step { return func(_ *handover.Instance, p *plain) { p.writes = n } }

	for name, tt := range map[string]struct {
		host  plain
		steps []step
		want  []string // settled, of the batches a and b
	}{
		"a second later":                        {plain{}, []step{tick, second, tick}, []string{"a"}},
		"not before a second":                   {plain{}, []step{tick, after(900 * time.Millisecond), tick}, nil},
		"at the end after a second":             {plain{}, []step{tick, second, stop}, []string{"a"}},
		"not at the end before":                 {plain{}, []step{tick, after(900 * time.Millisecond), stop}, nil},
		"a pause stops the clock":               {plain{}, []step{tick, after(100 * time.Millisecond), pause, second, second, tick, stop}, nil},
		"what was safe before a pause is":       {plain{}, []step{tick, second, pause, stop}, []string{"a"}},
		"the clock begins anew with a resume":   {plain{}, []step{tick, pause, second, resume, after(900 * time.Millisecond), tick}, nil},
		"and then goes on":                      {plain{}, []step{tick, pause, second, resume, second, tick}, []string{"a"}},
		"counted":                               {plain{counts: true, takes: true}, []step{tick, counted(2), second, tick}, []string{"a", "b"}},
		"nothing until all is counted":          {plain{counts: true, takes: true}, []step{tick, counted(1), second, tick}, nil},
		"not counted":                           {plain{counts: true, takes: true}, []step{tick, second, tick, stop}, nil},
		"counted before the call is over":       {plain{counts: true, takes: true, eager: true, count: 70}, []step{tick, stop}, []string{"a", "b"}},
		"counted at the end":                    {plain{counts: true, takes: true}, []step{tick, counted(2), stop}, []string{"a", "b"}},
		"what came first is counted at the end": {plain{counts: true, takes: true}, []step{tick, counted(1), stop}, []string{"a"}},
		"dropped by the host":                   {plain{counts: true, takes: true}, []step{tick, long, tick, long, tick}, nil},
		"dropped, and taken the second time": {plain{counts: true, takes: true},
			[]step{tick, long, tick, after(6 * time.Second), tick, counted(2), second, tick}, []string{"a", "b"}},
		"later records do not vouch for those dropped": {plain{counts: true, takes: true},
			[]step{tick, long, tick, counted(1), after(6 * time.Second), tick, second, tick}, nil},
		"dropped by processors before the ring": {plain{counts: true, takes: true, writes: 0}, []step{tick, wrote(0), long, tick}, []string{"a", "b"}},
		"dropped in part again and again, so by processors": {plain{counts: true, takes: true},
			[]step{tick, counted(1), long, tick, long, tick, counted(2), long, tick, long, tick, counted(3), long, tick, second, tick}, []string{"a", "b"}},
		"a count that runs ahead is of something else": {plain{counts: true, takes: true},
			[]step{tick, counted(5), after(500 * time.Millisecond), stop}, nil},
		"counted before the disk was full":                   {plain{counts: true, takes: true}, []step{tick, counted(2), fills(true), second, tick, stop}, nil},
		"and handed over again when there is room":           {plain{counts: true, takes: true}, []step{tick, counted(2), fills(true), second, tick, fills(false), after(6 * time.Second), tick, counted(4), second, tick}, []string{"a", "b"}},
		"counted in part at the end, on a disk that is full": {plain{counts: true, takes: true}, []step{tick, counted(1), fills(true), stop}, nil},
		"given a second, on a disk that is full":             {plain{takes: true}, []step{tick, fills(true), second, tick, stop}, nil},
		"given a second, and room only then": {plain{takes: true},
			[]step{tick, fills(true), second, tick, fills(false), after(6 * time.Second), tick, second, tick}, []string{"a", "b"}},
		"one batch before it is known where the chunks are": {plain{counts: true, takes: true, hidden: true}, []step{tick, tick, counted(1), second, tick, stop}, []string{"a"}},
		"nothing is handed over while there is no room":     {plain{counts: true, takes: true, full: true}, []step{tick, counted(2), second, tick}, nil},
		"taken directly":                    {plain{takes: true, direct: true}, []step{tick}, []string{"a", "b"}},
		"refused directly":                  {plain{direct: true}, []step{tick, second, tick}, nil},
		"refused directly, and taken later": {plain{direct: true}, []step{tick, takes, after(6 * time.Second), tick}, []string{"a", "b"}},
		"not directly while it is paused, though the host takes":                {plain{takes: true, direct: true, says: true, paused: true}, []step{pause, tick, second, tick}, nil},
		"directly while another input of the thread is paused":                  {plain{takes: true, direct: true, says: true}, []step{pause, tick}, []string{"a", "b"}},
		"not directly while one of the thread is paused, and nobody says which": {plain{takes: true, direct: true}, []step{pause, tick}, nil},
		"directly when all have resumed":                                        {plain{takes: true, direct: true}, []step{pause, tick, resume, tick}, []string{"a", "b"}},
		"a count begins where it stood":                                         {plain{counts: true, takes: true, count: 70}, []step{tick, counted(72), second, tick}, []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source, host := &batches{}, tt.host
				source.add("a", "b")
				i := handover.New(source, &host, quiet)
				for _, s := range tt.steps {
					s(i, &host)
				}
				if diff := cmp.Diff(tt.want, source.settled); diff != "" {
					t.Errorf("settled (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A host that does not count its records is held to take them again too.
func TestEndOfTroubleIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, hook := logtest.NewNullLogger()
		source, host := &batches{}, &plain{takes: true, full: true}
		i := handover.New(source, host, log)
		for n := range 3 {
			source.add("a")
			host.full = n != 1
			i.Tick()
			time.Sleep(6 * time.Second)
			i.Tick()
			time.Sleep(6 * time.Second)
		}
		var said []string
		for _, e := range hook.AllEntries() {
			said = append(said, e.Level.String())
		}
		if diff := cmp.Diff([]string{"error", "info", "error"}, said); diff != "" {
			t.Errorf("lines of the log (-want +got):\n%s", diff)
		}
	})
}

// Where the chunks are is searched for while there can be some, and not worn out before.
func TestIdleInputDoesNotLookForRoom(t *testing.T) {
	t.Parallel()
	host := &plain{counts: true, takes: true}
	i := handover.New(&batches{}, host, quiet)
	for range 60 {
		i.Tick()
	}
	if host.looked > 0 {
		t.Errorf("looked %d times for room while there was nothing to hand over", host.looked)
	}
}

// endless is a source that reads as fast as the host takes.
type endless struct{ batches }

func (*endless) Next() *collect.Batch { return &collect.Batch{Events: make([]byte, 1<<17), Records: 1} }

// The main thread of the host has other things to do than to wait for the end of a long catch-up.
func TestDirectHandOverEnds(t *testing.T) {
	t.Parallel()
	source := &endless{}
	handover.New(source, &plain{takes: true, direct: true}, quiet).Tick()
	if n := len(source.settled); n < 8 || n > 64 {
		t.Errorf("%d batches of 128 KB handed over in one call", n)
	}
}

func TestOneBatchACallWithoutAppend(t *testing.T) {
	t.Parallel()
	source := &batches{}
	source.add("a", "b")
	i := handover.New(source, &plain{}, quiet)
	for _, want := range []string{"a", "b", ""} {
		if got := string(i.Tick()); got != want {
			t.Errorf("Tick gives %q, want %q", got, want)
		}
		i.Cleaned()
	}
}

// A full ring holds the host up for a second, and then it drops the buffer without a word.
func TestSlowCleanUpMeansRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &batches{}
		source.add("a")
		i := handover.New(source, &plain{}, quiet)
		i.Tick()
		time.Sleep(1010 * time.Millisecond)
		i.Cleaned()
		if got := string(i.Tick()); got != "a" {
			t.Errorf("after a refusal Tick gives %q, want the batch again", got)
		}
		if len(source.settled) != 0 {
			t.Errorf("settled %q, which the host dropped", source.settled)
		}
	})
}

// What the host took after all, though it held the clean-up back for too long, is counted late: that is not the count of another batch.
func TestLateCountOfRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &batches{}, &plain{counts: true}
		source.add("a")
		i := handover.New(source, host, quiet)
		tick := func() {
			i.Tick()
			time.Sleep(100 * time.Millisecond)
			i.Cleaned()
			time.Sleep(time.Second)
		}
		i.Tick()
		time.Sleep(time.Second)
		i.Cleaned()
		tick()
		host.count++ // the first a
		tick()
		host.count++ // the second
		source.add("b")
		tick()
		tick()
		if diff := cmp.Diff([]string{"a"}, source.settled); diff != "" {
			t.Errorf("settled before it was counted (-want +got):\n%s", diff)
		}
		host.count++
		tick()
		if diff := cmp.Diff([]string{"a", "b"}, source.settled); diff != "" {
			t.Errorf("settled (-want +got):\n%s", diff)
		}
	})
}

func TestPausedHandsOverNothing(t *testing.T) {
	t.Parallel()
	source := &batches{}
	source.add("a")
	i := handover.New(source, &plain{}, quiet)
	i.Pause()
	i.Pause() // pauses come twice at a shutdown
	if got := i.Tick(); got != nil {
		t.Errorf("Tick gives %q while paused", got)
	}
	i.Resume()
	if got := string(i.Tick()); got != "a" {
		t.Errorf("Tick gives %q after Resume, want a", got)
	}
}

// Later records must not be counted for those before.
func TestOneGroupAtATimeWhereTheHostCounts(t *testing.T) {
	t.Parallel()
	source, host := &batches{}, &plain{counts: true, takes: true}
	source.add("a", "b")
	i := handover.New(source, host, quiet)
	i.Tick()
	source.add("c")
	i.Tick()
	if host.writes != 2 {
		t.Errorf("%d batches handed over before the first two were counted", host.writes)
	}
}
