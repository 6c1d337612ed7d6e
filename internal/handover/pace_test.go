package handover_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/handover"
)

// An input that fills in all the time hands over so much a second and no more, with a thread of its
// own and without.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, direct := range map[string]bool{"own thread": false, "main thread": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source, host := &endless{}, &plain{takes: true, counts: true, eager: true, direct: direct}
				sender := handover.New(source, host, quiet)
				const seconds = 20
				for over := time.Now().Add(seconds * time.Second); time.Now().Before(over); {
					sender.Tick()
					wait := sender.LookAgain()
					if wait <= 0 {
						t.Fatal("nobody calls again, though there is more")
					}
					time.Sleep(wait)
				}
				if mb := source.given >> 20 / seconds; mb < 20 || mb > 25 {
					t.Errorf("%d MB a second were handed over", mb)
				}
			})
		})
	}
}

// A poll's records do not wait after a quiet time, not even those of several batches.
func TestPaceOfFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &endless{}
		sender := handover.New(source, &plain{takes: true}, quiet)
		for range 3 {
			source.given = 0
			sender.Tick()
			if kb := source.given >> 10; kb < 1<<10 || kb > 1<<11 {
				t.Errorf("%d KB handed over at once", kb)
			}
			time.Sleep(time.Second)
		}
	})
}

// Nobody looks for a batch that waited for the pace and is another process's by now.
func TestWaitForWhatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &endless{}
		sender := handover.New(source, &plain{takes: true}, quiet)
		sender.Tick() // hands over what may come at once; more waits
		source.over = true
		time.Sleep(2 * time.Second)
		sender.Tick()
		if wait := sender.LookAgain(); wait != 0 {
			t.Errorf("with nothing to hand over it looks again after %s", wait)
		}
	})
}

// The pace is no reason to look during a back-off, where the host does not count either.
func TestPaceDuringBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &endless{}, &plain{takes: true}
		sender := handover.New(source, host, quiet)
		sender.Tick() // hands over what may come at once; more waits
		host.full = true
		time.Sleep(time.Second)
		sender.Tick()
		if wait := sender.LookAgain(); wait != 5*time.Second {
			t.Errorf("with a full disk it looks again after %s", wait)
		}
	})
}
