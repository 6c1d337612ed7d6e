package fluentbit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/fluentbit/odd"
)

// TestOdd reads the files of package odd, whose Want is the result of the real Fluent Bit.
func TestOdd(t *testing.T) {
	for _, file := range odd.Files() {
		t.Run(file.Name, func(t *testing.T) {
			folder := t.TempDir()
			if err := file.Write(folder); err != nil {
				t.Fatal(err)
			}
			t.Chdir(folder)
			configuration, err := Read(strings.ReplaceAll(file.Main, "DIR", folder), func(name string) string { return odd.Environment[name] })
			want, got := file.Want, ""
			switch {
			case file.Stricter != "":
				want = odd.Refused
			case file.Looser != "":
				want = file.Reads
			}
			for _, in := range configuration.Inputs("probe") {
				got += odd.Line(in.Get)
			}
			if err != nil {
				got = odd.Refused
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("inputs (-Fluent Bit +reader), error %v:\n%s", err, diff)
			}
		})
	}
}
