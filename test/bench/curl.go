package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// errNotHere is the error when a program to compare with is not on PATH.
var errNotHere = errors.New("not on this machine")

func needs(programs ...string) error {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return errNotHere
		}
	}
	return nil
}

// runCurl measures one curl that fetches all pages on one connection and discards the bodies: the
// cost of fetching alone.
func (b *bench) runCurl(ctx context.Context, r *row) (err error) {
	if err := needs("curl"); err != nil {
		return err
	}
	s, err := startServer(ctx, site(r.Site, r.Records))
	if err != nil {
		return err
	}
	defer s.account(r, &err)
	a := apiOf(r.Site, s.URL)
	url := fmt.Sprintf("%s&%s=[0-%d:%d]", a.list, a.offset, r.Records-1, pageSize)
	cmd := exec.CommandContext(ctx, "curl", "-s", "-u", a.login, "-o", "/dev/null", "-w", "%{http_code} %{size_download}\n", url)
	var answers strings.Builder
	cmd.Stdout = &answers
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	memory := watchMemory(cmd.Process.Pid, false)
	err = cmd.Wait()
	r.Wall, r.Memory = time.Since(began), memory.end()
	if err != nil {
		return fmt.Errorf("run curl: %w", err)
	}
	r.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return enough(answers.String(), site(r.Site, r.Records).Options)
}

// enough checks that each answer was good, and that together they are large enough for all records.
func enough(answers string, o simulate.Options) error {
	var got, want int64
	for line := range strings.Lines(answers) {
		var code, size int64
		if fmt.Sscan(line, &code, &size); code != 200 {
			return fmt.Errorf("run curl: an answer of status %d", code)
		}
		got += size
	}
	for record := range simulate.New(o).Records() {
		want += int64(len(record.JSON))
	}
	if got < want {
		return fmt.Errorf("run curl: %d bytes, want at least the %d of the records", got, want)
	}
	return nil
}
