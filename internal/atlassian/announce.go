package atlassian

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// announcements are what a server says in the headers of its answers: that an API ends, and how
// near a rate limit is. Each is logged once, and again when it changes.
type announcements struct {
	mu     sync.Mutex
	ends   []ending
	limits map[string]time.Time // what was logged about limits, and when
}

// ending is the announcement that an API will be removed.
type ending struct{ path, message string }

const (
	// maxAnnounced bounds how many of each kind are kept: a server could say something new each
	// time.
	maxAnnounced = 16

	// sayAgain is after how long the same text about limits may be logged again.
	sayAgain = time.Hour
)

// hear logs what is new in the headers of an answer.
func (c *Client) hear(a *Answer) {
	if message := c.endingOf(a); message != "" && c.heard.isNewEnding(ending{a.URL.Path, message}) {
		failure := Fail(CauseDeprecated, nil, "%s", message)
		c.Warnf("%v", failure)
		if c.Options.Announced != nil {
			c.Options.Announced(c.redact.Redact(failure.Error(), false))
		}
	}
	if message := c.limitsOf(a); message != "" && c.heard.isNewLimit(message) {
		c.Infof("%s", message)
	}
}

// endingOf reads Deprecation (RFC 9745, and its drafts, which had a date or true), Sunset (RFC
// 8594) and Warning: 299 (RFC 7234).
func (c *Client) endingOf(a *Answer) string {
	var parts []string
	switch since := strings.TrimSpace(a.Header.Get("Deprecation")); {
	case since == "" || strings.EqualFold(since, "false"):
	case dateOf(since) != "":
		parts = append(parts, "deprecated since "+dateOf(since))
	default:
		parts = append(parts, "deprecated")
	}
	if until := dateOf(a.Header.Get("Sunset")); until != "" {
		parts = append(parts, "works until "+until)
	}
	does := "announces the end of"
	if len(parts) == 0 {
		does = "warns about"
	}
	for _, warning := range a.Header.Values("Warning") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(warning), "299 "); ok {
			if _, quoted, ok := strings.Cut(text, `"`); ok {
				text, _, _ = strings.Cut(quoted, `"`)
			}
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return a.URL.Host + " " + does + " " + c.Quote(a.URL.Path, 200) + ": " + c.Quote(strings.Join(parts, ", "), MaxSaid)
}

// dateOf returns the day of @seconds or of an HTTP date, empty if value is neither.
func dateOf(value string) string {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseInt(strings.TrimPrefix(value, "@"), 10, 64); err == nil && value != "" && value[0] == '@' {
		return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
	}
	if date, err := http.ParseTime(value); err == nil {
		return date.UTC().Format(time.DateOnly)
	}
	return ""
}

// limitsOf reads what an answer says about rate limits.
func (c *Client) limitsOf(a *Answer) string {
	near := strings.EqualFold(a.Header.Get("X-Ratelimit-Nearlimit"), "true")
	var message string
	switch {
	case a.Status == http.StatusTooManyRequests:
		message = a.URL.Host + " limits requests"
	case near:
		message = a.URL.Host + " is near its limit of requests, so we ask more slowly"
	default:
		return ""
	}
	var why []string
	for _, name := range []string{"Ratelimit-Reason", "X-Failure-Category", "X-Ratelimit-Limit"} {
		if value := a.Header.Get(name); value != "" {
			why = append(why, name+" "+value)
		}
	}
	if len(why) > 0 {
		message += " (" + c.Quote(strings.Join(why, ", "), 200) + ")"
	}
	return message
}

func (h *announcements) isNewEnding(e ending) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ends) >= maxAnnounced || slices.Contains(h.ends, e) {
		return false
	}
	h.ends = append(h.ends, e)
	return true
}

func (h *announcements) isNewLimit(message string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	said, known := h.limits[message]
	if known && time.Since(said) < sayAgain || !known && len(h.limits) >= maxAnnounced {
		return false
	}
	if h.limits == nil {
		h.limits = make(map[string]time.Time)
	}
	h.limits[message] = time.Now()
	return true
}

// ending returns the last announcement about the API at a path, empty if there is none.
func (h *announcements) ending(path string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range slices.Backward(h.ends) {
		if e.path == path {
			return e.message
		}
	}
	return ""
}

// Ending returns the last announcement about the API at a path, empty if there is none.
func (c *Client) Ending(path string) string { return c.heard.ending(path) }
