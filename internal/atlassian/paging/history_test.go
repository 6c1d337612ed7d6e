package paging_test

import (
	"fmt"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

// A list that ends with a record before the window is known to be whole without a second request.
// If no such record is known, one is guessed once other windows were read.
func TestReadFromFloor(t *testing.T) {
	t.Parallel()
	at := func(ms int) time.Time { return Epoch.Add(-time.Duration(ms) * time.Millisecond) }
	type read struct{ from, to int } // ms before epoch
	tests := []struct {
		name     string
		reads    []read
		cap      int
		gone     int // oldest records that the site has deleted before the last read
		requests int // of the last read
	}{
		{"the same window again", []read{{20, 0}, {20, 0}}, 0, 0, 1},
		{"many times", []read{{20, 0}, {20, 0}, {20, 0}, {20, 0}, {20, 0}, {20, 0}, {20, 0}}, 0, 0, 1},
		{"the window that follows", []read{{40, 21}, {20, 0}}, 0, 0, 1},
		{"one that leaves something out", []read{{40, 21}, {19, 0}}, 0, 0, 1},
		{"one that begins within", []read{{40, 10}, {20, 0}}, 0, 0, 1},
		{"one that begins earlier", []read{{20, 0}, {30, 0}}, 0, 0, 1},
		{"one that begins earlier, with the oldest record", []read{{20, 0}, {30, 0}}, 0, 69, 3},
		{"one of many records that begins within", []read{{90, 0}, {80, 0}}, 0, 0, 2},
		{"with others in between", []read{{90, 80}, {20, 0}, {20, 0}, {79, 60}}, 0, 0, 1},
		{"all that the site has", []read{{400, 0}, {400, 0}}, 0, 0, 5},
		{"floor is gone", []read{{20, 0}, {20, 0}}, 0, 79, 3},
		{"floor and records are gone", []read{{20, 0}, {20, 0}}, 0, 85, 3},
		{"server caps pages", []read{{40, 21}, {20, 0}}, 7, 0, 5},
		{"server caps pages at the window's size", []read{{40, 21}, {20, 0}}, 21, 0, 2},
	}
	for i := range tests {
		tt := &tests[i]
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: auditRecords(100)}
			if tt.cap > 0 {
				log.Cap = func(asked int) int { return min(asked, tt.cap) }
			}
			c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
			for n, r := range tt.reads {
				if n == len(tt.reads)-1 {
					log.Records = log.Records[:len(log.Records)-tt.gone]
					log.Requests = 0
				}
				got, err := readAll(c, at(r.from), at(r.to))
				if err != nil {
					t.Fatal(err)
				}
				want := log.Records[min(r.to, len(log.Records)):min(r.from+1, len(log.Records))]
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("read %d (-want +got):\n%s", n, diff)
				}
			}
			if log.Requests != tt.requests {
				t.Errorf("%d requests, want %d: %q", log.Requests, tt.requests, log.Queries)
			}
		})
	}
}

// If several records share the time of the floor, one of them is enough.
func TestReadFromFloorOfMany(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(10)}
	for n := range 500 {
		log.Records = append(log.Records, auditRecord(11, fmt.Sprint("bulk ", n)))
	}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
	for n, requests := range []int{2, 1} {
		log.Requests = 0
		got, err := readAll(c, Epoch.Add(-10*time.Millisecond), Epoch)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(log.Records[:10], got); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		if log.Requests != requests {
			t.Errorf("reading %d: %d requests, want %d: %q", n, log.Requests, requests, log.Queries)
		}
	}
}

// A list is read to its end if the floor that was asked for is gone with all other records.
func TestReadFromFloorGone(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(50)}
	center := &centerOf{log: log}
	for name, c := range map[string]*Client{
		"Cloud":       cloudClient(t, log.ServeHTTP, atlassian.Options{}),
		"Data Center": centerClient(t, center.ServeHTTP, atlassian.Options{}),
	} {
		log.Records = auditRecords(50)
		for _, want := range []int{21, 21, 0} {
			if want == 0 {
				log.Records = nil
			}
			if got, err := readAll(c, at(20), at(0)); err != nil || len(got) != want {
				t.Errorf("%s: %d records, want %d; %v", name, len(got), want, err)
			}
		}
	}
}

// A record without a time behind the window's last one is no floor.
func TestReadAboveUntimed(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: append(auditRecords(10), `{"creationDate":0,"summary":"untimed"}`)}
	log.Records = append(log.Records, auditRecord(50, "older"))
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 50})
	for range 2 {
		got, err := readAll(c, Epoch.Add(-20*time.Millisecond), Epoch)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(log.Records[:10], got); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
}
