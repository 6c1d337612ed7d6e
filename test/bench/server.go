package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// perDay is how many records a site has in a day.
const perDay = 20_000

// history returns how far back the records of a site begin.
func history(records int) time.Duration {
	return time.Duration(records) * (24 * time.Hour / perDay)
}

// A service holds the settings for the process of the server.
type service struct {
	simulate.Options
	Addresses int // of loopback, on one port
}

// site returns the service of all measurements. Data Center does not record searches, so that all
// candidates get the same records.
func site(deployment string, records int) service {
	return service{Addresses: 1, Options: simulate.Options{
		Deployment: deployment, Seed: 1, Records: records, History: history(records),
		Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}},
	}}
}

// serve is the main function of the server process. It prints its port, and ends when its standard
// input ends.
func serve(text string) error {
	var s service
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	server := &http.Server{Handler: simulate.New(s.Options), ReadHeaderTimeout: time.Minute}
	port := "0"
	for i := range s.Addresses {
		listener, err := net.Listen("tcp", address(i, port))
		if err != nil {
			return fmt.Errorf("serve: %w", err)
		}
		_, port, _ = net.SplitHostPort(listener.Addr().String())
		go func() { _ = server.Serve(listener) }()
	}
	fmt.Println(port)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// address returns the i-th address on loopback: 127.0.0.1, 127.0.0.2 and so on.
func address(i int, port string) string {
	return fmt.Sprintf("127.0.%d.%d:%s", i/250, i%250+1, port)
}

// A server is a running server process.
type server struct {
	URL   string // the first address
	port  string
	cmd   *exec.Cmd
	input io.Closer
	ready time.Duration // CPU time until it was ready
}

func startServer(ctx context.Context, s service) (*server, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", string(text))
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	port, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start server: %w", err), cmd.Wait())
	}
	port = strings.TrimSpace(port)
	sv := &server{URL: "http://" + address(0, port), port: port, cmd: cmd, input: input}
	sv.ready, err = cpu(cmd.Process.Pid)
	return sv, err
}

// stop ends the server and returns the CPU time of its answers.
func (s *server) stop() (time.Duration, error) {
	if err := s.input.Close(); err != nil {
		return 0, err
	}
	if err := s.cmd.Wait(); err != nil {
		return 0, fmt.Errorf("stop server: %w", err)
	}
	return s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime() - s.ready, nil
}

// requests returns how many there have been.
func (s *server) requests(ctx context.Context) (int, error) {
	var summary simulate.Summary
	body, err := get(ctx, s.URL+"/_simulate/summary")
	if err == nil {
		err = json.Unmarshal(body, &summary)
	}
	return summary.Requests, err
}

// get fetches a document of a few hundred kilobytes at most.
func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}
