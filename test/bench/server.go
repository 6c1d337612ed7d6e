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

// history is how far the records of a site reach back.
func history(records int) time.Duration {
	return time.Duration(records) * (24 * time.Hour / perDay)
}

// A service is what the process of the server needs to know.
type service struct {
	simulate.Options
	Addresses int // of loopback, on one port
}

// site are a service's options as all measurements have them. Data Center does not write about
// being read, so that all get the same records.
func site(deployment string, records int) service {
	return service{Addresses: 1, Options: simulate.Options{
		Deployment: deployment, Seed: 1, Records: records, History: history(records),
		Faults: []simulate.Fault{{Kind: simulate.FaultNoSearchEvents}},
	}}
}

// serve is the process of the server. It prints its first address and ends with its standard input.
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

// address is the i-th on loopback: 127.0.0.1, 127.0.0.2 and so on.
func address(i int, port string) string {
	return fmt.Sprintf("127.0.%d.%d:%s", i/250, i%250+1, port)
}

// A server is a running one.
type server struct {
	URL   string // the first address
	port  string
	cmd   *exec.Cmd
	input io.Closer
	ready time.Duration // CPU until it could answer
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

// stop ends the server and returns the CPU that its answers took.
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
