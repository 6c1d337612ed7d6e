package handover_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/handover"
	"fluent-bit-confluence/internal/outbox"
)

// batches is a source that notes which batches were acknowledged and refused.
type batches struct {
	ready        []*outbox.Batch
	acknowledged []string
}

func (b *batches) Next() *outbox.Batch {
	if len(b.ready) == 0 {
		return nil
	}
	next := b.ready[0]
	b.ready = b.ready[1:]
	return next
}

func (b *batches) Acknowledge(acknowledged ...*outbox.Batch) {
	for _, batch := range acknowledged {
		b.acknowledged = append(b.acknowledged, string(batch.Events))
	}
}
func (b *batches) Refuse(batch *outbox.Batch) { b.ready = slices.Insert(b.ready, 0, batch) }

func (b *batches) add(names ...string) {
	for _, n := range names {
		b.ready = append(b.ready, &outbox.Batch{Events: []byte(n), Records: 1})
	}
}

// plain is a host that takes batches, and counts them when told to.
type plain struct {
	count  int64
	counts bool
	takes  bool
	eager  bool // counts what it takes at once
	direct bool
	says   bool // whether it is paused
	paused bool
	writes int64
	beat   int64
	full   bool // its disk
	free   int64
	hidden bool // where its chunks are
	looked int  // for the room there
	slow   time.Duration
}

func (p *plain) Append(*outbox.Batch) bool {
	time.Sleep(p.slow)
	if p.eager {
		p.count++
	}
	if p.takes {
		p.writes++
	}
	return p.takes
}

func (p *plain) Direct() bool { return p.direct }

func (p *plain) Paused() (paused, known bool) { return p.paused, p.says }

func (p *plain) Room() (int64, string, bool) {
	p.looked++
	switch {
	case p.full:
		return 1 << 10, "/buffer", true
	case p.free > 0:
		return p.free, "/buffer", true
	}
	return 1 << 30, "/buffer", !p.hidden
}

func (p *plain) Counts() (handover.Counts, bool) {
	return handover.Counts{Records: p.count, Writes: p.writes, Beat: p.beat}, p.counts
}

// quiet is the log of tests that do not check it.
var quiet = func() *logrus.Logger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}()

// A step changes the host, or lets time pass.
type step func(*handover.Sender, *plain)

func tick(i *handover.Sender, _ *plain)    { i.Tick() }
func pauses(i *handover.Sender, _ *plain)  { i.Pause() }
func resumes(i *handover.Sender, _ *plain) { i.Resume() }
func stop(i *handover.Sender, _ *plain)    { i.Stop() }
func second(*handover.Sender, *plain)      { time.Sleep(time.Second) }

// beat is a beat of the host's main thread, and then a tick.
func beat(i *handover.Sender, p *plain) {
	p.beat += 5000
	second(i, p)
	tick(i, p)
}

// look is a tick a second later.
func look(i *handover.Sender, p *plain) {
	second(i, p)
	tick(i, p)
}

func times(n int, steps ...step) step {
	return func(i *handover.Sender, p *plain) {
		for range n {
			for _, s := range steps {
				s(i, p)
			}
		}
	}
}

func after(d time.Duration) step         { return func(*handover.Sender, *plain) { time.Sleep(d) } }
func counted(n int64) step               { return func(_ *handover.Sender, p *plain) { p.count = n } }
func wrote(n int64) step                 { return func(_ *handover.Sender, p *plain) { p.writes = n } }
func fills(full bool) step               { return func(_ *handover.Sender, p *plain) { p.full = full } }
func takes(_ *handover.Sender, p *plain) { p.takes = true }

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	later := after(6 * time.Second)
	counts := plain{counts: true, takes: true}
	for name, tt := range map[string]struct {
		host  plain
		steps []step
		want  []string // acknowledged, of the batches a and b
	}{
		"a second later":                      {plain{takes: true}, []step{tick, second, tick}, []string{"a", "b"}},
		"not before a second":                 {plain{takes: true}, []step{tick, after(900 * time.Millisecond), tick}, nil},
		"at the end after a second":           {plain{takes: true}, []step{tick, second, stop}, []string{"a", "b"}},
		"not at the end before":               {plain{takes: true}, []step{tick, after(900 * time.Millisecond), stop}, nil},
		"a pause stops the clock":             {plain{takes: true}, []step{tick, after(100 * time.Millisecond), pauses, second, second, tick, stop}, nil},
		"what was safe before a pause is":     {plain{takes: true}, []step{tick, second, pauses, stop}, []string{"a", "b"}},
		"the clock begins anew with a resume": {plain{takes: true}, []step{tick, pauses, second, resumes, after(900 * time.Millisecond), tick}, nil},
		"and then goes on":                    {plain{takes: true}, []step{tick, pauses, second, resumes, second, tick}, []string{"a", "b"}},

		"counted":                         {counts, []step{tick, counted(1), look}, []string{"a"}},
		"and the next":                    {counts, []step{tick, counted(1), look, counted(2), look}, []string{"a", "b"}},
		"not counted":                     {counts, []step{tick, look, stop}, nil},
		"counted before the call is over": {plain{counts: true, takes: true, eager: true, count: 70}, []step{tick, stop}, []string{"a"}},
		"counted at the end":              {counts, []step{tick, counted(1), stop}, []string{"a"}},
		"counted while it is paused":      {counts, []step{tick, pauses, counted(1), look}, []string{"a"}},
		"a count begins where it stood":   {plain{counts: true, takes: true, count: 70}, []step{tick, counted(71), look}, []string{"a"}},

		"dropped by the host":                  {counts, []step{tick, look, beat, beat}, nil},
		"dropped, and taken the second time":   {counts, []step{tick, look, beat, beat, later, tick, counted(1), look}, []string{"a"}},
		"dropped, and taken for dropped again": {counts, []step{tick, look, beat, beat, later, tick, look, beat, beat, stop}, nil},
		"late, which vouches for nothing after it": {plain{counts: true, takes: true, beat: -1},
			[]step{tick, counted(1), look, times(62, look), counted(2), later, tick, look}, []string{"a"}},
		"more counted than handed over":              {counts, []step{tick, counted(3), look}, []string{"a"}},
		"dropped by processors before the ring":      {counts, []step{tick, wrote(0), look}, []string{"a"}},
		"counted before the disk was full":           {counts, []step{tick, counted(1), fills(true), look, stop}, nil},
		"and handed over again when there is room":   {counts, []step{tick, counted(1), fills(true), look, fills(false), later, tick, counted(2), look}, []string{"a"}},
		"counted at the end, on a disk that is full": {counts, []step{tick, counted(1), fills(true), stop}, nil},
		"given a second, on a disk that is full":     {plain{takes: true}, []step{tick, fills(true), look, stop}, nil},
		"given a second, and room only then": {plain{takes: true},
			[]step{tick, fills(true), look, fills(false), later, tick, look}, []string{"a", "b"}},
		"nothing is handed over while there is no room": {plain{counts: true, takes: true, full: true}, []step{tick, counted(2), look}, nil},

		"taken directly":                    {plain{takes: true, direct: true}, []step{tick}, []string{"a", "b"}},
		"refused directly":                  {plain{direct: true}, []step{tick, look}, nil},
		"refused directly, and taken later": {plain{direct: true}, []step{tick, takes, later, tick}, []string{"a", "b"}},
		"not directly while it is paused, though the host takes":                           {plain{takes: true, direct: true, says: true, paused: true}, []step{pauses, tick, look}, nil},
		"directly while another input of the thread is paused":                             {plain{takes: true, direct: true, says: true}, []step{pauses, tick}, []string{"a", "b"}},
		"not directly while one of the thread is paused, and the host does not tell which": {plain{takes: true, direct: true}, []step{pauses, tick}, nil},
		"directly when all have resumed":                                                   {plain{takes: true, direct: true}, []step{pauses, tick, resumes, tick}, []string{"a", "b"}},
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
				if diff := cmp.Diff(tt.want, source.acknowledged); diff != "" {
					t.Errorf("acknowledged (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A host has refused a batch only if it had the chance to count it and did not.
func TestHandedOverAgain(t *testing.T) {
	t.Parallel()
	counts := plain{counts: true, takes: true}
	plainly := plain{counts: true, takes: true, beat: -1} // without a beat
	suspended := after(time.Hour)
	for name, tt := range map[string]struct {
		host  plain
		steps []step
		want  int64 // times
	}{
		"two beats of its main thread":               {counts, []step{tick, look, beat, beat, after(retry), tick}, 2},
		"each time two beats of its own":             {counts, []step{tick, look, beat, beat, after(retry), tick, look, look, after(retry), tick}, 2},
		"one is not enough":                          {counts, []step{tick, look, beat, after(retry), times(60, look)}, 1},
		"one before the first look does not count":   {counts, []step{tick, beat, beat, after(retry), times(60, look)}, 1},
		"the main thread is held up":                 {counts, []step{tick, times(600, look)}, 1},
		"the process was suspended":                  {counts, []step{tick, look, suspended, tick, look, beat, times(3, look)}, 1},
		"a pause empties no ring":                    {counts, []step{tick, look, beat, pauses, beat, beat, resumes, look, beat, times(3, look)}, 1},
		"beats after a pause":                        {counts, []step{tick, look, beat, pauses, beat, resumes, look, beat, beat, after(retry), tick}, 2},
		"not before the time is over":                {counts, []step{tick, look, beat, beat, after(retry - time.Second - 1), tick}, 1},
		"without a beat, a minute":                   {plainly, []step{tick, times(62, look), after(retry), tick}, 2},
		"without a beat, less":                       {plainly, []step{tick, times(59, look), after(retry), tick}, 1},
		"without a beat, the process was suspended":  {plainly, []step{tick, times(20, look), suspended, times(20, look), suspended, tick}, 1},
		"without a beat, the clock stops in a pause": {plainly, []step{tick, times(59, look), pauses, times(600, look), resumes, times(59, look)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source, host := &batches{}, tt.host
				source.add("a")
				i := handover.New(source, &host, quiet)
				for _, s := range tt.steps {
					s(i, &host)
				}
				if host.writes != tt.want {
					t.Errorf("handed over %d times, want %d", host.writes, tt.want)
				}
			})
		})
	}
}

// retry is the back-off after a refusal.
const retry = 5 * time.Second

// When the host takes nothing, that is logged once, and again when it is over. Meanwhile the input
// is stuck.
func TestTroubleIsLogged(t *testing.T) {
	t.Parallel()
	minute := func(i *handover.Sender, p *plain) {
		for range 60 {
			look(i, p)
		}
	}
	counts := plain{counts: true, takes: true}
	for name, tt := range map[string]struct {
		host  plain
		begin []step
		line  string
		end   []step
	}{
		"it refuses":                    {counts, []step{tick, look, beat, beat}, "does not put the records into its buffer", []step{after(retry), tick, counted(1), look}},
		"at once":                       {plain{counts: true, direct: true}, []step{tick}, "does not put the records into its buffer", []step{takes, after(retry), tick}},
		"its disk is full":              {plain{counts: true, takes: true, full: true}, []step{tick}, "the disk of /buffer, where Fluent Bit keeps its buffer, is full or nearly full", []step{fills(false), after(retry), tick, counted(1), look}},
		"its main thread is held up":    {counts, []step{tick, minute}, "main thread has not looked for records for 30s", []step{counted(1), look}},
		"it has paused the input":       {counts, []step{pauses, minute}, "has paused this input for 30s", []step{resumes}},
		"it has paused one of a thread": {plain{takes: true, direct: true}, []step{pauses, minute}, "has paused this input for 30s", []step{resumes}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log, hook := logtest.NewNullLogger()
				source, host := &batches{}, tt.host
				source.add("a")
				i := handover.New(source, &host, log)
				for _, s := range tt.begin {
					s(i, &host)
				}
				if entries := hook.AllEntries(); len(entries) != 1 || !strings.Contains(entries[0].Message, tt.line) || !i.Stuck() {
					t.Fatalf("says %v, and is stuck: %v; want once %q", entries, i.Stuck(), tt.line)
				}
				for _, s := range tt.end {
					s(i, &host)
				}
				if said := hook.LastEntry().Message; len(hook.AllEntries()) != 2 || !strings.HasPrefix(said, "Fluent Bit takes records again") || i.Stuck() {
					t.Errorf("at the end it says %q, and is stuck: %v", said, i.Stuck())
				}
			})
		})
	}
}

// Each batch reduces the room that was measured before the first.
func TestRoomIsUsedUp(t *testing.T) {
	t.Parallel()
	const megabyte = 1 << 20
	source, host := &batches{}, &plain{takes: true, free: 4*megabyte + 1}
	for range 3 {
		source.ready = append(source.ready, &outbox.Batch{Events: make([]byte, megabyte), Records: 1})
	}
	handover.New(source, host, quiet).Tick()
	if host.writes != 2 {
		t.Errorf("%d batches of 1 MB handed over on a disk with room for 2 beside the reserve of 2 MB", host.writes)
	}
}

// The end of the trouble is logged with a host that does not count records, too.
func TestEndOfTroubleIsLogged(t *testing.T) {
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

// The folder of the chunks is searched for only while there can be chunks.
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

// endless is a source that always has a batch, until it is over.
type endless struct {
	batches
	over  bool
	given int // bytes
}

func (e *endless) Next() *outbox.Batch {
	if e.over {
		return nil
	}
	e.given += 1 << 17
	return &outbox.Batch{Events: make([]byte, 1<<17), Records: 1}
}

func (e *endless) Refuse(b *outbox.Batch) { e.given -= len(b.Events) }

// A hand-over on the host's main thread ends after some megabytes, or when it has taken long, also
// during a long backfill. The next one comes soon.
func TestDirectHandOverEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &endless{}, &plain{takes: true, direct: true}
		i := handover.New(source, host, quiet)
		if wait := i.LookAgain(); wait != 0 {
			t.Errorf("before anything was handed over it looks again after %s", wait)
		}
		i.Tick()
		if n := len(source.acknowledged); n < 8 || n > 32 {
			t.Errorf("%d batches of 128 KB handed over in one call", n)
		}
		if wait := i.LookAgain(); wait <= 0 || wait > 100*time.Millisecond {
			t.Errorf("during a backfill it looks again after %s", wait)
		}
		source.acknowledged, host.slow = nil, 10*time.Millisecond
		time.Sleep(time.Second)
		i.Tick()
		if n := len(source.acknowledged); n != 3 {
			t.Errorf("%d batches of 10 ms each handed over in one call, want 3", n)
		}
		source.over = true
		time.Sleep(time.Second)
		i.Tick()
		if wait := i.LookAgain(); wait != 0 {
			t.Errorf("a second after the backfill it looks again after %s", wait)
		}
	})
}

// What a poll brings is handed over with the calls that come once a second.
func TestDirectHandOverOfFewRecords(t *testing.T) {
	t.Parallel()
	source := &batches{}
	source.add("a", "b")
	i := handover.New(source, &plain{takes: true, direct: true}, quiet)
	i.Tick()
	if wait := i.LookAgain(); wait != 0 || len(source.acknowledged) != 2 {
		t.Errorf("%d batches handed over, looks again after %s", len(source.acknowledged), wait)
	}
}

// A batch that a full ring has refused is handed over again before later ones.
func TestRefusedComesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &batches{}, &plain{counts: true}
		source.add("a", "b")
		i := handover.New(source, host, quiet)
		i.Tick()
		host.takes, host.eager = true, true
		for range 20 {
			time.Sleep(time.Second)
			i.Tick()
		}
		if diff := cmp.Diff([]string{"a", "b"}, source.acknowledged); diff != "" {
			t.Errorf("acknowledged (-want +got):\n%s", diff)
		}
	})
}

// A late count of a batch that seemed to be refused is not mistaken for the count of another batch.
func TestLateCountOfRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &batches{}, &plain{counts: true, takes: true, beat: -1}
		source.add("a")
		i := handover.New(source, host, quiet)
		for range 62 { // it seems to be refused, because it is late
			look(i, host)
		}
		time.Sleep(retry)
		i.Tick()
		if host.writes != 2 {
			t.Fatalf("handed over %d times, want 2", host.writes)
		}
		host.count++ // the first hand-over of a
		look(i, host)
		host.count++ // the second
		source.add("b")
		look(i, host)
		look(i, host)
		if diff := cmp.Diff([]string{"a"}, source.acknowledged); diff != "" {
			t.Errorf("acknowledged before it was counted (-want +got):\n%s", diff)
		}
		host.count++
		look(i, host)
		if diff := cmp.Diff([]string{"a", "b"}, source.acknowledged); diff != "" {
			t.Errorf("acknowledged (-want +got):\n%s", diff)
		}
	})
}

func TestShortPauseIsNoTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, hook := logtest.NewNullLogger()
		host := &plain{counts: true, takes: true}
		i := handover.New(&batches{}, host, log)
		i.Pause()
		for range 20 {
			look(i, host)
		}
		if len(hook.AllEntries()) > 0 || i.Stuck() {
			t.Errorf("says %v", hook.AllEntries())
		}
	})
}

func TestPausedHandsOverNothing(t *testing.T) {
	t.Parallel()
	source := &batches{}
	source.add("a")
	host := &plain{takes: true}
	i := handover.New(source, host, quiet)
	i.Pause()
	i.Pause() // pauses come twice at a shutdown
	i.Tick()
	if host.writes != 0 {
		t.Error("handed over while paused")
	}
	i.Resume()
	i.Tick()
	if host.writes != 1 {
		t.Errorf("%d batches handed over after Resume, want 1", host.writes)
	}
}

// Where the host counts, only one batch is in flight at a time.
func TestOneBatchAtATimeWhereTheHostCounts(t *testing.T) {
	t.Parallel()
	source, host := &batches{}, &plain{counts: true, takes: true}
	source.add("a", "b")
	i := handover.New(source, host, quiet)
	i.Tick()
	i.Tick()
	if host.writes != 1 {
		t.Errorf("%d batches handed over before the first was counted", host.writes)
	}
}
