package paging_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
	logtest "github.com/sirupsen/logrus/hooks/test"
)

// A record that a site lists in a window is read even if its time lies outside, if no other window
// would show it. Otherwise it is passed over and counted.
func TestReadOutside(t *testing.T) {
	t.Parallel()
	future := `{"creationDate":253402300799000,"summary":"year 9999"}`
	two := fmt.Sprintf(`{"creationDate":%d,"creationDate":5000000000000,"summary":"two times"}`, Epoch.UnixMilli()-5000)
	twoOther := fmt.Sprintf(`{"creationDate":5000000000000,"creationDate":%d,"summary":"two times"}`, Epoch.UnixMilli()-5000)
	later := auditRecord(-60_000, "a minute later")
	earlier := auditRecord(9_000_000, "long before")
	tests := []struct {
		name   string
		record string
		place  int // place in the list of the window
		passed bool
	}{
		{"future first", future, 0, false},
		{"future among others", future, 5, false},
		{"future last", future, 10, false},
		{"two times, one in the window", two, 5, false},
		{"two times, the other way round", twoOther, 5, false},
		{"later, among others", later, 5, false},
		{"later, at the head", later, 0, true},
		{"before, among others", earlier, 5, true},
	}
	for _, tt := range tests {
		for _, center := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, center), func(t *testing.T) {
				t.Parallel()
				record, all := tt.record, []string(nil)
				for i := range 10 {
					all = append(all, auditRecord(i*1000, fmt.Sprint("record ", i)))
				}
				log := &auditLog{Records: slices.Insert(slices.Clone(all), tt.place, record), IgnoreDates: true}
				c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: 4})
				if center {
					log = &auditLog{}
					center := &centerLog{Me: known, IgnoreDates: true}
					for _, r := range slices.Insert(slices.Clone(all), tt.place, record) {
						center.Records = append(center.Records, inCenter(r))
					}
					record = inCenter(record)
					for i := range all {
						all[i] = inCenter(all[i])
					}
					c = centerClient(t, center.ServeHTTP, atlassian.Options{PageSize: 4})
				}
				want := all
				if !tt.passed {
					want = slices.Insert(slices.Clone(all), tt.place, record)
				}
				for range 2 {
					got, err := readAll(c, Epoch.Add(-time.Minute), Epoch)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("records (-want +got):\n%s", diff)
					}
				}
				if got := c.PassedOver(); got > 0 != tt.passed {
					t.Errorf("%d records passed over", got)
				}
			})
		}
	}
}

// Records that a site lists because it rounds the ends of a window are no sign that it ignores them.
func TestReadRounded(t *testing.T) {
	t.Parallel()
	log := &auditLog{Records: auditRecords(1000), IgnoreDates: true}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{})
	got, err := readAll(c, at(600), at(300))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(log.Records[300:601], got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if n := c.PassedOver(); n > 0 {
		t.Errorf("%d records passed over", n)
	}
}

// A site that lists records outside of the time asked for is logged once a day.
func TestPassedOverLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(Epoch))
		logger, hook := logtest.NewNullLogger()
		log := &auditLog{Records: append(auditRecords(10), auditRecord(9_000_000, "long before")), IgnoreDates: true}
		c := bubbledTo(t, kinds[0], log, atlassian.Options{Log: logger})
		for day := range 3 {
			for range 3 {
				if _, err := readAll(c, Epoch.Add(-time.Minute), Epoch); err != nil {
					t.Fatal(err)
				}
				time.Sleep(7 * time.Hour)
			}
			time.Sleep(3 * time.Hour)
			lines := 0
			for _, entry := range hook.AllEntries() {
				if strings.Contains(entry.Message, "they are passed over") {
					lines++
				}
			}
			if lines != day+1 {
				t.Errorf("%d lines in %d days", lines, day+1)
			}
		}
	})
}

// inCenter is the record of a Cloud log as a Data Center has it.
func inCenter(record string) string {
	for _, part := range strings.Split(record, `"creationDate":`)[1:] {
		digits, _, _ := strings.Cut(part, ",")
		var ms int64
		fmt.Sscan(digits, &ms)
		record = strings.Replace(record, `"creationDate":`+digits, fmt.Sprintf(`"timestamp":%q`, time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")), 1)
	}
	return record
}

// A server that cuts the ends of a window to seconds leaves out records at the end of the window,
// and lists them again before the next one. Each is read, and once.
func TestReadCutToSeconds(t *testing.T) {
	t.Parallel()
	log := &auditLog{Seconds: true}
	for i := 1; i <= 50; i++ {
		log.Records = append(log.Records, auditRecord(2000+i*100, fmt.Sprint("record ", i)))
	}
	for _, page := range []int{1000, 10} {
		c := cloudClient(t, log.ServeHTTP, atlassian.Options{PageSize: page})
		var got []string
		for _, window := range [][2]int{{9000, 5550}, {5549, 3250}, {3249, 0}} {
			records, err := readAll(c, at(window[0]), at(window[1]))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, records...)
		}
		slices.Sort(got)
		slices.Reverse(got)
		if diff := cmp.Diff(log.Records, got); diff != "" {
			t.Errorf("pages of %d: records (-want +got):\n%s", page, diff)
		}
	}
}

// Once it is known that a server cuts times to seconds, no record is missed at the end of a window,
// though the window before it was not read.
func TestReadAfterCutToSeconds(t *testing.T) {
	t.Parallel()
	log := &auditLog{Seconds: true}
	for i := 1; i <= 50; i++ {
		log.Records = append(log.Records, auditRecord(2000+i*100, fmt.Sprint("record ", i)))
	}
	c := cloudClient(t, log.ServeHTTP, atlassian.Options{})
	if _, err := readAll(c, at(6550), at(6050)); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(c, at(4550), at(3250))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(log.Records[12:25], got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}
