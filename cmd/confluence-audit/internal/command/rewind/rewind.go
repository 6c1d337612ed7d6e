// Package rewind moves the checkpoint of an input back, so that its records come again.
package rewind

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/auditlog"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/guest"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/terminal"
)

// Command returns the command rewind.
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "rewind",
		Short: "deliver again what was delivered since a time",
		Long: `Moves the checkpoint of an input back, so that all records since then come again: after an output has thrown some away, because its token was wrong, or a receiver has lost them.

The records have the event ids that they had, so a receiver that has some of them can drop the repeats. The tool says first what will come again, and asks. Stop Fluent Bit before, and start it after. With a database (db postgres://...) the processes go on: the one that reads the audit log gives it away for a moment, and goes on from the new place.`,
		Example: `  confluence-audit rewind --config fluent-bit.yaml --to 2026-11-01T08:00:00Z
  confluence-audit rewind --config fluent-bit.yaml --input wiki --to 24h --yes`,
		Annotations: map[string]string{cli.FailedMeans: "nothing has changed", cli.OKMeans: "the checkpoint is moved"},
	}
	cli.ConfigFlag(cmd, &o.config, "The configuration of Fluent Bit in which the input is, classic or YAML.")
	input.AliasFlag(cmd, &o.alias)
	cli.TextVar(cmd, &o.to, "to", "", "<time>", "From when on records come again: a date, an RFC 3339 time, a duration back such as 24h or 30d, or all.")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "Do not ask.")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return rewind(cmd, o) }
	return cmd
}

type options struct {
	config, alias, to string
	yes               bool
}

func rewind(cmd *cobra.Command, o options) error {
	switch {
	case o.config == "":
		return cli.UsageError("want --config, in which the input is")
	case o.to == "":
		return cli.UsageError("want --to, from when on records come again")
	}
	to, err := config.ParseStartFrom(o.to)
	if err != nil {
		return cli.UsageError("--to %q: %v", o.to, err)
	}
	in, err := input.One(cmd, o.config, o.alias, nil)
	if err != nil {
		return err
	}
	settings, of, err := in.State()
	switch {
	case err != nil:
		return err
	case settings.Database == "" && settings.DB == "":
		return fmt.Errorf("%s has no db: its state is gone when it stops, and it begins at start_from again", in.Name())
	}
	now := time.Now()
	then := to.At(now)
	if then.IsZero() {
		then = auditlog.Beginning
	}
	screen := terminal.On(cmd.OutOrStdout())
	agree := func(r state.Rewinding) error {
		describe(screen, cmp.Or(settings.DB, guest.Shown(settings.Database)), r, now)
		if o.yes {
			return nil
		}
		return cli.Consent(cmd)
	}
	done := "done: they come again as a catch-up, beside what is new"
	if settings.Database != "" {
		err = rewindShared(cmd, settings, of.Log(), then, agree)
	} else {
		err = state.Rewind(settings.DB, of.Log(), then, agree)
		done = "done: start Fluent Bit, and they come again as a catch-up, beside what is new"
	}
	if err != nil {
		return err
	}
	screen.Marked(terminal.Good, done)
	return nil
}

// rewindShared moves the checkpoint of a log in a database, while processes read it or none does. It
// holds the log only when it is agreed.
func rewindShared(cmd *cobra.Command, s config.Settings, log string, then time.Time, agree func(state.Rewinding) error) error {
	ctx := cmd.Context()
	plan, err := fleet.PlanRewind(ctx, guest.Options(s), log, then)
	if err != nil {
		return fleet.Explained(err)
	}
	if err := agree(plan); err != nil {
		return err
	}
	g := guest.New("rewind")
	defer g.Leave()
	member, err := g.Join(ctx, s)
	if err != nil {
		return err
	}
	status := terminal.NewStatus(cmd.ErrOrStderr())
	status.Show("waiting until the process that reads the log has handed over what it has read")
	defer status.Clear()
	err = member.Visit(ctx, log, func(l *fleet.Lease) error { return l.Rewind(ctx, plan.To) })
	if err != nil && ctx.Err() != nil {
		return cli.Stopped("stopped: whether the checkpoint was moved is not known; run it again, it does no harm")
	}
	return err
}

// describe prints what a rewind will do.
func describe(screen terminal.Screen, path string, r state.Rewinding, now time.Time) {
	line := func(head, text string) { screen.Hang(fmt.Sprintf("%-7s", head), 7, text) }
	moment := func(t time.Time) string {
		return t.UTC().Format(time.RFC3339) + ", " + words.Ago(now.Sub(t))
	}
	line("state", path)
	line("from", moment(r.From)+": the newest record delivered")
	line("to", moment(r.To))
	switch {
	case r.Counted.After(r.To):
		line("again", fmt.Sprintf("about %s, and those before %s, whose number is not known: confluence-audit estimate tells",
			words.Count(r.Records, "record"), r.Counted.UTC().Format(time.RFC3339)))
	case r.Records == 0:
		line("again", "none: no record was delivered since then, or an earlier rewind brings them already")
	default:
		line("again", "about "+words.Count(r.Records, "record"))
	}
	if r.Began.After(r.To) {
		line("new", "those before "+r.Began.UTC().Format(time.RFC3339)+", where the first run began, come for the first time")
	}
}
