// Package manual checks and updates the tables of the documentation that are made from the code.
// Only tests use it.
package manual

import (
	"fmt"
	"os"
	"regexp"
	"slices"
)

// Check compares the table between the comments "<!-- name: ... -->" and "<!-- end of name -->" of
// a page with want. The error tells how to update the page. With update it writes want there
// instead.
func Check(page, name, want string, update bool) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	between := regexp.MustCompile(`(?s)(<!-- ` + name + `: .*? -->\n)(.*?)(<!-- end of ` + name + ` -->)`)
	match := between.FindSubmatch(text)
	if match == nil {
		return fmt.Errorf("%s has no markers for the table of %s", page, name)
	}
	table := "\n" + want + "\n"
	if update {
		text = between.ReplaceAllFunc(text, func([]byte) []byte { return slices.Concat(match[1], []byte(table), match[3]) })
		return os.WriteFile(page, text, 0o644)
	}
	if string(match[2]) != table {
		return fmt.Errorf("%s is out of date: run go generate ./...\nhave:\n%s\nwant:\n%s", page, match[2], table)
	}
	return nil
}
