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
		source := &endless{}
		sender := handover.New(source, &plain{takes: true}, new(handover.Pace), quiet)
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

// Nobody looks for a batch that was to be handed over and is another process's by now.
func TestTurnOfWhatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &endless{}, &plain{takes: true, counts: true, eager: true}
		sender := handover.New(source, host, busyPace(), quiet)
		sender.Tick()
		if wait := sender.LookAgain(); wait <= 0 || wait > time.Second {
			t.Fatalf("before its turn an input looks again after %s", wait)
		}
		source.over = true
		time.Sleep(sender.LookAgain())
		sender.Tick()
		if wait := sender.LookAgain(); wait != 0 {
			t.Errorf("with nothing to hand over it looks again after %s", wait)
		}
	})
}

// A turn is no reason to look during a back-off, where the host does not count either.
func TestTurnDuringBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &endless{}, &plain{takes: true}
		sender := handover.New(source, host, new(handover.Pace), quiet)
		sender.Tick() // hands over what may come at once; more waits for its turn
		host.full = true
		time.Sleep(time.Second)
		sender.Tick()
		if wait := sender.LookAgain(); wait != 5*time.Second {
			t.Errorf("with a full disk it looks again after %s", wait)
		}
	})
}

// Without a thread, an input that waits for its turn is called as often as one that has much to
// hand over: the shortest wait of all such inputs becomes the period of a timer on the main thread.
func TestDirectTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source, host := &endless{}, &plain{takes: true, direct: true}
		sender := handover.New(source, host, busyPace(), quiet)
		sender.Tick()
		if wait := sender.LookAgain(); source.given != 0 || wait != 50*time.Millisecond {
			t.Errorf("%d bytes handed over, looks again after %s", source.given, wait)
		}
	})
}

// busyPace returns a pace that another input uses up.
func busyPace() *handover.Pace {
	pace := new(handover.Pace)
	handover.New(&endless{}, &plain{takes: true}, pace, quiet).Tick()
	return pace
}
