package host

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Find returns the path of the Fluent Bit to run: that of FLUENT_BIT, or the one on the PATH.
func Find() (program string, _ error) {
	name := os.Getenv("FLUENT_BIT")
	if name == "" {
		path, err := exec.LookPath("fluent-bit")
		if err != nil {
			return "", errors.New("there is no fluent-bit on the PATH; set FLUENT_BIT to where it is")
		}
		return path, nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("FLUENT_BIT is %s, which cannot be run here", name)
	}
	return path, nil
}

// PluginName is the name of the plugin's file.
const PluginName = "in_confluence.so"

// Plugin returns the path of the plugin beside this program, or where packages or images have it,
// "" if it is in none of these places.
func Plugin() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		self = real
	}
	beside := filepath.Dir(self)
	for _, folder := range []string{beside, filepath.Join(beside, "..", "lib", "fluent-bit"), "/usr/lib/fluent-bit", "/fluent-bit/plugins"} {
		path := filepath.Join(folder, PluginName)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}
