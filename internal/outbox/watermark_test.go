package outbox_test

import (
	"testing"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// No record before the watermark waits for its first delivery.
func TestWatermark(t *testing.T) {
	t.Parallel()
	start := outbox.Checkpoint{Origin: at(-900), Head: at(-900)}.Advanced()
	ahead := outbox.Checkpoint{Origin: at(-900), Head: at(0), Watermark: at(0)}
	for name, tt := range map[string]struct {
		c     outbox.Checkpoint
		after int // the watermark
		first timerange.Range
	}{
		"nothing delivered": {start.Postpone(of(-900, 0), at(-1)), -901, of(-900, 0)},
		"part of it":        {start.Postpone(of(-900, 0), at(-1)).Done(of(-900, -800)), -800, of(-799, 0)},
		"all of it":         {start.Postpone(of(-900, 0), at(-1)).Done(of(-900, 0)), -1, timerange.Range{}},
		"its end":           {start.Postpone(of(-900, 0), at(-1)).Done(of(-100, 0)), -901, of(-900, -101)},
		"look back":         {ahead.Postpone(of(-300, 60), at(50)), 0, of(1, 60)},
		"only the look back": {
			ahead.Postpone(of(-300, 60), at(50)).Done(of(1, 60)), 50, of(-300, 0),
		},
		"missed":             {ahead.Missed(of(-500, -400)), -501, of(-500, -400)},
		"rewound":            {ahead.Rewound(at(-500)), 0, of(-500, 0)},
		"rewound, then more": {ahead.Rewound(at(-500)).Postpone(of(10, 60), at(50)), 9, of(10, 60)},
		"of a program without": {
			outbox.Checkpoint{Head: at(0), Pending: []timerange.Range{of(-500, -400), of(-300, -200)}}, -501, of(-500, -400),
		},
		"of one without, nothing pending": {outbox.Checkpoint{Head: at(0)}, 0, timerange.Range{}},
		"of one without, rewound":         {outbox.Checkpoint{Head: at(0)}.Rewound(at(-500)), 0, of(-500, 0)},
	} {
		c := tt.c.Advanced()
		if !c.Watermark.Equal(at(tt.after)) {
			t.Errorf("%s: the watermark is %s, want %s", name, c.Watermark, at(tt.after))
		}
		if len(c.Pending) > 0 && c.First() != tt.first {
			t.Errorf("%s: begins with %v, want %v", name, c.First(), tt.first)
		}
	}
}
