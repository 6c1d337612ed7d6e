package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

const (
	liveRate = 20 // new records a second
	livePoll = 2 * time.Second
)

// A live is how late new records are in the file while old ones are filled in.
type live struct {
	row
	late []time.Duration // of the new records, sorted
}

// liveDuring measures how long new records take to the file during a backfill.
func (b *bench) liveDuring(ctx context.Context) live {
	var l live
	l.row = b.measure(ctx, row{Who: plugin, Site: simulate.Cloud, Schema: "raw", To: "file", Flush: ourFlush, Records: b.live}, func(ctx context.Context, r *row) (err error) {
		busy := site(r.Site, r.Records)
		busy.Rate = liveRate
		s, err := startServer(ctx, busy)
		if err != nil {
			return err
		}
		defer s.account(r, &err)
		h, err := b.start(r, "", input(r.dir, s.URL, r.Site, r.Records).With(rig.Keys{"poll_interval": livePoll.String()}))
		if err != nil {
			return err
		}
		l.late, err = h.watchLive(ctx, filepath.Join(r.dir, "records"), r.Records)
		r.Wall = time.Since(h.began)
		var errStop error
		r.CPU, r.Memory, _, errStop = h.stop(ctx)
		return errors.Join(err, errStop)
	})
	return l
}

// watchLive reads the file of the output until it has so many records from before the start. It
// returns how late the others came, sorted.
func (h *host) watchLive(ctx context.Context, path string, old int) (late []time.Duration, err error) {
	var file *os.File
	var rest []byte
	buffer := make([]byte, 1<<20)
	for was := 0; was < old; {
		if file == nil {
			file, _ = os.Open(path)
		}
		n := 0
		if file != nil {
			if n, err = file.Read(buffer); err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
		}
		if n == 0 {
			select {
			case <-time.After(10 * time.Millisecond):
				continue
			case <-ctx.Done():
				return nil, fmt.Errorf("%d of %d records; the log:\n%s", was, old, h.Log())
			}
		}
		now := time.Now()
		rest = append(rest, buffer[:n]...)
		for {
			line, after, whole := bytes.Cut(rest, []byte{'\n'})
			if !whole {
				break
			}
			rest = after
			at, err := created(line)
			if err != nil {
				return nil, err
			}
			if at.Before(h.began) {
				was++
			} else {
				late = append(late, now.Sub(at))
			}
		}
		rest = slices.Clone(rest)
	}
	slices.Sort(late)
	return late, file.Close()
}

// created returns when a record was created.
func created(line []byte) (time.Time, error) {
	_, number, _ := bytes.Cut(line, []byte(`"creationDate":`))
	end := bytes.IndexAny(number, ",}")
	ms, err := strconv.ParseInt(string(number[:max(end, 0)]), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read a record's time: %w: %.200s", err, line)
	}
	return time.UnixMilli(ms), nil
}

var liveHead = []string{"Records of the backfill", "It took", "New records meanwhile", "Polled each", "Median", "99th percentile", "Latest"}

// LiveTable returns the table of how late new records are.
func (p *page) LiveTable() table {
	t := table{Title: "New records during a backfill", head: liveHead}
	switch l := p.Live; {
	case l.Missing != "":
		t.Rows = [][]string{{l.Missing, "", "", "", "", "", ""}}
	case len(l.late) > 0:
		n := len(l.late)
		t.Rows = [][]string{{fmt.Sprint(l.Records), seconds(l.Wall), fmt.Sprint(n), livePoll.String(), seconds(l.late[n/2]), seconds(l.late[n*99/100]), seconds(l.late[n-1])}}
	}
	return t
}
