package deploy

import (
	"os"
	"path/filepath"
	"testing"
)

// root is the repository.
const root = "../.."

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
