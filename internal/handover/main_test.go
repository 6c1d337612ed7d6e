package handover_test

import (
	"os"
	"testing"
)

// The model saves a state file many thousand times. What it shows does not depend on a real disk,
// but the time that it takes does: on a busy one, minutes.
func TestMain(m *testing.M) {
	if memory, err := os.MkdirTemp("/dev/shm", "handover-"); err == nil {
		defer os.RemoveAll(memory)
		os.Setenv("TMPDIR", memory)
	}
	m.Run()
}
