package pipeline

import (
	"sort"
	"sync"
	"time"
)

// delayBounds are the upper bounds of the histogram's buckets, in seconds. They tell apart a poll
// or two, a site that shows records late, a stop, and a backfill.
var delayBounds = [...]float64{10, 30, 60, 120, 300, 900, 3600, 6 * 3600, 24 * 3600}

// buckets is one more than the bounds: the last bucket has none.
const buckets = len(delayBounds) + 1

// delays counts how old records were at a moment, such as that of their acknowledgement.
type delays struct {
	mu    sync.Mutex
	count [buckets]uint64
	sum   int64 // in milliseconds
}

// note counts records by their times in Unix milliseconds. A time in the future counts as an age of
// 0.
func (d *delays) note(now time.Time, times []int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, at := range times {
		d.add(now.UnixMilli() - at)
	}
}

// one counts one record by its age.
func (d *delays) one(age time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(age.Milliseconds())
}

// add counts an age in milliseconds. The caller holds the lock.
func (d *delays) add(age int64) {
	age = max(0, age)
	d.count[sort.SearchFloat64s(delayBounds[:], float64(age)/1000)]++
	d.sum += age
}

// A Distribution is the value of a histogram.
type Distribution struct {
	AtMost [buckets]uint64 // how many values are at most each bound; the last element counts all
	Sum    float64
}

// Count returns how many values there are.
func (d Distribution) Count() uint64 { return d.AtMost[buckets-1] }

func (d *delays) distribution() Distribution {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := Distribution{Sum: float64(d.sum) / 1000}
	total := uint64(0)
	for i, n := range d.count {
		total += n
		found.AtMost[i] = total
	}
	return found
}
