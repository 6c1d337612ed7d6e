package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// apply reads a value into the settings. Its error says which values are allowed; the caller puts
// the key and the value before it. The functions below make one for each kind of value.

type apply = func(*Settings, string) error

func text(field func(*Settings) *string) apply {
	return func(s *Settings, value string) error {
		*field(s) = value
		return nil
	}
}

func boolean(field func(*Settings) *bool) apply {
	return func(s *Settings, value string) error {
		switch strings.ToLower(value) {
		case "on", "true", "yes", "1":
			*field(s) = true
		case "off", "false", "no", "0":
			*field(s) = false
		default:
			return errors.New("want on or off")
		}
		return nil
	}
}

// inverse reads a boolean into a field that means the contrary, so that the zero value of the field
// is the safe one.
func inverse(field func(*Settings) *bool) apply {
	set := boolean(field)
	return func(s *Settings, value string) error {
		if err := set(s, value); err != nil {
			return err
		}
		*field(s) = !*field(s)
		return nil
	}
}

func integer(low, high int, field func(*Settings) *int) apply {
	return func(s *Settings, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < low || n > high {
			return fmt.Errorf("want a whole number from %d to %d", low, high)
		}
		*field(s) = n
		return nil
	}
}

// choice is for keys with Values. The value was checked before.
func choice(set func(*Settings, string)) apply {
	return func(s *Settings, value string) error {
		set(s, strings.ToLower(value))
		return nil
	}
}

func duration(low time.Duration, field func(*Settings) *time.Duration) apply {
	return func(s *Settings, value string) error {
		d, ok := ParseDuration(value)
		if !ok || d < low {
			return fmt.Errorf("want a duration%s such as 90, 90s, 5m, 12h or 30d", atLeast(low))
		}
		*field(s) = d
		return nil
	}
}

func date(field func(*Settings) *time.Time) apply {
	return func(s *Settings, value string) error {
		t, ok := parseTime(value)
		if !ok {
			return errors.New("want a date such as 2027-03-31 or a time such as 2027-03-31T12:00:00Z")
		}
		*field(s) = t
		return nil
	}
}

func atLeast(low time.Duration) string {
	if low == 0 {
		return ""
	}
	return " of at least " + formatDuration(low)
}

// list joins words, as in "a, b or c".
func list(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
