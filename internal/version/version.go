// Package version knows which build this is.
package version

import "runtime/debug"

// Version is set by the linker: -X fluent-bit-confluence/internal/version.Version=v1.2.3.
var Version = ""

// String returns the version, or the commit of a build that has none.
func String() string {
	if Version != "" {
		return Version
	}
	return "dev-" + Commit()
}

// Commit returns the commit that was built, "unknown" where the build does not say.
func Commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "unknown"
}
