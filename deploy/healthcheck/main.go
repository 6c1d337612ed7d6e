// Command healthcheck reads the health of the Fluent Bit in the same container: exit code 0 when it
// is healthy, 1 when not. It replaces curl, which the image does not have.
//
// The only argument is an address other than Fluent Bit's usual one.
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
	timeout = 4 * time.Second // less than Docker's own, so that the reason is printed
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

// check returns an error unless url answers 200. Fluent Bit answers 500 when its outputs fail more
// often than configured.
func check(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// The default transport would use the proxy of the environment.
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
