package simulate

import (
	"math"
	"time"
)

// traffic decides when generated records happen and when they are shown. All of it depends on the
// seed and the record's index only: records with an index below history lie before start, the
// others are live.
type traffic struct {
	seed        uint64
	start       int64 // epoch ms
	history     int   // records before start
	historySlot float64
	spacing     float64 // ms between the records of a burst that does not share a millisecond
	liveSlot    float64 // ms between live records; 0 = none
	twins       float64
	late        float64
	lateLeast   float64 // ms
	lateBy      float64 // ms
	backdated   float64
	backdatedBy float64 // ms
	processed   bool    // each record is shown a while after its time, also in the history
}

func newTraffic(o Options) traffic {
	t := traffic{
		seed:        o.Seed,
		start:       o.Start.UnixMilli(),
		history:     o.Records,
		twins:       o.Twins,
		late:        o.Late,
		lateBy:      milliseconds(o.LateBy),
		backdated:   o.Backdated,
		backdatedBy: milliseconds(o.BackdatedBy),
	}
	if o.Records > 0 {
		t.historySlot = milliseconds(o.History) / float64(o.Records)
	}
	if o.Rate > 0 {
		t.liveSlot = 1000 / o.Rate
	}
	t.processed = o.Product == Organization
	if o.listsRecords() {
		t.spacing = 20
	} else if o.Product == Jira {
		t.lateLeast = min(1000, t.lateBy)
	}
	return t
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Salts keep the decisions about one record independent of each other.
const (
	saltMoment = iota + 1
	saltBurst
	saltTwin
	saltFate
	saltLateBy
	saltBackdatedBy
	saltText
	saltToken
	saltID
	saltLatency
)

// mix is splitmix64 over seed, salt and index.
func mix(seed, salt, index uint64) uint64 {
	z := seed + salt*0xd1342543de82ef95 + (index+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// share returns a pseudo-random number in [0, 1).
func (t *traffic) share(salt uint64, index int) float64 {
	return float64(mix(t.seed, salt, uint64(index))>>11) / (1 << 53)
}

// origin returns index, or the index of the record that it is an identical twin of.
func (t *traffic) origin(index int) int {
	first := 0
	if index >= t.history {
		first = t.history
	}
	if (index-first)%2 == 1 && t.share(saltTwin, index-1) < t.twins {
		return index - 1
	}
	return index
}

// happens returns when a record is made, in epoch ms. It never falls as index grows. Now and then
// four neighbours share a millisecond, or come at short intervals, as one action causes several
// records.
func (t *traffic) happens(index int) int64 {
	index = t.origin(index)
	first, slot, begin, last := 0, t.historySlot, t.start-int64(t.historySlot*float64(t.history)), t.history-1
	if index >= t.history {
		first, slot, begin, last = t.history, t.liveSlot, t.start, index+3
	}
	n, before := index-first, 0.0
	if burst := mix(t.seed, saltBurst, uint64(index-n%4)); burst%8 == 0 {
		end := min(n-n%4+3, last-first)
		if burst/8%2 == 0 {
			before = float64(end-n) * min(t.spacing, slot)
		}
		n = end
	}
	return begin + int64((float64(n)+t.share(saltMoment, first+n))*slot-before)
}

// entry returns a record with its own time and the time from which it is shown.
func (t *traffic) entry(index int) entry {
	happens := t.happens(index)
	e := entry{time: happens, visible: happens, ref: int32(index)}
	if t.processed { // mostly seconds before, some minutes: times go back and forth
		e.time -= 200 + int64(math.Pow(t.share(saltLatency, t.origin(index)), 6)*milliseconds(10*time.Minute))
	}
	if index < t.history {
		return e
	}
	origin := t.origin(index)
	switch fate := t.share(saltFate, origin); {
	case fate < t.late:
		e.visible += 1 + int64(t.lateLeast+t.share(saltLateBy, origin)*(t.lateBy-t.lateLeast))
	case fate < t.late+t.backdated:
		e.time -= 1 + int64(t.share(saltBackdatedBy, origin)*t.backdatedBy)
	}
	return e
}
