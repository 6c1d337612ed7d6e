package paging_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
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
