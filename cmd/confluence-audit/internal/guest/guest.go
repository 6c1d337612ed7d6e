// Package guest takes a command to the databases in which processes share their inputs: to look, or
// as a member that holds a log for a moment to change its state.
package guest

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
)

// Guest is a command that changes the state of logs in databases.
type Guest struct {
	purpose string
	members map[string]*fleet.Member // by the address of the database
}

// New returns a command that is no member yet. The names of its memberships tell the purpose.
func New(purpose string) *Guest {
	return &Guest{purpose: purpose, members: make(map[string]*fleet.Member)}
}

// Join makes the command a member of a database, once. Its errors have no secrets.
func (g *Guest) Join(ctx context.Context, s config.Settings) (*fleet.Member, error) {
	if m := g.members[s.Database]; m != nil {
		return m, nil
	}
	host, _ := os.Hostname()
	o := Options(s)
	o.Guest, o.Name = true, fmt.Sprintf("confluence-audit %s on %s (process %d)", g.purpose, host, os.Getpid())
	quiet := logrus.New()
	quiet.SetOutput(io.Discard) // what goes wrong is in the errors
	o.Log = quiet
	joining, cancel := context.WithTimeout(ctx, databaseWait)
	defer cancel()
	m, err := fleet.Join(joining, o)
	if err != nil {
		return nil, fleet.Explained(err)
	}
	g.members[s.Database] = m
	return m, nil
}

// Leave gives all logs back. What cannot be given back now, others take when the lease is over.
func (g *Guest) Leave() {
	for _, m := range g.members {
		_ = m.Leave(context.Background())
	}
}
