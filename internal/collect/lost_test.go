package collect

import (
	"testing"
	"time"
)

// A collector whose state another one has taken over sends no more requests and logs that once.
func TestLostSite(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		src.add(time.Now(), "ours")
		r.pass(2 * time.Minute)
		st.mu.Lock()
		st.lost = true
		st.mu.Unlock()
		src.add(time.Now(), "theirs")
		r.pass(2 * time.Minute)
		asked := len(src.asked())
		r.pass(time.Hour)
		if n := len(src.asked()); n > asked {
			t.Errorf("asks for more, %d times, though another collector has the site", n-asked)
		}
		if n := r.count("belongs to another collector"); n != 1 || !r.stats.Failing() {
			t.Errorf("logged %d times, failing is %v", n, r.stats.Failing())
		}
	})
}
