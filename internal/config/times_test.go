package config

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "90": 90 * time.Second, "90s": 90 * time.Second, "5m": 5 * time.Minute, "12h": 12 * time.Hour,
		"30d": 30 * day, "2w": 14 * day, "1h30m": 90 * time.Minute, "1d12h": 36 * time.Hour, "5M": 5 * time.Minute,
		"9223372036": 9223372036 * time.Second,
	} {
		if got, ok := ParseDuration(text); !ok || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "s", "5x", "-5m", "+5m", "1.5h", "5 m", "30m1h", "5m5m", "m5", "5mm", "9223372037", "15251w", "106751d86400s", "500ms", "five"} {
		if got, ok := ParseDuration(text); ok {
			t.Errorf("ParseDuration(%q) = %v, want a refusal", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	f.Add("1w2d3h4m5s")
	f.Add("106751d")
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := ParseDuration(text)
		if d < 0 || !ok && d != 0 {
			t.Fatalf("ParseDuration(%q) = %v, %v", text, d, ok)
		}
		if again, ok2 := ParseDuration(formatDuration(d)); ok && (!ok2 || again != d) {
			t.Errorf("%v prints as %s, which reads as %v, %v", d, formatDuration(d), again, ok2)
		}
	})
}

func TestStartFrom(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"24h":                       now.AddDate(0, 0, -1),
		"90m":                       now.Add(-90 * time.Minute),
		"now":                       now,
		"NOW":                       now,
		"all":                       {},
		"2026-11-01":                time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		"2026-11-01T12:00:00Z":      time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
		"2026-11-01t12:00:00z":      time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
		"2026-11-01T12:00:00+01:00": time.Date(2026, 11, 1, 11, 0, 0, 0, time.UTC),
		"2026-11-01T12:00:00.5Z":    time.Date(2026, 11, 1, 12, 0, 0, 5e8, time.UTC),
	} {
		from, err := ParseStartFrom(text)
		if err != nil || !from.At(now).Equal(want) {
			t.Errorf("start_from %s is %v, %v; want %v", text, from.At(now), err, want)
		}
	}
	for _, text := range []string{"", "90", "3600", "1M", "1h5M", "yesterday", "2026-11", "2026-11-01 12:00", "01.11.2026", "1793534400000x"} {
		if from, err := ParseStartFrom(text); err == nil {
			t.Errorf("start_from %q is taken as %v", text, from.At(now))
		}
	}
}

// A missing unit, or M for months, is an error: it would mean seconds or minutes.
func TestStartFromWithoutUnit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"90": "want a unit behind the number: 90d for days, 90h for hours",
		"1M": "there is no unit M: want m for minutes, d for days, w for weeks, or a date such as 2026-11-01",
	} {
		if _, err := ParseStartFrom(text); err == nil || err.Error() != want {
			t.Errorf("start_from %s: %v, want %s", text, err, want)
		}
	}
}
