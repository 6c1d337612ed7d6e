package status

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/pipeline"
)

// finding is a fact that the operator should know.
type finding struct {
	Level  level  `json:"level"`
	Cause  string `json:"cause,omitempty"` // as in the metrics
	Text   string `json:"message"`         // equal for all inputs with the same finding
	Detail string `json:"detail,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// level is the severity of a finding.
type level int

const (
	well    level = iota
	unknown       // nothing is wrong, but it is not known whether all is well
	note          // good to know; needs no action, or passes by itself
	soon          // needs action soon
	person        // needs action now
)

func (l level) MarshalText() ([]byte, error) {
	return []byte([]string{"ok", "unknown", "note", "soon", "person"}[l]), nil
}

func (s *inputStatus) add(f finding) { s.Findings = append(s.Findings, f) }
func (all *overview) add(f finding)  { all.Findings = append(all.Findings, f) }

// worst returns the most severe finding of an input.
func (s *inputStatus) worst() finding {
	switch {
	case len(s.Findings) > 0:
		return s.Findings[0]
	case s.metrics == nil:
		return finding{Level: unknown, Text: "whether it runs is not known; what it left is sound"}
	}
	return finding{Text: "all is well"}
}

// Limits, the same as those of the alerts.
const (
	longUnread  = 15 * time.Minute
	longQuiet   = 3 * 24 * time.Hour
	muchQueued  = 2e6
	expiresSoon = 14 * 24 * time.Hour
)

// judge adds the findings of all inputs, and sorts the inputs by severity.
func (all *overview) judge() {
	aliases := make(map[string]int)
	for _, s := range all.Inputs {
		aliases[s.Name]++
	}
	all.judgeBuffer()
	for _, s := range all.Inputs {
		switch {
		case aliases[s.Name] > 1:
			s.add(finding{Level: soon, Text: "several inputs have this name, so their metrics are mixed up", Remedy: "give each input an alias of its own"})
		case !all.Answers:
		case s.metrics == nil:
			s.add(finding{Level: person, Text: "Fluent Bit runs without this input",
				Remedy: "it was added after the start, or has another alias there: start Fluent Bit anew"})
		default:
			s.judgeFailures(all)
			s.judgeProgress(all)
		}
		s.judgeKeeping(all)
		slices.SortStableFunc(s.Findings, func(a, b finding) int { return int(b.Level) - int(a.Level) })
	}
	slices.SortStableFunc(all.Findings, func(a, b finding) int {
		return cmp.Or(int(b.Level)-int(a.Level), strings.Compare(a.Text, b.Text))
	})
	slices.SortStableFunc(all.Inputs, func(a, b *inputStatus) int { return int(b.worst().Level) - int(a.worst().Level) })
	needs := func(f finding) bool { return f.Level >= soon }
	all.OK = !slices.ContainsFunc(all.Findings, needs) &&
		!slices.ContainsFunc(all.Inputs, func(s *inputStatus) bool { return slices.ContainsFunc(s.Findings, needs) })
}

// judgeBuffer checks storage.path.
func (all *overview) judgeBuffer() {
	service := all.configuration.Service
	path := service.Get("storage.path")
	switch unset := service.Unset("storage.path"); {
	case len(unset) > 0:
		all.add(finding{Level: note, Text: fmt.Sprintf("the variable ${%s} of storage.path is not set here, so what waits there is not counted", unset[0]), Remedy: "set it as Fluent Bit has it"})
	case path != "" && !lasting(path):
		all.add(finding{Level: note, Text: fmt.Sprintf("storage.path %s is relative: it lies in whatever folder Fluent Bit is started in", path), Remedy: "give its absolute path"})
	}
}

// lasting returns whether a path is absolute, so that it does not depend on the folder in which
// Fluent Bit is started. Fluent Bit runs on Linux, even if this tool does not.
func lasting(path string) bool { return filepath.IsAbs(path) || strings.HasPrefix(path, "/") }

// judgeFailures adds findings about what fails, and why.
func (s *inputStatus) judgeFailures(all *overview) {
	never := s.LastPoll == nil
	unread := time.Duration(all.Uptime * float64(time.Second))
	if !never {
		unread = all.now.Sub(*s.LastPoll)
	}
	longest := max(longUnread, 3*s.interval)
	for _, cause := range s.Failing {
		f := s.failure(cause, unread > longest)
		if f.Text == unreadable && !never && unread < 2*s.interval+time.Minute {
			// Polls may work while an older range fails. The metrics do not say which of them fails.
			f.Text, f.Detail = "some or all of the audit log cannot be read", "the last poll that worked was "+words.Ago(unread)
		}
		s.add(f)
	}
	switch {
	case len(s.Failing) > 0:
	case s.standsBy(): // the database tells whether another process reads
	case s.Up != nil && !*s.Up && never && unread <= longest:
		s.add(finding{Level: note, Text: "starting: no poll is complete yet"})
	case never && unread > longest:
		s.add(finding{Level: person, Text: "no poll was ever complete", Remedy: "Fluent Bit's log says why"})
	case s.Up != nil && !*s.Up:
		f := finding{Level: person, Text: "something does not work", Remedy: "Fluent Bit's log says what"}
		if !s.metrics.Tells {
			f.Remedy += "; a newer plugin tells it here"
		}
		s.add(f)
	case unread > longest:
		s.add(finding{Level: person, Text: "nothing was read for long", Detail: words.About(unread), Remedy: "Fluent Bit's log says why; if it says nothing, run confluence-audit check"})
	}
}

const unreadable = "the audit log cannot be read"

// failure returns the finding for a cause. long: it has lasted so long that it will not pass by
// itself.
func (s *inputStatus) failure(cause string, long bool) finding {
	f := finding{Level: person, Cause: cause}
	switch cause {
	case pipeline.CauseFluentBit:
		f.Text = "Fluent Bit takes nothing"
		f.Remedy = "free space where its buffer is, or see which output does not deliver: its log says which"
		return f
	case string(collect.CauseState):
		if s.database != nil {
			f.Text, f.Remedy = "the database cannot be reached, or does not take the state", "Fluent Bit's log says why"
			return f
		}
		f.Text, f.Remedy = "the state cannot be saved", "free space, or mend the permissions of the db file: Fluent Bit's log says which"
		return f
	}
	f.Text, f.Remedy = unreadable, "Fluent Bit's log says why"
	causes := atlassian.Causes()
	if i := slices.IndexFunc(causes, func(c atlassian.CauseInfo) bool { return string(c.Cause) == cause }); i >= 0 {
		f.Remedy = s.product.Remedy(causes[i])
		if causes[i].Temporary && !long {
			f.Level = note
		}
	}
	return f
}

// judgeProgress adds findings about a backfill and about late deliveries.
func (s *inputStatus) judgeProgress(all *overview) {
	if s.CatchUp != nil {
		s.add(finding{Level: note, Text: "catching up", Detail: s.catchUp()})
	}
	if s.Queued != nil && *s.Queued > muchQueued {
		s.add(finding{Level: note, Text: "Fluent Bit takes records more slowly than they are read", Remedy: "if it stays, see which output does not keep up"})
	}
	if s.Gaps != nil && *s.Gaps > 0 {
		s.add(finding{Level: note, Text: "the site had thrown away records before they were read", Remedy: "Fluent Bit's log says from when to when"})
	}
	if s.Newest != nil && s.CatchUp == nil && all.now.Sub(*s.Newest) > longQuiet {
		s.add(finding{Level: note, Text: "no record for days", Remedy: "if people use the site, run confluence-audit check"})
	}
}

// judgeKeeping adds findings about the credential and the state.
func (s *inputStatus) judgeKeeping(all *overview) {
	if s.TokenExpires != nil {
		switch left := s.TokenExpires.Sub(all.now); {
		case left <= 0:
			s.add(finding{Level: person, Text: "the token has expired", Detail: s.TokenExpires.Format(time.DateOnly), Remedy: "make a new one, put it into place, and set token_expires"})
		case left < expiresSoon:
			s.add(finding{Level: soon, Text: "the token expires soon", Detail: "in " + words.About(left), Remedy: "make a new one, put it into place, and set token_expires"})
		}
	}
	switch {
	case s.Site == "": // nothing is known of the input
	case s.database != nil:
	case s.DB == "":
		s.add(finding{Level: note, Text: "the state is in memory only, and gone with the process", Remedy: "set db to a file on a lasting disk"})
	case !lasting(s.DB):
		s.add(finding{Level: note, Text: "db is relative: it lies in whatever folder Fluent Bit is started in", Detail: s.DB, Remedy: "give its absolute path"})
	}
	if s.Holder != "" && !all.Answers {
		s.add(finding{Level: note, Text: "the state is used by a process that runs, or was killed", Detail: s.Holder})
	}
}

// catchUp returns how much is still to be read.
func (s *inputStatus) catchUp() string {
	text := words.About(seconds(*s.CatchUp)) + " of the log left"
	switch {
	case s.CatchUpTakes != nil:
		text += ", for about " + words.About(seconds(*s.CatchUpTakes))
	case s.metrics != nil:
		text += ", for how long is not known yet"
	}
	return text
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
