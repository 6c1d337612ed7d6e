package atlassian

import (
	"slices"
	"sync/atomic"
)

// StatusClasses are the classes by which requests are counted: 429 is apart from 4xx, and none
// means no answer.
var StatusClasses = []string{"2xx", "3xx", "4xx", "429", "5xx", "none"}

// requestCount has one counter for each of StatusClasses, in their order.
type requestCount [6]atomic.Int64

func (r *requestCount) count(status int) {
	class := 5
	switch {
	case status == 429:
		class = 3
	case status >= 200 && status < 300:
		class = 0
	case status >= 300 && status < 400:
		class = 1
	case status >= 400 && status < 500:
		class = 2
	case status >= 500:
		class = 4
	}
	r[class].Add(1)
}

// Requests returns how many requests ended in a class, see [StatusClasses].
func (c *Client) Requests(class string) int64 {
	if i := slices.Index(StatusClasses, class); i >= 0 {
		return c.requests[i].Load()
	}
	return 0
}
