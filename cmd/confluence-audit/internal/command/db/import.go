package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/guest"
	"fluent-bit-confluence/cmd/confluence-audit/internal/input"
	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/terminal"
)

type importOptions struct {
	config  string
	replace bool
}

// importFiles takes state files along into the databases of the inputs that read their audit logs.
// It tells for each what has happened, and goes on with the next.
func importFiles(cmd *cobra.Command, o importOptions, paths []string) error {
	inputs, _, err := input.ReadConfiguration(o.config, "")
	if err != nil {
		return err
	}
	databases, err := databasesOf(inputs, o.config)
	if err != nil {
		return err
	}
	g := guest.New("db import")
	defer g.Leave()
	screen, status := terminal.On(cmd.OutOrStdout()), terminal.NewStatus(cmd.ErrOrStderr())
	failed := 0
	for i, path := range paths {
		status.Show(fmt.Sprintf("importing %s, %d of %d", path, i+1, len(paths)))
		done, err := importFile(cmd.Context(), g, databases, o, path)
		status.Clear()
		switch {
		case cmd.Context().Err() != nil:
			return cli.Stopped(fmt.Sprintf("stopped: %s of %d were imported", words.Count(i-failed, "file"), len(paths)))
		case err != nil:
			failed++
			screen.Marked(terminal.Bad, terminal.Plain(err.Error()))
		default:
			screen.Marked(terminal.Good, terminal.Plain(done))
		}
	}
	if failed > 0 {
		return cli.ErrFailed
	}
	screen.Hang("", 0, "The files are as they were. Set them aside, so that nobody goes on with them too.")
	return nil
}

// databasesOf returns the settings of the inputs by their audit log.
func databasesOf(inputs []input.Input, path string) (map[string]config.Settings, error) {
	all, shared := make(map[string]config.Settings), false
	for _, in := range inputs {
		s, of, err := in.State()
		if err != nil {
			return nil, err
		}
		all[of.Log()] = s
		shared = shared || s.Database != ""
	}
	if !shared {
		return nil, fmt.Errorf("no input of %s has a database: want the configuration that goes on, with the address of the database as db", path)
	}
	return all, nil
}

// importFile returns what it has done.
func importFile(ctx context.Context, g *guest.Guest, databases map[string]config.Settings, o importOptions, path string) (done string, err error) {
	file, err := state.OpenArchive(path)
	switch {
	case errors.Is(err, state.ErrEmpty):
		return fmt.Sprintf("%s has nothing to import: no record was delivered yet", path), nil
	case err != nil:
		return "", err
	}
	defer file.Close()
	settings, known := databases[file.Site]
	switch {
	case !known:
		return "", fmt.Errorf("%s is of %s, which no input of %s reads: add it there, or leave the file out; if its address has changed, start the input with the file once", path, file.Site, o.config)
	case settings.Database == "":
		return "", fmt.Errorf("%s is of %s, whose input in %s has no database: set its db to the address of the database", path, file.Site, o.config)
	}
	member, err := g.Join(ctx, settings)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	where, newest := guest.Shown(settings.Database), file.Checkpoint.Head.UTC().Format(time.RFC3339)
	err = member.Visit(ctx, file.Site, func(l *fleet.Lease) error {
		imported, err := l.Import(ctx, file.Checkpoint, file.Each, o.replace)
		switch {
		case err != nil:
		case imported:
			done = fmt.Sprintf("%s: %s goes on in %s with records after %s, and leaves out %s of before", path, file.Site, where, newest, words.Count(file.Records, "record"))
		default:
			done = fmt.Sprintf("%s: %s has it already, and goes on from there: nothing has changed", path, where)
		}
		return err
	})
	if _, kept := errors.AsType[*fleet.KeptError](err); kept {
		err = fmt.Errorf("%w, the file up to %s: nothing has changed; with --replace the input goes on from the file, and what was delivered from either does not come again", err, newest)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return done, nil
}
