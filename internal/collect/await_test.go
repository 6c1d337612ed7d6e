package collect

import (
	"sync/atomic"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// A corrected credential is used within seconds. An unchanged one is tried no more often than
// before.
func TestMendedCredential(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch, "x")
	src.fail(&atlassian.Error{Cause: atlassian.CauseCredentials, Message: "refused"})
	var changed atomic.Bool
	bubble(t, src, &store{}, Options{Changed: func() bool { return changed.Swap(false) }}, func(t *testing.T, r *run) {
		r.pass(30 * time.Second)
		if n := len(src.asked()); n != 1 {
			t.Errorf("%d tries in 30 seconds, want 1", n)
		}
		changed.Store(true) // changed, but still wrong
		r.pass(5 * time.Second)
		if n := len(src.asked()); n != 2 {
			t.Errorf("%d tries after a change, want 2", n)
		}
		src.fail(nil)
		changed.Store(true)
		r.pass(5 * time.Second)
		if len(r.lines) != 1 {
			t.Error("the record has not come within 5 seconds")
		}
	})
}
