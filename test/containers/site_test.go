package containers

import (
	"encoding/pem"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// A site is a simulator with TLS. Its name is example.com, for which httptest has a certificate.
type site struct {
	*simulate.Simulator
	url         string
	network     network
	certificate string // the path of its certificate
}

func newSite(t *testing.T, n network, o simulate.Options) site {
	t.Helper()
	s := site{Simulator: simulate.New(o), network: n}
	s.serve(t, s.Simulator)
	return s
}

func (s *site) serve(t *testing.T, handler http.Handler) {
	t.Helper()
	server := &httptest.Server{Listener: s.network.listen(t), Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	s.url = "https://example.com:" + port
	s.certificate = file(t, "certificate.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

// reach returns the arguments of docker run that let a container find the site and trust it.
func (s site) reach() []string {
	return []string{
		"--network", s.network.name, "--add-host", "example.com:" + s.network.here,
		"--volume", s.certificate + ":/etc/ssl/example.pem:ro", "--env", "SSL_CERT_FILE=/etc/ssl/example.pem",
	}
}

// run returns the arguments of docker run as the manual has them, with a token and a volume. Docker
// asks for the health each second.
func (s site) run(token, volume string) []string {
	return slices.Concat(hardened, s.reach(), []string{
		"--health-interval", "1s", "--health-retries", "1",
		"--env", "CONFLUENCE_API_URL=" + s.url, "--env", "CONFLUENCE_USER_IDENTIFIER=admin@example.com",
		"--volume", token + ":/run/secrets/confluence_api_token:ro", "--volume", volume + ":/var/lib/fluent-bit",
	})
}

// newReceiver returns a receiver, and the output that delivers to it from the network.
func newReceiver(t *testing.T, n network) (*rig.Receiver, rig.Keys) {
	t.Helper()
	r := rig.NewReceiver()
	t.Cleanup(r.Close)
	server := &httptest.Server{Listener: n.listen(t), Config: &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return r, r.Output().With(rig.Keys{"host": host, "port": port})
}

// withOutput returns the path of a configuration of the repository with another output, which it
// tries again soon, and with polls each second.
func withOutput(t *testing.T, path string, output rig.Keys) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Service  map[string]string
		Pipeline struct{ Inputs, Outputs []rig.Keys }
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	maps.Copy(config.Service, rig.Keys{"scheduler.base": "1", "scheduler.cap": "2"})
	for _, input := range config.Pipeline.Inputs {
		input["poll_interval"] = "1s"
	}
	config.Pipeline.Outputs = []rig.Keys{output}
	if text, err = yaml.Marshal(config); err != nil {
		t.Fatal(err)
	}
	return file(t, filepath.Base(path), text)
}

// awaitOnce waits until all records of a site have arrived, and complains unless each came once.
func awaitOnce(t *testing.T, arrived func() []rig.Event, s *simulate.Simulator) {
	t.Helper()
	var c rig.Comparison
	err := rig.Await(patient(t), func() bool {
		c = rig.Compare(s.Records(), arrived(), time.Time{})
		return c.Complete()
	})
	if err != nil || len(c.Repeated) > 0 || len(c.Surplus) > 0 {
		t.Errorf("not each once: %s (%v)", c, err)
	}
	t.Log(c)
}
