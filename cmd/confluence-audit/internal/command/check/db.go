package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/guest"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/terminal"
)

// tryState checks whether the input could open the state file.
func tryState(path string, at site.Site) site.Step {
	found, err := state.Try(path, at.Log())
	other, isOther := errors.AsType[*state.OtherSite](err)
	switch {
	case isOther && other.Moved(at.CloudID):
		return site.Step{Name: "db", Status: site.OK, Detail: path + " is of the same site at its former address, " + other.Is + ": it is taken along"}
	case state.IsDamage(err):
		return site.Step{Name: "db", Status: site.Warn, Detail: err.Error() + ": the input will move it aside and begin again, look at the disk"}
	case err != nil:
		return site.Step{Name: "db", Status: site.Fail, Detail: err.Error()}
	}
	return site.Step{Name: "db", Status: site.OK, Detail: path + " " + found}
}

// tryDatabase checks whether the input could share its log through the database.
func tryDatabase(ctx context.Context, s config.Settings, at site.Site) site.Step {
	where := guest.Shown(s.Database)
	found, err := guest.View(ctx, s)
	switch {
	case fleet.NoTables(err):
		return site.Step{Name: "db", Status: site.OK, Detail: where + " answers; the tables will be made at the first start, if the user may make them: " +
			"otherwise let an administrator run what confluence-audit db schema prints"}
	case err != nil:
		return site.Step{Name: "db", Status: site.Fail, Detail: where + ": " + terminal.Plain(fleet.Explained(err).Error())}
	}
	row := found.Log(at.Log())
	detail := where + " answers"
	former := slices.IndexFunc(found.Logs, func(r fleet.LogRow) bool {
		other := state.OtherSite{Is: r.Name, Want: at.Log(), CloudID: r.Checkpoint.CloudID}
		return r.Name != at.Log() && other.Moved(at.CloudID)
	})
	switch reader := terminal.Plain(found.Reader(row)); {
	case reader != "":
		detail += "; the log is read by " + reader
	case !row.Checkpoint.Head.IsZero():
		detail += fmt.Sprintf("; nobody reads the log, and the next to do so goes on with records after %s", row.Checkpoint.Head.UTC().Format(time.RFC3339))
	case former >= 0:
		detail += "; it has the log of the same site at its former address, " + terminal.Plain(found.Logs[former].Name) + ": it is taken along"
	default:
		detail += "; nobody has read the log yet"
	}
	return site.Step{Name: "db", Status: site.OK, Detail: detail}
}
