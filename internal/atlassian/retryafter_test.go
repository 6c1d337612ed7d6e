package atlassian

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const date = "Tue, 14 Nov 2023 22:13:20 GMT"
	tests := []struct {
		name   string
		header http.Header
		want   time.Duration
	}{
		{"nothing", http.Header{}, 0},
		{"seconds", http.Header{"Retry-After": {"17"}}, 17 * time.Second},
		{"zero", http.Header{"Retry-After": {"0"}}, 0},
		{"negative", http.Header{"Retry-After": {"-5"}}, 0},
		{"nonsense", http.Header{"Retry-After": {"soon"}}, 0},
		{"a year", http.Header{"Retry-After": {"31536000"}}, MaxRetryAfter},
		{"more than fits", http.Header{"Retry-After": {"999999999999999999"}}, MaxRetryAfter},
		{"date", http.Header{"Date": {date}, "Retry-After": {"Tue, 14 Nov 2023 22:14:00 GMT"}}, 40 * time.Second},
		{"date gone by", http.Header{"Date": {date}, "Retry-After": {"Tue, 14 Nov 2023 22:13:00 GMT"}}, 0},
		{"reset", http.Header{"Date": {date}, "X-Ratelimit-Reset": {"2023-11-14T22:15:20Z"}}, 2 * time.Minute},
		{"reset without seconds", http.Header{"Date": {date}, "X-Ratelimit-Reset": {"2023-11-14T22:14Z"}}, 40 * time.Second},
		{"reset with another zone", http.Header{"Date": {date}, "X-Ratelimit-Reset": {"2023-11-14T23:14:20+01:00"}}, time.Minute},
		{"both", http.Header{"Date": {date}, "Retry-After": {"3"}, "X-Ratelimit-Reset": {"2023-11-14T22:15:20Z"}}, 3 * time.Second},
		{"zero and reset", http.Header{"Date": {date}, "Retry-After": {"0"}, "X-Ratelimit-Reset": {"2023-11-14T22:15:20Z"}}, 2 * time.Minute},
	}
	for _, tt := range tests {
		if got := retryAfter(tt.header); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
