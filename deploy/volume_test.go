package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The recipes' limit of what may wait is larger than the volume: a full disk loses nothing, the
// limit throws the oldest records away.
func TestLimitIsAboveTheVolume(t *testing.T) {
	t.Parallel()
	gigabytes := func(file, pattern string) (n int) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pattern).FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s has no %s", file, pattern)
		}
		if _, err := fmt.Sscan(string(m[1]), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	volume := gigabytes("kubernetes/volume.yaml", `storage: (\d+)Gi`)
	recipes, err := filepath.Glob("../examples/*/fluent-bit.*")
	if err != nil || len(recipes) == 0 {
		t.Fatal("no recipes", err)
	}
	for _, recipe := range recipes {
		if limit := gigabytes(recipe, `(?:storage\.total_limit_size|store_dir_limit_size):? +(\d+)G`); limit <= volume {
			t.Errorf("%s: a limit of %d GB is not above the volume of %d GiB", recipe, limit, volume)
		}
	}
}
