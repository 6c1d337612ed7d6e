package ocsf

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/manual"
)

var update = flag.Bool("update", false, "write the table of releases in docs/schemas.md")

// TestOCSFPage compares the table of releases in docs/schemas.md with the code.
func TestOCSFPage(t *testing.T) {
	head, line := "| |", "| :--- |"
	rows := []string{"| class of a change to a user |", "| class of a user's permission |", "| what it is for |", "| `user.type_id` of a service account |"}
	for _, v := range versions {
		user, access := v.classes[aboutUser].class, v.classes[aboutAccess].class
		head, line = head+" "+v.name+" |", line+" :--- |"
		for i, cell := range []string{
			fmt.Sprintf(" %s (%d) |", user.name, user.uid), fmt.Sprintf(" %s (%d) |", access.name, access.uid),
			fmt.Sprintf(" `%s` |", access.resources), fmt.Sprintf(" %d |", v.service),
		} {
			rows[i] += cell
		}
	}
	table := head + "\n" + line + "\n" + strings.Join(rows, "\n") + "\n"
	if err := manual.Check("../../../docs/schemas.md", "ocsf", table, *update); err != nil {
		t.Error(err)
	}
}
