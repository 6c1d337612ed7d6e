package scrape

import (
	"math"
	"strconv"
	"strings"
)

// series is one line of Prometheus's text format.
type series struct {
	metric string
	labels map[string]string
	value  float64
}

// parse reads one line. It returns false for a line that is no metric of Fluent Bit.
func parse(line string) (series, bool) {
	if !strings.HasPrefix(line, "fluentbit_") {
		return series{}, false
	}
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return series{}, false
	}
	s := series{metric: line[:end], labels: make(map[string]string)}
	rest := line[end:]
	if rest[0] == '{' {
		var ok bool
		if rest, ok = s.parseLabels(rest[1:]); !ok {
			return series{}, false
		}
	}
	fields := strings.Fields(rest) // a time may follow the value
	if len(fields) == 0 {
		return series{}, false
	}
	var err error
	s.value, err = strconv.ParseFloat(fields[0], 64)
	return s, err == nil && !math.IsNaN(s.value) && !math.IsInf(s.value, 0)
}

// parseLabels reads name="value",... up to the closing brace and returns what follows it.
func (s *series) parseLabels(text string) (rest string, ok bool) {
	for {
		text = strings.TrimLeft(text, ", ")
		if rest, closed := strings.CutPrefix(text, "}"); closed {
			return rest, true
		}
		name, quoted, found := strings.Cut(text, `="`)
		if !found {
			return "", false
		}
		var value strings.Builder
		i := 0
		for ; i < len(quoted) && quoted[i] != '"'; i++ {
			if quoted[i] == '\\' && i+1 < len(quoted) {
				i++
				if quoted[i] == 'n' {
					value.WriteByte('\n')
					continue
				}
			}
			value.WriteByte(quoted[i])
		}
		if i == len(quoted) {
			return "", false
		}
		s.labels[name], text = value.String(), quoted[i+1:]
	}
}
