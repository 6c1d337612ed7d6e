package simulate

import (
	"cmp"
	"math"
	"slices"
)

// entry is one record that exists, without its text: 2,000,000 of them take 48 MB.
type entry struct {
	time    int64  // epoch ms, by which the server sorts and filters it
	visible int64  // epoch ms from when on the server shows it
	id      uint32 // database id, in order of creation
	ref     int32  // >= 0: index of a generated record; < 0: inserted record -ref-1
}

func byTime(a, b entry) int {
	if c := cmp.Compare(a.time, b.time); c != 0 {
		return c
	}
	return cmp.Compare(a.id, b.id)
}

// ledger keeps the shown entries sorted by time, so that a window takes two binary searches and an
// offset a subtraction. Entries that are not shown yet wait in a list of their own.
type ledger struct {
	shown   []entry // oldest first
	waiting []entry // in no order
	next    int64   // smallest visible of waiting
	lastID  uint32
	// late is a log that gives a record its id when it shows it. Then ids and times differ in order.
	late bool
	// stream is such a log that is also listed in the order of ids, as appeared.
	stream   bool
	appeared []entry
}

func newLedger() ledger { return ledger{next: math.MaxInt64} }

// create gives the entries ids, and shows those that are visible at now, together with waiting ones
// that have become visible.
func (l *ledger) create(batch []entry, now int64) {
	due := make([]entry, 0, len(batch))
	for _, e := range batch {
		if !l.late {
			l.number(&e)
		}
		if e.visible <= now {
			due = append(due, e)
		} else {
			l.waiting = append(l.waiting, e)
			l.next = min(l.next, e.visible)
		}
	}
	if l.next <= now {
		l.next = math.MaxInt64
		l.waiting = slices.DeleteFunc(l.waiting, func(e entry) bool {
			if e.visible <= now {
				due = append(due, e)
				return true
			}
			l.next = min(l.next, e.visible)
			return false
		})
	}
	if l.late {
		slices.SortFunc(due, byAppearance)
		for i := range due {
			l.number(&due[i])
		}
	}
	if l.stream {
		l.appeared = append(l.appeared, due...)
	}
	l.merge(due)
}

func (l *ledger) number(e *entry) {
	l.lastID++
	e.id = l.lastID
}

// byAppearance does not depend on how often a client asks.
func byAppearance(a, b entry) int {
	return cmp.Or(cmp.Compare(a.visible, b.visible), cmp.Compare(a.time, b.time), cmp.Compare(a.ref, b.ref))
}

// merge inserts entries by their times. It works from the newest end, so its cost grows with the
// number of entries newer than the oldest of them.
func (l *ledger) merge(due []entry) {
	slices.SortFunc(due, byTime)
	i, j := len(l.shown)-1, len(due)-1
	l.shown = append(l.shown, due...)
	for k := len(l.shown) - 1; j >= 0; k-- {
		if i >= 0 && byTime(l.shown[i], due[j]) > 0 {
			l.shown[k] = l.shown[i]
			i--
		} else {
			l.shown[k] = due[j]
			j--
		}
	}
}

// window returns the positions [low, high) of the shown entries with from <= time <= to.
func (l *ledger) window(from, to int64) (low, high int) {
	low, _ = slices.BinarySearchFunc(l.shown, entry{time: from}, byTime)
	high, _ = slices.BinarySearchFunc(l.shown, entry{time: to, id: math.MaxUint32}, byTime)
	return low, max(low, high)
}

// page copies up to limit entries below position high, newest first, after skipping start of them.
func (l *ledger) page(low, high, start, limit int) []entry {
	high -= min(start, high-low)
	page := slices.Clone(l.shown[max(low, high-min(limit, high)):high])
	slices.Reverse(page)
	return page
}

// all copies every entry, shown or not, oldest first.
func (l *ledger) all() []entry {
	all := slices.Concat(l.shown, l.waiting)
	if len(l.waiting) > 0 {
		slices.SortFunc(all, byTime)
	}
	return all
}

// before returns the number of shown entries older than e.
func (l *ledger) before(e entry) int {
	n, _ := slices.BinarySearchFunc(l.shown, e, byTime)
	return n
}
