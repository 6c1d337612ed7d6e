package deploy

import (
	"debug/elf"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// glibcFloor is the minor version of the newest glibc that the plugin may need: 2.34. All official
// images of the supported Fluent Bit releases have it.
const glibcFloor = 34

// callbacks are the symbols that Fluent Bit looks up in an input written in Go.
var callbacks = []string{
	"FLBPluginExit", "FLBPluginInit", "FLBPluginInputCallbackCtx", "FLBPluginInputPause", "FLBPluginInputPreExit", "FLBPluginInputResume",
	"FLBPluginRegister", "FLBPluginUnregister",
}

var machines = map[string]elf.Machine{"linux-amd64": elf.EM_X86_64, "linux-arm64": elf.EM_AARCH64}

// It checks the files of a release, for each architecture that "make cross" has built.
func TestSharedObjects(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../build/linux-*/in_confluence.so")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip(`nothing is built for release: run "make cross"`)
	}
	for _, path := range paths {
		platform := filepath.Base(filepath.Dir(path))
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			file, err := elf.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if file.Machine != machines[platform] {
				t.Errorf("built for %s, want %s", file.Machine, machines[platform])
			}
			checkGlibc(t, file)
			checkExports(t, file)
		})
	}
}

func checkGlibc(t *testing.T, file *elf.File) {
	t.Helper()
	imported, err := file.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	versioned := 0
	for _, s := range imported {
		number, ok := strings.CutPrefix(s.Version, "GLIBC_2.")
		if !ok {
			continue
		}
		versioned++
		number, _, _ = strings.Cut(number, ".")
		if minor, err := strconv.Atoi(number); err != nil || minor > glibcFloor {
			t.Errorf("%s needs %s, more than GLIBC_2.%d: build it on an older system", s.Name, s.Version, glibcFloor)
		}
		// These use NSS and the resolver of the host, which differ between hosts: build with netgo
		// and osusergo.
		if slices.Contains([]string{"getaddrinfo", "getpwuid_r", "getpwnam_r", "res_search", "__res_search"}, s.Name) {
			t.Errorf("it uses %s", s.Name)
		}
	}
	if versioned == 0 {
		t.Error("no symbol of glibc is imported: this check sees nothing")
	}
	libraries, err := file.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range libraries {
		if !slices.Contains([]string{"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}, library) {
			t.Errorf("it needs %s", library)
		}
	}
}

func checkExports(t *testing.T, file *elf.File) {
	t.Helper()
	symbols, err := file.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var exported []string
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF && strings.HasPrefix(s.Name, "FLB") {
			exported = append(exported, s.Name)
		}
	}
	slices.Sort(exported)
	if diff := cmp.Diff(callbacks, exported); diff != "" {
		t.Errorf("exported to Fluent Bit (-want +got):\n%s", diff)
	}
}
