package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/test/postgres"
)

// password is that of the user fluentbit, whom the server asks for one.
const password = "pg-s3cret-9Zq.Lw"

// TestDatabaseScripts runs the scripts of testdata/database, each with a database of its own in one
// PostgreSQL, and with the user fluentbit, who may do there what db schema grants.
func TestDatabaseScripts(t *testing.T) {
	server := postgres.Start(t)
	link, err := server.NewLink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close() })
	letIn(t, server)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	var databases atomic.Int64
	own := map[string]func(*testscript.TestScript, bool, []string){
		"member": member, "leave": leave,
		"psql": func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) != 1 {
				ts.Fatalf("usage: psql FILE")
			}
			_, err := server.Query(ts.Getenv("NAME"), ts.ReadFile(args[0]))
			ts.Check(err)
		},
	}
	maps.Copy(own, scriptCommands)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/database", RequireExplicitExec: true, Condition: condition, Cmds: own,
		Setup: func(env *testscript.Env) error {
			name := fmt.Sprintf("audit%d", databases.Add(1))
			if _, err := server.Query("postgres", "create database "+name); err != nil {
				return err
			}
			env.Setenv("NAME", name)
			env.Setenv("HOST", host)
			env.Setenv("SERVER", link.Addr())
			env.Setenv("DATABASE", fmt.Sprintf("postgres://fluentbit@%s/%s?sslmode=disable", link.Addr(), name))
			env.Setenv("OWNER", fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", link.Addr(), name))
			env.Setenv("SECRET", password)
			return errors.Join(setup(env), os.WriteFile(filepath.Join(env.WorkDir, "password"), []byte(password+"\n"), 0o600))
		},
	})
}

// letIn makes the user fluentbit, with a password.
func letIn(t *testing.T, server *postgres.Server) {
	t.Helper()
	path := filepath.Join(server.Dir, "data", "pg_hba.conf")
	others, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append([]byte("local all fluentbit scram-sha-256\n"), others...), 0o600)
	}
	if err == nil {
		_, err = server.Query("postgres", "create user fluentbit password '"+password+"'")
	}
	if err == nil {
		_, err = server.Query("postgres", "select pg_reload_conf()")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// members are the processes that scripts have let join, by a path in the folder of the script.
var members sync.Map

// leave lets a process leave: leave NAME.
func leave(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: leave NAME")
	}
	m, _ := members.Load(ts.MkAbs(args[0]))
	ts.Check(m.(*fleet.Member).Leave(context.Background()))
}

// member lets a process join and hold the log of a site, with a checkpoint, until it leaves or the
// script ends. With full it has no room for another. With gives it gives the log to whoever should
// have it, as an input does: member NAME LOG [full|gives].
func member(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: member NAME LOG [full|gives]")
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o := fleet.Options{URL: ts.Getenv("OWNER"), Name: args[0], LeaseTime: 6 * time.Second, Log: log}
	if slices.Contains(args, "full") {
		o.Max = 1
	}
	m, err := fleet.Join(ctx, o)
	ts.Check(err)
	members.Store(ts.MkAbs(args[0]), m)
	ts.Defer(func() { _ = m.Leave(context.Background()) })
	candidate := m.NewCandidate(args[1])
	lease, err := candidate.Acquire(ctx)
	ts.Check(err)
	_, version, err := lease.Load(ctx)
	ts.Check(err)
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	head := start.Add(10 * time.Hour)
	_, err = lease.Replace(ctx, version, outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: start, Head: head, Polled: head}, Horizon: start, Now: head})
	ts.Check(err)
	if !slices.Contains(args, "gives") {
		return
	}
	go func() {
		for err := error(nil); err == nil; lease, err = candidate.Acquire(context.Background()) {
			<-lease.Moving()
			_ = lease.Close()
		}
	}()
}
