package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
)

// guests are the memberships of a command that changes the state of logs in databases.
type guests struct {
	purpose string
	members map[string]*fleet.Member // by the address of the database
}

// join makes the command a member of a database, once. Its errors have no secrets.
func (g *guests) join(ctx context.Context, s config.Settings) (*fleet.Member, error) {
	if m := g.members[s.Database]; m != nil {
		return m, nil
	}
	host, _ := os.Hostname()
	o := databaseOf(s)
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
	if g.members == nil {
		g.members = make(map[string]*fleet.Member)
	}
	g.members[s.Database] = m
	return m, nil
}

// leave gives all logs back. What cannot be given back now, others take when the lease is over.
func (g *guests) leave() {
	for _, m := range g.members {
		_ = m.Leave(context.Background())
	}
}
