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
	now := f.feed.Now()
	if latest := timerange.Earlier(page.Processed, timerange.Later(now, time.Now())); latest.After(next.Head) {
		next.Head = latest // a wrong time from the site must not pass over events
	}
	next.Forgotten = timerange.Later(next.Forgotten, next.Head.Add(-f.margin()-keptLonger))
	b, fresh, err := f.queueEvents(ctx, page.Events, next.Forgotten, now)
	if err != nil {
		return fresh, err
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

// queueEvents queues those of the events that were not delivered before, in batches. It returns the
// last batch, which the caller queues, and how many they are. The fingerprints of those processed
// before forgotten are not kept.
func (f *Follower) queueEvents(ctx context.Context, list []atlassian.Event, forgotten, now time.Time) (last *outbox.Batch, fresh int, err error) {
	defer f.docs.Release()
	keys, bytes := make([]outbox.Key, len(list)), 0
	for i, e := range list {
		keys[i] = outbox.Key{Time: keyTime(e), Fingerprint: f.hasher.Fingerprint(f.docs.Add(e.Raw))}
		bytes += len(e.Raw)
	}
	delivered, err := f.outbox.Count(ctx, keys)
	if err != nil {
		return nil, 0, err
	}
	here, events := make(map[document.Fingerprint]bool, len(keys)), f.newFiller(bytes)
	for i, e := range list {
		ancient := !e.Processed.IsZero() && e.Processed.Before(forgotten)
		if delivered[i] > 0 || here[keys[i].Fingerprint] || f.ancient[keys[i].Fingerprint] {
			f.stats.Repeats.Add(1)
			continue
		}
		if ancient {
			if len(f.ancient) >= maxAncient {
				clear(f.ancient)
			}
			f.ancient[keys[i].Fingerprint] = true
		}
		here[keys[i].Fingerprint] = true
		if !events.add(ctx, e.Record, f.docs.Get(i), keys[i], event.Meta{Read: now}) {
			return nil, fresh, ctx.Err()
		}
		if f.Processed != nil && !e.Time.IsZero() && e.Processed.After(e.Time) {
			f.Processed(e.Processed.Sub(e.Time))
		}
		fresh++
	}
	return events.batch, fresh, nil
}

// keyTime returns the time by which the fingerprint of an event is kept, in Unix milliseconds.
func keyTime(e atlassian.Event) int64 {
	if e.Processed.IsZero() {
		return 0
	}
	return e.Processed.UnixMilli()
}
