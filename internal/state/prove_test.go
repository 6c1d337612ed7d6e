package state

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What commits of all sizes leave is sound: a proof that is too strict would begin anew for nothing.
func TestProveWhatCommitsLeave(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shm(t), "s.db")
	f := open1(t, path)
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 300 {
		c := someCommit(random, n, []int{2, 50, 700, 4000}[random.IntN(4)])
		c.Horizon = c.Checkpoint.Head.Add(-time.Duration(random.IntN(30)) * time.Hour)
		if err := f.Commit(c); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		content, _, err := inspect(file, path, site, firstVersion)
		file.Close()
		if err != nil || !content.checkpoint.Head.Equal(c.Checkpoint.Head) {
			t.Fatalf("after %d commits: head %s, %v", n+1, content.checkpoint.Head, err)
		}
	}
}
