package main

import (
	"context"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/window"
)

// delivered writes the state file of a site whose collector has delivered one record a minute from
// 2026-11-01 on, and was stopped during a backfill (pending) or after it: delivered FILE SITE N
// [pending | CLOUD-ID].
func delivered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: delivered FILE SITE N [pending | CLOUD-ID]")
	}
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	file, err := state.Open(ts.MkAbs(args[0]), args[1])
	ts.Check(err)
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	head := start.Add(time.Duration(n-1) * time.Minute)
	c := outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: start, Head: head, Polled: head}, Horizon: start, Now: head}
	for i := range n {
		key := outbox.Key{Time: start.Add(time.Duration(i) * time.Minute).UnixMilli(), Fingerprint: document.Fingerprint{byte(i), 1}}
		c.Seen = append(c.Seen, outbox.Seen{Key: key, Count: 1})
	}
	switch {
	case len(args) == 3:
	case args[3] != "pending":
		c.Checkpoint.CloudID = args[3]
	default:
		c.Checkpoint.Pending = []window.Range{{From: start, To: start.Add(6 * time.Hour)}}
	}
	_, version, err := file.Load(context.Background())
	ts.Check(err)
	_, err = file.Replace(context.Background(), version, c)
	ts.Check(err)
	ts.Check(file.Close())
}
