package deploy

import "testing"

// Packages contain an input for each product. Upgrades keep what an operator has changed there.
func TestPackagesCarryBothInputs(t *testing.T) {
	t.Parallel()
	var packages struct {
		Contents []struct{ Src, Dst, Type string }
	}
	readYAML(t, "packages/nfpm.yaml", &packages)
	for _, name := range []string{"confluence.conf", "jira.conf"} {
		found := false
		for _, c := range packages.Contents {
			found = found || c.Src == "deploy/packages/"+name && c.Dst == "/etc/fluent-bit/"+name && c.Type == "config|noreplace"
		}
		if !found {
			t.Errorf("%s is not in the packages", name)
		}
	}
}

// Packages contain the tool with its completions and manual pages.
func TestPackagesCarryManPagesAndCompletions(t *testing.T) {
	t.Parallel()
	var packages struct {
		Contents []struct{ Src, Dst, Packager string }
	}
	readYAML(t, "packages/nfpm.yaml", &packages)
	for _, format := range []string{"deb", "rpm"} {
		found := make(map[string]string)
		for _, c := range packages.Contents {
			if c.Packager == "" || c.Packager == format {
				found[c.Dst] = c.Src
			}
		}
		zsh := map[string]string{"deb": "/usr/share/zsh/vendor-completions/_confluence-audit", "rpm": "/usr/share/zsh/site-functions/_confluence-audit"}[format]
		for dst, src := range map[string]string{
			"/usr/share/man/man1/": "build/man/man1/*.1.gz", "/usr/share/bash-completion/completions/confluence-audit": "build/completions/bash",
			zsh: "build/completions/zsh", "/usr/share/fish/vendor_completions.d/confluence-audit.fish": "build/completions/fish",
		} {
			if found[dst] != src {
				t.Errorf("%s: %s comes from %q, want %q", format, dst, found[dst], src)
			}
		}
	}
}
