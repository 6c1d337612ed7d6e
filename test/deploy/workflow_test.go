package deploy

import (
	"path/filepath"
	"regexp"
	"testing"
)

// actionlint checks workflows, but does not know that a tag of an action of others can be moved.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	uses, pinned := regexp.MustCompile(`uses: .*`), regexp.MustCompile(`uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("workflows %v: %v", files, err)
	}
	for _, file := range files {
		name, _ := filepath.Rel(root, file)
		for _, line := range uses.FindAll(read(t, name), -1) {
			if !pinned.Match(line) {
				t.Errorf("%s: %s: want a commit and its version", name, line)
			}
		}
	}
}
