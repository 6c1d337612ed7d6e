package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// deliver queues the events of a page that were not delivered before, and the checkpoint next with
// the last of them. It returns how many they are.
//
// The time of a fingerprint is that of processing: by that the oldest ones are forgotten.
func (f *Follower) deliver(ctx context.Context, page atlassian.Page, next outbox.Checkpoint) (fresh int, err error) {
	ours := time.Now()
	if latest := timerange.Earlier(page.Processed, timerange.Later(f.feed.Now(), ours)); latest.After(next.Head) {
		next.Head = latest // a wrong time from the site must not pass over events
	}
	next.Forgotten = timerange.Later(next.Forgotten, next.Head.Add(-f.margin()-keptLonger))
	defer f.docs.Release()
	keys := make([]outbox.Key, len(page.Events))
	for i, e := range page.Events {
		keys[i] = outbox.Key{Time: keyTime(e), Fingerprint: f.hasher.Fingerprint(f.docs.Add(e.Raw))}
	}
	delivered, err := f.outbox.Count(ctx, keys)
	if err != nil {
		return 0, err
	}
	here := make(map[document.Fingerprint]bool, len(keys))
	b := &outbox.Batch{}
	for i, e := range page.Events {
		if delivered[i] > 0 || here[keys[i].Fingerprint] {
			f.stats.Repeats.Add(1)
			continue
		}
		here[keys[i].Fingerprint] = true
		if len(b.Events) > 0 && len(b.Events)+len(e.Raw)+len(e.Raw)/2 > f.BatchBytes {
			if !f.push(ctx, b) {
				return fresh, ctx.Err()
			}
			b = &outbox.Batch{}
		}
		b.Events = f.Encode(b.Events, e.Time, f.docs.Get(i), event.Meta{Fingerprint: keys[i].Fingerprint, Read: f.feed.Now()})
		b.Records++
		b.Seen = append(b.Seen, outbox.Seen{Key: keys[i], Count: 1})
		if !e.Time.IsZero() {
			b.Times = append(b.Times, e.Time.UnixMilli())
		}
		if f.Processed != nil && !e.Time.IsZero() && !e.Processed.IsZero() {
			f.Processed(e.Processed.Sub(e.Time))
		}
		f.stats.Records.Add(1)
		f.lastNew = ours
		fresh++
	}
	f.position = next
	f.stats.Head.Store(next.Head.UnixMilli())
	saved := next
	if f.walk.fallback == fromHead {
		saved.Cursor = "" // it may have passed over what was processed late
	}
	// Of an idle log only the cursor changes. The one before, or the time, leads to the same
	// events.
	same := f.queued
	if same.Cursor = saved.Cursor; b.Records == 0 && saved.Equal(same) {
		return fresh, nil
	}
	f.queued, b.Checkpoint = saved, &saved
	if !f.push(ctx, b) {
		return fresh, ctx.Err()
	}
	return fresh, nil
}

// keyTime returns the time by which the fingerprint of an event is kept, in Unix milliseconds.
func keyTime(e atlassian.Event) int64 {
	switch {
	case !e.Processed.IsZero():
		return e.Processed.UnixMilli()
	case !e.Time.IsZero():
		return e.Time.UnixMilli()
	}
	return 0
}
