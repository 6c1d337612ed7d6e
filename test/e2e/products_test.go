package e2e

import (
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// One process reads the logs of Confluence and Jira of one site, each with its own input and its
// own token: every record once, oldest first, as the site served it. The next run delivers no more.
func TestBothProducts(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		t.Run(deployment, func(t *testing.T) {
			t.Parallel()
			b := newBoth(t, deployment)
			receiver := newReceiver(t)
			receiver.Keep = true
			f := newInstance(t, rig.Config{Inputs: b.inputs(t.TempDir()), Outputs: []rig.Keys{receiver.Output()}})
			f.start()
			rigtest.Await(t, "all records of both", func() bool { return b.compare(receiver).Complete() })
			f.stop()
			wantOnce(t, b.compare(receiver))
			if log := f.Log(); complains(log) {
				t.Error("an input complains")
			}
			for product, log := range b.logs {
				events := receiver.Of(product)
				newest := slices.MaxFunc(events, func(a, b rig.Event) int { return a.Time.Compare(b.Time) }).Time
				older := slices.DeleteFunc(slices.Clone(events), func(e rig.Event) bool { return newest.Sub(e.Time) <= overlap })
				if err := rig.Order(older); err != nil {
					t.Errorf("%s: %v", product, err)
				}
				records := make(map[string][]simulate.Record)
				for r := range log.Records() {
					records[r.Serial] = append(records[r.Serial], r)
				}
				for _, e := range events {
					of := records[e.Serial]
					if len(of) > 1 {
						continue // twins of Jira Cloud, which differ in their id
					}
					if diff, err := rig.Content(of[0].JSON, e); err != nil || diff != "" {
						t.Fatalf("%s %s differs from its record (-want +got): %v\n%s", product, e.Serial, err, diff)
					}
				}
			}
			before := receiver.Count()
			f.start()
			f.AwaitLog("goes on with records after", 2)
			for _, log := range b.logs {
				asked := len(log.Requests())
				rigtest.Await(t, "two more polls", func() bool { return len(log.Requests()) >= asked+2 })
				log.Add(simulate.Record{})
			}
			rigtest.Await(t, "one more record of each", func() bool { return b.compare(receiver).Complete() })
			f.stop()
			wantOnce(t, b.compare(receiver))
			if n := receiver.Count() - before; n != 2 {
				t.Errorf("the second run delivered %d events, want the two new ones", n)
			}
		})
	}
}

// An input with the token of the other product says so, and the other input goes on.
func TestTokenOfTheOtherProduct(t *testing.T) {
	t.Parallel()
	b := newBoth(t, simulate.Cloud)
	receiver := newReceiver(t)
	inputs := b.inputs(t.TempDir())
	for i := range inputs {
		inputs[i]["api_token"] = b.logs[simulate.Confluence].Credentials().ScopedToken
	}
	f := newInstance(t, rig.Config{Inputs: inputs, Outputs: []rig.Keys{receiver.Output()}})
	f.start()
	f.AwaitLog("make a token for Jira, not for Confluence, with the scopes read:audit-log:jira and read:user:jira", 1)
	rigtest.Await(t, "the records of Confluence", func() bool { return len(receiver.Of(simulate.Confluence)) >= 5000 })
	f.stop()
	if n := len(receiver.Of(simulate.Jira)); n > 0 {
		t.Errorf("%d records of Jira arrived", n)
	}
}

// The state of one product is not taken for that of the other, though both are of one site.
func TestStateOfTheOtherProduct(t *testing.T) {
	t.Parallel()
	b := newBoth(t, simulate.Cloud)
	receiver := newReceiver(t)
	inputs := b.inputs(t.TempDir())
	db := inputs[0]["db"]
	f := newInstance(t, rig.Config{Inputs: inputs[:1], Outputs: []rig.Keys{receiver.Output()}})
	f.start()
	rigtest.Await(t, "records", func() bool { return receiver.Count() >= 5000 })
	f.stop()
	f = newInstance(t, rig.Config{Inputs: []rig.Keys{inputs[1].With(rig.Keys{"db": db})}, Outputs: []rig.Keys{receiver.Output()}})
	f.start()
	f.AwaitLog("give each input a db of its own", 1)
	if code := f.AwaitEnd(); code == 0 {
		t.Error("Fluent Bit ended with code 0")
	}
}

// both is a site with both products.
type both struct {
	logs   map[string]*simulate.Simulator
	server *httptest.Server
}

func newBoth(t *testing.T, deployment string) both {
	t.Helper()
	b := both{logs: make(map[string]*simulate.Simulator)}
	for n, product := range []string{simulate.Confluence, simulate.Jira} {
		o := simulate.Options{Product: product, Deployment: deployment, Seed: uint64(70 + n), Records: 5000, PageCap: 250, Twins: 0.1}
		if deployment == simulate.DataCenter {
			o.ContextPath = "/" + product
		}
		b.logs[product] = simulate.New(o)
	}
	b.server = httptest.NewServer(simulate.Site(b.logs[simulate.Confluence], b.logs[simulate.Jira]))
	t.Cleanup(b.server.Close)
	return b
}

// inputs returns an input for Confluence and one for Jira, with a token of its own.
func (b both) inputs(dir string) (inputs []rig.Keys) {
	for _, product := range []string{simulate.Confluence, simulate.Jira} {
		keys := rig.Keys{"name": "confluence", "product": product, "api_url": b.server.URL, "poll_interval": "1s", "start_from": "48h", "db": filepath.Join(dir, product+".db")}
		switch c := b.logs[product].Credentials(); {
		case c.User == "admin":
			keys = keys.With(rig.Keys{"api_url": b.server.URL + "/" + product, "personal_access_token": c.PersonalAccessToken})
		default:
			keys = keys.With(rig.Keys{"gateway_url": b.server.URL, "user_identifier": c.User, "api_token": c.ScopedToken})
		}
		inputs = append(inputs, keys)
	}
	return inputs
}

// compare compares what arrived with the records of both, without those of our own reads.
func (b both) compare(receiver *rig.Receiver) (c rig.Comparison) {
	for product, log := range b.logs {
		c = c.Add(rig.Compare(func(yield func(simulate.Record) bool) {
			for r := range log.Records() {
				if !strings.HasPrefix(r.Serial, "SEARCH-") && !yield(r) {
					return
				}
			}
		}, receiver.Of(product), time.Time{}))
	}
	return c
}
