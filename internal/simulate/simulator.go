package simulate

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Simulator is one deployment of one product, or an organization. It is safe for concurrent use.
type Simulator struct {
	options Options
	traffic traffic
	dialect *dialect
	foreign *dialect // Data Center: the dialect in another language
	context string   // path in front of every Data Center endpoint
	site    string   // the base URL that the server has configured, "" = the request's
	issuer  *issuer

	mu       sync.Mutex
	ledger   ledger
	live     int // live records made so far
	inserted []inserted
	added    int
	searches int
	burst    bool // the burst has been added
	faults   []activeFault
	chance   *rand.Rand // decides faults with a Share
	bucket   float64    // tokens of a rate limit
	filled   time.Time  // when the bucket was last filled
	quota    quota      // of an organization
	requests []Request
	asked    int
	creds    Credentials

	underWay atomic.Int32 // requests that wait for their answer
}

// New returns a simulator with the records of Options. It panics on faults that SetFaults refuses,
// and on an attack that the log does not record.
func New(o Options) *Simulator {
	o = o.withDefaults()
	s := &Simulator{
		options: o,
		ledger:  newLedger(),
		chance:  rand.New(rand.NewPCG(o.Seed, o.Seed)),
		issuer:  newIssuer(products[o.Product]),
		creds:   o.Credentials,
		site:    o.SiteURL,
	}
	if o.Start.IsZero() {
		s.options.Start = s.now()
	}
	s.ledger.late = o.Product == Jira && o.Deployment == DataCenter || o.Product == Organization
	s.ledger.stream = o.Product == Organization
	s.traffic = newTraffic(s.options)
	if o.Deployment == DataCenter {
		s.context = o.ContextPath
	}
	s.dialect, s.foreign = s.dialects(false), s.dialects(true)
	if err := s.SetFaults(o.Faults...); err != nil {
		panic(err)
	}
	history := make([]entry, o.Records)
	for i := range history {
		history[i] = s.traffic.entry(i)
	}
	s.ledger.create(history, math.MaxInt64)
	if err := s.attack(o.Attack); err != nil {
		panic(err)
	}
	return s
}

// dialects returns the dialect of the API that the deployment has. Only the audit log app of Data
// Center knows another language.
func (s *Simulator) dialects(foreign bool) *dialect {
	o, base := s.options, s.base(nil)+s.context
	switch {
	case o.Product == Organization:
		return &dialect{numbered: true} // see renderEvent
	case o.listsRecords():
		return jiraDialect(o.Legacy, o.Ordinary)
	case o.Deployment == Cloud || o.Legacy:
		return cloudDialect(o.Legacy, o.Ordinary)
	case o.Product == Jira:
		return jiraCenterDialect(base, foreign, o.Ordinary)
	}
	return dataCenterDialect(base, foreign, o.Ordinary)
}

// now is the server's clock in whole milliseconds.
func (s *Simulator) now() time.Time {
	return time.Now().Add(s.options.Skew).UTC().Truncate(time.Millisecond)
}

// Credentials returns the accepted credentials.
func (s *Simulator) Credentials() Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.creds
}

// OrgID returns the id of an organization.
func (s *Simulator) OrgID() string { return s.options.OrgID }

// SetCredentials replaces the accepted credentials; empty fields take the defaults. Access tokens
// issued before stay valid.
func (s *Simulator) SetCredentials(c Credentials) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.creds = c.withDefaults(s.options)
}

// advance generates the live records up to now. The caller holds the lock.
func (s *Simulator) advance() {
	now := s.now().UnixMilli()
	var batch []entry
	if s.options.Rate > 0 {
		for {
			index := s.options.Records + s.live
			if s.traffic.happens(index) > now {
				break
			}
			batch = append(batch, s.traffic.entry(index))
			s.live++
		}
	}
	s.ledger.create(batch, now)
}

// base returns the base URL that the server has configured, without path.
func (s *Simulator) base(r *http.Request) string {
	switch {
	case s.site != "":
		return s.site
	case r == nil && s.options.Deployment == DataCenter:
		return s.product().center
	case r == nil:
		return "https://simulated.atlassian.net"
	}
	u := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

// ServeHTTP answers a request as the deployment would.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if control := s.control(r); control != nil {
		control(w, r)
		return
	}
	beside := int(s.underWay.Add(1)) - 1
	defer s.underWay.Add(-1)
	c := &call{Request: r, beside: beside, now: s.now(), first: s.options.Start, credential: s.identify(r), faults: s.drawFaults(r)}
	if !pause(r, s.options.Latency) {
		return
	}
	a := s.refusal(c)
	if a == nil {
		a = s.route(c)
	}
	// net/http would use the real clock, not the clock of a test.
	a.with("Date", s.now().Format(http.TimeFormat))
	s.remember(c, a)
	if each, slow := c.faults.duration(FaultSlowPages); slow && !pause(r, each*time.Duration(c.listed)) {
		return
	}
	deliver(w, c, a)
}

// route passes the request to the server that it is for.
func (s *Simulator) route(c *call) *reply {
	switch {
	case s.options.Deployment == DataCenter:
		return s.dataCenter(c)
	case s.isOrganization():
		return s.organization(c)
	}
	switch reaches := func(host string) bool { return host == "" || host == c.Host }; {
	case isGateway(c.URL.Path) && reaches(s.options.GatewayHost):
		return s.gateway(c)
	case isAuth(c.URL.Path) && reaches(s.options.AuthHost):
		return s.authorize(c)
	case c.URL.Path == accessibleResources && reaches(s.options.GatewayHost):
		return s.resources(c)
	case reaches(s.options.SiteHost):
		return s.cloudSite(c)
	}
	return message(http.StatusNotFound, "Not Found")
}

// call is one request with all that was found out about it.
type call struct {
	*http.Request
	now        time.Time
	first      time.Time // when the simulation began
	credential credential
	faults     drawn
	beside     int // requests under way when it came
	listed     int // records in the answer
}

// pause waits like a slow server. It returns false when the client has gone.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return r.Context().Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
