package handover_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/handover"
)

// Inputs that fill in all the time share what a process hands over in a second, whether they have
// threads of their own or not, and none of them waits for long.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, direct := range map[string]bool{"threads": false, "main thread": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var pace handover.Pace
				var sources [3]endless
				const seconds = 20
				over := time.Now().Add(seconds * time.Second)
				var done sync.WaitGroup
				for n := range sources {
					host := &plain{takes: true, counts: true, eager: true, direct: direct}
					sender := handover.New(&sources[n], host, &pace, quiet)
					done.Go(func() {
						for time.Now().Before(over) {
							sender.Tick()
							wait := sender.LookAgain()
							if wait <= 0 {
								t.Error("nobody calls again, though there is more")
								return
							}
							time.Sleep(wait)
						}
					})
				}
				done.Wait()
				sum := 0
				for _, s := range sources {
					sum += s.given
					if s.given < 2<<20*seconds {
						t.Errorf("an input has handed over %d MB in %d s, while others had more", s.given>>20, seconds)
					}
				}
				if mb := sum >> 20 / seconds; mb < 20 || mb > 25 {
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
		source, host := &endless{}, &plain{takes: true, counts: true, eager: true}
		sender := handover.New(source, host, new(handover.Pace), quiet)
		sender.Tick() // the host's counters are first read after a while
		time.Sleep(time.Second)
		for begun := time.Now(); source.given < 1<<20; {
			sender.Tick()
			if time.Sleep(sender.LookAgain()); time.Since(begun) > 100*time.Millisecond {
				t.Fatalf("only %d KB after %s", source.given>>10, time.Since(begun))
			}
		}
	})
}
