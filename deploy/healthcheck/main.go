// Healthcheck asks Fluent Bit in the same container how it is: exit code 0 when it is well, 1 when
// not. It stands in for curl, which the image has not.
//
// Another address than Fluent Bit's usual one can be given as the only argument.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"
)

const (
	address = "http://127.0.0.1:2020/api/v1/health"
	timeout = 4 * time.Second // less than Docker's own, so that the reason is told
)

func main() {
	url := address
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := check(ctx, url); err != nil {
		fmt.Fprintln(os.Stderr, "healthcheck:", err)
		os.Exit(1)
	}
}

// check fails unless url answers with 200. Fluent Bit answers 500 when its outputs fail more often
// than it was told to accept.
func check(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// Without a transport of its own it would ask the proxy of the environment.
	resp, err := (&http.Transport{}).RoundTrip(req)
	if err != nil {
		return fmt.Errorf("%w: set http_server and health_check on", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("fluent bit answers %s: see its log for the output that fails", resp.Status)
	}
	return nil
}
