package paging

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// read is a walk of from..to in Unix milliseconds. Its list is newest first.
func read(from, to, before int64, times ...int64) walked {
	slices.Sort(times)
	slices.Reverse(times)
	return walked{Range: timerange.Range{From: time.UnixMilli(from), To: time.UnixMilli(to)}, before: before, times: times}
}

// each returns n times, one a millisecond from the first on.
func each(first, n int64) []int64 {
	times := make([]int64, n)
	for i := range times {
		times[i] = first + int64(i)
	}
	return times
}

// kept is what a history knows of one range.
type kept struct {
	From, To, Before int64
	Times            []int64
}

func (h *history) kept() []kept {
	var all []kept
	for _, r := range h.ranges {
		all = append(all, kept{r.from, r.to, r.before, r.times})
	}
	return all
}

// What two walks have shown of the same time, or of times that adjoin, becomes one range. Where both
// have walked, the later one counts.
func TestHistoryJoins(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		walks []walked
		want  []kept
	}{
		{"adjoin", []walked{read(100, 200, 90, 150), read(201, 300, 150, 250)}, []kept{{100, 300, 90, []int64{150, 250}}}},
		{"adjoin, the newer first", []walked{read(201, 300, 150, 250), read(100, 200, 90, 150)}, []kept{{100, 300, 90, []int64{150, 250}}}},
		{"a millisecond apart", []walked{read(100, 200, 90, 150), read(202, 300, 150, 250)}, []kept{{100, 200, 90, []int64{150}}, {202, 300, 150, []int64{250}}}},
		{"between, and apart", []walked{read(300, 400, 0, 310), read(100, 200, 90, 150), read(202, 298, 150)},
			[]kept{{100, 200, 90, []int64{150}}, {202, 298, 150, nil}, {300, 400, 0, []int64{310}}}},
		{"between, and adjoin", []walked{read(300, 400, 0, 310), read(100, 200, 90, 150), read(201, 299, 150)}, []kept{{100, 400, 90, []int64{150, 310}}}},
		{"overlap", []walked{read(100, 200, 90, 140, 150, 180), read(150, 250, 140, 150, 170, 240)}, []kept{{100, 250, 90, []int64{140, 150, 170, 240}}}},
		{"overlap, the older later", []walked{read(150, 250, 140, 150, 151, 240), read(100, 150, 90, 140, 150, 150)}, []kept{{100, 250, 90, []int64{140, 150, 150, 151, 240}}}},
		{"within", []walked{read(100, 400, 90, 150, 250, 350), read(200, 300, 150, 260)}, []kept{{100, 400, 90, []int64{150, 260, 350}}}},
		{"same begin, another floor", []walked{read(100, 200, 90), read(100, 300, 95)}, []kept{{100, 300, 95, nil}}},
		{"same begin, no floor seen", []walked{read(100, 200, 90), read(100, 300, 0)}, []kept{{100, 300, 90, nil}}},
		{"earlier begin, no floor seen", []walked{read(100, 200, 90, 150), read(50, 120, 0, 60)}, []kept{{50, 200, 0, []int64{60, 150}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var h history
			for _, w := range tt.walks {
				h.learn(w)
			}
			for i := range tt.want {
				tt.want[i].Times = append([]int64{}, tt.want[i].Times...)
			}
			got := h.kept()
			for i := range got {
				got[i].Times = append([]int64{}, got[i].Times...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("known (-want +got):\n%s", diff)
			}
		})
	}
}

// A floor is the last record before the window, if that is known and few share its time.
func TestHistoryFloor(t *testing.T) {
	t.Parallel()
	var h history
	if _, ok := h.floor(timerange.Range{From: time.UnixMilli(10_000), To: time.UnixMilli(11_600)}); ok {
		t.Error("a floor before anything was read")
	}
	few, many := slices.Repeat([]int64{1500}, maxFloorRecords), slices.Repeat([]int64{3500}, maxFloorRecords+1)
	h.learn(read(100, 200, 90, 110, 150, 190, 190))
	h.learn(read(300, 400, 0))
	h.learn(read(1000, 2000, 0, append(few, 1400)...))
	h.learn(read(3000, 4000, 0, append(many, 3400)...))
	for from, want := range map[int64]int64{
		99: 0, 100: 90, 101: 90, 110: 90, 111: 110, 150: 110, 151: 150, 200: 190, 201: 190, 202: 0, // not known what lies at 201
		300: 0, 350: 0, 1501: 1500, 3501: 0, 3500: 3400,
	} {
		floor, ok := h.below(time.UnixMilli(from))
		if ok != (want != 0) || ok && floor.UnixMilli() != want {
			t.Errorf("before %d: %v, %v, want %d", from, floor, ok, want)
		}
	}
	floor, ok := h.floor(timerange.Range{From: time.UnixMilli(10_000), To: time.UnixMilli(11_600)})
	if !ok || floor.UnixMilli() != 9_900 {
		t.Errorf("guessed %v, %v", floor, ok)
	}
	if _, ok := h.floor(timerange.Range{To: time.UnixMilli(11_600)}); ok {
		t.Error("a floor before all that the site has")
	}
}

// The range that was not used for longest is forgotten.
func TestHistoryForgets(t *testing.T) {
	t.Parallel()
	var h history
	for i := range int64(maxRanges) {
		h.learn(read(1000*i, 1000*i+10, 0, 1000*i+5))
	}
	if len(h.ranges) != maxRanges {
		t.Fatalf("%d ranges are kept", len(h.ranges))
	}
	h.below(time.UnixMilli(0))
	h.learn(read(1000*maxRanges, 1000*maxRanges+10, 0))
	if got := h.kept(); len(got) != maxRanges || got[0].From != 0 || got[1].From != 2000 || got[maxRanges-1].From != 1000*maxRanges {
		t.Errorf("kept %v", got)
	}
}

// Of what is too old to be counted little is kept, and never more than maxCounted times in all.
func TestHistoryKeepsLittle(t *testing.T) {
	t.Parallel()
	const later = 10_000_000
	var h history
	h.learn(read(0, 200, 0, each(1, 100)...))
	h.learn(read(later, later+200, 0, later+1))
	if diff := cmp.Diff([]kept{{37, 200, 36, each(37, maxFloors)}, {later, later + 200, 0, []int64{later + 1}}}, h.kept()); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
	if c := cap(h.ranges[0].times); c > 1000 {
		t.Errorf("room for %d times", c)
	}

	// What will be counted is kept.
	h = history{}
	h.learn(read(0, 200, 0, each(1, 100)...))
	h.sections(-later, 200, 0, 0)
	h.learn(read(later, later+200, 0, later+1))
	if got := h.kept(); len(got) != 2 || len(got[0].Times) != 100 {
		t.Errorf("kept %v", got)
	}

	h = history{}
	h.learn(read(0, 200, 0, each(1, 100)...))
	h.learn(read(1000, 1000+maxCounted+50, 0, each(1000, maxCounted+50)...))
	got := h.kept()
	if len(got) != 2 || len(got[0].Times) != maxFloors || got[1].From != 1050 || got[1].Before != 1049 || len(got[1].Times) != maxCounted {
		t.Errorf("kept %d times since %d and %d since %d", len(got[0].Times), got[0].From, len(got[1].Times), got[1].From)
	}
}

// Records of one millisecond are kept or forgotten together, and what is forgotten frees its memory.
func TestHistoryKeep(t *testing.T) {
	t.Parallel()
	r := knownRange{from: 0, to: 2000, times: append(each(0, 900), slices.Repeat([]int64{900}, 95)...)}
	r.times = append(r.times, each(901, 5)...)
	r.keep(20)
	if r.from != 901 || r.before != 900 || !slices.Equal(r.times, each(901, 5)) || cap(r.times) > 100 {
		t.Errorf("kept %v since %d, before that %d, room for %d", r.times, r.from, r.before, cap(r.times))
	}
	// Little is not copied to free even less.
	r = knownRange{to: 2000, times: slices.Clip(each(0, 100))}
	first := &r.times[0]
	if r.keep(20); len(r.times) != 20 || &r.times[0] != first {
		t.Errorf("kept %v", r.times)
	}
}

// Sections tell what is known of a range, and reach to records that lie close to them.
func TestHistorySections(t *testing.T) {
	t.Parallel()
	var h history
	h.learn(read(100, 200, 90, 100, 150, 151, 152, 180, 181, 182, 200, 200))
	h.learn(read(300, 400, 0, 310, 390))
	whole := func(from, to int64, times ...int64) section {
		return section{from, to, true, append([]int64{}, times...)}
	}
	unknown := func(from, to int64) section { return section{from: from, to: to} }
	for _, tt := range []struct {
		name                     string
		from, to, slack, settled int64
		want                     []section
	}{
		{"all of a range", 100, 200, 0, math.MaxInt64, []section{whole(100, 200, 100, 150, 151, 152, 180, 181, 182, 200, 200)}},
		{"between", 201, 299, 0, math.MaxInt64, []section{unknown(201, 299)}},
		{"from the end of one to the begin of another", 200, 300, 0, math.MaxInt64, []section{whole(200, 200, 200, 200), unknown(201, 299), whole(300, 300)}},
		{"more than all", 50, 450, 0, math.MaxInt64, []section{unknown(50, 99), whole(100, 200, 100, 150, 151, 152, 180, 181, 182, 200, 200), unknown(201, 299), whole(300, 400, 310, 390), unknown(401, 450)}},
		{"a millisecond more on either side", 99, 201, 0, math.MaxInt64, []section{unknown(99, 99), whole(100, 200, 100, 150, 151, 152, 180, 181, 182, 200, 200), unknown(201, 201)}},
		{"within", 110, 170, 0, math.MaxInt64, []section{whole(110, 170, 150, 151, 152)}},
		{"no slack", 153, 179, 0, math.MaxInt64, []section{whole(153, 179)}},
		{"slack", 153, 179, 1, math.MaxInt64, []section{whole(150, 182, 150, 151, 152, 180, 181, 182)}},
		{"little slack", 154, 178, 1, math.MaxInt64, []section{whole(154, 178)}},
		{"settled before", 153, 179, 1, 179, []section{whole(150, 179, 150, 151, 152)}},
		{"settled within", 153, 179, 1, 181, []section{whole(150, 181, 150, 151, 152, 180, 181)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, h.sections(tt.from, tt.to, tt.slack, tt.settled), cmp.AllowUnexported(section{})); diff != "" {
				t.Errorf("sections (-want +got):\n%s", diff)
			}
		})
	}
}

// Of a walk of very many records the newest are counted, unless a record left out is newer than those.
func TestWalkedMany(t *testing.T) {
	t.Parallel()
	const begin = 1_700_000_000_000
	w := read(begin, begin+200_000, 0)
	w.asked = w.From
	at := func(ms int64) atlassian.Record { return atlassian.Record{Time: time.UnixMilli(begin + ms)} }
	for ms := int64(200_000); len(w.times) <= maxCounted; ms-- {
		w.see(at(ms))
	}
	last := w.times[maxCounted] - begin
	w.see(at(last)) // in the same millisecond
	w.see(at(last - 1))
	r, ok := w.known()
	if !ok || r.before != begin+last || r.from != begin+last+1 || len(r.times) != maxCounted {
		t.Errorf("%v: %d records since %d, before that %d", ok, len(r.times), r.from-begin, r.before-begin)
	}
	w.see(at(last + 1))
	if _, ok := w.known(); ok {
		t.Error("a record that was listed too late is not missed")
	}
}
